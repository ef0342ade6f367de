//! Differential runs: the same program on the installed `erl` and on glulam; standard output and exit
//! status must be equal. Programs are found by walking `tests/diff`:
//! `*.erl` (`main/0` is run), `*.exs` (run by `elixir`), and `oneliners.txt` (a line each, for `-eval`).
//! Start reading at: `run`.

use crate::command::{self, End, Output};
use crate::known::{Known, Totals, Verdict};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub const LIMIT: Duration = Duration::from_secs(60);

enum Kind {
    Module,
    Script,
    Line(String),
}

struct Program {
    name: String,
    path: PathBuf,
    kind: Kind,
}

/// Runs what matches the filters in `options` (all without any).
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let mut totals = Totals::default();
    let programs = collect(&root.join("tests/diff"), &options.words)?;
    let Some(reference) = Subject::reference(options.value("reference")) else {
        println!("SKIPPED: NO `erl` ON THE PATH, NOTHING TO COMPARE WITH ({} programs)", programs.len());
        totals.skipped = programs.len();
        return Ok(totals);
    };
    let subject = Subject::under_test(root, options)?;
    let work = target_dir(root).join("diff");
    let ebin = work.join("ebin");
    std::fs::create_dir_all(&ebin).map_err(|e| format!("{}: {e}", ebin.display()))?;
    compile(&programs, &ebin)?;

    let has_elixir = command::find_on_path("elixir").is_some();
    let mut known = Known::read(&root.join("tests/diff/known_failures.tsv"));
    if options.flag("run-seed") {
        known = known.and(Known::read(&root.join("tests/seeds/known_failures.tsv")));
    }
    let limit = LIMIT * options.slowness();
    let tag = options.value("tag").unwrap_or("glulam");
    known = known.and(Known::read(&root.join(format!("tests/diff/known_failures_{tag}.tsv"))));
    let outcomes = command::parallel(&programs, options.jobs(), |p| {
        if matches!(p.kind, Kind::Script) && !has_elixir {
            return None;
        }
        let expected = expected(&reference, p, &ebin, &work.join(format!("{}.erl", p.name)));
        let got = one(&subject, p, &ebin, &work.join(format!("{}.{tag}", p.name)), limit);
        Some((expected, got))
    });
    println!("{} programs: {} against {}", programs.len(), subject.name, reference.name);
    for (p, outcome) in programs.iter().zip(outcomes) {
        let Some((expected, got)) = outcome else {
            println!("SKIP {} (no `elixir` on the PATH)", p.name);
            totals.count(Verdict::Skipped);
            continue;
        };
        let same = expected.stdout == got.stdout && expected.end == got.end && expected.end != End::TimedOut;
        let verdict = known.judge(&p.name, same);
        totals.count(verdict);
        match verdict {
            Verdict::Passed if options.flag("verbose") => println!("PASS {}", p.name),
            Verdict::UnexpectedPass => println!("NOTE {} passes: take it off known_failures.tsv", p.name),
            Verdict::Failed => {
                println!("FAIL {}", p.name);
                if let Kind::Line(text) = &p.kind {
                    println!("     {text}");
                }
                explain(&expected, &got);
            }
            _ => {}
        }
    }
    Ok(totals)
}

fn collect(dir: &Path, filters: &[String]) -> Result<Vec<Program>, String> {
    let mut programs = Vec::new();
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|e| e.to_str()) {
            Some("erl") => programs.push(Program { name: stem, path, kind: Kind::Module }),
            Some("exs") => programs.push(Program { name: format!("{stem}.exs"), path, kind: Kind::Script }),
            Some("txt") => {
                let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
                for (i, line) in text.lines().enumerate() {
                    if !line.starts_with('%') && !line.trim().is_empty() {
                        let name = format!("{stem}_{}", i + 1);
                        programs.push(Program { name, path: path.clone(), kind: Kind::Line(line.to_string()) });
                    }
                }
            }
            _ => {}
        }
    }
    programs.retain(|p| filters.is_empty() || filters.iter().any(|f| p.name.contains(f.as_str())));
    Ok(programs)
}

/// Compiles what is newer than its beam, with the host's own compiler, in one call.
fn compile(programs: &[Program], ebin: &Path) -> Result<(), String> {
    let newer = |p: &&Program| {
        let modified = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
        modified(&p.path) >= modified(&ebin.join(format!("{}.beam", p.name)))
    };
    let modules = programs.iter().filter(|p| matches!(p.kind, Kind::Module));
    let stale: Vec<&PathBuf> = modules.filter(newer).map(|p| &p.path).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let mut erlc = Command::new("erlc");
    // no debug information: the stack traces' file names stay short and relative
    erlc.arg("-W0").arg("-o").arg(ebin).args(stale.iter().filter_map(|p| p.file_name()));
    erlc.current_dir(stale[0].parent().unwrap_or(Path::new(".")));
    let out = command::run(&mut erlc, &ebin.join("erlc"), Duration::from_secs(600));
    match out.end {
        End::Exit(0) => Ok(()),
        end => Err(format!("erlc: {end}\n{}{}", out.stdout, out.stderr)),
    }
}

/// What the reference does, kept from an earlier run while program and reference stay the same.
fn expected(reference: &Subject, program: &Program, ebin: &Path, scratch: &Path) -> Output {
    let key = {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        std::fs::read(&program.path).unwrap_or_default().hash(&mut hasher);
        program.name.hash(&mut hasher);
        let installed = command::find_on_path(&reference.erl_words()[0]).and_then(|p| std::fs::canonicalize(p).ok());
        installed.hash(&mut hasher);
        let modified = installed.and_then(|p| std::fs::metadata(p).and_then(|m| m.modified()).ok());
        modified.hash(&mut hasher);
        hasher.finish()
    };
    let kept = PathBuf::from(format!("{}.kept", scratch.display()));
    let text = command::read_lossy(&kept);
    if let Some((head, stdout)) = text.split_once('\n')
        && let Some(code) = head.strip_prefix(&format!("{key:x} ")).and_then(|c| c.parse().ok())
    {
        return Output { stdout: stdout.to_string(), stderr: String::new(), end: End::Exit(code) };
    }
    let output = one(reference, program, ebin, scratch, LIMIT);
    if let End::Exit(code) = output.end {
        let _ = std::fs::write(&kept, format!("{key:x} {code}\n{}", output.stdout));
    }
    output
}

fn one(subject: &Subject, program: &Program, ebin: &Path, scratch: &Path, limit: Duration) -> Output {
    let mut command = match &program.kind {
        Kind::Module => return module(subject, &program.name, ebin, scratch, limit),
        Kind::Line(expression) => {
            let mut c = subject.erl();
            c.args(["-noshell", "-eval", expression, "-s", "init", "stop"]);
            c
        }
        Kind::Script => {
            let mut c = subject.program("elixir");
            c.arg(&program.path);
            c
        }
    };
    command.current_dir(ebin);
    command::run(&mut command, scratch, limit)
}

/// Runs `main/0` of a module in `ebin`.
pub fn module(subject: &Subject, name: &str, ebin: &Path, scratch: &Path, limit: Duration) -> Output {
    let mut command = subject.erl();
    command.args(["-noshell", "-pa"]).arg(ebin).args(["-s", name, "main", "-s", "init", "stop"]);
    command.current_dir(ebin);
    command::run(&mut command, scratch, limit)
}

/// Prints where two runs part.
pub fn explain(expected: &Output, got: &Output) {
    if expected.end != got.end {
        println!("     end: erl {}, here {}", expected.end, got.end);
    }
    let (mut theirs, mut ours) = (expected.stdout.lines(), got.stdout.lines());
    let mut shown = 0;
    for number in 1.. {
        match (theirs.next(), ours.next()) {
            (None, None) => break,
            (a, b) if a == b => {}
            (a, b) => {
                println!("     line {number}: erl  {}", a.unwrap_or("(nothing)"));
                println!("     line {number}: here {}", b.unwrap_or("(nothing)"));
                shown += 1;
            }
        }
        if shown == 3 {
            break;
        }
    }
    for line in got.stderr.lines().take(3) {
        println!("     stderr: {line}");
    }
}
