//! Showing terms on standard output and strings on standard error, for those who debug the lowest levels.

use std::io::Write;

use super::info;
use super::process::Asker;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::signal::Request;
use glulam_vm::process::{Own, Party, Pid, Process, Signal};
use glulam_vm::table::{processes, route};
use glulam_vm::term::print;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:display/1         Normal => display;
    erlang:display_string/1  Normal => display_string;
    erlang:display_nl/0      Normal => display_nl;
    /// Prints the calls that a process is in: `true`, a fault, or the reference of the answer to come.
    erts_internal:process_display/2  Normal => process_display;
}

/// Lines end as on a terminal in raw mode.
fn show(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell that standard output is gone.
    let _ = out.write_all(text).and_then(|()| out.flush());
}

fn display(cx: &mut Cx<'_>) -> Outcome {
    show(format!("{}\r\n", print::to_string(cx.arg(0))).as_bytes());
    Ok(am::true_)
}

/// Strings go to standard error.
fn complain(text: &[u8]) {
    let _ = std::io::stderr().lock().write_all(text);
}

fn display_string(cx: &mut Cx<'_>) -> Outcome {
    let list = cx.arg(0).proper_list();
    let character = |t: Term| t.as_small().and_then(|c| u32::try_from(c).ok()).and_then(char::from_u32);
    match list.and_then(|list| list.into_iter().map(character).collect::<Option<String>>()) {
        Some(text) => {
            complain(text.replace('\n', "\r\n").as_bytes());
            Ok(am::true_)
        }
        None => cx.badarg(),
    }
}

fn display_nl(_: &mut Cx<'_>) -> Outcome {
    complain(b"\r\n");
    Ok(am::true_)
}

/// A process shows its own calls.
struct Show(Asker);

impl Request for Show {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        complain(info::backtrace(process, own).as_bytes());
        self.0.answer_plain(am::true_);
    }
    fn dead(self: Box<Self>) {
        self.0.answer_plain(am::badarg);
    }
}

fn process_display(cx: &mut Cx<'_>) -> Outcome {
    let [who, kind] = cx.take();
    if kind != am::backtrace {
        return Ok(am::badopt);
    }
    let Some(pid) = Pid::of(who) else { return Ok(am::badarg) };
    if pid == cx.process.id() {
        complain(info::backtrace(cx.process, cx.own).as_bytes());
        return Ok(am::true_);
    }
    let there = processes::with(pid, |_| ()).is_some();
    let Some(party) = Party::of(who).filter(|_| there) else { return Ok(am::badarg) };
    let asker = Asker::new(cx);
    let reference = cx.reference(asker.reference);
    route::deliver_for(party, Signal::Request(Box::new(Show(asker))), cx.own.priority);
    Ok(reference)
}
