//! `erlang:system_monitor/2` and `erlang:system_profile/2`: what takes long or grows large, and when
//! processes are ready to run.

use super::tell::stamped;
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Mutex, RwLock};
use crate::code::Place;
use crate::exec::stacktrace;
use crate::heap::{Build, Fragment};
use crate::process::trace::{flag, set_watched, watch, watches};
use crate::process::{Own, Parcel, Party, Pid, Process};
use crate::table::{processes, route};
use crate::term::Term;

/// Who watches the system, and for what.
#[derive(Clone, Copy)]
pub struct Monitor {
    pub to: Pid,
    /// Milliseconds.
    pub long_gc: Option<u64>,
    pub long_schedule: Option<u64>,
    /// Words.
    pub large_heap: Option<u64>,
    pub busy_port: bool,
    pub busy_dist_port: bool,
}

static MONITOR: Mutex<Option<Monitor>> = Mutex::new(None);

const MONITORED: u32 = watch::COLLECTIONS | watch::LONG_SCHEDULE | watch::BUSY_PORT | watch::BUSY_DIST_PORT;

/// Sets who watches; who did before.
pub fn set_monitor(monitor: Option<Monitor>) -> Option<Monitor> {
    let mut current = MONITOR.lock();
    let before = current.take().filter(|m| processes::with(m.to, |_| ()).is_some());
    *current = monitor;
    let mut what = 0;
    if let Some(m) = &monitor {
        let parts = [
            (m.long_gc.is_some() || m.large_heap.is_some(), watch::COLLECTIONS),
            (m.long_schedule.is_some(), watch::LONG_SCHEDULE),
            (m.busy_port, watch::BUSY_PORT),
            (m.busy_dist_port, watch::BUSY_DIST_PORT),
        ];
        what = parts.iter().filter(|p| p.0).fold(0, |what, p| what | p.1);
    }
    set_watched(MONITORED, what);
    before
}

/// Who watches.
pub fn monitor() -> Option<Monitor> {
    MONITOR.lock().filter(|m| processes::with(m.to, |_| ()).is_some())
}

/// `{monitor, Who, What, Info}`
fn tell(to: Pid, who: Term, what: Term, words: usize, info: impl FnOnce(&mut Fragment) -> Term) {
    if who == to.term() {
        return;
    }
    let sent = processes::with(to, |process| {
        let mut f = Fragment::new(words + 5);
        let info = info(&mut f);
        let message = f.tuple(&[am::monitor, who, what, info]);
        process.message(Parcel::in_fragment(message, f))
    });
    if sent != Some(true) {
        set_monitor(None);
    }
}

pub(super) fn collected(process: &Process, own: &mut Own, took: i64) {
    let Some(m) = monitor() else { return };
    let rows = own.heap.info();
    let milliseconds = took / 1_000_000;
    let list = |with_time: bool| {
        move |f: &mut Fragment| {
            let mut all = Vec::new();
            if with_time {
                all.push(f.tuple(&[am::timeout, Term::small(milliseconds)]));
            }
            all.extend(rows.rows().map(|(name, words)| f.tuple(&[name, Term::small(words as i64)])));
            f.list(&all)
        }
    };
    if m.long_gc.is_some_and(|limit| milliseconds as u64 > limit) {
        tell(m.to, process.pid(), am::long_gc, 70, list(true));
    }
    if m.large_heap.is_some_and(|limit| own.heap.total_size() as u64 >= limit) {
        tell(m.to, process.pid(), am::large_heap, 70, list(false));
    }
}

fn function(place: Option<&Place>, f: &mut impl Build) -> Term {
    match place {
        Some(p) => f.tuple(&[Term::from_atom(p.module), Term::from_atom(p.function), Term::small(p.arity.into())]),
        None => am::undefined,
    }
}

pub(super) fn ran_long(process: &Process, own: &mut Own, took: i64, from: Option<Place>) {
    let Some(m) = monitor() else { return };
    let milliseconds = took / 1_000_000;
    if m.long_schedule.is_none_or(|limit| milliseconds as u64 <= limit) {
        return;
    }
    let to = stacktrace::places(own, 1).pop();
    tell(m.to, process.pid(), am::long_schedule, 30, |f| {
        let (begun, ended) = (function(from.as_ref(), f), function(to.as_ref(), f));
        let rows = [(am::timeout, Term::small(milliseconds)), (am::in_, begun), (am::out, ended)];
        let rows = rows.map(|(name, value)| f.tuple(&[name, value]));
        f.list(&rows)
    });
}

/// Who profiles the system, and what of it: the flags of `watch`, and those of timestamps.
#[derive(Clone, Copy)]
pub struct Profiler {
    pub to: Party,
    pub what: u32,
    pub stamps: u32,
}

const PROFILED: u32 = watch::RUNNABLE_PROCS | watch::RUNNABLE_PORTS | watch::SCHEDULER | watch::EXCLUSIVE;

static PROFILER: RwLock<Option<Profiler>> = RwLock::new(None);

impl Profiler {
    /// A process that has ended profiles nothing.
    fn is_there(&self) -> bool {
        self.to.pid().is_none_or(|pid| processes::with(pid, |_| ()).is_some())
    }
}

/// Sets who profiles; who did before.
pub fn set_profiler(profiler: Option<Profiler>) -> Option<Profiler> {
    let mut current = PROFILER.write();
    let before = std::mem::replace(&mut *current, profiler);
    set_watched(PROFILED, profiler.map_or(0, |p| p.what));
    before.filter(Profiler::is_there)
}

pub fn profiler() -> Option<Profiler> {
    PROFILER.read().filter(Profiler::is_there)
}

/// `{profile, Who, State, ..., Timestamp}`
fn profile(elements: &[Term]) {
    let Some(profiler) = profiler() else { return };
    if elements.get(1).copied() == profiler.to.local() {
        return;
    }
    let stamps = if profiler.stamps == 0 { flag::TIMESTAMP } else { profiler.stamps };
    let message = stamped(elements, stamps);
    match profiler.to.pid() {
        Some(pid) => {
            processes::with(pid, |process| process.message(message));
        }
        None => {
            let _ = route::ports().is_some() && super::tell::to_port(profiler.to, &message);
        }
    }
}

pub(super) fn runnable(process: &Process, own: Option<&Own>, active: bool) {
    if !watches(watch::RUNNABLE_PROCS) {
        return;
    }
    let mut f = Fragment::new(4);
    let place = own.and_then(|own| stacktrace::places(own, 1).pop());
    let place = if place.is_none() { Term::ZERO } else { function(place.as_ref(), &mut f) };
    profile(&[am::profile, process.pid(), if active { am::active } else { am::inactive }, place]);
}

pub(super) fn port_runnable(port: Term, active: bool) {
    profile(&[am::profile, port, if active { am::active } else { am::inactive }, Term::ZERO]);
}

/// A scheduler begins or ends to have work; so many have.
pub(super) fn scheduler(number: usize, active: bool, working: usize) {
    let state = if active { am::active } else { am::inactive };
    let tag = Term::from_atom(Atom::known("scheduler"));
    profile(&[am::profile, tag, Term::small(number as i64), state, Term::small(working as i64)]);
}
