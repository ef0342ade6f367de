//! Messages and slices of processes that are traced.

use super::actions::{self, Ran};
use super::pattern::{RECEIVE, SEND};
use super::{call, pattern::Pattern, tell};
use crate::am;
use crate::exec::stacktrace;
use crate::heap::Build;
use crate::process::trace::flag;
use crate::process::{Own, Process, Sender};
use crate::table::names;
use crate::process::Party;
use crate::term::Term;

/// What a pattern for messages says: the term to tell besides, `Some(NONE)` for none; `None`: nothing is
/// told.
fn matched(process: &Process, own: &mut Own, pattern: &Pattern, who: Term, message: Term) -> Option<Term> {
    let Some(spec) = pattern.compiled() else { return Some(Term::NONE) };
    let args = own.heap.list(&[who, message]);
    match actions::run(process, own, spec.get(), args, &actions::State::default()) {
        Ran::Told(extra) => Some(extra),
        Ran::Untold => None,
    }
}

fn told(process: &Process, own: &mut Own, tag: Term, terms: &[Term], extra: Term) {
    let mut all = terms.to_vec();
    if !extra.is_none() {
        all.push(extra);
    }
    tell::tell(&process.traced, process.party(), Some((process, own)), tag, &all);
}

pub(super) fn send(process: &Process, own: &mut Own, to: Term, message: Term, exists: bool) {
    let Some(pattern) = SEND.read().clone() else { return };
    let receiver = to.as_atom().and_then(names::whereis).and_then(Party::local).unwrap_or(to);
    let Some(extra) = matched(process, own, &pattern, receiver, message) else { return };
    let tag = if exists { am::send } else { am::send_to_non_existing_process };
    told(process, own, tag, &[message, to], extra);
}

pub(super) fn receive(process: &Process, own: &mut Own, from: Sender, message: Term) {
    let Some(pattern) = RECEIVE.read().clone() else { return };
    let Some(spec) = pattern.compiled() else {
        return told(process, own, am::receive, &[message], Term::NONE);
    };
    let [node, sender] = from.terms(&mut own.heap);
    let args = own.heap.list(&[node, sender, message]);
    if let Ran::Told(extra) = actions::run(process, own, spec.get(), args, &actions::State::default()) {
        told(process, own, am::receive, &[message], extra);
    }
}

/// A slice of a process begins or ends.
pub(super) fn scheduled(process: &Process, own: &mut Own, begins: bool, ended: bool) {
    let flags = process.traced.flags();
    if flags & flag::TIMED != 0 {
        call::slice(process, own, begins);
    }
    if ended {
        if flags & flag::EXITING != 0 {
            told(process, own, am::out_exited, &[Term::ZERO], Term::NONE);
        }
        return;
    }
    if flags & (flag::RUNNING | flag::RUNNING_PROCS) == 0 {
        return;
    }
    let place = stacktrace::places(own, 1).pop();
    let (module, function, arity) = match &place {
        Some(place) => (place.module, place.function, place.arity),
        None => (own.spawned.module, own.spawned.function, own.spawned.arity),
    };
    let function = [Term::from_atom(module), Term::from_atom(function), Term::small(arity.into())];
    let function = own.heap.tuple(&function);
    told(process, own, if begins { am::in_ } else { am::out }, &[function], Term::NONE);
}
