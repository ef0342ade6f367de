//! Being told when a socket is ready: one message for each request.

use std::sync::Arc;

use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::port::socket as system;
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::sched::ready::{self, Events};
use glulam_vm::{Term, am};

use super::atom;
use super::failure::{Failure, errno_term};
use super::line::{Line, Requestor, Turn};
use super::state::{After, Phase, Socket, State};

/// What is waited for. As a number: its place in what is kept of each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Read = 0,
    Write = 1,
}

/// The watch of a socket, once there was one, and the messages that wait.
#[derive(Default)]
pub(super) struct Selected {
    watch: Option<usize>,
    waiting: [Option<(Pid, Parcel)>; 2],
}

impl Selected {
    fn wanted(&self) -> Events {
        Events { read: self.waiting[0].is_some(), write: self.waiting[1].is_some(), error: false }
    }

    /// Ends the watch: which messages will not be sent.
    pub fn stop(&mut self, after: &mut After) -> [bool; 2] {
        if let (Some(watch), Some(poll)) = (self.watch.take(), ready::poll()) {
            poll.unwatch(watch);
        }
        let cancelled = [self.waiting[0].is_some(), self.waiting[1].is_some()];
        for (_, message) in self.waiting.iter_mut().filter_map(Option::take) {
            after.drop(message);
        }
        cancelled
    }
}

impl State {
    /// Has the message of a request sent once the socket is ready.
    fn select(&mut self, direction: Direction, pid: Pid, message: Parcel, after: &mut After) -> Result<(), i32> {
        let (Some(poll), Some(watch)) = (ready::poll(), self.selected.watch) else { return Err(libc_einval()) };
        if let Some((_, old)) = self.selected.waiting[direction as usize].replace((pid, message)) {
            after.drop(old);
        }
        let flags = if direction == Direction::Read { &mut self.read } else { &mut self.write };
        flags.selected = true;
        match poll.change(watch, self.selected.wanted()) {
            Ok(()) => Ok(()),
            Err(e) => {
                if let Some((_, message)) = self.selected.waiting[direction as usize].take() {
                    after.drop(message);
                }
                Err(glulam_vm::base::errno::of(&e))
            }
        }
    }

    /// Takes a request back; `false`: its message has been sent.
    pub fn deselect(&mut self, direction: Direction, after: &mut After) -> bool {
        match self.selected.waiting[direction as usize].take() {
            Some((_, message)) => {
                after.drop(message);
                true
            }
            None => false,
        }
    }

    fn line(&mut self, which: Queue) -> &mut Line {
        match which {
            Queue::Readers => &mut self.readers,
            Queue::Acceptors => &mut self.acceptors,
            Queue::Writers => &mut self.writers,
        }
    }

    /// The current one is done: the next has its turn as soon as the socket is ready.
    fn next(&mut self, which: Queue, after: &mut After) {
        if let Some(done) = self.line(which).current.take() {
            after.release(done);
        }
        while let Some(next) = self.line(which).waiting.pop_front() {
            match self.select(which.direction(), next.pid, next.message.duplicate(), after) {
                Ok(()) => {
                    self.line(which).current = Some(next);
                    return;
                }
                Err(number) => after.abort(next, errno_term(number)),
            }
        }
        if which == Queue::Acceptors {
            self.read.accepting = false;
        }
    }

    pub fn next_reader(&mut self, after: &mut After) {
        self.next(Queue::Readers, after);
    }

    pub fn next_acceptor(&mut self, after: &mut After) {
        self.next(Queue::Acceptors, after);
    }

    pub fn next_writer(&mut self, after: &mut After) {
        self.next(Queue::Writers, after);
    }

    /// The current one has met an error, which all behind it are told.
    pub fn fail(&mut self, which: Queue, reason: Term, after: &mut After) {
        let line = self.line(which);
        let Some(current) = line.current.take() else { return };
        let waiting: Vec<Requestor> = line.waiting.drain(..).collect();
        after.release(current);
        waiting.into_iter().for_each(|other| after.abort(other, reason));
    }
}

/// The lines of a socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Queue {
    Readers,
    Acceptors,
    Writers,
}

impl Queue {
    fn direction(self) -> Direction {
        match self {
            Queue::Writers => Direction::Write,
            Queue::Readers | Queue::Acceptors => Direction::Read,
        }
    }
}

fn libc_einval() -> i32 {
    rustix::io::Errno::INVAL.raw_os_error()
}

/// One call that may have to wait: of which socket, by whom, and what is to be said then.
pub(super) struct Request<'a> {
    pub socket: &'a Arc<Socket>,
    pub caller: Pid,
    /// `{'$socket', Socket, select, Ref}`
    pub message: Term,
}

impl<'a> Request<'a> {
    /// A call by the process that runs, with `reference`.
    pub fn new(cx: &mut Cx<'_>, socket: &'a Arc<Socket>, socket_ref: Term, reference: Term) -> Result<Request<'a>, Failure> {
        let caller = Pid::of(cx.self_pid()).ok_or(Failure::BadArg)?;
        let tag = atom("$socket");
        let named = cx.tuple(&[tag, socket_ref]);
        let message = cx.tuple(&[tag, named, am::select, reference]);
        Ok(Request { socket, caller, message })
    }

    fn requestor(&self) -> Result<Requestor, Failure> {
        let monitor = self.socket.monitor(self.caller).ok_or(Failure::BadArg)?;
        Ok(Requestor { pid: self.caller, monitor, message: Parcel::new(self.message) })
    }

    /// Waits for its turn if it is another's: `Some(select)`.
    pub fn wait_for_turn(&self, state: &mut State, which: Queue) -> Result<Option<Term>, Failure> {
        match state.line(which).turn(self.caller) {
            Turn::Mine => Ok(None),
            Turn::Waiting => Err(Failure::RaiseInvalid(atom("state"))),
            Turn::Others => {
                let requestor = self.requestor()?;
                state.line(which).waiting.push_back(requestor);
                Ok(Some(am::select))
            }
        }
    }

    /// Becomes the one whose turn it is, or says what it is to be told from now on.
    pub fn become_current(&self, state: &mut State, which: Queue, after: &mut After) -> Result<(), Failure> {
        match &mut state.line(which).current {
            Some(current) => after.drop(std::mem::replace(&mut current.message, Parcel::new(self.message))),
            None => state.line(which).current = Some(self.requestor()?),
        }
        Ok(())
    }

    /// The same of the one process that connects.
    pub fn become_connector(&self, state: &mut State, after: &mut After) -> Result<(), Failure> {
        let requestor = self.requestor()?;
        self.select(state, Direction::Write, after)?;
        state.connector = Some(requestor);
        Ok(())
    }

    /// Becomes the current one, told once the socket is ready.
    pub fn wait(&self, state: &mut State, which: Queue, after: &mut After) -> Result<(), Failure> {
        self.become_current(state, which, after)?;
        let selected = self.select(state, which.direction(), after);
        if selected.is_err() {
            state.next(which, after);
        }
        selected
    }

    fn select(&self, state: &mut State, direction: Direction, after: &mut After) -> Result<(), Failure> {
        self.socket.watch(state)?;
        Ok(state.select(direction, self.caller, Parcel::new(self.message), after)?)
    }
}

impl Socket {
    /// Begins to watch the socket, if it is not watched yet.
    fn watch(self: &Arc<Socket>, state: &mut State) -> Result<(), Failure> {
        if state.selected.watch.is_some() {
            return Ok(());
        }
        let (Some(poll), Ok(fd)) = (ready::poll(), state.fd()) else { return Err(Failure::closed()) };
        let weak = Arc::downgrade(self);
        let told = move |events: Events| {
            if let Some(socket) = weak.upgrade() {
                socket.ready(events);
            }
        };
        let watch = poll.watch(system::number(fd), Events { read: true, write: true, error: false }, Arc::new(told));
        state.selected.watch = Some(watch.map_err(|e| glulam_vm::base::errno::of(&e))?);
        Ok(())
    }

    /// On the poll thread: the socket has become ready, at least a while ago.
    fn ready(&self, events: Events) {
        self.with(|state, after| {
            let happened = [events.read, events.write];
            let mut again = false;
            for direction in [Direction::Read, Direction::Write] {
                let at = direction as usize;
                if !happened[at] && !events.error || state.selected.waiting[at].is_none() {
                    continue;
                }
                let is_read = direction == Direction::Read;
                let now = state.phase == Phase::Open
                    && state.descriptor().is_some_and(|fd| system::is_ready(fd, is_read, !is_read));
                if !now {
                    again = true;
                } else if let Some((pid, message)) = state.selected.waiting[at].take() {
                    after.send(pid, message);
                }
            }
            if let (true, Some(watch), Some(poll)) = (again, state.selected.watch, ready::poll()) {
                // What can't be watched any more has been closed under us.
                let _ = poll.change(watch, state.selected.wanted());
            }
        });
    }
}
