//! Starting programs: `{spawn, Command}` and `{spawn_executable, File}`.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::driver::Driver;
use super::fd::{Descriptor, FdDriver};
use super::{OpenError, Options};
use crate::base::environ;

/// What to start.
#[derive(Clone, Debug)]
pub enum Program {
    /// A command line for the shell.
    Shell(Vec<u8>),
    /// A file, its arguments, and the name it sees itself under.
    File { file: Vec<u8>, args: Vec<Vec<u8>>, arg0: Option<Vec<u8>> },
}

/// Where and with what to start it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub cd: Option<Vec<u8>>,
    /// Variables set (or, without a value, unset) besides ours.
    pub env: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

fn os(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// Starts a program; its driver.
pub fn spawn(program: Program, around: Surroundings, options: &Options) -> Result<Box<dyn Driver>, OpenError> {
    let mut command = match program {
        Program::Shell(line) => {
            let mut command = Command::new("/bin/sh");
            command.arg0("sh");
            command.args([OsString::from("-c"), os([b"exec ", &line[..]].concat())]);
            command
        }
        Program::File { file, args, arg0 } => {
            rustix::fs::access(&file[..], rustix::fs::Access::EXEC_OK).map_err(posix)?;
            let mut command = Command::new(os(file));
            command.args(args.into_iter().map(os));
            if let Some(arg0) = arg0 {
                command.arg0(os(arg0));
            }
            command
        }
    };
    command.env_clear();
    command.envs(environ::all().into_iter().map(|(key, value)| (os(key), os(value))));
    for (key, value) in around.env {
        match value {
            Some(value) => command.env(os(key), os(value)),
            None => command.env_remove(os(key)),
        };
    }
    if let Some(cd) = around.cd {
        command.current_dir(os(cd));
    }
    command.process_group(0);
    start(command, options)
}

fn posix(e: rustix::io::Errno) -> OpenError {
    OpenError::Posix(e.raw_os_error())
}

fn pipe() -> Result<(OwnedFd, OwnedFd), OpenError> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(posix)
}

fn start(mut command: Command, options: &Options) -> Result<Box<dyn Driver>, OpenError> {
    let (mut input, mut output) = (None, None);
    let mut extra = Vec::new();
    if options.input {
        let (ours, theirs) = pipe()?;
        input = Some(ours);
        if options.stderr_to_stdout {
            command.stderr(Stdio::from(theirs.try_clone().map_err(|_| posix(rustix::io::Errno::MFILE))?));
        }
        if options.use_stdio {
            command.stdout(Stdio::from(theirs));
        } else {
            extra.push((theirs, 4));
        }
    }
    if options.output {
        let (theirs, ours) = pipe()?;
        output = Some(ours);
        if options.use_stdio {
            command.stdin(Stdio::from(theirs));
        } else {
            extra.push((theirs, 3));
        }
    }
    if !extra.is_empty() {
        give(&mut command, extra);
    }
    let started = command.spawn().map_err(|e| crate::base::errno::of(&e));
    // The command keeps the program's ends of the pipes.
    drop(command);
    let child = match started {
        Ok(child) => Ok(child.id()),
        // Nothing was started that could have failed.
        Err(error @ (libc::EAGAIN | libc::ENOMEM | libc::EMFILE | libc::ENFILE)) => return Err(OpenError::Posix(error)),
        // As in OTP, where the child fails behind the port's back.
        Err(error) if input.is_some() => Err(error),
        Err(error) => return Err(OpenError::Posix(error)),
    };
    for fd in input.iter().chain(&output) {
        rustix::io::ioctl_fionbio(fd, true).map_err(posix)?;
    }
    let [input, output] = [input, output].map(|fd| fd.map(Descriptor::Owned));
    Ok(Box::new(match child {
        Ok(child) => FdDriver::new(input, output, Some(child), options),
        Err(error) => FdDriver::ended_with(error, input, output, options),
    }))
}

/// Gives the program descriptors under fixed numbers.
fn give(command: &mut Command, descriptors: Vec<(OwnedFd, i32)>) {
    use std::os::fd::AsRawFd;
    let install = move || {
        // Out of the way of the numbers first, so that none is overwritten before it is moved.
        let mut moved = [-1; 2];
        for (slot, (fd, _)) in moved.iter_mut().zip(&descriptors) {
            // SAFETY: between fork and exec; only calls that are safe there.
            *slot = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 10) };
        }
        for (&fd, (_, number)) in moved.iter().zip(&descriptors) {
            // SAFETY: as above.
            if fd < 0 || unsafe { libc::dup2(fd, *number) } < 0 {
                return Err(std::io::Error::last_os_error());
            }
        }
        Ok(())
    };
    // SAFETY: the closure makes system calls only; it takes no locks and allocates nothing.
    unsafe { command.pre_exec(install) };
}
