//! Trace flags and tracers as terms.

use super::tell::CPU;
use crate::am;
use crate::base::sync::{Arc, Ordering};
use crate::heap::{Build, Stored};
use crate::process::trace::{Tracer, flag};
use crate::process::{Party, Pid};
use crate::term::Term;

/// In the order in which `erlang:trace_info/2` lists them.
const NAMES: &[(Term, u32)] = &[
    (am::send, flag::SEND),
    (am::receive, flag::RECEIVE),
    (am::set_on_spawn, flag::SET_ON_SPAWN),
    (am::call, flag::CALL),
    (am::procs, flag::PROCS),
    (am::set_on_first_spawn, flag::SET_ON_FIRST_SPAWN),
    (am::set_on_link, flag::SET_ON_LINK),
    (am::set_on_first_link, flag::SET_ON_FIRST_LINK),
    (am::running, flag::RUNNING),
    (am::garbage_collection, flag::GARBAGE_COLLECTION),
    (am::arity, flag::ARITY),
    (am::return_to, flag::RETURN_TO),
    (am::silent, flag::SILENT),
    (am::exiting, flag::EXITING),
    (am::timestamp, flag::TIMESTAMP),
    (am::monotonic_timestamp, flag::MONOTONIC),
    (am::strict_monotonic_timestamp, flag::STRICT_MONOTONIC),
    (am::ports, flag::PORTS),
    (am::running_procs, flag::RUNNING_PROCS),
    (am::running_ports, flag::RUNNING_PORTS),
];

/// What a list of flags asks for.
#[derive(Default)]
pub struct Wanted {
    pub flags: u32,
    pub tracer: Option<Tracer>,
    pub cpu_timestamp: bool,
}

/// The flag of a name; `all` is all of them.
pub fn flag_of(name: Term) -> Option<u32> {
    if name == am::all {
        return Some(flag::ALL);
    }
    NAMES.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// A tracer: a process or port that is there, or a module and its state.
pub fn tracer_of(term: Term) -> Option<Tracer> {
    if let Some(pid) = Pid::of(term) {
        return crate::table::processes::with(pid, |_| ()).map(|()| Tracer::Process(pid));
    }
    if term.is_local_port() {
        let open = crate::table::route::ports().is_some_and(|ports| ports.is_open(term));
        return Party::of(term).filter(|_| open).map(Tracer::Port);
    }
    None
}

/// `{Tag, Tracer}` or `{Tag, Module, State}`.
pub fn tagged_tracer(term: Term, tag: Term) -> Option<Option<Tracer>> {
    match *term.as_tuple()?.as_slice() {
        [t, tracer] if t == tag => {
            if tracer.is_nil() {
                return Some(None);
            }
            tracer_of(tracer).map(Some)
        }
        [t, am::erl_tracer, state] if t == tag => tracer_of(state).map(Some),
        [t, module, state] if t == tag && module.is_atom() => {
            Some(Some(Tracer::Module(module.atom(), Arc::new(Stored::new(state)))))
        }
        _ => None,
    }
}

impl Wanted {
    /// Of a list of flags; `None`: it is none.
    pub fn of(list: Term) -> Option<Wanted> {
        let mut wanted = Wanted::default();
        let mut rest = list.list();
        for item in rest.by_ref() {
            if item == am::cpu_timestamp {
                wanted.cpu_timestamp = true;
            } else if item.is_atom() {
                wanted.flags |= flag_of(item)?;
            } else {
                wanted.tracer = tagged_tracer(item, am::tracer)?;
            }
        }
        rest.rest().is_nil().then_some(wanted)
    }
}

/// A list of flags.
pub fn list(flags: u32, place: &mut impl Build) -> Term {
    let names: Vec<Term> = NAMES.iter().rev().filter(|row| flags & row.1 != 0).map(|row| row.0).collect();
    place.list(&names)
}

/// A tracer as it was given: a pid, a port, `{Module, State}`.
pub fn tracer_term(tracer: &Tracer, place: &mut impl Build) -> Term {
    match tracer {
        Tracer::Process(pid) => pid.term(),
        Tracer::Port(port) => port.term(),
        Tracer::Module(module, state) => {
            let state = state.load(place);
            place.tuple(&[Term::from_atom(*module), state])
        }
    }
}

/// The tracer of such a term.
pub(super) fn tracer_of_term(term: Term) -> Option<Tracer> {
    match term.as_tuple_of::<2>() {
        Some([module, state]) => Some(Tracer::Module(module.as_atom()?, Arc::new(Stored::new(state)))),
        None => match Pid::of(term) {
            Some(pid) => Some(Tracer::Process(pid)),
            None => Party::of(term).map(Tracer::Port),
        },
    }
}

/// Has `timestamp` mean the time of the processor, or no more.
pub fn set_cpu_timestamp(on: bool) {
    CPU.store(on, Ordering::Relaxed);
}
