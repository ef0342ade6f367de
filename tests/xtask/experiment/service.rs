//! What serves: an emulator or a program of bench/compare, started with its output in a file, ended with its group.

use super::Setting;
use crate::bench::report::cores;
use crate::bench::{self, Language, measure};
use crate::command::{Running, find_on_path, read_lossy};
use crate::subject::{Subject, target_dir};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

pub enum Host {
    Erlang { name: String, subject: Subject },
    Other { language: Language, dir: PathBuf },
}

impl Host {
    pub fn named(root: &Path, name: &str) -> Result<Host, String> {
        match Language::named(name) {
            Some(Language::Beamr) => Err("it has no sockets of OTP".into()),
            Some(language) => Ok(Host::Other { language, dir: bench::build(root, language)? }),
            None => {
                let subject = Subject::reference(Some(name)).ok_or("no such program")?;
                Ok(Host::Erlang { name: name.into(), subject })
            }
        }
    }

    pub fn name(&self) -> &str {
        match self {
            Host::Erlang { name, .. } => name,
            Host::Other { language, .. } => language.name(),
        }
    }

    pub fn version(&self) -> String {
        match self {
            Host::Erlang { subject, .. } => bench::erlang_version(subject),
            Host::Other { language, .. } => language.version(),
        }
    }

    /// `erl` with the programs on its path, on so many cores.
    fn erl(subject: &Subject, beams: &Path, cores: usize) -> Command {
        let mut erl = subject.erl();
        erl.args(["+S", &format!("{cores}:{cores}"), "+P", "2000000", "+Q", "65536", "-noshell", "-pa"]).arg(beams);
        erl.args(bench::elixir_ebins());
        erl
    }

    /// The command that runs a program of bench/programs or bench/experiments once, as `timed.erl` does.
    pub fn timed(&self, beams: &Path, program: &str, size: u64, runs: u64) -> Command {
        let arguments = [program.to_string(), size.to_string(), runs.to_string()];
        let mut command = match self {
            Host::Erlang { subject, .. } => {
                let mut erl = Host::erl(subject, beams, cores());
                erl.args(["-run", "timed", "main"]);
                erl
            }
            Host::Other { language, dir } => language.command(dir, None),
        };
        command.args(arguments);
        command
    }

    /// The command of the service on so many cores: module and arguments for Erlang, `serve` elsewhere.
    pub fn serve(&self, beams: &Path, module: &[&str], cores: usize) -> Command {
        match self {
            Host::Erlang { subject, .. } => {
                let mut erl = Host::erl(subject, beams, cores);
                erl.arg("-run").arg(module[0]).arg("main").args(&module[1..]);
                erl
            }
            Host::Other { language, dir } => {
                let mut command = language.command(dir, Some(cores));
                command.arg("serve");
                command
            }
        }
    }
}

/// The cores that a service has: all but the last, which is the load generator's.
pub fn served_cores() -> usize {
    (cores() - 1).max(1)
}

/// Keeps the load generator, which is this process, on the last core.
pub fn pin_generator() {
    let me = std::process::id().to_string();
    if cores() > 1 && find_on_path("taskset").is_some() {
        let last = (cores() - 1).to_string();
        let _ = Command::new("taskset").args(["-acp", &last, &me]).output();
    }
}

pub struct Service {
    pub running: Running,
    pub port: u16,
}

impl Service {
    /// Starts a service on the cores that services have and waits for its port.
    pub fn start(setting: &Setting<'_>, host: &Host, module: &[&str]) -> Result<Service, String> {
        let inner = host.serve(&setting.beams, module, served_cores());
        let mut command = pinned(&inner);
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let log = target_dir(setting.root).join("bench/service.out");
        let mut running = Running::start(&mut command, &log, &log).map_err(|e| format!("{}: {e}", host.name()))?;
        let started = Instant::now();
        loop {
            let text = read_lossy(&log);
            if let Some(port) = text.lines().find_map(|l| l.strip_prefix("port ")?.trim().parse().ok()) {
                return Ok(Service { running, port });
            }
            if let Some(end) = running.poll(Duration::from_secs(30)) {
                return Err(format!("{}: {end}; it printed {text}", host.name()));
            }
            if started.elapsed() > Duration::from_secs(30) {
                return Err(format!("{} printed no port", host.name()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Megabytes resident now.
    pub fn memory(&self) -> f64 {
        measure::resident(self.running.id()).unwrap_or(0.0) / 1e6
    }

    pub fn alive(&mut self) -> bool {
        self.running.poll(Duration::MAX).is_none()
    }
}

/// The same command on the first cores, with as many descriptors as may be.
fn pinned(inner: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 65536 2>/dev/null || ulimit -n $(ulimit -Hn); exec \"$@\"", "sh"]);
    if cores() > 1 && find_on_path("taskset").is_some() {
        shell.args(["taskset", "-c", &format!("0-{}", served_cores() - 1)]);
    }
    shell.arg(inner.get_program()).args(inner.get_args());
    shell
}
