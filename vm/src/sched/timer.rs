//! Timers: what has to happen at a monotonic time.
//!
//! Every scheduler has a wheel of its own, so that they rarely wait for each other; one thread fires
//! what is due and sleeps until the next tick at which any wheel has something to do.

use super::wheel::{FARTHEST, Key, Wheel};
use crate::am;
use crate::base::microstate::{self, State};
use crate::base::sync::{AtomicI64, Condvar, Mutex, Ordering};
use crate::base::time;
use crate::heap::{Build, Fragment};
use crate::process::signal::RefNumber;
use crate::process::{Parcel, Pid, Sender, reference};
use crate::table::{processes, route};
use crate::term::Term;
use crate::term::node::Node;

/// What happens when a timer's time comes.
enum Action {
    /// A process looks at its receive again.
    Wake(Pid),
    /// A message, plain or as `{timeout, TimerRef, Message}`.
    Send { to: Destination, reference: RefNumber, message: Parcel, with_reference: bool },
}

/// To whom a timer sends.
#[derive(Clone, Copy)]
pub enum Destination {
    Pid(Pid),
    Name(crate::Atom),
}

impl Destination {
    fn term(self) -> Term {
        match self {
            Destination::Pid(pid) => pid.term(),
            Destination::Name(name) => Term::from_atom(name),
        }
    }
}

struct Timer {
    deadline: i64,
    action: Action,
}

/// Wheels; threads that are no schedulers use the first.
const SHARDS: usize = 64;
const SHARD_BITS: u32 = 6;

static WHEELS: [Mutex<Wheel<Timer>>; SHARDS] = [const { Mutex::new(Wheel::new()) }; SHARDS];

/// Nanoseconds of a tick.
const TICK: i64 = 1_000_000;

/// When the first tick begins: before the runtime started, and with a whole millisecond of monotonic time, so
/// that what is due at one is not late for the rest of another.
fn first() -> i64 {
    time::started().div_euclid(TICK) * TICK
}

/// The first tick at which a deadline has passed.
fn tick_of(deadline: i64) -> u64 {
    let since = deadline.saturating_sub(first()).max(0) as u64;
    since.div_ceil(TICK as u64).min(FARTHEST)
}

/// When a tick begins.
fn time_of(tick: u64) -> i64 {
    first().saturating_add((tick as i64).saturating_mul(TICK))
}

/// The last tick that has begun.
fn tick_now() -> u64 {
    ((time::monotonic() - first()) / TICK) as u64
}

/// The number of a timer: shard, generation, entry. Never 0.
///
/// ```text
///  60    59                  38 37                 6 5     0
///  [ 1 ] [ generation           | entry              | shard ]
/// ```
fn number_of(shard: usize, key: Key) -> u64 {
    const { assert!(Wheel::<Timer>::GENERATION_BITS == 22) }
    1 << 60 | u64::from(key.generation) << 38 | u64::from(key.index) << SHARD_BITS | shard as u64
}

fn key_of(number: u64) -> (usize, Key) {
    let shard = number as usize % SHARDS;
    let index = (number >> SHARD_BITS) as u32;
    let generation = (number >> 38) as u32 & ((1 << 22) - 1);
    (shard, Key { index, generation })
}

fn start(deadline: i64, make: impl FnOnce(u64) -> Action) -> u64 {
    let shard = super::current_scheduler() % SHARDS;
    let tick = tick_of(deadline);
    let number = {
        let mut wheel = WHEELS[shard].lock();
        let key = wheel.insert(tick, Timer { deadline, action: Action::Wake(Pid(0)) });
        let number = number_of(shard, key);
        if let Some(timer) = wheel.get_mut(key) {
            timer.action = make(number);
        }
        number
    };
    let alarm = time_of(tick);
    if alarm < ALARM.load(Ordering::SeqCst) {
        let _guard = CLOCK.lock();
        ALARM.fetch_min(alarm, Ordering::SeqCst);
        EARLIER.notify_one();
    }
    number
}

/// Wakes a process at a time; the number of the timer.
pub(super) fn wake_at(deadline: i64, pid: Pid) -> u64 {
    start(deadline, |_| Action::Wake(pid))
}

/// Gives a timer of `wake_at` up.
pub(super) fn cancel_wake(number: u64) {
    let (shard, key) = key_of(number);
    let timer = WHEELS[shard].lock().cancel(key);
    drop(timer);
}

/// Sends a message at a time; the timer's reference, whose second word is the timer's number.
pub fn send_at(deadline: i64, to: Destination, message: Parcel, with_reference: bool) -> RefNumber {
    let [unique, _] = reference::fresh();
    let number = start(deadline, |number| {
        Action::Send { to, reference: [unique, number], message, with_reference }
    });
    [unique, number]
}

fn is(timer: &Timer, wanted: RefNumber) -> bool {
    matches!(&timer.action, Action::Send { reference, .. } if *reference == wanted)
}

/// Gives a timer of `send_at` up; its deadline, if it had not come.
pub fn cancel(reference: RefNumber) -> Option<i64> {
    let (shard, key) = key_of(reference[1]);
    let timer = {
        let mut wheel = WHEELS[shard].lock();
        wheel.get(key).filter(|timer| is(timer, reference))?;
        wheel.cancel(key)
    };
    timer.map(|timer| timer.deadline)
}

/// The deadline of a timer that has not come.
pub fn deadline_of(reference: RefNumber) -> Option<i64> {
    let (shard, key) = key_of(reference[1]);
    WHEELS[shard].lock().get(key).filter(|timer| is(timer, reference)).map(|timer| timer.deadline)
}

/// Bytes of all timers.
pub fn memory() -> usize {
    count() * size_of::<Timer>()
}

/// Timers that wait.
pub fn count() -> usize {
    WHEELS.iter().map(|wheel| wheel.lock().len()).sum()
}

/// When the timer thread wakes up by itself. Changed only with `CLOCK` held; whoever starts a timer
/// with an earlier deadline tells the thread.
static ALARM: AtomicI64 = AtomicI64::new(i64::MAX);
static CLOCK: Mutex<()> = Mutex::new(());
static EARLIER: Condvar = Condvar::new();

/// Calls `found` with the node of each identifier of another node in messages that timers are going to send.
pub fn each_node(found: &mut dyn FnMut(&'static Node)) {
    for wheel in &WHEELS {
        for timer in wheel.lock().iter() {
            if let Action::Send { message, .. } = &timer.action {
                message.each_node(found);
            }
        }
    }
}

pub(super) fn start_thread() {
    super::system::thread("timers", run);
}

fn run() {
    crate::base::prompt::prompt();
    microstate::register("aux", 1);
    loop {
        // From here on every new timer counts as early, until the next alarm is known.
        ALARM.store(i64::MAX, Ordering::SeqCst);
        let alarm = microstate::within(State::Aux, fire);
        microstate::within(State::Sleep, || sleep_until(alarm));
    }
}

/// No timer waits.
const NEVER: i64 = i64::MAX - 1;

/// Fires what is due; when to look again.
pub(super) fn fire() -> i64 {
    let now = tick_now();
    let mut due = Vec::new();
    let mut next = u64::MAX;
    for wheel in &WHEELS {
        let mut wheel = wheel.lock();
        wheel.advance(now, |_, timer| due.push(timer));
        next = next.min(wheel.next_tick().unwrap_or(u64::MAX));
    }
    due.sort_by_key(|timer| timer.deadline);
    due.into_iter().for_each(|timer| perform(timer.action));
    match next {
        u64::MAX => NEVER,
        tick => time_of(tick),
    }
}

/// Sleeps until the time comes, or until somebody starts a timer for an earlier time.
fn sleep_until(alarm: i64) {
    let mut clock = CLOCK.lock();
    // `i64::MAX` means that nobody started one since the wheels were looked at.
    if ALARM.compare_exchange(i64::MAX, alarm, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        return;
    }
    while ALARM.load(Ordering::SeqCst) == alarm && time::monotonic() < alarm {
        if alarm == NEVER {
            EARLIER.wait(&mut clock);
        } else {
            EARLIER.wait_until(&mut clock, time::instant_of(alarm));
        }
    }
}

fn perform(action: Action) {
    match action {
        Action::Wake(pid) => {
            processes::with(pid, |process| process.wake());
        }
        Action::Send { to, reference, message, with_reference } => {
            let message = if with_reference { with_timeout(reference, &message) } else { message };
            route::send_parcel_from(Sender::Clock, to.term(), message);
        }
    }
}

/// `{timeout, TimerRef, Message}`
fn with_timeout(reference: RefNumber, message: &Parcel) -> Parcel {
    let term = message.peek();
    let mut fragment = Fragment::new(crate::heap::copy::size_of(term) + 7);
    let term = crate::heap::copy::copy_into(term, &mut fragment);
    let reference = fragment.reference(reference);
    let tuple = fragment.tuple(&[am::timeout, reference, term]);
    Parcel::in_fragment(tuple, fragment)
}
