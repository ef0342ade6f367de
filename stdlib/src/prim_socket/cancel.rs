//! Taking a request back.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::process::Pid;
use glulam_vm::{Term, am};

use super::failure::{Answer, Failure, answer, reference, socket_of};
use super::select::{Direction, Queue};
use super::state::{After, State};
use super::{atom, name_of};

/// What has become of the message of the request.
fn taken_back(state: &mut State, direction: Direction, after: &mut After) -> Term {
    if state.deselect(direction, after) { am::ok } else { atom("select_sent") }
}

fn connect(state: &mut State, after: &mut After, caller: Pid, wanted: Term) -> Term {
    match state.connector.take() {
        Some(connector) if connector.pid == caller && connector.is_for(wanted) => {
            let taken = taken_back(state, Direction::Write, after);
            after.release(connector);
            state.write.connecting = false;
            taken
        }
        other => {
            state.connector = other;
            am::not_found
        }
    }
}

fn of_line(state: &mut State, after: &mut After, which: Queue, caller: Pid, wanted: Term) -> Term {
    let line = match which {
        Queue::Readers => &mut state.readers,
        Queue::Acceptors => &mut state.acceptors,
        Queue::Writers => &mut state.writers,
    };
    match &line.current {
        None => am::not_found,
        Some(current) if current.pid == caller => {
            if !current.is_for(wanted) {
                return am::not_found;
            }
            let direction = if which == Queue::Writers { Direction::Write } else { Direction::Read };
            let taken = taken_back(state, direction, after);
            match which {
                Queue::Readers => state.next_reader(after),
                Queue::Acceptors => state.next_acceptor(after),
                Queue::Writers => state.next_writer(after),
            }
            taken
        }
        Some(_) => match line.leave(caller, Some(wanted)) {
            Some(left) => {
                after.release(left);
                am::ok
            }
            None => am::not_found,
        },
    }
}

/// `nif_cancel(Socket, Operation, Ref)`
pub(super) fn cancel(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| -> Answer {
        let [socket, operation, wanted] = cx.take();
        let socket = socket_of(socket)?;
        if operation.as_atom().is_none() {
            return Err(Failure::BadArg);
        }
        reference(wanted)?;
        let caller = Pid::of(cx.self_pid()).ok_or(Failure::BadArg)?;
        socket.with(|state, after| {
            state.fd()?;
            Ok(match name_of(operation) {
                "connect" => connect(state, after, caller, wanted),
                "accept" => of_line(state, after, Queue::Acceptors, caller, wanted),
                "send" | "sendto" | "sendmsg" | "sendfile" => of_line(state, after, Queue::Writers, caller, wanted),
                "recv" | "recvfrom" | "recvmsg" => of_line(state, after, Queue::Readers, caller, wanted),
                _ => return Err(Failure::BadArg),
            })
        })
    })
}
