//! Calls of natives by a process that is in no table and that no scheduler runs.

use std::collections::HashMap;
use std::sync::OnceLock;

use glulam_vm::bif::{Decl, Stop};
use glulam_vm::exec::native;
use glulam_vm::heap::Heap;
use glulam_vm::process::{Own, Pid, Process, SpawnInfo};
use glulam_vm::term::Term;
use glulam_vm::Atom;

/// One that calls.
pub struct Caller {
    process: Process,
    /// Where terms are built.
    pub own: Own,
}

fn own() -> Own {
    let name = Atom::known("fuzz");
    let spawned = SpawnInfo { module: name, function: name, arity: 0, parent: None };
    Own::new(Heap::new(Heap::FIRST_WORDS), std::ptr::null(), Vec::new(), Term::NIL, spawned)
}

impl Caller {
    pub fn start() -> Caller {
        Caller { process: Process::new(Pid::new(1, 1), own(), true), own: own() }
    }

    /// What `module:function(args...)` gives; an exception it raises is none that anybody sees.
    pub fn call(&mut self, module: &str, function: &str, args: &[Term]) -> Result<Term, Stop> {
        static ALL: OnceLock<HashMap<(&str, &str), &Decl>> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            let all = glulam_stdlib::NATIVES.iter().copied().flatten();
            all.map(|decl| ((decl.module, decl.function), decl)).collect()
        });
        match all.get(&(module, function)) {
            Some(decl) if usize::from(decl.arity) == args.len() => {
                native::outcome(&self.process, &mut self.own, decl, args)
            }
            _ => panic!("no {module}:{function}/{}", args.len()),
        }
    }
}
