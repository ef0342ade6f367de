//! The whole of the tests as one command: unit tests of all crates, the rules of the repository,
//! differential programs, OTP's compiler, and the chosen conformance suites; one sum at the end.

use crate::command;
use crate::known::Totals;
use crate::options::Options;
use crate::{conformance, diff, random, recompile, seeds};
use std::path::Path;
use std::process::{Command, Stdio};

pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let mut totals = Totals::default();
    let mut summary = Vec::new();
    let mut add = |name: &str, part: Totals| {
        summary.push(format!("{name:<14} {} passed, {} failed, {} skipped", part.passed, part.failed, part.skipped));
        totals.add(part);
    };

    heading("build");
    let built = cargo(root).args(["build", "--release", "-p", "glulam"]).status().map_err(|e| e.to_string())?;
    if !built.success() {
        return Err("glulam does not build".into());
    }
    heading("unit tests");
    add("unit tests", unit_tests(root)?);
    heading("differential programs");
    add("differential", diff::run(root, options)?);
    heading("random programs");
    add("random", random::run(root, options)?);
    add("random code", random::run(root, &options.with("bytecode", ""))?);
    heading("seeded runs");
    add("seeded runs", seeds::repeatable(root, options, &[1, 2, 3])?);
    heading("OTP's compiler");
    add("recompile", recompile::run(root, options)?);
    heading("conformance");
    if command::find_on_path("erlc").is_some() {
        add("conformance", conformance::run(root, options)?);
    } else {
        println!("SKIPPED: NO `erlc` ON THE PATH TO COMPILE OTP'S SUITES WITH");
    }
    heading("sum");
    summary.iter().for_each(|line| println!("{line}"));
    Ok(totals)
}

pub fn heading(text: &str) {
    println!("\n== {text}");
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// `cargo test` over the workspace, with the optimisation of a release: some tests walk every module
/// of an installed OTP. The rules of `tidy` are among them.
fn unit_tests(root: &Path) -> Result<Totals, String> {
    let mut command = cargo(root);
    command.args(["test", "--workspace", "--release", "--no-fail-fast"]);
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    print!("{text}");
    let mut totals = unit_test_totals(&text);
    if !output.status.success() && totals.failed == 0 {
        // a crate that does not compile, or a test binary that was killed
        totals.failed = 1;
    }
    Ok(totals)
}

/// Sums the lines `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
pub fn unit_test_totals(text: &str) -> Totals {
    let mut totals = Totals::default();
    for line in text.lines().filter_map(|l| l.strip_prefix("test result: ")) {
        let words: Vec<&str> = line.split(|c: char| c.is_whitespace() || c == ';').filter(|w| !w.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<usize>() else { continue };
            match pair[1] {
                "passed" => totals.passed += count,
                "failed" => totals.failed += count,
                "ignored" => totals.skipped += count,
                _ => {}
            }
        }
    }
    totals
}

#[cfg(test)]
mod tests {
    #[test]
    fn result_lines_are_summed() {
        let text = "running 2 tests\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                    test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured\n";
        let t = super::unit_test_totals(text);
        assert_eq!((t.passed, t.failed, t.skipped), (4, 2, 1));
    }
}
