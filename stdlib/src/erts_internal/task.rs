//! System tasks: what one process has another do on itself.

use std::sync::Arc;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::exec::purge;
use glulam_vm::heap::literal::Released;
use glulam_vm::heap::{Build, Fragment, Stored, copy};
use glulam_vm::process::signal::Request;
use glulam_vm::process::{Activity, Own, Parcel, Party, Pid, Priority, Process, Sender, Signal};
use glulam_vm::sched;
use glulam_vm::table::{processes, route};
use glulam_vm::{Atom, Term, am};

use crate::persistent_term;

glulam_vm::bifs! {
    /// `{garbage_collect, Id, Type}`, `{check_process_code, Id, Module}` or `{copy_literals, Id,
    /// _}`; answered by `{Request, Id, Result}`.
    erts_internal:request_system_task/3           Normal => request;
    /// The same for another process.
    erts_internal:request_system_task/4           Normal => request_for;
    /// Whether the calling process needs the old code of a module.
    erts_internal:check_process_code/1            Normal => check_process_code;
    /// Whether a process is in a dirty native.
    erts_internal:is_process_executing_dirty/1    Normal => is_executing_dirty;
    /// Has a process in a dirty native handle its signals: `normal` if it is in none.
    erts_internal:dirty_process_handle_signals/1  Normal => dirty_process_handle_signals;
    /// The same as a task that finds the code of a process in a dirty native.
    erts_internal:check_dirty_process_code/2      Normal => check_dirty_process_code;
}

enum Work {
    Collect { major: bool },
    CheckCode(Atom),
    /// Persistent terms that are being released, if any.
    CopyLiterals(Option<Arc<Released>>),
}

/// Work, the atom that names it, its id, who asked for it.
struct Task(Work, Atom, Stored, Pid);

impl Task {
    fn of(request: Term, requester: Pid) -> Option<Task> {
        let [name, id, what] = request.as_tuple_of()?;
        let work = match (name, what) {
            (am::garbage_collect, am::major) => Work::Collect { major: true },
            (am::garbage_collect, am::minor) => Work::Collect { major: false },
            (am::check_process_code, module) => Work::CheckCode(module.as_atom()?),
            (am::copy_literals, how) => {
                how.as_bool()?;
                Work::CopyLiterals(persistent_term::being_released())
            }
            _ => return None,
        };
        Some(Task(work, name.as_atom()?, Stored::new(id), requester))
    }

    fn answer(&self, sender: Sender, result: Term) {
        let Task(_, name, id, requester) = self;
        let mut fragment = Fragment::new(id.peek(copy::size_of) + 4);
        let id = id.load(&mut fragment);
        let message = fragment.tuple(&[Term::from_atom(*name), id, result]);
        route::send_parcel_from(sender, requester.term(), Parcel::in_fragment(message, fragment));
    }
}

impl Request for Task {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        if own.exit_pending {
            return self.dead();
        }
        let result = match &self.0 {
            &Work::Collect { major } => {
                if own.activity == Activity::Running {
                    // Nothing moves under a native: once the slice has ended.
                    own.reductions_left = own.reductions_left.min(0);
                    return route::deliver(process.party(), Signal::Request(self));
                }
                own.collect_at_rest(process, major);
                am::true_
            }
            &Work::CheckCode(module) => Term::from_bool(purge::uses_old_code(own, module)),
            Work::CopyLiterals(Some(released)) => {
                if own.activity == Activity::Running {
                    own.reductions_left = own.reductions_left.min(0);
                    return route::deliver(process.party(), Signal::Request(self));
                }
                own.leave_persistent(released);
                am::ok
            }
            // Literals of modules stay.
            Work::CopyLiterals(None) => am::ok,
        };
        self.answer(Sender::Party(process.party()), result);
    }
    fn dead(self: Box<Self>) {
        let result = if matches!(self.0, Work::CopyLiterals(_)) { am::ok } else { am::false_ };
        self.answer(Sender::System, result);
    }
}

pub(crate) fn start(cx: &mut Cx<'_>, requester: Term, target: Term, priority: Term, request: Term) -> Outcome {
    let priority = if priority == am::inherit { Some(cx.own.priority) } else { Priority::of(priority) };
    let (Some(requester), Some(party), Some(priority)) = (Pid::of(requester), Party::of(target), priority) else {
        return cx.badarg();
    };
    if !target.is_local_pid() {
        return cx.badarg();
    }
    let Some(task) = Task::of(request, requester) else { return cx.badarg() };
    if let (Work::CheckCode(module), Some(pid)) = (&task.0, Pid::of(target))
        && let Some(uses) = sched::uses_old_code_in_native(pid, *module)
    {
        // It need not come out of its native for that.
        task.answer(Sender::Party(party), Term::from_bool(uses));
        return Ok(am::ok);
    }
    route::deliver_for(party, Signal::Request(Box::new(task)), priority);
    Ok(am::ok)
}

fn request(cx: &mut Cx<'_>) -> Outcome {
    let [target, priority, request] = cx.take();
    let me = cx.self_pid();
    start(cx, me, target, priority, request)
}

fn request_for(cx: &mut Cx<'_>) -> Outcome {
    let [requester, target, priority, request] = cx.take();
    start(cx, requester, target, priority, request)
}

fn check_process_code(cx: &mut Cx<'_>) -> Outcome {
    let Some(module) = cx.arg(0).as_atom() else { return cx.badarg() };
    Ok(Term::from_bool(purge::uses_old_code(cx.own, module)))
}

fn is_executing_dirty(cx: &mut Cx<'_>) -> Outcome {
    let Some(pid) = Pid::of(cx.arg(0)) else { return cx.badarg() };
    Ok(Term::from_bool(processes::with(pid, |process| process.is_dirty()) == Some(true)))
}

fn dirty_process_handle_signals(cx: &mut Cx<'_>) -> Outcome {
    let Some(pid) = Pid::of(cx.arg(0)) else { return cx.badarg() };
    // A process in a dirty native handles its signals itself, once it comes out of it.
    Ok(match processes::with(pid, |process| process.is_dirty()) {
        None => am::false_,
        Some(true) => am::ok,
        Some(false) => am::normal,
    })
}

fn check_dirty_process_code(cx: &mut Cx<'_>) -> Outcome {
    let [pid, module] = cx.take();
    if !pid.is_local_pid() || !module.is_atom() {
        return cx.badarg();
    }
    // Not decided from outside: the caller asks the process.
    Ok(am::normal)
}
