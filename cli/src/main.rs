#![forbid(unsafe_code)]
//! The glulam command line.
//!
//! The program's own name, or its first argument, may be that of one of OTP's or Elixir's programs:
//! then the rest of the command line is that program's. Everything else is glulam's own front door.

mod commands;
mod erl;
mod failure;
mod otp;
mod programs;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

#[cfg(not(feature = "system-allocator"))]
#[global_allocator]
static ALLOCATOR: glulam_vm::base::allocator::Allocator = glulam_vm::base::allocator::Allocator;

const EXIT_CODES: &str = "\
Exit codes:
  0    success, or what the program halts with
  1    the program ended with an exception, or a flag of erl is wrong
  2    wrong usage of glulam itself
  65   a file is damaged or of an unsupported kind
  66   a file is missing or can't be read
  69   no usable Erlang/OTP installation was found
  70   a module or function is missing";

/// Runs compiled Erlang and Elixir programs.
#[derive(Parser)]
#[command(name = "glulam", version, after_help = EXIT_CODES)]
struct Cli {
    /// Where Erlang/OTP is installed (the directory that holds lib/ and bin/start.boot)
    #[arg(long, global = true, value_name = "DIR")]
    otp_root: Option<PathBuf>,
    /// What to log to standard error: error, warn, info, debug, trace, or a filter
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    /// Repeatable interleavings: one scheduler that chooses by this number, and clocks of its own
    #[arg(long, global = true, value_name = "N")]
    seed: Option<u64>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a .beam, an escript, an .erl file, or a module of a directory
    Run(commands::run::Run),
    /// Evaluate an Erlang expression and print its value
    Eval(commands::eval::Eval),
    /// Show what a .beam file or a library of natives holds
    Inspect(commands::inspect::Inspect),
    /// Run as `run` does, then list the natives of libraries: calls, times, where they ran
    Natives(commands::run::Run),
    /// Make a project for a native plugin
    #[command(subcommand)]
    Native(commands::native::Native),
    /// Runs an isolated plugin for a node, which is at standard input
    #[command(name = "native-host", hide = true)]
    NativeHost(commands::native::Host),
    /// What erl does, with erl's flags
    #[command(disable_help_flag = true)]
    Erl(Rest),
    /// What erlc does
    #[command(disable_help_flag = true)]
    Erlc(Rest),
    /// What escript does
    #[command(disable_help_flag = true)]
    Escript(Rest),
    /// What elixir does
    #[command(disable_help_flag = true)]
    Elixir(Rest),
    /// What elixirc does
    #[command(disable_help_flag = true)]
    Elixirc(Rest),
    /// What iex does
    #[command(disable_help_flag = true)]
    Iex(Rest),
    /// What mix does
    #[command(disable_help_flag = true)]
    Mix(Rest),
    /// What ct_run does
    #[command(name = "ct_run", disable_help_flag = true)]
    CtRun(Rest),
    /// What dialyzer does
    #[command(disable_help_flag = true)]
    Dialyzer(Rest),
    /// What typer does
    #[command(disable_help_flag = true)]
    Typer(Rest),
}

/// A command line that is another program's.
#[derive(clap::Args)]
struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    args: Vec<OsString>,
}

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    let outcome = match dispatch(&args) {
        Some(outcome) => outcome,
        None => own(Cli::parse()),
    };
    match outcome {
        Ok(status) => ExitCode::from(status as u8),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Another program's command line, by our own name or by the first argument: its flags are not for
/// `clap` to read.
fn dispatch(args: &[OsString]) -> Option<Result<i32, Failure>> {
    let name = |arg: &OsString| Path::new(arg).file_name().and_then(|name| name.to_str()).map(str::to_string);
    if let Some(program) = args.first().and_then(name).and_then(|name| programs::Program::named(&name)) {
        return Some(log(None).and_then(|()| programs::run(program, &args[1..], None)));
    }
    let program = args.get(1).and_then(|arg| arg.to_str()).and_then(programs::Program::named)?;
    Some(log(None).and_then(|()| programs::run(program, &args[2..], None)))
}

fn own(cli: Cli) -> Result<i32, Failure> {
    log(cli.log.as_deref())?;
    if let Some(seed) = cli.seed {
        erl::set_seed(seed);
    }
    let root = cli.otp_root.as_deref();
    use programs::Program;
    let (program, rest) = match cli.command {
        Command::Run(run) => return commands::run::main(run, root, false),
        Command::Natives(run) => return commands::run::main(run, root, true),
        Command::Native(native) => return commands::native::main(native),
        Command::NativeHost(host) => return Ok(commands::native::host(&host)),
        Command::Eval(eval) => return commands::eval::main(eval, root),
        Command::Inspect(inspect) => return commands::inspect::main(inspect),
        Command::Erl(rest) => (Program::Erl, rest),
        Command::Erlc(rest) => (Program::Erlc, rest),
        Command::Escript(rest) => (Program::Escript, rest),
        Command::Elixir(rest) => (Program::Elixir, rest),
        Command::Elixirc(rest) => (Program::Elixirc, rest),
        Command::Iex(rest) => (Program::Iex, rest),
        Command::Mix(rest) => (Program::Mix, rest),
        Command::CtRun(rest) => (Program::CtRun, rest),
        Command::Dialyzer(rest) => (Program::Dialyzer, rest),
        Command::Typer(rest) => (Program::Typer, rest),
    };
    programs::run(program, &rest.args, root)
}

/// Logging to standard error, for what `--log` or `GLULAM_LOG` asks.
fn log(level: Option<&str>) -> Result<(), Failure> {
    let asked = level.map(str::to_string).or_else(|| std::env::var("GLULAM_LOG").ok());
    let Some(asked) = asked else { return Ok(()) };
    let filter = tracing_subscriber::EnvFilter::try_new(&asked)
        .map_err(|e| Failure::Usage(format!("--log {asked}: {e}; try error, warn, info, debug or trace")))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    Ok(())
}
