//! What the machine itself makes of the question how late somebody wakes up beside busy threads: no virtual
//! machine, a thread that sleeps until set times, alone and beside one busy thread for each core.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(2);

/// Prints the same lines as `measure_natives` does, of `count` times.
pub fn print(count: usize) {
    report("wake idle", delays(count));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let measured = delays(count);
        stop.store(true, Ordering::Relaxed);
        report("wake beside busy threads", measured);
    });
}

/// Microseconds from when the thread was to wake until it ran.
fn delays(count: usize) -> Vec<u128> {
    let start = Instant::now() + Duration::from_millis(10);
    (0..count as u32)
        .map(|n| {
            let due = start + EVERY * n;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            due.elapsed().as_micros()
        })
        .collect()
}

fn report(what: &str, mut delays: Vec<u128>) {
    delays.sort_unstable();
    println!("{what} messages\t{}", delays.len());
    for (name, part) in [("50", 0.5), ("99", 0.99), ("99.9", 0.999)] {
        let at = ((delays.len() as f64 * part).ceil() as usize).clamp(1, delays.len());
        println!("{what} p{name}\t{}.00\tus", delays[at - 1]);
    }
}
