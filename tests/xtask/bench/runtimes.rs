//! What runs the programs: glulam, any `erl`, and the languages that bench/compare has them in.

use super::programs::Program;
use crate::command::find_on_path;
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use std::path::{Path, PathBuf};
use std::process::Command;

pub enum Runtime {
    /// A command that takes the flags of `erl`, with the name it has in tables.
    Erlang { name: String, subject: Subject },
    Other { language: Language, dir: PathBuf },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Go,
    Node,
    Java,
    Tokio,
}

impl Language {
    fn named(name: &str) -> Option<Language> {
        Some(match name {
            "go" => Language::Go,
            "node" => Language::Node,
            "java" => Language::Java,
            "tokio" => Language::Tokio,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Language::Go => "go",
            Language::Node => "node",
            Language::Java => "java",
            Language::Tokio => "tokio",
        }
    }

    /// The program without which the language can't be built or run, and the arguments that make it say its version.
    fn tool(self) -> (&'static str, &'static str) {
        match self {
            Language::Go => ("go", "version"),
            Language::Node => ("node", "--version"),
            Language::Java => ("javac", "--version"),
            Language::Tokio => ("cargo", "--version"),
        }
    }
}

impl Runtime {
    pub fn name(&self) -> &str {
        match self {
            Runtime::Erlang { name, .. } => name,
            Runtime::Other { language, .. } => language.name(),
        }
    }

    pub fn runs(&self, program: &Program) -> bool {
        matches!(self, Runtime::Erlang { .. }) || program.ported
    }

    /// The command that runs `program` `runs` times and prints what `timed.erl` says; on `cores` cores if given.
    pub fn command(&self, built: &Path, program: &Program, size: u64, runs: u64, cores: Option<usize>) -> Command {
        let arguments = [program.name.clone(), size.to_string(), runs.to_string()];
        match self {
            Runtime::Erlang { subject, .. } => {
                let mut erl = subject.erl();
                if let Some(cores) = cores {
                    erl.args(["+S", &format!("{cores}:{cores}")]);
                }
                // beyond what N live processes need
                erl.args(["+P", "2000000", "-noshell", "-pa"]).arg(built).args(["-run", "timed", "main"]);
                erl.args(arguments);
                erl
            }
            Runtime::Other { language, dir } => {
                let mut command = match language {
                    Language::Go | Language::Tokio => Command::new(dir.join("programs")),
                    Language::Node => Command::new("node"),
                    Language::Java => Command::new("java"),
                };
                match language {
                    Language::Node => {
                        command.arg(dir.join("main.js"));
                    }
                    Language::Java => {
                        command.args(["-Xss64m", "-cp"]).arg(dir);
                        if let Some(cores) = cores {
                            command.arg(format!("-XX:ActiveProcessorCount={cores}"));
                        }
                        command.arg("Main");
                    }
                    Language::Go | Language::Tokio => {}
                }
                if let Some(cores) = cores {
                    let cores = cores.to_string();
                    command.env("GOMAXPROCS", &cores).env("TOKIO_WORKER_THREADS", &cores);
                }
                command.args(arguments);
                command
            }
        }
    }

    /// What the runtime says of its version.
    pub fn version(&self) -> String {
        match self {
            Runtime::Erlang { subject, .. } => {
                let mut erl = subject.erl();
                let what = "io:put_chars([\"OTP \",erlang:system_info(otp_release),\" erts \",\
                            erlang:system_info(version)]),halt()";
                erl.args(["-noshell", "-eval", what]);
                first_line(&mut erl)
            }
            Runtime::Other { language: Language::Tokio, .. } => {
                format!("tokio 1, {}", first_line(Command::new("rustc").arg("--version")))
            }
            Runtime::Other { language, .. } => {
                let (tool, version) = language.tool();
                first_line(Command::new(tool).arg(version))
            }
        }
    }
}

fn first_line(command: &mut Command) -> String {
    let out = command.stdin(std::process::Stdio::null()).output();
    let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_string()
}

/// glulam and those that `--against` names, ready to run. What is not installed is left out, loudly.
pub fn chosen(root: &Path, options: &Options) -> Result<Vec<Runtime>, String> {
    let mut runtimes = vec![Runtime::Erlang { name: "glulam".into(), subject: Subject::under_test(root, options)? }];
    for name in options.value("against").unwrap_or("erl").split(',').filter(|n| !n.is_empty()) {
        match Language::named(name) {
            Some(language) => match build(root, language) {
                Ok(dir) => runtimes.push(Runtime::Other { language, dir }),
                Err(why) => println!("without {name}: {why}"),
            },
            None if name == "beamr" => println!("without beamr: {}", super::BEAMR),
            None => match Subject::reference(Some(name)) {
                Some(subject) => runtimes.push(Runtime::Erlang { name: name.into(), subject }),
                None => println!("without {name}: no such program"),
            },
        }
    }
    Ok(runtimes)
}

/// Compiles the programs of one language; the directory to run them from.
fn build(root: &Path, language: Language) -> Result<PathBuf, String> {
    let (tool, _) = language.tool();
    find_on_path(tool).ok_or(format!("no `{tool}` on the PATH"))?;
    let source = root.join("bench/compare").join(language.name());
    let out = target_dir(root).join("bench").join(language.name());
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    match language {
        Language::Node => return Ok(source),
        Language::Go => {
            let mut go = Command::new("go");
            go.args(["build", "-o"]).arg(out.join("programs")).arg(".").current_dir(&source).env("GOFLAGS", "-mod=mod");
            finish(&mut go)?;
        }
        Language::Java => {
            let mut javac = Command::new("javac");
            javac.arg("-d").arg(&out).args(files(&source, "java")?);
            finish(&mut javac)?;
        }
        Language::Tokio => {
            let mut cargo = Command::new("cargo");
            cargo.args(["build", "-q", "--release", "--target-dir"]).arg(&out).current_dir(&source);
            finish(&mut cargo)?;
            let from = out.join("release/programs");
            std::fs::copy(&from, out.join("programs")).map_err(|e| format!("{}: {e}", from.display()))?;
        }
    }
    Ok(out)
}

/// The Erlang programs compiled by the installed `erlc`, since every runtime is to run the same bytecode.
pub fn build_erlang(root: &Path) -> Result<PathBuf, String> {
    let out = target_dir(root).join("bench/beam");
    std::fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    find_on_path("erlc").ok_or("no `erlc` on the PATH")?;
    let source = root.join("bench/programs");
    let mut erlc = Command::new("erlc");
    erlc.arg("-o").arg(&out).args(files(&source, "erl")?);
    for kind in ["sequential", "concurrent", "memory"] {
        erlc.args(files(&source.join(kind), "erl")?);
    }
    finish(&mut erlc)?;
    Ok(out)
}

fn files(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    Ok(files)
}

fn finish(command: &mut Command) -> Result<(), String> {
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
