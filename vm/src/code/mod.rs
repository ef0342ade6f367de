//! Loaded code: exports, funs, modules with current and old code, and what an address belongs to.
//! Floor: code
//! Invariants: C1 exports and fun entries are never freed; C2 code of a module is freed only after
//! a purge found no process that could return into it; C3 `address` of an export always points at
//! an instruction.
//! Locks: the export and fun tables and the module table have one each, none taken while running
//! loaded code.
//! Start reading at: `module::Loaded`.

pub mod export;
pub mod fun;
pub mod module;

pub use export::{Export, STUB_NATIVE, STUB_UNDEFINED};
pub use fun::FunEntry;
pub use module::{FunctionRange, LineEntry, Loaded, Place};

use crate::term::Fun;
use crate::term::fun::FunParts;

/// What a fun calls.
#[derive(Clone, Copy)]
pub enum FunTarget {
    Local(&'static FunEntry),
    External(&'static Export),
}

/// What a fun calls.
pub fn target_of(fun: Fun) -> FunTarget {
    // SAFETY: T1 and C1: a fun's first word is the address of its entry or export.
    unsafe {
        if fun.is_external() {
            FunTarget::External(&*(fun.entry_address() as *const Export))
        } else {
            FunTarget::Local(&*(fun.entry_address() as *const FunEntry))
        }
    }
}

/// What identifies the fun whose entry, or export, is at an address: what the term floor asks us.
fn describe(address: u64, external: bool) -> FunParts {
    // SAFETY: T1 and C1: the address stands in a fun, of an entry or export.
    unsafe {
        if external {
            let e = &*(address as *const Export);
            FunParts { module: e.module, function: e.function, arity: e.arity, index: 0, old_uniq: 0 }
        } else {
            let e = &*(address as *const FunEntry);
            FunParts {
                module: e.module,
                function: e.function,
                arity: e.arity,
                index: e.index,
                old_uniq: e.old_uniq,
            }
        }
    }
}

/// Arguments that a fun takes.
pub fn fun_arity(fun: Fun) -> u8 {
    match target_of(fun) {
        FunTarget::Local(entry) => entry.arity,
        FunTarget::External(export) => export.arity,
    }
}

/// `fun M:F/A`.
pub fn external_fun(export: &'static Export, heap: &mut (impl crate::heap::Alloc + ?Sized)) -> crate::Term {
    use crate::heap::Build;
    heap.raw_box(crate::term::Kind::Export, &[std::ptr::from_ref(export) as u64])
}
