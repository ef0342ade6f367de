//! Receiving.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket as system;
use glulam_vm::{Term, am};
use rustix::io::Errno;

use super::failure::{Answer, Failure, answer, errno_term, int, ok, reference_or_zero, size, socket_of};
use super::select::{Queue, Request};
use super::state::{After, State, is_stream};
use super::{address, atom, message};

/// Bytes received for one reduction.
const BYTES_PER_REDUCTION: usize = 4096;

/// A call: by whom, and whether it waits at all.
struct Call<'a> {
    request: Request<'a>,
    waits: bool,
}

impl Call<'_> {
    /// Has the caller's turn come? `false`: it waits for it.
    fn turn(&self, state: &mut State) -> Result<bool, Failure> {
        state.fd()?;
        if state.acceptors.current.is_some() {
            return Err(Failure::state());
        }
        let turn = state.readers.turn(self.request.caller);
        if turn == super::line::Turn::Others && !self.waits {
            return Ok(true);
        }
        Ok(self.request.wait_for_turn(state, Queue::Readers)?.is_none())
    }

    /// Nothing was there, or an error: `Ok(waits)`.
    fn failed(&self, state: &mut State, after: &mut After, number: i32) -> Result<bool, Failure> {
        if number == Errno::AGAIN.raw_os_error() {
            if self.waits {
                state.reads = 0;
                self.request.wait(state, Queue::Readers, after)?;
            }
            return Ok(self.waits);
        }
        state.counters.read.fails += 1;
        state.fail(Queue::Readers, errno_term(number), after);
        Err(Failure::Errno(number))
    }
}

/// A packet has been read.
fn packet(state: &mut State, after: &mut After, bytes: usize) {
    state.counters.read.packet(bytes);
    done(state, after);
}

/// The caller's turn is over.
fn done(state: &mut State, after: &mut After) {
    if state.readers.current.is_some() {
        state.next_reader(after);
    }
}

/// The end of a stream.
fn ended(state: &mut State, after: &mut After) -> Failure {
    state.counters.read.fails += 1;
    state.fail(Queue::Readers, am::closed, after);
    Failure::closed()
}

/// How a call of `recv` has ended.
enum Ended {
    Done(Vec<u8>),
    /// All that was asked for at once: there may be more.
    More(Vec<u8>),
    /// Not all that was asked for; the caller is told when there is more.
    Part(Vec<u8>),
    Select,
    /// Nothing, and the caller does not wait.
    Nothing,
}

/// `select`, or `ok` for a caller that does not wait.
fn nothing(waits: bool) -> Term {
    if waits { am::select } else { am::ok }
}

fn receive(state: &mut State, after: &mut After, call: &Call<'_>, length: usize, flags: i32) -> Result<Ended, Failure> {
    if !call.turn(state)? {
        return Ok(Ended::Select);
    }
    let room = if length == 0 { state.settings.read_size } else { length };
    state.counters.read.tries += 1;
    let bytes = match system::receive(state.fd()?, room, flags) {
        Ok(bytes) => bytes,
        Err(number) => return Ok(if call.failed(state, after, number)? { Ended::Select } else { Ended::Nothing }),
    };
    let is_stream = is_stream(state.kind);
    if bytes.is_empty() && is_stream {
        return Err(ended(state, after));
    }
    if bytes.len() == room && length == 0 && is_stream {
        // Everything that is there was asked for, and more may be.
        state.counters.read.bytes += bytes.len() as u64;
        state.counters.read.part += bytes.len() as u64;
        state.reads += 1;
        if state.reads < state.settings.reads {
            call.request.become_current(state, Queue::Readers, after)?;
            return Ok(Ended::More(bytes));
        }
        state.reads = 0;
        state.counters.read.packets += 1;
        state.counters.read.end_of_packet();
        done(state, after);
        return Ok(Ended::Done(bytes));
    }
    if bytes.len() == room || length == 0 || !is_stream || !call.waits {
        if bytes.len() < room {
            state.reads = 0;
        }
        packet(state, after, bytes.len());
        return Ok(Ended::Done(bytes));
    }
    state.counters.read.bytes += bytes.len() as u64;
    call.request.wait(state, Queue::Readers, after)?;
    Ok(Ended::Part(bytes))
}

/// The call whose socket is the first argument and whose reference is `wanted`.
macro_rules! call {
    ($cx:ident, $socket:ident, $socket_ref:expr, $wanted:expr) => {{
        let waits = reference_or_zero($wanted)?.is_some();
        Call { request: Request::new($cx, &$socket, $socket_ref, $wanted)?, waits }
    }};
}

/// `nif_recv(Socket, Length, Flags, Ref | zero)`
pub(super) fn recv(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, length, flags, wanted] = cx.take();
        let socket = socket_of(socket_ref)?;
        let call = call!(cx, socket, socket_ref, wanted);
        let (length, flags) = (size(cx, length)?, int(cx, flags)?);
        let ended = socket.with(|state, after| receive(state, after, &call, length, flags))?;
        let (tag, bytes) = match ended {
            Ended::Done(bytes) => (am::ok, bytes),
            Ended::More(bytes) => (atom("more"), bytes),
            Ended::Part(bytes) => (am::select, bytes),
            Ended::Select => return Ok(am::select),
            Ended::Nothing => return Ok(am::ok),
        };
        cx.charge(bytes.len() / BYTES_PER_REDUCTION);
        let bytes = cx.binary_from(bytes);
        Ok(cx.tuple(&[tag, bytes]))
    })
}

/// `nif_recvfrom(Socket, Length, Flags, Ref | zero)`: `{ok, {Address, Data}}`
pub(super) fn recvfrom(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, length, flags, wanted] = cx.take();
        let socket = socket_of(socket_ref)?;
        let call = call!(cx, socket, socket_ref, wanted);
        let (length, flags) = (size(cx, length)?, int(cx, flags)?);
        let received = socket.with(|state, after| {
            if !call.turn(state)? {
                return Ok(Err(true));
            }
            let room = if length == 0 { state.settings.read_size } else { length };
            state.counters.read.tries += 1;
            match system::receive_from(state.fd()?, room, flags) {
                Ok((bytes, _)) if bytes.is_empty() && is_stream(state.kind) => Err(ended(state, after)),
                Ok(received) => {
                    packet(state, after, received.0.len());
                    Ok(Ok(received))
                }
                Err(number) => call.failed(state, after, number).map(Err),
            }
        })?;
        match received {
            Ok((bytes, from)) => {
                cx.charge(bytes.len() / BYTES_PER_REDUCTION);
                let from = address::address_term(cx, &from);
                let bytes = cx.binary_from(bytes);
                let both = cx.tuple(&[from, bytes]);
                ok(cx, both)
            }
            Err(waits) => Ok(nothing(waits)),
        }
    })
}

/// `nif_recvmsg(Socket, Length, ControlLength, Flags, Ref | zero)`: `{ok, Message}`
pub(super) fn recvmsg(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, length, control, flags, wanted] = cx.take();
        let socket = socket_of(socket_ref)?;
        let call = call!(cx, socket, socket_ref, wanted);
        let (length, control, flags) = (size(cx, length)?, size(cx, control)?, int(cx, flags)?);
        let received = socket.with(|state, after| {
            if !call.turn(state)? {
                return Ok(Err(true));
            }
            let room = if length == 0 { state.settings.read_size } else { length };
            let control = if control == 0 { state.settings.read_control } else { control };
            state.counters.read.tries += 1;
            match system::receive_message(state.fd()?, room, control, flags) {
                Ok(message) if message.bytes.is_empty() && is_stream(state.kind) => Err(ended(state, after)),
                Ok(message) => {
                    packet(state, after, message.bytes.len());
                    Ok(Ok(message))
                }
                Err(number) => call.failed(state, after, number).map(Err),
            }
        })?;
        match received {
            Ok(received) => message_term(cx, received),
            Err(waits) => Ok(nothing(waits)),
        }
    })
}

fn message_term(cx: &mut Cx<'_>, received: system::Received) -> Answer {
    cx.charge(received.bytes.len() / BYTES_PER_REDUCTION);
    let control = message::control_term(cx, &received.control);
    let flags = message::flags_term(cx, received.flags);
    let bytes = cx.binary_from(received.bytes);
    let parts = cx.list(&[bytes]);
    let mut pairs = vec![("iov", parts), ("ctrl", control), ("flags", flags)];
    if let Some(from) = &received.from {
        pairs.push(("addr", address::address_term(cx, from)));
    }
    let message = super::map_of(cx, &pairs);
    ok(cx, message)
}
