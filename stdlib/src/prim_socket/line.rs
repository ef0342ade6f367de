//! Who waits for a turn with a socket: one process whose call goes on, and those behind it.

use std::collections::VecDeque;

use glulam_vm::heap::copy::{copy_into, size_of};
use glulam_vm::heap::{Build, Fragment};
use glulam_vm::process::signal::RefNumber;
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::term::cmp::eq_exact;
use glulam_vm::{Term, am};

use super::atom;

/// A process that waits, and what it is to be told.
pub(super) struct Requestor {
    pub pid: Pid,
    /// The socket's monitor of it.
    pub monitor: RefNumber,
    /// `{'$socket', Socket, select, Ref}`
    pub message: Parcel,
}

impl Requestor {
    fn part(&self, index: usize) -> Term {
        self.message.peek().as_tuple().and_then(|parts| parts.get(index)).unwrap_or(am::undefined)
    }

    /// Whether its call was made with this reference.
    pub fn is_for(&self, reference: Term) -> bool {
        eq_exact(self.part(3), reference)
    }

    /// `{'$socket', Socket, abort, {Ref, Reason}}`
    pub fn abort(&self, reason: Term) -> Parcel {
        let (socket, reference) = (self.part(1), self.part(3));
        let mut words = Fragment::new(8 + size_of(socket) + size_of(reference) + size_of(reason));
        let socket = copy_into(socket, &mut words);
        let reference = copy_into(reference, &mut words);
        let reason = copy_into(reason, &mut words);
        let why = words.tuple(&[reference, reason]);
        let message = words.tuple(&[atom("$socket"), socket, am::abort, why]);
        Parcel::in_fragment(message, words)
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// Nobody's, or the caller's.
    Mine,
    /// Another's.
    Others,
    /// Another's, and the caller waits already.
    Waiting,
}

#[derive(Default)]
pub(super) struct Line {
    pub current: Option<Requestor>,
    pub waiting: VecDeque<Requestor>,
}

impl Line {
    pub fn turn(&self, pid: Pid) -> Turn {
        match &self.current {
            Some(current) if current.pid != pid => {
                if self.waiting.iter().any(|other| other.pid == pid) { Turn::Waiting } else { Turn::Others }
            }
            _ => Turn::Mine,
        }
    }

    pub fn len(&self) -> usize {
        usize::from(self.current.is_some()) + self.waiting.len()
    }

    /// Takes out a process that waits behind the current one.
    pub fn leave(&mut self, pid: Pid, reference: Option<Term>) -> Option<Requestor> {
        let is_it = |other: &Requestor| other.pid == pid && reference.is_none_or(|r| other.is_for(r));
        let at = self.waiting.iter().position(is_it)?;
        self.waiting.remove(at)
    }

    /// The same by the monitor.
    pub fn leave_monitored(&mut self, monitor: RefNumber) -> Option<Requestor> {
        let at = self.waiting.iter().position(|other| other.monitor == monitor)?;
        self.waiting.remove(at)
    }

    pub fn is_current(&self, monitor: RefNumber) -> bool {
        self.current.as_ref().is_some_and(|current| current.monitor == monitor)
    }
}
