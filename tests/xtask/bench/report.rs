//! The results as a table and as JSON.

use super::Results;
use super::json::quote;
use super::measure::{Series, Spread, geometric_mean};
use std::fmt::Write;

/// The programs whose checksums differ, or that failed where they should run.
pub fn wrong(results: &Results) -> Vec<String> {
    let mut wrong = Vec::new();
    for (program, series) in results.programs.iter().zip(&results.series) {
        let mut sums: Vec<&str> = series.iter().flatten().filter_map(Series::checksum).collect();
        sums.dedup();
        if sums.len() > 1 {
            wrong.push(format!("{}: checksums differ: {}", program.name, sums.join(", ")));
        }
        for (runtime, series) in results.runtimes.iter().zip(series) {
            if let Some(why) = series.as_ref().and_then(|s| s.failed.as_ref()) {
                wrong.push(format!("{} on {runtime}: {why}", program.name));
            }
        }
    }
    wrong
}

/// The time of the first runtime, glulam, by that of runtime `other`, for each program that both ran.
pub fn ratios(results: &Results, other: usize, of: fn(&Series) -> Option<Spread>) -> Vec<(usize, f64)> {
    results
        .series
        .iter()
        .enumerate()
        .filter_map(|(i, series)| {
            let (ours, theirs) = (of(series[0].as_ref()?)?, of(series.get(other)?.as_ref()?)?);
            (ours.median > 0.0 && theirs.median > 0.0).then_some((i, ours.median / theirs.median))
        })
        .collect()
}

/// The cores of the machine, whatever this process is kept on later.
pub fn cores() -> usize {
    static CORES: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, |n| n.get()))
}

pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")).map_or("unknown processor", |m| {
        m.trim_start_matches([' ', '\t', ':'])
    });
    let cores = cores();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes: u64 = memory
        .lines()
        .find_map(|l| l.strip_prefix("MemTotal:"))
        .and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {cores} cores, {} GB, Linux {}", kilobytes.div_ceil(1 << 20), kernel.trim())
}

/// The day, in the calendar of the standard.
pub fn date() -> String {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (mut day, mut year) = (seconds / 86_400, 1970);
    let leap = |y: u64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

pub fn print(results: &Results) {
    println!("{}, {}", date(), machine());
    for (name, version) in results.runtimes.iter().zip(&results.versions) {
        println!("  {name}: {version}");
    }
    println!("Median milliseconds elapsed of {} rounds; (cpu) is user and system time; the spread is", results.rounds);
    println!("from the lowest to the highest round, in parts of the median; a ratio is glulam's time by theirs.\n");
    print!("{:<20}", "");
    for name in &results.runtimes {
        print!("{:>9} {:>8} {:>6}", tail(name), "(cpu)", "spread");
    }
    for name in &results.runtimes[1..] {
        print!("{:>10} {:>7}", format!("/{}", tail(name)), "(cpu)");
    }
    println!();
    for (program, series) in results.programs.iter().zip(&results.series) {
        print!("{:<20}", program.name);
        for series in series {
            match series.as_ref().and_then(|s| Some((s.elapsed()?, s.cpu()?))) {
                Some((e, c)) => {
                    let spread = format!("{:.0}%", (e.high - e.low) / e.median * 100.0);
                    print!("{:>9.1} {:>8} {:>6}", e.median, format!("({:.0})", c.median), spread);
                }
                None => print!("{:>9} {:>8} {:>6}", "-", "", ""),
            }
        }
        for other in &series[1..] {
            let ratio = |of: fn(&Series) -> Option<Spread>| {
                let (ours, theirs) = (series[0].as_ref().and_then(of)?, other.as_ref().and_then(of)?);
                (theirs.median > 0.0).then(|| format!("{:.2}", ours.median / theirs.median))
            };
            let show = |ratio: Option<String>| ratio.unwrap_or("-".into());
            print!("{:>10} {:>7}", show(ratio(Series::elapsed)), format!("({})", show(ratio(Series::cpu))));
        }
        println!();
    }
    print!("{:<20}{:>width$}", "geometric mean", "", width = results.runtimes.len() * 25);
    for other in 1..results.runtimes.len() {
        let ratios = |of| ratios(results, other, of).iter().map(|r| r.1).collect::<Vec<f64>>();
        let (elapsed, cpu) = (ratios(Series::elapsed), ratios(Series::cpu));
        match elapsed.is_empty() {
            true => print!("{:>10} {:>7}", "-", ""),
            false => print!("{:>10.3} {:>7}", geometric_mean(&elapsed), format!("({:.2})", geometric_mean(&cpu))),
        }
    }
    println!();
    figures(results);
    for (program, lines) in &results.scaling {
        for (name, times) in lines {
            let gain: Vec<String> = times.iter().map(|t| format!("{t:.1} ms ({:.2})", times[0] / t)).collect();
            println!("{program} on 1, 2, ... cores, {name}: {}", gain.join(", "));
        }
    }
    for line in wrong(results) {
        println!("WRONG {line}");
    }
}

/// The end of a name that is long, as paths are.
fn tail(name: &str) -> &str {
    name.char_indices().rev().nth(7).map_or(name, |(at, _)| &name[at..])
}

/// What programs measured besides time, and the peak of memory of those of the kind `memory`.
fn figures(results: &Results) {
    for (program, series) in results.programs.iter().zip(&results.series) {
        for (runtime, series) in results.runtimes.iter().zip(series) {
            let Some(series) = series else { continue };
            for (name, value) in series.figures() {
                println!("{} {}: {} {:.0}", program.name, name.replace('_', " "), runtime, value.median);
            }
            if let Some(peak) = series.peak().filter(|_| program.kind == "memory") {
                println!("{} peak memory: {} {:.0} MB", program.name, runtime, peak.median);
            }
        }
    }
}

pub fn json(results: &Results) -> String {
    let mut out = String::new();
    let _ = write!(out, "{{\"date\":{},\"machine\":{},", quote(&date()), quote(&machine()));
    let _ = write!(out, "\"rounds\":{},\"runs\":{},\"runtimes\":[", results.rounds, results.runs);
    list(&mut out, results.runtimes.iter().zip(&results.versions), |out, (name, version)| {
        let _ = write!(out, "{{\"name\":{},\"version\":{}}}", quote(name), quote(version));
    });
    out.push_str("],\"programs\":[");
    list(&mut out, results.programs.iter().zip(&results.series), |out, (program, series)| {
        let _ = write!(out, "\n{{\"name\":{},\"kind\":{},", quote(&program.name), quote(&program.kind));
        let _ = write!(out, "\"size\":{},\"results\":{{", program.size);
        let ran = results.runtimes.iter().zip(series).filter_map(|(r, s)| Some((r, s.as_ref()?)));
        list(out, ran, |out, (runtime, series)| {
            let _ = write!(out, "{}:{{\"checksum\":{}", quote(runtime), quote(series.checksum().unwrap_or("")));
            if let Some(why) = &series.failed {
                let _ = write!(out, ",\"failed\":{}", quote(why));
            }
            let named = [
                ("elapsed_ms", series.elapsed()),
                ("cold_ms", series.cold()),
                ("cpu_ms", series.cpu()),
                ("peak_mb", series.peak()),
            ];
            let figures = series.figures();
            let all = named.into_iter().filter_map(|(n, s)| Some((n, s?)));
            for (name, s) in all.chain(figures.iter().map(|(n, s)| (n.as_str(), *s))) {
                let _ = write!(out, ",{}:[{:.3},{:.3},{:.3}]", quote(name), s.low, s.median, s.high);
            }
            for (name, histogram) in series.histograms() {
                let _ = write!(out, ",{}:{{", quote(&format!("{name}_histogram")));
                list(out, histogram.iter(), |out, (low, count)| {
                    let _ = write!(out, "\"{low}\":{count}");
                });
                out.push('}');
            }
            out.push('}');
        });
        out.push_str("}}");
    });
    out.push_str("],\"scaling_ms\":{");
    list(&mut out, results.scaling.iter(), |out, (program, lines)| {
        let _ = write!(out, "{}:{{", quote(program));
        list(out, lines.iter(), |out, (name, times)| {
            let times: Vec<String> = times.iter().map(|t| format!("{t:.3}")).collect();
            let _ = write!(out, "{}:[{}]", quote(name), times.join(","));
        });
        out.push('}');
    });
    out.push_str("}}\n");
    out
}

fn list<T>(out: &mut String, items: impl Iterator<Item = T>, mut each: impl FnMut(&mut String, T)) {
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(',');
        }
        each(out, item);
    }
}
