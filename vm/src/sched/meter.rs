//! Measuring natives of libraries: how long their calls take, which of them run on dirty threads for
//! that, and which don't come back.
//!
//! Reading a clock costs about as much as the call of a small native, so that not every call reads
//! two. Calls of one native behind each other in a slice are a *run*: its first call is timed, then
//! every 16th, and its end is compared with its beginning. If that took longer than one call may, the
//! native is under suspicion, and each of its calls is timed until it has shown itself quick. So one
//! that is slow is found in its first call, and one that has become slow in the slice where it did.

use std::fmt;

use super::load::{self, THREADS};
use super::system;
use crate::base::sync::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Mutex, OnceLock, Ordering};
use crate::base::ticks;
use crate::bif::Class;
use crate::process::Process;
use crate::term::Term;

/// In a run, one of so many calls is timed.
const SAMPLE: u32 = 16;
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
/// | `calls` | a thread that ends a run |
/// | the others | a thread that has timed a call |
pub struct Meter {
    pub module: &'static str,
    pub function: &'static str,
    pub arity: u8,
    /// As the library declares it.
    pub declared: Class,
    calls: AtomicU64,
    /// Ticks of all calls: those that were timed, each for as many as it stands for.
    time: AtomicU64,
    longest: AtomicU64,
    suspect: AtomicBool,
    /// Moved to the dirty CPU pool.
    away: AtomicBool,
    moves: AtomicU32,
    /// Quick calls since the last slow one.
    quick: AtomicU32,
}

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
            suspect: AtomicBool::new(false),
            away: AtomicBool::new(false),
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
        self.away.load(Ordering::Relaxed)
    }

    /// Has it begin on a dirty thread, until it is found to be quick.
    pub fn begin_away(&self) {
        self.away.store(true, Ordering::Relaxed);
    }

    /// The end of a call that was timed: reductions that it costs.
    fn took(&self, took: u64, stands_for: u32) -> usize {
        self.time.fetch_add(took.saturating_mul(stands_for.into()), Ordering::Relaxed);
        if super::seeded::is_on() {
            // What depends on the machine's speed is no part of a run that can be repeated.
            return 0;
        }
        self.longest.fetch_max(took, Ordering::Relaxed);
        let limit = limits().slow;
        if took >= limit {
            self.quick.store(0, Ordering::Relaxed);
            self.suspect.store(true, Ordering::Relaxed);
            if self.declared == Class::Normal && !self.away.swap(true, Ordering::Relaxed) {
                self.moves.fetch_add(1, Ordering::Relaxed);
            }
        } else if self.suspect.load(Ordering::Relaxed) || self.is_away() {
            // Near the limit it stays where it is.
            let quick = if took < limit / 2 { self.quick.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
            if quick >= BACK && self.away.swap(false, Ordering::Relaxed) {
                self.moves.fetch_add(1, Ordering::Relaxed);
            }
            if quick >= TRUSTED {
                self.suspect.store(false, Ordering::Relaxed);
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
    /// The process that began it.
    caller: AtomicU64,
}

static RUNS: [Run; THREADS] = [const {
    Run {
        meter: AtomicPtr::new(std::ptr::null_mut()),
        calls: AtomicU32::new(0),
        since: AtomicU64::new(0),
        caller: AtomicU64::new(0),
    }
}; THREADS];

/// When a call that is timed began (0: it is not), and how many it stands for.
pub struct Begun(u64, u32);

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

/// A call begins.
#[inline(always)]
pub fn enter(meter: &'static Meter, caller: &Process) -> Begun {
    let run = mine();
    if !std::ptr::eq(run.meter.load(Ordering::Relaxed), meter) {
        return begin(run, meter, caller);
    }
    let calls = run.calls.load(Ordering::Relaxed) + 1;
    run.calls.store(calls, Ordering::Relaxed);
    if meter.suspect.load(Ordering::Relaxed) {
        Begun(ticks::now(), 1)
    } else if calls.is_multiple_of(SAMPLE) {
        Begun(ticks::now(), SAMPLE)
    } else {
        Begun(0, 0)
    }
}

#[cold]
#[inline(never)]
fn begin(run: &Run, meter: &'static Meter, caller: &Process) -> Begun {
    let now = ticks::now();
    end_run(run, now);
    run.calls.store(1, Ordering::Relaxed);
    run.since.store(now, Ordering::Relaxed);
    run.caller.store(caller.pid().bits(), Ordering::Relaxed);
    run.meter.store(std::ptr::from_ref(meter).cast_mut(), Ordering::Relaxed);
    Begun(now, 1)
}

/// A call that is timed ends; reductions that it costs.
#[cold]
#[inline(never)]
pub fn leave(meter: &Meter, begun: &Begun) -> usize {
    meter.took(ticks::now().wrapping_sub(begun.0), begun.1)
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
    // A single call was timed.
    if calls > 1 && now.wrapping_sub(run.since.load(Ordering::Relaxed)) >= limits().slow {
        meter.suspect.store(true, Ordering::Relaxed);
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
