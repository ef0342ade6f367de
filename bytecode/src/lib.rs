#![forbid(unsafe_code)]
//! The BEAM file format and the external term format.

pub mod asm;
pub mod bytes;
pub mod disas;
pub mod etf;
mod error;
pub mod file;
pub mod isa;
pub mod md5;
pub mod verify;

pub use error::{LoadError, Reason};
pub use file::BeamFile;
pub use isa::{AllocList, AtomIx, BigInt, Instr, Op, Operand};
pub use verify::{Verified, load, verify};
