//! Suspending and resuming processes.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Fragment, Stored};
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::table::{processes, route, suspend};
use glulam_vm::{Term, am};

use super::process::Asker;

glulam_vm::bifs! {
    /// `true`, `false`, an atom that says what is wrong, or a reference that the answer comes with.
    erts_internal:suspend_process/2  Normal => suspend_process;
    erlang:resume_process/1          Normal => resume_process;
}

/// Options of `suspend_process/2`.
#[derive(Default)]
struct Options {
    unless_suspending: bool,
    asynchronous: bool,
    reply_tag: Option<Term>,
}

impl Options {
    fn parse(options: Term) -> Option<Options> {
        let mut found = Options::default();
        let mut rest = options.list();
        for option in rest.by_ref() {
            match (option, option.as_tuple_of::<2>()) {
                (am::unless_suspending, _) => found.unless_suspending = true,
                (am::asynchronous, _) => found.asynchronous = true,
                (_, Some([am::asynchronous, tag])) => {
                    found.asynchronous = true;
                    found.reply_tag = Some(tag);
                }
                _ => return None,
            }
        }
        rest.rest().is_nil().then_some(found)
    }
}

/// Sends `{Tag, suspended | exited}`.
fn tell(to: Pid, tag: Term) -> suspend::Done {
    let tag = Stored::new(tag);
    Box::new(move |suspended| {
        let state = if suspended { am::suspended } else { am::exited };
        let words = tag.peek(glulam_vm::heap::copy::size_of);
        let mut fragment = Fragment::new(words + 3);
        let tag = tag.load(&mut fragment);
        let message = fragment.tuple(&[tag, state]);
        route::send_parcel(to.term(), Parcel::in_fragment(message, fragment));
    })
}

fn suspend_process(cx: &mut Cx<'_>) -> Outcome {
    let [who, options] = cx.take();
    let Some(pid) = Pid::of(who).filter(|pid| *pid != cx.process.id()) else { return Ok(am::badarg) };
    let Some(options) = Options::parse(options) else { return Ok(am::badopt) };
    let me = cx.process.id();
    let already = suspend::is_suspending(cx.own, pid);
    let result = !(options.unless_suspending && already);
    if processes::with(pid, |_| ()).is_none() {
        if let Some(tag) = options.reply_tag {
            tell(me, tag)(false);
        }
        return Ok(if options.asynchronous { Term::from_bool(result) } else { am::badarg });
    }
    if options.asynchronous {
        let done = options.reply_tag.map(|tag| tell(me, tag));
        if result {
            suspend::suspend(cx.own, pid, done);
        } else if let Some(done) = done {
            suspend::tell(pid, done);
        }
        return Ok(Term::from_bool(result));
    }
    let asker = Asker::new(cx);
    let number = asker.reference;
    cx.own.start_at_end(cx.process);
    let done: suspend::Done = Box::new(move |suspended| {
        asker.answer_plain(if suspended { Term::from_bool(result) } else { am::badarg });
    });
    if result {
        suspend::suspend(cx.own, pid, Some(done));
    } else {
        suspend::tell(pid, done);
    }
    Ok(cx.reference(number))
}

fn resume_process(cx: &mut Cx<'_>) -> Outcome {
    match Pid::of(cx.arg(0)) {
        Some(pid) if suspend::resume(cx.own, pid) => Ok(am::true_),
        _ => cx.badarg(),
    }
}
