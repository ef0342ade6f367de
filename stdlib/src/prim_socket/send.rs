//! Sending.

use std::borrow::Cow;
use std::io::IoSlice;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, Raw};
use glulam_vm::{Term, am};
use rustix::io::Errno;

use super::failure::{Answer, Failure, answer, errno_term, int, ok, reference, socket_of};
use super::select::{Queue, Request};
use super::state::{After, State, is_stream};
use super::{address, atom, field, message};

/// Parts of a message that the system takes at once.
pub(super) const MOST_PARTS: usize = 1024;

/// Bytes sent for one reduction.
const BYTES_PER_REDUCTION: usize = 4096;

/// What is to be sent, of how many bytes in all.
struct Sent {
    result: Result<usize, i32>,
    size: usize,
    /// There are more parts behind these.
    more: bool,
}

/// How a call has ended.
enum Ended {
    Done,
    /// A packet of which only so much was sent.
    Packet(usize),
    Select(Option<usize>),
    /// The caller goes on with the parts that follow.
    Parts(usize),
}

impl Ended {
    fn term(self, cx: &mut Cx<'_>) -> Answer {
        match self {
            Ended::Done => Ok(am::ok),
            Ended::Packet(size) => {
                let size = cx.usize(size);
                ok(cx, size)
            }
            Ended::Select(None) => Ok(am::select),
            Ended::Select(Some(size)) => {
                let size = cx.usize(size);
                Ok(cx.tuple(&[am::select, size]))
            }
            Ended::Parts(size) => {
                let size = cx.usize(size);
                Ok(cx.tuple(&[atom("iov"), size]))
            }
        }
    }
}

/// Has the caller's turn come? `Some`: it waits for it.
pub(super) fn turn(state: &mut State, request: &Request<'_>) -> Result<Option<Term>, Failure> {
    state.fd()?;
    if state.connector.is_some() {
        return Err(Failure::state());
    }
    request.wait_for_turn(state, Queue::Writers)
}

fn ended(state: &mut State, after: &mut After, request: &Request<'_>, sent: Sent) -> Result<Ended, Failure> {
    let written = match sent.result {
        Err(number) if number == Errno::AGAIN.raw_os_error() => None,
        Err(number) => {
            state.counters.write.fails += 1;
            if number != Errno::INVAL.raw_os_error() {
                state.fail(Queue::Writers, errno_term(number), after);
            }
            return Err(Failure::Errno(number));
        }
        Ok(size) if size >= sent.size && !sent.more => {
            state.counters.write.packet(size);
            state.next_writer(after);
            return Ok(Ended::Done);
        }
        Ok(size) => Some(size),
    };
    if let Some(size) = written {
        if !is_stream(state.kind) {
            state.counters.write.packet(size);
            state.next_writer(after);
            return Ok(Ended::Packet(size));
        }
        state.counters.write.part += size as u64;
        if size >= sent.size {
            request.become_current(state, Queue::Writers, after)?;
            return Ok(Ended::Parts(size));
        }
    }
    request.wait(state, Queue::Writers, after)?;
    state.counters.write.waits += 1;
    Ok(Ended::Select(written))
}

/// Sends with `call`, if it is the caller's turn.
fn run(
    cx: &mut Cx<'_>,
    request: &Request<'_>,
    call: impl FnOnce(&mut State) -> Result<Sent, Failure>,
) -> Answer {
    let ended = request.socket.with(|state, after| {
        if turn(state, request)?.is_some() {
            return Ok(Ended::Select(None));
        }
        let sent = call(state)?;
        ended(state, after, request, sent)
    })?;
    ended.term(cx)
}

fn bytes_of<'a>(term: &'a Term) -> Result<Cow<'a, [u8]>, Failure> {
    let bits = term.as_binary().ok_or(Failure::BadArg)?;
    Ok(Cow::Owned(bits.to_bytes().into_owned()))
}

fn send_bytes(cx: &mut Cx<'_>, arguments: [Term; 4], to: Option<Raw>) -> Answer {
    let [socket_ref, data, flags, wanted] = arguments;
    let socket = socket_of(socket_ref)?;
    let request = Request::new(cx, &socket, socket_ref, wanted)?;
    let flags = int(cx, flags)?;
    let bits = data.as_binary().ok_or(Failure::BadArg)?;
    let bytes = bits.to_bytes();
    cx.charge(bytes.len() / BYTES_PER_REDUCTION);
    run(cx, &request, |state| {
        state.counters.write.tries += 1;
        let fd = state.fd()?;
        let result = match &to {
            Some(to) => system::send_to(fd, &bytes, to, flags),
            None => system::send(fd, &bytes, flags),
        };
        Ok(Sent { result, size: bytes.len(), more: false })
    })
}

/// `nif_send(Socket, Data, Flags, Ref)`
pub(super) fn send(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, data, flags, wanted] = cx.take();
        reference(wanted)?;
        send_bytes(cx, [socket, data, flags, wanted], None)
    })
}

/// `nif_sendto(Socket, Data, Address, Flags, Ref)`
pub(super) fn sendto(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, data, to, flags, wanted] = cx.take();
        reference(wanted)?;
        bytes_of(&data)?;
        int(cx, flags)?;
        let to = address::decode(to).ok_or(Failure::Invalid(atom("sockaddr")))?;
        send_bytes(cx, [socket, data, flags, wanted], Some(to))
    })
}

/// Up to `MOST_PARTS` binaries of a list, and what follows them; empty ones are no parts.
fn parts_of(list: Term) -> Option<(Vec<Term>, bool)> {
    let mut parts = Vec::new();
    let mut rest = list;
    loop {
        if rest.is_nil() {
            return Some((parts, false));
        }
        let pair = rest.as_cons()?;
        let bits = pair.head().as_binary()?;
        if bits.byte_size() > 0 {
            if parts.len() == MOST_PARTS {
                return Some((parts, true));
            }
            parts.push(pair.head());
        }
        rest = pair.tail();
    }
}

/// `nif_sendmsg(Socket, Message, Flags, Ref, Parts)`
pub(super) fn sendmsg(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, wanted_message, flags, wanted, list] = cx.take();
        let socket = socket_of(socket_ref)?;
        reference(wanted)?;
        if wanted_message.as_map().is_none() {
            return Err(Failure::BadArg);
        }
        let flags = int(cx, flags)?;
        let request = Request::new(cx, &socket, socket_ref, wanted)?;
        let sent = |state: &mut State| {
            let to = match field(wanted_message, "addr") {
                Some(to) => Some(address::decode(to).ok_or(Failure::Invalid(atom("addr")))?),
                None => None,
            };
            let (parts, more) = parts_of(list).ok_or(Failure::Invalid(atom("iov")))?;
            if more && !is_stream(state.kind) {
                // One message can't be sent in two.
                return Err(Failure::Invalid(atom("iov")));
            }
            let control = match field(wanted_message, "ctrl") {
                Some(list) => message::control_of(list, state.settings.write_control).ok_or(Failure::Invalid(atom("ctrl")))?,
                None => Vec::new(),
            };
            let bits: Vec<_> = parts.iter().filter_map(|part| part.as_binary()).collect();
            let bytes: Vec<Cow<'_, [u8]>> = bits.iter().map(|bits| bits.to_bytes()).collect();
            let slices: Vec<IoSlice<'_>> = bytes.iter().map(|bytes| IoSlice::new(bytes)).collect();
            let size = bytes.iter().map(|bytes| bytes.len()).sum();
            state.counters.write.tries += 1;
            let result = system::send_message(state.fd()?, to.as_ref(), &slices, &control, flags);
            Ok(Sent { result, size, more })
        };
        run(cx, &request, sent)
    })
}
