//! Programs run from outside: own process group, output into files, a deadline that kills the group.

use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a program ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    Exit(i32),
    Signal(i32),
    TimedOut,
    NotStarted(String),
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Exit(code) => write!(f, "exit status {code}"),
            End::Signal(number) => write!(f, "killed by signal {number}"),
            End::TimedOut => write!(f, "no end within the time limit"),
            End::NotStarted(why) => write!(f, "could not be started: {why}"),
        }
    }
}

pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub end: End,
}

/// A program with its own process group; dropped, the whole group is killed.
pub struct Running {
    child: Child,
    started: Instant,
}

impl Running {
    pub fn start(command: &mut Command, stdout: &Path, stderr: &Path) -> io::Result<Running> {
        let out = File::create(stdout)?;
        // one file for both keeps their order
        let err = if stderr == stdout { out.try_clone()? } else { File::create(stderr)? };
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0).spawn()?;
        Ok(Running { child, started: Instant::now() })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end, if it has come; `TimedOut` once `limit` has passed since the start.
    pub fn poll(&mut self, limit: Duration) -> Option<End> {
        match self.child.try_wait() {
            Ok(Some(status)) => Some(match (status.code(), status.signal()) {
                (Some(code), _) => End::Exit(code),
                (None, signal) => End::Signal(signal.unwrap_or(0)),
            }),
            Ok(None) if self.started.elapsed() < limit => None,
            Ok(None) => Some(End::TimedOut),
            Err(e) => Some(End::NotStarted(e.to_string())),
        }
    }

    pub fn wait(&mut self, limit: Duration) -> End {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(end) = self.poll(limit) {
                return end;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        kill_group(self.child.id());
        let _ = self.child.wait();
    }
}

/// Ends one process that a program of ours left behind.
pub fn kill_process(id: u32) {
    kill(&id.to_string());
}

fn kill_group(leader: u32) {
    kill(&format!("-{leader}"));
}

// std offers no kill(2) for groups or strangers
fn kill(target: &str) {
    let _ = Command::new("kill")
        .args(["-KILL", "--", target])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Runs to the end or the limit. `scratch` names the files the output goes through.
pub fn run(command: &mut Command, scratch: &Path, limit: Duration) -> Output {
    let out = with_suffix(scratch, "out");
    let err = with_suffix(scratch, "err");
    let end = match Running::start(command, &out, &err) {
        Ok(mut running) => running.wait(limit),
        Err(e) => End::NotStarted(e.to_string()),
    };
    Output { stdout: read_lossy(&out), stderr: read_lossy(&err), end }
}

pub fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

/// Where `program` is found on the PATH.
pub fn find_on_path(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Path::new(program).exists().then(|| PathBuf::from(program));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|p| p.exists())
}

/// Runs `work` over `items` on `jobs` threads; results in the items' order.
pub fn parallel<T: Sync, R: Send>(items: &[T], jobs: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    let result = work(item);
                    done.lock().unwrap_or_else(|p| p.into_inner()).push((i, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|p| p.into_inner());
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, r)| r).collect()
}

/// cargo of the nightly compiler; the variables name the compiler that runs this tool.
pub fn nightly_cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root).env("RUSTUP_TOOLCHAIN", "nightly").env_remove("CARGO").env_remove("RUSTC");
    command
}

/// Whether the nightly compiler's cargo has a subcommand; without any: whether there is such a compiler.
pub fn has_nightly(root: &Path, subcommand: &[&str]) -> bool {
    nightly_cargo(root).args(subcommand).arg("--version").output().is_ok_and(|out| out.status.success())
}
