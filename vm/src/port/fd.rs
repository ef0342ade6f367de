//! Ports on descriptors: `{fd, In, Out}`, and the pipes of programs.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::PollFlags;
use rustix::io::Errno;

use super::{OpenError, Options};
use super::driver::{Driver, DriverCx, End, Fault};
use super::packet::Cutter;
use super::poll::{self, Interest, Readiness, Token};
use super::queue::{NOW, OutputQueue, is_ready};
use crate::am;
use crate::term::Term;

/// Bytes read at once, and reads in a row before others have their turn.
const READ: usize = 65_536;
const READS_IN_A_ROW: usize = 16;

/// A descriptor that is ours to close, or one that was only lent to us.
pub(super) enum Descriptor {
    Owned(OwnedFd),
    Lent(RawFd),
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Descriptor::Owned(fd) => fd.as_fd(),
            // SAFETY: whoever opened the port on a bare number keeps it open while the port lives;
            // should it be closed, calls fail with an error number.
            Descriptor::Lent(fd) => unsafe { BorrowedFd::borrow_raw(*fd) },
        }
    }
}

/// Input and output on descriptors, and perhaps a program behind them.
pub(super) struct FdDriver {
    input: Option<Descriptor>,
    output: Option<Descriptor>,
    input_token: Option<Token>,
    output_token: Option<Token>,
    queue: OutputQueue,
    cutter: Cutter,
    /// The program's number, and how it ended once it has.
    program: Option<u32>,
    status: Option<i32>,
}

/// A driver for the descriptors `{fd, In, Out}`.
pub fn open(input: RawFd, output: RawFd, options: &Options) -> Box<dyn Driver> {
    let input = options.input.then_some(Descriptor::Lent(input));
    let output = options.output.then_some(Descriptor::Lent(output));
    Box::new(FdDriver::new(input, output, None, options))
}

/// A driver for a file that is opened by its name: `open_port("file", [in])`.
pub fn open_file(name: &[u8], options: &Options) -> Result<Box<dyn Driver>, OpenError> {
    use rustix::fs::{Mode, OFlags};
    let invalid = |_| OpenError::Posix(Errno::INVAL.raw_os_error());
    let flags = match (options.input, options.output) {
        (true, true) => OFlags::RDWR | OFlags::CREATE,
        (true, false) => OFlags::RDONLY,
        _ => OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC,
    };
    let mode = Mode::from_raw_mode(0o666);
    let file = rustix::fs::open(name, flags | OFlags::NONBLOCK | OFlags::CLOEXEC, mode).map_err(invalid)?;
    let (mut input, mut output) = (None, None);
    if options.input && options.output {
        output = Some(Descriptor::Owned(rustix::io::dup(&file).map_err(invalid)?));
    }
    let place = if options.input { &mut input } else { &mut output };
    *place = Some(Descriptor::Owned(file));
    Ok(Box::new(FdDriver::new(input, output, None, options)))
}

impl FdDriver {
    pub(super) fn new(
        input: Option<Descriptor>,
        output: Option<Descriptor>,
        program: Option<u32>,
        options: &Options,
    ) -> FdDriver {
        FdDriver {
            input,
            output,
            input_token: None,
            output_token: None,
            queue: OutputQueue::default(),
            cutter: Cutter::new(options.framing),
            program,
            status: None,
        }
    }

    /// For a program that could not be started: it has ended with the error's number.
    pub(super) fn ended_with(
        error: i32,
        input: Option<Descriptor>,
        output: Option<Descriptor>,
        options: &Options,
    ) -> FdDriver {
        FdDriver { status: Some(error), ..FdDriver::new(input, output, None, options) }
    }

    fn read(&mut self, cx: &mut DriverCx<'_>) {
        let Some(input) = &self.input else { return };
        let mut buffer = vec![0; READ];
        for _ in 0..READS_IN_A_ROW {
            if !is_ready(input.as_fd(), PollFlags::IN, Some(&NOW)) {
                return;
            }
            match rustix::io::read(input.as_fd(), &mut buffer) {
                Ok(0) => return self.input_ended(cx),
                Ok(n) => self.cutter.push(&buffer[..n]).into_iter().for_each(|piece| cx.data(piece)),
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                // A terminal whose other side is gone says so.
                Err(Errno::IO) => return self.input_ended(cx),
                Err(e) => return cx.end(End::Posix(e.raw_os_error())),
            }
        }
        if let Some(token) = self.input_token {
            poll::again(token);
        }
    }

    fn input_ended(&mut self, cx: &mut DriverCx<'_>) {
        self.stop_input();
        if self.program.is_some() && cx.options.exit_status && self.status.is_none() {
            // The end is told together with the program's.
            return;
        }
        self.ended(cx);
    }

    /// The input is at its end, and the program too if its status is wanted.
    fn ended(&mut self, cx: &mut DriverCx<'_>) {
        if let Some(status) = self.status.filter(|_| cx.options.exit_status) {
            cx.notify_with(am::exit_status, Term::small(status.into()));
        }
        // What a last line without a newline leaves comes behind the status.
        self.cutter.finish().into_iter().for_each(|piece| cx.data(piece));
        if cx.options.eof {
            cx.notify(am::eof);
        } else {
            cx.end(End::Normal);
        }
    }

    fn stop_input(&mut self) {
        if let Some(token) = self.input_token.take() {
            poll::unwatch(token);
        }
        self.input = None;
    }

    fn write(&mut self, cx: &mut DriverCx<'_>) {
        let Some(output) = &self.output else { return };
        if let Err(e) = self.queue.write(output.as_fd()) {
            self.queue.clear();
            return cx.end(End::Posix(e.raw_os_error()));
        }
        if self.queue.is_empty() {
            cx.drained();
        } else if self.output_token.is_none() {
            self.output_token = Some(cx.watch(output.as_fd(), Interest::Write));
        }
    }
}

impl Driver for FdDriver {
    fn start(&mut self, cx: &mut DriverCx<'_>) {
        if let Some(input) = &self.input {
            self.input_token = Some(cx.watch(input.as_fd(), Interest::Read));
        }
        if let Some(program) = self.program {
            super::child::watch(program, cx.id);
        }
    }

    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault> {
        if self.output.is_none() {
            return Err(Fault::BadArg);
        }
        let Some(mut block) = cx.options.framing.header(data.len()) else {
            cx.end(End::Posix(libc::EINVAL));
            return Err(Fault::Posix(libc::EINVAL));
        };
        let waiting = !self.queue.is_empty();
        if block.is_empty() {
            self.queue.push(data);
        } else {
            block.extend_from_slice(&data);
            self.queue.push(block);
        }
        // While earlier output waits, the poll thread writes.
        if !waiting {
            self.write(cx);
        }
        Ok(())
    }

    fn ready(&mut self, cx: &mut DriverCx<'_>, token: Token, readiness: Readiness) {
        if Some(token) == self.input_token && readiness.readable {
            self.read(cx);
            if self.input_token == Some(token) && poll::is_always_ready(token) {
                poll::again(token);
            }
        } else if Some(token) == self.output_token && readiness.writable {
            self.write(cx);
        }
    }

    fn child_ended(&mut self, cx: &mut DriverCx<'_>, status: i32) {
        self.status = Some(status);
        if cx.options.exit_status && self.input.is_none() {
            self.ended(cx);
        }
    }

    fn pending(&self) -> usize {
        self.queue.size()
    }

    fn flush(&mut self) {
        let Some(output) = &self.output else { return };
        // A program that doesn't read would hold us up for ever; a terminal or pipe of ours may
        // take its time.
        let second = rustix::event::Timespec { tv_sec: 1, tv_nsec: 0 };
        let wait = matches!(output, Descriptor::Owned(_)).then_some(&second);
        let _ = self.queue.write_all(output.as_fd(), wait);
        self.queue.clear();
    }

    fn stop(&mut self) {
        self.stop_input();
        if let Some(token) = self.output_token.take() {
            poll::unwatch(token);
        }
        self.output = None;
    }

    fn os_pid(&self) -> Option<u32> {
        self.program
    }
}
