//! The instruction set of `.beam` files.
//!
//! - Floor: bytecode.
//! - Invariants: op numbers, names and operand kinds live in [`generic`] and nowhere else.
//! - Locks: none.
//! - Start reading at: [`generic::generic_ops`].

pub mod generic;
mod kind;
mod operand;

pub use generic::Op;
pub use kind::Kind;
pub use operand::{AllocList, AtomIx, BigInt, Instr, Operand};
