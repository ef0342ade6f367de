//! Threads, crash reports, and the death of processes that must not die.

use crate::am;
use crate::base::time;
use crate::heap::{Build, Fragment, copy, map};
use crate::process::{Class, Own, Parcel, Process};
use crate::table::{names, route};
use crate::term::Term;

/// Stack of the threads that run natives: as large as the main thread's.
const STACK: usize = 8 << 20;

/// Starts a thread of the runtime.
pub(super) fn thread(name: &str, body: impl FnOnce() + Send + 'static) {
    let made = std::thread::Builder::new().name(name.into()).stack_size(STACK).spawn(body);
    if let Err(e) = made {
        eprintln!("glulam: can't start thread {name}: {e}");
        std::process::exit(1);
    }
}

/// Tells the logger that a process ended by an exception.
pub(super) fn report_crash(process: &Process, own: &mut Own) {
    if own.exception.class == Class::Exit {
        return;
    }
    let reason = own.exception.reason;
    let words = copy::size_of(reason) + copy::size_of(own.group_leader) + 200;
    let mut f = Fragment::new(words);
    let reason = copy::copy_into(reason, &mut f);
    let leader = copy::copy_into(own.group_leader, &mut f);
    let format = f.string("Error in process ~p with exit value:~n~p~n");
    let pid = process.pid();
    let args = f.list(&[pid, reason]);
    let tag = map::from_pairs(&[(am::tag, am::error), (am::emulator, am::true_)], &mut f);
    let now = f.i64(time::system() / 1000);
    let meta = [(am::pid, pid), (am::gl, leader), (am::time, now), (am::error_logger, tag)];
    let meta = map::from_pairs(&meta, &mut f);
    let message = f.tuple(&[am::log, am::error, format, args, meta]);
    if names::whereis(am::logger.atom()).is_some() {
        route::send_parcel(am::logger, Parcel::in_fragment(message, f));
    } else {
        eprintln!("Error in process {} with exit value:\n{}", show(pid), show(reason));
    }
}

/// A term as text, for messages when nobody is there to format them.
pub fn show(term: Term) -> String {
    crate::term::print::to_string(term)
}

/// One of the runtime's own processes ended: nothing works without it.
pub(super) fn system_process_died(process: &Process, reason: Term) {
    eprintln!("System process {} terminated: {}", show(process.pid()), show(reason));
    super::halt(1);
}
