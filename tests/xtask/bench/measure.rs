//! One start of a program, what it printed, and the figures of many.

use crate::command::{End, Running, read_lossy};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many there are of a value and those above it, up to the next entry.
pub type Histogram = BTreeMap<u64, u64>;

/// What one start of a program measured of itself: microseconds elapsed and milliseconds of processor time of each
/// run, its checksum, the peak of its memory, figures and histograms of its own; and its memory as seen from outside,
/// as seconds since the start and megabytes.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub histograms: BTreeMap<String, Histogram>,
    pub curve: Vec<(f64, f64)>,
    pub elapsed: Vec<f64>,
    pub cpu: Vec<f64>,
    pub checksum: String,
    pub peak: f64,
    pub figures: BTreeMap<String, f64>,
}

impl Sample {
    pub fn parse(text: &str) -> Option<Sample> {
        let mut sample = Sample::default();
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["run", elapsed, cpu, sum] => {
                    if !sample.checksum.is_empty() && sample.checksum != sum {
                        return None;
                    }
                    sample.elapsed.push(elapsed.parse().ok()?);
                    sample.cpu.push(cpu.parse().ok()?);
                    sample.checksum = sum.to_string();
                }
                ["figure", name, value] => {
                    sample.figures.insert(name.to_string(), value.parse().ok()?);
                }
                ["histogram", name, ref buckets @ ..] => {
                    let bucket = |b: &&str| b.split_once(':').and_then(|(l, c)| Some((l.parse().ok()?, c.parse().ok()?)));
                    sample.histograms.insert(name.to_string(), buckets.iter().filter_map(bucket).collect());
                }
                ["peak", kilobytes] => sample.peak = kilobytes.parse().ok()?,
                _ => {}
            }
        }
        (!sample.elapsed.is_empty()).then_some(sample)
    }

    /// The median of the runs behind the first, which is there to warm up; of the only one if there's just one.
    fn warm(values: &[f64]) -> f64 {
        median(if values.len() > 1 { &values[1..] } else { values })
    }
}

/// Starts `command` and reads what it measured; `watched`, with its memory over time.
pub fn start(command: &mut Command, scratch: &Path, limit: Duration, watched: bool) -> Result<Sample, String> {
    let (out, err) = (scratch.with_extension("out"), scratch.with_extension("err"));
    let began = Instant::now();
    let mut running = Running::start(command, &out, &err).map_err(|e| format!("could not be started: {e}"))?;
    let mut curve = Vec::new();
    let end = loop {
        if let Some(end) = running.poll(limit) {
            break end;
        }
        // one that has ended but was not waited for has none
        if watched && let Some(bytes) = resident(running.id()).filter(|b| *b > 0.0) {
            curve.push((began.elapsed().as_secs_f64(), bytes / 1e6));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let stdout = read_lossy(&out);
    let said = || read_lossy(&err).lines().chain(stdout.lines()).next().unwrap_or("nothing").to_string();
    match end {
        End::Exit(0) => match Sample::parse(&stdout) {
            Some(sample) => Ok(Sample { curve, ..sample }),
            None => Err(format!("printed no figures, or two checksums: {}", said())),
        },
        end => Err(format!("{end}; printed {}", said().chars().take(200).collect::<String>())),
    }
}

/// The bytes that a process has resident.
pub fn resident(process: u32) -> Option<f64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    text.split(' ').nth(1)?.parse::<f64>().ok().map(|pages| pages * 4096.0)
}

/// The rounds of one program on one runtime.
#[derive(Clone, Debug, Default)]
pub struct Series {
    pub samples: Vec<Sample>,
    pub failed: Option<String>,
}

/// A median with the lowest and highest value.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

impl Series {
    pub fn checksum(&self) -> Option<&str> {
        self.samples.first().map(|s| s.checksum.as_str())
    }

    /// Milliseconds elapsed.
    pub fn elapsed(&self) -> Option<Spread> {
        spread(self.samples.iter().map(|s| Sample::warm(&s.elapsed) / 1000.0))
    }

    /// Milliseconds elapsed of the first run of each start.
    pub fn cold(&self) -> Option<Spread> {
        spread(self.samples.iter().filter_map(|s| s.elapsed.first()).map(|e| e / 1000.0))
    }

    /// Milliseconds of processor time.
    pub fn cpu(&self) -> Option<Spread> {
        spread(self.samples.iter().map(|s| Sample::warm(&s.cpu)))
    }

    /// All rounds' histograms together.
    pub fn histograms(&self) -> BTreeMap<String, Histogram> {
        let mut all: BTreeMap<String, Histogram> = BTreeMap::new();
        for (name, histogram) in self.samples.iter().flat_map(|s| &s.histograms) {
            let sum = all.entry(name.clone()).or_default();
            histogram.iter().for_each(|(low, count)| *sum.entry(*low).or_default() += count);
        }
        all
    }

    /// The memory of the last round over time.
    pub fn curve(&self) -> &[(f64, f64)] {
        self.samples.last().map_or(&[], |s| &s.curve)
    }

    /// Megabytes.
    pub fn peak(&self) -> Option<Spread> {
        spread(self.samples.iter().map(|s| s.peak / 1024.0))
    }

    pub fn figures(&self) -> BTreeMap<String, Spread> {
        let names: Vec<&String> = self.samples.first().map(|s| s.figures.keys().collect()).unwrap_or_default();
        names
            .into_iter()
            .filter_map(|n| Some((n.clone(), spread(self.samples.iter().filter_map(|s| s.figures.get(n).copied()))?)))
            .collect()
    }
}

pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

pub fn spread(values: impl Iterator<Item = f64>) -> Option<Spread> {
    let values: Vec<f64> = values.collect();
    let low = values.iter().copied().min_by(f64::total_cmp)?;
    let high = values.iter().copied().max_by(f64::total_cmp)?;
    Some(Spread { median: median(&values), low, high })
}

pub fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_what_the_lines_say() {
        let sample = Sample::parse("run 2000 10 7\nrun 1000 10 7\nfigure bytes 12\nhistogram call 512:3 1024:1\npeak 2048\n").unwrap();
        assert_eq!(sample.checksum, "7");
        assert_eq!(sample.histograms["call"], Histogram::from([(512, 3), (1024, 1)]));
        assert_eq!(sample.figures["bytes"], 12.0);
        let series = Series { samples: vec![sample], failed: None };
        assert_eq!(series.elapsed().unwrap().median, 1.0);
        assert_eq!(series.cold().unwrap().median, 2.0);
        assert_eq!(series.peak().unwrap().median, 2.0);
    }

    #[test]
    fn two_checksums_are_no_sample() {
        assert!(Sample::parse("run 2000 10 7\nrun 1000 10 8\n").is_none());
    }

    #[test]
    fn medians_and_means() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!((geometric_mean(&[0.5, 2.0]) - 1.0).abs() < 1e-12);
    }
}
