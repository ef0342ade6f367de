//! Calls of functions with breakpoints, and their returns.

use super::actions::{self, Ran, State};
use super::pattern::{Pattern, Patterns};
use super::{flags, tell};
use crate::am;
use crate::base::sync::Ordering;
use crate::base::time;
use crate::code::breakpoint::{self, Spot};
use crate::code::{Breakpoint, Export, Place, module};
use crate::exec::stacktrace;
use crate::heap::Build;
use crate::process::trace::{Frame, Tracer, flag};
use crate::process::{Own, Process};
use crate::term::Term;

/// A function with a breakpoint is called: who is told, and what is left on the stack.
pub(super) fn call(process: &Process, own: &mut Own, at: &Breakpoint, args: &[Term]) -> Vec<Frame> {
    let mut frames = Vec::new();
    let Some(patterns) = at.what.downcast_ref::<Patterns>() else { return frames };
    if process.traced.has(flag::CALL) && !process.traced.has(flag::SENSITIVE) {
        if let Some(pattern) = &patterns.global {
            traced(process, own, at, args, pattern, false, &mut frames);
        } else if let Some(pattern) = &patterns.local {
            traced(process, own, at, args, pattern, true, &mut frames);
        }
    }
    if let Some((pattern, tracer)) = &patterns.meta
        && !process.traced.has(flag::SENSITIVE)
    {
        meta(process, own, at, args, pattern, tracer, &mut frames);
    }
    if let Some(counter) = &patterns.count
        && !counter.paused.load(Ordering::Relaxed)
    {
        counter.count.fetch_add(1, Ordering::Relaxed);
    }
    if let Some(times) = &patterns.times
        && process.traced.has(flag::CALL)
        && !times.paused.load(Ordering::Relaxed)
    {
        times.add(process.id(), 1, 0);
        let before = switch(process, own, Some(at.function));
        frames.push(Frame::Time(before.map_or(std::ptr::null(), std::ptr::from_ref)));
    }
    frames
}

fn function(own: &mut Own, at: &Breakpoint, args: &[Term], flags: u32) -> Term {
    let args = if flags & flag::ARITY != 0 { Term::small(args.len() as i64) } else { own.heap.list(args) };
    own.heap.tuple(&[Term::from_atom(at.function.module), Term::from_atom(at.function.function), args])
}

/// Runs the pattern's specification, if it has one.
fn matched(process: &Process, own: &mut Own, pattern: &Pattern, args: &[Term], state: &State) -> Ran {
    match pattern.compiled() {
        Some(spec) => {
            let args = own.heap.list(args);
            actions::run(process, own, spec.get(), args, state)
        }
        None => Ran::Told(Term::NONE),
    }
}

fn traced(
    process: &Process,
    own: &mut Own,
    at: &Breakpoint,
    args: &[Term],
    pattern: &Pattern,
    local: bool,
    frames: &mut Vec<Frame>,
) {
    // A specification may end the tracing: this call is told of all the same.
    let Some(tracer) = process.traced.tracer() else { return };
    if !tell::is_there(&tracer, process.pid(), Some((process, own))) {
        return tell::forget(&process.traced, &tracer);
    }
    let state = State::default();
    let ran = matched(process, own, pattern, args, &state);
    let flags = process.traced.flags();
    if flags & flag::SILENT != 0 {
        return;
    }
    if let Ran::Told(extra) = ran {
        if local && flags & flag::RETURN_TO != 0 && !stacktrace::tells_return(own) {
            frames.push(Frame::ReturnTo);
        }
        let function = function(own, at, args, flags);
        let terms = [function, extra];
        let terms = if extra.is_none() { &terms[..1] } else { &terms[..] };
        tell::deliver(&tracer, flags, process.pid(), Some((process, own)), am::call, terms);
    }
    if state.return_trace.get() || state.exception_trace.get() {
        frames.push(Frame::Return { exceptions: state.exception_trace.get(), tracer: Term::NIL });
    }
}

/// Flags that hold for everything that a meta tracer is told.
const META: u32 = flag::CALL | flag::TIMESTAMP;

fn meta(
    process: &Process,
    own: &mut Own,
    at: &Breakpoint,
    args: &[Term],
    pattern: &Pattern,
    tracer: &Tracer,
    frames: &mut Vec<Frame>,
) {
    if !tell::is_there(tracer, process.pid(), Some((process, own))) {
        return;
    }
    let state = State::default();
    if let Ran::Told(extra) = matched(process, own, pattern, args, &state) {
        let function = function(own, at, args, META);
        let terms = [function, extra];
        let terms = if extra.is_none() { &terms[..1] } else { &terms[..] };
        tell::deliver(tracer, META, process.pid(), Some((process, own)), am::call, terms);
    }
    if state.return_trace.get() || state.exception_trace.get() {
        let tracer = flags::tracer_term(tracer, &mut own.heap);
        frames.push(Frame::Return { exceptions: state.exception_trace.get(), tracer });
    }
}

/// Tells the process's tracer, if its calls are traced, or a meta tracer.
fn over(process: &Process, own: &mut Own, tracer: Term, tag: Term, terms: &[Term]) {
    if tracer.is_nil() {
        if process.traced.has(flag::CALL) {
            tell::tell(&process.traced, process.party(), Some((process, own)), tag, terms);
        }
    } else if let Some(tracer) = flags::tracer_of_term(tracer) {
        tell::deliver(&tracer, META, process.pid(), Some((process, own)), tag, terms);
    }
}

fn name(own: &mut Own, module: Term, function: Term, arity: u8) -> Term {
    own.heap.tuple(&[module, function, Term::small(arity.into())])
}

pub(super) fn return_from(process: &Process, own: &mut Own, function: &Export, tracer: Term, value: Term) {
    let function = name(own, Term::from_atom(function.module), Term::from_atom(function.function), function.arity);
    over(process, own, tracer, am::return_from, &[function, value]);
}

pub(super) fn exception_from(
    process: &Process,
    own: &mut Own,
    function: &Export,
    tracer: Term,
    class: Term,
    reason: Term,
) {
    let function = name(own, Term::from_atom(function.module), Term::from_atom(function.function), function.arity);
    let what = own.heap.tuple(&[class, reason]);
    over(process, own, tracer, am::exception_from, &[function, what]);
}

pub(super) fn return_to(process: &Process, own: &mut Own, place: Option<Place>) {
    if !process.traced.has(flag::RETURN_TO) || process.traced.has(flag::SILENT) {
        return;
    }
    let place = match place {
        Some(place) => name(own, Term::from_atom(place.module), Term::from_atom(place.function), place.arity),
        None => am::undefined,
    };
    tell::tell(&process.traced, process.party(), Some((process, own)), am::return_to, &[place]);
}

/// Ends the time of the function that runs and begins that of another; the one that ran.
fn switch(process: &Process, own: &mut Own, next: Option<&'static Export>) -> Option<&'static Export> {
    let now = time::monotonic();
    let timed = std::mem::replace(&mut own.progress().timed, next.map(|function| (function, now)));
    if next.is_some() {
        process.traced.set(flag::TIMED);
    } else {
        process.traced.clear(flag::TIMED);
    }
    let (function, since) = timed?;
    add_time(process, function, now - since);
    Some(function)
}

fn add_time(process: &Process, function: &'static Export, nanoseconds: i64) {
    let add = |spot: Spot<'_>| {
        if let Some(at) = breakpoint::get(spot, function)
            && let Some(times) = at.what.downcast_ref::<Patterns>().and_then(|p| p.times.as_ref())
        {
            times.add(process.id(), 0, nanoseconds);
        }
    };
    if function.is_native() {
        return add(Spot::Stub);
    }
    let Some(loaded) = module::current(function.module) else { return };
    if let Some(f) = loaded.functions.iter().find(|f| f.name == function.function && f.arity == function.arity) {
        add(Spot::Code(&loaded, f.entry));
    }
}

pub(super) fn time_back(process: &Process, own: &mut Own, function: *const Export) {
    // The address of an export, as `call` left it (C1).
    let function = stacktrace::export_at(function);
    switch(process, own, function);
}

/// A slice begins or ends: time between slices counts for nobody.
pub(super) fn slice(process: &Process, own: &mut Own, begins: bool) {
    let now = time::monotonic();
    let Some((function, since)) = &mut own.progress().timed else { return };
    let (function, before) = (*function, std::mem::replace(since, now));
    if !begins {
        add_time(process, function, now - before);
    }
}
