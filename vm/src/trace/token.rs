//! `seq_trace`: tokens that travel with messages, and the system tracer.
//!
//! ```text
//! {Flags, Label, Serial, Sender, LastSerial}     a token
//! ```
//! The process has it in `Own::sequential_trace_token`, a message in its envelope
//! (`process::Signal::With`), a received one in the queue beside it.

use super::flags;
use super::tell::{self, stamped};
use crate::am;
use crate::base::sync::RwLock;
use crate::heap::{Build, Fragments};
use crate::process::trace::{self, Tracer, flag};
use crate::process::signal::RefNumber;
use crate::process::{Own, Process, reference};
use crate::table::processes;
use crate::term::Term;

const SEND: i64 = 1;
const RECEIVE: i64 = 2;
const PRINT: i64 = 4;
const TIMESTAMP: i64 = 8;
const STRICT_MONOTONIC: i64 = 16;
const MONOTONIC: i64 = 32;
const STAMPS: i64 = TIMESTAMP | STRICT_MONOTONIC | MONOTONIC;

static TRACER: RwLock<Option<Tracer>> = RwLock::new(None);

/// The system tracer, if it is there.
pub fn system_tracer() -> Option<Tracer> {
    let tracer = TRACER.read().clone()?;
    tell::is_there(&tracer, Term::NIL, None).then_some(tracer)
}

/// Sets the system tracer; the one before.
pub fn set_system_tracer(tracer: Option<Tracer>) -> Option<Tracer> {
    let before = system_tracer();
    *TRACER.write() = tracer;
    before
}

/// No process has a token any more.
pub fn reset() {
    trace::reset_tokens();
    for process in processes::all() {
        process.traced.clear(flag::TOKEN);
    }
}

/// The elements of the token of a process.
fn token_of(process: &Process, own: &mut Own) -> Option<[Term; 5]> {
    if !process.traced.has(flag::TOKEN) {
        own.sequential_trace_token = Term::NIL;
    }
    own.sequential_trace_token.as_tuple_of()
}

fn set_token(process: &Process, own: &mut Own, token: [Term; 5]) {
    own.sequential_trace_token = own.heap.tuple(&token);
    trace::set_tokens_in_use();
    process.traced.set(flag::TOKEN);
}

/// The token of a process as a term, or `[]`.
pub fn get(process: &Process, own: &mut Own) -> Term {
    token_of(process, own);
    own.sequential_trace_token
}

/// The flag of a component.
fn flag_of(component: Term) -> Option<i64> {
    Some(match component {
        am::send => SEND,
        am::receive => RECEIVE,
        am::print => PRINT,
        am::timestamp => TIMESTAMP,
        am::strict_monotonic_timestamp => STRICT_MONOTONIC,
        am::monotonic_timestamp => MONOTONIC,
        _ => return None,
    })
}

/// Sets a component of the token, which is made if there is none; what it was. `None`: bad arguments.
pub fn set(process: &Process, own: &mut Own, component: Term, value: Term) -> Option<Term> {
    if component == am::sequential_trace_token {
        if !value.is_nil() {
            return None;
        }
        let before = get(process, own);
        own.sequential_trace_token = Term::NIL;
        process.traced.clear(flag::TOKEN);
        return Some(before);
    }
    if component != am::label && component != am::serial {
        flag_of(component).filter(|_| value.is_boolean())?;
    }
    if component == am::serial {
        value.as_tuple_of::<2>().filter(|both| both.iter().all(|n| n.is_small()))?;
    }
    let zero = Term::ZERO;
    if token_of(process, own).is_none() {
        // What was counted before outlives a token that was taken away.
        let last = Term::small(own.token_progress().last_count);
        set_token(process, own, [zero, zero, zero, process.pid(), last]);
    }
    let before = info(process, own, component)?;
    let [mut flags, mut label, mut serial, sender, mut last] = token_of(process, own)?;
    match (component, flag_of(component)) {
        (_, Some(bit)) => {
            let on = value.as_bool()?;
            let old = flags.as_small()?;
            let others = if bit & STAMPS != 0 { old & !STAMPS } else { old };
            flags = Term::small(if on { others | bit } else { old & !bit });
        }
        (am::label, _) => label = crate::heap::copy::copy_into(value, &mut own.heap),
        (am::serial, _) => {
            let [l, s] = value.as_tuple_of::<2>()?;
            own.token_progress().last_count = l.as_small()?;
            own.token_progress().clock = s.as_small()?;
            (last, serial) = (l, s);
        }
        _ => return None,
    }
    set_token(process, own, [flags, label, serial, sender, last]);
    Some(before)
}

/// `{Component, Value}` of the token; `[]`: there is no token to have one. `None`: there is no such component.
pub fn info(process: &Process, own: &mut Own, component: Term) -> Option<Term> {
    let token = token_of(process, own);
    let value = match (component, token) {
        (am::label | am::serial, None) => return Some(Term::NIL),
        (am::label, Some([_, label, ..])) => label,
        (am::serial, Some([_, _, serial, _, last])) => own.heap.tuple(&[last, serial]),
        (_, None) => flag_of(component).map(|_| am::false_)?,
        (_, Some([flags, ..])) => Term::from_bool(flags.as_small()? & flag_of(component)? != 0),
    };
    Some(own.heap.tuple(&[component, value]))
}

/// The system tracer, where the flags of a token ask it to be told of something of this kind.
fn told(token: [Term; 5], kind: i64) -> Option<Tracer> {
    if token[0].as_small().unwrap_or(0) & kind == 0 { None } else { system_tracer() }
}

/// `{Kind, {Last, Serial}, Sender, Receiver, Message}`
fn described(token: [Term; 5], kind: i64, receiver: Term, message: Term, place: &mut impl Build) -> Term {
    let [_, _, serial, sender, last] = token;
    let name = match kind {
        SEND => am::send,
        RECEIVE => am::receive,
        _ => am::print,
    };
    let counts = place.tuple(&[last, serial]);
    place.tuple(&[name, counts, sender, receiver, message])
}

/// The trace flags of timestamps that a token asks for.
fn stamps_of(token: [Term; 5]) -> u32 {
    let flags = token[0].as_small().unwrap_or(0);
    let stamps = [(TIMESTAMP, flag::TIMESTAMP), (STRICT_MONOTONIC, flag::STRICT_MONOTONIC), (MONOTONIC, flag::MONOTONIC)];
    stamps.iter().filter(|s| flags & s.0 != 0).fold(0, |flags, s| flags | s.1)
}

/// `{seq_trace, Label, What}` to a tracer that is no module.
fn deliver(tracer: &Tracer, token: [Term; 5], what: Term) {
    let message = || stamped(&[am::seq_trace, token[1], what], stamps_of(token));
    match tracer {
        Tracer::Module(..) => {}
        Tracer::Process(pid) => {
            processes::with(*pid, |to| to.message(message()));
        }
        Tracer::Port(port) => {
            tell::to_port(*port, &message());
        }
    }
}

/// Tells the system tracer of what a process does.
fn output(process: &Process, own: &mut Own, token: [Term; 5], kind: i64, receiver: Term, message: Term) {
    if process.traced.has(flag::SENSITIVE) {
        return;
    }
    let Some(tracer) = told(token, kind) else { return };
    let what = described(token, kind, receiver, message, &mut own.heap);
    if !matches!(tracer, Tracer::Module(..)) {
        deliver(&tracer, token, what);
    } else if tell::ask(&tracer, process, own, am::seq_trace, token[1]) == am::trace {
        tell::call_seq(&tracer, process, own, stamps_of(token), token[1], what);
    }
}

/// The same of what this node does for another. A tracer that is a module hears only of processes that run:
/// it is called with the heap of one.
fn output_of_node(token: [Term; 5], kind: i64, receiver: Term, message: Term) {
    if let Some(tracer) = told(token, kind) {
        let place = &mut Fragments::default();
        let what = described(token, kind, receiver, message, place);
        deliver(&tracer, token, what);
    }
}

/// A process asks another node for a process: told as two messages, of which the other has the arguments. The
/// token of the request, or `[]`.
pub(super) fn spawn_requested(process: &Process, own: &mut Own, node: Term, request: Term, args: Term) -> Term {
    let Some(token) = next(process, own) else { return Term::NIL };
    output(process, own, token, SEND, node, request);
    let Some(token) = next(process, own) else { return Term::NIL };
    output(process, own, token, SEND, node, args);
    own.sequential_trace_token
}

/// A process was made for another node, or not: told as the message `request` to `receiver`, the process or this
/// node, and the answer that goes back. The token of that; `token` is that of the first message.
pub(super) fn spawn_answered(token: Term, receiver: Term, request: Term, reply: Term, place: &mut impl Build) -> Term {
    let Some(asked) = token.as_tuple_of::<5>() else { return Term::NIL };
    output_of_node(asked, RECEIVE, receiver, request);
    let [flags, label, serial, parent, _] = asked;
    let answer = [flags, label, Term::small(serial.as_small().unwrap_or(0) + 1), receiver, serial];
    output_of_node(answer, SEND, parent, reply);
    place.tuple(&answer)
}

/// The token of a process one serial number further: something is being sent.
fn next(process: &Process, own: &mut Own) -> Option<[Term; 5]> {
    let [flags, label, ..] = token_of(process, own)?;
    let counted = own.token_progress();
    counted.clock += 1;
    let (serial, last) = (Term::small(counted.clock), Term::small(counted.last_count));
    let token = [flags, label, serial, process.pid(), last];
    set_token(process, own, token);
    Some(token)
}

pub(super) fn of_message(process: &Process, own: &mut Own, to: Term, message: Term) -> Term {
    match next(process, own) {
        Some(token) => {
            output(process, own, token, SEND, to, message);
            own.sequential_trace_token
        }
        None => Term::NIL,
    }
}

pub(super) fn received(process: &Process, own: &mut Own, token: Term, message: Term) {
    let Some(token) = token.as_tuple_of::<5>() else { return };
    let serial = token[2].as_small().unwrap_or(0);
    let counted = own.token_progress();
    counted.last_count = serial;
    counted.clock = counted.clock.max(serial);
    output(process, own, token, RECEIVE, process.pid(), message);
}

/// `seq_trace:print/1,2`: whether there is a token, and of that label.
pub fn print(process: &Process, own: &mut Own, label: Option<Term>, what: Term) -> bool {
    let Some(token) = token_of(process, own) else { return false };
    if label.is_some_and(|label| !crate::term::cmp::eq_exact(label, token[1])) {
        return false;
    }
    let Some(token) = next(process, own) else { return false };
    output(process, own, token, PRINT, Term::NIL, what);
    true
}

/// The token of a process one further: for something that is told of later.
pub(super) fn advance(process: &Process, own: &mut Own) -> Term {
    next(process, own).map_or(Term::NIL, |_| own.sequential_trace_token)
}

/// A process was made with the token of its parent: told as the messages that ask for the process and
/// answer. The answer to a request is a message that comes by itself.
pub(super) fn inherited(parent: &Process, own: &mut Own, child: &Process, call: [Term; 3], request: Option<RefNumber>) {
    let Some(token) = token_of(parent, own) else { return };
    let [module, function, args] = call;
    let arity = Term::small(args.list().count() as i64);
    let reference = own.heap.reference(request.unwrap_or_else(reference::fresh));
    let function = own.heap.tuple(&[module, function, arity]);
    let (me, leader) = (parent.pid(), own.group_leader);
    let asked = [am::spawn_request, reference, me, leader, function, Term::NIL, am::spawn_reply, args];
    let asked = own.heap.tuple(&asked);
    output(parent, own, token, SEND, child.pid(), asked);
    output(parent, own, token, RECEIVE, child.pid(), asked);
    if request.is_none() {
        let reply = own.heap.tuple(&[am::spawn_reply, reference, am::ok, child.pid()]);
        if let Some(answer) = answer(parent, own, child.pid(), reply).as_tuple_of() {
            let serial = token[2].as_small().unwrap_or(0) + 1;
            (own.token_progress().last_count, own.token_progress().clock) = (serial, serial);
            output(parent, own, answer, RECEIVE, me, reply);
        }
    }
}

/// The token of the answer to a process that has made another, from that one; told.
pub fn answer(parent: &Process, own: &mut Own, child: Term, reply: Term) -> Term {
    let Some([flags, label, serial, ..]) = token_of(parent, own) else { return Term::NIL };
    let last = serial.as_small().unwrap_or(0);
    let answer = [flags, label, Term::small(last + 1), child, serial];
    output(parent, own, answer, SEND, parent.pid(), reply);
    own.heap.tuple(&answer)
}

/// The system tracer as a term: `false` if there is none.
pub fn system_tracer_term(tracer: Option<&Tracer>, place: &mut impl Build) -> Term {
    tracer.map_or(am::false_, |tracer| flags::tracer_term(tracer, place))
}
