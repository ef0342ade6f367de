//! Natives that OTP's own tests run on dirty threads: what they do stands in their first argument.

use std::time::{Duration, Instant};

use glulam_vm::bif::{Class, Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::Build;
use glulam_vm::table::route;
use glulam_vm::{Term, am, bifs, sched};

bifs! {
    erts_debug:dirty_cpu/2  DirtyCpu => dirty_cpu;
    erts_debug:dirty_io/2   DirtyIo  => dirty_io;
    /// The same on the sort of thread that is named: `normal`, `dirty_cpu`, `dirty_io`.
    erts_debug:dirty/3      Normal   => dirty;
}

fn dirty_cpu(cx: &mut Cx<'_>) -> Outcome {
    let [what, arg] = cx.take();
    perform(cx, Class::DirtyCpu, what, arg)
}

fn dirty_io(cx: &mut Cx<'_>) -> Outcome {
    let [what, arg] = cx.take();
    perform(cx, Class::DirtyIo, what, arg)
}

fn dirty(cx: &mut Cx<'_>) -> Outcome {
    let [class, what, arg] = cx.take();
    match class {
        am::normal => perform(cx, Class::Normal, what, arg),
        am::dirty_cpu => elsewhere(cx, Class::DirtyCpu, what, arg),
        am::dirty_io => elsewhere(cx, Class::DirtyIo, what, arg),
        _ => cx.badarg(),
    }
}

/// Goes on on another sort of thread.
fn elsewhere(cx: &mut Cx<'_>, class: Class, what: Term, arg: Term) -> Outcome {
    let (what, arg) = (cx.slot(what), cx.slot(arg));
    cx.run(Elsewhere { class, what, arg, moved: false })
}

struct Elsewhere {
    class: Class,
    what: Slot,
    arg: Slot,
    moved: bool,
}

impl Resume for Elsewhere {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if !std::mem::replace(&mut self.moved, true) {
            return Ok(None);
        }
        let (what, arg) = (cx.slot_get(self.what), cx.slot_get(self.arg));
        perform(cx, self.class, what, arg).map(Some)
    }
    fn class(&self) -> Class {
        self.class
    }
}

/// Comes back `left / 2` times, each fourth number on the next sort of thread.
struct Again {
    class: Class,
    left: i64,
}

impl Resume for Again {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        match self.left {
            0 => return Ok(Some(am::ok)),
            ..0 => return cx.badarg(),
            _ if self.left % 4 == 0 => {
                self.class = match self.class {
                    Class::DirtyCpu => Class::DirtyIo,
                    Class::DirtyIo => Class::Normal,
                    Class::Normal | Class::Yielding => Class::DirtyCpu,
                };
            }
            _ => {}
        }
        self.left -= 2;
        Ok(None)
    }
    fn class(&self) -> Class {
        self.class
    }
}

fn perform(cx: &mut Cx<'_>, class: Class, what: Term, arg: Term) -> Outcome {
    let Some(name) = what.as_atom() else { return cx.badarg() };
    match name.name() {
        "scheduler" if arg == am::type_ => Ok(match sched::thread_class() {
            Some(Class::DirtyCpu) => am::dirty_cpu,
            Some(Class::DirtyIo) => am::dirty_io,
            Some(_) => am::normal,
            None => am::error,
        }),
        "error" => match arg {
            am::notsup | am::undef | am::badarith | am::noproc | am::system_limit => cx.error(arg),
            _ => cx.badarg(),
        },
        "copy" => {
            let copies: Vec<Term> = (0..1000).map(|_| cx.copy(arg)).collect();
            Ok(cx.list(&copies))
        }
        "send" => {
            tell(cx, arg, am::ok);
            Ok(am::ok)
        }
        "wait" => {
            let Some(ms) = arg.as_i64() else { return cx.badarg() };
            wait(ms, class == Class::DirtyCpu);
            Ok(am::ok)
        }
        "reschedule" => {
            let Some(left) = arg.as_i64().filter(|&n| n >= 0) else { return cx.badarg() };
            cx.run(Again { class, left })
        }
        "ready_wait6_done" => {
            tell(cx, arg, am::ready);
            wait(6000, false);
            tell(cx, arg, am::done);
            Ok(am::ok)
        }
        "alive_waitexiting" => {
            tell(cx, arg, am::alive);
            while !cx.process.is_to_end() {
                wait(10, false);
            }
            // It can still build terms.
            let big = cx.list(&[Term::small(4711); 10_000]);
            Ok(cx.tuple(&[am::ok, big]))
        }
        _ => cx.badarg(),
    }
}

/// `To ! {Tag, self()}`
fn tell(cx: &mut Cx<'_>, to: Term, tag: Term) {
    let me = cx.self_pid();
    let message = cx.tuple(&[tag, me]);
    // Who is gone needs no message.
    let _ = route::send(cx.process, cx.own, to, message);
}

fn wait(ms: i64, busy: bool) {
    let end = Instant::now() + Duration::from_millis(ms.max(0) as u64);
    while busy && Instant::now() < end {
        std::thread::yield_now();
    }
    std::thread::sleep(end.saturating_duration_since(Instant::now()));
}
