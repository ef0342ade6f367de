//! Flags of processes and ports: setting them, and who inherits them.

use super::{flags, tell, token};
use crate::am;
use crate::base::sync::Mutex;
use crate::heap::Build;
use crate::process::trace::{self, Traced, Tracer, flag};
use crate::process::{Own, Party, Pid, Process};
use crate::table::processes;
use crate::process::trace::Spawn as Options;
use crate::term::Term;

/// Another tracer traces it already.
#[derive(Debug)]
pub struct AlreadyTraced;

/// What new processes and ports start with.
struct New {
    flags: u32,
    tracer: Option<Tracer>,
}

static NEW_PROCESSES: Mutex<New> = Mutex::new(New { flags: 0, tracer: None });
static NEW_PORTS: Mutex<New> = Mutex::new(New { flags: 0, tracer: None });

/// Sets or clears flags of a process or port.
pub fn start(
    traced: &Traced,
    tracee: Term,
    on: bool,
    wanted: u32,
    tracer: Option<&Tracer>,
) -> Result<(), AlreadyTraced> {
    let current = traced.tracer();
    if on
        && let (Some(current), Some(new)) = (&current, tracer)
        && current != new
        && tell::is_there(current, tracee, None)
    {
        return Err(AlreadyTraced);
    }
    traced.change(|flags, current| {
        *flags = if on { *flags | wanted } else { *flags & !wanted };
        if on {
            *current = tracer.cloned();
        }
        if *flags == 0 || current.as_ref().is_none_or(|tracer| is_itself(tracer, tracee)) {
            *flags = 0;
            *current = None;
        }
    });
    Ok(())
}

fn is_itself(tracer: &Tracer, tracee: Term) -> bool {
    match tracer {
        Tracer::Process(pid) => pid.term() == tracee,
        Tracer::Port(port) => port.term() == tracee,
        Tracer::Module(..) => false,
    }
}

/// Sets or clears what new processes, or ports, start with.
pub fn start_new(ports: bool, on: bool, wanted: u32, tracer: Option<&Tracer>) {
    let mut new = if ports { NEW_PORTS.lock() } else { NEW_PROCESSES.lock() };
    new.flags = if on { new.flags | wanted } else { new.flags & !wanted };
    if on {
        new.tracer = tracer.cloned();
    }
    if new.flags == 0 {
        new.tracer = None;
    }
    if !ports {
        trace::set_new_processes_traced(new.flags != 0);
    }
}

/// Flags and tracer that new processes, or ports, start with.
pub fn new_ones(ports: bool) -> (u32, Option<Tracer>) {
    let new = if ports { NEW_PORTS.lock() } else { NEW_PROCESSES.lock() };
    (new.flags, new.tracer.clone())
}

/// Flags and tracer of a tracee; none if the tracer is gone.
pub fn state(traced: &Traced, tracee: Term, own: Option<(&Process, &mut Own)>) -> (u32, Option<Tracer>) {
    match traced.tracer() {
        Some(tracer) if tell::is_there(&tracer, tracee, own) => (traced.flags() & flag::ALL, Some(tracer)),
        Some(tracer) => {
            tell::forget(traced, &tracer);
            (0, None)
        }
        None => (0, None),
    }
}

/// `{flags, [...]}`, `{tracer, ...}`
pub fn info(what: Term, (flags, tracer): (u32, Option<Tracer>), place: &mut impl Build) -> Option<Term> {
    Some(match what {
        am::flags => flags::list(flags, place),
        am::tracer => match tracer {
            Some(tracer) => flags::tracer_term(&tracer, place),
            None => Term::NIL,
        },
        _ => return None,
    })
}

/// Flags that are not passed on with the others once they have been.
const FIRST_SPAWN: u32 = flag::SET_ON_FIRST_SPAWN | flag::SET_ON_SPAWN;
const FIRST_LINK: u32 = flag::SET_ON_FIRST_LINK | flag::SET_ON_LINK;

fn inherit(from: &Traced, to: &Traced, first: u32, both: u32) {
    let (mut flags, tracer) = (from.flags() & flag::ALL, from.tracer());
    if flags & first != 0 {
        // That was the first one: neither passes anything on.
        flags &= !both;
        from.clear(both);
    }
    to.change(|own, current| {
        *own |= flags;
        *current = tracer;
    });
}

/// A process has been made: what it inherits, and who is told.
pub(super) fn spawned(parent: &Process, own: &mut Own, child: &Process, call: [Term; 3], options: &Options) {
    let linked = options.link;
    if trace::new_processes_are_traced() {
        let new = NEW_PROCESSES.lock();
        child.traced.change(|flags, tracer| {
            *flags |= new.flags;
            *tracer = new.tracer.clone();
        });
    }
    if parent.traced.has(flag::SET_ON_SPAWN | flag::SET_ON_FIRST_SPAWN) {
        inherit(&parent.traced, &child.traced, flag::SET_ON_FIRST_SPAWN, FIRST_SPAWN);
    }
    if linked && parent.traced.has(flag::SET_ON_LINK | flag::SET_ON_FIRST_LINK) {
        inherit(&parent.traced, &child.traced, flag::SET_ON_FIRST_LINK, FIRST_LINK);
    }
    if parent.traced.has(flag::TOKEN) {
        token::inherited(parent, own, child, call, options.request);
    }
    let function = own.heap.tuple(&call);
    let (me, it) = (parent.pid(), child.pid());
    if parent.traced.has(flag::PROCS) {
        trace::tell(parent, own, flag::PROCS, am::spawn, &[it, function]);
        if linked {
            trace::tell(parent, own, flag::PROCS, am::link, &[it]);
        }
    }
    if child.traced.has(flag::PROCS) {
        tell::tell(&child.traced, child.party(), None, am::spawned, &[me, function]);
        if linked {
            tell::tell(&child.traced, child.party(), None, am::getting_linked, &[me]);
        }
    }
}

/// A process linked to another.
pub(super) fn linked(process: &Process, other: Party) {
    if let Some(pid) = Pid::of(other.term()) {
        processes::with(pid, |other| inherit(&process.traced, &other.traced, flag::SET_ON_FIRST_LINK, FIRST_LINK));
    }
}
