//! Loaded code: exports, funs, modules with current and old code, and what an address belongs to.
//! Floor: code
//! Invariants: C1 exports and fun entries are never freed; C2 code of a module is freed only after
//! a purge found no process that could return into it; C3 `address` of an export always points at
//! an instruction; C4 the first word of a function's first instruction, and the second one of a
//! `NifEntry`, change while code runs: they are written whole.
//! Locks: the export and fun tables, the breakpoints and the module table have one each, none taken while running
//! loaded code.
//! Start reading at: `module::Loaded`.

pub mod breakpoint;
pub mod export;
pub mod fun;
pub mod module;

pub use breakpoint::Breakpoint;
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
#[inline]
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
#[inline]
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

/// How external terms find and read exports and fun entries.
pub fn external_hooks() -> crate::heap::external::CodeHooks {
    use crate::heap::external::{CodeHooks, FunIdentity};
    CodeHooks {
        export: |m, f, a| std::ptr::from_ref(Export::of(m, f, a)) as u64,
        existing_export: |m, f, a| Export::existing(m, f, a).map(|e| std::ptr::from_ref(e) as u64),
        export_parts: |address| {
            // SAFETY: T1 and C1: the address stands in a fun.
            let e = unsafe { &*(address as *const Export) };
            (e.module, e.function, e.arity)
        },
        fun: |id| {
            let parts = fun::FunEntryParts {
                module: id.module,
                index: id.index,
                uniq: id.uniq,
                old_uniq: id.old_uniq,
                arity: id.arity,
                free: id.free,
                function: id.module,
            };
            std::ptr::from_ref(FunEntry::of(parts)) as u64
        },
        fun_parts: |address| {
            // SAFETY: as above.
            let e = unsafe { &*(address as *const FunEntry) };
            FunIdentity {
                module: e.module,
                index: e.index,
                uniq: e.uniq,
                old_uniq: e.old_uniq,
                arity: e.arity,
                free: e.free,
            }
        },
    }
}
