//! `cargo xtask bench`: the programs of bench/programs on glulam and beside it, interleaved.
//!
//! A round starts each program once on each runtime, so that what else the machine does meets all alike. A start
//! runs the program some times and throws the first time away. Figures are medians over the rounds with the lowest
//! and highest.

mod measure;
mod page;
mod programs;
mod report;
mod runtimes;

pub use report::date;

use crate::options::Options;
use crate::subject::target_dir;
use measure::Series;
use programs::Program;
use runtimes::Runtime;
use std::path::Path;
use std::time::Duration;

/// Why the crate `beamr` takes no part.
const BEAMR: &str = "it has no io, file or timer services of OTP to run `timed` with";

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
    let chosen = programs::chosen(root, &options.words)?;
    let rounds = options.number("rounds", 5)?;
    let runs = options.number("runs", 3)?;
    let built = runtimes::build_erlang(root)?;
    let runtimes = runtimes::chosen(root, options)?;
    let dir = target_dir(root).join("bench");
    let limit = Duration::from_secs(options.number("limit", 60)?);
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
                let mut command = runtime.command(&built, program, program.size, runs, None);
                match measure::start(&mut command, &dir.join("run"), limit) {
                    Ok(sample) => series.samples.push(sample),
                    Err(why) => series.failed = Some(why),
                }
            }
        }
    }
    if options.flag("scaling") {
        results.scaling = scaling(&results.programs, &runtimes, &built, &dir, rounds, limit);
    }
    report::print(&results);
    let json = options.value("json").map_or_else(|| dir.join("results.json"), Into::into);
    let page = options.value("page").map_or_else(|| dir.join("results.html"), Into::into);
    write(&json, &report::json(&results))?;
    write(&page, &page::html(&results))?;
    println!("\n{}\n{}", json.display(), page.display());
    Ok(report::wrong(&results).is_empty())
}

/// The concurrent programs on 1, 2, ... cores: median milliseconds over the rounds.
fn scaling(
    programs: &[Program],
    runtimes: &[Runtime],
    built: &Path,
    dir: &Path,
    rounds: u64,
    limit: Duration,
) -> Vec<(String, Vec<(String, Vec<f64>)>)> {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let concurrent: Vec<&Program> = programs.iter().filter(|p| p.kind == "concurrent").collect();
    let mut all = Vec::new();
    for program in concurrent {
        let able: Vec<&Runtime> = runtimes.iter().filter(|r| r.runs(program)).collect();
        let mut series = vec![vec![Series::default(); cores]; able.len()];
        for _ in 0..rounds {
            for (runtime, series) in able.iter().zip(&mut series) {
                for (cores, series) in (1..).zip(series) {
                    let mut command = runtime.command(built, program, program.size, 2, Some(cores));
                    if let Ok(sample) = measure::start(&mut command, &dir.join("run"), limit) {
                        series.samples.push(sample);
                    }
                }
            }
        }
        let line = |series: &Vec<Series>| {
            series.iter().map(|s| s.elapsed().map_or(f64::NAN, |e| e.median)).collect::<Vec<f64>>()
        };
        let lines = able.iter().zip(&series).map(|(r, s)| (r.name().to_string(), line(s))).collect();
        all.push((program.name.clone(), lines));
    }
    all
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
