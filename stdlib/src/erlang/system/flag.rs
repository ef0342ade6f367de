//! `erlang:system_flag/2`: sets, and gives what it was.

use std::sync::atomic::{AtomicUsize, Ordering};

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::exec::stacktrace;
use glulam_vm::heap::gc::{self, MaxHeapSize};
use glulam_vm::process::settings::{self, SystemLogger};
use glulam_vm::process::Pid;
use glulam_vm::runtime::config::current;
use glulam_vm::sched;
use glulam_vm::{Atom, Term, am};

use super::{info, topology};

glulam_vm::bifs! {
    erlang:system_flag/2 Normal => system_flag;
}

/// 0 stands for what the command line said.
static SCHEDULERS_ONLINE: AtomicUsize = AtomicUsize::new(0);
static DIRTY_CPU_ONLINE: AtomicUsize = AtomicUsize::new(0);

fn or(value: usize, default: usize) -> usize {
    if value == 0 { default } else { value }
}

pub(super) fn schedulers_online() -> usize {
    or(SCHEDULERS_ONLINE.load(Ordering::Relaxed), current().schedulers_online)
}

pub(super) fn dirty_cpu_online() -> usize {
    or(DIRTY_CPU_ONLINE.load(Ordering::Relaxed), current().dirty_cpu_online)
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
        "schedulers_online" => set_online(count, current().schedulers, &SCHEDULERS_ONLINE, schedulers_online()),
        "dirty_cpu_schedulers_online" => {
            set_online(count, current().dirty_cpu, &DIRTY_CPU_ONLINE, dirty_cpu_online())
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
        "multi_scheduling" => multi_scheduling(value),
        "scheduler_wall_time" => value.as_bool().map(|on| Term::from_bool(sched::load::measure(on))),
        "scheduler_bind_type" => value.as_atom().and_then(bind_type),
        "cpu_topology" => (value == am::undefined || value.is_list()).then(|| topology::detected(cx)),
        "time_offset" => {
            (value.as_atom().is_some_and(|a| a.name() == "finalize")).then(|| Term::from_atom(Atom::known("final")))
        }
        "sequential_tracer" => (value == am::false_).then_some(am::false_),
        "reset_seq_trace" => (value == am::true_).then_some(am::true_),
        "microstate_accounting" => match value.as_bool() {
            // There is none to switch on.
            Some(false) => Some(am::false_),
            _ => None,
        },
        _ => return cx.badarg_because(am::badopt),
    };
    old.map_or_else(|| cx.badarg(), Ok)
}

fn set_logger(value: Term) -> Option<Term> {
    let logger = match value {
        am::logger => SystemLogger::ByName,
        am::undefined => SystemLogger::Nobody,
        _ => SystemLogger::Process(Pid::of(value)?),
    };
    Some(super::info::system_logger(settings::set_system_logger(logger)))
}

fn set_online(count: Option<usize>, most: usize, place: &AtomicUsize, old: usize) -> Option<Term> {
    let count = count.filter(|count| (1..=most).contains(count))?;
    place.store(count, Ordering::Relaxed);
    Some(number(old))
}

/// Blocking is counted; the schedulers themselves go on.
fn multi_scheduling(value: Term) -> Option<Term> {
    let blocks = &settings::MULTI_SCHEDULING_BLOCKS;
    let now = match value.as_atom()?.name() {
        "block" | "block_normal" => blocks.get() + 1,
        "unblock" | "unblock_normal" => blocks.get().saturating_sub(1),
        _ => return None,
    };
    blocks.replace(now);
    Some(Term::from_atom(Atom::known(match now {
        _ if current().schedulers == 1 => "disabled",
        0 => "enabled",
        _ => "blocked",
    })))
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
