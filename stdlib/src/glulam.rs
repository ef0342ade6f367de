//! What only this runtime has, for Erlang programs.

use glulam_vm::bif::{Class, Cx, Outcome};
use glulam_vm::bifs;
use glulam_vm::heap::{Build, map};
use glulam_vm::host::isolated;
use glulam_vm::sched::meter;
use glulam_vm::{Atom, Term, am};

bifs! {
    /// Every native of a library: a list of maps.
    glulam:natives/0  Normal => natives;
    /// The plugin of this module will run in a program of its own: to be called before `erlang:load_nif/2`.
    glulam:isolate/1  Normal => isolate;
}

fn class(class: Class) -> Term {
    Term::from_atom(Atom::known(match class {
        Class::DirtyCpu => "dirty_cpu",
        Class::DirtyIo => "dirty_io",
        Class::Normal | Class::Yielding => "normal",
    }))
}

fn natives(cx: &mut Cx<'_>) -> Outcome {
    let key = |name| Term::from_atom(Atom::known(name));
    let mut all = Vec::new();
    for reading in meter::readings() {
        let m = reading.meter;
        let pairs = [
            (am::module, Term::from_atom(Atom::known(m.module))),
            (key("function"), Term::from_atom(Atom::known(m.function))),
            (key("arity"), Term::small(m.arity.into())),
            (key("declared"), class(m.declared)),
            (key("class"), class(reading.class)),
            (key("calls"), cx.u64(reading.calls)),
            (key("time"), cx.u64(reading.time)),
            (key("longest"), cx.u64(reading.longest)),
            (key("moves"), Term::small(reading.moves.into())),
        ];
        all.push(map::from_pairs(&pairs, cx));
    }
    Ok(cx.list(&all))
}

fn isolate(cx: &mut Cx<'_>) -> Outcome {
    let Some(module) = cx.arg(0).as_atom() else { return cx.badarg() };
    isolated::choose(module);
    Ok(am::ok)
}
