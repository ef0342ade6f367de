//! The programs of bench/programs in Rust with tokio, and what bench/programs/timed.erl does for them:
//!
//!     programs NAME SIZE RUNS
//!     programs list

mod concurrent;
mod histogram;
mod nbody;
mod sequential;
mod serve;
mod text;

use histogram::Histogram;
use std::time::Instant;

/// What a run gives: a checksum, and figures and a histogram of its own.
#[derive(Default)]
pub struct Outcome {
    sum: u64,
    negative: bool,
    figures: Vec<(&'static str, i64)>,
    histogram: Option<(&'static str, Histogram)>,
}

impl From<i64> for Outcome {
    fn from(sum: i64) -> Outcome {
        Outcome { sum: sum.unsigned_abs(), negative: sum < 0, ..Outcome::default() }
    }
}

impl From<u64> for Outcome {
    fn from(sum: u64) -> Outcome {
        Outcome { sum, ..Outcome::default() }
    }
}

fn run(name: &str, n: i64) -> Option<Outcome> {
    Some(match name {
        "fib" => sequential::fib(n).into(),
        "tak" => sequential::taks(n).into(),
        "nrev" => sequential::nrev(n).into(),
        "sorts" => sequential::sorts(n).into(),
        "nbody" => nbody::nbody(n).into(),
        "mandelbrot" => sequential::mandelbrot(n).into(),
        "spectral_norm" => sequential::spectral_norm(n).into(),
        "fannkuch" => sequential::fannkuch(n).into(),
        "pidigits" => sequential::pidigits(n).into(),
        "binary_trees" => sequential::binary_trees(n).into(),
        "n_queens" => sequential::queens(n, n, &mut Vec::new()).into(),
        "sha256" => text::sha256(n as usize).into(),
        "json_encode" => text::json_encode(n).into(),
        "json_decode" => text::json_decode(n).into(),
        "strings" => text::strings(n).into(),
        "maps_small" => text::maps_small(n).into(),
        "maps_large" => text::maps_large(n).into(),
        _ => return concurrent::run(name, n),
    })
}

const NAMES: &str = "fib tak nrev sorts nbody mandelbrot spectral_norm fannkuch pidigits binary_trees n_queens sha256 \
                     json_encode json_decode strings maps_small maps_large ring ping_pong skynet chameneos fan_in \
                     fan_out gen_server_calls call_latency spawn_churn parallel_map timers process_memory";

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => NAMES.split_whitespace().for_each(|name| println!("{name}")),
        ["serve"] => concurrent::block_on(serve::serve()),
        [name, size, runs] => time(name, size.parse().expect("a size"), runs.parse().expect("a number of runs")),
        _ => {
            eprintln!("programs NAME SIZE RUNS");
            std::process::exit(2);
        }
    }
}

fn time(name: &str, size: i64, runs: usize) {
    let mut last = Outcome::default();
    for _ in 0..runs {
        let cpu = cpu_milliseconds();
        let start = Instant::now();
        last = run(name, size).expect("no such program");
        let elapsed = start.elapsed().as_micros();
        let sign = if last.negative { "-" } else { "" };
        println!("run {elapsed} {} {sign}{}", cpu_milliseconds() - cpu, last.sum);
    }
    for (name, value) in &last.figures {
        println!("figure {name} {value}");
    }
    if let Some((name, histogram)) = &last.histogram {
        println!("histogram {name}{histogram}");
    }
    println!("peak {}", peak());
}

/// User and system time, from the 14th and 15th field of /proc/self/stat, which are hundredths of a second.
fn cpu_milliseconds() -> i64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    behind.split(' ').skip(11).take(2).filter_map(|f| f.parse::<i64>().ok()).sum::<i64>() * 10
}

/// Kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|k| k.parse().ok()).unwrap_or(0)
}

/// Bytes.
pub fn resident() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|p| p.parse::<i64>().ok()).unwrap_or(0) * 4096
}
