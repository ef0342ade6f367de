//! The emulator under test, as a directory of programs to put first on the PATH.

use crate::command::find_on_path;
use crate::options::Options;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The names under which glulam acts as one of OTP's or Elixir's programs.
const PROGRAMS: &[&str] =
    &["erl", "erlc", "escript", "elixir", "elixirc", "iex", "mix", "ct_run", "dialyzer", "typer"];

/// One implementation of Erlang: what `erl` and `elixir` mean.
pub struct Subject {
    pub name: String,
    erl: Vec<String>,
    /// Put first on the PATH, so that scripts find the same implementation.
    bin: Option<PathBuf>,
    /// Its runs are seeded ones.
    seed: Option<String>,
}

impl Subject {
    /// The installed Erlang, if there is one.
    pub fn reference(command: Option<&str>) -> Option<Subject> {
        let command = command.unwrap_or("erl");
        find_on_path(command)?;
        Some(Subject { name: "erl".into(), erl: vec![command.to_string()], bin: None, seed: None })
    }

    /// What is tested: the command of `--erl` split at blanks, the executable that `--binary` names, or else
    /// glulam as built in `target/`.
    pub fn under_test(root: &Path, options: &Options) -> Result<Subject, String> {
        if let Some(command) = options.value("erl") {
            let erl: Vec<String> = command.split_whitespace().map(String::from).collect();
            let program = erl.first().ok_or("--erl needs a command")?;
            find_on_path(program).ok_or(format!("no program {program}"))?;
            return Ok(Subject { name: command.to_string(), erl, bin: None, seed: None });
        }
        let binary = options.value("binary").map_or_else(|| glulam_binary(root), PathBuf::from);
        if !binary.exists() {
            return Err(format!("{} is missing: cargo build --release -p glulam", binary.display()));
        }
        // another build has links of its own: both may be under test at the same time
        let bin = match options.value("binary") {
            Some(_) => PathBuf::from(format!("{}.programs", binary.display())),
            None => target_dir(root).join("programs"),
        };
        link_programs(&binary, &bin).map_err(|e| format!("{}: {e}", bin.display()))?;
        let erl = vec![bin.join("erl").to_string_lossy().into_owned()];
        let seed = options.value("run-seed").map(String::from);
        Ok(Subject { name: "glulam".into(), erl, bin: Some(bin), seed })
    }

    pub fn erl(&self) -> Command {
        let mut command = Command::new(&self.erl[0]);
        command.args(&self.erl[1..]);
        self.environment(&mut command);
        command
    }

    /// The executable itself, if it is glulam.
    pub fn binary(&self) -> Option<PathBuf> {
        std::fs::canonicalize(self.bin.as_ref()?.join("erl")).ok()
    }

    /// `erl` as one word list for another program to start.
    pub fn erl_words(&self) -> &[String] {
        &self.erl
    }

    /// One of OTP's or Elixir's programs, or another, for which those stand first on the PATH.
    pub fn program(&self, name: &str) -> Command {
        let path = match &self.bin {
            Some(bin) if PROGRAMS.contains(&name) => bin.join(name),
            _ => PathBuf::from(name),
        };
        let mut command = Command::new(path);
        self.environment(&mut command);
        command
    }

    fn environment(&self, command: &mut Command) {
        if let Some(bin) = &self.bin {
            let mut path = OsString::from(bin);
            if let Some(rest) = std::env::var_os("PATH") {
                path.push(":");
                path.push(rest);
            }
            command.env("PATH", path);
        }
        // What the node has when it ends is the system's to take back.
        command.env("ASAN_OPTIONS", "detect_leaks=0");
        if let Some(seed) = &self.seed {
            command.env("GLULAM_SEED", seed);
        }
        // the same on both sides, whatever the caller's session has
        command.env("LC_ALL", "C.UTF-8").env("ERL_CRASH_DUMP_SECONDS", "0").env_remove("ERL_FLAGS").env_remove("ERL_LIBS");
    }
}

pub fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The executable that is tested; `GLULAM` names another one than the release build's.
pub fn glulam_binary(root: &Path) -> PathBuf {
    std::env::var_os("GLULAM").map_or_else(|| target_dir(root).join("release/glulam"), PathBuf::from)
}

fn link_programs(binary: &Path, bin: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(bin)?;
    let binary = std::fs::canonicalize(binary)?;
    for name in PROGRAMS {
        let link = bin.join(name);
        if std::fs::read_link(&link).is_ok_and(|to| to == binary) {
            continue;
        }
        let _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&binary, &link)?;
    }
    Ok(())
}
