//! `os`: environment variables, clocks of the operating system, signals.

use std::time::{SystemTime, UNIX_EPOCH};

use glulam_vm::base::environ;
use glulam_vm::base::filename::{self, Encoding};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::os_signal::{self, Disposition};
use glulam_vm::{Term, am};

use crate::prim_file::encode_name;

glulam_vm::bifs! {
    os:env/0            Normal => env;
    os:getenv/1         Normal => getenv;
    os:putenv/2         Normal => putenv;
    os:unsetenv/1       Normal => unsetenv;
    os:getpid/0         Normal => getpid;
    os:timestamp/0      Normal => timestamp;
    os:system_time/0    Normal => system_time;
    os:system_time/1    Normal => system_time_in;
    os:perf_counter/0   Normal => perf_counter;
    os:set_signal/2     Normal => set_signal;
}

/// A name or value as Erlang sees it: characters, or the bytes as a binary if they are none.
fn text(cx: &mut Cx<'_>, bytes: &[u8]) -> Term {
    if filename::encoding() == Encoding::Latin1 {
        return cx.byte_list(bytes);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => cx.string(text),
        Err(_) => cx.binary(bytes),
    }
}

/// A list of characters, encoded.
fn characters(term: Term) -> Option<Vec<u8>> {
    if term.is_list() { encode_name(term) } else { None }
}

/// The name of a variable: no `=` in it.
fn key(term: Term) -> Option<Vec<u8>> {
    characters(term).filter(|key| !key.contains(&b'='))
}

fn env(cx: &mut Cx<'_>) -> Outcome {
    let mut list = Term::NIL;
    for (key, value) in environ::all().into_iter().rev() {
        let pair = [text(cx, &key), text(cx, &value)];
        let pair = cx.tuple(&pair);
        list = cx.cons(pair, list);
    }
    Ok(list)
}

fn getenv(cx: &mut Cx<'_>) -> Outcome {
    let Some(key) = key(cx.arg(0)) else { return cx.badarg() };
    Ok(match environ::get(&key) {
        Some(value) => text(cx, &value),
        None => am::false_,
    })
}

fn putenv(cx: &mut Cx<'_>) -> Outcome {
    let (Some(key), Some(value)) = (key(cx.arg(0)), characters(cx.arg(1))) else { return cx.badarg() };
    environ::set(key, value);
    Ok(am::true_)
}

fn unsetenv(cx: &mut Cx<'_>) -> Outcome {
    let Some(key) = key(cx.arg(0)) else { return cx.badarg() };
    environ::unset(&key);
    Ok(am::true_)
}

fn getpid(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.string(&std::process::id().to_string()))
}

/// Nanoseconds since 1970 by the operating system's clock.
fn nanoseconds() -> i128 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(d) => d.as_nanos() as i128,
        Err(e) => -(e.duration().as_nanos() as i128),
    }
}

fn timestamp(cx: &mut Cx<'_>) -> Outcome {
    let microseconds = nanoseconds().div_euclid(1000) as i64;
    let parts = [
        microseconds.div_euclid(1_000_000_000_000),
        microseconds.div_euclid(1_000_000).rem_euclid(1_000_000),
        microseconds.rem_euclid(1_000_000),
    ];
    Ok(cx.tuple(&parts.map(Term::small)))
}

fn system_time(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.i128(nanoseconds()))
}

fn system_time_in(cx: &mut Cx<'_>) -> Outcome {
    match parts_per_second(cx.arg(0)) {
        Some(parts) => Ok(cx.i128((nanoseconds() * i128::from(parts)).div_euclid(1_000_000_000))),
        None => cx.badarg(),
    }
}

/// What a time unit divides a second into.
pub(crate) fn parts_per_second(unit: Term) -> Option<i64> {
    match unit {
        am::second | am::seconds => Some(1),
        am::millisecond | am::milli_seconds => Some(1000),
        am::microsecond | am::micro_seconds => Some(1_000_000),
        am::nanosecond | am::nano_seconds | am::native | am::perf_counter => Some(1_000_000_000),
        _ => unit.as_i64().filter(|&parts| parts > 0),
    }
}

/// Nanoseconds since some point in the past.
fn perf_counter(cx: &mut Cx<'_>) -> Outcome {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Ok(cx.i64(now.tv_sec * 1_000_000_000 + now.tv_nsec))
}


fn set_signal(cx: &mut Cx<'_>) -> Outcome {
    let [signal, option] = cx.take();
    let Some(signal) = signal.as_atom().and_then(|name| os_signal::named(name.name())) else { return cx.badarg() };
    let disposition = match option {
        am::default => Disposition::Default,
        am::ignore => Disposition::Ignore,
        am::handle => Disposition::Handle,
        _ => return cx.badarg_because(am::badopt),
    };
    // Nothing can be done about a signal that stops the process: as it is for that one.
    let _ = os_signal::set(signal, disposition);
    Ok(am::ok)
}
