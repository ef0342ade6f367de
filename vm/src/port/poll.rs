//! The poll thread: one `mio` poll for the descriptors and timers of all ports.
//!
//! A scheduler that has nothing to run looks by itself before it sleeps (`OfNatives::look`), and may wait in place of
//! the poll thread (`seat`): what comes of an event is then run where it was seen, and no thread has to wake another.
//! An event is told to one of them; a port's lock keeps their calls apart.
//!
//! Readiness is reported once for each change (edge-triggered): a driver reads until there is
//! nothing left, or says `again`. Descriptors that can't be polled (files) are always ready.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
#[cfg(target_os = "linux")]
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
#[cfg(target_os = "linux")]
use rustix::event::epoll;

use super::state::PortId;
use super::{seat, table};
use crate::sched::ready::{self, Events};
use crate::base::microstate::{self, State};
use crate::base::sync::{AtomicUsize, Mutex, OnceLock, Ordering, RwLock};

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
            #[cfg(target_os = "linux")]
            Interest::Both => mio::Interest::READABLE | mio::Interest::WRITABLE | mio::Interest::PRIORITY,
            #[cfg(not(target_os = "linux"))]
            Interest::Both => mio::Interest::READABLE | mio::Interest::WRITABLE,
        }
    }
}

/// How a descriptor is ready.
#[derive(Clone, Copy, Default, Debug)]
pub struct Readiness {
    pub readable: bool,
    pub writable: bool,
    /// More is told by further reads than how many bytes there are: an end, an error, or urgent data.
    pub special: bool,
    pub error: bool,
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
    timers: Mutex<Timers>,
}

#[derive(Default)]
struct Timers {
    set: BinaryHeap<Reverse<(Instant, usize)>>,
    /// The poll thread looks at them then, if nothing wakes it before.
    awaited: Option<Instant>,
}

impl Timers {
    /// Whether the poll thread would look too late.
    fn is_early(&self, at: Instant) -> bool {
        self.awaited.is_none_or(|awaited| at < awaited)
    }
}

/// Read by who calls drivers of what has come.
static PAUSE: RwLock<()> = RwLock::new(());

/// Calls `body` while no driver is told of anything, and so none reads.
pub fn paused<R>(body: impl FnOnce() -> R) -> R {
    let _held = PAUSE.write();
    body()
}

const WAKE: mio::Token = mio::Token(0);

static NEXT: AtomicUsize = AtomicUsize::new(1);

static POLLER: OnceLock<Poller> = OnceLock::new();

/// Events that have come, ever.
static FIRED: AtomicUsize = AtomicUsize::new(0);

/// A scheduler that has looked so often since an event came does not look any more.
const LOOKS: u32 = 64;

thread_local! {
    /// What `FIRED` was when the scheduler looked last, and how often it was that.
    static LOOKED: Cell<(usize, u32)> = const { Cell::new((0, 0)) };
}

fn new_token() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn poller() -> &'static Poller {
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
        timers: Mutex::default(),
    })
}

fn run(mut poll: mio::Poll) {
    crate::base::prompt::prompt();
    microstate::register("poll", 0);
    microstate::enter(State::CheckIo);
    let poller = poller();
    let mut events = mio::Events::with_capacity(256);
    let mut rest = seat::Rest::default();
    let mut rests = false;
    seat::begin();
    loop {
        if rests {
            let wait = poller.time_to_rest(rest.length());
            rests = microstate::within(State::Sleep, || rest.rest(wait, || FIRED.load(Ordering::Relaxed)));
            let _going = PAUSE.read();
            let _gate = crate::sched::seeded::enter();
            poller.fire_timers();
            continue;
        }
        let wait = poller.time_to_wait();
        if let Err(e) = microstate::within(State::Sleep, || poll.poll(&mut events, wait)) {
            if e.kind() == std::io::ErrorKind::Interrupted {
                continue;
            }
            crate::bug!("poll: {e}");
        }
        let _going = PAUSE.read();
        let _gate = crate::sched::seeded::enter();
        let came = events.iter().filter(|event| event.token() != WAKE).count();
        FIRED.fetch_add(came, Ordering::Relaxed);
        for event in events.iter().filter(|event| event.token() != WAKE) {
            let error = event.is_error();
            let readiness = Readiness {
                readable: event.is_readable() || event.is_read_closed() || error,
                writable: event.is_writable() || event.is_write_closed() || error,
                special: event.is_read_closed() || event.is_priority() || error || cfg!(not(target_os = "linux")),
                error,
            };
            poller.fire(event.token().0, readiness);
        }
        poller.fire_again();
        poller.fire_timers();
        rests = came > 0 && seat::leave();
        if rests {
            rest = seat::Rest::begin(FIRED.load(Ordering::Relaxed));
        }
    }
}

impl Poller {
    /// How long a thread that rests so long at most may do so.
    fn time_to_rest(&self, most: Option<Duration>) -> Option<Duration> {
        let now = Instant::now();
        let mut timers = self.timers.lock();
        let first = timers.set.peek().map(|Reverse((at, _))| *at);
        let end = most.map(|most| now + most);
        timers.awaited = first.into_iter().chain(end).min();
        timers.awaited.map(|at| at.saturating_duration_since(now))
    }

    /// Has the poll thread look at the timers.
    fn wake_for_timers(&self) {
        if !seat::unpark() {
            let _ = self.waker.wake();
        }
    }

    fn time_to_wait(&self) -> Option<Duration> {
        if !self.again.lock().is_empty() {
            return Some(Duration::ZERO);
        }
        let mut timers = self.timers.lock();
        timers.awaited = timers.set.peek().map(|Reverse((at, _))| *at);
        timers.awaited.map(|at| at.saturating_duration_since(Instant::now()))
    }

    fn fire_again(&self) {
        // Not locked while a driver is called: it may ask for more.
        let again = std::mem::take(&mut *self.again.lock());
        for token in again {
            self.fire(token, Readiness { readable: true, writable: true, ..Readiness::default() });
        }
    }

    /// Handles what has come, if it can be asked for without waiting.
    #[cfg(target_os = "linux")]
    fn look(&self) -> usize {
        // SAFETY: the registry is never dropped.
        let polled = unsafe { BorrowedFd::borrow_raw(self.registry.as_raw_fd()) };
        let mut place = [const { MaybeUninit::uninit() }; 32];
        let Ok((events, _)) = epoll::wait(polled, &mut place, Some(&super::queue::NOW)) else { return 0 };
        for event in events.iter() {
            let (token, flags) = (event.data.u64() as usize, event.flags);
            if token == WAKE.0 {
                // That was for the poll thread: `again` can be done here, waiting for a timer can't.
                self.fire_again();
                let timers = self.timers.lock();
                if timers.set.peek().is_some_and(|Reverse((at, _))| timers.is_early(*at)) {
                    self.wake_for_timers();
                }
                continue;
            }
            use epoll::EventFlags as On;
            let readiness = Readiness {
                readable: flags.intersects(On::IN | On::PRI | On::HUP | On::RDHUP | On::ERR),
                writable: flags.intersects(On::OUT | On::HUP | On::ERR),
                special: flags.intersects(On::PRI | On::HUP | On::RDHUP | On::ERR),
                error: flags.contains(On::ERR),
            };
            self.fire(token, readiness);
        }
        events.len()
    }

    #[cfg(not(target_os = "linux"))]
    fn look(&self) -> usize {
        0
    }

    fn fire(&self, token: usize, readiness: Readiness) {
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
                return ready(Events { read: readiness.readable, write: readiness.writable, error: readiness.error });
            }
            Some(Watched::Timer(_)) | None => return,
        };
        drop(watched);
        if let Some(port) = table::find_any(port) {
            port.ready(Token(token), readiness);
        }
    }

    fn fire_timers(&self) {
        let now = Instant::now();
        loop {
            let token = {
                let mut timers = self.timers.lock();
                match timers.set.peek() {
                    Some(Reverse((at, token))) if *at <= now => {
                        let token = *token;
                        timers.set.pop();
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
    // Schedulers that have looked in vain look again.
    FIRED.fetch_add(1, Ordering::Relaxed);
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
    let mut timers = poller.timers.lock();
    timers.set.push(Reverse((at, token)));
    if timers.is_early(at) {
        poller.wake_for_timers();
    }
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

    fn look(&self) -> usize {
        let Some(poller) = POLLER.get() else { return 0 };
        let fired = FIRED.load(Ordering::Relaxed);
        let (before, looks) = LOOKED.get();
        let looks = if fired == before { looks } else { 0 };
        if looks == LOOKS {
            return 0;
        }
        LOOKED.set((fired, looks + 1));
        seat::looks();
        let Some(_going) = PAUSE.try_read() else { return 0 };
        let found = poller.look();
        if found > 0 {
            FIRED.fetch_add(found, Ordering::Relaxed);
        }
        found
    }

    fn take_seat(&self, all_asleep: bool) -> bool {
        // Who waits there while nobody may look would find what has come again and again.
        POLLER.get().is_some() && PAUSE.try_read().is_some() && seat::take(all_asleep)
    }

    fn wait_in_seat(&self) {
        // SAFETY: the registry is never dropped.
        seat::wait(unsafe { BorrowedFd::borrow_raw(poller().registry.as_raw_fd()) });
        // It looks at once, whatever it has looked before.
        LOOKED.set((FIRED.load(Ordering::Relaxed), 0));
    }

    fn kick(&self) {
        seat::kick();
    }
}
