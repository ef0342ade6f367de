//! Fuzzing: the targets of `tests/fuzz`, each for a while, with what a run has collected kept for the
//! next one. Start reading at: `run`.

use crate::command::{self, End};
use crate::known::Totals;
use crate::options::Options;
use crate::subject::target_dir;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const TARGETS: &[&str] = &["bits", "external", "load", "names", "packet", "pattern"];
/// One input may take so many seconds, and make the process so many megabytes large.
const LIMITS: [&str; 2] = ["-timeout=60", "-rss_limit_mb=3000"];
/// What libFuzzer calls the inputs that found something; those that were only slow are none.
const FINDINGS: [&str; 4] = ["crash-", "oom-", "timeout-", "leak-"];

/// How a run of one target ended.
struct Ran {
    end: End,
    seconds: u64,
    processor: u64,
    executed: u64,
    findings: Vec<PathBuf>,
    told: Vec<String>,
}

/// `cargo xtask fuzz [TARGET...] [--seconds S | --hours H] [--jobs N]`: all targets without any, each for
/// two minutes without a time, N of them at once.
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let targets: Vec<&str> = match &options.words[..] {
        [] => TARGETS.to_vec(),
        words => words.iter().map(String::as_str).collect(),
    };
    if let Some(unknown) = targets.iter().find(|t| !TARGETS.contains(t)) {
        return Err(format!("no target {unknown}: there are {}", TARGETS.join(", ")));
    }
    let seconds = match options.value("hours") {
        None => options.number("seconds", 120)?,
        Some(hours) => (hours.parse::<f64>().map_err(|_| format!("--hours {hours}: not a number"))? * 3600.0) as u64,
    };
    let mut totals = Totals::default();
    if !command::has_nightly(root, &["fuzz"]) {
        println!("SKIPPED: NO cargo-fuzz OR NO NIGHTLY COMPILER, NOTHING TO FUZZ WITH");
        println!("  rustup toolchain install nightly; cargo install cargo-fuzz");
        totals.skipped = targets.len();
        return Ok(totals);
    }
    let logs = target_dir(root).join("fuzz");
    std::fs::create_dir_all(&logs).map_err(|e| format!("{}: {e}", logs.display()))?;
    corpus(root, &logs)?;
    let programs = build(root, &targets, &logs)?;
    println!("{:<10} {:>8} {:>10} {:>12}", "target", "seconds", "processor", "inputs");
    let all: Vec<(&str, PathBuf)> = targets.into_iter().zip(programs).collect();
    let ran = command::parallel(&all, options.jobs(), |(target, program)| {
        let ran = fuzz(root, target, program, seconds, &logs);
        println!("{target:<10} {:>8} {:>10} {:>12}", ran.seconds, ran.processor, ran.executed);
        ran
    });
    println!("{:.2} hours", ran.iter().map(|r| r.seconds).sum::<u64>() as f64 / 3600.0);
    for ((target, _), ran) in all.iter().zip(ran) {
        if ran.end == End::Exit(0) {
            totals.passed += 1;
            continue;
        }
        totals.failed += 1;
        println!("FAIL {target}: {}", ran.end);
        ran.findings.iter().for_each(|input| println!("  {}", input.display()));
        ran.told.iter().for_each(|line| println!("  {line}"));
    }
    Ok(totals)
}

/// Makes the files to start from if there are none yet.
fn corpus(root: &Path, logs: &Path) -> Result<(), String> {
    let here = root.join("tests/fuzz");
    if TARGETS.iter().all(|target| here.join("corpus").join(target).is_dir()) {
        return Ok(());
    }
    let mut escript = Command::new("escript");
    escript.arg(here.join("corpus.escript"));
    if let Some(otp) = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/glulam/otp-src")) {
        escript.arg(otp);
    }
    let out = command::run(&mut escript, &logs.join("corpus"), Duration::from_secs(300));
    if out.end == End::Exit(0) { Ok(()) } else { Err(format!("corpus.escript: {}\n{}", out.end, out.stderr)) }
}

/// Builds the targets; where each of their programs is.
fn build(root: &Path, targets: &[&str], logs: &Path) -> Result<Vec<PathBuf>, String> {
    let here = root.join("tests/fuzz");
    let mut build = command::nightly_cargo(root);
    build.args(["fuzz", "build", "--fuzz-dir"]).arg(&here);
    let out = command::run(&mut build, &logs.join("build"), Duration::from_secs(3600));
    if out.end != End::Exit(0) {
        return Err(format!("cargo fuzz build: {}\n{}", out.end, out.stderr));
    }
    // cargo-fuzz names the platform, and so the directory
    let platforms = std::fs::read_dir(here.join("target")).map_err(|e| e.to_string())?;
    let platforms: Vec<PathBuf> = platforms.flatten().map(|p| p.path().join("release")).collect();
    let program = |target: &&str| {
        let found = platforms.iter().map(|p| p.join(target)).find(|program| program.is_file());
        found.ok_or_else(|| format!("cargo fuzz build has built no {target}"))
    };
    targets.iter().map(program).collect()
}

fn fuzz(root: &Path, target: &str, program: &Path, seconds: u64, logs: &Path) -> Ran {
    let here = root.join("tests/fuzz");
    let artifacts = here.join("artifacts").join(target);
    let _ = std::fs::create_dir_all(&artifacts);
    let known = findings(&artifacts);
    // modules are larger than what the others read
    let longest = if target == "load" { 16384 } else { 8192 };
    let mut fuzz = Command::new(program);
    fuzz.current_dir(&here).arg(here.join("corpus").join(target)).args(LIMITS);
    fuzz.args([format!("-max_total_time={seconds}"), format!("-max_len={longest}"), "-print_final_stats=1".to_owned()]);
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let (started, limit) = (Instant::now(), Duration::from_secs(seconds + 600));
    let log = logs.join(target);
    let mut processor = 0;
    let (out, err) = (log.with_extension("out"), log.with_extension("err"));
    let end = match command::Running::start(&mut fuzz, &out, &err) {
        Err(e) => End::NotStarted(e.to_string()),
        Ok(mut running) => loop {
            processor = processor_seconds(running.id()).max(processor);
            match running.poll(limit) {
                Some(end) => break end,
                None => std::thread::sleep(Duration::from_millis(200)),
            }
        },
    };
    let text = command::read_lossy(&err);
    let executed = text.lines().rev().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let telling = |line: &&str| line.contains("panicked") || line.contains("ERROR");
    Ran {
        end,
        seconds: started.elapsed().as_secs(),
        processor,
        executed: executed.and_then(|n| n.trim().parse().ok()).unwrap_or(0),
        findings: findings(&artifacts).into_iter().filter(|input| !known.contains(input)).collect(),
        told: text.lines().filter(telling).take(10).map(str::to_owned).collect(),
    }
}

fn findings(artifacts: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(artifacts).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_finding = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        FINDINGS.iter().any(|prefix| name.starts_with(prefix))
    };
    all.filter(is_finding).collect()
}

/// What a process that still runs has used of processors.
fn processor_seconds(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // behind the name in parentheses; hundredths of a second of user time, then of the system's
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|f| f.parse::<u64>().ok()).sum::<u64>() / 100
}
