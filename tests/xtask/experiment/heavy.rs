//! CPU-heavy work inline, in a pool of tasks, in a native library, and in a plugin of our own interface.

use super::latency::row;
use super::{Findings, Setting};
use crate::bench::measure::{self, Series};
use crate::subject::target_dir;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const WAYS: &[(&str, &str)] =
    &[("inline", "in the server"), ("pool", "pool of tasks"), ("native", "native library"), ("plugin", "plugin")];

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    let mut findings = Findings::default();
    if let Err(why) = native(setting.root, &setting.beams) {
        findings.note(format!("Without the native library: {why}."));
    }
    if let Err(why) = plugin(setting.root, &setting.beams) {
        findings.note(format!("Without the plugin: {why}."));
    }
    let (size, starts) = if setting.short { (500, 1) } else { (5_000, 3) };
    let header = ["where", "runtime", "light p50 ms", "light p99 ms", "light max ms", "heavy p50 ms", "heavy p99 ms"];
    let mut rows = vec![row(header)];
    let mut all = Vec::new();
    for host in &setting.hosts {
        let mut series = Series::default();
        for _ in 0..starts {
            let mut command = host.timed(&setting.beams, "cpu_heavy", size, 1);
            let scratch = target_dir(setting.root).join("bench/experiment");
            series.samples.push(measure::start(&mut command, &scratch, Duration::from_secs(120), false)?);
        }
        all.push((host, series.figures()));
    }
    for (way, what) in WAYS {
        for (host, figures) in &all {
            if !figures.contains_key(&format!("{way}_light_p50_us")) {
                continue;
            }
            let figure = |name: &str| figures.get(&format!("{way}_{name}")).map(|f| f.median);
            let time = |name: &str| figure(name).map_or("-".into(), |us| format!("{:.3}", us / 1000.0));
            let (p50, p99, max) = (time("light_p50_us"), time("light_p99_us"), time("light_max_us"));
            rows.push(row([what, host.name(), &p50, &p99, &max, &time("heavy_p50_us"), &time("heavy_p99_us")]));
        }
    }
    findings.table("A light request each millisecond, a heavy one with every twentieth:", rows);
    Ok(findings)
}

/// Builds the native library with the interface that both runtimes have.
fn native(root: &Path, beams: &Path) -> Result<(), String> {
    let mut erl = Command::new("erl");
    let home = erl.args(["-noshell", "-eval", "io:put_chars(code:root_dir()),halt()"]).output();
    let home = home.map_err(|e| e.to_string())?.stdout;
    let include = format!("-I{}/usr/include", String::from_utf8_lossy(&home));
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-shared", "-fPIC", &include]).arg(root.join("bench/experiments/heavy_nif.c"));
    crate::bench::finish(cc.arg("-o").arg(beams.join("heavy_nif.so")))
}

/// Builds the plugin.
fn plugin(root: &Path, beams: &Path) -> Result<(), String> {
    let out = target_dir(root).join("bench/plugin");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "-q", "--release", "--target-dir"]).arg(&out);
    crate::bench::finish(cargo.current_dir(root.join("bench/experiments/plugin")))?;
    let (from, to) = (out.join("release/libheavy_plugin.so"), beams.join("libheavy_plugin.so"));
    std::fs::copy(&from, to).map(drop).map_err(|e| format!("{}: {e}", from.display()))
}
