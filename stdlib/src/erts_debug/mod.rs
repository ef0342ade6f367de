//! `erts_debug`: sizes of terms, and the switches that OTP's own tests use.

pub mod dirty;
mod references;
mod relations;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use glulam_vm::atom::Atom;
use glulam_vm::bif::{Cx, Outcome, Resume, Stop};
use glulam_vm::dist::listing;
use glulam_vm::heap::{Build, erlang_flat_size, erlang_shared_size, map};
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::port::poll;
use glulam_vm::runtime::config::current;
use glulam_vm::runtime::crash_dump;
use glulam_vm::sched;
use glulam_vm::sched::online::{self, Block};
use glulam_vm::table::processes;
use glulam_vm::{Term, am, bifs, term};

use crate::limits::{self, Limit};
use crate::persistent_term;

bifs! {
    /// Whether two terms are the same word: equal and, if boxed, at the same place.
    erts_debug:same/2               Normal => same;
    /// Words of a term without sharing.
    erts_debug:flat_size/1          Normal => flat_size;
    /// Words of a term, what occurs more than once counted once.
    erts_debug:size_shared/1        Normal => size_shared;
    erts_debug:get_internal_state/1 Normal => get_internal_state;
    erts_debug:set_internal_state/2 Normal => set_internal_state;
}

fn same(cx: &mut Cx<'_>) -> Outcome {
    let [a, b] = cx.take();
    Ok(Term::from_bool(a == b))
}

fn flat_size(cx: &mut Cx<'_>) -> Outcome {
    let words = erlang_flat_size(cx.arg(0));
    cx.charge(words / 64);
    Ok(cx.usize(words))
}

fn size_shared(cx: &mut Cx<'_>) -> Outcome {
    let words = erlang_shared_size(cx.arg(0));
    cx.charge(words / 16);
    Ok(cx.usize(words))
}

/// Whether the two functions below do anything but say `undef`.
static AVAILABLE: AtomicBool = AtomicBool::new(false);

fn get_internal_state(cx: &mut Cx<'_>) -> Outcome {
    let what = cx.arg(0);
    if what == am::available_internal_state {
        return Ok(Term::from_bool(AVAILABLE.load(Ordering::Relaxed)));
    }
    if !AVAILABLE.load(Ordering::Relaxed) {
        return cx.error(am::undef);
    }
    if what == am::reds_left {
        let left = cx.reductions_left();
        return Ok(cx.i64(left.into()));
    }
    if what == am::process_info_args {
        let items: Vec<Term> = crate::erlang::info::items().collect();
        return Ok(cx.list(&items));
    }
    if what == am::persistent_term {
        let buckets = cx.usize(persistent_term::buckets());
        return Ok(map::from_pairs(&[(am::table, buckets)], cx));
    }
    if what == am::flxctr_memory_usage {
        return Ok(am::notsup);
    }
    if what == am::processes {
        let pids: Vec<Term> = processes::all().iter().map(|process| process.pid()).collect();
        return Ok(cx.list(&pids));
    }
    if what.as_atom().is_some_and(|name| name.name() == "nbalance") {
        return Ok(cx.u64(sched::balancings()));
    }
    if what.as_atom().is_some_and(|name| name.name() == "node_and_dist_references") {
        return references::of_nodes(cx);
    }
    match what.as_tuple_of() {
        Some([name, of]) if name.as_atom().is_some_and(|name| name.name() == "link_list") => relations::links(cx, of),
        Some([name, of]) if name.as_atom().is_some_and(|name| name.name() == "monitor_list") => {
            relations::monitors(cx, of)
        }
        Some([name, of]) if name.as_atom().is_some_and(|name| name.name() == "dist_ctrl") => match of.as_atom() {
            Some(node) => Ok(listing::carrier(node).unwrap_or(am::undefined)),
            None => cx.badarg(),
        },
        Some([name, of]) if name.as_atom().is_some_and(|name| name.name() == "binary_info") => binary_info(cx, of),
        Some([name, of]) if name.as_atom().is_some_and(|name| name.name() == "process_status") => {
            Pid::of(of).map_or_else(|| cx.badarg(), |pid| Ok(process_status(pid)))
        }
        Some([am::atom, index]) => match index.as_usize().and_then(|i| u32::try_from(i).ok()) {
            Some(index) => Ok(Atom::from_index(index).map_or(am::false_, Term::from_atom)),
            None => cx.badarg(),
        },
        Some([am::internal_hash, term]) => Ok(Term::small(term::hash::internal(term, 0).into())),
        _ => cx.badarg(),
    }
}

/// Nothing runs for a while, neither processes nor ports, once all others have stopped.
struct Standstill(Duration);

impl Resume for Standstill {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if !online::is_in_force() {
            cx.own.give_up_slice();
            return Ok(None);
        }
        poll::paused(|| std::thread::sleep(self.0));
        online::unblock(Block::All, cx.process.id());
        Ok(Some(am::true_))
    }
}

/// Where the bytes of a binary are: on the heap, or in a buffer of so many bytes.
fn binary_info(cx: &mut Cx<'_>, binary: Term) -> Outcome {
    let Some(bits) = binary.as_bits() else { return cx.badarg() };
    let Some((used, capacity)) = bits.buffer() else { return Ok(Term::from_atom(Atom::known("heap_binary"))) };
    let (used, capacity) = (cx.usize(used), cx.usize(capacity));
    let buffer = cx.tuple(&[am::binary, capacity]);
    // The last element is for flags, of which there are none.
    Ok(cx.tuple(&[Term::from_atom(Atom::known("refc_binary")), used, buffer, Term::ZERO]))
}

fn process_status(pid: Pid) -> Term {
    processes::with(pid, |process| {
        if process.suspended.load(Ordering::SeqCst) > 0 {
            am::suspended
        } else if process.state.is_running() {
            am::running
        } else if process.state.is_queued() {
            am::runnable
        } else {
            am::waiting
        }
    })
    .unwrap_or(am::undefined)
}

fn set_internal_state(cx: &mut Cx<'_>) -> Outcome {
    let [what, value] = cx.take();
    if what == am::available_internal_state {
        let Some(on) = value.as_bool() else { return cx.badarg() };
        return Ok(Term::from_bool(AVAILABLE.swap(on, Ordering::Relaxed)));
    }
    if !AVAILABLE.load(Ordering::Relaxed) {
        return cx.error(am::undef);
    }
    match what {
        am::reds_left => {
            let Some(left) = value.as_i64().and_then(|n| i32::try_from(n).ok()) else { return cx.badarg() };
            cx.own.reductions_left = left.clamp(0, 4000);
            Ok(am::true_)
        }
        am::force_gc if value == cx.self_pid() => {
            cx.own.heap.request_collection(true);
            Ok(am::true_)
        }
        // Nothing of the kind is put off here.
        am::wait
            if [am::deallocations, am::timer_cancellations, am::thread_progress, am::aux_work].contains(&value) =>
        {
            Ok(am::ok)
        }
        _ if what.as_atom().is_some_and(|name| name.name() == "block") => {
            let Some(ms) = value.as_usize() else { return cx.badarg() };
            online::block(Block::All, cx.process.id());
            cx.run(Standstill(Duration::from_millis(ms as u64)))
        }
        // The end of a node in which something is broken: a dump all the same.
        _ if what.as_atom().is_some_and(|name| name.name() == "broken_halt") => {
            let Some(text) = crate::erlang::scheduler::slogan(value) else { return cx.badarg() };
            let version = crate::erlang::system::info::system_version(current());
            crash_dump::write(&text, version.trim_end(), Some((cx.process, cx.own)));
            sched::abort();
        }
        // Signals of many senders go into an inbox at once as it is.
        _ if what.as_atom().is_some_and(|name| name.name() == "proc_sig_buffers") && value.is_boolean() => {
            Ok(am::true_)
        }
        // What a table does long work in is short enough as it is.
        am::ets_force_trap if value.as_bool().is_some() => Ok(am::ok),
        // Tables split by themselves, in no way that can be told.
        am::ets_force_split | am::ets_debug_random_split_join
            if matches!(value.as_tuple_of(), Some([_, am::true_ | am::false_])) =>
        {
            Ok(am::ok)
        }
        am::binary_loop_limit => limit(cx, &limits::BINARY, value),
        am::unicode_loop_limit => limit(cx, &limits::UNICODE, value),
        am::re_loop_limit => limit(cx, &limits::RE, value),
        // A term made outside the heap that it belongs to.
        am::mbuf => {
            let parcel = Parcel::new(value);
            Ok(parcel.unpack(cx.own))
        }
        am::sleep => {
            let Some(ms) = value.as_usize() else { return cx.badarg() };
            std::thread::sleep(Duration::from_millis(ms as u64));
            Ok(am::true_)
        }
        _ => cx.badarg(),
    }
}

/// Sets a limit; the one before.
fn limit(cx: &mut Cx<'_>, limit: &Limit, value: Term) -> Outcome {
    let new = match value {
        am::default => None,
        _ => match value.as_usize().filter(|n| *n > 0) {
            Some(n) => Some(n),
            None => return cx.badarg(),
        },
    };
    let old = limit.change(new);
    Ok(cx.usize(old))
}
