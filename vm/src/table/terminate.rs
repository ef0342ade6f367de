//! The end of a process.

use super::{names, processes, route};
use crate::am;
use crate::process::trace::{self, flag};
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
    let late = own.relations.as_mut().map_or_else(Vec::new, |relations| std::mem::take(&mut relations.late));
    let left = process.close_inbox();
    let me = process.party();
    if let Some(relations) = own.relations.take() {
        for link in relations.links.iter() {
            let signal = Signal::LinkExit(me, reason.duplicate());
            let signal = if process.traced.has(flag::TOKEN) {
                let told = own.heap.tuple(&[am::EXIT, process.pid(), own.exit_reason]);
                let to = link.term(&mut own.heap);
                route::with_token(process, own, to, told, signal)
            } else {
                signal
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
    for signal in late.into_iter().chain(left) {
        route::to_the_dead(me, signal);
    }
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
