//! Starting a program by `posix_spawn`: the node's memory is not copied for it, however large it is.
//! What the standard library's own way lacks is a session of its own for the program.

use std::ffi::{CString, c_char};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::null_mut;

use rustix::io::Errno;

/// A program to start.
pub(super) struct Launch {
    pub file: Vec<u8>,
    /// Its name as it sees it, and its arguments.
    pub args: Vec<Vec<u8>>,
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    pub cd: Option<Vec<u8>>,
    /// Descriptors of ours, and the numbers they get.
    pub descriptors: Vec<(OwnedFd, i32)>,
}

/// Above every number that a program is given a descriptor under.
const OUT_OF_THE_WAY: i32 = 10;

/// What the node ignores or handles and a program may not inherit ignored.
const DEFAULT_SIGNALS: [i32; 5] = [libc::SIGPIPE, libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP, libc::SIGCHLD];

/// The strings of a C vector, which ends in a null pointer.
struct Vector {
    _strings: Vec<CString>,
    pointers: Vec<*mut c_char>,
}

impl Vector {
    fn new(strings: impl Iterator<Item = Vec<u8>>) -> Result<Vector, Errno> {
        let strings: Vec<CString> = strings.map(c_string).collect::<Result<_, _>>()?;
        let pointers = strings.iter().map(|s| s.as_ptr().cast_mut()).chain([null_mut()]).collect();
        Ok(Vector { _strings: strings, pointers })
    }
}

fn c_string(bytes: Vec<u8>) -> Result<CString, Errno> {
    CString::new(bytes).map_err(|_| Errno::INVAL)
}

fn check(code: i32) -> Result<(), Errno> {
    if code == 0 { Ok(()) } else { Err(Errno::from_raw_os_error(code)) }
}

/// What the child does before it becomes the program.
struct Actions(libc::posix_spawn_file_actions_t);

impl Actions {
    fn new() -> Result<Actions, Errno> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the call fills what it is given, or says why not.
        unsafe {
            check(libc::posix_spawn_file_actions_init(actions.as_mut_ptr()))?;
            Ok(Actions(actions.assume_init()))
        }
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: made by `new`, destroyed once.
        unsafe { libc::posix_spawn_file_actions_destroy(&raw mut self.0) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> Result<Attributes, Errno> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the call fills what it is given, or says why not.
        unsafe {
            check(libc::posix_spawnattr_init(attributes.as_mut_ptr()))?;
            Ok(Attributes(attributes.assume_init()))
        }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: made by `new`, destroyed once.
        unsafe { libc::posix_spawnattr_destroy(&raw mut self.0) };
    }
}

impl Launch {
    /// Starts the program in a session of its own, so that it has no terminal to ask anything on and no key
    /// interrupts it; its number.
    pub fn start(self) -> Result<u32, Errno> {
        let file = c_string(self.file)?;
        let cd = self.cd.map(c_string).transpose()?;
        let args = Vector::new(self.args.into_iter())?;
        let env = Vector::new(self.env.into_iter().map(|(key, value)| [key, value].join(&b'=')))?;
        // None of them is overwritten before it has been moved.
        let away = |(fd, number): &(OwnedFd, i32)| {
            Ok((rustix::io::fcntl_dupfd_cloexec(fd, OUT_OF_THE_WAY)?, *number))
        };
        let descriptors: Vec<(OwnedFd, i32)> = self.descriptors.iter().map(away).collect::<Result<_, Errno>>()?;
        let (mut actions, mut attributes) = (Actions::new()?, Attributes::new()?);
        let mut pid = 0;
        // SAFETY: the strings, vectors and descriptors live until the end of the call, which copies
        // what it needs.
        unsafe {
            for (fd, number) in &descriptors {
                check(libc::posix_spawn_file_actions_adddup2(&raw mut actions.0, fd.as_raw_fd(), *number))?;
            }
            if let Some(cd) = &cd {
                check(libc::posix_spawn_file_actions_addchdir_np(&raw mut actions.0, cd.as_ptr()))?;
            }
            let mut signals = MaybeUninit::uninit();
            libc::sigemptyset(signals.as_mut_ptr());
            let mut signals = signals.assume_init();
            check(libc::posix_spawnattr_setsigmask(&raw mut attributes.0, &raw const signals))?;
            for signal in DEFAULT_SIGNALS {
                libc::sigaddset(&raw mut signals, signal);
            }
            check(libc::posix_spawnattr_setsigdefault(&raw mut attributes.0, &raw const signals))?;
            let flags = i32::from(libc::POSIX_SPAWN_SETSID) | libc::POSIX_SPAWN_SETSIGDEF | libc::POSIX_SPAWN_SETSIGMASK;
            check(libc::posix_spawnattr_setflags(&raw mut attributes.0, flags as libc::c_short))?;
            check(libc::posix_spawn(
                &raw mut pid,
                file.as_ptr(),
                &raw const actions.0,
                &raw const attributes.0,
                args.pointers.as_ptr(),
                env.pointers.as_ptr(),
            ))?;
        }
        u32::try_from(pid).map_err(|_| Errno::CHILD)
    }
}
