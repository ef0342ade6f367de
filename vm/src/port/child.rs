//! The ends of programs that were started: each is reaped, and its port told.

use std::os::fd::AsRawFd;

use rustix::process::{Pid as OsPid, PidfdFlags, WaitOptions, pidfd_open, waitpid};

use super::poll;
use super::state::PortId;
use super::table;

/// Waits for the end of a program in the background and tells the port.
pub(super) fn watch(program: u32, port: PortId) {
    let Some(pid) = i32::try_from(program).ok().and_then(OsPid::from_raw) else { return };
    let wait = move |fd: Option<rustix::fd::OwnedFd>| {
        drop(fd);
        let Ok(Some((_, status))) = rustix::io::retry_on_intr(|| waitpid(Some(pid), WaitOptions::empty())) else {
            return;
        };
        let status = status.exit_status().or_else(|| status.terminating_signal().map(|signal| signal + 128));
        if let Some(port) = table::find_any(port) {
            port.with_driver(None, |driver, cx| driver.child_ended(cx, status.unwrap_or(0)));
        }
    };
    // A descriptor for the program, where the kernel has them; else a thread that waits.
    match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(fd) => {
            let raw = fd.as_raw_fd();
            let call = Box::new(move || wait(Some(fd)));
            if let Err(call) = poll::once(raw, call) {
                let _ = std::thread::Builder::new().name("wait for program".into()).spawn(call);
            }
        }
        Err(_) => {
            let _ = std::thread::Builder::new().name("wait for program".into()).spawn(move || wait(None));
        }
    }
}
