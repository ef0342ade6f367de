//! A server driven at three times what it can do, with and without a guard that sheds load.

use super::latency::row;
use super::load::{Generator, Stretch, percentile};
use super::service::{Host, Service, pin_generator};
use super::{Findings, Setting};
use std::time::Duration;

const CONNECTIONS: usize = 32;
/// fib(WORK) for each request: about a tenth of a millisecond.
const WORK: u32 = 20;
/// An answer that comes later is of no use to who asked.
const IN_TIME: f64 = 0.5;
/// The service is itself again when half of the answers of half a second take less than this.
const RECOVERED: f64 = 0.02;

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    pin_generator();
    let seconds = if setting.short { 20 } else { 60 };
    let mut rows = vec![row([
        "runtime", "guard", "capacity/s", "offered/s", "in time/s", "turned away/s", "p50 ms", "p99 ms", "peak MB",
        "MB before", "recovery", "stayed up",
    ])];
    for mode in ["open", "guard"] {
        for host in &setting.hosts {
            rows.push(one(setting, host, mode, seconds)?);
        }
    }
    let mut findings = Findings::default();
    findings.table(&format!("Three times the capacity for {seconds} s:"), rows);
    Ok(findings)
}

fn one(setting: &Setting<'_>, host: &Host, mode: &str, seconds: u64) -> Result<Vec<String>, String> {
    let capacity = {
        let service = Service::start(setting, host, &["overload", "open"])?;
        let mut generator = Generator::connect(service.port, CONNECTIONS, WORK)?;
        generator.closed(Duration::from_secs(1));
        let most = generator.closed(Duration::from_secs(2));
        most.answered.len() as f64 / most.seconds
    };
    let mut service = Service::start(setting, host, &["overload", mode])?;
    let mut generator = Generator::connect(service.port, CONNECTIONS, WORK)?;
    generator.open(capacity / 2.0, Duration::from_secs(2));
    generator.drain(CONNECTIONS, Duration::from_secs(1));
    let before = service.memory();
    let (mut all, mut peak) = (Stretch::default(), before);
    // in pieces, to look at its memory between them
    for _ in 0..seconds * 4 {
        let piece = generator.open(capacity * 3.0, Duration::from_millis(250));
        all.sent += piece.sent;
        all.busy += piece.busy;
        all.seconds += piece.seconds;
        all.broken |= piece.broken;
        all.answered.extend(piece.answered);
        peak = peak.max(service.memory());
        if all.broken {
            break;
        }
    }
    let recovery = recover(&mut generator, capacity, seconds, &mut all.broken);
    let up = service.alive() && !all.broken;
    let latencies = all.latencies();
    let in_time = latencies.iter().filter(|l| **l <= IN_TIME).count();
    let each_second = |count: usize| format!("{:.0}", count as f64 / all.seconds);
    let at = |part| format!("{:.1}", percentile(&latencies, part) * 1000.0);
    Ok(row([
        host.name(),
        if mode == "guard" { "yes" } else { "no" },
        &format!("{capacity:.0}"),
        &each_second(all.sent),
        &each_second(in_time),
        &each_second(all.busy),
        &at(0.5),
        &at(0.99),
        &format!("{peak:.0}"),
        &format!("{before:.0}"),
        &recovery,
        if up { "yes" } else { "no" },
    ]))
}

/// Goes on at half the capacity until answers are quick again, for at most as long as the overload took.
fn recover(generator: &mut Generator, capacity: f64, most: u64, broken: &mut bool) -> String {
    for half in 1..=most * 2 {
        let stretch = generator.open(capacity / 2.0, Duration::from_millis(500));
        *broken |= stretch.broken;
        if *broken {
            return "none".into();
        }
        let latencies = stretch.latencies();
        if latencies.len() > 10 && percentile(&latencies, 0.5) < RECOVERED {
            return format!("{:.1} s", half as f64 / 2.0);
        }
    }
    format!("> {most} s")
}
