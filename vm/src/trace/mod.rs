//! Tracing: who is told of what processes do, of calls of functions, and of chains of messages.
//! Floor: trace
//! Invariants: R1 nothing here runs unless a flag, a breakpoint or a token asks for it; R2 a message
//! to a tracer is made by the thread that runs the tracee, so that a tracee's messages come in order.
//! Locks: breakpoints are changed one trace pattern at a time; a tracee's tracer has a lock for single
//! steps; settings have one each, none held while anything is sent.
//! Start reading at: `tell::deliver`, then `call`, `pattern`, `token`.

mod actions;
mod call;
mod event;
pub mod flags;
pub mod monitor;
pub mod pattern;
mod tell;
pub mod token;
pub mod tracee;

pub use actions::test;
pub use pattern::{Kind, Pattern};

use crate::code::{Breakpoint, Export, Loaded, Place};
use crate::heap::Fragments;
use crate::process::trace::{Frame, Spawn, Traced, Tracer, Tracing};
use crate::process::{Own, Party, Process, Sender};
use crate::term::Term;

/// Whether a tracer is there.
pub fn is_there(tracer: &Tracer) -> bool {
    tell::is_there(tracer, Term::NIL, None)
}

/// Tells a process or port as `erl_tracer:trace/5` does: the flags are those of timestamps.
pub fn tell(tracer: &Tracer, flags: u32, tracee: Term, tag: Term, terms: &[Term]) {
    tell::deliver(tracer, flags, tracee, None, tag, terms);
}

struct Floor;

/// Makes tracing possible. Once, at start.
pub fn install() {
    static FLOOR: Floor = Floor;
    crate::process::trace::install(&FLOOR);
}

impl Tracing for Floor {
    fn tell(&self, traced: &Traced, tracee: Party, own: Option<(&Process, &mut Own)>, tag: Term, terms: &[Term]) {
        tell::tell(traced, tracee, own, tag, terms);
    }
    fn send(&self, process: &Process, own: &mut Own, to: Term, message: Term, exists: bool) {
        event::send(process, own, to, message, exists);
    }
    fn receive(&self, process: &Process, own: &mut Own, from: Sender, message: Term) {
        event::receive(process, own, from, message);
    }
    fn call(&self, process: &Process, own: &mut Own, at: &Breakpoint, args: &[Term]) -> Vec<Frame> {
        call::call(process, own, at, args)
    }
    fn return_from(&self, process: &Process, own: &mut Own, function: &Export, tracer: Term, value: Term) {
        call::return_from(process, own, function, tracer, value);
    }
    fn exception_from(&self, process: &Process, own: &mut Own, function: &Export, tracer: Term, class: Term, reason: Term) {
        call::exception_from(process, own, function, tracer, class, reason);
    }
    fn return_to(&self, process: &Process, own: &mut Own, place: Option<Place>) {
        call::return_to(process, own, place);
    }
    fn time_back(&self, process: &Process, own: &mut Own, function: *const Export) {
        call::time_back(process, own, function);
    }
    fn collected(&self, process: &Process, own: &mut Own, took: i64) {
        monitor::collected(process, own, took);
    }
    fn scheduled(&self, process: &Process, own: &mut Own, begins: bool, ended: bool) {
        event::scheduled(process, own, begins, ended);
    }
    fn ran_long(&self, process: &Process, own: &mut Own, took: i64, from: Option<Place>) {
        monitor::ran_long(process, own, took, from);
    }
    fn runnable(&self, process: &Process, own: Option<&Own>, active: bool) {
        monitor::runnable(process, own, active);
    }
    fn port_runnable(&self, port: Term, active: bool) {
        monitor::port_runnable(port, active);
    }
    fn scheduler(&self, number: usize, active: bool, working: usize) {
        monitor::scheduler(number, active, working);
    }
    fn loaded(&self, loaded: &Loaded) {
        pattern::loaded(loaded);
    }
    fn spawned(&self, parent: &Process, own: &mut Own, child: &Process, call: [Term; 3], how: Spawn) {
        tracee::spawned(parent, own, child, call, &how);
    }
    fn linked(&self, process: &Process, other: Party) {
        tracee::linked(process, other);
    }
    fn token_for(&self, process: &Process, own: &mut Own, to: Term, message: Term) -> Term {
        token::of_message(process, own, to, message)
    }
    fn next_token(&self, process: &Process, own: &mut Own) -> Term {
        token::advance(process, own)
    }
    fn spawn_requested(&self, process: &Process, own: &mut Own, node: Term, request: Term, args: Term) -> Term {
        token::spawn_requested(process, own, node, request, args)
    }
    fn spawn_answered(&self, token: Term, receiver: Term, request: Term, reply: Term, place: &mut Fragments) -> Term {
        token::spawn_answered(token, receiver, request, reply, place)
    }
    fn token_received(&self, process: &Process, own: &mut Own, token: Term, message: Term) {
        token::received(process, own, token, message);
    }
}
