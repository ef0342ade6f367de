//! Fuzzing: the targets of `tests/fuzz`, each for some minutes, with what a run has collected kept for the
//! next one. Start reading at: `run`.

use crate::command::{self, End};
use crate::known::Totals;
use crate::options::Options;
use crate::subject::target_dir;
use crate::test::heading;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TARGETS: &[&str] = &["bits", "external", "load", "packet", "pattern"];
/// One input may take so many seconds.
const INPUT_LIMIT: u64 = 60;

/// `cargo xtask fuzz [TARGET...] [--minutes N]`: all targets without any, each for N minutes (2).
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let targets: Vec<&str> = match &options.words[..] {
        [] => TARGETS.to_vec(),
        words => words.iter().map(String::as_str).collect(),
    };
    if let Some(unknown) = targets.iter().find(|t| !TARGETS.contains(t)) {
        return Err(format!("no target {unknown}: there are {}", TARGETS.join(", ")));
    }
    let minutes = options.number("minutes", 2)?;
    let mut totals = Totals::default();
    if !has_cargo_fuzz(root) {
        println!("SKIPPED: NO cargo-fuzz OR NO NIGHTLY COMPILER, NOTHING TO FUZZ WITH");
        println!("  rustup toolchain install nightly; cargo install cargo-fuzz");
        totals.skipped = targets.len();
        return Ok(totals);
    }
    let here = root.join("tests/fuzz");
    let sources = target_dir(root).join("fuzz");
    std::fs::create_dir_all(&sources).map_err(|e| format!("{}: {e}", sources.display()))?;
    if !here.join("corpus").is_dir() {
        let mut escript = Command::new("escript");
        escript.arg(here.join("corpus.escript"));
        if let Some(otp) = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/glulam/otp-src")) {
            escript.arg(otp);
        }
        let out = command::run(&mut escript, &sources.join("corpus"), Duration::from_secs(300));
        if out.end != End::Exit(0) {
            return Err(format!("corpus.escript: {}\n{}", out.end, out.stderr));
        }
    }
    for target in targets {
        heading(target);
        let before = processor_seconds();
        let artifacts = here.join("artifacts").join(target);
        let mut fuzz = cargo(root);
        fuzz.args(["fuzz", "run", "--fuzz-dir"]).arg(&here).arg(target).arg("--");
        fuzz.arg(format!("-max_total_time={}", minutes * 60)).arg(format!("-timeout={INPUT_LIMIT}"));
        fuzz.args(["-max_len=8192", "-rss_limit_mb=3000", "-print_final_stats=1"]);
        // the build is not counted, but has to end as well
        let limit = Duration::from_secs(minutes * 60 + 3600);
        let out = command::run(&mut fuzz, &sources.join(target), limit);
        let executed = out.stderr.lines().rfind(|l| l.contains("number_of_executed_units")).unwrap_or("no inputs run");
        println!("{executed}; {} processor seconds, the build among them", processor_seconds() - before);
        if out.end == End::Exit(0) {
            totals.passed += 1;
            continue;
        }
        totals.failed += 1;
        println!("FAIL {target}: {}; the input is in {}", out.end, artifacts.display());
        let told = out.stderr.lines().filter(|l| l.contains("panicked") || l.contains("ERROR") || l.starts_with("error"));
        told.take(10).for_each(|line| println!("  {line}"));
    }
    Ok(totals)
}

/// cargo of the nightly compiler; the variables name the compiler that runs this tool.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).env("RUSTUP_TOOLCHAIN", "nightly").env_remove("CARGO").env_remove("RUSTC");
    command
}

fn has_cargo_fuzz(root: &Path) -> bool {
    cargo(root).args(["fuzz", "--version"]).output().is_ok_and(|out| out.status.success())
}

/// What the programs that this one started, and that have ended, used of processors.
fn processor_seconds() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // behind the name in parentheses; hundredths of a second of user time, then of the system's
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(13).take(2);
    fields.filter_map(|f| f.parse::<u64>().ok()).sum::<u64>() / 100
}
