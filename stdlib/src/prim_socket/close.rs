//! Closing and shutting down.

use std::os::fd::AsFd;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, Shutdown};
use glulam_vm::process::Pid;
use glulam_vm::am;

use super::failure::{Failure, answer, socket_of};
use super::state::Phase;
use super::{atom, name_of};

/// `nif_close(Socket)`: whoever waits is told. `nif_finalize_close/1` by the same process follows.
pub(super) fn close(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let socket = socket_of(cx.arg(0))?;
        let caller = Pid::of(cx.self_pid()).ok_or(Failure::BadArg)?;
        socket.with(|state, after| {
            state.fd()?;
            socket.set_closer(state, caller);
            state.stop(after);
            Ok(am::ok)
        })
    })
}

/// `nif_finalize_close(Socket)`: may wait for what is still to be sent, if the socket lingers.
pub(super) fn finalize_close(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let socket = socket_of(cx.arg(0))?;
        let caller = Pid::of(cx.self_pid());
        let fd = socket.with(|state, after| match state.phase {
            Phase::Closed => Err(Failure::closed()),
            Phase::Closing if state.closer == caller => Ok(state.end(after)),
            _ => Err(Failure::RaiseInvalid(atom("state"))),
        })?;
        let Some(fd) = fd else { return Ok(am::ok) };
        system::set_blocking(fd.as_fd(), true)?;
        match system::close(fd) {
            Ok(()) => Ok(am::ok),
            Err(number) if number == rustix::io::Errno::AGAIN.raw_os_error() => Err(Failure::Error(am::timeout)),
            Err(number) => Err(Failure::Errno(number)),
        }
    })
}

/// `nif_shutdown(Socket, read | write | read_write)`
pub(super) fn shutdown(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, how] = cx.take();
        let socket = socket_of(socket)?;
        let how = match name_of(how) {
            "read" => Shutdown::Read,
            "write" => Shutdown::Write,
            "read_write" => Shutdown::Both,
            _ => {
                let what = cx.tuple(&[atom("how"), how]);
                return Err(Failure::RaiseInvalid(what));
            }
        };
        socket.with(|state, _| Ok(system::shutdown(state.fd()?, how).map(|()| am::ok)?))
    })
}
