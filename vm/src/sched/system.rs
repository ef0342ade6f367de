//! Threads, crash reports, and the death of processes that must not die.

use crate::am;
use crate::base::time;
use crate::heap::{Build, Fragment, copy, map};
use crate::process::settings::{self, SystemLogger};
use crate::process::{Class, Own, Parcel, Process};
use crate::table::{names, route};
use crate::term::{Term, node};

/// Stack of the threads that run natives: as large as the main thread's.
const STACK: usize = 8 << 20;

/// Starts a thread of the runtime.
pub(crate) fn thread(name: &str, body: impl FnOnce() + Send + 'static) {
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
    let shown = || format!("Error in process {} with exit value:\n{}", show(process.pid()), show(reason));
    let words = copy::size_of(reason) + copy::size_of(own.group_leader) + 250;
    let mut f = Fragment::new(words);
    let reason = copy::copy_into(reason, &mut f);
    let (node, creation) = node::this_node();
    // A node that has no name yet does not say it.
    if creation == 0 {
        let args = f.list(&[process.pid(), reason]);
        log_error(process, own, "Error in process ~p with exit value:~n~p~n", args, f, shown);
    } else {
        let args = f.list(&[process.pid(), Term::from_atom(node), reason]);
        log_error(process, own, "Error in process ~p on node ~p with exit value:~n~p~n", args, f, shown);
    }
}

/// Tells the logger that a process would grow to `size` words, past its `max_heap_size`.
pub(super) fn report_max_heap(process: &Process, own: &mut Own, size: usize) {
    const FORMAT: &str = "     Process:            ~p ~n     Context:            maximum heap size reached~n     \
                          Max Heap Size:      ~p~n     Total Heap Size:    ~p~n     Kill:               ~p~n     \
                          Error Logger:       ~p~n     Message Queue Len:  ~p~n     GC Info:            ~p~n";
    let max = own.heap.max_size;
    let mut f = Fragment::new(FORMAT.len() * 2 + copy::size_of(own.group_leader) + 200);
    let number = |n: usize| Term::small(n as i64);
    let rows = own.heap.info().rows().map(|(name, words)| f.tuple(&[name, number(words)]));
    let rows = f.list(&rows);
    let kill = Term::from_bool(max.kill);
    let waiting = number(own.messages.len());
    let args = f.list(&[process.pid(), number(max.size), number(size), kill, am::true_, waiting, rows]);
    let shown = || format!("Process {}: maximum heap size reached", show(process.pid()));
    log_error(process, own, FORMAT, args, f, shown);
}

/// Has the logger say something about a process; without a logger, `shown` goes to standard error.
fn log_error(process: &Process, own: &Own, format: &str, args: Term, mut f: Fragment, shown: impl Fn() -> String) {
    let leader = copy::copy_into(own.group_leader, &mut f);
    log(&[(am::pid, process.pid()), (am::gl, leader)], format, args, f, shown);
}

/// Has the logger say something about the node itself.
pub fn report(text: &str) {
    let mut f = Fragment::new(text.len() * 2 + 200);
    let shown = f.string(text);
    let args = f.list(&[shown]);
    log(&[], "~ts~n", args, f, || text.to_owned());
}

/// An error of the emulator's, with more about it in `meta`.
fn log(meta: &[(Term, Term)], format: &str, args: Term, mut f: Fragment, shown: impl Fn() -> String) {
    let logger = match settings::system_logger() {
        SystemLogger::Nobody => return,
        SystemLogger::Process(pid) => pid.term(),
        SystemLogger::ByName if names::whereis(am::logger.atom()).is_some() => am::logger,
        SystemLogger::ByName => {
            eprintln!("{}", shown());
            return;
        }
    };
    let format = f.string(format);
    let tag = map::from_pairs(&[(am::tag, am::error), (am::emulator, am::true_)], &mut f);
    let now = f.i64(time::system() / 1000);
    let mut meta = meta.to_vec();
    meta.extend([(am::time, now), (am::error_logger, tag)]);
    let meta = map::from_pairs(&meta, &mut f);
    let message = f.tuple(&[am::log, am::error, format, args, meta]);
    route::send_parcel(logger, Parcel::in_fragment(message, f));
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
