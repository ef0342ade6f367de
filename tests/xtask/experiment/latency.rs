//! Latency of a request-reply service at 50, 80, 95 and 120 % of what it can do.

use super::load::{Generator, percentile};
use super::service::{Host, Service, pin_generator};
use super::{Findings, Setting};
use std::time::Duration;

const CONNECTIONS: usize = 32;
/// fib(WORK) for each request: some microseconds.
const WORK: u32 = 15;
const LOADS: &[u32] = &[50, 80, 95, 120];

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    pin_generator();
    let mut findings = Findings::default();
    let mut rows = vec![row(["runtime", "load", "requests/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "unanswered"])];
    for host in &setting.hosts {
        match loads(setting, host) {
            Ok(more) => rows.extend(more),
            Err(why) => findings.note(format!("{} has no part: {why}.", host.name())),
        }
    }
    findings.table("Milliseconds from when a request was due to its answer:", rows);
    Ok(findings)
}

fn loads(setting: &Setting<'_>, host: &Host) -> Result<Vec<Vec<String>>, String> {
    let (warm, time) = if setting.short { (1, 2) } else { (3, 10) };
    let warm = Duration::from_secs(warm);
    let ready = || -> Result<(Service, Generator), String> {
        let service = Service::start(setting, host, &["service"])?;
        let mut generator = Generator::connect(service.port, CONNECTIONS, WORK)?;
        generator.closed(warm);
        Ok((service, generator))
    };
    let capacity = {
        let (_service, mut generator) = ready()?;
        let most = generator.closed(warm);
        most.answered.len() as f64 / most.seconds
    };
    eprintln!("{}: {capacity:.0} requests a second at most", host.name());
    let mut rows = Vec::new();
    for load in LOADS {
        let (_service, mut generator) = ready()?;
        generator.drain(CONNECTIONS, Duration::from_secs(1));
        let rate = capacity * f64::from(*load) / 100.0;
        let stretch = generator.open(rate, Duration::from_secs(time));
        let open = stretch.sent.saturating_sub(stretch.answered.len());
        let mut latencies = stretch.latencies();
        let rest = generator.drain(open, Duration::from_secs(time));
        latencies.extend(rest.latencies());
        latencies.sort_by(f64::total_cmp);
        let at = |part| format!("{:.3}", percentile(&latencies, part) * 1000.0);
        rows.push(row([
            host.name(),
            &format!("{load} %"),
            &format!("{rate:.0}"),
            &at(0.5),
            &at(0.99),
            &at(0.999),
            &at(1.0),
            &open.saturating_sub(rest.answered.len()).to_string(),
        ]));
    }
    Ok(rows)
}

pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(|c| c.to_string()).collect()
}
