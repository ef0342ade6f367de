//! The surface that natives (BIFs and static NIFs) are written against.
//! Floor: bif
//! Invariants: B1 a native never collects and nothing moves while it runs; B2 what must survive a
//! yield sits in a slot; B3 a native that fails says so through `Cx` and returns its `Stop`.
//! Locks: none.
//! Start reading at: `Cx`, then `decl::bifs`.

mod cx;
mod decl;
pub mod match_spec;
mod resume;

pub use cx::{Cx, Outcome, Stop};
pub use decl::{Arguments, Class, Decl, Direct, NativeFn, declared, install, lookup};
pub use resume::{Resume, Slot};
