//! Measuring natives of libraries: how long their calls take, which of them run on dirty threads for
//! that, and which don't come back.
//!
//! Reading a clock costs about as much as the call of a small native, so that not every call reads
//! two. Calls of one native behind each other in a slice are a *run*: its first call is timed, then
//! every 128th. At every 32nd the time is compared with what it was 32 calls before, and at the end of
//! a run with its beginning. If all those together took longer than one call may, the native is under
//! suspicion, and each of its calls is timed until it has shown itself quick. So one that is slow is found
//! in its first call, and one that has become slow within 32.

use std::fmt;

use super::load::{self, THREADS};
use super::system;
use crate::base::sync::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Mutex, OnceLock, Ordering};
use crate::base::ticks;
use crate::bif::Class;
use crate::process::Process;
use crate::term::Term;

/// In a run, one of so many calls is timed.
const SAMPLE: u32 = 128;
/// After so many calls of a run it is asked how long they took, together with what was between them.
const LOOK: u32 = 32;
/// So many quick calls end a suspicion.
const TRUSTED: u32 = 32;
/// So many quick calls on a dirty thread bring a native back to the schedulers.
const BACK: u32 = 16;
/// Reductions for a microsecond of a native's time.
const REDUCTIONS: u64 = 4;
/// Nanoseconds of a call that cost nothing.
const FREE: u64 = 10_000;

/// Of one native. Never freed: threads find it by address.
///
/// | field | written by |
/// |---|---|
/// | `calls`, `time` | a thread that ends a run |
/// | the others | a thread that has timed a call |
pub struct Meter {
    pub module: &'static str,
    pub function: &'static str,
    pub arity: u8,
    /// As the library declares it.
    pub declared: Class,
    calls: AtomicU64,
    /// Ticks of all calls: each that was not timed counts as the one that was timed before or after it.
    time: AtomicU64,
    longest: AtomicU64,
    /// `SUSPECT`, `AWAY`; 0 of one that is known to be quick.
    marks: AtomicU8,
    moves: AtomicU32,
    /// Quick calls since the last slow one.
    quick: AtomicU32,
}

/// Each call is timed.
const SUSPECT: u8 = 1;
/// Moved to the dirty CPU pool.
const AWAY: u8 = 2;

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.module, self.function, self.arity)
    }
}

/// What is known of a native.
pub struct Reading {
    pub meter: &'static Meter,
    pub calls: u64,
    /// Nanoseconds of all calls, estimated from those that were timed.
    pub time: u64,
    /// Nanoseconds of the longest call that was timed.
    pub longest: u64,
    /// Where it runs now.
    pub class: Class,
    /// How often it changed between schedulers and dirty threads.
    pub moves: u32,
}

static ALL: Mutex<Vec<&'static Meter>> = Mutex::new(Vec::new());

impl Meter {
    /// One for a native that a library brings.
    pub fn new(module: &'static str, function: &'static str, arity: u8, declared: Class) -> &'static Meter {
        let meter: &'static Meter = Box::leak(Box::new(Meter {
            module,
            function,
            arity,
            declared,
            calls: AtomicU64::new(0),
            time: AtomicU64::new(0),
            longest: AtomicU64::new(0),
            marks: AtomicU8::new(0),
            moves: AtomicU32::new(0),
            quick: AtomicU32::new(0),
        }));
        ALL.lock().push(meter);
        watch();
        meter
    }

    /// Whether its calls are too long for a scheduler.
    #[inline]
    pub fn is_away(&self) -> bool {
        self.has(AWAY)
    }

    #[inline]
    fn has(&self, mark: u8) -> bool {
        self.marks.load(Ordering::Relaxed) & mark != 0
    }

    /// Whether the mark was there.
    fn mark(&self, mark: u8) -> bool {
        self.marks.fetch_or(mark, Ordering::Relaxed) & mark != 0
    }

    /// Whether the mark was there.
    fn unmark(&self, mark: u8) -> bool {
        self.marks.fetch_and(!mark, Ordering::Relaxed) & mark != 0
    }

    /// Has it begin on a dirty thread, until it is found to be quick.
    pub fn begin_away(&self) {
        self.mark(AWAY);
    }

    /// The end of a call that was timed: reductions that it costs.
    fn took(&self, took: u64) -> usize {
        if super::seeded::is_on() {
            // What depends on the machine's speed is no part of a run that can be repeated.
            return 0;
        }
        self.longest.fetch_max(took, Ordering::Relaxed);
        let limit = limits().slow;
        if took >= limit {
            self.quick.store(0, Ordering::Relaxed);
            self.mark(SUSPECT);
            if self.declared == Class::Normal && !self.mark(AWAY) {
                self.moves.fetch_add(1, Ordering::Relaxed);
            }
        } else if self.has(SUSPECT | AWAY) {
            // Near the limit it stays where it is.
            let quick = if took < limit / 2 { self.quick.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
            if quick >= BACK && self.unmark(AWAY) {
                self.moves.fetch_add(1, Ordering::Relaxed);
            }
            if quick >= TRUSTED {
                self.unmark(SUSPECT);
                self.quick.store(0, Ordering::Relaxed);
            }
        }
        if took < limits().free { 0 } else { (ticks::to_nanoseconds(took) * REDUCTIONS / 1000) as usize }
    }

    fn read(&'static self) -> Reading {
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        Reading {
            meter: self,
            calls: get(&self.calls),
            time: ticks::to_nanoseconds(get(&self.time)),
            longest: ticks::to_nanoseconds(get(&self.longest)),
            class: if self.is_away() { Class::DirtyCpu } else { self.declared },
            moves: self.moves.load(Ordering::Relaxed),
        }
    }
}

/// Every native of a library, in the order in which they were declared.
pub fn readings() -> Vec<Reading> {
    // What this thread has called counts.
    end_slice();
    ALL.lock().iter().map(|meter| meter.read()).collect()
}

/// In ticks.
struct Limits {
    /// A call that takes so long is too long for a scheduler.
    slow: u64,
    /// One that takes so long is stuck; 0: none is.
    stuck: u64,
    free: u64,
}

/// `GLULAM_NATIVE_SLOW_US` (1000) and `GLULAM_NATIVE_STUCK_MS` (10000) say what they are.
fn limits() -> &'static Limits {
    static LIMITS: OnceLock<Limits> = OnceLock::new();
    LIMITS.get_or_init(|| {
        let number = |name, default| {
            std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok()).unwrap_or(default)
        };
        Limits {
            slow: ticks::of_nanoseconds(number("GLULAM_NATIVE_SLOW_US", 1000).max(1) * 1000),
            stuck: ticks::of_nanoseconds(number("GLULAM_NATIVE_STUCK_MS", 10_000) * 1_000_000),
            free: ticks::of_nanoseconds(FREE),
        }
    })
}

/// The run that a thread is in. Only that thread writes; the watching thread reads.
#[repr(align(64))]
struct Run {
    meter: AtomicPtr<Meter>,
    calls: AtomicU32,
    since: AtomicU64,
    /// When the last look was.
    looked: AtomicU64,
    /// Ticks of the last call that was timed.
    took: AtomicU64,
    /// How many of the calls stand in the meter's time.
    told: AtomicU32,
    /// The process that began it.
    caller: AtomicU64,
}

static RUNS: [Run; THREADS] = [const {
    Run {
        meter: AtomicPtr::new(std::ptr::null_mut()),
        calls: AtomicU32::new(0),
        since: AtomicU64::new(0),
        looked: AtomicU64::new(0),
        took: AtomicU64::new(0),
        told: AtomicU32::new(0),
        caller: AtomicU64::new(0),
    }
}; THREADS];

/// When a call that is timed began; 0: it is not.
pub struct Begun(u64);

impl Begun {
    #[inline(always)]
    pub fn is_timed(&self) -> bool {
        self.0 != 0
    }
}

/// The run of the calling thread.
#[inline(always)]
fn mine() -> &'static Run {
    // SAFETY: `load` keeps numbers below `THREADS`.
    unsafe { RUNS.get_unchecked(load::mine()) }
}

/// A call begins that nothing has to be written down about, but that it was. `false`: that is for `enter`.
#[inline(always)]
pub fn is_untimed(meter: &'static Meter) -> bool {
    let run = mine();
    let calls = run.calls.load(Ordering::Relaxed) + 1;
    let same = std::ptr::eq(run.meter.load(Ordering::Relaxed), meter);
    if !same || calls.is_multiple_of(LOOK) || meter.marks.load(Ordering::Relaxed) != 0 {
        return false;
    }
    run.calls.store(calls, Ordering::Relaxed);
    true
}

/// A call begins.
#[inline(always)]
pub fn enter(meter: &'static Meter, caller: &Process) -> Begun {
    if is_untimed(meter) { Begun(0) } else { look(meter, caller) }
}

/// A call begins that is more than counted.
#[cold]
#[inline(never)]
fn look(meter: &'static Meter, caller: &Process) -> Begun {
    let (run, now) = (mine(), ticks::now());
    if !std::ptr::eq(run.meter.load(Ordering::Relaxed), meter) {
        return begin(run, meter, caller, now);
    }
    let calls = run.calls.load(Ordering::Relaxed) + 1;
    run.calls.store(calls, Ordering::Relaxed);
    let looked = run.looked.load(Ordering::Relaxed);
    run.looked.store(now, Ordering::Relaxed);
    if now.wrapping_sub(looked) >= limits().slow {
        meter.mark(SUSPECT);
    }
    if calls.is_multiple_of(SAMPLE) || meter.has(SUSPECT | AWAY) { Begun(now) } else { Begun(0) }
}

fn begin(run: &Run, meter: &'static Meter, caller: &Process, now: u64) -> Begun {
    end_run(run, now);
    run.calls.store(1, Ordering::Relaxed);
    run.told.store(0, Ordering::Relaxed);
    run.since.store(now, Ordering::Relaxed);
    run.looked.store(now, Ordering::Relaxed);
    run.caller.store(caller.pid().bits(), Ordering::Relaxed);
    run.meter.store(std::ptr::from_ref(meter).cast_mut(), Ordering::Relaxed);
    Begun(now)
}

/// A call that is timed ends; reductions that it costs.
#[cold]
#[inline(never)]
pub fn leave(meter: &Meter, begun: &Begun) -> usize {
    let (run, took) = (mine(), ticks::now().wrapping_sub(begun.0));
    run.took.store(took, Ordering::Relaxed);
    tell(run, meter);
    meter.took(took)
}

/// Adds the calls of a run since the last that was timed to the meter's time.
fn tell(run: &Run, meter: &Meter) {
    let calls = run.calls.load(Ordering::Relaxed);
    let new = calls.wrapping_sub(run.told.load(Ordering::Relaxed));
    run.told.store(calls, Ordering::Relaxed);
    meter.time.fetch_add(run.took.load(Ordering::Relaxed).saturating_mul(new.into()), Ordering::Relaxed);
}

/// A slice ends: so does the run.
#[inline]
pub(super) fn end_slice() {
    let run = mine();
    if !run.meter.load(Ordering::Relaxed).is_null() {
        end_run(run, ticks::now());
    }
}

#[cold]
#[inline(never)]
fn end_run(run: &Run, now: u64) {
    // SAFETY: meters are never freed.
    let Some(meter) = (unsafe { run.meter.load(Ordering::Relaxed).as_ref() }) else { return };
    let calls = run.calls.load(Ordering::Relaxed);
    meter.calls.fetch_add(calls.into(), Ordering::Relaxed);
    tell(run, meter);
    // A single call was timed.
    if calls > 1 && now.wrapping_sub(run.since.load(Ordering::Relaxed)) >= limits().slow {
        meter.mark(SUSPECT);
    }
    run.meter.store(std::ptr::null_mut(), Ordering::Relaxed);
}

/// Starts the thread that tells of calls that don't come back, with the first native.
fn watch() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let limit = limits().stuck;
        if limit > 0 {
            system::thread("native_watch", move || look_for_stuck(limit));
        }
    });
}

fn look_for_stuck(limit: u64) {
    let pause = std::time::Duration::from_nanos((ticks::to_nanoseconds(limit) / 4).clamp(10_000_000, 2_500_000_000));
    // What each thread was in: its run, the number of the call in it, when that was first seen, and
    // whether it has been told.
    let mut seen = vec![(0usize, 0u64, 0u32, 0u64, false); THREADS];
    loop {
        std::thread::sleep(pause);
        let now = ticks::now();
        for (run, seen) in RUNS.iter().zip(&mut seen) {
            let at = run.meter.load(Ordering::Relaxed);
            let (since, calls) = (run.since.load(Ordering::Relaxed), run.calls.load(Ordering::Relaxed));
            if at.is_null() || (at as usize, since, calls) != (seen.0, seen.1, seen.2) {
                *seen = (at as usize, since, calls, now, false);
                continue;
            }
            // The first call of a run began with it.
            let begun = if calls == 1 { since } else { seen.3 };
            let stuck = now.wrapping_sub(begun);
            if stuck < limit || seen.4 {
                continue;
            }
            seen.4 = true;
            // SAFETY: meters are never freed.
            let meter = unsafe { &*at };
            let caller = system::show(Term::raw(run.caller.load(Ordering::Relaxed)));
            let seconds = ticks::to_nanoseconds(stuck) as f64 / 1e9;
            system::report(&format!("The native {meter}, called by {caller}, has not returned for {seconds:.1} s"));
        }
    }
}
