//! The poll thread: one `mio` poll for the descriptors and timers of all ports.
//!
//! Readiness is reported once for each change (edge-triggered): a driver reads until there is
//! nothing left, or says `again`. Descriptors that can't be polled (files) are always ready.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;

use super::state::PortId;
use super::table;
use crate::sched::ready::{self, Events};
use crate::base::microstate::{self, State};
use crate::base::sync::{AtomicUsize, Mutex, OnceLock, Ordering};

/// Names one watched descriptor, or one timer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Token(pub usize);

/// What to watch for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    Read,
    Write,
    Both,
}

impl Interest {
    fn mio(self) -> mio::Interest {
        match self {
            Interest::Read => mio::Interest::READABLE,
            Interest::Write => mio::Interest::WRITABLE,
            Interest::Both => mio::Interest::READABLE | mio::Interest::WRITABLE,
        }
    }
}

/// What a token stands for.
enum Watched {
    Descriptor(PortId, RawFd),
    /// Not pollable: always ready.
    Always(PortId),
    Timer(PortId),
    /// A program whose end is waited for: called once.
    Once(RawFd, Box<dyn FnOnce() + Send>),
    /// A descriptor of a native's.
    Native(RawFd, ready::Ready),
}

struct Poller {
    registry: mio::Registry,
    waker: mio::Waker,
    watched: Mutex<HashMap<usize, Watched>>,
    /// Tokens to call without waiting.
    again: Mutex<Vec<usize>>,
    timers: Mutex<BinaryHeap<Reverse<(Instant, usize)>>>,
}

/// Held by the poll thread while it calls drivers.
static PAUSE: Mutex<()> = Mutex::new(());

/// Calls `body` while no driver is told of anything, and so none reads.
pub fn paused<R>(body: impl FnOnce() -> R) -> R {
    let _held = PAUSE.lock();
    body()
}

const WAKE: mio::Token = mio::Token(0);

static NEXT: AtomicUsize = AtomicUsize::new(1);

fn new_token() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn poller() -> &'static Poller {
    static POLLER: OnceLock<Poller> = OnceLock::new();
    POLLER.get_or_init(|| match start() {
        Ok(poller) => poller,
        Err(e) => crate::bug!("no poll thread: {e}"),
    })
}

fn start() -> std::io::Result<Poller> {
    let poll = mio::Poll::new()?;
    let registry = poll.registry().try_clone()?;
    let waker = mio::Waker::new(&registry, WAKE)?;
    std::thread::Builder::new().name("poll".into()).spawn(move || run(poll))?;
    Ok(Poller {
        registry,
        waker,
        watched: Mutex::new(HashMap::new()),
        again: Mutex::new(Vec::new()),
        timers: Mutex::new(BinaryHeap::new()),
    })
}

fn run(mut poll: mio::Poll) {
    crate::base::prompt::prompt();
    microstate::register("poll", 0);
    microstate::enter(State::CheckIo);
    let poller = poller();
    let mut events = mio::Events::with_capacity(256);
    loop {
        let wait = poller.time_to_wait();
        if let Err(e) = microstate::within(State::Sleep, || poll.poll(&mut events, wait)) {
            if e.kind() == std::io::ErrorKind::Interrupted {
                continue;
            }
            crate::bug!("poll: {e}");
        }
        let _going = PAUSE.lock();
        let _gate = crate::sched::seeded::enter();
        for event in events.iter().filter(|event| event.token() != WAKE) {
            let readable = event.is_readable() || event.is_read_closed() || event.is_error();
            let writable = event.is_writable() || event.is_write_closed() || event.is_error();
            poller.fire(event.token().0, readable, writable, event.is_error());
        }
        // Not locked while a driver is called: it may ask for more.
        let again = std::mem::take(&mut *poller.again.lock());
        for token in again {
            poller.fire(token, true, true, false);
        }
        poller.fire_timers();
    }
}

impl Poller {
    fn time_to_wait(&self) -> Option<Duration> {
        if !self.again.lock().is_empty() {
            return Some(Duration::ZERO);
        }
        let timers = self.timers.lock();
        timers.peek().map(|Reverse((at, _))| at.saturating_duration_since(Instant::now()))
    }

    fn fire(&self, token: usize, readable: bool, writable: bool, error: bool) {
        let mut watched = self.watched.lock();
        let port = match watched.get(&token) {
            Some(Watched::Descriptor(port, _) | Watched::Always(port)) => *port,
            Some(Watched::Once(..)) => {
                let Some(Watched::Once(fd, call)) = watched.remove(&token) else { return };
                drop(watched);
                let _ = self.registry.deregister(&mut SourceFd(&fd));
                return call();
            }
            Some(Watched::Native(_, ready)) => {
                let ready = ready.clone();
                drop(watched);
                return ready(Events { read: readable, write: writable, error });
            }
            Some(Watched::Timer(_)) | None => return,
        };
        drop(watched);
        if let Some(port) = table::find_any(port) {
            port.ready(Token(token), readable, writable);
        }
    }

    fn fire_timers(&self) {
        let now = Instant::now();
        loop {
            let token = {
                let mut timers = self.timers.lock();
                match timers.peek() {
                    Some(Reverse((at, token))) if *at <= now => {
                        let token = *token;
                        timers.pop();
                        token
                    }
                    _ => return,
                }
            };
            // A cancelled timer is no longer watched.
            let Some(Watched::Timer(port)) = self.watched.lock().remove(&token) else { continue };
            if let Some(port) = table::find_any(port) {
                port.timeout(Token(token));
            }
        }
    }
}

/// Watches a descriptor for a port.
pub fn watch(port: PortId, fd: BorrowedFd<'_>, interest: Interest) -> Token {
    let (poller, token, raw) = (poller(), new_token(), fd.as_raw_fd());
    poller.watched.lock().insert(token, Watched::Descriptor(port, raw));
    let added = poller.registry.register(&mut SourceFd(&raw), mio::Token(token), interest.mio());
    if added.is_err() {
        // Files, and descriptors that are watched already.
        poller.watched.lock().insert(token, Watched::Always(port));
        if interest != Interest::Write {
            again(Token(token));
        }
    }
    Token(token)
}

/// Ends a watch, before the descriptor is closed.
pub fn unwatch(token: Token) {
    let poller = poller();
    if let Some(Watched::Descriptor(_, fd)) = poller.watched.lock().remove(&token.0) {
        let _ = poller.registry.deregister(&mut SourceFd(&fd));
    }
}

/// Ends the watch of a descriptor by another port, if there is one.
pub fn take_over(fd: RawFd) -> bool {
    let poller = poller();
    let mut watched = poller.watched.lock();
    let found = watched.iter().find(|(_, watch)| matches!(watch, Watched::Descriptor(_, of) if *of == fd));
    let Some(token) = found.map(|(&token, _)| token) else { return false };
    watched.remove(&token);
    let _ = poller.registry.deregister(&mut SourceFd(&fd));
    true
}

/// Has the driver called again soon, without a new event.
pub fn again(token: Token) {
    let poller = poller();
    poller.again.lock().push(token.0);
    let _ = poller.waker.wake();
}

/// Whether the descriptor can't be polled: the driver has to ask for each further call.
pub fn is_always_ready(token: Token) -> bool {
    matches!(poller().watched.lock().get(&token.0), Some(Watched::Always(_)))
}

/// Has the driver's `timeout` called once.
pub fn set_timer(port: PortId, after: Duration) -> Token {
    let (poller, token) = (poller(), new_token());
    poller.watched.lock().insert(token, Watched::Timer(port));
    let at = Instant::now().checked_add(after).unwrap_or_else(|| Instant::now() + Duration::from_secs(1 << 30));
    poller.timers.lock().push(Reverse((at, token)));
    let _ = poller.waker.wake();
    Token(token)
}

/// Calls `call` once when the descriptor is readable; `Err` gives it back if it can't be watched.
pub(super) fn once(fd: RawFd, call: Box<dyn FnOnce() + Send>) -> Result<(), Box<dyn FnOnce() + Send>> {
    let (poller, token) = (poller(), new_token());
    poller.watched.lock().insert(token, Watched::Once(fd, call));
    if poller.registry.register(&mut SourceFd(&fd), mio::Token(token), mio::Interest::READABLE).is_err()
        && let Some(Watched::Once(_, call)) = poller.watched.lock().remove(&token)
    {
        return Err(call);
    }
    Ok(())
}

/// The poll thread as natives of libraries see it.
pub(super) struct OfNatives;

fn interest_of(wanted: Events) -> mio::Interest {
    match (wanted.read, wanted.write) {
        (true, true) => Interest::Both.mio(),
        (true, false) => Interest::Read.mio(),
        (false, true) => Interest::Write.mio(),
        // Errors are told of whatever is asked for; asking for nothing is not possible.
        (false, false) => mio::Interest::PRIORITY,
    }
}

impl ready::Poll for OfNatives {
    fn watch(&self, fd: RawFd, wanted: Events, ready: ready::Ready) -> std::io::Result<usize> {
        let (poller, token) = (poller(), new_token());
        poller.watched.lock().insert(token, Watched::Native(fd, ready));
        let added = poller.registry.register(&mut SourceFd(&fd), mio::Token(token), interest_of(wanted));
        if added.is_err() {
            poller.watched.lock().remove(&token);
        }
        added.map(|()| token)
    }

    fn change(&self, watch: usize, wanted: Events) -> std::io::Result<()> {
        let poller = poller();
        let fd = match poller.watched.lock().get(&watch) {
            Some(Watched::Native(fd, _)) => *fd,
            _ => return Ok(()),
        };
        poller.registry.reregister(&mut SourceFd(&fd), mio::Token(watch), interest_of(wanted))
    }

    fn unwatch(&self, watch: usize) {
        let poller = poller();
        if let Some(Watched::Native(fd, _)) = poller.watched.lock().remove(&watch) {
            let _ = poller.registry.deregister(&mut SourceFd(&fd));
        }
    }
}
