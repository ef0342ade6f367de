//! OTP's own test suites on glulam, case by case against what they do on `erl`.
//!
//! The suites come from the source package of the installed OTP (`tests/conformance/fetch.sh`
//! puts it into a cache outside the repository; `GLULAM_OTP_SRC` names another tree). Compilation
//! and C programs are done by the host's own tools; only the run uses glulam.
//! Start reading at: `run`.

mod again;
mod baseline;
mod cases;
mod emulator;
mod page;
mod prepare;

use crate::command::{self, End};
use crate::known::{Known, Totals, Verdict};
use crate::options::Options;
use crate::source;
use crate::subject::{Subject, target_dir};
use baseline::Baseline;
use cases::{CaseResult, Outcome};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const HERE: &str = "tests/conformance/otp";

/// One suite of one application.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Suite {
    pub area: String,
    pub name: String,
    pub source: PathBuf,
}

impl Suite {
    fn key(&self) -> String {
        format!("{}/{}", self.area, self.name)
    }
}

/// How suites are run.
pub struct Limits {
    pub case: Duration,
    pub suite: Duration,
    /// Start the emulator as a node with a name.
    pub dist: bool,
    /// Only these cases.
    pub only: String,
}

struct Row {
    totals: Totals,
    erl_passes: usize,
    differences: Vec<String>,
    /// The cases of the differences that are failures.
    failed: Vec<String>,
    /// Cases that passed when they were run again, and why they had failed.
    again: Vec<String>,
    took: Duration,
    results: Vec<CaseResult>,
}

pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let source = source::tree(root, &source::OTP)?;
    let all = find_suites(&source)?;
    let suites = select(root, &all, &options.words)?;
    if options.flag("page") {
        return page::write(root, &all, &limits(options)?);
    }
    let subject = Subject::under_test(root, options)?;
    let limits = limits(options)?;
    let baseline = Baseline::read(&root.join(HERE).join("baseline.tsv"))?;
    let mut known = Known::read(&root.join(HERE).join("known_failures.tsv"));
    // A build that does the rare thing always has some of its own.
    if let Some(tag) = options.value("tag") {
        known = known.and(Known::read(&root.join(HERE).join(format!("known_failures_{tag}.tsv"))));
    }
    let build = target_dir(root).join("conformance");
    prepare::runner(&root.join(HERE).join("runner"), &build)?;

    // the suites of an application share helper modules and one directory
    let compiling = Mutex::new(());
    let runs = command::parallel(&suites, options.jobs(), |suite| {
        let prepared = {
            let _alone = compiling.lock().unwrap_or_else(|p| p.into_inner());
            prepare::suite(suite, &root.join(HERE).join("runner"), &build, options.flag("fresh"))
        };
        let started = Instant::now();
        let results = match prepared {
            Ok(()) => emulator::run(&subject, suite, &build, &limits),
            Err(why) => vec![CaseResult::new("compile", Outcome::Fail, why)],
        };
        if options.flag("verbose") {
            eprintln!("{}: {} cases", suite.key(), results.len());
        }
        (results, started.elapsed())
    });
    let judge = |suite, results, took| judge(suite, results, &baseline, &known, &limits, took);
    let mut rows: Vec<Row> =
        suites.iter().zip(runs).map(|(suite, (results, took))| judge(suite, results, took)).collect();
    if rows.iter().map(|row| row.failed.len()).sum::<usize>() <= again::MOST {
        for (suite, row) in suites.iter().zip(&mut rows).filter(|(_, row)| !row.failed.is_empty()) {
            let mut results = std::mem::take(&mut row.results);
            again::run(&subject, suite, &build, &limits, &row.failed, &mut results);
            *row = judge(suite, results, row.took);
        }
    }
    // What another executable does, or a part of the cases, is not what the page tells of.
    let is_usual = ["erl", "binary", "tag"].iter().all(|option| options.value(option).is_none());
    if limits.only.is_empty() && is_usual {
        for (suite, row) in suites.iter().zip(&rows) {
            if let Err(e) = page::keep(root, suite, &row.results) {
                eprintln!("{}: the results are not kept: {e}", suite.key());
            }
        }
    }
    print_table(&suites, &rows);
    if let Some(path) = options.value("results") {
        write_results(Path::new(path), &suites, &rows).map_err(|e| format!("{path}: {e}"))?;
    }
    let mut totals = Totals::default();
    rows.iter().for_each(|row| totals.add(row.totals));
    Ok(totals)
}

fn limits(options: &Options) -> Result<Limits, String> {
    Ok(Limits {
        case: Duration::from_millis(options.number("case-timeout", 30_000)?) * options.slowness(),
        suite: Duration::from_secs(options.number("suite-timeout", 900)?) * options.slowness(),
        dist: !options.flag("no-dist"),
        only: options.value("only").unwrap_or_default().to_string(),
    })
}

fn find_suites(source: &Path) -> Result<Vec<Suite>, String> {
    let mut suites = Vec::new();
    for area in ["emulator", "stdlib", "kernel", "compiler", "crypto"] {
        let dir = if area == "emulator" { "erts/emulator/test".into() } else { format!("lib/{area}/test") };
        let dir = source.join(dir);
        let entries = std::fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for path in entries.flatten().map(|e| e.path()) {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let name = file.strip_suffix(".erl").or(file.strip_suffix(".core"));
            if let Some(name) = name.filter(|n| n.ends_with("_SUITE")) {
                suites.push(Suite { area: area.into(), name: name.into(), source: path });
            }
        }
    }
    suites.sort();
    Ok(suites)
}

/// `SUITE`, `area/SUITE`, `area`, or a file of such words; the set that CI runs without any.
fn select(root: &Path, all: &[Suite], words: &[String]) -> Result<Vec<Suite>, String> {
    let default = [root.join(HERE).join("chosen.txt").to_string_lossy().into_owned()];
    let words = if words.is_empty() { &default } else { words };
    let mut chosen = Vec::new();
    for word in words {
        if word.ends_with(".txt") {
            let text = std::fs::read_to_string(word).map_err(|e| format!("{word}: {e}"))?;
            let lines = text.lines().filter(|l| !l.starts_with('#'));
            let inner: Vec<String> = lines.flat_map(str::split_whitespace).map(String::from).collect();
            chosen.extend(select(root, all, &inner)?);
            continue;
        }
        let full = format!("{word}_SUITE");
        let fits = |s: &&Suite| {
            *word == s.area || *word == s.name || *word == s.key() || full == s.name || full == s.key()
        };
        let before = chosen.len();
        chosen.extend(all.iter().filter(fits).cloned());
        if chosen.len() == before {
            return Err(format!("no suite is called {word}"));
        }
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

fn judge(
    suite: &Suite,
    results: Vec<CaseResult>,
    baseline: &Baseline,
    known: &Known,
    limits: &Limits,
    took: Duration,
) -> Row {
    let mut row = Row {
        totals: Totals::default(),
        erl_passes: 0,
        differences: Vec::new(),
        failed: Vec::new(),
        again: Vec::new(),
        took,
        results,
    };
    // a case may stand in several groups: the n-th here is the n-th there
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for result in &row.results {
        let nth = seen.entry(&result.case).or_default();
        let expected = baseline.result(suite, &result.case, *nth);
        *nth += 1;
        let name = format!("{}:{}", suite.key(), result.case);
        if expected != Some(Outcome::Pass) {
            // what `erl` fails or skips counts neither way
            row.totals.count(Verdict::Skipped);
            continue;
        }
        row.erl_passes += 1;
        let verdict = known.judge(&name, result.outcome == Outcome::Pass);
        row.totals.count(verdict);
        match verdict {
            Verdict::Failed => {
                row.differences.push(format!("{name}: passes on erl, here {result}"));
                row.failed.push(result.case.clone());
            }
            Verdict::UnexpectedPass => row.differences.push(format!("{name}: passes, but is listed as a known failure")),
            _ => {}
        }
        if let Some(why) = again::at_first(result) {
            row.again.push(format!("{name}: {why}"));
        }
    }
    if limits.only.is_empty() {
        for (case, count) in baseline.passes(suite) {
            let missing = count.saturating_sub(seen.get(case).copied().unwrap_or(0));
            for _ in 0..missing {
                row.erl_passes += 1;
                let name = format!("{}:{case}", suite.key());
                let verdict = known.judge(&name, false);
                row.totals.count(verdict);
                if verdict == Verdict::Failed {
                    row.differences.push(format!("{name}: passes on erl, did not run here"));
                    row.failed.push(case.to_string());
                }
            }
        }
    }
    row
}

fn print_table(suites: &[Suite], rows: &[Row]) {
    println!("{:<42} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7}", "suite", "on erl", "passed", "failed", "known", "skipped", "seconds");
    for (suite, row) in suites.iter().zip(rows) {
        let t = row.totals;
        println!(
            "{:<42} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7}",
            suite.key(),
            row.erl_passes,
            t.passed,
            t.failed,
            t.known,
            t.skipped - t.known,
            row.took.as_secs()
        );
    }
    let differences: Vec<&String> = rows.iter().flat_map(|r| &r.differences).collect();
    if !differences.is_empty() {
        println!("\ndifferences from erl:");
        differences.iter().for_each(|d| println!("  {d}"));
    }
    let again: Vec<&String> = rows.iter().flat_map(|r| &r.again).collect();
    if !again.is_empty() {
        println!("\npassed when run again by themselves, and had failed with:");
        again.iter().for_each(|line| println!("  {line}"));
    }
    let of: usize = rows.iter().map(|r| r.erl_passes).sum();
    let passed: usize = rows.iter().map(|r| r.totals.passed).sum();
    println!("\n{passed} of the {of} cases that pass on erl pass here");
}

fn write_results(path: &Path, suites: &[Suite], rows: &[Row]) -> std::io::Result<()> {
    let mut text = String::from("# area\tsuite\tcase\tresult\tms\treason\n");
    for (suite, row) in suites.iter().zip(rows) {
        for r in &row.results {
            text.push_str(&format!(
                "{}\t{}\t{}\t{}\t{}\t{}\n",
                suite.area,
                suite.name,
                r.case,
                r.outcome,
                r.milliseconds,
                r.reason.replace('\t', " ")
            ));
        }
    }
    std::fs::write(path, text)
}

/// How an emulator ended, for a case that was running then.
fn ending(end: &End) -> String {
    match end {
        End::TimedOut => "the suite's time ran out here".into(),
        end => format!("the emulator ended here ({end})"),
    }
}
