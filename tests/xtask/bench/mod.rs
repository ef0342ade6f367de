//! `cargo xtask bench`: the programs of bench/programs on glulam and beside it, interleaved.
//!
//! A round starts each program once on each runtime, so that what else the machine does meets all alike. A start
//! runs the program some times and throws the first time away. Figures are medians over the rounds with the lowest
//! and highest.
//! Start reading at: `run`.

mod build;
pub mod json;
pub mod measure;
mod page;
mod programs;
pub mod readme;
pub mod report;
mod runtimes;

pub use report::date;

use crate::options::Options;
use crate::subject::{glulam_binary, target_dir};
use measure::Series;
use programs::Program;
use runtimes::Runtime;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

pub use build::{build, build_erlang, elixir_ebins, finish};
pub use readme::replace;
pub use runtimes::{Language, erlang_version};

/// What a runtime gets that may never come to an end.
const PARTIAL_LIMIT: Duration = Duration::from_secs(20);

/// All that was measured: a series for each program and runtime; none if the runtime doesn't have the program.
pub struct Results {
    pub programs: Vec<Program>,
    pub runtimes: Vec<String>,
    pub versions: Vec<String>,
    pub series: Vec<Vec<Option<Series>>>,
    /// For each program that was measured so, its milliseconds on 1, 2, ... cores for each runtime.
    pub scaling: Vec<(String, Vec<(String, Vec<f64>)>)>,
    pub rounds: u64,
    pub runs: u64,
}

pub fn run(root: &Path, options: &Options) -> Result<bool, String> {
    if let Some(file) = options.value("readme") {
        return readme::write(root, Path::new(file)).map(|()| true);
    }
    if let Some(file) = options.value("agree") {
        let other = options.words.first().ok_or("--agree A.json takes B.json as well")?;
        return readme::agree(Path::new(file), Path::new(other));
    }
    build_glulam(root, options)?;
    let words = if options.flag("quick") { &[] } else { &options.words[..] };
    let chosen = programs::chosen(root, words)?;
    let rounds = options.number("rounds", 5)?;
    let runs = options.number("runs", if options.flag("quick") { 2 } else { 3 })?;
    let built = build_erlang(root)?;
    let runtimes = runtimes::chosen(root, options, &built)?;
    let dir = target_dir(root).join("bench");
    let limit = Duration::from_secs(options.number("limit", 120)?);
    let mut results = Results {
        series: chosen
            .iter()
            .map(|p| runtimes.iter().map(|r| r.runs(p).then(Series::default)).collect())
            .collect(),
        programs: chosen,
        runtimes: runtimes.iter().map(|r| r.name().to_string()).collect(),
        versions: runtimes.iter().map(Runtime::version).collect(),
        scaling: Vec::new(),
        rounds,
        runs,
    };
    for round in 1..=rounds {
        eprintln!("round {round} of {rounds}");
        for (program, series) in results.programs.iter().zip(&mut results.series) {
            for (runtime, series) in runtimes.iter().zip(series) {
                let Some(series) = series.as_mut().filter(|s| s.failed.is_none()) else { continue };
                let runs = runs_of(program, series, runs);
                let watched = program.kind == "memory";
                let limit = if runtime.is_partial() { limit.min(PARTIAL_LIMIT) } else { limit };
                let started = runtime.command(root, &built, program, runs, None).and_then(|mut command| {
                    measure::start(&mut command, &dir.join("run"), limit, watched)
                });
                match started {
                    Ok(sample) => series.samples.push(sample),
                    Err(why) => series.failed = Some(why),
                }
            }
        }
    }
    leave_out(&mut results, &runtimes);
    if options.flag("scaling") {
        results.scaling = scaling(root, &results, &runtimes, &built, &dir, limit);
    }
    report::print(&results);
    let json = options.value("json").map_or_else(|| dir.join("results.json"), Into::into);
    let page = options.value("page").map_or_else(|| dir.join("results.html"), Into::into);
    write(&json, &report::json(&results))?;
    write(&page, &page::html(&results))?;
    println!("\n{}\n{}", json.display(), page.display());
    Ok(report::wrong(&results).is_empty())
}

/// How often one start runs the program: memory is measured in a fresh emulator, and what takes seconds
/// needs no warming up.
fn runs_of(program: &Program, series: &Series, runs: u64) -> u64 {
    let slow = series.elapsed().is_some_and(|e| e.median > 3000.0);
    if slow || matches!(program.kind.as_str(), "memory" | "whole") { 1 } else { runs }
}

/// A clean clone has no glulam yet.
pub fn build_glulam(root: &Path, options: &Options) -> Result<(), String> {
    if options.value("erl").is_some() || options.value("binary").is_some() || glulam_binary(root).exists() {
        return Ok(());
    }
    eprintln!("building glulam");
    let mut cargo = Command::new("cargo");
    let status = cargo.args(["build", "--release", "-q", "-p", "glulam"]).current_dir(root).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build: {status}")),
        Err(e) => Err(format!("cargo: {e}")),
    }
}

/// A runtime that covers only a part of the language is left out of the programs that it can't run, or gets wrong.
fn leave_out(results: &mut Results, runtimes: &[Runtime]) {
    for (program, series) in results.programs.iter().zip(&mut results.series) {
        let expected = series[0].as_ref().and_then(Series::checksum).map(String::from);
        for (runtime, slot) in runtimes.iter().zip(series).filter(|(r, _)| r.is_partial()) {
            let Some(series) = slot else { continue };
            let why = match (&series.failed, series.checksum()) {
                (Some(why), _) => why.clone(),
                (None, Some(sum)) if Some(sum) != expected.as_deref() => format!("its result is {sum}"),
                _ => continue,
            };
            println!("{} without {}: {why}", program.name, runtime.name());
            *slot = None;
        }
    }
}

/// The concurrent programs on 1, 2, ... cores: median milliseconds over the rounds.
fn scaling(
    root: &Path,
    results: &Results,
    runtimes: &[Runtime],
    built: &Path,
    dir: &Path,
    limit: Duration,
) -> Vec<(String, Vec<(String, Vec<f64>)>)> {
    let cores = report::cores();
    let mut all = Vec::new();
    for (program, measured) in results.programs.iter().zip(&results.series) {
        if !matches!(program.kind.as_str(), "concurrent" | "elixir") {
            continue;
        }
        let ran = |s: &Option<Series>| s.as_ref().is_some_and(|s| s.failed.is_none());
        let able: Vec<&Runtime> = runtimes.iter().zip(measured).filter(|(_, s)| ran(s)).map(|(r, _)| r).collect();
        let mut series = vec![vec![Series::default(); cores]; able.len()];
        for _ in 0..results.rounds {
            for (runtime, series) in able.iter().zip(&mut series) {
                for (cores, series) in (1..).zip(series) {
                    let runs = runs_of(program, series, 2);
                    let started = runtime.command(root, built, program, runs, Some(cores)).and_then(|mut command| {
                        measure::start(&mut command, &dir.join("run"), limit, false)
                    });
                    series.samples.extend(started);
                }
            }
        }
        let line = |series: &Vec<Series>| {
            series.iter().map(|s| s.elapsed().map_or(f64::NAN, |e| e.median)).collect::<Vec<f64>>()
        };
        let lines = able.iter().zip(&series).map(|(r, s)| (r.name().to_string(), line(s)));
        let lines = lines.filter(|(_, times)| times.iter().all(|t| t.is_finite())).collect();
        all.push((program.name.clone(), lines));
    }
    all
}

pub fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
