//! Signals of the operating system, for the process registered as `erl_signal_server`.
//!
//! The handler only writes the signal's number to a pipe; a thread turns it into a message
//! `{notify, sigterm}`.

use std::os::fd::{AsFd, IntoRawFd, OwnedFd};

use crate::am;
use crate::atom::Atom;
use crate::base::terminal;
use crate::base::sync::{AtomicI32, OnceLock, Ordering};
use crate::heap::{Build, Fragment};
use crate::process::Parcel;
use crate::table::route;
use crate::term::Term;

/// Erlang's names.
const NAMES: &[(&str, i32)] = &[
    ("sighup", libc::SIGHUP),
    ("sigquit", libc::SIGQUIT),
    ("sigabrt", libc::SIGABRT),
    ("sigalrm", libc::SIGALRM),
    ("sigterm", libc::SIGTERM),
    ("sigusr1", libc::SIGUSR1),
    ("sigusr2", libc::SIGUSR2),
    ("sigchld", libc::SIGCHLD),
    ("sigstop", libc::SIGSTOP),
    ("sigtstp", libc::SIGTSTP),
];

/// What happens when a signal comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// What the operating system does.
    Default,
    Ignore,
    /// A message.
    Handle,
}

/// The signal with an Erlang name.
pub fn named(name: &str) -> Option<i32> {
    NAMES.iter().find(|row| row.0 == name).map(|row| row.1)
}

/// What is done about an interrupt.
static INTERRUPT: OnceLock<fn()> = OnceLock::new();

/// Where the handler writes.
static PIPE: AtomicI32 = AtomicI32::new(-1);

#[cfg(target_os = "linux")]
use libc::__errno_location as errno_place;
#[cfg(not(target_os = "linux"))]
use libc::__error as errno_place;

extern "C" fn handler(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: write is safe in a signal handler; the pipe stays open for ever. errno is put back for
    // the code that was interrupted.
    unsafe {
        let errno = *errno_place();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *errno_place() = errno;
    }
}

/// Starts the thread, and handles what ends a node in good order: `sigterm`, `sigquit`, `sigusr1`.
pub fn start() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let Ok((read, write)) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC) else { return };
        let _ = rustix::io::ioctl_fionbio(&write, true);
        PIPE.store(write.into_raw_fd(), Ordering::Relaxed);
        let _ = std::thread::Builder::new().name("signals".into()).spawn(move || listen(read));
        for signal in [libc::SIGTERM, libc::SIGQUIT, libc::SIGUSR1] {
            set(signal, Disposition::Handle);
        }
    });
}

/// Has the terminal's modes set again whenever the node goes on after a stop.
pub fn watch_continue() {
    set(libc::SIGCONT, Disposition::Handle);
}

/// Has `call` called for each interrupt from the keyboard.
pub fn on_interrupt(call: fn()) {
    let _ = INTERRUPT.set(call);
    set(libc::SIGINT, Disposition::Handle);
}

/// Nothing typed at the terminal ends or stops the node.
pub fn ignore_keys() {
    for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGTSTP] {
        set(signal, Disposition::Ignore);
    }
}

/// Sets what happens; `false` for a signal that can't be caught.
pub fn set(signal: i32, disposition: Disposition) -> bool {
    // SAFETY: plain numbers; the handler does only what is safe in one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = match disposition {
            Disposition::Default => libc::SIG_DFL,
            Disposition::Ignore => libc::SIG_IGN,
            Disposition::Handle => handler as *const () as usize,
        };
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(signal, &action, std::ptr::null_mut()) == 0
    }
}

fn listen(pipe: OwnedFd) {
    let mut bytes = [0u8; 16];
    while let Ok(count @ 1..) = rustix::io::retry_on_intr(|| rustix::io::read(pipe.as_fd(), &mut bytes)) {
        for &number in &bytes[..count] {
            match i32::from(number) {
                libc::SIGCONT => terminal::resume(),
                libc::SIGINT => INTERRUPT.get().into_iter().for_each(|call| call()),
                _ => {}
            }
            let Some(row) = NAMES.iter().find(|row| row.1 == i32::from(number)) else { continue };
            let mut place = Fragment::new(3);
            let message = place.tuple(&[am::notify, Term::from_atom(Atom::known(row.0))]);
            let server = Term::from_atom(Atom::known("erl_signal_server"));
            route::send_parcel(server, Parcel::in_fragment(message, place));
        }
    }
}
