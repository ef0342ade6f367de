//! The object behind a zlib reference.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use glulam_vm::base::zstream::ZStream;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Magic, Stored};
use glulam_vm::am;

/// What to do with input behind the end of a compressed stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AtEnd {
    /// It is an error.
    Fail,
    /// Another stream begins there.
    Reset,
    /// It is dropped.
    Cut,
}

impl AtEnd {
    /// As OTP's zlib module numbers it.
    pub(super) fn of(number: i32) -> AtEnd {
        match number {
            0 => AtEnd::Fail,
            1 => AtEnd::Reset,
            _ => AtEnd::Cut,
        }
    }
}

pub(super) enum State {
    New,
    Running(ZStream),
    Closed,
}

/// Input not yet worked off.
#[derive(Default)]
pub(super) struct Input {
    blocks: VecDeque<Vec<u8>>,
    /// Bytes of the first block that are done.
    done: usize,
}

impl Input {
    pub(super) fn push(&mut self, block: Vec<u8>) {
        if !block.is_empty() {
            self.blocks.push_back(block);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The next bytes, up to the end of a block.
    pub(super) fn head(&self) -> Option<&[u8]> {
        self.blocks.front().map(|block| &block[self.done..])
    }

    /// Drops bytes of the first block.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.done += bytes;
        if self.blocks.front().is_some_and(|block| block.len() == self.done) {
            self.blocks.pop_front();
            self.done = 0;
        }
    }
}

pub(super) struct Stream {
    pub(super) state: State,
    pub(super) at_end: AtEnd,
    pub(super) end_seen: bool,
    pub(super) is_raw: bool,
    /// CRC-32 of the plain bytes, kept for raw streams.
    pub(super) crc: u32,
    /// What `inflateChunk` gives at most (a deprecated function).
    pub(super) buffer_size: i32,
    /// The number of the process that may use the stream.
    pub(super) controller: Option<u64>,
    pub(super) input: Input,
    pub(super) stash: Option<Stored>,
}

impl Stream {
    /// Drops the input queued and the stash.
    pub(super) fn forget_input(&mut self) {
        self.input = Input::default();
        self.stash = None;
    }
}

pub(super) fn open(cx: &mut Cx<'_>) -> Outcome {
    let stream = Stream {
        state: State::New,
        at_end: AtEnd::Cut,
        end_seen: false,
        is_raw: false,
        crc: 0,
        buffer_size: 4000,
        controller: cx.self_pid().as_pid_number(),
        input: Input::default(),
        stash: None,
    };
    let number = crate::new_reference(cx);
    Ok(cx.magic_ref(Magic::new(number, Box::new(Mutex::new(stream)))))
}

/// Runs an operation on the stream in the first argument, if the caller controls it.
pub(super) fn with(cx: &mut Cx<'_>, operation: impl FnOnce(&mut Cx<'_>, &mut Stream) -> Outcome) -> Outcome {
    let handle = cx.arg(0);
    let Some(stream) = Magic::value_of::<Mutex<Stream>>(&handle) else { return cx.badarg() };
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    if stream.controller != cx.self_pid().as_pid_number() {
        return cx.error(am::not_on_controlling_process);
    }
    operation(cx, &mut stream)
}
