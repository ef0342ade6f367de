//! `cargo xtask experiment`: the questions that are asked of such a runtime, each answered by one command and told on
//! a page of docs/benchmarks, which the results are put into with `--write`.
//! Start reading at: `run`.

mod heavy;
mod latency;
mod load;
mod many;
mod overload;
mod saturation;
mod service;
mod web;

use crate::bench::{self, report};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use service::Host;
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// What an experiment gets: what to measure, and whether in little time.
pub struct Setting<'a> {
    pub root: &'a Path,
    /// The compiled Erlang programs.
    pub beams: PathBuf,
    pub hosts: Vec<Host>,
    pub short: bool,
}

/// What an experiment found: tables, with a line above each.
#[derive(Default)]
pub struct Findings {
    tables: Vec<Table>,
    notes: Vec<String>,
}

struct Table {
    caption: String,
    rows: Vec<Vec<String>>,
}

impl Findings {
    /// A table; its first row names the columns.
    pub fn table(&mut self, caption: &str, rows: Vec<Vec<String>>) {
        self.tables.push(Table { caption: caption.into(), rows });
    }

    pub fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    fn markdown(&self) -> String {
        let mut out = String::new();
        for table in &self.tables {
            let _ = writeln!(out, "{}\n", table.caption);
            for (i, row) in table.rows.iter().enumerate() {
                let _ = writeln!(out, "| {} |", row.join(" | "));
                if i == 0 {
                    let _ = writeln!(out, "|---|{}", "---:|".repeat(row.len() - 1));
                }
            }
            out.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(out, "{note}\n");
        }
        out
    }
}

type Experiment = fn(&Setting<'_>) -> Result<Findings, String>;

/// Name, which is that of its page as well; whether other languages take part; and the experiment.
const ALL: &[(&str, bool, Experiment)] = &[
    ("saturation", true, saturation::run),
    ("latency", true, latency::run),
    ("overload", false, overload::run),
    ("many", true, many::run),
    ("hot", false, saturation::hot),
    ("heavy", false, heavy::run),
    ("web", false, web::run),
];

pub fn run(root: &Path, options: &Options) -> Result<bool, String> {
    let names: Vec<&str> = ALL.iter().map(|e| e.0).collect();
    let [name] = &options.words[..] else { return Err(format!("which experiment? One of: {}", names.join(", "))) };
    let (name, languages, experiment) =
        ALL.iter().find(|e| e.0 == name).ok_or(format!("no experiment {name}; there are {}", names.join(", ")))?;
    // before anything is kept on one core
    report::cores();
    bench::build_glulam(root, options)?;
    let beams = bench::build_erlang(root)?;
    let all = if *languages { "erl,go,node,java,tokio" } else { "erl" };
    let against = options.value("against").unwrap_or(all);
    let setting = Setting { root, hosts: hosts(root, options, against)?, beams, short: options.flag("short") };
    let findings = experiment(&setting)?;
    let mut text = format!("{}, {}.\n\n", report::date(), report::machine());
    for host in &setting.hosts {
        let _ = writeln!(text, "- {}: {}", host.name(), host.version());
    }
    let _ = writeln!(text, "\nCommand: `cargo xtask experiment {name}{}`\n", if setting.short { " --short" } else { "" });
    text.push_str(&findings.markdown());
    print!("{text}");
    let out = target_dir(root).join("bench").join(format!("{name}.md"));
    bench::write(&out, &text)?;
    if options.flag("write") {
        let page = root.join(format!("docs/benchmarks/{name}.md"));
        bench::replace(&page, BEGIN, END, &format!("\n{text}"))?;
    }
    Ok(true)
}

fn hosts(root: &Path, options: &Options, against: &str) -> Result<Vec<Host>, String> {
    let mut hosts = vec![Host::Erlang { name: "glulam".into(), subject: Subject::under_test(root, options)? }];
    for name in against.split(',').filter(|n| !n.is_empty()) {
        match Host::named(root, name) {
            Ok(host) => hosts.push(host),
            Err(why) => println!("without {name}: {why}"),
        }
    }
    Ok(hosts)
}
