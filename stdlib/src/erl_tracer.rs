//! The tracer that is a process or port, as a module: what tracing with `{tracer, Pid}` comes to.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::process::trace::flag;
use glulam_vm::term::map;
use glulam_vm::trace::{self, flags};
use glulam_vm::{Term, am, bifs};

bifs! {
    /// Whether the process or port that is the state is to be told: `trace`, `discard` or `remove`.
    erl_tracer:enabled/3   Normal nif => enabled;
    /// Tells it.
    erl_tracer:trace/5     Normal nif => trace;
}

fn enabled(cx: &mut Cx<'_>) -> Outcome {
    let [tag, state, tracee] = cx.take();
    if state != tracee && flags::tracer_of(state).is_some() {
        return Ok(am::trace);
    }
    Ok(if tag == am::trace_status { am::remove } else { am::discard })
}

fn trace(cx: &mut Cx<'_>) -> Outcome {
    let [tag, state, tracee, message, options] = cx.take();
    let Some(tracer) = flags::tracer_of(state) else { return Ok(am::ok) };
    if options.as_map().is_none() {
        return cx.badarg();
    }
    let stamp = match map::get(options, am::timestamp) {
        Some(am::timestamp | am::cpu_timestamp) => flag::TIMESTAMP,
        Some(am::monotonic) => flag::MONOTONIC,
        Some(am::strict_monotonic) => flag::STRICT_MONOTONIC,
        _ => 0,
    };
    let extra = map::get(options, am::extra).or_else(|| map::get(options, am::match_spec_result));
    let terms: Vec<Term> = std::iter::once(message).chain(extra.filter(|e| *e != am::true_)).collect();
    trace::tell(&tracer, stamp, tracee, tag, &terms);
    Ok(am::ok)
}
