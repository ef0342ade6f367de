//! Plots with one line for each runtime: latencies, and memory over time.

use super::super::Results;
use super::super::measure::{Histogram, Series};
use super::{colour, escape};
use std::fmt::Write;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = WIDTH - 20.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = HEIGHT - 44.0;

/// Where a value lies between two others, on an axis from `from` to `to` pixels.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let scale = |v: f64| if self.logarithmic { v.max(1e-9).ln() } else { v };
        let part = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low)).max(1e-9);
        self.from + (self.to - self.from) * part.clamp(0.0, 1.0)
    }

    /// Round values of the axis: powers of ten, or five steps.
    fn ticks(&self) -> Vec<f64> {
        if self.logarithmic {
            let powers = (0..13).map(|e| 10f64.powi(e));
            return powers.filter(|v| (self.low..=self.high).contains(v)).collect();
        }
        let raw = (self.high - self.low) / 5.0;
        let unit = 10f64.powf(raw.max(1e-9).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= raw).unwrap_or(raw.max(1e-9));
        let count = ((self.high - self.low) / step) as usize;
        (0..=count).map(|i| self.low + i as f64 * step).collect()
    }
}

/// A time in the unit that suits it.
fn time(nanoseconds: f64) -> String {
    let (unit, by) = match nanoseconds {
        n if n < 1e3 => ("ns", 1.0),
        n if n < 1e6 => ("µs", 1e3),
        n if n < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{} {unit}", nanoseconds / by)
}

/// An axis to the right and one upward, with their words, and a line for each runtime that has points.
fn plot(out: &mut String, x: &Axis, y: &Axis, words: [&str; 2], show: [&dyn Fn(f64) -> String; 2], lines: &[Line<'_>]) {
    let _ = writeln!(out, "<svg width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">");
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\" stroke=\"#ddd\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            BOTTOM + 16.0,
            show[0](tick)
        );
    }
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 6.0,
            at + 4.0,
            show[1](tick)
        );
    }
    let _ = writeln!(
        out,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        (LEFT + RIGHT) / 2.0,
        HEIGHT - 8.0,
        words[0],
        (TOP + BOTTOM) / 2.0,
        words[1]
    );
    for line in lines {
        let points: Vec<String> = line.points.iter().map(|(a, b)| format!("{:.1},{:.1}", x.at(*a), y.at(*b))).collect();
        let _ = writeln!(
            out,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"><title>{}</title></polyline>",
            points.join(" "),
            colour(line.runtime),
            escape(line.name)
        );
    }
    out.push_str("</svg>\n");
}

struct Line<'a> {
    runtime: usize,
    name: &'a str,
    points: Vec<(f64, f64)>,
}

fn key(out: &mut String, lines: &[Line<'_>]) {
    out.push_str("<p>");
    for line in lines {
        let (colour, name) = (colour(line.runtime), escape(line.name));
        let _ = write!(out, "<span class=\"key\" style=\"background:{colour}\"></span>{name}");
    }
    out.push_str("</p>\n");
}

/// For each program with histograms: what share of its calls took a time or longer.
pub fn latencies(out: &mut String, results: &Results) {
    for (program, series) in results.programs.iter().zip(&results.series) {
        let mut names: Vec<String> = series.iter().flatten().flat_map(|s| s.histograms().into_keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let lines: Vec<Line<'_>> = (results.runtimes.iter().zip(series).enumerate())
                .filter_map(|(runtime, (label, series))| {
                    let histogram = series.as_ref()?.histograms().remove(&name)?;
                    Some(Line { runtime, name: label, points: shares(&histogram) })
                })
                .collect();
            let all = || lines.iter().flat_map(|l| &l.points);
            let low = all().map(|p| p.0).fold(f64::MAX, f64::min).max(1.0);
            let high = all().map(|p| p.0).fold(low * 10.0, f64::max);
            let least = all().map(|p| p.1).fold(1.0, f64::min).max(1e-9);
            let x = Axis { low, high, from: LEFT, to: RIGHT, logarithmic: true };
            // in parts of a thousand million, so that powers of ten are whole
            let y = Axis { low: least * 1e9, high: 1e9, from: BOTTOM, to: TOP, logarithmic: true };
            let scaled: Vec<Line<'_>> = lines
                .into_iter()
                .map(|l| Line { points: l.points.into_iter().map(|(a, b)| (a, b * 1e9)).collect(), ..l })
                .collect();
            let _ = writeln!(
                out,
                "<h2>Latency: {}</h2>\n<p>The share of all {} times that were this long or longer, all rounds together; \
                 further left is better.</p>",
                escape(&program.name),
                escape(&name)
            );
            key(out, &scaled);
            let share = |v: f64| format!("{} %", v / 1e7);
            plot(out, &x, &y, ["time", "share of times"], [&time, &share], &scaled);
        }
    }
}

/// For each value the share of those at it or above.
fn shares(histogram: &Histogram) -> Vec<(f64, f64)> {
    let all: u64 = histogram.values().sum();
    let mut left = all;
    let mut points = Vec::new();
    for (low, count) in histogram {
        points.push((*low as f64, left as f64 / all.max(1) as f64));
        left -= count;
    }
    points
}

/// For each program of the kind `memory`: resident memory over time.
pub fn curves(out: &mut String, results: &Results) {
    for (program, series) in results.programs.iter().zip(&results.series) {
        let lines: Vec<Line<'_>> = (results.runtimes.iter().zip(series).enumerate())
            .filter_map(|(runtime, (name, series))| {
                let points = series.as_ref().map(Series::curve)?.to_vec();
                (points.len() > 1).then_some(Line { runtime, name, points })
            })
            .collect();
        if lines.is_empty() {
            continue;
        }
        let most = |of: fn(&(f64, f64)) -> f64| lines.iter().flat_map(|l| &l.points).map(of).fold(0.001, f64::max);
        let x = Axis { low: 0.0, high: most(|p| p.0), from: LEFT, to: RIGHT, logarithmic: false };
        let y = Axis { low: 0.0, high: most(|p| p.1) * 1.05, from: BOTTOM, to: TOP, logarithmic: false };
        let _ = writeln!(
            out,
            "<h2>Memory over time: {}</h2>\n<p>Resident memory from the start of the program to its end, last round.</p>",
            escape(&program.name)
        );
        key(out, &lines);
        let seconds = |v: f64| format!("{} s", (v * 1000.0).round() / 1000.0);
        let megabytes = |v: f64| format!("{v:.0}");
        plot(out, &x, &y, ["time", "MB"], [&seconds, &megabytes], &lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fall_from_one() {
        let points = shares(&Histogram::from([(10, 3), (20, 1)]));
        assert_eq!(points, [(10.0, 1.0), (20.0, 0.25)]);
    }

    #[test]
    fn ticks_are_round_and_within() {
        let axis = Axis { low: 0.0, high: 1.3, from: 0.0, to: 1.0, logarithmic: false };
        assert_eq!(axis.ticks().len(), 3);
        let axis = Axis { low: 20.0, high: 5e4, from: 0.0, to: 1.0, logarithmic: true };
        assert_eq!(axis.ticks(), [100.0, 1000.0, 10000.0]);
    }
}
