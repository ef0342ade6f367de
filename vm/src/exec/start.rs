//! The few instructions that live outside modules: where processes begin and end.

use super::isa::Op;
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::code::Export;
use crate::{am, bif};

static CODE: [u64; 4] =
    [Op::Start as u64, Op::Exit as u64, Op::ApplyFun as u64, Op::ApplyList as u64];

/// Where a new process starts: apply module x0, function x1 to list x2.
pub fn start_address() -> *const u64 {
    &raw const CODE[0]
}

/// What the first function of a process returns to.
pub fn exit_address() -> *const u64 {
    &raw const CODE[1]
}

/// Applies fun x0 to list x1.
pub fn apply_fun_address() -> *const u64 {
    &raw const CODE[2]
}

/// Makes the engine's own exports and every installed native callable. Once, before anything is
/// loaded.
pub fn install() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        for decl in bif::declared().filter(|d| !d.nif) {
            let export = Export::of(Atom::known(decl.module), Atom::known(decl.function), decl.arity);
            export.set_native(std::ptr::from_ref(decl).cast());
        }
        let erlang = am::erlang.atom();
        let apply = am::apply.atom();
        Export::of(erlang, apply, 2).set_address(&raw const CODE[2]);
        Export::of(erlang, apply, 3).set_address(&raw const CODE[3]);
    });
}

/// Whether a function of the runtime stands behind an export, so that loading a module of that
/// name must leave it alone.
pub fn is_builtin(export: &Export) -> bool {
    export.is_native() || CODE.as_ptr_range().contains(&export.address())
}
