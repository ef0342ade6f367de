//! Links, monitors and aliases of a process.

use rustc_hash::FxHashMap as HashMap;

use super::Pid;
use super::links::Links;
use super::signal::{Parcel, Party, RefNumber, Signal, Watched};
use crate::Atom;
use crate::base::few::Few;
use crate::base::sync::Arc;
use crate::heap::Magic;

/// A monitor that this process has on something.
pub struct MonitorOut {
    pub watched: Watched,
    /// Who really is watched: the process behind a name.
    pub target: Option<Party>,
    /// The tag in place of `'DOWN'`.
    pub tag: Option<Parcel>,
    /// The monitor of a spawn request whose reply has not been asked for, and the like: its
    /// message names this instead of the watched.
    pub kind: MonitorKind,
}

/// What sort of thing is watched: the third element of a `'DOWN'`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MonitorKind {
    Process,
    Port,
    /// Nothing that ends.
    TimeOffset,
}

/// A monitor that another party has on this process.
pub struct MonitorIn {
    pub watcher: Party,
    pub as_name: Option<Atom>,
}

/// What watches a process without being a process or port: a resource of a native library.
pub trait Observer: Send + Sync {
    /// The process has ended.
    fn down(&self, reference: RefNumber, process: Pid);
    /// The object that `process_info/2` shows a reference to, if it is still there: one count of it.
    fn hold(&self) -> Option<*const Magic>;
}

/// How an alias ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AliasEnd {
    /// Only by `unalias/1`.
    Explicit,
    /// Also with its monitor.
    Demonitor,
    /// Also with its monitor, and with the first message sent to it.
    Reply,
}

/// A spawn that another node was asked for, and what the parent wants of it.
pub struct PendingSpawn {
    pub node: Atom,
    pub tag: Parcel,
    pub reply_success: bool,
    pub reply_error: bool,
    pub monitor_tag: Option<Parcel>,
}

/// All of them. Boxed: most processes have a link or two at most.
#[derive(Default)]
pub struct Relations {
    pub links: Links,
    pub monitors: Few<RefNumber, MonitorOut>,
    pub monitored_by: Few<RefNumber, MonitorIn>,
    pub observers: Few<RefNumber, Arc<dyn Observer>>,
    pub aliases: Few<RefNumber, AliasEnd>,
    pub pending_spawns: Few<RefNumber, PendingSpawn>,
    /// Processes that this one suspends, and how often.
    pub suspending: HashMap<Pid, u32>,
    /// Processes of this node, linked before, that do not know yet that this one has ended the link, and the
    /// number it was ended by. Till then their links belong to the time before.
    unlinking: Few<Party, u64>,
    unlinks: u64,
    /// Signals behind the one that ends the process: they find nobody.
    pub late: Vec<Signal>,
}

impl Relations {
    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        std::mem::size_of::<Relations>()
            + self.links.memory()
            + self.monitors.memory()
            + self.monitored_by.memory()
            + self.observers.memory()
            + self.aliases.memory()
            + self.unlinking.memory()
    }

    /// Adds a link; `false` if it was there.
    pub fn link(&mut self, party: Party) -> bool {
        self.unlinking.remove(&party);
        self.links.insert(party)
    }

    /// The same asked for by the other side, which may not know that this one has ended the link.
    pub(super) fn linked_by(&mut self, party: Party) -> bool {
        self.unlinking.get(&party).is_none() && self.links.insert(party)
    }

    /// Ends a link from this side: the number for the signal. `None`: there was none.
    pub fn begin_unlink(&mut self, party: Party) -> Option<u64> {
        if !self.links.remove(party) {
            return None;
        }
        // Ports and connections see to the order by themselves.
        if party.pid().is_none() {
            return Some(0);
        }
        self.unlinks += 1;
        self.unlinking.insert(party, self.unlinks);
        Some(self.unlinks)
    }

    /// The other side knows of the end of a link.
    pub(super) fn unlink_known(&mut self, party: Party, number: u64) {
        if self.unlinking.get(&party) == Some(&number) {
            self.unlinking.remove(&party);
        }
    }

    /// Removes a link; `false` if there was none.
    pub fn unlink(&mut self, party: Party) -> bool {
        self.links.remove(party)
    }

    /// Those of another, too.
    pub(super) fn join(&mut self, other: Relations) {
        other.links.iter().for_each(|party| {
            self.links.insert(party);
        });
        self.monitors.join(other.monitors);
        self.monitored_by.join(other.monitored_by);
        self.observers.join(other.observers);
        self.aliases.join(other.aliases);
        self.unlinking.join(other.unlinking);
        self.unlinks = self.unlinks.max(other.unlinks);
        self.pending_spawns.join(other.pending_spawns);
        for (pid, times) in other.suspending {
            *self.suspending.entry(pid).or_insert(0) += times;
        }
        self.late.extend(other.late);
    }

    /// Ends a monitor of ours, and the alias that goes with it.
    pub fn remove_monitor(&mut self, reference: RefNumber) -> Option<MonitorOut> {
        let monitor = self.monitors.remove(&reference)?;
        if self.aliases.get(&reference).is_some_and(|end| *end != AliasEnd::Explicit) {
            self.aliases.remove(&reference);
        }
        Some(monitor)
    }
}
