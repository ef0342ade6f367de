//! OTP's and Elixir's programs, by name.
//!
//! `erl`, `erlc` and `escript` become an `erl` command line that runs here. The others are the
//! installed programs, which start `erl`: they find a link of that name to this executable.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::{erl, otp};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Program {
    Erl,
    Erlc,
    Escript,
    Elixir,
    Elixirc,
    Iex,
    Mix,
    CtRun,
    Dialyzer,
    Typer,
}

impl Program {
    pub fn named(name: &str) -> Option<Program> {
        Some(match name {
            "erl" => Program::Erl,
            "erlc" => Program::Erlc,
            "escript" => Program::Escript,
            "elixir" => Program::Elixir,
            "elixirc" => Program::Elixirc,
            "iex" => Program::Iex,
            "mix" => Program::Mix,
            "ct_run" => Program::CtRun,
            "dialyzer" => Program::Dialyzer,
            "typer" => Program::Typer,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Program::Erl => "erl",
            Program::Erlc => "erlc",
            Program::Escript => "escript",
            Program::Elixir => "elixir",
            Program::Elixirc => "elixirc",
            Program::Iex => "iex",
            Program::Mix => "mix",
            Program::CtRun => "ct_run",
            Program::Dialyzer => "dialyzer",
            Program::Typer => "typer",
        }
    }

    /// The variable that names the emulator to a program of OTP's.
    fn emulator_variable(self) -> Option<&'static str> {
        match self {
            Program::CtRun => Some("CT_RUN_EMULATOR"),
            Program::Dialyzer => Some("DIALYZER_EMULATOR"),
            Program::Typer => Some("TYPER_EMULATOR"),
            _ => None,
        }
    }
}

/// Runs a program; its exit status.
pub fn run(program: Program, args: &[OsString], root: Option<&Path>) -> Result<i32, Failure> {
    match program {
        Program::Erl => erl::run(args.to_vec(), root, &[]),
        Program::Erlc => erl::run(erlc(args), root, &[("ESCRIPT_NAME", OsString::from("erlc"))]),
        Program::Escript => {
            let (script, args) = escript(args)?;
            erl::run(args, root, &[("ESCRIPT_NAME", script)])
        }
        _ => installed(program, args, root),
    }
}

fn strings(args: &[&str]) -> Vec<OsString> {
    args.iter().map(OsString::from).collect()
}

/// `erlc ARGS` as a command line of `erl`.
fn erlc(args: &[OsString]) -> Vec<OsString> {
    let mut before = strings(&["+S1"]);
    let mut after = strings(&[
        "+sbtu", "+A0", "-noinput", "-mode", "minimal", "-boot", "no_dot_erlang", "-s", "erl_compile",
        "compile_cmdline", "-extra",
    ]);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.to_str() {
            // Code paths are for the emulator, before everything else.
            Some(path) if path.starts_with("-pa") || path.starts_with("-pz") => {
                let (option, attached) = path.split_at(3);
                let directory = if attached.is_empty() { args.next().cloned() } else { Some(attached.into()) };
                if let Some(directory) = directory {
                    before.extend([option.into(), directory]);
                }
            }
            Some("-d" | "-no-server" | "-server") => {}
            Some("-smp") => before.push(arg.clone()),
            _ => after.push(arg.clone()),
        }
    }
    before.extend(after);
    before
}

/// `escript [OPTIONS] FILE ARGS` as a command line of `erl`, and the script's name.
fn escript(args: &[OsString]) -> Result<(OsString, Vec<OsString>), Failure> {
    let is_option = |arg: &&OsString| arg.as_encoded_bytes().starts_with(b"-");
    let (options, rest) = args.split_at(args.iter().take_while(is_option).count());
    let Some(script) = rest.first() else {
        return Err(Failure::Erl("escript: Missing filename\n".into()));
    };
    let mut line = strings(&["+B", "-boot", "no_dot_erlang", "-noshell"]);
    line.extend(flags_in(Path::new(script))?);
    line.extend(strings(&["-run", "escript", "start"]));
    for option in options {
        line.push(option.to_string_lossy()[1..].into());
    }
    line.push("-extra".into());
    line.extend_from_slice(rest);
    Ok((script.clone(), line))
}

/// Flags on the `%%!` line of a script: its second or third.
fn flags_in(script: &Path) -> Result<Vec<OsString>, Failure> {
    let file = std::fs::File::open(script)
        .map_err(|_| Failure::Erl(format!("escript: Failed to open file: {}", script.display())))?;
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for number in 0..3 {
        line.clear();
        // A compiled script's rest is no text: the first lines are, and lines are bounded.
        if std::io::Read::take(&mut reader, 4096).read_until(b'\n', &mut line).is_err() {
            break;
        }
        if number > 0
            && let Some(flags) = line.strip_prefix(b"%%!")
        {
            let flags = String::from_utf8_lossy(flags);
            return Ok(flags.split_whitespace().map(OsString::from).collect());
        }
    }
    Ok(Vec::new())
}

/// Runs an installed program with `erl` on its search path being us. Does not return if it starts.
fn installed(program: Program, args: &[OsString], root: Option<&Path>) -> Result<i32, Failure> {
    let otp = otp::find(root)?;
    let links = links()?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let file = find_program(program.name(), &otp.root, &path, &links)?;
    let dirs = std::iter::once(links.clone()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(dirs).map_err(|e| Failure::Usage(format!("PATH: {e}")))?;
    let mut command = Command::new(&file);
    command.args(args).env("PATH", path).env(otp::ROOT_VARIABLE, &otp.root);
    if let Some(seed) = erl::seed() {
        command.env(erl::SEED, seed);
    }
    if let Some(variable) = program.emulator_variable() {
        command.env(variable, links.join("erl"));
    }
    tracing::debug!(program = %file.display(), "starting");
    let e = command.exec();
    Err(Failure::NoInput(format!("{}: {e}", file.display())))
}

fn find_program(name: &str, root: &Path, path: &OsStr, links: &Path) -> Result<PathBuf, Failure> {
    let ours = std::env::current_exe().and_then(std::fs::canonicalize).ok();
    let dirs = std::env::split_paths(path).chain([root.join("bin")]);
    for dir in dirs.filter(|dir| dir != links) {
        let file = dir.join(name);
        if file.is_file() && std::fs::canonicalize(&file).ok() != ours {
            return Ok(file);
        }
    }
    Err(Failure::NoInput(format!("{name} is not installed: it is neither on the PATH nor in {}/bin", root.display())))
}

/// A directory of ours with links of OTP's names to this executable.
fn links() -> Result<PathBuf, Failure> {
    let fail = |e: std::io::Error| Failure::NoInput(format!("can't make links to this executable: {e}"));
    let exe = std::env::current_exe().and_then(std::fs::canonicalize).map_err(fail)?;
    let user = rustix::process::getuid().as_raw();
    // One directory for each executable: links never change under a running program.
    let hash = exe.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_dir());
    let dir = base.unwrap_or_else(std::env::temp_dir).join(format!("glulam-{user}-{hash:016x}"));
    match std::fs::DirBuilder::new().mode(0o700).create(&dir) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(fail(e)),
        _ => {}
    }
    let meta = std::fs::symlink_metadata(&dir).map_err(fail)?;
    if !meta.is_dir() || meta.uid() != user || meta.mode() & 0o022 != 0 {
        return Err(Failure::NoInput(format!("{}: not ours alone; remove it", dir.display())));
    }
    for name in ["erl", "erlc", "escript"] {
        let link = dir.join(name);
        if std::fs::read_link(&link).ok().as_deref() != Some(&exe) {
            let _ = std::fs::remove_file(&link);
            match std::os::unix::fs::symlink(&exe, &link) {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(fail(e)),
                _ => {}
            }
        }
    }
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(args: &[OsString]) -> String {
        args.join(OsStr::new(" ")).to_string_lossy().into_owned()
    }

    #[test]
    fn erlc_puts_code_paths_first() {
        let line = text(&erlc(&strings(&["-o", "ebin", "-pa", "dir", "+debug_info", "a.erl"])));
        assert!(line.starts_with("+S1 -pa dir +sbtu"), "{line}");
        assert!(line.ends_with("-extra -o ebin +debug_info a.erl"), "{line}");
    }
}
