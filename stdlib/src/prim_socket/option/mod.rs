//! Options of sockets: the system's, by level and number, and OTP's own.

mod otp;
pub(super) mod table;
pub(super) mod value;

use std::os::fd::BorrowedFd;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, constant as c};
use glulam_vm::{Term, am};

use super::failure::{Answer, Failure, answer, int, int_of, ok, socket_of};
use super::message::level_of;
use super::{atom, bool_of};
use table::Use;

pub(super) const SO_DOMAIN: (i32, i32) = (c::SOL_SOCKET, c::SO_DOMAIN);
pub(super) const SO_TYPE: (i32, i32) = (c::SOL_SOCKET, c::SO_TYPE);
pub(super) const SO_PROTOCOL: (i32, i32) = (c::SOL_SOCKET, c::SO_PROTOCOL);
pub(super) const SO_ERROR: (i32, i32) = (c::SOL_SOCKET, c::SO_ERROR);

/// Whether closing a socket waits for what is still to be sent.
pub(super) fn lingers(fd: BorrowedFd<'_>) -> bool {
    let mut value = [0; 8];
    system::get_option(fd, (c::SOL_SOCKET, c::SO_LINGER), &mut value).is_ok()
        && value[..4] != [0; 4]
        && value[4..] != [0; 4]
}

fn value_is_invalid() -> Failure {
    Failure::Invalid(am::value)
}

/// `nif_setopt(Socket, Level, Option, Value, Native)`
pub(super) fn set(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, level, option, value, native] = cx.take();
        let socket = socket_of(socket_ref)?;
        let (option, native) = (int(cx, option)?, int(cx, native)? != 0);
        let Some(level_number) = level_of(level) else {
            if level == atom("otp") && !native {
                return otp::set(cx, &socket, socket_ref, option, value);
            }
            return Err(int(cx, level).err().unwrap_or(Failure::BadArg));
        };
        socket.with(|state, _| {
            let fd = state.fd()?;
            let bytes = if native {
                native_value(value).ok_or(Failure::ErrorInvalid(am::value))?
            } else {
                let known = table::find(level_number, option).filter(|known| known.used != Use::Get);
                let known = known.ok_or(Failure::Invalid(atom("socket_option")))?;
                value::encode(known.form, value).ok_or_else(value_is_invalid)?
            };
            system::set_option(fd, (level_number, option), &bytes)?;
            Ok(am::ok)
        })
    })
}

/// Bytes, a number, or a boolean.
fn native_value(value: Term) -> Option<Vec<u8>> {
    if let Some(bits) = value.as_binary() {
        return Some(bits.to_bytes().into_owned());
    }
    let number = int_of(value).or_else(|| bool_of(value).map(i32::from))?;
    Some(number.to_ne_bytes().to_vec())
}

/// `nif_getopt(Socket, Level, Option)`
pub(super) fn get(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, level, option] = cx.take();
        let socket = socket_of(socket_ref)?;
        let option = int(cx, option)?;
        let Some(level_number) = level_of(level) else {
            if level == atom("otp") {
                return otp::get(cx, &socket, option);
            }
            return Err(int(cx, level).err().unwrap_or(Failure::BadArg));
        };
        let known = table::find(level_number, option).filter(|known| known.used != Use::Set);
        let (bytes, domain) = socket.with(|state, _| {
            let fd = state.fd()?;
            let known = known.ok_or(Failure::Invalid(atom("socket_option")))?;
            let mut bytes = vec![0; value::room(known, state.settings.read_control)];
            let size = system::get_option(fd, (level_number, option), &mut bytes)?;
            bytes.truncate(size);
            Ok::<_, Failure>((bytes, state.domain))
        })?;
        let form = known.map_or(table::Form::Int, |known| known.form);
        match value::decode(cx, form, &bytes, domain) {
            Some(value) => ok(cx, value),
            None => Err(Failure::Errno(rustix::io::Errno::INVAL.raw_os_error())),
        }
    })
}

/// `nif_getopt(Socket, Level, Option, integer | boolean | Size | Binary)`
pub(super) fn get_native(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, level, option, spec] = cx.take();
        let socket = socket_of(socket_ref)?;
        let option = int(cx, option)?;
        let Some(level) = level_of(level) else { return Err(int(cx, level).err().unwrap_or(Failure::BadArg)) };
        native(cx, &socket, (level, option), spec)
    })
}

fn native(cx: &mut Cx<'_>, socket: &super::state::Socket, option: (i32, i32), spec: Term) -> Answer {
    let get = |mut bytes: Vec<u8>| {
        socket.with(|state, _| {
            let size = system::get_option(state.fd()?, option, &mut bytes)?;
            bytes.truncate(size);
            Ok::<_, Failure>(bytes)
        })
    };
    let get_int = || socket.with(|state, _| Ok::<_, Failure>(system::get_int(state.fd()?, option)?));
    match super::name_of(spec) {
        "integer" => {
            let value = Term::small(get_int()?.into());
            return ok(cx, value);
        }
        "boolean" => {
            let value = super::bool_term(get_int()? != 0);
            return ok(cx, value);
        }
        _ => {}
    }
    if let Some(bits) = spec.as_binary() {
        let bytes = get(bits.to_bytes().into_owned())?;
        let value = cx.binary(&bytes);
        return ok(cx, value);
    }
    if !spec.is_integer() {
        socket.with(|state, _| state.fd().map(|_| ()))?;
        return Err(value_is_invalid());
    }
    let size = usize::try_from(int(cx, spec)?).map_err(|_| value_is_invalid())?;
    let bytes = get(vec![0; size])?;
    if size == 0 {
        return Ok(am::ok);
    }
    let value = cx.binary(&bytes);
    ok(cx, value)
}
