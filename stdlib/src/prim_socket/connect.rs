//! Binding, connecting, listening and accepting.

use std::sync::Arc;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::port::socket as system;
use glulam_vm::process::Pid;
use glulam_vm::{Term, am};
use rustix::io::Errno;

use super::failure::{Answer, Failure, answer, errno_term, int, ok, reference, socket_of};
use super::open::new_socket;
use super::option;
use super::select::{Queue, Request};
use super::state::{After, Made, Socket, State, name_of};
use super::{address, atom};

fn address_of(term: Term) -> Result<system::Raw, Failure> {
    address::decode(term).ok_or(Failure::Invalid(atom("sockaddr")))
}

/// `nif_bind(Socket, Address)`
pub(super) fn bind(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, address] = cx.take();
        let socket = socket_of(socket)?;
        let address = address_of(address)?;
        socket.with(|state, _| {
            system::bind(state.fd()?, &address)?;
            state.read.bound = true;
            Ok(am::ok)
        })
    })
}

/// `nif_connect(Socket, Ref, Address)`
pub(super) fn connect(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, wanted, address] = cx.take();
        let socket = socket_of(socket_ref)?;
        reference(wanted)?;
        let address = address_of(address)?;
        let request = Request::new(cx, &socket, socket_ref, wanted)?;
        socket.with(|state, after| {
            let fd = state.fd()?;
            if state.writers.current.is_some() {
                return Err(Failure::state());
            }
            match &state.connector {
                Some(other) if other.pid != request.caller => return Err(Failure::Error(atom("already"))),
                // Its message has come, or it is about to.
                Some(_) => return connected(state, after),
                None => {}
            }
            match system::connect(fd, &address) {
                Ok(()) => {
                    state.write.connected = true;
                    Ok(am::ok)
                }
                Err(number) if number == Errno::INPROGRESS.raw_os_error() || number == Errno::AGAIN.raw_os_error() => {
                    request.become_connector(state, after)?;
                    state.write.connecting = true;
                    Ok(am::select)
                }
                Err(number) => Err(Failure::Errno(number)),
            }
        })
    })
}

/// How connecting has ended.
fn connected(state: &mut State, after: &mut After) -> Answer {
    if let Some(connector) = state.connector.take() {
        after.release(connector);
    }
    state.write.connecting = false;
    match system::get_int(state.fd()?, option::SO_ERROR)? {
        0 => {
            state.write.connected = true;
            Ok(am::ok)
        }
        number => Err(Failure::Errno(number)),
    }
}

/// `nif_connect(Socket)`, after the message.
pub(super) fn connect_end(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let socket = socket_of(cx.arg(0))?;
        let caller = Pid::of(cx.self_pid());
        socket.with(|state, after| {
            state.fd()?;
            if state.writers.current.is_some() {
                return Err(Failure::state());
            }
            match &state.connector {
                Some(connector) if Some(connector.pid) == caller => connected(state, after),
                _ => Err(Failure::RaiseInvalid(atom("state"))),
            }
        })
    })
}

/// `nif_listen(Socket, Backlog)`
pub(super) fn listen(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, backlog] = cx.take();
        let socket = socket_of(socket)?;
        let backlog = int(cx, backlog)?;
        socket.with(|state, _| {
            system::listen(state.fd()?, backlog)?;
            state.read.listening = true;
            Ok(am::ok)
        })
    })
}

/// `nif_accept(Socket, Ref)`
pub(super) fn accept(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, wanted] = cx.take();
        let socket = socket_of(socket_ref)?;
        let request = Request::new(cx, &socket, socket_ref, wanted)?;
        let made = socket.with(|state, after| accept_on(state, after, &request))?;
        match made {
            Some(made) => {
                let accepted = new_socket(cx, made)?;
                ok(cx, accepted)
            }
            None => Ok(am::select),
        }
    })
}

/// A connection, or nothing: the caller will be told.
fn accept_on(state: &mut State, after: &mut After, request: &Request<'_>) -> Result<Option<Made>, Failure> {
    state.fd()?;
    if state.readers.current.is_some() {
        return Err(Failure::state());
    }
    if request.wait_for_turn(state, Queue::Acceptors)?.is_some() {
        return Ok(None);
    }
    state.counters.accept.tries += 1;
    match system::accept(state.fd()?) {
        Ok(fd) => {
            state.counters.accept.success += 1;
            state.write.connected = true;
            if state.acceptors.current.is_some() {
                state.next_acceptor(after);
            }
            let (domain, kind, protocol) = (state.domain, state.kind, state.protocol);
            Ok(Some(Made { fd, domain, kind, protocol, origin: 0, owned: true, settings: state.settings.clone() }))
        }
        Err(number) if number == Errno::AGAIN.raw_os_error() => {
            if state.acceptors.current.is_some() {
                state.counters.accept.waits += 1;
            }
            request.wait(state, Queue::Acceptors, after)?;
            state.read.accepting = true;
            Ok(None)
        }
        Err(number) => {
            state.counters.accept.fails += 1;
            state.fail(Queue::Acceptors, errno_term(number), after);
            Err(Failure::Errno(number))
        }
    }
}

fn name(cx: &mut Cx<'_>, peer: bool) -> Answer {
    let socket: Arc<Socket> = socket_of(cx.arg(0))?;
    let name = socket.with(|state, _| name_of(state, peer))?;
    let address = address::address_term(cx, &name);
    ok(cx, address)
}

/// `nif_sockname(Socket)`
pub(super) fn sockname(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| name(cx, false))
}

/// `nif_peername(Socket)`
pub(super) fn peername(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| name(cx, true))
}
