//! `erlang`: tracing, as of a node that traces nothing.
//!
//! What asks for the state of tracing, and what switches it off, works. Switching it on raises
//! `notsup`.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::Parcel;
use glulam_vm::table::{processes, route};
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:trace_delivered/1        Normal => trace_delivered;
    erlang:trace_info/2             Normal => trace_info;
    erts_internal:trace/3           Normal => trace;
    erts_internal:trace_pattern/3   Normal => trace_pattern;
    erlang:seq_trace/2              Normal => seq_trace;
    erlang:seq_trace_info/1         Normal => seq_trace_info;
    erlang:seq_trace_print/1        Normal => seq_trace_print;
    erlang:seq_trace_print/2        Normal => seq_trace_print;
}

/// `{trace_delivered, Tracee, Ref}` comes at once: nothing is under way.
fn trace_delivered(cx: &mut Cx<'_>) -> Outcome {
    let tracee = cx.arg(0);
    if tracee != am::all && !tracee.is_local_pid() {
        return cx.badarg();
    }
    let number = crate::new_reference(cx);
    let reference = cx.reference(number);
    let message = cx.tuple(&[am::trace_delivered, tracee, reference]);
    route::send_parcel(cx.self_pid(), Parcel::new(message));
    Ok(reference)
}

fn trace_info(cx: &mut Cx<'_>) -> Outcome {
    let [what, item] = cx.take();
    let is_function = what.as_tuple_of::<3>().is_some() || matches!(what, am::on_load | am::send | am::receive);
    let value = if is_function {
        match item {
            am::traced | am::match_spec | am::meta | am::meta_match_spec | am::call_count | am::call_time
            | am::call_memory | am::all => am::false_,
            _ => return cx.badarg(),
        }
    } else if what.is_local_port() || matches!(what, am::new | am::new_processes | am::new_ports) || is_alive(what) {
        match item {
            am::flags | am::tracer => Term::NIL,
            _ => return cx.badarg(),
        }
    } else if what.is_local_pid() {
        am::undefined
    } else {
        return cx.badarg();
    };
    Ok(cx.tuple(&[item, value]))
}

fn is_alive(process: Term) -> bool {
    processes::of_term(process).is_some()
}

/// How many processes and ports a switch of flags reached.
fn trace(cx: &mut Cx<'_>) -> Outcome {
    let [what, on, flags] = cx.take();
    let (Some(on), Some(_)) = (on.as_bool(), flags.proper_list()) else { return cx.badarg() };
    if on {
        return cx.error(am::notsup);
    }
    let count = match what {
        am::all | am::existing => processes::count() + glulam_vm::port::count(),
        am::processes | am::existing_processes => processes::count(),
        am::ports | am::existing_ports => glulam_vm::port::count(),
        am::new | am::new_processes | am::new_ports => 0,
        _ if what.is_local_port() || is_alive(what) => 1,
        _ => return cx.badarg(),
    };
    Ok(cx.usize(count))
}

fn trace_pattern(cx: &mut Cx<'_>) -> Outcome {
    let [_, pattern, flags] = cx.take();
    if flags.proper_list().is_none() {
        return cx.badarg();
    }
    if pattern == am::false_ { Ok(Term::ZERO) } else { cx.error(am::notsup) }
}

/// There is no token; taking it away is no change.
fn seq_trace(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0) {
        am::sequential_trace_token | am::token => Ok(Term::NIL),
        _ => cx.error(am::notsup),
    }
}

fn seq_trace_info(cx: &mut Cx<'_>) -> Outcome {
    let item = cx.arg(0);
    if !item.is_atom() {
        return cx.badarg();
    }
    Ok(cx.tuple(&[item, Term::NIL]))
}

fn seq_trace_print(_: &mut Cx<'_>) -> Outcome {
    Ok(am::false_)
}
