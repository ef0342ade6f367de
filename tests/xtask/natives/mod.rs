//! Natives: builds the example libraries, the plugin with every fault and a fresh project, and has each
//! tested from Erlang; and measures natives, on glulam and beside it on `erl`.

mod floor;

use crate::command::find_on_path;
use crate::options::Options;
use crate::subject::Subject;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Directory, what builds it, and the Erlang module to test.
const LIBRARIES: &[(&str, &[&str], &str)] = &[
    ("examples/nifs/c", &["make", "-s"], "cnif"),
    ("examples/nifs/rustler", &["cargo", "build", "-q", "--release"], "rustler_words"),
    ("examples/plugins/hashes", &["cargo", "build", "-q", "--release"], "hashes"),
    ("examples/plugins/store", &["cargo", "build", "-q", "--release"], "store"),
    ("tests/plugins/faults", &["cargo", "build", "-q", "--release"], "faults"),
];

/// Which run with isolation as well.
const ISOLATED: &[&str] = &["faults"];

const MEASURED: &[(&str, &[&str])] = &[("overhead", &[]), ("wake", &["1000", "5000"]), ("scaling", &[])];

/// Tests, or measures what is named.
pub fn run(root: &Path, options: &Options) -> Result<bool, String> {
    let subject = Subject::under_test(root, options)?;
    let asked = &options.words;
    let Some(measure) = asked.first() else { return test(root, &subject) };
    let Some((name, args)) = MEASURED.iter().find(|(name, _)| name == measure) else {
        return Err(format!("{measure}: one of overhead, wake, scaling, or nothing for the tests"));
    };
    build(root)?;
    let out = root.join("target/natives");
    std::fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    status(Command::new("erlc").arg("-o").arg(&out).arg(root.join("bench/natives/measure_natives.erl")))?;
    let args = if asked.len() > 1 { asked[1..].to_vec() } else { args.iter().map(|a| (*a).to_string()).collect() };
    let words: Vec<String> = [(*name).to_string()].into_iter().chain(args.clone()).map(|word| format!("\"{word}\"")).collect();
    let call = format!("measure_natives:main([{}]), halt().", words.join(","));
    if *name == "wake" {
        println!("the machine");
        floor::print(args.get(1).and_then(|idle| idle.parse().ok()).unwrap_or(5000).max(1));
    }
    for subject in Subject::reference(None).into_iter().chain([subject]) {
        println!("{}", subject.name);
        let mut erl = subject.erl();
        erl.args(["-noshell", "-kernel", "logger_level", "critical", "-pa"]).arg(&out);
        for (dir, _, module) in LIBRARIES.iter().filter(|(_, _, module)| ["cnif", "hashes"].contains(module)) {
            // On erl there are no plugins.
            if subject.name != "erl" || *module == "cnif" {
                erl.arg("-pa").arg(root.join(dir));
            }
        }
        status(erl.args(["-eval", &call]))?;
    }
    Ok(true)
}

fn build(root: &Path) -> Result<(), String> {
    for (dir, command, module) in LIBRARIES {
        let dir = root.join(dir);
        status(Command::new(command[0]).args(&command[1..]).current_dir(&dir))?;
        status(Command::new("erlc").arg(format!("{module}.erl")).current_dir(&dir))?;
    }
    Ok(())
}

fn test(root: &Path, subject: &Subject) -> Result<bool, String> {
    if find_on_path("erlc").is_none() || find_on_path("make").is_none() {
        println!("natives: skipped, there is no erlc or no make");
        return Ok(true);
    }
    build(root)?;
    let mut failed = 0;
    for (dir, _, module) in LIBRARIES {
        for isolated in [false, true] {
            if isolated && !ISOLATED.contains(module) {
                continue;
            }
            let mut erl = subject.erl();
            erl.current_dir(root.join(dir)).args(["-noshell", "-eval", &format!("ok = {module}:test(), halt().")]);
            if isolated {
                erl.env("ISOLATED", "1").env("GLULAM_ISOLATED_LIMIT_MS", "5000").env("GLULAM_ISOLATED_MEMORY_MB", "300");
            }
            let passed = status(&mut erl).is_ok();
            failed += usize::from(!passed);
            let how = if isolated { ", isolated" } else { "" };
            println!("{module}{how}: {}", if passed { "passed" } else { "FAILED" });
        }
    }
    let passed = fresh_project(root, subject);
    if let Err(e) = &passed {
        failed += 1;
        println!("a new project: FAILED: {e}");
    } else {
        println!("a new project: passed");
    }
    println!("{} failed", failed);
    Ok(failed == 0)
}

/// `glulam native new NAME`, and what its own test says.
fn fresh_project(root: &Path, subject: &Subject) -> Result<(), String> {
    let dir = root.join("target/natives");
    let project = dir.join("fresh");
    let _ = std::fs::remove_dir_all(&project);
    std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
    let glulam: PathBuf = subject.binary().ok_or("the executable under test is not glulam")?;
    status(Command::new(&glulam).args(["native", "new", "fresh"]).current_dir(&dir))?;
    status(Command::new("cargo").args(["test", "-q"]).current_dir(&project).env("GLULAM", &glulam)).map(|_| ())
}

fn status(command: &mut Command) -> Result<ExitStatus, String> {
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(status) } else { Err(format!("{command:?}: {status}")) }
}
