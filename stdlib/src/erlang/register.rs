//! Registered names.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::{Party, Pid};
use glulam_vm::table::names::{self, NotRegistered};
use glulam_vm::table::{processes, route};
use glulam_vm::process::trace::{self, flag};
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    /// Gives a process or port a name.
    erlang:register/2    Normal => register;
    erlang:unregister/1  Normal => unregister;
    /// Who has a name, or `undefined`.
    erlang:whereis/1     Normal => whereis;
    /// All names.
    erlang:registered/0  Normal => registered;
}

fn register(cx: &mut Cx<'_>) -> Outcome {
    let [name, who] = cx.take();
    let Some(name) = name.as_atom().filter(|_| name != am::undefined) else { return cx.badarg_because(am::none) };
    let Some(party) = Party::of(who) else { return cx.badarg_because(am::none) };
    let alive = match Pid::of(who) {
        Some(pid) => processes::with(pid, |_| ()).is_some(),
        None => route::ports().is_some_and(|ports| ports.is_open(who)),
    };
    if !alive {
        return cx.badarg_because(am::notalive);
    }
    match names::register(name, party) {
        Ok(()) => {
            tell(cx, party, am::register, name);
            Ok(am::true_)
        }
        Err(NotRegistered::HasName) => cx.badarg_because(am::registered_name),
        Err(NotRegistered::NotAlive) => cx.badarg_because(am::notalive),
        Err(NotRegistered::Taken) => cx.badarg_because(am::none),
    }
}

fn unregister(cx: &mut Cx<'_>) -> Outcome {
    let Some(name) = cx.arg(0).as_atom() else { return cx.badarg() };
    let Some(party) = names::whereis(name).filter(|_| names::unregister(name)) else { return cx.badarg() };
    tell(cx, party, am::unregister, name);
    Ok(am::true_)
}

/// Tells those who trace the process with the name.
fn tell(cx: &mut Cx<'_>, party: Party, tag: Term, name: Atom) {
    let name = [Term::from_atom(name)];
    if party == cx.process.party() {
        trace::tell(cx.process, cx.own, flag::PROCS, tag, &name);
    } else if let (Some(pid), Some(tracing)) = (Pid::of(party.term()), trace::tracing()) {
        processes::with(pid, |process| {
            if process.traced.has(flag::PROCS) {
                tracing.tell(&process.traced, party, None, tag, &name);
            }
        });
    }
}

fn whereis(cx: &mut Cx<'_>) -> Outcome {
    let Some(name) = cx.arg(0).as_atom() else { return cx.badarg() };
    Ok(names::whereis(name).map_or(am::undefined, Party::term))
}

fn registered(cx: &mut Cx<'_>) -> Outcome {
    let names: Vec<Term> = names::all().into_iter().map(Term::from_atom).collect();
    Ok(cx.list(&names))
}
