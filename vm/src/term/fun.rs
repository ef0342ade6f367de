//! What identifies a fun. The entries are the code floor's; it says how to read them.

use super::view::Fun;
use crate::atom::Atom;
use crate::base::sync::OnceLock;

/// What identifies a fun, besides its free variables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FunParts {
    pub module: Atom,
    /// Of an external fun, its function.
    pub function: Atom,
    pub arity: u8,
    /// Of a local fun, its place in the module's table.
    pub index: u32,
    /// Of a local fun, the compiler's number of its source.
    pub old_uniq: u32,
}

/// Reads the entry (`false`) or export (`true`) at an address.
type Describe = fn(u64, bool) -> FunParts;

static DESCRIBE: OnceLock<Describe> = OnceLock::new();

/// Says how to read entries: called before the first one is made.
pub(crate) fn describe_with(describe: Describe) {
    let _ = DESCRIBE.set(describe);
}

impl Fun {
    /// What identifies the fun, besides its free variables.
    pub fn parts(self) -> FunParts {
        match DESCRIBE.get() {
            Some(describe) => describe(self.entry_address(), self.is_external()),
            None => crate::bug!("a fun before the first fun entry"),
        }
    }
}
