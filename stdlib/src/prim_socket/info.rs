//! What sockets are, and what holds for all of them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use glulam_vm::base::environ;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::Pid;
use glulam_vm::{Term, am};

use super::counters::ALL;
use super::failure::{Answer, Failure, answer, socket_of};
use super::state::{Flags, Phase, State};
use super::{address, atom, bool_of, bool_term, field, map_of, name_of};

/// What `nif_command/1` sets.
struct Global {
    debug: AtomicBool,
    socket_debug: AtomicBool,
    registry: AtomicBool,
}

fn global() -> &'static Global {
    static GLOBAL: OnceLock<Global> = OnceLock::new();
    GLOBAL.get_or_init(|| {
        let refused = environ::get(b"ESOCK_USE_SOCKET_REGISTRY").is_some_and(|value| value == b"false");
        Global { debug: false.into(), socket_debug: false.into(), registry: (!refused).into() }
    })
}

/// Whether new sockets tell the registry of themselves.
pub(super) fn uses_registry() -> bool {
    global().registry.load(Ordering::Relaxed)
}

pub(super) fn debugs_sockets() -> bool {
    global().socket_debug.load(Ordering::Relaxed)
}

/// `nif_info()`
pub(super) fn of_all(cx: &mut Cx<'_>) -> Outcome {
    let counters = ALL.term(cx);
    let global = global();
    let flag = |flag: &AtomicBool| bool_term(flag.load(Ordering::Relaxed));
    let pairs = [
        ("debug", flag(&global.debug)),
        ("socket_debug", flag(&global.socket_debug)),
        ("use_registry", flag(&global.registry)),
        ("iow", am::false_),
        ("counters", counters),
        ("iov_max", Term::small(super::send::MOST_PARTS as i64)),
    ];
    Ok(map_of(cx, &pairs))
}

/// `nif_command(#{command, data})`
pub(super) fn command(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let wanted = cx.arg(0);
        let (Some(command), Some(data)) = (field(wanted, "command"), field(wanted, "data")) else {
            return Err(Failure::BadArg);
        };
        let global = global();
        let place = match name_of(command) {
            "debug" => &global.debug,
            "socket_debug" => &global.socket_debug,
            "use_registry" => &global.registry,
            _ => {
                let what = cx.tuple(&[atom("command"), command]);
                return Err(Failure::RaiseInvalid(what));
            }
        };
        match bool_of(data) {
            Some(value) => {
                place.store(value, Ordering::Relaxed);
                Ok(am::ok)
            }
            None => {
                let what = cx.tuple(&[atom("data"), data]);
                Err(Failure::RaiseInvalid(what))
            }
        }
    })
}

fn states(cx: &mut Cx<'_>, flags: Flags, phase: Phase) -> Term {
    let states = [
        ("bound", flags.bound),
        ("listening", flags.listening),
        ("accepting", flags.accepting),
        ("connecting", flags.connecting),
        ("connected", flags.connected),
        ("selected", flags.selected),
        ("closing", phase != Phase::Open),
        ("closed", phase == Phase::Closed),
    ];
    let names: Vec<Term> = states.into_iter().filter(|state| state.1).map(|state| atom(state.0)).collect();
    cx.list(&names)
}

fn info(cx: &mut Cx<'_>, state: &State) -> Answer {
    let counters = state.counters.term(cx);
    let made = match (state.origin, state.owned) {
        (0, _) => atom("normal"),
        (_, false) => atom("fromfd"),
        (number, true) => cx.tuple(&[atom("fromfd"), Term::small(number.into())]),
    };
    let pairs = [
        ("domain", address::domain_term(state.domain)),
        ("type", address::kind_term(state.kind)),
        ("protocol", Term::small(state.protocol.into())),
        ("owner", state.owner.map_or(am::undefined, Pid::term)),
        ("rstates", states(cx, state.read, state.phase)),
        ("wstates", states(cx, state.write, state.phase)),
        ("ctype", made),
        ("counters", counters),
        ("num_readers", cx.usize(state.readers.len())),
        ("num_writers", cx.usize(state.writers.len())),
        ("num_acceptors", cx.usize(state.acceptors.len())),
    ];
    Ok(map_of(cx, &pairs))
}

/// `nif_info(Socket)`
pub(super) fn of_socket(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let socket = socket_of(cx.arg(0))?;
        socket.with(|state, _| info(cx, state))
    })
}
