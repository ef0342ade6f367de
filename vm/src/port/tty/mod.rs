//! `tty_sl`: the terminal behind standard input and output, with the editing of a line.
//!
//! A command is an operation and its text or count; keys come in as they are typed, always as UTF-8. What
//! the operations are called and how `user_drv` uses them stands in kernel's user_drv.erl.

mod line;
mod terminfo;

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{isatty, tcgetwinsize};

use self::line::Line;
use self::terminfo::Terminfo;
use super::OpenError;
use super::driver::{Driver, DriverCx, End, Fault};
use super::packet::Piece;
use super::poll::{Interest, Readiness, Token, unwatch};
use super::queue::OutputQueue;
use crate::am;
use crate::base::filename::{self, Encoding};
use crate::base::sync::{AtomicBool, Ordering};
use crate::base::terminal::{self, Modes};

const PUT: u8 = 0;
const MOVE: u8 = 1;
const INSERT: u8 = 2;
const DELETE: u8 = 3;
const BEEP: u8 = 4;
/// As `PUT`; `{Port, ok}` comes back when not much is left to be written.
const PUT_AND_TELL: u8 = 5;

const CONTROLS: u32 = 0x018b_0900;
const WINDOW_SIZE: u32 = CONTROLS + 100;
const UNICODE: u32 = CONTROLS + 101;
const SET_UNICODE: u32 = CONTROLS + 102;

/// Bytes of waiting output that count as not much, and bytes read at once.
const LITTLE: usize = 1024;
/// What a terminal that doesn't know its size is taken for.
const SIZE: (u32, u32) = (80, 24);

/// There is one terminal.
static OPEN: AtomicBool = AtomicBool::new(false);

struct Terminal {
    fd: OwnedFd,
    input: Option<Token>,
    output: Option<Token>,
    queue: OutputQueue,
    line: Line,
    /// The width in the terminal's description.
    columns: Option<u32>,
    /// The first bytes of a character whose others have not come yet.
    part: Vec<u8>,
    /// `{Port, ok}` is owed.
    tells: bool,
}

/// Opens the terminal, or the device that the command names, as `tty_sl -c -e` asks.
pub(super) fn open(command: &[u8]) -> Result<Box<dyn Driver>, OpenError> {
    if !isatty(rustix::stdio::stdin()) || !isatty(rustix::stdio::stdout()) {
        return Err(OpenError::BadArg);
    }
    let terminfo = Terminfo::of_environment().ok_or(OpenError::BadArg)?;
    let mut modes = Modes::default();
    // Opened once more, so that whoever shares our descriptor doesn't find it non-blocking.
    let mut device = &b"/proc/self/fd/0"[..];
    for word in command.split(|&byte| byte == b' ').skip(1) {
        let mode = match word {
            [b'+' | b'-', b'c', ..] => &mut modes.canonical,
            [b'+' | b'-', b'e', ..] => &mut modes.echo,
            [b'+' | b'-', b's', ..] => &mut modes.signals,
            [] | [b'+' | b'-', ..] => continue,
            name => {
                device = name;
                continue;
            }
        };
        *mode = Some(word[0] == b'+');
    }
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = rustix::fs::open(device, flags, Mode::empty()).or_else(|_| rustix::io::dup(rustix::stdio::stdin()));
    let fd = fd.map_err(|_| OpenError::BadArg)?;
    if OPEN.swap(true, Ordering::AcqRel) {
        return Err(OpenError::BadArg);
    }
    if terminal::change(&fd, modes).is_err() {
        terminal::leave();
        OPEN.store(false, Ordering::Release);
        return Err(OpenError::BadArg);
    }
    super::os_signal::watch_continue();
    let columns = terminfo.columns;
    Ok(Box::new(Terminal {
        fd,
        input: None,
        output: None,
        queue: OutputQueue::default(),
        line: Line::new(terminfo, filename::of_locale() == Encoding::Utf8),
        columns,
        part: Vec::new(),
        tells: false,
    }))
}

impl Terminal {
    fn size(&self) -> (u32, u32) {
        let known = |n: u16, other: u32| if n == 0 { other } else { n.into() };
        match tcgetwinsize(&self.fd) {
            Ok(size) => (known(size.ws_col, SIZE.0), known(size.ws_row, SIZE.1)),
            Err(_) => SIZE,
        }
    }

    /// The screen's width; the terminal may have been resized since.
    fn width(&self) -> u32 {
        match tcgetwinsize(&self.fd) {
            Ok(size) if size.ws_col > 0 => size.ws_col.into(),
            _ => self.columns.unwrap_or(SIZE.0),
        }
    }

    fn write(&mut self, cx: &mut DriverCx<'_>) {
        if let Err(e) = self.queue.drain(|bytes| rustix::io::write(&self.fd, bytes)) {
            self.queue.clear();
            return cx.end(End::Posix(e.raw_os_error()));
        }
        if self.tells && self.queue.size() <= LITTLE {
            self.tells = false;
            cx.notify(am::ok);
        }
        if self.queue.is_empty() {
            if let Some(token) = self.output.take() {
                self.watch_input(cx, token);
            }
        } else if self.output.is_none() {
            // One watch for a descriptor: for both directions while output waits.
            self.input.take().into_iter().for_each(unwatch);
            let token = cx.watch(self.fd.as_fd(), Interest::Both);
            (self.input, self.output) = (Some(token), Some(token));
        }
    }

    fn watch_input(&mut self, cx: &mut DriverCx<'_>, old: Token) {
        unwatch(old);
        self.input = Some(cx.watch(self.fd.as_fd(), Interest::Read));
    }

    /// Reads keys until there are none; each read is a message of its own.
    fn read(&mut self, cx: &mut DriverCx<'_>) {
        let mut buffer = [0; LITTLE];
        loop {
            match rustix::io::read(&self.fd, &mut buffer) {
                // A terminal that has been hung up.
                Ok(0) | Err(Errno::IO) => return cx.end(End::Posix(libc::EIO)),
                Ok(count) => {
                    let keys = self.keys(&buffer[..count]);
                    if !keys.is_empty() {
                        cx.data(Piece::Data(keys));
                    }
                }
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                Err(e) => return cx.end(End::Posix(e.raw_os_error())),
            }
        }
    }

    /// Input as UTF-8. A terminal that sends anything else is taken for one of Latin-1 from then on.
    fn keys(&mut self, read: &[u8]) -> Vec<u8> {
        let mut keys = std::mem::take(&mut self.part);
        keys.extend_from_slice(read);
        if self.line.unicode {
            match std::str::from_utf8(&keys) {
                Ok(_) => return keys,
                Err(e) if e.error_len().is_none() => {
                    self.part = keys.split_off(e.valid_up_to());
                    return keys;
                }
                Err(_) => self.line.unicode = false,
            }
        }
        keys.into_iter().map(char::from).collect::<String>().into_bytes()
    }
}

impl Driver for Terminal {
    fn start(&mut self, cx: &mut DriverCx<'_>) {
        self.input = Some(cx.watch(self.fd.as_fd(), Interest::Read));
    }

    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault> {
        let Some((&operation, text)) = data.split_first() else { return Ok(()) };
        let count = || text.first_chunk().map_or(0, |bytes| i16::from_be_bytes(*bytes));
        self.line.set_width(self.width() as usize);
        self.line.bound();
        match operation {
            PUT | PUT_AND_TELL => self.line.put(text),
            MOVE => self.line.step(count()),
            INSERT => self.line.insert(text),
            DELETE => self.line.delete(count()),
            BEEP => self.line.beep(),
            _ => {}
        }
        let waiting = !self.queue.is_empty();
        self.queue.push(self.line.take_output());
        self.tells |= operation == PUT_AND_TELL;
        if !waiting {
            self.write(cx);
        } else if self.tells && self.queue.size() <= LITTLE {
            self.tells = false;
            cx.notify(am::ok);
        }
        Ok(())
    }

    fn control(&mut self, _: &mut DriverCx<'_>, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        match operation {
            WINDOW_SIZE => {
                let (width, height) = self.size();
                Ok([width.to_ne_bytes(), height.to_ne_bytes()].concat())
            }
            UNICODE => Ok(vec![self.line.unicode.into()]),
            SET_UNICODE => {
                let Some(&wanted) = data.first() else { return Ok(Vec::new()) };
                Ok(vec![std::mem::replace(&mut self.line.unicode, wanted != 0).into()])
            }
            _ => Err(Fault::BadArg),
        }
    }

    fn ready(&mut self, cx: &mut DriverCx<'_>, token: Token, readiness: Readiness) {
        if Some(token) == self.output && readiness.writable {
            self.write(cx);
        }
        if readiness.readable && cx.end.is_none() {
            self.read(cx);
        }
    }

    fn pending(&self) -> usize {
        self.queue.size()
    }

    /// Never: the process that serves all others is the one who writes.
    fn is_busy(&self) -> bool {
        false
    }

    fn flush(&mut self) {
        let _ = self.queue.write_all(self.fd.as_fd(), None);
        self.queue.clear();
    }

    fn stop(&mut self) {
        // One token may stand for both directions; to unwatch it twice does no harm.
        self.input.take().into_iter().chain(self.output.take()).for_each(unwatch);
        terminal::leave();
        OPEN.store(false, Ordering::Release);
    }
}
