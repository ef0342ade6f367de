//! Sending files.
//!
//! The call to the system is made without the socket's lock: reading the file may take time. The
//! caller is the socket's writer meanwhile, so that nobody else sends.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket as system;
use glulam_vm::{Term, am};
use rustix::io::Errno;

use super::atom;
use super::counters::Files;
use super::failure::{Answer, Failure, answer, errno_term, offset, ok, reference, size, socket_of};
use super::select::{Queue, Request};
use super::state::State;

/// A file that is being sent.
#[derive(Clone)]
pub(super) struct Sending(Arc<OwnedFd>);

/// The most bytes asked for at once.
const CHUNK: usize = 0x2000_0000;

/// What calls to the system have come to.
struct Progress {
    bytes: usize,
    calls: u64,
    packets: u64,
    end: End,
}

enum End {
    /// All of it, or all that the file has.
    Done,
    /// The socket takes no more for now.
    Full,
    Failed(i32),
}

/// Sends `count` bytes from `offset` on, or all there are if it is 0.
fn transfer(socket: &OwnedFd, file: &OwnedFd, mut offset: i64, count: usize) -> Progress {
    let mut progress = Progress { bytes: 0, calls: 0, packets: 0, end: End::Done };
    loop {
        let left = if count == 0 { CHUNK } else { (count - progress.bytes).min(CHUNK) };
        progress.calls += 1;
        match system::send_file(socket.as_fd(), file.as_fd(), &mut offset, left) {
            Ok(0) => return progress,
            Ok(sent) => {
                progress.packets += 1;
                progress.bytes += sent;
                if progress.bytes == count {
                    return progress;
                }
            }
            Err(number) => {
                let full = number == Errno::AGAIN.raw_os_error();
                progress.end = if full { End::Full } else { End::Failed(number) };
                return progress;
            }
        }
    }
}

fn counters(state: &mut State) -> &mut Files {
    state.counters.sendfile.get_or_insert_default()
}

fn count(state: &mut State, progress: &Progress) {
    let files = counters(state);
    files.calls += progress.calls;
    files.packets += progress.packets;
    files.bytes += progress.bytes as u64;
    files.part += progress.bytes as u64;
    files.largest_packet = files.largest_packet.max(progress.bytes as u64);
    files.largest = files.largest.max(files.part);
}

/// The socket's descriptor once more, for the time without its lock.
fn descriptor(state: &State) -> Result<OwnedFd, Failure> {
    state.fd()?.try_clone_to_owned().map_err(|e| Failure::Errno(glulam_vm::base::errno::of(&e)))
}

/// Sends and says how that has ended.
fn run(cx: &mut Cx<'_>, request: &Request<'_>, fds: (OwnedFd, Sending), part: (i64, usize)) -> Answer {
    let (descriptor, sending) = fds;
    let progress = transfer(&descriptor, &sending.0, part.0, part.1);
    drop(descriptor);
    let tag = request.socket.with(|state, after| {
        count(state, &progress);
        // Whoever closed the socket has told who waited.
        state.fd()?;
        match progress.end {
            End::Done => {
                state.sending = None;
                state.next_writer(after);
                Ok(am::ok)
            }
            End::Full => {
                request.wait(state, Queue::Writers, after)?;
                counters(state).waits += 1;
                Ok(am::select)
            }
            End::Failed(number) => {
                state.sending = None;
                counters(state).fails += 1;
                state.fail(Queue::Writers, errno_term(number), after);
                Err(Failure::Errno(number))
            }
        }
    })?;
    let bytes = cx.usize(progress.bytes);
    if tag == am::ok { ok(cx, bytes) } else { Ok(cx.tuple(&[tag, bytes])) }
}

/// `nif_sendfile(Socket, Ref, Offset, Count, File)`
pub(super) fn start(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, wanted, from, most, file] = cx.take();
        let socket = socket_of(socket_ref)?;
        reference(wanted)?;
        let part = (offset(cx, from)?, size(cx, most)?);
        reference(file)?;
        let request = Request::new(cx, &socket, socket_ref, wanted)?;
        let begun = socket.with(|state, after| {
            if super::send::turn(state, &request)?.is_some() {
                return Ok(None);
            }
            if state.sending.is_some() {
                return Err(Failure::state());
            }
            let file = match crate::prim_file::duplicate(file) {
                Some(Ok(file)) => Sending(Arc::new(file)),
                Some(Err(number)) => return Err(refuse(state, Failure::Errno(number))),
                None => return Err(refuse(state, Failure::ErrorInvalid(atom("efile")))),
            };
            let descriptor = descriptor(state)?;
            let files = counters(state);
            files.tries += 1;
            files.part = 0;
            state.sending = Some(file.clone());
            request.become_current(state, Queue::Writers, after)?;
            Ok(Some((descriptor, file)))
        })?;
        match begun {
            Some(fds) => run(cx, &request, fds, part),
            None => Ok(am::select),
        }
    })
}

fn refuse(state: &mut State, failure: Failure) -> Failure {
    counters(state).fails += 1;
    failure
}

/// `nif_sendfile(Socket, Ref, Offset, Count)`, after a message.
pub(super) fn go_on(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket_ref, wanted, from, most] = cx.take();
        let socket = socket_of(socket_ref)?;
        reference(wanted)?;
        let part = (offset(cx, from)?, size(cx, most)?);
        let request = Request::new(cx, &socket, socket_ref, wanted)?;
        let fds = socket.with(|state, after| {
            let descriptor = descriptor(state)?;
            if state.connector.is_some() {
                return Err(Failure::state());
            }
            let is_current = state.writers.current.as_ref().is_some_and(|current| current.pid == request.caller);
            let sending = state.sending.clone().filter(|_| is_current);
            let sending = sending.ok_or(Failure::RaiseInvalid(atom("state")))?;
            request.become_current(state, Queue::Writers, after)?;
            Ok::<_, Failure>((descriptor, sending))
        })?;
        run(cx, &request, fds, part)
    })
}

/// `nif_sendfile(Socket)`: closes the file of one that ended before.
pub(super) fn deferred_close(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let socket: Term = cx.arg(0);
        let sending = socket_of(socket)?.with(|state, _| state.sending.take());
        sending.map(|_| am::ok).ok_or_else(Failure::state)
    })
}
