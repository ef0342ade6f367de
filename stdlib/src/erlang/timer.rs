//! Timers that send messages.

use glulam_vm::base::time;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::{Parcel, Pid, reference};
use glulam_vm::sched::timer::{self, Destination};
use glulam_vm::table::processes;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// Sends a message when time is up.
    erlang:send_after/3    Normal => send_after;
    erlang:send_after/4    Normal => send_after_with;
    /// The same, the message being `{timeout, TimerRef, Message}`.
    erlang:start_timer/3   Normal => start_timer;
    erlang:start_timer/4   Normal => start_timer_with;
    /// Gives a timer up: the milliseconds that were left, or `false`.
    erlang:cancel_timer/1  Normal => cancel_timer;
    erlang:cancel_timer/2  Normal => cancel_timer_with;
    /// The milliseconds that are left, or `false`.
    erlang:read_timer/1    Normal => read_timer;
    erlang:read_timer/2    Normal => read_timer_with;
}

const MILLISECOND: i64 = 1_000_000;

/// The options of timers.
#[derive(Default)]
struct Options {
    absolute: bool,
    asynchronous: bool,
    silent: bool,
}

impl Options {
    /// `allowed` are the keys that the native knows.
    fn parse(options: Term, allowed: &[Term]) -> Option<Options> {
        let mut found = Options::default();
        let mut rest = options.list();
        for option in rest.by_ref() {
            let [key, value] = option.as_tuple_of()?;
            let value = value.as_bool()?;
            match key {
                _ if !allowed.contains(&key) => return None,
                am::abs => found.absolute = value,
                am::async_ => found.asynchronous = value,
                _ => found.silent = !value,
            }
        }
        rest.rest().is_nil().then_some(found)
    }
}

/// The monotonic time that a timeout ends. `None`: no time, or out of reach.
fn deadline(when: Term, absolute: bool) -> Option<i64> {
    let nanoseconds = when.as_i64()?.checked_mul(MILLISECOND)?;
    if absolute {
        return (nanoseconds >= time::started()).then_some(nanoseconds);
    }
    if nanoseconds < 0 {
        return None;
    }
    // As much later as fits: counted from the start of the node, which is far below zero.
    (time::monotonic() - time::started()).checked_add(nanoseconds)?;
    time::monotonic().checked_add(nanoseconds)
}

fn start(cx: &mut Cx<'_>, options: Options, with_reference: bool) -> Outcome {
    let [when, to, message] = [cx.arg(0), cx.arg(1), cx.arg(2)];
    let Some(deadline) = deadline(when, options.absolute) else { return cx.badarg_because(am::time) };
    let to = match (Pid::of(to), to.as_atom()) {
        (Some(pid), _) => Destination::Pid(pid),
        (None, Some(name)) => Destination::Name(name),
        (None, None) => return cx.badarg(),
    };
    let gone = match to {
        Destination::Pid(pid) => processes::with(pid, |_| ()).is_none(),
        Destination::Name(_) => false,
    };
    let number = if gone {
        reference::fresh()
    } else {
        timer::send_at(deadline, to, Parcel::new(message), with_reference)
    };
    Ok(cx.reference(number))
}

fn start_with(cx: &mut Cx<'_>, with_reference: bool) -> Outcome {
    match Options::parse(cx.arg(3), &[am::abs]) {
        Some(options) => start(cx, options, with_reference),
        None => cx.badarg_because(am::badopt),
    }
}

fn send_after(cx: &mut Cx<'_>) -> Outcome {
    start(cx, Options::default(), false)
}

fn send_after_with(cx: &mut Cx<'_>) -> Outcome {
    start_with(cx, false)
}

fn start_timer(cx: &mut Cx<'_>) -> Outcome {
    start(cx, Options::default(), true)
}

fn start_timer_with(cx: &mut Cx<'_>) -> Outcome {
    start_with(cx, true)
}

/// Milliseconds until a deadline, begun ones counted.
fn left(deadline: i64) -> i64 {
    let left = deadline.saturating_sub(time::monotonic()).max(0);
    left / MILLISECOND + i64::from(left % MILLISECOND > 0)
}

/// `find` looks up or cancels the timer; `tag` is the first element of an asynchronous answer.
fn ask(cx: &mut Cx<'_>, options: &Options, tag: Term, find: fn([u64; 2]) -> Option<i64>) -> Outcome {
    let timer = cx.arg(0);
    if !timer.is_ref() {
        return cx.badarg();
    }
    let deadline = timer.as_local_ref().and_then(find);
    if options.silent {
        return Ok(am::ok);
    }
    let answer = match deadline {
        Some(deadline) => cx.i64(left(deadline)),
        None => am::false_,
    };
    if !options.asynchronous {
        return Ok(answer);
    }
    let message = cx.tuple(&[tag, timer, answer]);
    cx.own.fetch_messages(cx.process);
    cx.own.message_of_system(cx.process, message);
    Ok(am::ok)
}

fn cancel_timer(cx: &mut Cx<'_>) -> Outcome {
    ask(cx, &Options::default(), am::cancel_timer, timer::cancel)
}

fn cancel_timer_with(cx: &mut Cx<'_>) -> Outcome {
    match Options::parse(cx.arg(1), &[am::async_, am::info]) {
        Some(options) => ask(cx, &options, am::cancel_timer, timer::cancel),
        None => cx.badarg(),
    }
}

fn read_timer(cx: &mut Cx<'_>) -> Outcome {
    ask(cx, &Options::default(), am::read_timer, timer::deadline_of)
}

fn read_timer_with(cx: &mut Cx<'_>) -> Outcome {
    match Options::parse(cx.arg(1), &[am::async_]) {
        Some(options) => ask(cx, &options, am::read_timer, timer::deadline_of),
        None => cx.badarg(),
    }
}
