//! `erlang:system_flag/2`: sets, and gives what it was.

use std::sync::Arc;

use glulam_vm::base::microstate;
use glulam_vm::bif::{Cx, Outcome, Resume, Stop};
use glulam_vm::exec::stacktrace;
use glulam_vm::heap::gc::{self, MaxHeapSize};
use glulam_vm::process::settings::{self, SystemLogger};
use glulam_vm::heap::Stored;
use glulam_vm::process::Pid;
use glulam_vm::process::trace::Tracer;
use glulam_vm::trace::{flags, token};
use glulam_vm::runtime::config::current;
use glulam_vm::sched::{self, clock};
use glulam_vm::sched::online::{self, Block};
use glulam_vm::{Atom, Term, am};

use super::{info, topology};

glulam_vm::bifs! {
    erlang:system_flag/2 Normal => system_flag;
}

fn number(n: usize) -> Term {
    Term::small(n as i64)
}

fn system_flag(cx: &mut Cx<'_>) -> Outcome {
    let [flag, value] = cx.take();
    let Some(name) = flag.as_atom() else { return cx.badarg_because(am::badopt) };
    let count = value.as_usize().filter(|_| value.is_small());
    let old = match name.name() {
        "scheduler_wall_time" if value.as_bool().is_some() => {
            // Counted by who has asked for it: the flag is off when nobody is left.
            return cx.tail_call(am::erts_internal, am::system_flag_scheduler_wall_time, &[value]);
        }
        "system_logger" => set_logger(value),
        "schedulers_online" => match count.filter(|n| (1..=current().schedulers).contains(n)) {
            Some(count) => {
                let before = online::set_online(count);
                return cx.run(InForce(before as i64));
            }
            None => None,
        },
        "dirty_cpu_schedulers_online" => {
            let most = current().dirty_cpu.min(online::online());
            count.filter(|n| (1..=most).contains(n)).map(|n| number(online::set_dirty_cpu(n)))
        }
        "min_heap_size" => count.and_then(gc::round_min_heap_size).map(|n| number(gc::set_default_min_heap_size(n))),
        "min_bin_vheap_size" => count.map(|n| number(gc::set_default_min_virtual(n))),
        "fullsweep_after" => {
            let count = count.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
            count.map(|n| number(gc::set_default_fullsweep_after(n) as usize))
        }
        "max_heap_size" => {
            let max = MaxHeapSize::of(value, gc::default_max_heap_size());
            max.map(|max| {
                let old = gc::set_default_max_heap_size(max);
                info::max_heap_size(cx, old)
            })
        }
        "backtrace_depth" => count.map(|n| number(stacktrace::set_depth(n.min(1024)))),
        "trace_control_word" => {
            let word = count.filter(|&n| u32::try_from(n).is_ok());
            word.map(|n| number(settings::TRACE_CONTROL_WORD.replace(n)))
        }
        "outstanding_system_requests_limit" => {
            count.filter(|&n| n > 0).map(|n| number(settings::OUTSTANDING_REQUESTS.replace(n)))
        }
        "multi_scheduling" => return multi_scheduling(cx, value),
        "scheduler_wall_time" => value.as_bool().map(|on| Term::from_bool(sched::load::measure(on))),
        "scheduler_bind_type" => value.as_atom().and_then(bind_type),
        "cpu_topology" => (value == am::undefined || value.is_list()).then(|| topology::detected(cx)),
        "time_offset" => {
            (value.as_atom().is_some_and(|a| a.name() == "finalize")).then(|| info::time_offset(clock::finalize()))
        }
        "sequential_tracer" => sequential_tracer(cx, value),
        "reset_seq_trace" => (value == am::true_).then(|| {
            token::reset();
            am::true_
        }),
        "microstate_accounting" => match value.as_bool() {
            Some(on) => Some(Term::from_bool(microstate::switch(on))),
            None => (value.as_atom().is_some_and(|what| what.name() == "reset")).then(|| Term::from_bool(microstate::reset())),
        },
        _ => return cx.badarg_because(am::badopt),
    };
    old.map_or_else(|| cx.badarg(), Ok)
}

/// `false`, a process, a port, or a module in the form of `erl_tracer` with its state.
fn sequential_tracer(cx: &mut Cx<'_>, value: Term) -> Option<Term> {
    let tracer = match value.as_tuple_of::<2>() {
        None if value == am::false_ => None,
        None => Some(flags::tracer_of(value)?),
        Some([module, state]) => Some(Tracer::Module(module.as_atom()?, Arc::new(Stored::new(state)))),
    };
    let before = token::set_system_tracer(tracer);
    Some(token::system_tracer_term(before.as_ref(), cx))
}

fn set_logger(value: Term) -> Option<Term> {
    let logger = match value {
        am::logger => SystemLogger::ByName,
        am::undefined => SystemLogger::Nobody,
        _ => SystemLogger::Process(Pid::of(value)?),
    };
    Some(super::info::system_logger(settings::set_system_logger(logger)))
}

/// Waits until what was set holds for all schedulers; then the answer.
struct InForce(i64);

impl Resume for InForce {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if online::is_in_force() {
            return Ok(Some(Term::small(self.0)));
        }
        cx.own.give_up_slice();
        Ok(None)
    }
}

/// The same, of a block.
struct Blocked;

impl Resume for Blocked {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if online::is_in_force() {
            return Ok(Some(multi_scheduling_state()));
        }
        cx.own.give_up_slice();
        Ok(None)
    }
}

fn multi_scheduling(cx: &mut Cx<'_>, value: Term) -> Outcome {
    let Some(name) = value.as_atom() else { return cx.badarg() };
    let (block, on) = match name.name() {
        "block" => (Block::All, true),
        "block_normal" => (Block::Normal, true),
        "unblock" => (Block::All, false),
        "unblock_normal" => (Block::Normal, false),
        _ => return cx.badarg(),
    };
    if current().schedulers == 1 {
        return Ok(am::disabled);
    }
    if on {
        online::block(block, cx.process.id());
        return cx.run(Blocked);
    }
    online::unblock(block, cx.process.id());
    Ok(multi_scheduling_state())
}

pub(super) fn multi_scheduling_state() -> Term {
    match online::blocked() {
        _ if current().schedulers == 1 => am::disabled,
        None => am::enabled,
        Some(Block::Normal) => Term::from_atom(Atom::known("blocked_normal")),
        Some(Block::All) => Term::from_atom(Atom::known("blocked")),
    }
}

/// Schedulers are left to the operating system: every type is accepted, `unbound` is what holds.
fn bind_type(name: Atom) -> Option<Term> {
    const TYPES: &[&str] = &[
        "unbound",
        "no_spread",
        "thread_spread",
        "processor_spread",
        "spread",
        "no_node_thread_spread",
        "no_node_processor_spread",
        "thread_no_node_processor_spread",
        "default_bind",
    ];
    TYPES.contains(&name.name()).then(|| Term::from_atom(Atom::known("unbound")))
}
