//! What holds between processes of this node and of another, by connection: all of it ends with the connection.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap as HashMap;

use super::remote_ref::RemoteRef;
use crate::heap::Stored;
use crate::process::exit_hook::HookId;
use crate::process::signal::RefNumber;
use crate::process::{Party, Pid};

/// The state of a link between a process of ours and one of theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    Active,
    /// Ended by us; the other side has not said yet that it knows. Till then its exit signals and links don't count.
    Unlinking(u64),
}

/// A monitor that a process of theirs has on one of ours.
pub struct Watch {
    pub watcher: Party,
    pub target: Pid,
    /// The name it was asked for by.
    pub name: Option<crate::Atom>,
    /// What the watched process knows it by.
    pub number: RefNumber,
}

/// A monitor that a process of ours has on one of theirs.
#[derive(Clone, Copy)]
pub struct Watching {
    pub watcher: Pid,
    pub target: Party,
}

/// A spawn that the other node was asked for.
pub struct SpawnRequest {
    pub parent: Pid,
    /// The parent has ended meanwhile, with this reason.
    pub ended: Option<Stored>,
}

/// A process wants to hear that the node is down.
pub struct NodeMonitor {
    /// How often.
    pub count: u32,
    /// Its end takes the monitor away.
    pub hook: HookId,
}

#[derive(Default)]
pub struct Relations {
    pub links: HashMap<(Pid, Party), Link>,
    pub watching: HashMap<RefNumber, Watching>,
    watched: HashMap<RemoteRef, Watch>,
    /// Of each `Watch::number`, what the other side knows it by.
    watched_numbers: HashMap<RefNumber, RemoteRef>,
    pub node_monitors: BTreeMap<Pid, NodeMonitor>,
    pub spawn_requests: HashMap<RefNumber, SpawnRequest>,
    unlink_ids: u64,
}

impl Relations {
    /// A link that is ended from here; the number to tell it by. `None`: there is none.
    pub fn unlink(&mut self, ours: Pid, theirs: Party) -> Option<u64> {
        let link = self.links.get_mut(&(ours, theirs)).filter(|link| **link == Link::Active)?;
        self.unlink_ids += 1;
        *link = Link::Unlinking(self.unlink_ids);
        Some(self.unlink_ids)
    }

    /// The other side knows that a link has ended.
    pub fn unlinked(&mut self, ours: Pid, theirs: Party, id: u64) {
        if self.links.get(&(ours, theirs)) == Some(&Link::Unlinking(id)) {
            self.links.remove(&(ours, theirs));
        }
    }

    /// A link that is over; whether it was active.
    pub fn take_link(&mut self, ours: Pid, theirs: Party) -> bool {
        let active = self.links.get(&(ours, theirs)) == Some(&Link::Active);
        if active {
            self.links.remove(&(ours, theirs));
        }
        active
    }

    pub fn add_watch(&mut self, reference: RemoteRef, watch: Watch) {
        self.watched_numbers.insert(watch.number, reference.clone());
        self.watched.insert(reference, watch);
    }

    pub fn take_watch(&mut self, reference: &RemoteRef) -> Option<Watch> {
        let watch = self.watched.remove(reference)?;
        self.watched_numbers.remove(&watch.number);
        Some(watch)
    }

    /// The same by the number that the watched process knows.
    pub fn take_watch_of(&mut self, number: RefNumber) -> Option<(RemoteRef, Watch)> {
        let reference = self.watched_numbers.remove(&number)?;
        let watch = self.watched.remove(&reference)?;
        Some((reference, watch))
    }

    /// Every monitor of theirs on a process of ours.
    pub fn watches(&self) -> impl Iterator<Item = (&RemoteRef, &Watch)> {
        self.watched.iter()
    }

    pub fn take_all_watches(&mut self) -> Vec<Watch> {
        self.watched_numbers.clear();
        self.watched.drain().map(|(_, watch)| watch).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_across_an_unlink_do_not_count() {
        let (ours, theirs) = (Pid::new(1, 0), Pid::new(2, 0).party());
        let mut relations = Relations::default();
        relations.links.insert((ours, theirs), Link::Active);
        let id = relations.unlink(ours, theirs).unwrap();
        assert!(!relations.take_link(ours, theirs));
        assert_eq!(relations.unlink(ours, theirs), None);
        relations.unlinked(ours, theirs, id + 1);
        assert!(relations.links.contains_key(&(ours, theirs)));
        relations.unlinked(ours, theirs, id);
        assert!(relations.links.is_empty());
    }
}
