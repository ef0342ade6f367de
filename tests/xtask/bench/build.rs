//! Compiles what is measured: the Erlang and Elixir programs, and those of bench/compare.

use super::programs::KINDS;
use super::runtimes::Language;
use crate::command::find_on_path;
use crate::subject::target_dir;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The Erlang programs compiled by the installed `erlc`, since every runtime is to run the same bytecode; those in
/// Elixir if there is an `elixirc`.
pub fn build_erlang(root: &Path) -> Result<PathBuf, String> {
    let out = target_dir(root).join("bench/beam");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    find_on_path("erlc").ok_or("no `erlc` on the PATH")?;
    let source = root.join("bench/programs");
    let mut sources = files(&source, "erl")?;
    let mut elixir = Vec::new();
    for kind in KINDS {
        sources.extend(files(&source.join(kind), "erl")?);
        elixir.extend(files(&source.join(kind), "ex")?);
    }
    sources.extend(files(&root.join("bench/experiments"), "erl")?);
    elixir.extend(files(&root.join("bench/experiments"), "ex")?);
    if is_older(&out.join("timed.beam"), &sources) {
        let mut erlc = Command::new("erlc");
        finish(erlc.arg("-o").arg(&out).args(sources))?;
    }
    if find_on_path("elixirc").is_some() && is_older(&out.join("async_stream.beam"), &elixir) {
        let mut elixirc = Command::new("elixirc");
        finish(elixirc.arg("--ignore-module-conflict").arg("-o").arg(&out).args(elixir))?;
    }
    Ok(out)
}

/// The code of the installed Elixir, if there is one.
pub fn elixir_ebins() -> Vec<PathBuf> {
    let Some(elixir) = find_on_path("elixir").and_then(|p| std::fs::canonicalize(p).ok()) else { return Vec::new() };
    let Some(lib) = elixir.ancestors().nth(2).map(|home| home.join("lib")) else { return Vec::new() };
    let apps = std::fs::read_dir(lib).into_iter().flatten().flatten();
    apps.map(|app| app.path().join("ebin")).filter(|ebin| ebin.is_dir()).collect()
}

/// Compiles the programs of one language; the directory to run them from.
pub fn build(root: &Path, language: Language) -> Result<PathBuf, String> {
    let (tool, _) = language.tool();
    find_on_path(tool).ok_or(format!("no `{tool}` on the PATH (sh tests/setup.sh bench installs it)"))?;
    let source = root.join("bench/compare").join(language.name());
    let out = target_dir(root).join("bench").join(language.name());
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    match language {
        Language::Node => return Ok(source),
        Language::Go => {
            let mut go = Command::new("go");
            finish(go.args(["build", "-o"]).arg(out.join("programs")).arg(".").current_dir(&source))?;
        }
        Language::Java => {
            let sources = files(&source, "java")?;
            if is_older(&out.join("Main.class"), &sources) {
                let mut javac = Command::new("javac");
                finish(javac.arg("-d").arg(&out).args(sources))?;
            }
        }
        Language::Tokio | Language::Beamr => {
            if !out.join("programs").exists() {
                eprintln!("building the programs for {}", language.name());
            }
            let mut cargo = Command::new("cargo");
            finish(cargo.args(["build", "-q", "--release", "--target-dir"]).arg(&out).current_dir(&source))?;
            let from = out.join("release/programs");
            std::fs::copy(&from, out.join("programs")).map_err(|e| format!("{}: {e}", from.display()))?;
        }
    }
    Ok(out)
}

fn is_older(built: &Path, sources: &[PathBuf]) -> bool {
    let changed = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    let built = changed(built);
    sources.iter().any(|source| changed(source) > built)
}

/// Sorted; none where there is no such directory.
fn files(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    Ok(files)
}

pub fn finish(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let out = command.output().map_err(|e| format!("{name}: {e}"))?;
    match out.status.success() {
        true => Ok(()),
        false => {
            let text = [out.stdout, out.stderr].concat();
            Err(format!("{name}: {}", String::from_utf8_lossy(&text).chars().take(600).collect::<String>()))
        }
    }
}
