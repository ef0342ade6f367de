//! Results that are kept: one file for each suite that ran whole, and from all of them a JSON file, the
//! page `docs/conformance.md`, and the sums in README.

use super::baseline::Baseline;
use super::cases::{CaseResult, Outcome};
use super::{HERE, Limits, Row, Suite, judge};
use crate::known::{Known, Totals};
use crate::subject::target_dir;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The page, and where it stands.
pub const PAGE: &str = "docs/conformance.md";

/// Where the sums stand in README.
const BEGIN: &str = "<!-- conformance: begin -->";
const END: &str = "<!-- conformance: end -->";

fn store(root: &Path) -> PathBuf {
    target_dir(root).join("conformance/results")
}

/// Keeps the results of a suite that ran whole.
pub fn keep(root: &Path, suite: &Suite, results: &[CaseResult]) -> std::io::Result<()> {
    fs::create_dir_all(store(root))?;
    let mut text = format!("# {}\n", crate::bench::date());
    for r in results {
        let _ = writeln!(text, "{}\t{}\t{}\t{}", r.case, r.outcome, r.milliseconds, r.reason.replace(['\t', '\n'], " "));
    }
    fs::write(store(root).join(format!("{}.{}.tsv", suite.area, suite.name)), text)
}

/// The day on which a suite last ran whole, and its results.
fn kept(root: &Path, suite: &Suite) -> Option<(String, Vec<CaseResult>)> {
    let text = fs::read_to_string(store(root).join(format!("{}.{}.tsv", suite.area, suite.name))).ok()?;
    let (first, rest) = text.split_once('\n')?;
    let result = |line: &str| {
        let mut cells = line.splitn(4, '\t');
        let case = cells.next()?.to_string();
        let outcome = Outcome::parse(cells.next()?)?;
        let milliseconds = cells.next()?.parse().ok()?;
        Some(CaseResult { case, outcome, milliseconds, reason: cells.next()?.to_string() })
    };
    Some((first.trim_start_matches("# ").to_string(), rest.lines().filter_map(result).collect()))
}

struct Kept<'a> {
    suite: &'a Suite,
    day: String,
    row: Row,
}

/// Writes `target/conformance/results.json` and the page from all that is kept.
pub fn write(root: &Path, suites: &[Suite], limits: &Limits) -> Result<Totals, String> {
    let baseline = Baseline::read(&root.join(HERE).join("baseline.tsv"))?;
    let known = Known::read(&root.join(HERE).join("known_failures.tsv"));
    let mut all = Vec::new();
    let mut missing = Vec::new();
    for suite in suites {
        match kept(root, suite) {
            Some((day, results)) => {
                let row = judge(suite, results, &baseline, &known, limits, Duration::ZERO);
                all.push(Kept { suite, day, row });
            }
            None if baseline.passes(suite).next().is_some() => missing.push(suite),
            None => {}
        }
    }
    let json = target_dir(root).join("conformance/results.json");
    fs::write(&json, json_text(&all)).map_err(|e| format!("{}: {e}", json.display()))?;
    let page = root.join(PAGE);
    fs::write(&page, page_text(&all, &missing, &known)).map_err(|e| format!("{}: {e}", page.display()))?;
    crate::bench::readme::replace(&root.join("README.md"), BEGIN, END, &readme_text(&all))?;
    println!("{} suites: {PAGE}, README.md and {}", all.len(), json.display());
    let mut totals = Totals::default();
    all.iter().for_each(|one| totals.add(one.row.totals));
    Ok(totals)
}

/// The day of the last run of any suite.
fn last_day<'a>(all: &'a [Kept<'_>]) -> &'a str {
    all.iter().map(|one| one.day.as_str()).max().unwrap_or_default()
}

fn by_area<'a>(all: &'a [Kept<'a>]) -> BTreeMap<&'a str, Vec<&'a Kept<'a>>> {
    let mut areas: BTreeMap<&str, Vec<&Kept<'_>>> = BTreeMap::new();
    for one in all {
        areas.entry(&one.suite.area).or_default().push(one);
    }
    areas
}

/// One line for each application, and their sum.
fn sums(all: &[Kept<'_>]) -> String {
    let mut out =
        String::from("| application | pass on erl | pass here | of them | known | failed |\n|---|--:|--:|--:|--:|--:|\n");
    for (area, suites) in by_area(all) {
        sum_line(&mut out, area, &suites);
    }
    sum_line(&mut out, "all", &all.iter().collect::<Vec<_>>());
    out
}

fn readme_text(all: &[Kept<'_>]) -> String {
    format!(
        "OTP's own test suites, those of Erlang/OTP 25.2.3 beside `erl` of that version: {} suites, the last whole run \
         of each until {}. [{PAGE}]({PAGE}) has them one by one, with a reason for every case that is known to fail.\n\n{}",
        all.len(),
        last_day(all),
        sums(all)
    )
}

fn page_text(all: &[Kept<'_>], missing: &[&Suite], known: &Known) -> String {
    let day = last_day(all);
    let mut out = String::from("# OTP's own suites\n\n");
    let _ = writeln!(
        out,
        "Made by `cargo xtask conformance --page` from the last whole run of each suite ({day}). `erl` is Erlang/OTP \
         25.2.3, whose suites these are, under the same runner ([testing.md](testing.md)). A case counts if it passes \
         there. *Known* fail here for the reasons below; *failed* are in no list.\n"
    );
    out.push_str(&sums(all));
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|suite| suite.key()).collect();
        let _ = writeln!(out, "\nNot run: {}.", names.join(", "));
    }
    for (area, suites) in by_area(all) {
        let _ = writeln!(out, "\n## {area}\n\n| suite | pass on erl | pass here | known | failed |\n|---|--:|--:|--:|--:|");
        for one in suites {
            let t = one.row.totals;
            let _ = writeln!(out, "| {} | {} | {} | {} | {} |", one.suite.name, one.row.erl_passes, t.passed, t.known, t.failed);
        }
    }
    let again: Vec<&String> = all.iter().flat_map(|one| &one.row.again).collect();
    if !again.is_empty() {
        let _ = writeln!(out, "\n## Passed when run again\n\nFailed in the suite and passed by themselves.\n");
        for line in again {
            let _ = writeln!(out, "- `{}`", line.replace('`', "'"));
        }
    }
    let _ = writeln!(out, "\n## Known failures\n\nBy reason; a case in *italics* goes either way.");
    for (reason, cases) in known.by_reason() {
        let (text, flaky) = match reason.strip_prefix("flaky:") {
            Some(text) => (text.trim(), true),
            None => (reason, false),
        };
        let _ = writeln!(out, "\n**{text}** ({})", cases.len());
        let mut suites: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for name in cases {
            let (suite, case) = name.split_once(':').unwrap_or((name, ""));
            suites.entry(suite).or_default().push(if flaky { format!("*{case}*") } else { case.replace('_', "\\_") });
        }
        for (suite, cases) in suites {
            let _ = writeln!(out, "- {}: {}", suite.replace('_', "\\_"), cases.join(", "));
        }
    }
    out
}

fn sum_line(out: &mut String, name: &str, suites: &[&Kept<'_>]) {
    let erl: usize = suites.iter().map(|one| one.row.erl_passes).sum();
    let mut sum = Totals::default();
    suites.iter().for_each(|one| sum.add(one.row.totals));
    let percent = if erl == 0 { 100.0 } else { sum.passed as f64 * 100.0 / erl as f64 };
    let _ = writeln!(out, "| {name} | {erl} | {} | {percent:.1} % | {} | {} |", sum.passed, sum.known, sum.failed);
}

fn json_text(all: &[Kept<'_>]) -> String {
    let suites: Vec<String> = all
        .iter()
        .map(|one| {
            let t = one.row.totals;
            let case = |r: &CaseResult| {
                format!(
                    "{{\"case\":{},\"result\":\"{}\",\"ms\":{},\"reason\":{}}}",
                    json_string(&r.case),
                    r.outcome,
                    r.milliseconds,
                    json_string(&r.reason)
                )
            };
            let cases: Vec<String> = one.row.results.iter().map(case).collect();
            format!(
                "{{\"suite\":{},\"day\":{},\"on_erl\":{},\"passed\":{},\"failed\":{},\"known\":{},\n \"cases\":[{}]}}",
                json_string(&one.suite.key()),
                json_string(&one.day),
                one.row.erl_passes,
                t.passed,
                t.failed,
                t.known,
                cases.join(",\n  ")
            )
        })
        .collect();
    format!("[{}]\n", suites.join(",\n"))
}

fn json_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn json_strings_are_escaped() {
        assert_eq!(super::json_string("a\"b\\\n"), "\"a\\\"b\\\\\\u000a\"");
    }
}
