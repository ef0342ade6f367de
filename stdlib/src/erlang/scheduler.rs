//! What schedulers tell, and the end of the node.

use std::sync::atomic::{AtomicU64, Ordering};

use glulam_vm::base::{microstate, time};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, gc, map};
use glulam_vm::runtime::config::current;
use glulam_vm::runtime::crash_dump;
use glulam_vm::{Atom, Term, am, port, sched};

use super::process::never;

glulam_vm::bifs! {
    erlang:statistics/1                  Normal => statistics;
    /// Switches the measuring of schedulers' time on or off; whether it was on.
    erts_internal:scheduler_wall_time/1  Normal => scheduler_wall_time;
    /// Who is told of long collections and schedules: nobody.
    /// Ends the node.
    erlang:halt/2                        DirtyIo => halt;
}

/// A count as it grows: all of it, and what is new since the last question.
struct Meter(AtomicU64);

impl Meter {
    const fn new() -> Meter {
        Meter(AtomicU64::new(0))
    }

    fn read(&self, cx: &mut Cx<'_>, now: u64) -> Term {
        let last = self.0.swap(now, Ordering::Relaxed);
        let (all, new) = (cx.u64(now), cx.u64(now.saturating_sub(last)));
        cx.tuple(&[all, new])
    }
}

static REDUCTIONS: Meter = Meter::new();
static EXACT_REDUCTIONS: Meter = Meter::new();
static RUNTIME: Meter = Meter::new();
static WALL_CLOCK: Meter = Meter::new();

fn number(n: usize) -> Term {
    Term::small(n as i64)
}

fn numbers(cx: &mut Cx<'_>, counts: &[usize]) -> Term {
    let counts: Vec<Term> = counts.iter().map(|&n| number(n)).collect();
    cx.list(&counts)
}

/// Lengths of run queues: each scheduler's, then those of the dirty pools. With `active`, the
/// processes that run are counted, too.
fn queues(active: bool, with_io: bool) -> Vec<usize> {
    let mut queues = if active { sched::active_tasks() } else { sched::run_queue_lengths() };
    if !with_io {
        queues.pop();
    }
    queues
}

fn statistics(cx: &mut Cx<'_>) -> Outcome {
    const MILLISECOND: i64 = 1_000_000;
    let item = cx.arg(0);
    Ok(match item {
        am::context_switches => {
            let slices = cx.u64(sched::load::slices());
            cx.tuple(&[slices, Term::ZERO])
        }
        am::reductions | am::exact_reductions => {
            let now = sched::load::reductions() + if item == am::reductions { 0 } else { cx.own.reductions_so_far() - cx.own.reductions };
            let meter = if item == am::reductions { &REDUCTIONS } else { &EXACT_REDUCTIONS };
            meter.read(cx, now)
        }
        am::garbage_collection => {
            let (count, words) = (cx.u64(gc::collections_of_all()), cx.u64(gc::words_reclaimed_by_all()));
            cx.tuple(&[count, words, Term::ZERO])
        }
        am::runtime => {
            let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
            RUNTIME.read(cx, (now.tv_sec * 1000 + now.tv_nsec / MILLISECOND) as u64)
        }
        am::wall_clock => WALL_CLOCK.read(cx, ((time::monotonic() - time::started()) / MILLISECOND) as u64),
        am::run_queue => number(queues(false, false).iter().take(current().schedulers).sum()),
        am::run_queue_lengths | am::run_queue_lengths_all => {
            let lengths = queues(false, item == am::run_queue_lengths_all);
            numbers(cx, &lengths)
        }
        am::active_tasks | am::active_tasks_all => {
            let lengths = queues(true, item == am::active_tasks_all);
            numbers(cx, &lengths)
        }
        am::total_run_queue_lengths => number(queues(false, false).iter().sum()),
        am::total_run_queue_lengths_all => number(queues(false, true).iter().sum()),
        am::total_active_tasks => number(queues(true, false).iter().sum()),
        am::total_active_tasks_all => number(queues(true, true).iter().sum()),
        am::scheduler_wall_time => wall_time(cx, current().schedulers + current().dirty_cpu),
        am::scheduler_wall_time_all => {
            wall_time(cx, current().schedulers + current().dirty_cpu + current().dirty_io)
        }
        am::microstate_accounting => microstates(cx),
        am::io => {
            let (read, written) = port::bytes_moved();
            let (read, written) = (cx.u64(read), cx.u64(written));
            let (input, output) = (cx.tuple(&[am::input, read]), cx.tuple(&[am::output, written]));
            cx.tuple(&[input, output])
        }
        _ => return cx.badarg(),
    })
}

/// `[#{type => _, id => _, counters => #{State => Time}}]`, a map for each thread.
fn microstates(cx: &mut Cx<'_>) -> Term {
    let atom = |name: &'static str| Term::from_atom(Atom::known(name));
    let rows: Vec<Term> = microstate::all()
        .into_iter()
        .map(|row| {
            let times = microstate::STATES.iter().zip(row.times);
            let times: Vec<(Term, Term)> = times.map(|(state, time)| (atom(state.name()), cx.i64(time))).collect();
            let counters = map::from_pairs(&times, cx);
            let parts = [(am::type_, atom(row.kind)), (atom("id"), number(row.number)), (am::counters, counters)];
            map::from_pairs(&parts, cx)
        })
        .collect();
    cx.list(&rows)
}

/// `[{Thread, Busy, Total}]`, or `undefined` while it is not measured.
fn wall_time(cx: &mut Cx<'_>, threads: usize) -> Term {
    let Some((busy, total)) = sched::load::wall_time(threads) else { return am::undefined };
    let total = cx.i64(total);
    let rows: Vec<Term> = busy
        .into_iter()
        .enumerate()
        .map(|(index, busy)| {
            let busy = cx.i64(busy);
            cx.tuple(&[number(index + 1), busy, total])
        })
        .collect();
    cx.list(&rows)
}

fn scheduler_wall_time(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_bool() {
        Some(on) => Ok(Term::from_bool(sched::load::measure(on))),
        None => cx.badarg(),
    }
}

/// Status and text of `halt/2`.
enum Ending {
    Status(i32),
    Abort,
    Slogan(String),
}

fn ending(status: Term) -> Option<Ending> {
    if status.is_integer() {
        let low = match status.as_big() {
            Some(big) if big.is_negative() => return None,
            Some(big) => *big.limbs().first()?,
            None => u64::try_from(status.as_small()?).ok()?,
        };
        return Some(Ending::Status((low & 0x7fff_ffff) as i32));
    }
    if status.as_atom().is_some_and(|atom| atom.name() == "abort") {
        return Some(Ending::Abort);
    }
    slogan(status).map(Ending::Slogan)
}

/// The text of a list of characters.
pub(crate) fn slogan(list: Term) -> Option<String> {
    let mut text = String::new();
    let mut rest = list.list();
    for character in rest.by_ref() {
        text.push(character.as_small().and_then(|c| u32::try_from(c).ok()).and_then(char::from_u32)?);
    }
    (list.is_list() && rest.rest().is_nil()).then_some(text)
}

fn halt(cx: &mut Cx<'_>) -> Outcome {
    let [status, options] = cx.take();
    let mut flush = true;
    let mut rest = options.list();
    for option in rest.by_ref() {
        match option.as_tuple_of::<2>() {
            Some([am::flush, value]) if value.is_boolean() => flush = value == am::true_,
            _ => return cx.badarg_because(am::badopt),
        }
    }
    if !rest.rest().is_nil() {
        return cx.badarg_because(am::badopt);
    }
    match ending(status) {
        Some(Ending::Status(status)) => {
            if flush {
                port::flush_all();
            }
            sched::halt(status);
        }
        Some(Ending::Abort) => sched::abort(),
        Some(Ending::Slogan(text)) => {
            sched::say(&text);
            let version = super::system::info::system_version(current());
            crash_dump::write(&text, version.trim_end(), Some((cx.process, cx.own)));
            sched::halt(1);
        }
        None => return cx.badarg(),
    }
    never(cx)
}
