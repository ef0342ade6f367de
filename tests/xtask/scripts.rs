//! Shell scripts, `tests/faults/*.sh` (what happens when the world fails), `tests/terminal/*.sh` (what is
//! typed at a terminal) and `tests/packages/*.sh` (programs of others), each run with `erl` and with glulam as `erl` on the PATH, in an empty directory.
//! What they print must be equal. A script begins with a line that says
//! what is tried; a line `# quick` makes it part of `cargo xtask test`; a line `# differs` says that the
//! outcome is shown beside that of `erl`, and that glulam must only end by itself; a line `# needs X`
//! names a program or a file without which the script is skipped.
//! Start reading at: `run`.

use crate::command::{self, End, Output};
use crate::diff;
use crate::known::{Known, Totals, Verdict};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(300);
/// What the emulator says when it finds a bug of its own.
const OWN_FAULTS: &[&str] = &["panicked at", "heap check:", "this is a bug", "AddressSanitizer"];

struct Script {
    name: String,
    path: PathBuf,
    head: Vec<String>,
}

impl Script {
    fn says(&self, word: &str) -> bool {
        self.head.iter().any(|line| line == word)
    }

    /// What the script needs and this machine has not. A path may hold `*`, which the shell fills in.
    fn missing(&self) -> Option<&str> {
        let needs = self.head.iter().filter_map(|line| line.strip_prefix("# needs "));
        needs.into_iter().find(|what| {
            let found = match what.contains('/') {
                true => Command::new("sh").arg("-c").arg(format!("ls {what}")).output().is_ok_and(|out| out.status.success()),
                false => command::find_on_path(what).is_some(),
            };
            !found
        })
    }
}

/// Runs all in `tests/KIND`, or those that the filters in `options` fit; with `quick` only those marked so.
pub fn run(root: &Path, kind: &str, options: &Options) -> Result<Totals, String> {
    let dir = root.join("tests").join(kind);
    let mut scripts = collect(&dir, &options.words)?;
    if options.flag("quick") {
        scripts.retain(|f| f.says("# quick"));
    }
    let mut totals = Totals::default();
    let Some(reference) = Subject::reference(options.value("reference")) else {
        println!("SKIPPED: NO `erl` ON THE PATH, NOTHING TO COMPARE WITH ({} scripts)", scripts.len());
        totals.skipped = scripts.len();
        return Ok(totals);
    };
    let subject = Subject::under_test(root, options)?;
    let work = target_dir(root).join(kind);
    let ebin = work.join("ebin");
    std::fs::create_dir_all(&ebin).map_err(|e| format!("{}: {e}", ebin.display()))?;
    compile(&dir, &ebin)?;
    let known = Known::read(&dir.join("known_failures.tsv"));
    let limit = LIMIT * options.slowness();
    println!("{} scripts of {kind}: {} against {}", scripts.len(), subject.name, reference.name);
    // one after the other: each may take the machine for itself
    for script in &scripts {
        if let Some(missing) = script.missing() {
            println!("SKIPPED: {}, which needs {missing}", script.name);
            totals.count(Verdict::Skipped);
            continue;
        }
        let expected = one(&reference, script, &ebin, &work.join("erl").join(&script.name), LIMIT)?;
        let got = one(&subject, script, &ebin, &work.join("glulam").join(&script.name), limit)?;
        let own = OWN_FAULTS.iter().find(|text| got.stdout.contains(**text) || got.stderr.contains(**text));
        let ended = matches!(got.end, End::Exit(_)) && own.is_none();
        let same = script.says("# differs") || (expected.stdout == got.stdout && expected.end == got.end);
        let verdict = known.judge(&script.name, ended && same);
        totals.count(verdict);
        match verdict {
            Verdict::UnexpectedPass => println!("NOTE {} passes: take it off known_failures.tsv", script.name),
            Verdict::Failed => {
                println!("FAIL {}", script.name);
                diff::explain(&expected, &got);
            }
            _ if options.flag("verbose") || script.says("# differs") => {
                println!("PASS {}\n     erl:  {}\n     here: {}", script.name, short(&expected), short(&got));
            }
            _ => {}
        }
    }
    Ok(totals)
}

fn short(output: &Output) -> String {
    let text: Vec<&str> = output.stdout.lines().collect();
    let text: String = text.join(" | ").chars().take(160).collect();
    format!("{text} ({})", output.end)
}

fn collect(dir: &Path, filters: &[String]) -> Result<Vec<Script>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut scripts = Vec::new();
    for path in entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sh")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !filters.is_empty() && !filters.iter().any(|f| name.contains(f.as_str())) {
            continue;
        }
        let text = command::read_lossy(&path);
        let head = text.lines().take_while(|l| l.starts_with('#')).map(String::from).collect();
        scripts.push(Script { name, path, head });
    }
    scripts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(scripts)
}

fn compile(dir: &Path, ebin: &Path) -> Result<(), String> {
    let mut erlc = Command::new("erlc");
    erlc.arg("-W0").arg("-o").arg(ebin);
    let entries = std::fs::read_dir(dir).map_err(|e| e.to_string())?;
    let modules: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "erl")).collect();
    if modules.is_empty() {
        return Ok(());
    }
    erlc.args(modules);
    let out = command::run(&mut erlc, &ebin.join("erlc"), Duration::from_secs(300));
    match out.end {
        End::Exit(0) => Ok(()),
        end => Err(format!("erlc: {end}\n{}{}", out.stdout, out.stderr)),
    }
}

fn one(subject: &Subject, script: &Script, ebin: &Path, scratch: &Path, limit: Duration) -> Result<Output, String> {
    let _ = std::fs::remove_dir_all(scratch);
    std::fs::create_dir_all(scratch).map_err(|e| format!("{}: {e}", scratch.display()))?;
    let mut command = subject.program("bash");
    command.arg(&script.path).current_dir(scratch).env("EBIN", ebin);
    Ok(command::run(&mut command, &scratch.with_extension("run"), limit))
}
