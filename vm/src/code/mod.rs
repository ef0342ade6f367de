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
