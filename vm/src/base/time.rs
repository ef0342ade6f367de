//! Clocks. The native time unit is the nanosecond.
//!
//! In a seeded run Erlang's clocks are driven by the scheduler (`simulate`, `advance`): they tell
//! the same times in every run. `os_system_time` is always the operating system's.

use super::sync::{AtomicBool, AtomicI64, OnceLock, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What monotonic time starts from: Erlang's is negative for some centuries, so that programs
/// don't come to rely on its sign.
const START: i64 = -(1 << 59);


/// What Erlang system time is ahead of monotonic time.
static OFFSET: AtomicI64 = AtomicI64::new(0);

/// When monotonic time started.
fn origin() -> Instant {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    *ORIGIN.get_or_init(|| {
        let system = if is_simulated() { SIMULATED_ORIGIN } else { os_system_time() };
        OFFSET.store(system - START, Ordering::Relaxed);
        Instant::now()
    })
}

static SIMULATED: AtomicBool = AtomicBool::new(false);
/// Nanoseconds that a simulated clock has come to since its start.
static PASSED: AtomicI64 = AtomicI64::new(0);
/// Where Erlang system time starts in a seeded run: 2001-09-09T01:46:40Z.
const SIMULATED_ORIGIN: i64 = 1_000_000_000 * 1_000_000_000;

/// Has `advance` alone drive the clocks from now on. Before anything asks for the time.
pub fn simulate() {
    SIMULATED.store(true, Ordering::Relaxed);
}

fn is_simulated() -> bool {
    SIMULATED.load(Ordering::Relaxed)
}

/// Lets simulated time pass.
pub fn advance(nanoseconds: i64) {
    PASSED.fetch_add(nanoseconds, Ordering::Relaxed);
}

/// Fixes the origin of monotonic time. At start.
pub fn start() {
    origin();
    super::ticks::begin();
}

/// Erlang monotonic time in nanoseconds.
pub fn monotonic() -> i64 {
    if is_simulated() {
        return START + PASSED.load(Ordering::Relaxed);
    }
    START + origin().elapsed().as_nanos() as i64
}

/// Monotonic time when the runtime started.
pub fn started() -> i64 {
    START
}

/// What Erlang system time is ahead of monotonic time.
pub fn offset() -> i64 {
    OFFSET.load(Ordering::Relaxed)
}

/// Sets system time forward or back; what its offset is then.
pub fn add_to_offset(nanoseconds: i64) -> i64 {
    OFFSET.fetch_add(nanoseconds, Ordering::Relaxed) + nanoseconds
}

/// Erlang system time in nanoseconds since 1970.
pub fn system() -> i64 {
    monotonic() + offset()
}

/// The operating system's time in nanoseconds since 1970.
pub fn os_system_time() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    now.as_nanos() as i64
}

/// The instant of a monotonic time.
pub fn instant_of(monotonic: i64) -> Instant {
    let since = monotonic.saturating_sub(START).max(0) as u64;
    origin() + Duration::from_nanos(since)
}

/// Microseconds since 1970, each call's greater than the one's before (`erlang:now/0`).
pub fn now_unique_micros() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    let now = system() / 1000;
    let mut last = LAST.load(Ordering::Relaxed);
    loop {
        let next = now.max(last + 1);
        match LAST.compare_exchange_weak(last, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return next,
            Err(seen) => last = seen,
        }
    }
}

/// Microseconds of processor time that the emulator has used.
pub fn processor_micros() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}
