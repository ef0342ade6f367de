//! The tests once more with an emulator that does the rare thing always: collects at every allocation,
//! leaves the processor at every call, allocates in fragments only, checks its own sums. What such a build
//! is slow at it shows within minutes. Every mode builds into `target/zeal`.
//! Start reading at: `run`.

use crate::command::{self, End};
use crate::known::Totals;
use crate::options::Options;
use crate::subject::target_dir;
use crate::test::{heading, unit_test_totals};
use crate::{conformance, diff, random};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A way to build glulam.
struct Mode {
    name: &'static str,
    /// Features of the crates `vm` and `cli`.
    features: &'static [&'static str],
    profile: &'static str,
    /// Time limits are so many times longer.
    slowness: u32,
    /// Wants the nightly compiler, with these flags.
    nightly: Option<&'static str>,
    /// Rust's own library has to be built with them, too.
    library: bool,
}

const MODES: &[Mode] = &[
    mode("gc", &["zeal-gc"], "release", 8),
    mode("preempt", &["zeal-preempt"], "release", 6),
    mode("fragments", &["zeal-fragments"], "release", 4),
    mode("checked", &[], "checked", 3),
    // What the sanitizers add to every function that has locals keeps handlers from ending in jumps.
    Mode { nightly: Some("-Zsanitizer=address -Cllvm-args=-asan-stack=0"), ..mode("address", &["system-allocator"], "release", 6) },
    Mode {
        nightly: Some("-Zsanitizer=thread -Cllvm-args=-tsan-instrument-func-entry-exit=0"),
        library: true,
        ..mode("thread", &["system-allocator"], "release", 20)
    },
];

const fn mode(name: &'static str, features: &'static [&'static str], profile: &'static str, slowness: u32) -> Mode {
    Mode { name, features, profile, slowness, nightly: None, library: false }
}

const TARGET: &str = "x86_64-unknown-linux-gnu";
const PARTS: &[&str] = &["unit", "diff", "random", "foundations"];

/// `cargo xtask zeal [MODE...] [--part PART]`: all modes of the stable compiler, and all parts, without any.
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let parts: Vec<&str> = options.value("part").map_or(PARTS.to_vec(), |p| p.split(',').collect());
    if let Some(unknown) = parts.iter().find(|p| !PARTS.contains(p)) {
        return Err(format!("no part {unknown}: there are {}", PARTS.join(", ")));
    }
    let modes: Vec<&Mode> = if options.words.is_empty() {
        MODES.iter().filter(|mode| mode.nightly.is_none()).collect()
    } else {
        options.words.iter().map(|w| find(w)).collect::<Result<_, _>>()?
    };
    let mut totals = Totals::default();
    let mut summary = Vec::new();
    for mode in modes {
        if mode.nightly.is_some() && !command::has_nightly(root, &[]) {
            println!("SKIPPED: NO NIGHTLY COMPILER FOR MODE {}", mode.name);
            totals.skipped += 1;
            continue;
        }
        heading(&format!("{}: build", mode.name));
        let binary = build(root, mode)?;
        let inner = Options::default()
            .with("binary", &binary.to_string_lossy())
            .with("tag", mode.name)
            .with("slowness", &mode.slowness.to_string())
            .with("jobs", &options.jobs().to_string());
        for part in &parts {
            heading(&format!("{}: {part}", mode.name));
            let done = match *part {
                "unit" => unit_tests(root, mode)?,
                "diff" => diff::run(root, &inner)?,
                "random" => {
                    let mut done = random::run(root, &inner)?;
                    done.add(random::run(root, &inner.with("bytecode", ""))?);
                    done
                }
                _ => {
                    let list = root.join(conformance::HERE).join("foundations.txt");
                    conformance::run(root, &inner.with_words(&[list.to_string_lossy().as_ref()]))?
                }
            };
            summary.push(format!("{:<12} {part:<12} {} passed, {} failed, {} skipped", mode.name, done.passed, done.failed, done.skipped));
            totals.add(done);
        }
    }
    heading("sum");
    summary.iter().for_each(|line| println!("{line}"));
    Ok(totals)
}

fn find(name: &str) -> Result<&'static Mode, String> {
    let names: Vec<&str> = MODES.iter().map(|m| m.name).collect();
    MODES.iter().find(|m| m.name == name).ok_or(format!("no mode {name}: there are {}", names.join(", ")))
}

fn directory(root: &Path) -> PathBuf {
    target_dir(root).join("zeal")
}

fn cargo(root: &Path, mode: &Mode, words: &[&str]) -> Command {
    let mut command = match mode.nightly {
        Some(flags) => {
            let mut command = command::nightly_cargo(root);
            command.env("RUSTFLAGS", flags);
            command
        }
        None => Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
    };
    command.current_dir(root).args(words).args(["--profile", mode.profile, "--target-dir"]).arg(directory(root));
    if mode.nightly.is_some() {
        command.args(["--target", TARGET]);
    }
    if mode.library {
        command.arg("-Zbuild-std");
    }
    command
}

/// The executable of a mode, under a name of its own: the next mode's build goes to the same place.
fn build(root: &Path, mode: &Mode) -> Result<PathBuf, String> {
    let mut command = cargo(root, mode, &["build", "-p", "glulam"]);
    if !mode.features.is_empty() {
        command.args(["--features", &mode.features.join(",")]);
    }
    if !command.status().map_err(|e| format!("cargo: {e}"))?.success() {
        return Err(format!("glulam does not build in mode {}", mode.name));
    }
    let mut built = directory(root);
    if mode.nightly.is_some() {
        built.push(TARGET);
    }
    built.push(mode.profile);
    built.push("glulam");
    let binary = directory(root).join(format!("glulam-{}", mode.name));
    // not over a file that may still run
    let _ = std::fs::remove_file(&binary);
    std::fs::copy(&built, &binary).map_err(|e| format!("{}: {e}", built.display()))?;
    Ok(binary)
}

fn unit_tests(root: &Path, mode: &Mode) -> Result<Totals, String> {
    let mut command = cargo(root, mode, &["test", "-p", "glulam-vm", "-p", "glulam-stdlib", "--lib"]);
    let features: Vec<String> =
        mode.features.iter().filter(|f| f.starts_with("zeal")).map(|f| format!("glulam-vm/{f}")).collect();
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command.arg("--no-fail-fast");
    let limit = std::time::Duration::from_secs(1800);
    let out = command::run(&mut command, &directory(root).join(format!("unit-{}", mode.name)), limit);
    let lines = out.stdout.lines().filter(|l| l.starts_with("test result") || l.ends_with("FAILED") || l.contains("panicked"));
    lines.for_each(|l| println!("{l}"));
    if out.end == End::Exit(0) {
        return Ok(unit_test_totals(&out.stdout));
    }
    println!("{}", out.end);
    out.stderr.lines().rev().take(20).collect::<Vec<_>>().iter().rev().for_each(|l| println!("  {l}"));
    let mut totals = unit_test_totals(&out.stdout);
    totals.failed = totals.failed.max(1);
    Ok(totals)
}
