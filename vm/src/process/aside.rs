//! A process in a dirty native, as others see it: what its signals need, put aside where the thread that
//! runs the native does not touch it. An exit signal that ends the process then takes effect at once, and
//! whoever is linked or watches is told, while the native still runs on the process's heap.
//!
//! Signals are handled in their order. Links and monitors change at once; what the process itself has to see
//! (messages, most requests) is kept until the native has returned, and so is whatever of links comes behind
//! a request that may ask for them.

use super::relations::{MonitorIn, Relations};
use super::signal::{Parcel, Party, Signal};
use super::receive;
use super::{Own, Process, SpawnInfo};
use crate::am;
use crate::term::Term;

/// See above. Made and given back by the thread that the process belongs to.
pub struct Aside {
    me: Party,
    relations: Option<Box<Relations>>,
    trap_exit: bool,
    kept: Vec<Signal>,
    /// A kept signal asks for links, or changes them.
    links_wait: bool,
    pc: *const u64,
    stack: *const Term,
    depth: usize,
    /// What `Own::dirty_native` was.
    pub(crate) native: Option<std::ptr::NonNull<()>>,
    group_leader: Term,
    /// Set while the native runs.
    new_group_leader: Option<Parcel>,
    pub sensitive: bool,
    pub spawned: SpawnInfo,
    /// It has a thread.
    pub begun: bool,
}

// SAFETY: what it points to stays as it is while the native runs (B1).
unsafe impl Send for Aside {}

impl Aside {
    /// Puts a process's part aside. Its native begins now.
    pub(crate) fn of(process: &Process, own: &mut Own) -> Aside {
        Aside {
            me: process.party(),
            relations: own.relations.take(),
            trap_exit: own.trap_exit,
            kept: Vec::new(),
            links_wait: false,
            pc: own.pc,
            stack: own.heap.stack.cast(),
            depth: own.heap.stack_used(),
            native: own.dirty_native,
            group_leader: own.group_leader,
            new_group_leader: None,
            sensitive: own.sensitive,
            spawned: own.spawned,
            begun: false,
        }
    }

    pub fn trap_exit(&self) -> bool {
        self.trap_exit
    }

    /// The group leader. Until the native returns.
    pub fn group_leader(&self) -> Term {
        self.new_group_leader.as_ref().map_or(self.group_leader, Parcel::peek)
    }

    pub fn set_group_leader(&mut self, leader: Parcel) {
        self.new_group_leader = Some(leader);
    }

    /// Whether a request is kept: those behind it wait, too.
    pub(crate) fn keeps_requests(&self) -> bool {
        self.links_wait
    }

    /// Where the process goes on, and its stack. Until the native returns.
    pub(crate) fn code(&self) -> (*const u64, &[Term]) {
        // SAFETY: the words from `stack` on are initialised; a native changes none of them.
        (self.pc, unsafe { std::slice::from_raw_parts(self.stack, self.depth) })
    }

    /// A signal has come; the reason if it ends the process.
    pub(crate) fn handle(&mut self, signal: Signal) -> Option<Parcel> {
        match signal {
            Signal::Exit(_, reason) if reason.peek() == am::kill => return Some(Parcel::new(am::killed)),
            Signal::Exit(_, reason) if !self.trap_exit => return (reason.peek() != am::normal).then_some(reason),
            Signal::LinkExit(party, reason) if !self.trap_exit && !self.links_wait => {
                let linked = self.relations.as_mut().is_some_and(|relations| relations.unlink(party));
                return (linked && reason.peek() != am::normal).then_some(reason);
            }
            Signal::With(both) if !self.trap_exit && matches!(both.1, Signal::Exit(..) | Signal::LinkExit(..)) => {
                return self.handle(both.1);
            }
            Signal::Message(_) | Signal::AliasMessage(..) | Signal::Traced(_) | Signal::Exit(..) | Signal::Down { .. } => {
                self.kept.push(signal);
            }
            Signal::Request(_) | Signal::LinkExit(..) | Signal::With(_) => {
                self.links_wait = true;
                self.kept.push(signal);
            }
            signal if self.links_wait => self.kept.push(signal),
            signal => {
                apply(self.me, self.relations.get_or_insert_default(), signal);
            }
        }
        None
    }

    /// Keeps a signal until the native has returned.
    pub(crate) fn keep(&mut self, signal: Signal) {
        self.links_wait = true;
        self.kept.push(signal);
    }

    /// The end of the process: its relations, and the signals that nobody sees any more.
    pub(crate) fn end(&mut self) -> (Box<Relations>, Vec<Signal>) {
        let mut relations = self.relations.take().unwrap_or_default();
        let late = std::mem::take(&mut self.kept).into_iter().filter_map(|signal| apply(self.me, &mut relations, signal)).collect();
        (relations, late)
    }

    /// The native has returned: the process handles what was kept.
    pub(crate) fn give_back(self, process: &Process, own: &mut Own) {
        if let Some(mut relations) = self.relations {
            if let Some(made_by_native) = own.relations.take() {
                relations.join(*made_by_native);
            }
            own.relations = Some(relations);
        }
        if let Some(leader) = self.new_group_leader {
            own.group_leader = leader.unpack(own);
        }
        own.handle_kept(process, self.kept);
    }
}

/// Applies a signal that changes relations; any other comes back.
fn apply(me: Party, relations: &mut Relations, signal: Signal) -> Option<Signal> {
    match signal {
        Signal::Link(party) => {
            relations.linked_by(party);
        }
        Signal::Unlink(party, number) => {
            relations.unlink(party);
            if number != 0 {
                receive::deliver(party, Signal::UnlinkAck(me, number));
            }
        }
        Signal::UnlinkAck(party, number) => relations.unlink_known(party, number),
        Signal::Monitor { watcher, reference, as_name } => {
            relations.monitored_by.insert(reference, MonitorIn { watcher, as_name });
        }
        Signal::Observe(reference, observer) => {
            relations.observers.insert(reference, observer);
        }
        Signal::Demonitor(reference) => {
            if relations.monitored_by.remove(&reference).is_none() {
                relations.observers.remove(&reference);
            }
        }
        other => return Some(other),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Pid;
    use super::*;
    use crate::term::Term;

    fn aside(trap_exit: bool) -> Aside {
        let relations = None;
        let stack = std::ptr::NonNull::dangling().as_ptr();
        let (function, parent) = (am::kill.atom(), None);
        Aside {
            me: party(9),
            relations,
            trap_exit,
            kept: Vec::new(),
            links_wait: false,
            pc: std::ptr::null(),
            stack,
            depth: 0,
            native: None,
            group_leader: Term::NIL,
            new_group_leader: None,
            sensitive: false,
            spawned: SpawnInfo { module: function, function, arity: 0, parent },
            begun: true,
        }
    }

    fn party(n: u32) -> Party {
        Pid::new(n, 1).party()
    }

    fn exit(reason: Term) -> Signal {
        Signal::Exit(party(1), Parcel::new(reason))
    }

    #[test]
    fn exit_signals_end_it_as_they_end_any_process() {
        let mut plain = aside(false);
        assert!(plain.handle(exit(am::normal)).is_none());
        assert!(plain.handle(exit(am::kill)).is_some_and(|reason| reason.peek() == am::killed));
        assert!(plain.handle(exit(am::badarg)).is_some_and(|reason| reason.peek() == am::badarg));
        assert!(plain.handle(Signal::LinkExit(party(1), Parcel::new(am::kill))).is_none());
        assert!(plain.handle(Signal::Link(party(1))).is_none());
        assert!(plain.handle(Signal::LinkExit(party(1), Parcel::new(am::kill))).is_some_and(|r| r.peek() == am::kill));
        let mut trapping = aside(true);
        assert!(trapping.handle(exit(am::badarg)).is_none());
        assert!(trapping.handle(exit(am::kill)).is_some());
        assert_eq!(trapping.kept.len(), 1);
    }

    #[test]
    fn links_behind_what_waits_wait_too() {
        let mut aside = aside(true);
        aside.handle(Signal::Link(party(1)));
        aside.handle(Signal::LinkExit(party(1), Parcel::new(am::badarg)));
        aside.handle(Signal::Link(party(2)));
        assert!(aside.relations.as_ref().is_some_and(|relations| relations.links.iter().eq([party(1)])));
        let (relations, late) = aside.end();
        assert_eq!((relations.links.iter().count(), late.len()), (2, 1));
    }
}
