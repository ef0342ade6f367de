//! `erl`: its command line, from the words the user typed to a running node.

mod emulator;
mod expand;
mod split;

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::OnceLock;
use std::process::{Command, Stdio};

use glulam_vm::base::{environ, filename};
use glulam_vm::runtime::{self, Config};

use crate::failure::Failure;
use crate::otp::{self, Otp};

/// Set for the process in the background that `-detached` asks for.
const DETACHED: &str = "GLULAM_DETACHED";

/// The variable that says what `+zseed` says.
pub const SEED: &str = "GLULAM_SEED";

static ASKED_SEED: OnceLock<u64> = OnceLock::new();

/// Makes runs from here on seeded ones. Once.
pub fn set_seed(seed: u64) {
    let _ = ASKED_SEED.set(seed);
}

/// What `set_seed` or the variable says.
pub fn seed() -> Option<String> {
    ASKED_SEED.get().map(u64::to_string).or_else(|| std::env::var(SEED).ok())
}

/// Runs a command line of `erl`'s; its exit status. `env` is set besides.
pub fn run(args: Vec<OsString>, root: Option<&Path>, env: &[(&str, OsString)]) -> Result<i32, Failure> {
    let detached = std::env::var_os(DETACHED).is_some();
    if detached {
        // A session of its own, away from the terminal.
        let _ = rustix::process::setsid();
        environ::unset(DETACHED.as_bytes());
    }
    let expanded = expand::all(args.clone(), |name| std::env::var_os(name))?;
    let line = split::line(expanded)?;
    let otp = otp::find(root)?;
    if line.version {
        eprintln!("Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version {}", otp.erts_version);
        return Ok(0);
    }
    if line.detached && !detached {
        return detach(&args, &otp);
    }
    let home = std::env::var_os("HOME");
    let epmd_port = std::env::var_os("ERL_EPMD_PORT");
    let words = argv(&line, &otp, home, epmd_port);
    if line.print_and_exit {
        // The emulator's flags too, as OTP's launcher shows them.
        for word in line.emulator.iter().chain(&words) {
            println!("{}", word.to_string_lossy());
        }
        return Ok(0);
    }
    if line.verbose {
        let shown: Vec<_> = line.emulator.iter().chain(&words).map(|word| word.to_string_lossy()).collect();
        println!("Executing: glulam {}\n", shown.join(" "));
    }
    set_environment(&otp, &line, env);
    if line.is_distributed && !line.without_epmd {
        start_epmd(&line, &otp.bindir);
    }
    let mut config = Config::new(otp.root, otp.bindir, glulam_stdlib::NATIVES);
    config.erts_version = otp.erts_version;
    let names = emulator::apply(&line.emulator, &mut config)?;
    filename::set(names.encoding, names.on_invalid);
    config.args = words.into_iter().map(OsString::into_vec).collect();
    tracing::debug!(args = ?config.args.iter().map(|arg| String::from_utf8_lossy(arg)).collect::<Vec<_>>(), "starting");
    let status = runtime::run(config).map_err(|e| Failure::NoOtp(e.to_string()))?;
    Ok(status)
}

/// The words that init reads.
fn argv(line: &split::Line, otp: &Otp, home: Option<OsString>, epmd_port: Option<OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--".into(), "-root".into(), otp.root.clone().into()];
    words.extend(["-bindir".into(), otp.bindir.clone().into()]);
    words.extend(["-progname".into(), progname(), "--".into()]);
    if let Some(home) = home {
        words.extend(["-home".into(), home]);
    }
    if let Some(port) = epmd_port {
        words.extend(["-epmd_port".into(), port]);
    }
    words.push("--".into());
    words.extend(line.user.iter().cloned());
    words
}

/// What Erlang calls the program that started it: it may start another the same way.
fn progname() -> OsString {
    "erl".into()
}

/// What programs that Erlang starts expect in their environment.
fn set_environment(otp: &Otp, line: &split::Line, env: &[(&str, OsString)]) {
    let set = |key: &str, value: &[u8]| environ::set(key.as_bytes().to_vec(), value.to_vec());
    set("ROOTDIR", otp.root.as_os_str().as_bytes());
    set("BINDIR", otp.bindir.as_os_str().as_bytes());
    set("EMU", b"beam");
    set("PROGNAME", progname().as_bytes());
    set(otp::ROOT_VARIABLE, otp.root.as_os_str().as_bytes());
    let old = std::env::var_os("PATH").unwrap_or_default();
    let mut path = vec![otp.bindir.clone()];
    if !old.as_bytes().windows(otp.root.as_os_str().len()).any(|part| part == otp.root.as_os_str().as_bytes()) {
        path.push(otp.root.join("bin"));
    }
    path.extend(std::env::split_paths(&old).filter(|dir| *dir != otp.bindir));
    if let Ok(path) = std::env::join_paths(path) {
        set("PATH", path.as_bytes());
    }
    for (key, value) in &line.env {
        environ::set(key.as_bytes().to_vec(), value.as_bytes().to_vec());
    }
    for (key, value) in env {
        set(key, value.as_bytes());
    }
}

/// Starts the name server, if none runs yet: it finds that out itself.
fn start_epmd(line: &split::Line, bindir: &Path) {
    let status = match &line.epmd {
        Some(command) => {
            let mut command = command.clone();
            command.push(" -daemon");
            Command::new("/bin/sh").arg("-c").arg(command).status()
        }
        None => Command::new(bindir.join("epmd")).arg("-daemon").stdin(Stdio::null()).status(),
    };
    if let Err(e) = status {
        eprintln!("Error spawning epmd: {e}");
    }
}

/// Starts the same command line again in the background.
fn detach(args: &[OsString], otp: &Otp) -> Result<i32, Failure> {
    let fail = |e: std::io::Error| Failure::NoInput(format!("can't start in the background: {e}"));
    let exe = std::env::current_exe().map_err(fail)?;
    let mut command = Command::new(exe);
    command.arg("erl").args(args).env(DETACHED, "1").env(otp::ROOT_VARIABLE, &otp.root);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(fail)?;
    Ok(0)
}
