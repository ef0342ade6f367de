//! The options of a socket that the system knows nothing of.

use std::sync::Arc;

use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::port::socket as system;
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::{Term, am};

use super::value_is_invalid;
use crate::prim_socket::failure::{Answer, Failure, ok};
use crate::prim_socket::open::registry_message;
use crate::prim_socket::state::{Socket, State};
use crate::prim_socket::{address, atom, bool_of, bool_term, name_of};

const DEBUG: i32 = 1001;
const IOW: i32 = 1002;
const CONTROLLING_PROCESS: i32 = 1003;
const RCVBUF: i32 = 1004;
const RCVCTRLBUF: i32 = 1006;
const SNDCTRLBUF: i32 = 1007;
const FD: i32 = 1008;
const META: i32 = 1009;
const USE_REGISTRY: i32 = 1010;
const DOMAIN: i32 = 1999;

const READ_SIZE: usize = 8192;
const CONTROL_SIZE: usize = 1024;

/// A size, or `default`.
fn size(term: Term, usual: usize) -> Option<usize> {
    if name_of(term) == "default" {
        return Some(usual);
    }
    term.as_u64().and_then(|n| isize::try_from(n).ok()).map(|n| n as usize).filter(|&size| size > 0)
}

fn unknown(cx: &mut Cx<'_>, option: i32) -> Failure {
    Failure::RaiseInvalid(cx.tuple(&[atom("otp_socket_option"), Term::small(option.into())]))
}

fn is_owner(cx: &Cx<'_>, state: &State) -> Result<(), Failure> {
    if state.owner == Pid::of(cx.self_pid()) { Ok(()) } else { Err(Failure::ErrorInvalid(atom("not_owner"))) }
}

pub(super) fn set(cx: &mut Cx<'_>, socket: &Arc<Socket>, socket_ref: Term, option: i32, value: Term) -> Answer {
    let messages = [registry_message(cx, "add", socket_ref), registry_message(cx, "del", socket_ref)];
    socket.with(|state, after| {
        if !matches!(option, DEBUG | IOW | CONTROLLING_PROCESS | RCVBUF | RCVCTRLBUF | SNDCTRLBUF | META | USE_REGISTRY) {
            return Err(unknown(cx, option));
        }
        state.fd()?;
        match option {
            DEBUG => state.settings.debug = bool_of(value).ok_or_else(value_is_invalid)?,
            IOW => state.settings.iow = bool_of(value).ok_or_else(value_is_invalid)?,
            CONTROLLING_PROCESS => {
                is_owner(cx, state)?;
                let owner = Pid::of(value).ok_or_else(value_is_invalid)?;
                socket.set_owner(state, after, owner);
            }
            RCVBUF => {
                let (reads, size) = match size(value, READ_SIZE) {
                    Some(size) => (0, size),
                    None => reads_of(value).ok_or_else(value_is_invalid)?,
                };
                (state.settings.reads, state.settings.read_size) = (reads, size);
            }
            RCVCTRLBUF => state.settings.read_control = size(value, CONTROL_SIZE).ok_or_else(value_is_invalid)?,
            SNDCTRLBUF => state.settings.write_control = size(value, CONTROL_SIZE).ok_or_else(value_is_invalid)?,
            META => {
                is_owner(cx, state)?;
                after.drop(std::mem::replace(&mut state.meta, Parcel::new(value)));
            }
            _ => {
                // It can only be turned on.
                bool_of(value).filter(|&on| on).ok_or_else(value_is_invalid)?;
                if !state.settings.registry {
                    state.settings.registry = true;
                    let [add, del] = messages;
                    after.register(add);
                    state.obituary = Some(del);
                }
            }
        }
        Ok(am::ok)
    })
}

/// `{Reads, Size}`
fn reads_of(value: Term) -> Option<(u32, usize)> {
    let [reads, read_size] = value.as_tuple_of()?;
    let reads = reads.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|&reads| reads > 0)?;
    Some((reads, size(read_size, READ_SIZE)?))
}

pub(super) fn get(cx: &mut Cx<'_>, socket: &Arc<Socket>, option: i32) -> Answer {
    let value = socket.with(|state, _| {
        if option == USE_REGISTRY {
            return Ok(bool_term(state.settings.registry));
        }
        if !matches!(option, DEBUG | IOW | CONTROLLING_PROCESS | RCVBUF | RCVCTRLBUF | SNDCTRLBUF | FD | META | DOMAIN) {
            return Err(unknown(cx, option));
        }
        let fd = state.fd()?;
        let settings = &state.settings;
        Ok(match option {
            DEBUG => bool_term(settings.debug),
            IOW => bool_term(settings.iow),
            CONTROLLING_PROCESS => state.owner.map_or(am::undefined, Pid::term),
            RCVBUF if settings.reads == 0 => cx.usize(settings.read_size),
            RCVBUF => {
                let size = cx.usize(settings.read_size);
                cx.tuple(&[Term::small(settings.reads.into()), size])
            }
            RCVCTRLBUF => cx.usize(settings.read_control),
            SNDCTRLBUF => cx.usize(settings.write_control),
            FD => Term::small(system::number(fd).into()),
            META => cx.copy(state.meta.peek()),
            _ => address::domain_term(state.domain),
        })
    })?;
    ok(cx, value)
}
