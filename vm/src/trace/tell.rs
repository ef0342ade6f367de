//! Telling a tracer: by message, by a port, or by a call of its module.

use crate::am;
use crate::atom::Atom;
use crate::base::sync::{AtomicBool, Ordering};
use crate::base::time;
use crate::bif::{Cx, Decl};
use crate::code::module;
use crate::exec::load;
use crate::heap::external::{self, Fixed};
use crate::heap::{Build, Fragment, copy, map};
use crate::process::trace::{Traced, Tracer, flag};
use crate::process::{Own, Parcel, Party, Process, reference};
use crate::table::{processes, route};
use crate::term::Term;

/// Words of the largest timestamp.
const STAMP: usize = 12;

/// Whether `timestamp` means the time of the processor (`cpu_timestamp`).
pub(super) static CPU: AtomicBool = AtomicBool::new(false);

/// The timestamp that flags ask for.
pub(super) fn stamp(flags: u32, place: &mut impl Build) -> Option<Term> {
    if flags & flag::TIMESTAMP != 0 {
        let micros = if CPU.load(Ordering::Relaxed) { time::processor_micros() } else { time::now_unique_micros() };
        let part = |n: i64| Term::small(n);
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        return Some(place.tuple(&[part(seconds / 1_000_000), part(seconds % 1_000_000), part(micros)]));
    }
    if flags & (flag::MONOTONIC | flag::STRICT_MONOTONIC) == 0 {
        return None;
    }
    let now = place.i64(time::monotonic());
    if flags & flag::STRICT_MONOTONIC == 0 {
        return Some(now);
    }
    let unique = place.i64(reference::unique_integer(false, true));
    Some(place.tuple(&[now, unique]))
}

/// A tuple of copies, and the timestamp that the flags ask for behind them.
pub(super) fn stamped(elements: &[Term], flags: u32) -> Parcel {
    let words: usize = elements.iter().map(|t| copy::size_of(*t)).sum();
    let mut f = Fragment::new(words + elements.len() + 2 + STAMP);
    let mut all: Vec<Term> = elements.iter().map(|t| copy::copy_into(*t, &mut f)).collect();
    all.extend(stamp(flags, &mut f));
    let tuple = f.tuple(&all);
    Parcel::in_fragment(tuple, f)
}

/// Tells of something that happened to a process or port that is traced.
pub(super) fn tell(traced: &Traced, tracee: Party, own: Option<(&Process, &mut Own)>, tag: Term, terms: &[Term]) {
    let flags = traced.flags();
    let Some(tracer) = traced.tracer() else { return };
    if flags & flag::SENSITIVE != 0 {
        return;
    }
    if !deliver(&tracer, flags, tracee.term(), own, tag, terms) {
        forget(traced, &tracer);
    }
}

/// The tracer is gone: it traces nothing more.
pub(super) fn forget(traced: &Traced, tracer: &Tracer) {
    traced.change(|flags, current| {
        if current.as_ref() == Some(tracer) {
            *flags = 0;
            *current = None;
        }
    });
}

/// Whether the tracer is there. One that is a module is asked, in the tracee's context.
pub(super) fn is_there(tracer: &Tracer, tracee: Term, own: Option<(&Process, &mut Own)>) -> bool {
    match tracer {
        Tracer::Process(pid) => pid.term() != tracee && processes::with(*pid, |_| ()).is_some(),
        Tracer::Port(port) => {
            port.term() != tracee && route::ports().is_some_and(|ports| ports.is_open(port.term()))
        }
        Tracer::Module(..) => match own {
            Some((process, own)) => ask(tracer, process, own, am::trace_status, tracee) != am::remove,
            None => true,
        },
    }
}

/// `{trace, Tracee, Tag, Terms...}` to the tracer. `false`: it is gone.
pub(super) fn deliver(
    tracer: &Tracer,
    flags: u32,
    tracee: Term,
    own: Option<(&Process, &mut Own)>,
    tag: Term,
    terms: &[Term],
) -> bool {
    const STAMPS: u32 = flag::TIMESTAMP | flag::MONOTONIC | flag::STRICT_MONOTONIC;
    let message = || {
        let name = if flags & STAMPS != 0 { am::trace_ts } else { am::trace };
        let elements: Vec<Term> = [name, tracee, tag].into_iter().chain(terms.iter().copied()).collect();
        stamped(&elements, flags)
    };
    match tracer {
        Tracer::Process(pid) => {
            pid.term() != tracee && processes::with(*pid, |process| process.message(message())) == Some(true)
        }
        Tracer::Port(port) => to_port(*port, &message()),
        Tracer::Module(..) => match own {
            Some((process, own)) => call(tracer, process, own, flags, tracee, tag, terms),
            None => true,
        },
    }
}

/// A message for a port: its external form.
pub(super) fn to_port(port: Party, message: &Parcel) -> bool {
    let bytes = external::encode(message.peek(), Fixed { minor_version: 1, deterministic: false });
    route::ports().is_some_and(|ports| ports.command(port.term(), bytes))
}

/// The native of a tracer module.
fn native(module: Atom, name: Term, arity: u8) -> Option<&'static Decl> {
    load::replacement(&*module::current(module)?, name.atom(), arity)
}

/// Calls a native of the tracer with the tracee's heap; what it raises is nobody's.
fn run(decl: &'static Decl, process: &Process, own: &mut Own, args: &[Term]) -> Option<Term> {
    let exception = std::mem::replace(&mut own.exception, Own::NO_EXCEPTION);
    let result = (decl.run)(&mut Cx::of_native(own, process, args, decl.data)).ok();
    own.exception = exception;
    result
}

/// What the tracer's `enabled` says: `trace`, `discard` or `remove`.
pub(super) fn ask(tracer: &Tracer, process: &Process, own: &mut Own, tag: Term, tracee: Term) -> Term {
    let Tracer::Module(module, state) = tracer else { return am::trace };
    let particular = category(tag).and_then(|category| {
        let name = Atom::intern(&format!("enabled_{category}")).ok()?;
        native(*module, Term::from_atom(name), 3)
    });
    let Some(decl) = particular.or_else(|| native(*module, am::enabled, 3)) else { return am::remove };
    let state = state.load(&mut own.heap);
    run(decl, process, own, &[tag, state, tracee]).unwrap_or(am::discard)
}

/// Which of a tracer's functions an event belongs to.
fn category(tag: Term) -> Option<&'static str> {
    Some(match tag {
        am::call | am::return_to | am::return_from | am::exception_from => "call",
        am::send | am::send_to_non_existing_process => "send",
        am::receive => "receive",
        am::spawn | am::spawned | am::exit | am::link | am::unlink | am::getting_linked | am::getting_unlinked
        | am::register | am::unregister => "procs",
        am::in_ | am::out | am::in_exiting | am::out_exiting | am::out_exited => "running_procs",
        am::gc_minor_start | am::gc_minor_end | am::gc_major_start | am::gc_major_end => "garbage_collection",
        am::open | am::closed => "ports",
        _ => return None,
    })
}

/// What a tracer module is told of a message with a token.
pub(super) fn call_seq(tracer: &Tracer, process: &Process, own: &mut Own, flags: u32, label: Term, what: Term) {
    let Tracer::Module(module, state) = tracer else { return };
    let particular = native(*module, Term::from_atom(Atom::known("trace_seq_trace")), 5);
    let Some(decl) = particular.or_else(|| native(*module, am::trace, 5)) else { return };
    let options = stamp_option(flags);
    let options = map::from_pairs(&options, &mut own.heap);
    let state = state.load(&mut own.heap);
    run(decl, process, own, &[am::seq_trace, state, label, what, options]);
}

/// Which timestamp flags ask for, as a tracer module is told.
fn stamp_option(flags: u32) -> Vec<(Term, Term)> {
    let kinds = [
        (flag::TIMESTAMP, am::timestamp),
        (flag::STRICT_MONOTONIC, am::strict_monotonic),
        (flag::MONOTONIC, am::monotonic),
    ];
    let kind = kinds.iter().find(|kind| flags & kind.0 != 0).map(|kind| kind.1);
    kind.into_iter()
        .map(|kind| if kind == am::timestamp && CPU.load(Ordering::Relaxed) { am::cpu_timestamp } else { kind })
        .map(|kind| (am::timestamp, kind))
        .collect()
}

fn call(
    tracer: &Tracer,
    process: &Process,
    own: &mut Own,
    flags: u32,
    tracee: Term,
    tag: Term,
    terms: &[Term],
) -> bool {
    let Tracer::Module(module, state) = tracer else { return true };
    match ask(tracer, process, own, am::trace_status, tracee) {
        am::trace => {}
        am::remove => return false,
        _ => return true,
    }
    if ask(tracer, process, own, tag, tracee) != am::trace {
        return true;
    }
    let particular = category(tag).and_then(|category| {
        let name = Atom::intern(&format!("trace_{category}")).ok()?;
        native(*module, Term::from_atom(name), 5)
    });
    let Some(decl) = particular.or_else(|| native(*module, am::trace, 5)) else { return true };
    let mut options = Vec::new();
    if let Some(extra) = terms.get(1) {
        options.push((if tag == am::call { am::match_spec_result } else { am::extra }, *extra));
    }
    options.extend(stamp_option(flags));
    let options = map::from_pairs(&options, &mut own.heap);
    let state = state.load(&mut own.heap);
    let message = terms.first().copied().unwrap_or(am::undefined);
    run(decl, process, own, &[tag, state, tracee, message, options]);
    true
}
