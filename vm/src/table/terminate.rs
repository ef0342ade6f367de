//! The end of a process.

use super::{names, processes, route};
use crate::am;
use crate::process::trace::{self, flag};
use crate::process::relations::Relations;
use crate::process::{Own, Parcel, Process, Signal, exit_hook};
use crate::heap::Build;
use crate::term::Term;

/// Ends a process with `reason`, which is on its heap: tells everybody who has to know, gives back
/// everything it had.
pub fn terminate(process: &Process, own: &mut Own, reason: Term) {
    let mut reason = reason;
    if !own.exit_pending && process.has_signals() {
        // A root meanwhile: a signal may ask for a collection, or for terms to be let go of.
        own.slots = vec![reason];
        // Signals that came before the end still count: links and monitors made by them are told.
        own.fetch_messages(process);
        reason = own.slots[0];
    }
    own.exit_pending = true;
    own.exit_reason = reason;
    trace::tell(process, own, flag::PROCS, am::exit, &[reason]);
    let reason = Parcel::new(own.exit_reason);
    exit_hook::run(process.id());
    // From here on nobody registers it.
    process.state.end();
    names::release(process);
    processes::remove(process);
    let relations = own.relations.take();
    tell(process, Some(own), relations, &reason, Vec::new());
    leave(process, own);
}

/// Ends a process in a dirty native, whose owned side is the native's until that returns; `late` came behind
/// the signal that ends it.
pub(crate) fn terminate_in_native(process: &Process, relations: Box<Relations>, reason: Parcel, late: Vec<Signal>) {
    exit_hook::run(process.id());
    process.state.end();
    names::release(process);
    processes::remove(process);
    tell(process, None, Some(relations), &reason, late);
}

/// The native has returned.
pub(crate) fn left_native(process: &Process, own: &mut Own) {
    // What the native hung on a process that had ended.
    exit_hook::run(process.id());
    leave(process, own);
}

/// Tells everybody who has to know.
fn tell(process: &Process, mut own: Option<&mut Own>, relations: Option<Box<Relations>>, reason: &Parcel, late: Vec<Signal>) {
    let left = process.close_inbox();
    let me = process.party();
    let mut behind = Vec::new();
    if let Some(mut relations) = relations {
        behind = std::mem::take(&mut relations.late);
        for link in relations.links.iter() {
            let signal = Signal::LinkExit(me, reason.duplicate());
            let signal = match &mut own {
                Some(own) if process.traced.has(flag::TOKEN) => {
                    let told = own.heap.tuple(&[am::EXIT, process.pid(), own.exit_reason]);
                    let to = link.term(&mut own.heap);
                    route::with_token(process, own, to, told, signal)
                }
                _ => signal,
            };
            route::deliver(link, signal);
        }
        // The oldest is told first: who has many monitors here receives in the order it made them.
        let mut watching = relations.monitored_by.into_entries();
        watching.sort_unstable_by_key(|(reference, _)| *reference);
        for (reference, monitor) in watching {
            route::deliver(monitor.watcher, Signal::Down { reference, reason: reason.duplicate() });
        }
        for (reference, observer) in relations.observers.into_entries() {
            observer.down(reference, process.id());
        }
        if let Some(remotes) = route::remotes() {
            for (reference, spawn) in relations.pending_spawns.into_entries() {
                remotes.parent_ended(spawn.node, reference, reason.peek());
            }
        }
        for pid in relations.suspending.into_keys() {
            super::suspend::resume_now(pid);
        }
        for (reference, monitor) in relations.monitors.into_entries() {
            if let Some(target) = monitor.target {
                route::deliver(target, Signal::Demonitor(reference));
            }
        }
    }
    for signal in behind.into_iter().chain(late).chain(left) {
        route::to_the_dead(me, signal);
    }
}

/// Gives back what it had.
fn leave(process: &Process, own: &mut Own) {
    own.end_receive(process);
    own.messages = Default::default();
    own.dictionary = None;
    own.suspended = None;
    own.registers = Vec::new();
    own.slots = Vec::new();
    own.tail_call = None;
    own.exception = Own::NO_EXCEPTION;
    own.exit_reason = Term::NIL;
    own.group_leader = Term::NIL;
    drop(own.heap.detach());
}
