//! `error`, `exit`, `throw`, `raise`, `nif_error`.

use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::exec::stacktrace;
use glulam_vm::heap::Build;
use glulam_vm::process::Class;
use glulam_vm::{Term, am, bifs};

bifs! {
    /// Raises `error:Reason`.
    erlang:error/1      Normal => error_1;
    /// Raises `error:Reason`; the arguments stand in the stack trace.
    erlang:error/2      Normal => error_2;
    /// The same with options (`error_info`).
    erlang:error/3      Normal => error_3;
    /// Raises `exit:Reason`.
    erlang:exit/1       Normal => exit_1;
    /// Raises `throw:Term`.
    erlang:throw/1      Normal => throw_1;
    /// Raises any exception with a given stack trace.
    erlang:raise/3      Normal => raise_3;
    /// What the body of a function does that a library should have replaced.
    erlang:nif_error/1  Normal => nif_error;
    erlang:nif_error/2  Normal => nif_error;
}

/// An exception of the caller: the native does not stand in the stack trace.
fn by_caller(cx: &mut Cx<'_>, class: Class, reason: Term) -> Outcome {
    let stop: Result<Term, Stop> = cx.raise(class, reason);
    cx.own.exception.by_caller = true;
    stop
}

fn error_1(cx: &mut Cx<'_>) -> Outcome {
    let [reason] = cx.take();
    by_caller(cx, Class::Error, reason)
}

/// It stands in the stack trace itself.
fn nif_error(cx: &mut Cx<'_>) -> Outcome {
    cx.error(cx.arg(0))
}

fn exit_1(cx: &mut Cx<'_>) -> Outcome {
    let [reason] = cx.take();
    by_caller(cx, Class::Exit, reason)
}

fn throw_1(cx: &mut Cx<'_>) -> Outcome {
    let [reason] = cx.take();
    by_caller(cx, Class::Throw, reason)
}

/// The arguments of the caller, given as a list; anything else (`none`) says nothing.
fn with_arguments(cx: &mut Cx<'_>, reason: Term, args: Term) -> Outcome {
    let outcome = by_caller(cx, Class::Error, reason);
    if args.is_list() {
        cx.own.exception.args = args;
    }
    outcome
}

fn error_2(cx: &mut Cx<'_>) -> Outcome {
    let [reason, args] = cx.take();
    with_arguments(cx, reason, args)
}

/// What is no option, or no list of options, says nothing; the last of several counts.
fn error_3(cx: &mut Cx<'_>) -> Outcome {
    let [reason, args, options] = cx.take();
    let mut info = Term::NONE;
    for option in options.list() {
        if let Some([am::error_info, map]) = option.as_tuple_of()
            && map.as_map().is_some()
        {
            info = map;
        }
    }
    let outcome = with_arguments(cx, reason, args);
    cx.own.exception.cause = info;
    outcome
}

/// A bad class or trace is returned as `badarg`, not raised.
fn raise_3(cx: &mut Cx<'_>) -> Outcome {
    let [class, reason, trace] = cx.take();
    let Some(class) = Class::of(class) else { return Ok(am::badarg) };
    let Some(trace) = checked_trace(cx, trace) else { return Ok(am::badarg) };
    let outcome = by_caller(cx, class, reason);
    cx.own.exception.trace = stacktrace::given(cx.own, class, trace);
    outcome
}

/// The trace if every entry has the form of one, cut to `backtrace_depth`; entries of three
/// elements get an empty location.
fn checked_trace(cx: &mut Cx<'_>, trace: Term) -> Option<Term> {
    let mut entries = trace.proper_list()?;
    for entry in &mut entries {
        let tuple = entry.as_tuple()?;
        let (arguments, location) = match *tuple.as_slice() {
            [fun, args] if fun.as_fun().is_some() => (args, None),
            [fun, args, location] if fun.as_fun().is_some() => (args, Some(location)),
            [m, f, args] if m.is_atom() && f.is_atom() => (args, None),
            [m, f, args, location] if m.is_atom() && f.is_atom() => (args, Some(location)),
            _ => return None,
        };
        if !(arguments.is_list() || arguments.as_small().is_some_and(|n| (0..256).contains(&n))) {
            return None;
        }
        match location {
            Some(location) if !location.is_list() => return None,
            Some(_) => {}
            None => {
                let mut elements = tuple.as_slice().to_vec();
                elements.push(Term::NIL);
                *entry = cx.tuple(&elements);
            }
        }
    }
    entries.truncate(stacktrace::depth().max(1));
    Some(cx.list(&entries))
}
