//! Atoms: interned names. An atom is an index into a table that only grows.
//! Floor: atom
//! Invariants: A1 an index once given out names the same text for ever; reading a name takes no lock.
//! Locks: one mutex for inserting; look-ups of known names take a shard's read lock.
//! Start reading at: `Atom::intern`.

pub mod predefined;
mod table;

pub use table::{MAX_ATOM_CHARACTERS, atom_count, atom_limit, memory_used, set_atom_limit};

/// An atom: an index into the atom table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Atom(pub(crate) u32);

/// Why a name can't become an atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtomError {
    /// More than 255 characters.
    TooLong,
    /// The atom table is full (`+t`).
    TableFull,
}

impl Atom {
    /// The atom of this name, made if it is new.
    pub fn intern(name: &str) -> Result<Atom, AtomError> {
        table::intern(name)
    }

    /// The atom of this name, for names of ours: short, and few.
    pub fn known(name: &'static str) -> Atom {
        match table::intern(name) {
            Ok(atom) => atom,
            Err(e) => crate::bug!("atom {name}: {e:?}"),
        }
    }

    /// The atom of this name if it exists already.
    pub fn existing(name: &str) -> Option<Atom> {
        table::lookup(name)
    }

    /// The text, UTF-8.
    pub fn name(self) -> &'static str {
        table::name(self.0)
    }

    /// The hash by which OTP's tables order it.
    pub fn name_hash(self) -> u32 {
        table::hash(self.0)
    }

    /// The index in the table.
    pub fn index(self) -> u32 {
        self.0
    }

    /// The atom with this index, if there is one.
    pub fn from_index(index: u32) -> Option<Atom> {
        ((index as usize) < atom_count()).then_some(Atom(index))
    }
}

impl std::fmt::Debug for Atom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}'", self.name())
    }
}
