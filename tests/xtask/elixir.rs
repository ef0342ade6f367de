//! Elixir's own tests (its applications but mix) on glulam, test by test against what they do on `erl`.
//! The source comes from the source package of the installed Elixir; what runs is the installed one.
//! Start reading at: `run`.

use crate::command::{self, End};
use crate::known::{Known, Totals, Verdict};
use crate::options::Options;
use crate::source;
use crate::subject::{Subject, target_dir};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(1800);
/// The applications, and where each has its tests.
const APPLICATIONS: &[(&str, &str)] =
    &[("elixir", "test/elixir"), ("eex", "test"), ("logger", "test"), ("ex_unit", "test"), ("iex", "test")];
/// What the tests start by a path within their own tree.
const PROGRAMS: &[&str] = &["elixir", "elixirc", "iex", "mix"];

/// What ExUnit said at the end.
struct Outcome {
    /// Tests and doctests that ran.
    ran: usize,
    failed: BTreeSet<String>,
}

pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let tree = source::tree(root, &source::ELIXIR)?;
    let reference = Subject::reference(None).ok_or("no `erl` on the PATH to compare with")?;
    let subject = Subject::under_test(root, options)?;
    let pattern = options.words.first().map_or("*_test.exs", String::as_str);
    let work = target_dir(root).join("elixir");
    prepare(&reference, &tree, &work.join("erl"))?;
    prepare(&subject, &tree, &work.join("glulam"))?;
    let known = Known::read(&root.join("tests/conformance/elixir/known_failures.tsv"));
    let mut totals = Totals::default();
    for (application, tests) in APPLICATIONS {
        // One that has none of the tests asked for.
        let dir = tree.join("lib").join(application).join(tests);
        if pattern != "*_test.exs" && !has(&dir, pattern) {
            continue;
        }
        let expected = suite(&reference, &work.join("erl"), application, tests, pattern, 1)?;
        let got = suite(&subject, &work.join("glulam"), application, tests, pattern, options.slowness())?;
        totals.add(judge(application, &expected, &got, &known));
    }
    Ok(totals)
}

fn has(dir: &Path, pattern: &str) -> bool {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.into_iter().any(|e| e.file_name().to_string_lossy() == pattern || e.path().is_dir() && has(&e.path(), pattern))
}

fn judge(application: &str, expected: &Outcome, got: &Outcome, known: &Known) -> Totals {
    let mut totals = Totals { skipped: expected.failed.len(), ..Totals::default() };
    println!(
        "{application}: erl: {} ran, {} failed; glulam: {} ran, {} failed",
        expected.ran,
        expected.failed.len(),
        got.ran,
        got.failed.len()
    );
    for name in got.failed.difference(&expected.failed) {
        let verdict = known.judge(name, false);
        totals.count(verdict);
        if verdict == Verdict::Failed {
            println!("FAIL {name}");
        }
    }
    totals.failed += expected.ran.saturating_sub(got.ran);
    totals.passed = expected.ran.saturating_sub(totals.failed + totals.skipped);
    println!("{} of the {} tests that pass on erl pass here", totals.passed, expected.ran - expected.failed.len());
    totals
}

/// A copy of the tree to run the tests in, since they write beside themselves, with the programs that they start.
fn prepare(subject: &Subject, tree: &Path, work: &Path) -> Result<(), String> {
    let said = |e: std::io::Error| format!("{}: {e}", work.display());
    let _ = std::fs::remove_dir_all(work);
    std::fs::create_dir_all(work.join("bin")).map_err(said)?;
    let copied = Command::new("cp").arg("-r").arg(tree.join("lib")).arg(work.join("lib")).status().map_err(said)?;
    if !copied.success() {
        return Err(format!("{}: could not be copied", tree.display()));
    }
    for name in PROGRAMS {
        let program = subject.program(name);
        let mut script = String::from("#!/bin/sh\n");
        for (variable, value) in program.get_envs() {
            if let Some(value) = value {
                script.push_str(&format!("export {}='{}'\n", variable.to_string_lossy(), value.to_string_lossy()));
            }
        }
        script.push_str(&format!("exec '{}' \"$@\"\n", installed(program.get_program())?.display()));
        let path = work.join("bin").join(name);
        std::fs::write(&path, script).map_err(said)?;
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).map_err(said)?;
    }
    Ok(())
}

/// Runs the tests of one application.
fn suite(subject: &Subject, work: &Path, application: &str, tests: &str, pattern: &str, slowness: u32) -> Result<Outcome, String> {
    let mut elixir = subject.program("elixir");
    elixir.arg("-r").arg(format!("{tests}/test_helper.exs")).arg("-pr").arg(format!("{tests}/**/{pattern}"));
    elixir.current_dir(work.join("lib").join(application));
    let log = work.join(format!("tests_{application}"));
    let output = command::run(&mut elixir, &log, LIMIT * slowness);
    match output.end {
        End::Exit(_) => outcome(&output.stdout),
        end => Err(format!("{}: tests of {application}: {end}; what they said is in {}.out", subject.name, log.display())),
    }
}

fn installed(program: &std::ffi::OsStr) -> Result<PathBuf, String> {
    let name = program.to_string_lossy();
    command::find_on_path(&name).ok_or(format!("no program {name}"))
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let failed = text.lines().filter_map(|line| {
        let (number, name) = line.strip_prefix(' ')?.trim_start().split_once(") ")?;
        number.parse::<u32>().ok()?;
        Some(name.trim().to_string())
    });
    let totals = text.lines().rev().find(|l| l.contains(" tests, ") && l.contains(" failure"));
    let numbers = totals.ok_or("Elixir's tests came to no end")?.split(", ");
    let ran = numbers
        .filter_map(|part| part.split_once(' '))
        .filter(|(_, what)| matches!(*what, "tests" | "doctests" | "test" | "doctest"))
        .filter_map(|(n, _)| n.parse::<usize>().ok())
        .sum();
    Ok(Outcome { ran, failed: failed.collect() })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_end_of_a_run_is_read() {
        let text = "...\n\n  1) test a b (ATest)\n     x\n 12) doctest C.d/1 (3) (CTest)\n\n2 doctests, 40 tests, 2 failures, 1 excluded\n";
        let outcome = super::outcome(text).unwrap();
        assert_eq!(outcome.ran, 42);
        assert_eq!(outcome.failed.iter().map(String::as_str).collect::<Vec<_>>(), ["doctest C.d/1 (3) (CTest)", "test a b (ATest)"]);
    }
}
