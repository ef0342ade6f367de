//! Operands and instructions as they stand in a file.

use super::Op;

/// An index into a module's atom table. 0 never occurs: it stands for `[]` and becomes
/// [`Operand::Nil`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AtomIx(pub u32);

/// An integer that does not fit 64 bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BigInt {
    /// True for numbers below zero.
    pub negative: bool,
    /// Magnitude, least significant byte first, without leading zeros.
    pub magnitude: Box<[u8]>,
}

/// A request for heap by kinds of use.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct AllocList {
    /// Words for lists, tuples and fun environments.
    pub words: u32,
    /// Boxed floats.
    pub floats: u32,
    /// Fun objects, without their environments.
    pub funs: u32,
}

/// One operand. A type index is kept beside the register it describes.
#[derive(Clone, PartialEq, Debug)]
pub enum Operand {
    /// A plain number: count, index, flags.
    Unsigned(u64),
    /// An integer value.
    Integer(i64),
    /// An integer value beyond 64 bits.
    BigInteger(Box<BigInt>),
    /// An atom value.
    Atom(AtomIx),
    /// The empty list.
    Nil,
    /// An x register, below [`Operand::REGISTERS`].
    X(u16),
    /// A y register, below [`Operand::REGISTERS`].
    Y(u16),
    /// A label; 0 means none.
    Label(u32),
    /// A character (obsolete; no instruction accepts it).
    Char(u32),
    /// A float register, below [`Operand::REGISTERS`].
    FloatReg(u16),
    /// An index into the literal table.
    Literal(u32),
    /// Heap to reserve.
    Alloc(Box<AllocList>),
    /// A list of operands; lists do not nest.
    List(Box<[Operand]>),
    /// An x register and the index of its type.
    TypedX(u16, u32),
    /// A y register and the index of its type.
    TypedY(u16, u32),
}

impl Operand {
    /// How many registers of each sort there are.
    pub const REGISTERS: u16 = 1024;

    /// The x register this operand names, with or without a type.
    pub fn as_x(&self) -> Option<u16> {
        match self {
            Operand::X(n) | Operand::TypedX(n, _) => Some(*n),
            _ => None,
        }
    }

    /// The y register this operand names, with or without a type.
    pub fn as_y(&self) -> Option<u16> {
        match self {
            Operand::Y(n) | Operand::TypedY(n, _) => Some(*n),
            _ => None,
        }
    }

    /// The plain number.
    pub fn as_unsigned(&self) -> Option<u64> {
        match self {
            Operand::Unsigned(n) => Some(*n),
            _ => None,
        }
    }

    /// The label, 0 included.
    pub fn as_label(&self) -> Option<u32> {
        match self {
            Operand::Label(n) => Some(*n),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[Operand]> {
        match self {
            Operand::List(l) => Some(l),
            _ => None,
        }
    }

    /// The heap request, whether plain or a list.
    pub fn as_heap(&self) -> Option<AllocList> {
        match self {
            Operand::Unsigned(n) => Some(AllocList {
                words: u32::try_from(*n).ok()?,
                ..AllocList::default()
            }),
            Operand::Alloc(a) => Some(**a),
            _ => None,
        }
    }
}

/// One instruction. Its operands, [`Op::arity`] of them, stand in the module's operand pool:
/// see `Code::args`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr {
    /// What to do.
    pub op: Op,
    /// Index of the first operand in the pool.
    pub args: u32,
    /// Where the instruction starts, counted from the start of the `Code` chunk.
    pub offset: u32,
}
