//! Seeded runs. A seed must give one interleaving, run after run, and seeds must differ: the programs
//! of `tests/seeds` print what depends on the interleaving. Then the differential programs run under
//! each seed: what they print must not depend on it.
//! Start reading at: `run`.

use crate::command::{self, End, Output};
use crate::diff;
use crate::known::{Totals, Verdict};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use crate::test::heading;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Runs of a program under each seed that must be the same.
const RUNS: usize = 3;

/// `cargo xtask seeds [FILTER...] [--seed FIRST] [--count N]`
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let count = options.number("count", 3)?;
    let first = options.number("seed", 1)?;
    let seeds: Vec<u64> = (first..first + count).collect();
    let mut totals = repeatable(root, options, &seeds)?;
    for seed in seeds {
        heading(&format!("differential programs with seed {seed}"));
        totals.add(diff::run(root, &options.with("run-seed", &seed.to_string()).with("tag", "seeded"))?);
    }
    Ok(totals)
}

/// The programs of `tests/seeds`, each under each seed.
pub fn repeatable(root: &Path, options: &Options, seeds: &[u64]) -> Result<Totals, String> {
    let mut totals = Totals::default();
    let work = target_dir(root).join("seeds");
    std::fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;
    let here = root.join("tests/seeds");
    let entries = std::fs::read_dir(&here).map_err(|e| format!("{}: {e}", here.display()))?;
    let mut programs: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    programs.retain(|path| path.extension().is_some_and(|ext| ext == "erl"));
    programs.sort();
    if command::find_on_path("erlc").is_none() {
        println!("SKIPPED: NO `erlc` ON THE PATH TO COMPILE THE SEEDED PROGRAMS WITH");
        totals.skipped = programs.len();
        return Ok(totals);
    }
    let mut erlc = Command::new("erlc");
    erlc.arg("-o").arg(&work).args(&programs);
    let out = command::run(&mut erlc, &work.join("erlc"), Duration::from_secs(600));
    if out.end != End::Exit(0) {
        return Err(format!("erlc: {}\n{}{}", out.end, out.stdout, out.stderr));
    }
    for program in &programs {
        let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut seen = BTreeSet::new();
        let mut same = true;
        for seed in seeds {
            let subject = Subject::under_test(root, &options.with("run-seed", &seed.to_string()))?;
            let runs: Vec<Output> = (0..RUNS)
                .map(|run| diff::module(&subject, &name, &work, &work.join(format!("{name}.{run}")), diff::LIMIT))
                .collect();
            for run in &runs {
                let equal = run.stdout == runs[0].stdout && run.end == End::Exit(0);
                if !equal {
                    println!("FAIL {name}: two runs with seed {seed} differ, or one failed ({})", run.end);
                    diff::explain(&runs[0], run);
                    same = false;
                }
            }
            seen.insert(runs[0].stdout.clone());
        }
        if seen.len() < seeds.len() {
            println!("FAIL {name}: different seeds gave the same interleaving");
        }
        totals.count(if same && seen.len() == seeds.len() { Verdict::Passed } else { Verdict::Failed });
    }
    Ok(totals)
}
