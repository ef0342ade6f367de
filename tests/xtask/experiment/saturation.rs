//! How much of all cores is used by a pool of processes, by Task.async_stream and by mixed work; and what one hot
//! server costs.

use super::latency::row;
use super::service::Host;
use super::{Findings, Setting};
use crate::bench::report::cores;
use crate::bench::measure::{self, Series};
use crate::subject::target_dir;
use std::time::Duration;

/// Program, its size, what it is.
const PROGRAMS: &[(&str, u64, &str)] = &[
    ("parallel_map", 20_000, "pool of processes"),
    ("async_stream", 20_000, "Task.async_stream"),
    ("mixed_load", 5_000, "mixed load"),
];

pub fn run(setting: &Setting<'_>) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let mut rows = vec![row(["work", "runtime", "elapsed ms", "processor ms", "share of all cores"])];
    for (program, size, what) in PROGRAMS {
        for host in &setting.hosts {
            let ported = *program == "parallel_map";
            if !ported && matches!(host, Host::Other { .. }) {
                continue;
            }
            let size = if setting.short { size / 10 } else { *size };
            match rounds(setting, host, program, size) {
                Ok(series) => {
                    let (Some(e), Some(c)) = (series.elapsed(), series.cpu()) else { continue };
                    let share = c.median / (e.median * cores() as f64) * 100.0;
                    let (elapsed, cpu) = (format!("{:.0}", e.median), format!("{:.0}", c.median));
                    rows.push(row([what, host.name(), &elapsed, &cpu, &format!("{share:.0} %")]));
                }
                Err(why) => findings.note(format!("{} has no part in {program}: {why}.", host.name())),
            }
        }
    }
    findings.table(&format!("Medians; {} cores:", cores()), rows);
    Ok(findings)
}

/// Some starts of a program.
fn rounds(setting: &Setting<'_>, host: &Host, program: &str, size: u64) -> Result<Series, String> {
    let scratch = target_dir(setting.root).join("bench/experiment");
    let mut series = Series::default();
    for _ in 0..if setting.short { 1 } else { 5 } {
        let mut command = host.timed(&setting.beams, program, size, 2);
        series.samples.push(measure::start(&mut command, &scratch, Duration::from_secs(300), false)?);
    }
    Ok(series)
}

/// The experiment on a hot server: reads in a second in each way.
pub fn hot(setting: &Setting<'_>) -> Result<Findings, String> {
    let mut findings = Findings::default();
    let size = if setting.short { 20_000 } else { 400_000 };
    let ways = ["one_server", "eight_servers", "ets", "persistent_term"];
    let mut rows = vec![row(["runtime", "one GenServer", "eight partitions", "ETS reads", "persistent_term"])];
    for host in &setting.hosts {
        let figures = rounds(setting, host, "hot_server", size)?.figures();
        let cells = ways.iter().map(|w| figures.get(*w).map_or("-".into(), |f| format!("{:.0}", f.median)));
        rows.push([host.name().to_string()].into_iter().chain(cells).collect());
    }
    findings.table("Reads in a second by 16 processes, medians:", rows);
    Ok(findings)
}
