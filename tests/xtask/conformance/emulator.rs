//! Runs one suite in as many emulators as it takes: one that dies or hangs is charged to the case it
//! was in, and the next one goes on behind that case.

use super::cases::{CaseResult, Event, Outcome, events};
use super::{Limits, Suite, ending, prepare};
use crate::command::{End, Running, kill_process, read_lossy};
use crate::subject::Subject;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is known of a suite while it runs.
#[derive(Default)]
struct Progress {
    /// Every case in order, from the first emulator that listed them.
    cases: Vec<String>,
    results: Vec<CaseResult>,
    /// The next case to run, from 1.
    next: usize,
}

pub fn run(subject: &Subject, suite: &Suite, build: &Path, limits: &Limits) -> Vec<CaseResult> {
    let cwd = prepare::area_dir(suite, build).join("run").join(&suite.name);
    let private = cwd.join("priv");
    let _ = fs::remove_dir_all(&cwd);
    if let Err(e) = fs::create_dir_all(&private) {
        return vec![CaseResult::new("boot", Outcome::Fail, e.to_string())];
    }
    let log = prepare::area_dir(suite, build).join(format!("{}.log", suite.name));
    let _ = fs::remove_file(&log);
    let started = Instant::now();
    let mut progress = Progress { next: 1, ..Progress::default() };
    let mut empty_rounds = 0;
    while let Some(left) = limits.suite.checked_sub(started.elapsed()).filter(|l| l.as_secs() >= 2) {
        let before = progress.next;
        let output = log.with_extension("segment");
        let end = segment(subject, suite, build, limits, progress.next, &cwd, &output, left);
        stop_left_overs(&cwd);
        let text = read_lossy(&output);
        append(&log, &text);
        if take(&mut progress, &text, &end) {
            break;
        }
        empty_rounds = if progress.next == before { empty_rounds + 1 } else { 0 };
        if empty_rounds > 0 {
            break;
        }
        if !progress.cases.is_empty() && progress.next > progress.cases.len() {
            break;
        }
    }
    let unreached = progress.cases.get(progress.next - 1..).unwrap_or_default().to_vec();
    if progress.results.is_empty() && unreached.is_empty() {
        return vec![CaseResult::new("boot", Outcome::Fail, "no emulator got as far as a case".into())];
    }
    for case in unreached {
        progress.results.push(CaseResult::new(&case, Outcome::Skip, "not reached (suite time limit)".into()));
    }
    progress.results
}

#[allow(clippy::too_many_arguments, reason = "one call, and a struct would name the same things again")]
fn segment(
    subject: &Subject,
    suite: &Suite,
    build: &Path,
    limits: &Limits,
    from: usize,
    cwd: &Path,
    output: &Path,
    left: std::time::Duration,
) -> End {
    let area = prepare::area_dir(suite, build);
    let mut erl = subject.erl();
    // Some cases look at dumps; those that nobody wants go away with the directory.
    erl.env_remove("ERL_CRASH_DUMP_SECONDS");
    erl.current_dir(cwd).args(["-noshell", "-noinput", "-enable-feature", "maybe_expr"]);
    if limits.dist {
        // What a suite leaves behind may hold on to its name.
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        erl.args(["-sname", &format!("ct_{}_{number}", std::process::id())]);
    }
    erl.arg("-pa").arg(prepare::runner_ebin(build)).arg("-pa").arg(&area);
    erl.args(["-run", "mini_ct", "main", &suite.name]);
    erl.arg(prepare::data_dir(suite, build)).arg(cwd.join("priv"));
    erl.args([from.to_string(), limits.case.as_millis().to_string(), limits.only.clone()]);
    match Running::start(&mut erl, output, output) {
        Ok(mut running) => running.wait(left),
        Err(e) => End::NotStarted(e.to_string()),
    }
}

/// Adds what one emulator printed; true if the suite is through.
fn take(progress: &mut Progress, text: &str, end: &End) -> bool {
    let mut running: Option<(usize, String)> = None;
    let mut listed = Vec::new();
    let mut through = false;
    for event in events(text) {
        match event {
            Event::List { index, case } => {
                debug_assert_eq!(index, listed.len() + 1);
                listed.push(case);
            }
            Event::Start { index, case } => running = Some((index, case)),
            Event::Result { index, result } => {
                running = None;
                progress.next = index + 1;
                progress.results.push(result);
            }
            Event::End => through = true,
        }
    }
    if progress.cases.is_empty() {
        progress.cases = listed;
    }
    if let Some((index, case)) = running {
        progress.results.push(CaseResult::new(&case, Outcome::Fail, ending(end)));
        progress.next = index + 1;
        return false;
    }
    if !through && progress.next <= progress.cases.len() && !text.contains("@@START") {
        // it died before its first case: in the suite's or a group's own initialisation
        let case = progress.cases[progress.next - 1].clone();
        let reason = format!("the emulator ended before this case ({end})");
        progress.results.push(CaseResult::new(&case, Outcome::Fail, reason));
        progress.next += 1;
    }
    through
}

fn append(log: &Path, text: &str) {
    use std::io::Write;
    if let Ok(mut file) = fs::OpenOptions::new().create(true).append(true).open(log) {
        let _ = file.write_all(text.as_bytes());
    }
}

/// Nodes a case started detached and forgot: whatever still lives in this suite's own directory.
fn stop_left_overs(cwd: &Path) {
    let Ok(cwd) = fs::canonicalize(cwd) else { return };
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(id) = name.parse::<u32>() else { continue };
        let at: PathBuf = fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        if at.starts_with(&cwd) {
            kill_process(id);
        }
    }
}
