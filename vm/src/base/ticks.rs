//! A clock that costs little to read: the processor's own counter where there is one. For measuring
//! intervals, not for Erlang's time.

use super::sync::OnceLock;
use super::time;

/// Ticks now.
#[inline]
pub fn now() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reads a counter that every such processor has.
    return unsafe { core::arch::x86_64::_rdtsc() };
    #[cfg(not(target_arch = "x86_64"))]
    return time::monotonic().wrapping_sub(time::started()) as u64;
}

struct Start {
    ticks: u64,
    time: i64,
}

fn start() -> &'static Start {
    static START: OnceLock<Start> = OnceLock::new();
    START.get_or_init(|| Start { ticks: now(), time: time::monotonic() })
}

/// Begins to compare the two clocks. At start.
pub fn begin() {
    start();
}

/// Nanoseconds of a tick.
fn nanoseconds() -> f64 {
    static RATE: OnceLock<f64> = OnceLock::new();
    *RATE.get_or_init(|| {
        /// Enough to compare the clocks to better than a thousandth.
        const ENOUGH: i64 = 2_000_000;
        let start = start();
        let mut passed = time::monotonic() - start.time;
        while passed < ENOUGH {
            std::hint::spin_loop();
            passed = time::monotonic() - start.time;
        }
        passed as f64 / (now().wrapping_sub(start.ticks).max(1)) as f64
    })
}

/// An interval in nanoseconds.
pub fn to_nanoseconds(ticks: u64) -> u64 {
    (ticks as f64 * nanoseconds()) as u64
}

/// So many nanoseconds in ticks.
pub fn of_nanoseconds(nanos: u64) -> u64 {
    (nanos as f64 / nanoseconds()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_other_clock() {
        begin();
        let (ticks, time) = (now(), time::monotonic());
        std::thread::sleep(std::time::Duration::from_millis(30));
        let (by_ticks, by_time) = (to_nanoseconds(now() - ticks), (time::monotonic() - time) as u64);
        assert!(by_ticks.abs_diff(by_time) < by_time / 20, "{by_ticks} and {by_time}");
        assert!(to_nanoseconds(of_nanoseconds(1_000_000)).abs_diff(1_000_000) < 1000);
    }
}
