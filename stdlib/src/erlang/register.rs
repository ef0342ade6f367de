//! Registered names.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::{Party, Pid};
use glulam_vm::table::names::{self, NotRegistered};
use glulam_vm::table::{processes, route};
use glulam_vm::{Term, am};

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
        Ok(()) => Ok(am::true_),
        Err(NotRegistered::HasName) => cx.badarg_because(am::registered_name),
        Err(NotRegistered::NotAlive) => cx.badarg_because(am::notalive),
        Err(NotRegistered::Taken) => cx.badarg_because(am::none),
    }
}

fn unregister(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_atom() {
        Some(name) if names::unregister(name) => Ok(am::true_),
        _ => cx.badarg(),
    }
}

fn whereis(cx: &mut Cx<'_>) -> Outcome {
    let Some(name) = cx.arg(0).as_atom() else { return cx.badarg() };
    Ok(names::whereis(name).and_then(Party::local).unwrap_or(am::undefined))
}

fn registered(cx: &mut Cx<'_>) -> Outcome {
    let names: Vec<Term> = names::all().into_iter().map(Term::from_atom).collect();
    Ok(cx.list(&names))
}
