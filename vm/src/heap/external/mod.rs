//! Terms in the external format: what `bytecode::etf` reads becomes terms of a heap, and terms
//! become what it writes.

mod decode;
mod encode;

use super::literal::Literals;
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::term::Term;

pub use decode::{Decoder, decode, decode_next};
pub use encode::{AtomList, Encoding, Fixed, Part, encode, encode_chunks, encode_message, size};
pub use glulam_bytecode::etf::Fault;

/// The bytes hold no term.
pub type Malformed = Fault;

/// What identifies a local fun.
#[derive(Clone, Copy)]
pub struct FunIdentity {
    pub module: Atom,
    pub index: u32,
    pub uniq: [u8; 16],
    pub old_uniq: u32,
    pub arity: u8,
    pub free: u32,
}

/// Exports and fun entries are of the floor above: how it finds and reads them, by address.
pub struct CodeHooks {
    /// The export of a function, made if it is new.
    pub export: fn(Atom, Atom, u8) -> u64,
    pub existing_export: fn(Atom, Atom, u8) -> Option<u64>,
    pub export_parts: fn(u64) -> (Atom, Atom, u8),
    pub fun: fn(FunIdentity) -> u64,
    pub fun_parts: fn(u64) -> FunIdentity,
}

static HOOKS: OnceLock<CodeHooks> = OnceLock::new();

/// Sets how exports and fun entries are found. At start.
pub fn set_code_hooks(hooks: CodeHooks) {
    let _ = HOOKS.set(hooks);
}

fn hooks() -> &'static CodeHooks {
    HOOKS.get().unwrap_or_else(|| crate::bug!("external terms before the code floor is there"))
}

/// The term of a literal, in the literal area.
pub fn decode_literal(bytes: &[u8]) -> Result<Term, Malformed> {
    let (term, used) = decode(bytes, &mut Literals::default(), false)?;
    if used == bytes.len() { Ok(term) } else { Err(Fault::Malformed) }
}
