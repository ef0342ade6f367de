//! Starting programs: `{spawn, Command}` and `{spawn_executable, File}`.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;

use rustix::io::Errno;

use super::driver::Driver;
use super::fd::{Descriptor, FdDriver};
use super::launch::Launch;
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

/// Starts a program; its driver.
pub fn spawn(program: Program, around: Surroundings, options: &Options) -> Result<Box<dyn Driver>, OpenError> {
    let (file, args) = match program {
        Program::Shell(line) => {
            (b"/bin/sh".to_vec(), vec![b"sh".to_vec(), b"-c".to_vec(), [b"exec ", &line[..]].concat()])
        }
        Program::File { file, args, arg0 } => {
            rustix::fs::access(&file[..], rustix::fs::Access::EXEC_OK).map_err(posix)?;
            let name = arg0.unwrap_or_else(|| file.clone());
            (file, [name].into_iter().chain(args).collect())
        }
    };
    let mut env: BTreeMap<_, _> = environ::all().into_iter().collect();
    for (key, value) in around.env {
        match value {
            Some(value) => env.insert(key, value),
            None => env.remove(&key),
        };
    }
    let env = env.into_iter().collect();
    start(Launch { file, args, env, cd: around.cd, descriptors: Vec::new() }, options)
}

fn posix(e: Errno) -> OpenError {
    OpenError::Posix(e.raw_os_error())
}

fn pipe() -> Result<(OwnedFd, OwnedFd), OpenError> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(posix)
}

fn start(mut launch: Launch, options: &Options) -> Result<Box<dyn Driver>, OpenError> {
    let (mut input, mut output) = (None, None);
    let give = &mut launch.descriptors;
    if options.input {
        let (ours, theirs) = pipe()?;
        input = Some(ours);
        if options.stderr_to_stdout {
            give.push((rustix::io::fcntl_dupfd_cloexec(&theirs, 3).map_err(posix)?, 2));
        }
        give.push((theirs, if options.use_stdio { 1 } else { 4 }));
    }
    if options.output {
        let (theirs, ours) = pipe()?;
        output = Some(ours);
        give.push((theirs, if options.use_stdio { 0 } else { 3 }));
    }
    // What the program got of the pipes is closed here with the launch.
    let child = match launch.start() {
        Ok(child) => Ok(child),
        // Nothing was started that could have failed.
        Err(error @ (Errno::AGAIN | Errno::NOMEM | Errno::MFILE | Errno::NFILE)) => return Err(posix(error)),
        // As in OTP, where the child fails behind the port's back.
        Err(error) if input.is_some() => Err(error.raw_os_error()),
        Err(error) => return Err(posix(error)),
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
