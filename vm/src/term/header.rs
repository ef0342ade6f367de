//! Headers: the first word of every boxed object.
//!
//! ```text
//!  63                             7 6       2 1 0
//!  [ size in words after the header | kind    |1 1]
//! ```
//! After a collection moved a box, its old header word holds the new boxed term: a header's lowest
//! bits are 11 and a boxed term's are 10, so the two are told apart. A moved cons cell has
//! `Term::NONE` in its head and the new cons term in its tail.

/// A header word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub struct Header(u64);

/// What a box is. Words after the header:
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    /// `size` elements.
    Tuple = 8,
    /// One word: IEEE 754 bits.
    Float = 9,
    /// Limbs, least significant first, highest not zero; a value outside the small range.
    BigPositive = 10,
    BigNegative = 11,
    /// Local fun: address of its `code::FunEntry` (never freed), creator pid, free variables.
    Fun = 12,
    /// External fun `fun M:F/A`: address of its `code::Export` (never freed).
    Export = 13,
    /// Flat map: tuple of keys in term order, then the values in the same order.
    FlatMap = 14,
    /// Hash map, root: number of pairs as a small integer, then as `HashNode`.
    HashRoot = 15,
    /// Hash map, inner node: bitmap as a small integer, then one child per set bit: a cons
    /// `[Key|Value]`, a `HashNode`, or a `HashCollision`.
    HashNode = 16,
    /// Local reference: two words of number (raw).
    Ref = 18,
    /// Reference that owns an off-heap object: two words of number, address of the object, next
    /// in the off-heap list (all raw).
    MagicRef = 19,
    /// Identifiers of other nodes: address of the node entry (never freed), then raw numbers.
    ExternalPid = 20,
    ExternalPort = 21,
    ExternalRef = 22,
    /// Small binary: byte size (raw), bytes padded with zeros to a word.
    HeapBinary = 23,
    /// Handle of an off-heap buffer: address of the `heap::BinaryBuffer`, byte size, next in the
    /// off-heap list (all raw). The binary is the first `byte size` bytes.
    RefcBinary = 24,
    /// Part of a binary: the `HeapBinary` or `RefcBinary` (term), bit offset, bit size (both as small integers).
    SubBinary = 25,
    /// Match context: the `HeapBinary` or `RefcBinary`, position, end (bits, small integers), start.
    MatchContext = 26,
    /// Native record (OTP 29): definition (term), then the fields.
    Record = 27,
    /// Filler: `size` raw words of no meaning.
    Filler = 28,
}

const SIZE_SHIFT: u32 = 7;
const KIND_SHIFT: u32 = 2;

impl Header {
    #[inline]
    pub const fn new(kind: Kind, words: usize) -> Header {
        Header(((words as u64) << SIZE_SHIFT) | ((kind as u64) << KIND_SHIFT) | 3)
    }

    #[inline]
    pub(crate) const fn raw(bits: u64) -> Header {
        Header(bits)
    }

    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Words after the header.
    #[inline]
    pub const fn size(self) -> usize {
        (self.0 >> SIZE_SHIFT) as usize
    }

    /// Whether the word is a header at all (and not a term or a forwarding address).
    #[inline]
    pub const fn is_header(bits: u64) -> bool {
        bits & 3 == 3 && (bits >> KIND_SHIFT) & 31 >= Kind::Tuple as u64
    }

    pub fn kind(self) -> Kind {
        let k = ((self.0 >> KIND_SHIFT) & 31) as u8;
        match k {
            8 => Kind::Tuple,
            9 => Kind::Float,
            10 => Kind::BigPositive,
            11 => Kind::BigNegative,
            12 => Kind::Fun,
            13 => Kind::Export,
            14 => Kind::FlatMap,
            15 => Kind::HashRoot,
            16 => Kind::HashNode,
            18 => Kind::Ref,
            19 => Kind::MagicRef,
            20 => Kind::ExternalPid,
            21 => Kind::ExternalPort,
            22 => Kind::ExternalRef,
            23 => Kind::HeapBinary,
            24 => Kind::RefcBinary,
            25 => Kind::SubBinary,
            26 => Kind::MatchContext,
            27 => Kind::Record,
            28 => Kind::Filler,
            _ => crate::bug!("header {:#x}", self.0),
        }
    }

    #[inline]
    pub const fn is(self, kind: Kind) -> bool {
        (self.0 >> KIND_SHIFT) & 31 == kind as u64
    }

    /// Whether the kind is `first`, `last` or of a number between them.
    #[inline]
    pub const fn is_between(self, first: Kind, last: Kind) -> bool {
        ((self.0 >> KIND_SHIFT) & 31).wrapping_sub(first as u64) <= last as u64 - first as u64
    }

    /// How many words from the first after the header hold terms (or raw words that read as small
    /// integers); the words behind those are raw.
    pub fn term_words(self) -> usize {
        match self.kind() {
            Kind::Tuple
            | Kind::Fun
            | Kind::Export
            | Kind::FlatMap
            | Kind::HashRoot
            | Kind::HashNode
            | Kind::SubBinary
            | Kind::MatchContext
            | Kind::Record => self.size(),
            _ => 0,
        }
    }

    /// Whether the box is a link of an off-heap list; the link is then its last word.
    pub fn is_off_heap(self) -> bool {
        self.is(Kind::RefcBinary) || self.is(Kind::MagicRef)
    }
}
