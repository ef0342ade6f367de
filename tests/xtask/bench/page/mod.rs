//! The results as one HTML page that needs nothing else: plots are SVG in the page.

mod lines;

use super::Results;
use super::measure::{Series, Spread, geometric_mean};
use super::report::{date, machine, ratios};
use std::fmt::Write;

const COLOURS: &[&str] = &["#c2571a", "#3567a8", "#2f8f5b", "#8a6d1f", "#7a3f98", "#b0305c", "#4d7c8a"];
const WIDTH: f64 = 960.0;

pub fn html(results: &Results) -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>glulam: measurements</title>\n<style>\
         body{font:15px/1.45 system-ui,'DejaVu Sans',sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}\
         table{border-collapse:collapse;font-size:13px}td,th{padding:2px 9px;text-align:right;border-bottom:1px solid #ddd}\
         td:first-child,th:first-child{text-align:left}svg{display:block;margin:.6em 0 1.6em}text{font-size:12px;fill:#333}\
         h2{margin-top:1.8em}.key{display:inline-block;width:12px;height:12px;margin:0 5px 0 14px}\
         .better{color:#20703c}.worse{color:#a8321c}</style></head><body>\n<h1>glulam: measurements</h1>\n",
    );
    let _ = writeln!(out, "<p>{}, {}.</p>\n<p>", escape(&date()), escape(&machine()));
    for (i, (name, version)) in results.runtimes.iter().zip(&results.versions).enumerate() {
        let _ = writeln!(
            out,
            "<span class=\"key\" style=\"background:{}\"></span>{}: {}",
            colour(i),
            escape(name),
            escape(version)
        );
    }
    let _ = writeln!(
        out,
        "</p>\n<p>Every figure is the median of {} rounds; a round starts each program once on each runtime, runs it {} \
         times and takes the median of all but the first. Elapsed time; lines show the lowest and highest round.</p>",
        results.rounds, results.runs
    );
    for other in 1..results.runtimes.len() {
        ratio_plot(&mut out, results, other);
    }
    scaling(&mut out, results);
    lines::latencies(&mut out, results);
    memory(&mut out, results);
    lines::curves(&mut out, results);
    table(&mut out, results);
    out.push_str("</body></html>\n");
    out
}

fn colour(runtime: usize) -> &'static str {
    COLOURS[runtime % COLOURS.len()]
}

/// Bars from 1 to the ratio on a logarithmic axis: left is where glulam takes less time.
fn ratio_plot(out: &mut String, results: &Results, other: usize) {
    let ratios = ratios(results, other, Series::elapsed);
    if ratios.is_empty() {
        return;
    }
    let name = escape(&results.runtimes[other]);
    let mean = geometric_mean(&ratios.iter().map(|r| r.1).collect::<Vec<f64>>());
    let _ = writeln!(out, "<h2>Time beside {name}</h2>\n<p>glulam's elapsed time by {name}'s: geometric mean {mean:.2}.</p>");
    let most = ratios.iter().map(|r| r.1.max(1.0 / r.1)).fold(2.0, f64::max) * 1.15;
    let (left, right, row) = (180.0, WIDTH - 70.0, 19.0);
    let height = 46.0 + row * ratios.len() as f64;
    let x = |ratio: f64| left + (right - left) * (0.5 + ratio.clamp(1.0 / most, most).ln() / most.ln() / 2.0);
    let _ = writeln!(out, "<svg width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">");
    for tick in [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0] {
        if tick <= most && tick >= 1.0 / most {
            let at = x(tick);
            let stroke = if tick == 1.0 { "#555" } else { "#ddd" };
            let _ = writeln!(out, "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"22\" y2=\"{}\" stroke=\"{stroke}\"/>", height - 22.0);
            let _ = writeln!(out, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}x</text>", height - 7.0);
        }
    }
    let middle = x(1.0);
    let _ = writeln!(out, "<text x=\"{}\" y=\"14\" text-anchor=\"end\">glulam is faster</text>", middle - 8.0);
    let _ = writeln!(out, "<text x=\"{}\" y=\"14\">{name} is faster</text>", middle + 8.0);
    for (line, (program, ratio)) in ratios.iter().enumerate() {
        let top = 26.0 + row * line as f64;
        let (a, b) = (x(*ratio).min(middle), x(*ratio).max(middle));
        let fill = if *ratio <= 1.0 { colour(0) } else { colour(other) };
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{a:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"13\" fill=\"{fill}\"/>",
            left - 8.0,
            top + 11.0,
            escape(&results.programs[*program].name),
            (b - a).max(1.0)
        );
        if let Some((low, high)) = bounds(results, *program, other) {
            let y = top + 6.5;
            let _ = writeln!(out, "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#222\"/>", x(low), x(high));
        }
        let _ = writeln!(out, "<text x=\"{}\" y=\"{:.1}\">{ratio:.2}</text>", right + 8.0, top + 11.0);
    }
    out.push_str("</svg>\n");
}

/// The ratio of the rounds taken as pairs: lowest and highest.
fn bounds(results: &Results, program: usize, other: usize) -> Option<(f64, f64)> {
    let (ours, theirs) = (results.series[program][0].as_ref()?, results.series[program][other].as_ref()?);
    let warm = |s: &Series, i: usize| Series { samples: vec![s.samples[i].clone()], failed: None }.elapsed();
    let pairs = ours.samples.len().min(theirs.samples.len());
    let all: Vec<f64> =
        (0..pairs).filter_map(|i| Some(warm(ours, i)?.median / warm(theirs, i)?.median)).collect();
    Some((all.iter().copied().min_by(f64::total_cmp)?, all.iter().copied().max_by(f64::total_cmp)?))
}

/// How much faster each concurrent program is on n cores than on one.
fn scaling(out: &mut String, results: &Results) {
    if results.scaling.is_empty() {
        return;
    }
    out.push_str("<h2>Scaling</h2>\n<p>Speed on n cores by speed on one, of the same runtime. The dashed line is n.</p>\n");
    out.push_str("<div style=\"display:flex;flex-wrap:wrap\">\n");
    for (program, lines) in &results.scaling {
        let cores = lines.iter().map(|l| l.1.len()).max().unwrap_or(1);
        let most = cores as f64 * 1.15;
        let x = |n: usize| 40.0 + 220.0 * if cores > 1 { (n - 1) as f64 / (cores - 1) as f64 } else { 0.0 };
        let y = |v: f64| 180.0 - 140.0 * (v / most).min(1.0);
        let _ = writeln!(out, "<svg width=\"310\" height=\"225\" viewBox=\"0 0 310 225\"><text x=\"40\" y=\"20\">{program}</text>");
        for n in 1..=cores {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"198\" text-anchor=\"middle\">{n}</text><text x=\"30\" y=\"{:.1}\" text-anchor=\"end\">\
                 {n}x</text><line x1=\"36\" x2=\"262\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"#ddd\"/>",
                x(n),
                y(n as f64) + 4.0,
                y(n as f64),
                y(n as f64)
            );
        }
        let _ = writeln!(
            out,
            "<text x=\"150\" y=\"216\" text-anchor=\"middle\">cores</text><line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" \
             y2=\"{:.1}\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>",
            x(1),
            y(1.0),
            x(cores),
            y(cores as f64)
        );
        for (name, times) in lines {
            let index = results.runtimes.iter().position(|r| r == name).unwrap_or(0);
            let points: Vec<String> = times
                .iter()
                .enumerate()
                .filter(|(_, t)| t.is_finite())
                .map(|(i, t)| format!("{:.1},{:.1}", x(i + 1), y(times[0] / t)))
                .collect();
            let _ = writeln!(
                out,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"><title>{}</title></polyline>",
                points.join(" "),
                colour(index),
                escape(name)
            );
        }
        out.push_str("</svg>\n");
    }
    out.push_str("</div>\n");
}

/// The peak of memory of each program of the kind `memory`, as bars.
fn memory(out: &mut String, results: &Results) {
    let rows: Vec<(&str, &Vec<Option<Series>>)> = results
        .programs
        .iter()
        .zip(&results.series)
        .filter(|(p, _)| p.kind == "memory")
        .map(|(p, s)| (p.name.as_str(), s))
        .collect();
    let peak = |s: &Option<Series>| s.as_ref().and_then(|s| Some(s.peak()?.median));
    let most = rows.iter().flat_map(|(_, s)| s.iter().filter_map(peak)).fold(1.0, f64::max);
    if rows.is_empty() {
        return;
    }
    let bars: usize = rows.iter().map(|(_, s)| s.iter().flatten().count()).sum();
    let height = 10.0 + bars as f64 * 19.0 + rows.len() as f64 * 10.0;
    let _ = writeln!(out, "<h2>Memory</h2>\n<p>Peak resident memory in MB.</p>\n<svg width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">");
    let mut top = 4.0;
    for (name, series) in rows {
        for (i, (runtime, value)) in results.runtimes.iter().zip(series).enumerate() {
            let Some(value) = peak(value) else { continue };
            let width = (WIDTH - 330.0) * value / most;
            let _ = writeln!(
                out,
                "<text x=\"232\" y=\"{:.1}\" text-anchor=\"end\">{} {}</text><rect x=\"240\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"13\" fill=\"{}\"/><text x=\"{:.1}\" y=\"{:.1}\">{value:.0} MB</text>",
                top + 11.0,
                escape(name),
                escape(runtime),
                colour(i),
                246.0 + width,
                top + 11.0
            );
            top += 19.0;
        }
        top += 10.0;
    }
    out.push_str("</svg>\n");
}

/// Times, ratios and memory, each in a table of its own, so that none is wider than the page.
fn table(out: &mut String, results: &Results) {
    let head = |out: &mut String, title: &str, says: &str, names: &[String], word: &str| {
        let _ = write!(out, "<h2>{title}</h2>\n<p>{says}</p>\n<table><tr><th>program</th><th>size</th>");
        for name in names {
            let _ = write!(out, "<th>{word}{}</th>", escape(name));
        }
        out.push_str("</tr>\n");
    };
    let rows = |out: &mut String, cells: &dyn Fn(&[Option<Series>]) -> String| {
        for (program, series) in results.programs.iter().zip(&results.series) {
            let _ = write!(out, "<tr><td>{}</td><td>{}</td>", escape(&program.name), program.size);
            let _ = writeln!(out, "{}</tr>", cells(series));
        }
        out.push_str("</table>\n");
    };
    head(out, "Times", "Milliseconds elapsed (and of processor time).", &results.runtimes, "");
    rows(out, &|series| {
        let cell = |s: &Option<Series>| match s.as_ref().and_then(|s| Some((s.elapsed()?, s.cpu()?))) {
            Some((e, c)) => format!("<td>{:.1} ({:.0})</td>", e.median, c.median),
            None => "<td>-</td>".into(),
        };
        series.iter().map(cell).collect()
    });
    let says = "glulam's elapsed time by that of the others (and its processor time by theirs); below 1 is better.";
    head(out, "Ratios", says, &results.runtimes[1..], "by ");
    rows(out, &|series| {
        let ratio = |other: &Option<Series>, of: fn(&Series) -> Option<Spread>| {
            Some(of(series[0].as_ref()?)?.median / of(other.as_ref()?)?.median).filter(|r| r.is_finite())
        };
        let cell = |other: &Option<Series>| match (ratio(other, Series::elapsed), ratio(other, Series::cpu)) {
            (Some(e), c) => {
                let class = if e <= 1.0 { "better" } else { "worse" };
                let cpu = c.map_or("-".into(), |c| format!("{c:.2}"));
                format!("<td class=\"{class}\">{e:.2} ({cpu})</td>")
            }
            _ => "<td>-</td>".into(),
        };
        series[1..].iter().map(cell).collect()
    });
    head(out, "Peak memory", "Megabytes resident at most.", &results.runtimes, "");
    rows(out, &|series| {
        let peak = |s: &Option<Series>| s.as_ref().and_then(Series::peak);
        series.iter().map(|s| peak(s).map_or("<td>-</td>".into(), |p| format!("<td>{:.0}</td>", p.median))).collect()
    });
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
