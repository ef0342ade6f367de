//! What match specifications for traces do.

use std::cell::Cell;

use super::{flags, token};
use crate::am;
use crate::bif::match_spec::{Action, Actions, BadSpec, Dialect, MatchSpec};
use crate::bif::{Cx, Stop};
use crate::code::Place;
use crate::exec::stacktrace;
use crate::heap::Build;
use crate::process::trace::{Traced, Tracer, flag};
use crate::process::{Own, Pid, Process, settings};
use crate::table::processes;
use crate::term::Term;

/// What a specification asks for in the end.
pub(super) struct State {
    message: Cell<Term>,
    pub return_trace: Cell<bool>,
    pub exception_trace: Cell<bool>,
    /// `erlang:match_spec_test/3`: nothing is changed, nobody has called.
    is_test: bool,
}

impl Default for State {
    fn default() -> State {
        State {
            message: Cell::new(am::true_),
            return_trace: Cell::new(false),
            exception_trace: Cell::new(false),
            is_test: false,
        }
    }
}

/// How a specification ended.
pub(super) enum Ran {
    /// The event is to be told, with this term besides, or `NONE`.
    Told(Term),
    Untold,
}

/// Runs a specification in the context of a process.
pub(super) fn run(process: &Process, own: &mut Own, spec: &MatchSpec, args: Term, state: &State) -> Ran {
    let exception = std::mem::replace(&mut own.exception, Own::NO_EXCEPTION);
    let matched = spec.run_with(&mut Cx::new(own, process, &[]), args, Some(state));
    own.exception = exception;
    match (matched, state.message.get()) {
        (None, _) | (_, am::false_) => Ran::Untold,
        (_, am::true_) => Ran::Told(Term::NONE),
        (_, message) => Ran::Told(message),
    }
}

/// `erlang:match_spec_test/3` for traces: the result, and the flags that were set.
pub fn test(cx: &mut Cx<'_>, args: Term, spec: Term) -> Result<(Term, Vec<Term>), BadSpec> {
    let spec = MatchSpec::compile_for(spec, Dialect::Call)?;
    let state = State { is_test: true, ..State::default() };
    let matched = spec.run_with(cx, args, Some(&state));
    let result = if matched.is_some() { state.message.get() } else { am::false_ };
    let set = [(am::return_trace, state.return_trace.get()), (am::exception_trace, state.exception_trace.get())];
    Ok((result, set.iter().filter(|f| f.1).map(|f| f.0).collect()))
}

impl Actions for State {
    fn act(&self, cx: &mut Cx<'_>, action: Action, args: &[Term]) -> Result<Term, Stop> {
        let done = match action {
            Action::Message => {
                self.message.set(args[0]);
                Some(am::true_)
            }
            Action::ReturnTrace => {
                self.return_trace.set(true);
                Some(am::true_)
            }
            Action::ExceptionTrace => {
                self.exception_trace.set(true);
                Some(am::true_)
            }
            Action::IsSeqTrace => Some(Term::from_bool(!cx.own.sequential_trace_token.is_nil())),
            Action::GetSeqToken => Some(cx.own.sequential_trace_token),
            Action::SetSeqToken if self.is_test => Some(am::true_),
            Action::SetSeqToken => token::set(cx.process, cx.own, args[0], args[1]),
            Action::Display => {
                crate::sched::say(&crate::term::print::to_string(args[0]));
                Some(am::true_)
            }
            Action::ProcessDump => Some(dump(cx)),
            Action::EnableTrace | Action::DisableTrace | Action::Trace if self.is_test => Some(am::true_),
            Action::EnableTrace | Action::DisableTrace => flags::flag_of(args[args.len() - 1]).and_then(|bit| {
                let (off, on) = if action == Action::EnableTrace { (0, bit) } else { (bit, 0) };
                let tracer = cx.process.traced.tracer();
                change(cx, (args.len() == 2).then(|| args[0]), off, on, tracer)
            }),
            Action::Trace => trace(cx, args),
            Action::Caller if self.is_test => Some(am::undefined),
            Action::Caller => Some(match stacktrace::caller(cx.own) {
                Some(place) => function(cx, &place),
                None => am::undefined,
            }),
            Action::CallerLine if self.is_test => Some(am::undefined),
            Action::CallerLine => Some(match stacktrace::caller(cx.own) {
                Some(place) => with_line(cx, &place),
                None => am::undefined,
            }),
            Action::CurrentStacktrace => stack(cx, args.first().copied()),
            Action::Silent => {
                match args[0] {
                    am::true_ if !self.is_test => cx.process.traced.set(flag::SILENT),
                    am::false_ if !self.is_test => cx.process.traced.clear(flag::SILENT),
                    _ => {}
                }
                Some(args[0])
            }
            Action::GetTcw => Some(cx.usize(settings::TRACE_CONTROL_WORD.get())),
            Action::SetTcw => match args[0].as_usize().filter(|n| u32::try_from(*n).is_ok()) {
                Some(word) if !self.is_test => Some(cx.usize(settings::TRACE_CONTROL_WORD.replace(word))),
                Some(_) => Some(cx.usize(settings::TRACE_CONTROL_WORD.get())),
                None => None,
            },
        };
        done.map_or_else(|| cx.badarg(), Ok)
    }
}

/// Changes flags of the process itself or of another: that gets this one's tracer.
fn change(cx: &mut Cx<'_>, who: Option<Term>, off: u32, on: u32, tracer: Option<Tracer>) -> Option<Term> {
    let change = |traced: &Traced| {
        traced.change(|flags, current| {
            *flags = *flags & !off | on;
            *current = if *flags == 0 { None } else { tracer.clone() };
            if current.is_none() {
                *flags = 0;
            }
        });
        am::true_
    };
    match who {
        None => Some(change(&cx.process.traced)),
        Some(who) => {
            let pid = match who.as_atom() {
                Some(name) => crate::table::names::whereis(name)?.pid()?,
                None => Pid::of(who)?,
            };
            processes::with(pid, |process| change(&process.traced))
        }
    }
}

/// `{trace, [Process,] Disable, Enable}`
fn trace(cx: &mut Cx<'_>, args: &[Term]) -> Option<Term> {
    let (who, off, on) = match *args {
        [off, on] => (None, off, on),
        [who, off, on] => (Some(who), off, on),
        _ => return None,
    };
    let off = flags::Wanted::of(off)?;
    let on = flags::Wanted::of(on)?;
    if off.cpu_timestamp || on.cpu_timestamp {
        return None;
    }
    let tracer = on.tracer.or(off.tracer).or_else(|| cx.process.traced.tracer());
    change(cx, who, off.flags, on.flags, tracer)
}

fn function(cx: &mut Cx<'_>, place: &Place) -> Term {
    cx.tuple(&[Term::from_atom(place.module), Term::from_atom(place.function), Term::small(place.arity.into())])
}

fn with_line(cx: &mut Cx<'_>, place: &Place) -> Term {
    let location = match &place.file {
        Some(file) => {
            let file = cx.string(file);
            cx.tuple(&[file, Term::small(place.line.into())])
        }
        None => am::undefined,
    };
    let function =
        [Term::from_atom(place.module), Term::from_atom(place.function), Term::small(place.arity.into()), location];
    cx.tuple(&function)
}

fn stack(cx: &mut Cx<'_>, most: Option<Term>) -> Option<Term> {
    let most = match most {
        Some(most) => most.as_usize()?,
        None => stacktrace::depth(),
    };
    let places = stacktrace::places(cx.own, most.saturating_add(1));
    let entries: Vec<Term> =
        places.iter().take(most).map(|place| stacktrace::entry(cx.own, place, Term::NONE, Term::NONE)).collect();
    Some(cx.list(&entries))
}

/// The process in words, as a binary.
fn dump(cx: &mut Cx<'_>) -> Term {
    use std::fmt::Write;
    let mut text = String::new();
    let spawned = cx.own.spawned;
    let parent = spawned.parent.map_or(am::undefined, |parent| parent.term(cx));
    let _ = write!(
        text,
        "=proc:{}\nState: Running\nSpawned as: {}:{}/{}\nSpawned by: {}\nMessage queue length: {}\nReductions: {}\nStack+heap: {}\n",
        crate::term::print::to_string(cx.self_pid()),
        spawned.module.name(),
        spawned.function.name(),
        spawned.arity,
        crate::term::print::to_string(parent),
        cx.own.messages.len(),
        cx.own.reductions_so_far(),
        cx.own.heap.total_size(),
    );
    for place in stacktrace::places(cx.own, usize::MAX) {
        let _ = writeln!(text, "{}:{}/{}", place.module.name(), place.function.name(), place.arity);
    }
    cx.binary(text.as_bytes())
}
