//! The modes of the terminal the node was started on: changed while an editor of lines uses it, and put
//! back however the node ends.

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, OutputModes, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

use super::sync::Mutex;

/// What is to be changed; `None` leaves a mode as it is.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Modes {
    /// Input comes a line at a time, and output is processed.
    pub canonical: Option<bool>,
    pub echo: Option<bool>,
    /// Keys make signals.
    pub signals: Option<bool>,
}

struct Terminal {
    fd: OwnedFd,
    /// What the node was started with, what counts while nobody edits lines, and what counts now.
    initial: Termios,
    plain: Termios,
    now: Termios,
}

impl Terminal {
    fn set(&self, modes: &Termios) -> Result<(), Errno> {
        tcsetattr(&self.fd, OptionalActions::Now, modes)
    }
}

/// The terminal, once its modes have been changed.
static TERMINAL: Mutex<Option<Terminal>> = Mutex::new(None);

/// Changes the modes of a terminal until `leave`.
pub fn change(fd: impl AsFd, modes: Modes) -> Result<(), Errno> {
    let mut terminal = TERMINAL.lock();
    let (initial, plain) = match terminal.take() {
        Some(old) => (old.initial, old.plain),
        None => tcgetattr(&fd).map(|found| (found.clone(), found))?,
    };
    let now = changed(plain.clone(), modes);
    let fd = rustix::io::fcntl_dupfd_cloexec(&fd, 3)?;
    let changed = terminal.insert(Terminal { fd, initial, plain, now });
    changed.set(&changed.now)
}

/// Nobody edits lines any more.
pub fn leave() {
    if let Some(terminal) = &mut *TERMINAL.lock() {
        terminal.now = terminal.plain.clone();
        let _ = terminal.set(&terminal.now);
    }
}

/// Puts the modes back to what they were before the first change: the node ends.
pub fn restore() {
    if let Some(terminal) = TERMINAL.lock().take() {
        let _ = terminal.set(&terminal.initial);
    }
}

/// Makes the change again: the node was stopped, and someone else had the terminal.
pub fn resume() {
    if let Some(terminal) = &*TERMINAL.lock() {
        let _ = terminal.set(&terminal.now);
    }
}

/// Calls `body` while the modes are those that the node was started with.
pub fn as_before<R>(body: impl FnOnce() -> R) -> R {
    if let Some(terminal) = &*TERMINAL.lock() {
        let _ = terminal.set(&terminal.initial);
    }
    let result = body();
    resume();
    result
}

/// No key of the terminal interrupts any more (`+Bc`): its character comes as input.
pub fn without_interrupt_key() {
    let input = std::io::stdin();
    let Ok(initial) = tcgetattr(&input) else { return };
    let Ok(fd) = rustix::io::fcntl_dupfd_cloexec(&input, 3) else { return };
    let mut plain = initial.clone();
    plain.special_codes[SpecialCodeIndex::VINTR] = 0;
    let terminal = Terminal { fd, initial, now: plain.clone(), plain };
    let _ = terminal.set(&terminal.now);
    *TERMINAL.lock() = Some(terminal);
}

fn changed(mut to: Termios, modes: Modes) -> Termios {
    to.input_modes.remove(InputModes::ISTRIP);
    match modes.canonical {
        Some(true) => {
            to.input_modes.insert(InputModes::ICRNL);
            to.local_modes.insert(LocalModes::ICANON);
            to.output_modes.insert(OutputModes::OPOST);
        }
        Some(false) => {
            to.input_modes.remove(InputModes::ICRNL);
            to.local_modes.remove(LocalModes::ICANON);
            to.output_modes.remove(OutputModes::OPOST);
            to.special_codes[SpecialCodeIndex::VMIN] = 1;
            to.special_codes[SpecialCodeIndex::VTIME] = 0;
        }
        None => {}
    }
    if let Some(echo) = modes.echo {
        to.local_modes.set(LocalModes::ECHO, echo);
    }
    if let Some(signals) = modes.signals {
        let input =
            InputModes::BRKINT | InputModes::IGNPAR | InputModes::ICRNL | InputModes::IXON | InputModes::IXANY;
        to.input_modes.set(input, signals);
        to.local_modes.set(LocalModes::ISIG | LocalModes::IEXTEN, signals);
    }
    to
}
