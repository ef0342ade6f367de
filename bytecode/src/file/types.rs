//! The `Type` chunk: what the compiler knows about the values in registers.

use super::reader::Reader;
use crate::error::{Fault, Reason};

/// A set of kinds of terms. The bits are those of version 4 of the chunk; earlier versions are
/// translated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeUnion(pub u16);

impl TypeUnion {
    /// Atoms.
    pub const ATOM: u16 = 1 << 0;
    /// Bitstrings; from OTP 27 on also match contexts.
    pub const BITSTRING: u16 = 1 << 1;
    /// List cells.
    pub const CONS: u16 = 1 << 2;
    /// Floats.
    pub const FLOAT: u16 = 1 << 3;
    /// Funs.
    pub const FUN: u16 = 1 << 4;
    /// Integers.
    pub const INTEGER: u16 = 1 << 5;
    /// Maps.
    pub const MAP: u16 = 1 << 6;
    /// The empty list.
    pub const NIL: u16 = 1 << 7;
    /// Process identifiers.
    pub const PID: u16 = 1 << 8;
    /// Ports.
    pub const PORT: u16 = 1 << 9;
    /// References.
    pub const REFERENCE: u16 = 1 << 10;
    /// Tuples.
    pub const TUPLE: u16 = 1 << 11;
    /// Native records.
    pub const RECORD: u16 = 1 << 12;
    /// Match contexts, where OTP 25 and 26 tell them from bitstrings.
    pub const MATCH_CONTEXT: u16 = 1 << 13;
    /// Anything at all.
    pub const ANY: TypeUnion = TypeUnion((1 << 14) - 1);

    /// True if every value is of one of these kinds.
    pub const fn within(self, kinds: u16) -> bool {
        self.0 & !kinds == 0
    }
}

/// One type: kinds, and what is known of the integers and bitstrings among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TypeEntry {
    /// Which kinds of terms.
    pub union: TypeUnion,
    /// Integers are at least this.
    pub min: Option<i64>,
    /// Integers are at most this.
    pub max: Option<i64>,
    /// The size in bits of a bitstring divides by this.
    pub unit: Option<u16>,
}

impl TypeEntry {
    /// Nothing is known.
    pub const ANY: TypeEntry = TypeEntry {
        union: TypeUnion::ANY,
        min: None,
        max: None,
        unit: None,
    };
}

/// Bit layout of one version of the chunk.
struct Layout {
    /// Bits that name kinds.
    kinds: u16,
    /// True if bit 2 is the match context and the rest is one place higher.
    contexts: bool,
    /// Flag bit for a lower bound; the upper bound and the unit follow it.
    lower: u16,
}

/// Entries of the chunk, in a form common to all versions. A version from the future yields no
/// entries and the answer `false`: register types are advice, and none is available.
pub(super) fn types(data: &[u8]) -> Result<(Vec<TypeEntry>, bool), Fault> {
    let mut reader = Reader::new(Some(*b"Type"), data);
    let version = reader.u32()?;
    if version == 1 {
        return oldest(&mut reader).map(|types| (types, true));
    }
    let layout = match version {
        2 => Layout {
            kinds: 0x1fff,
            contexts: true,
            lower: 1 << 13,
        },
        3 => Layout {
            kinds: 0x0fff,
            contexts: false,
            lower: 1 << 12,
        },
        4 => Layout {
            kinds: 0x1fff,
            contexts: false,
            lower: 1 << 13,
        },
        _ => return Ok((Vec::new(), false)),
    };
    let count = reader.count("number of types", 2)?;
    let one = |_| {
        let bits = reader.u16()?;
        let union = layout.union(bits);
        let min = if bits & layout.lower != 0 {
            Some(reader.i64()?)
        } else {
            None
        };
        let max = if bits & layout.lower << 1 != 0 {
            Some(reader.i64()?)
        } else {
            None
        };
        let unit = if bits & layout.lower << 2 != 0 {
            Some(u16::from(reader.u8()?) + 1)
        } else {
            None
        };
        Ok(TypeEntry {
            union,
            min,
            max,
            unit,
        })
    };
    let types = (0..count).map(one).collect::<Result<Vec<_>, Fault>>()?;
    first_is_any(&reader, types).map(|types| (types, true))
}

/// Version 1 (OTP 25): entries of one size; a minimum above the maximum means no bounds.
fn oldest(reader: &mut Reader<'_>) -> Result<Vec<TypeEntry>, Fault> {
    let layout = Layout {
        kinds: 0x1fff,
        contexts: true,
        lower: 0,
    };
    let count = reader.count("number of types", 18)?;
    let one = |_| {
        let union = layout.union(reader.u16()?);
        let (min, max) = (reader.i64()?, reader.i64()?);
        let bounded = min <= max;
        Ok(TypeEntry {
            union,
            min: bounded.then_some(min),
            max: bounded.then_some(max),
            unit: None,
        })
    };
    let types = (0..count).map(one).collect::<Result<Vec<_>, Fault>>()?;
    first_is_any(reader, types)
}

fn first_is_any(reader: &Reader<'_>, types: Vec<TypeEntry>) -> Result<Vec<TypeEntry>, Fault> {
    match types.first() {
        Some(&TypeEntry::ANY) => Ok(types),
        _ => Err(reader.fault_at(8, Reason::Malformed("the first type is not `any`"))),
    }
}

impl Layout {
    fn union(&self, bits: u16) -> TypeUnion {
        let kinds = bits & self.kinds;
        if kinds == self.kinds {
            TypeUnion::ANY
        } else if self.contexts {
            let context = if kinds & 4 != 0 {
                TypeUnion::MATCH_CONTEXT
            } else {
                0
            };
            TypeUnion(kinds & 3 | (kinds & !7) >> 1 | context)
        } else {
            TypeUnion(kinds)
        }
    }
}
