//! What runs the programs: glulam, any `erl`, and the languages that bench/compare has them in.

use super::build::{build, elixir_ebins};
use super::programs::Program;
use crate::command::find_on_path;
use crate::options::Options;
use crate::source;
use crate::subject::Subject;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub enum Runtime {
    /// A command that takes the flags of `erl`, with the name it has in tables.
    Erlang { name: String, subject: Subject },
    /// Where it is built, and the programs it says it has.
    Other { language: Language, dir: PathBuf, programs: BTreeSet<String> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Go,
    Node,
    Java,
    Tokio,
    /// No language of its own: it runs the compiled Erlang programs, some of them.
    Beamr,
}

impl Language {
    pub fn named(name: &str) -> Option<Language> {
        Some(match name {
            "go" => Language::Go,
            "node" => Language::Node,
            "java" => Language::Java,
            "tokio" => Language::Tokio,
            "beamr" => Language::Beamr,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Language::Go => "go",
            Language::Node => "node",
            Language::Java => "java",
            Language::Tokio => "tokio",
            Language::Beamr => "beamr",
        }
    }

    /// The program without which the language can't be built or run, and the arguments that make it say its version.
    pub fn tool(self) -> (&'static str, &'static str) {
        match self {
            Language::Go => ("go", "version"),
            Language::Node => ("node", "--version"),
            Language::Java => ("javac", "--version"),
            Language::Tokio | Language::Beamr => ("cargo", "--version"),
        }
    }

    /// The command that takes the arguments of the programs' main.
    pub fn command(self, dir: &Path, cores: Option<usize>) -> Command {
        let mut command = match (self, cores) {
            // garbage collectors and compilers of some have threads that no option limits
            (_, Some(cores)) if find_on_path("taskset").is_some() => {
                let mut taskset = Command::new("taskset");
                taskset.arg("-c").arg(format!("0-{}", cores - 1)).arg(self.program(dir));
                taskset
            }
            _ => Command::new(self.program(dir)),
        };
        match self {
            Language::Node => drop(command.arg(dir.join("main.js"))),
            Language::Java => {
                command.args(["-Xss64m", "-cp"]).arg(dir);
                if let Some(cores) = cores {
                    command.arg(format!("-XX:ActiveProcessorCount={cores}"));
                }
                command.arg("Main");
            }
            Language::Go | Language::Tokio | Language::Beamr => {}
        }
        if let Some(cores) = cores.map(|c| c.to_string()) {
            command.env("GOMAXPROCS", &cores).env("TOKIO_WORKER_THREADS", &cores).env("BENCH_CORES", &cores);
        }
        command
    }

    fn program(self, dir: &Path) -> PathBuf {
        match self {
            Language::Node => "node".into(),
            Language::Java => "java".into(),
            Language::Go | Language::Tokio | Language::Beamr => dir.join("programs"),
        }
    }

    pub fn version(self) -> String {
        let (tool, version) = self.tool();
        let said = first_line(Command::new(tool).arg(version));
        match self {
            Language::Tokio => format!("tokio 1, {said}"),
            Language::Beamr => format!("beamr 0.21, {said}"),
            Language::Java => said.replace("javac", "JDK"),
            Language::Node => format!("Node.js {said}"),
            Language::Go => said,
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
        match self {
            Runtime::Erlang { .. } => !program.needs_elixir() || find_on_path("elixir").is_some(),
            Runtime::Other { programs, .. } => programs.contains(&program.name),
        }
    }

    /// Whether it may fail where the others don't.
    pub fn is_partial(&self) -> bool {
        matches!(self, Runtime::Other { language: Language::Beamr, .. })
    }

    /// The command that runs `program` `runs` times and prints what `timed.erl` says; on `cores` cores if given.
    pub fn command(
        &self,
        root: &Path,
        built: &Path,
        program: &Program,
        runs: u64,
        cores: Option<usize>,
    ) -> Result<Command, String> {
        let arguments = [program.name.clone(), program.size.to_string(), runs.to_string()];
        let mut command = match self {
            Runtime::Erlang { subject, .. } => {
                let mut erl = subject.erl();
                if let Some(cores) = cores {
                    erl.args(["+S", &format!("{cores}:{cores}")]);
                }
                // beyond what N live processes need
                erl.args(["+P", "2000000", "-noshell", "-pa"]).arg(built);
                if program.needs_elixir() {
                    erl.args(elixir_ebins());
                }
                if program.kind == "whole" {
                    let package = if program.needs_elixir() { source::ELIXIR } else { source::OTP };
                    if matches!(program.name.as_str(), "estone" | "elixir_compile") {
                        erl.env(package.variable, source::tree(root, &package)?);
                    }
                }
                erl.args(["-run", "timed", "main"]);
                erl
            }
            Runtime::Other { language, dir, .. } => {
                let mut command = language.command(dir, cores);
                if *language == Language::Beamr {
                    command.arg(built).arg(stdlib());
                }
                command
            }
        };
        command.args(arguments);
        Ok(command)
    }

    /// What the runtime says of its version.
    pub fn version(&self) -> String {
        match self {
            Runtime::Erlang { subject, .. } => erlang_version(subject),
            Runtime::Other { language, .. } => language.version(),
        }
    }
}

pub fn erlang_version(subject: &Subject) -> String {
    let mut erl = subject.erl();
    let what = "io:put_chars([\"OTP \",erlang:system_info(otp_release),\" erts \",erlang:system_info(version),\" \",\
                atom_to_list(erlang:system_info(emu_flavor))]),halt()";
    first_line(erl.args(["-noshell", "-eval", what]))
}

/// Where the installed OTP has its stdlib.
fn stdlib() -> String {
    first_line(Command::new("erl").args(["-noshell", "-eval", "io:put_chars(code:lib_dir(stdlib,ebin)),halt()"]))
}

fn first_line(command: &mut Command) -> String {
    let out = command.stdin(Stdio::null()).output();
    let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_string()
}

/// glulam and those that `--against` names, ready to run. What is not installed is left out, loudly.
pub fn chosen(root: &Path, options: &Options, beams: &Path) -> Result<Vec<Runtime>, String> {
    let mut runtimes = vec![Runtime::Erlang { name: "glulam".into(), subject: Subject::under_test(root, options)? }];
    for name in options.value("against").unwrap_or("erl").split(',').filter(|n| !n.is_empty()) {
        match Language::named(name) {
            Some(language) => match build(root, language) {
                Ok(dir) => runtimes.push(Runtime::Other { language, programs: listed(language, &dir, beams), dir }),
                Err(why) => println!("without {name}: {why}"),
            },
            None => match Subject::reference(Some(name)) {
                Some(subject) => runtimes.push(Runtime::Erlang { name: name.into(), subject }),
                None => println!("without {name}: no such program"),
            },
        }
    }
    Ok(runtimes)
}

fn listed(language: Language, dir: &Path, beams: &Path) -> BTreeSet<String> {
    let mut command = language.command(dir, None);
    if language == Language::Beamr {
        command.arg(beams).arg(stdlib());
    }
    let out = command.arg("list").stdin(Stdio::null()).output();
    let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().map(String::from).collect()
}
