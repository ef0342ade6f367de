//! Clocks. The native time unit is the nanosecond.

use super::sync::{AtomicI64, OnceLock, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// What monotonic time starts from: Erlang's is negative for some centuries, so that programs
/// don't come to rely on its sign.
const START: i64 = -(1 << 59);

struct Origin {
    instant: Instant,
    /// System time at that instant, nanoseconds since 1970.
    system: i64,
}

fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| Origin { instant: Instant::now(), system: os_system_time() })
}

/// Fixes the origin of monotonic time. At start.
pub fn start() {
    origin();
    super::ticks::begin();
}

/// Erlang monotonic time in nanoseconds.
pub fn monotonic() -> i64 {
    START + origin().instant.elapsed().as_nanos() as i64
}

/// Monotonic time when the runtime started.
pub fn started() -> i64 {
    START
}

/// What Erlang system time is ahead of monotonic time.
pub fn offset() -> i64 {
    origin().system - START
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
    origin().instant + Duration::from_nanos(since)
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
