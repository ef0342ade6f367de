//! A million processes, and twenty thousand connections: memory and wake-up time.

use super::latency::row;
use super::load::{ask, hear, one_by_one, percentile};
use super::service::{Host, Service};
use super::{Findings, Setting};
use crate::bench::measure;
use crate::command::find_on_path;
use crate::subject::target_dir;
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let processes: u64 = if setting.short { 100_000 } else { 1_000_000 };
    let mut rows = vec![row(["runtime", "bytes each", "spawn ns each", "wake ns each", "peak MB"])];
    for host in &setting.hosts {
        match waiting(setting, host, processes) {
            Ok(cells) => rows.push(cells),
            Err(why) => findings.note(format!("{} has no part in the processes: {why}.", host.name())),
        }
    }
    findings.table(&format!("{processes} processes (goroutines, promises, tasks) that wait for one message each:"), rows);
    let wanted = if setting.short { 2_000 } else { 20_000 };
    let count = descriptors(wanted);
    let mut rows =
        vec![row(["runtime", "KB each", "connect all s", "wake one p50 µs", "p99 µs", "max µs", "wake all s"])];
    for host in &setting.hosts {
        match connected(setting, host, count) {
            Ok(cells) => rows.push(cells),
            Err(why) => findings.note(format!("{} has no part in the connections: {why}.", host.name())),
        }
    }
    findings.table(&format!("{count} connections over loopback, each with a process, thread or task of its own:"), rows);
    Ok(findings)
}

fn waiting(setting: &Setting<'_>, host: &Host, count: u64) -> Result<Vec<String>, String> {
    let mut command = host.timed(&setting.beams, "process_memory", count, 1);
    let scratch = target_dir(setting.root).join("bench/many");
    let sample = measure::start(&mut command, &scratch, Duration::from_secs(300), false)?;
    let figure = |name: &str| format!("{:.0}", sample.figures.get(name).copied().unwrap_or(f64::NAN));
    let megabytes = format!("{:.0}", sample.peak / 1024.0);
    Ok(row([
        host.name(),
        &figure("bytes_a_process"),
        &figure("spawn_nanoseconds"),
        &figure("wake_nanoseconds"),
        &megabytes,
    ]))
}

/// Raises what this process may have open; how many connections that makes possible.
fn descriptors(wanted: usize) -> usize {
    if find_on_path("prlimit").is_some() {
        let me = std::process::id().to_string();
        let limit = format!("--nofile={0}:{0}", wanted + 1000);
        let _ = Command::new("prlimit").args(["--pid", &me, &limit]).output();
    }
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|l| l.starts_with("Max open files")).unwrap_or_default();
    let most = line.split_whitespace().nth(3).and_then(|n| n.parse::<usize>().ok()).unwrap_or(1024);
    wanted.min(most.saturating_sub(100))
}

fn connected(setting: &Setting<'_>, host: &Host, count: usize) -> Result<Vec<String>, String> {
    let service = Service::start(setting, host, &["service"])?;
    let said = |what: &str, e: std::io::Error| format!("{what}: {e}");
    let connect = || -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, service.port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(stream)
    };
    // whatever the first ones load is not theirs
    let mut first: Vec<TcpStream> = (0..10).map(|_| connect()).collect::<Result<_, _>>().map_err(|e| said("connect", e))?;
    one_by_one(&mut first, 0..10)?;
    let (before, start) = (service.memory(), Instant::now());
    let mut streams = Vec::with_capacity(count);
    for i in 0..count {
        streams.push(connect().map_err(|e| said(&format!("connection {i}"), e))?);
    }
    // accepted and served, all of them
    one_by_one(&mut streams, 0..count)?;
    let taken = start.elapsed().as_secs_f64();
    let each = (service.memory() - before) * 1000.0 / count as f64;
    let mut times = one_by_one(&mut streams, (0..2000).map(|i| i * 7919 % count))?;
    times.sort_by(f64::total_cmp);
    let start = Instant::now();
    for (i, stream) in streams.iter_mut().enumerate() {
        ask(stream, i).map_err(|e| said("all", e))?;
    }
    for stream in &mut streams {
        hear(stream).map_err(|e| said("all", e))?;
    }
    let all = start.elapsed().as_secs_f64();
    let at = |part| format!("{:.0}", percentile(&times, part) * 1e6);
    let (each, taken, all) = (format!("{each:.1}"), format!("{taken:.1}"), format!("{all:.2}"));
    Ok(row([host.name(), &each, &taken, &at(0.5), &at(0.99), &at(1.0), &all]))
}
