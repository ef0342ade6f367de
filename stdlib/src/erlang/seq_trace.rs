//! `erlang`: tokens that travel with messages, and who watches the system.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::trace::{flag, watch};
use glulam_vm::process::{Party, Pid};
use glulam_vm::table::processes;
use glulam_vm::trace::monitor::{self, Monitor, Profiler};
use glulam_vm::trace::token;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:seq_trace/2        Normal => seq_trace;
    erlang:seq_trace_info/1   Normal => seq_trace_info;
    erlang:seq_trace_print/1  Normal => seq_trace_print;
    erlang:seq_trace_print/2  Normal => seq_trace_print;
    erlang:system_monitor/0   Normal => system_monitor_0;
    erlang:system_monitor/1   Normal => system_monitor_1;
    erlang:system_monitor/2   Normal => system_monitor_2;
    erlang:system_profile/0   Normal => system_profile_0;
    erlang:system_profile/2   Normal => system_profile_2;
}

/// Sets a component of the token; what it was.
fn seq_trace(cx: &mut Cx<'_>) -> Outcome {
    let [component, value] = cx.take();
    match token::set(cx.process, cx.own, component, value) {
        // What was is told without its name.
        Some(before) => Ok(match before.as_tuple_of::<2>() {
            Some([name, value]) if name == component => value,
            _ => before,
        }),
        None => cx.badarg(),
    }
}

fn seq_trace_info(cx: &mut Cx<'_>) -> Outcome {
    let component = cx.arg(0);
    match token::info(cx.process, cx.own, component) {
        Some(info) => Ok(info),
        None => cx.badarg(),
    }
}

fn seq_trace_print(cx: &mut Cx<'_>) -> Outcome {
    let (label, what) = match *cx.args() {
        [what] => (None, what),
        [label, what] if !label.is_atom() => (Some(label), what),
        _ => return cx.badarg(),
    };
    Ok(Term::from_bool(token::print(cx.process, cx.own, label, what)))
}

/// `{Pid, Options}`, or `undefined`.
fn monitor_term(cx: &mut Cx<'_>, monitor: Option<Monitor>) -> Term {
    let Some(m) = monitor else { return am::undefined };
    let mut options = Vec::new();
    let numbers = [(am::large_heap, m.large_heap), (am::long_schedule, m.long_schedule), (am::long_gc, m.long_gc)];
    for (name, on) in [(am::busy_dist_port, m.busy_dist_port), (am::busy_port, m.busy_port)] {
        if on {
            options.push(name);
        }
    }
    for (name, value) in numbers {
        if let Some(value) = value {
            let value = cx.u64(value);
            options.push(cx.tuple(&[name, value]));
        }
    }
    let options = cx.list(&options);
    cx.tuple(&[m.to.term(), options])
}

fn system_monitor_0(cx: &mut Cx<'_>) -> Outcome {
    let monitor = monitor::monitor();
    Ok(monitor_term(cx, monitor))
}

fn system_monitor_1(cx: &mut Cx<'_>) -> Outcome {
    match (cx.arg(0), cx.arg(0).as_tuple_of::<2>()) {
        (am::undefined, _) => {
            let before = monitor::set_monitor(None);
            Ok(monitor_term(cx, before))
        }
        (_, Some([to, options])) => set_monitor(cx, to, options),
        _ => cx.badarg(),
    }
}

fn system_monitor_2(cx: &mut Cx<'_>) -> Outcome {
    let [to, options] = cx.take();
    if to == am::undefined || options.is_nil() {
        if to != am::undefined && !to.is_local_pid() {
            return cx.badarg();
        }
        let before = monitor::set_monitor(None);
        return Ok(monitor_term(cx, before));
    }
    set_monitor(cx, to, options)
}

fn set_monitor(cx: &mut Cx<'_>, to: Term, options: Term) -> Outcome {
    let to = Pid::of(to).filter(|pid| processes::with(*pid, |process| !process.is_system) == Some(true));
    let Some(to) = to else { return cx.badarg() };
    let mut m =
        Monitor { to, long_gc: None, long_schedule: None, large_heap: None, busy_port: false, busy_dist_port: false };
    let mut rest = options.list();
    for option in rest.by_ref() {
        match (option, option.as_tuple_of::<2>()) {
            (am::busy_port, _) => m.busy_port = true,
            (am::busy_dist_port, _) => m.busy_dist_port = true,
            (_, Some([name, value])) => {
                let Some(value) = value.as_u64() else { return cx.badarg() };
                match name {
                    am::long_gc => m.long_gc = Some(value.max(1)),
                    am::long_schedule => m.long_schedule = Some(value.max(1)),
                    am::large_heap => m.large_heap = Some(value.max(16384)),
                    _ => return cx.badarg(),
                }
            }
            _ => return cx.badarg(),
        }
    }
    if !rest.rest().is_nil() {
        return cx.badarg();
    }
    let before = monitor::set_monitor(Some(m));
    Ok(monitor_term(cx, before))
}

/// Options of `system_profile/2`, with the flags they stand for, in the order they are listed. Those for
/// timestamps are not listed.
const PROFILED: [(Term, u32); 4] = [
    (am::exclusive, watch::EXCLUSIVE),
    (am::scheduler, watch::SCHEDULER),
    (am::runnable_procs, watch::RUNNABLE_PROCS),
    (am::runnable_ports, watch::RUNNABLE_PORTS),
];
const STAMPS: [(Term, u32); 3] = [
    (am::timestamp, flag::TIMESTAMP),
    (am::monotonic_timestamp, flag::MONOTONIC),
    (am::strict_monotonic_timestamp, flag::STRICT_MONOTONIC),
];

fn profiler_term(cx: &mut Cx<'_>, profiler: Option<Profiler>) -> Term {
    let Some(p) = profiler else { return am::undefined };
    let options: Vec<Term> = PROFILED.iter().filter(|row| p.what & row.1 != 0).map(|row| row.0).collect();
    let options = cx.list(&options);
    let to = p.to.term(cx);
    cx.tuple(&[to, options])
}

fn system_profile_0(cx: &mut Cx<'_>) -> Outcome {
    let profiler = monitor::profiler();
    Ok(profiler_term(cx, profiler))
}

fn system_profile_2(cx: &mut Cx<'_>) -> Outcome {
    let [to, options] = cx.take();
    if to == am::undefined || options.is_nil() {
        let before = monitor::set_profiler(None);
        return Ok(profiler_term(cx, before));
    }
    let there = to.is_local_port() || Pid::of(to).is_some_and(|pid| processes::with(pid, |_| ()).is_some());
    let Some(to) = Party::of(to).filter(|_| there) else { return cx.badarg() };
    let mut profiler = Profiler { to, what: 0, stamps: 0 };
    let mut rest = options.list();
    for option in rest.by_ref() {
        if let Some(row) = PROFILED.iter().find(|row| row.0 == option) {
            profiler.what |= row.1;
        } else if let Some(row) = STAMPS.iter().find(|row| row.0 == option) {
            profiler.stamps = row.1;
        } else {
            return cx.badarg();
        }
    }
    if !rest.rest().is_nil() {
        return cx.badarg();
    }
    let before = monitor::set_profiler(Some(profiler));
    Ok(profiler_term(cx, before))
}
