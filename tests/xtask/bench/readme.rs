//! What is said of results kept as JSON: the table in README, and whether two runs agree.

use super::json::Value;
use super::measure::geometric_mean;
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- bench: begin -->";
const END: &str = "<!-- bench: end -->";

fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Value::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn names(results: &Value) -> Vec<&str> {
    let all = results.get("runtimes").map_or(&[][..], Value::list);
    all.iter().filter_map(|r| r.get("name")?.text()).collect()
}

fn median(program: &Value, runtime: &str, figure: &str) -> Option<f64> {
    program.get("results")?.get(runtime)?.get(figure)?.list().get(1)?.number().filter(|n| *n > 0.0)
}

/// The programs that both ran, with glulam's time by the other's.
fn ratios<'a>(results: &'a Value, other: &str) -> Vec<(&'a str, f64)> {
    let ratio = |p: &'a Value| {
        let ratio = median(p, "glulam", "elapsed_ms")? / median(p, other, "elapsed_ms")?;
        Some((p.get("name")?.text()?, ratio))
    };
    let mut all: Vec<_> = results.get("programs").map_or(&[][..], Value::list).iter().filter_map(ratio).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all
}

/// Puts the table into README, between its markers.
pub fn write(root: &Path, json: &Path) -> Result<(), String> {
    let results = read(json)?;
    replace(&root.join("README.md"), BEGIN, END, &table(&results))
}

/// Replaces what stands between two marker lines of a file.
pub fn replace(path: &Path, begin: &str, end: &str, lines: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let cut = text.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, behind) = cut.ok_or(format!("{}: no {begin} with {end} behind it", path.display()))?;
    super::write(path, &format!("{before}{begin}\n{lines}{end}{behind}"))
}

fn table(results: &Value) -> String {
    let said = |key: &str| results.get(key).and_then(Value::text).unwrap_or("unknown");
    let mut out = format!(
        "glulam's time by theirs, below 1 is better; medians of {} rounds, {}, {}.\n\n\
         | beside | programs | geometric mean | furthest ahead | furthest behind |\n|---|---|---|---|---|\n",
        results.get("rounds").and_then(Value::number).unwrap_or(0.0),
        said("date"),
        said("machine"),
    );
    for (i, other) in names(results).into_iter().enumerate().skip(1) {
        let version = results.get("runtimes").and_then(|r| r.list()[i].get("version")?.text()).unwrap_or("");
        let ratios = ratios(results, other);
        if ratios.is_empty() {
            continue;
        }
        let mean = geometric_mean(&ratios.iter().map(|r| r.1).collect::<Vec<f64>>());
        let show = |all: Vec<&(&str, f64)>| match all.is_empty() {
            true => "-".to_string(),
            false => all.iter().map(|(name, r)| format!("{name} {r:.2}")).collect::<Vec<_>>().join(", "),
        };
        let ahead = show(ratios.iter().filter(|r| r.1 < 1.0).take(5).collect());
        let behind = show(ratios.iter().rev().filter(|r| r.1 > 1.0).take(5).collect());
        let _ = writeln!(out, "| {other} ({version}) | {} | {mean:.2} | {ahead} | {behind} |", ratios.len());
    }
    let memory = results.get("programs").map_or(&[][..], Value::list).iter().find_map(|program| {
        let bytes = |runtime: &str| median(program, runtime, "bytes_a_process").map(|b| format!("{runtime} {b:.0}"));
        let all: Vec<String> = names(results).into_iter().filter_map(bytes).collect();
        (!all.is_empty()).then(|| all.join(", "))
    });
    if let Some(memory) = memory {
        let _ = writeln!(out, "\nResident bytes for each waiting process (goroutine, task, promise): {memory}.");
    }
    out
}

/// Whether the geometric means of two runs are within 5 % of each other.
pub fn agree(one: &Path, two: &Path) -> Result<bool, String> {
    let (one, two) = (read(one)?, read(two)?);
    let mut within = true;
    for other in names(&one).into_iter().skip(1).filter(|n| names(&two).contains(n)) {
        let (a, b) = (ratios(&one, other), ratios(&two, other));
        let both: Vec<(f64, f64)> = a
            .iter()
            .filter_map(|(name, x)| Some((*x, b.iter().find(|(n, _)| n == name)?.1)))
            .collect();
        if both.is_empty() {
            continue;
        }
        let mean = |of: fn(&(f64, f64)) -> f64| geometric_mean(&both.iter().map(of).collect::<Vec<f64>>());
        let (x, y) = (mean(|r| r.0), mean(|r| r.1));
        let apart = (x / y).max(y / x) - 1.0;
        println!("/{other}: {} programs, geometric means {x:.3} and {y:.3}, {:.1} % apart", both.len(), apart * 100.0);
        within &= apart <= 0.05;
    }
    Ok(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_tells_where_it_is_behind() {
        let text = r#"{"date":"2026-01-01","machine":"m","rounds":5,"runtimes":[{"name":"glulam","version":"1"},
            {"name":"erl","version":"OTP"}],"programs":[
            {"name":"a","results":{"glulam":{"elapsed_ms":[1,2,3]},"erl":{"elapsed_ms":[1,1,1]}}},
            {"name":"b","results":{"glulam":{"elapsed_ms":[1,1,3]},"erl":{"elapsed_ms":[1,2,3]}}},
            {"name":"c","results":{"glulam":{"elapsed_ms":[1,1,3]}}}]}"#;
        let table = table(&Value::parse(text).unwrap());
        assert!(table.contains("| erl (OTP) | 2 | 1.00 | b 0.50 | a 2.00 |"), "{table}");
    }
}
