//! Read-only views of terms. They hold addresses: none outlives the native call it was made in
//! (nothing moves under native code, see `docs/invariants.md`).

use super::header::Kind;
use super::repr::Term;
use crate::atom::Atom;

/// A term, told apart.
#[derive(Clone, Copy)]
pub enum View {
    Small(i64),
    Big(BigRef),
    Float(f64),
    Atom(Atom),
    Nil,
    Cons(Cons),
    Tuple(Tuple),
    Map(MapView),
    /// Local or external fun.
    Fun(Fun),
    /// Any binary or bitstring.
    Bits(Bits),
    LocalPid,
    LocalPort,
    /// Local reference, plain or magic.
    Ref,
    ExternalPid,
    ExternalPort,
    ExternalRef,
    Record,
    MatchContext,
    /// `Term::NONE`, a catch marker, or an inner map node.
    Internal,
}

/// A cons cell.
#[derive(Clone, Copy)]
pub struct Cons(Term);

impl Cons {
    #[inline]
    pub fn head(self) -> Term {
        self.0.slot(0)
    }
    #[inline]
    pub fn tail(self) -> Term {
        self.0.slot(1)
    }
}

/// A tuple.
#[derive(Clone, Copy)]
pub struct Tuple(Term);

impl Tuple {
    #[inline]
    pub fn arity(self) -> usize {
        self.0.header().size()
    }
    /// Element by zero-based index; the caller knows it exists.
    #[inline]
    pub fn at(self, index: usize) -> Term {
        assert!(index < self.arity());
        self.0.slot(index + 1)
    }
    #[inline]
    pub fn get(self, index: usize) -> Option<Term> {
        (index < self.arity()).then(|| self.0.slot(index + 1))
    }
    #[inline]
    pub fn as_slice(&self) -> &[Term] {
        // SAFETY: T1, the elements follow the header; T2, they don't change.
        unsafe { std::slice::from_raw_parts(self.0.address().add(1).cast::<Term>(), self.arity()) }
    }
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Term> + '_ {
        self.as_slice().iter().copied()
    }
    #[inline]
    pub fn term(self) -> Term {
        self.0
    }
}

/// A bignum: sign and limbs.
#[derive(Clone, Copy)]
pub struct BigRef(Term);

impl BigRef {
    pub fn is_negative(self) -> bool {
        self.0.header().is(Kind::BigNegative)
    }
    /// Limbs of the magnitude, least significant first.
    pub fn limbs(&self) -> &[u64] {
        // SAFETY: T1, T2.
        unsafe { std::slice::from_raw_parts(self.0.address().add(1), self.0.header().size()) }
    }
}

/// A fun: local (with an environment) or external.
#[derive(Clone, Copy)]
pub struct Fun(Term);

impl Fun {
    #[inline]
    pub fn is_external(self) -> bool {
        self.0.header().is(Kind::Export)
    }
    /// Address of the `FunEntry` or `Export`.
    #[inline]
    pub(crate) fn entry_address(self) -> u64 {
        self.0.word(1)
    }
    /// The process that made a local fun.
    pub fn creator(self) -> Term {
        if self.is_external() { Term::NONE } else { self.0.slot(2) }
    }
    /// Free variables of a local fun.
    pub fn environment(&self) -> &[Term] {
        if self.is_external() {
            return &[];
        }
        let n = self.0.header().size() - 2;
        // SAFETY: T1, T2.
        unsafe { std::slice::from_raw_parts(self.0.address().add(3).cast::<Term>(), n) }
    }
}

/// A map, flat or hashed. What can be done with it is in `term::map`.
#[derive(Clone, Copy)]
pub struct MapView(Term);

impl MapView {
    pub fn is_flat(self) -> bool {
        self.0.header().is(Kind::FlatMap)
    }
    /// Number of pairs.
    pub fn size(self) -> usize {
        if self.is_flat() { self.0.header().size() - 1 } else { self.0.slot(1).small_value() as usize }
    }
    #[inline]
    pub fn term(self) -> Term {
        self.0
    }
    /// Keys of a flat map, in term order.
    pub fn flat_keys(&self) -> &[Term] {
        debug_assert!(self.is_flat());
        let keys = self.0.slot(1);
        // SAFETY: T1, T2: word 1 of a flat map is a tuple of `size` keys.
        unsafe { std::slice::from_raw_parts(keys.address().add(1).cast::<Term>(), self.size()) }
    }
    /// The tuple of keys of a flat map.
    pub fn flat_keys_tuple(self) -> Option<Term> {
        self.is_flat().then(|| self.0.slot(1))
    }
    /// Values of a flat map, in the order of its keys.
    pub fn flat_values(&self) -> &[Term] {
        debug_assert!(self.is_flat());
        // SAFETY: T1, T2.
        unsafe { std::slice::from_raw_parts(self.0.address().add(2).cast::<Term>(), self.size()) }
    }
}

/// Bits of a binary, bitstring or match context: where they are and how many.
#[derive(Clone, Copy)]
pub struct Bits {
    /// The `HeapBinary` or `RefcBinary` that holds them.
    pub base: Term,
    start: *const u8,
    /// Offset from the base's first bit.
    pub bit_offset: usize,
    pub bit_size: usize,
}

impl Bits {
    pub(crate) fn of_base(base: Term, bit_offset: usize, bit_size: usize) -> Bits {
        Bits { base, start: base_bytes(base), bit_offset, bit_size }
    }
    /// Whole bytes, rounded down.
    pub fn byte_size(&self) -> usize {
        self.bit_size / 8
    }
    pub fn is_binary(&self) -> bool {
        self.bit_size % 8 == 0
    }
    /// Bytes of the buffer or heap binary that holds the bits.
    pub fn referenced_bytes(&self) -> usize {
        if self.base.header().is(Kind::HeapBinary) {
            return self.base.word(1) as usize;
        }
        // SAFETY: T1, word 1 of a handle is its buffer, which the handle keeps alive.
        unsafe { (*(self.base.word(1) as *const crate::heap::BinaryBuffer)).capacity() }
    }
    /// Bytes in use and bytes there are room for, of a buffer that isn't on the heap.
    pub fn buffer(&self) -> Option<(usize, usize)> {
        if !self.base.header().is(Kind::RefcBinary) {
            return None;
        }
        // SAFETY: T1, word 1 of a handle is its buffer, which the handle keeps alive.
        let buffer = unsafe { &*(self.base.word(1) as *const crate::heap::BinaryBuffer) };
        Some((buffer.used_bits().div_ceil(8), buffer.capacity()))
    }
    /// The bits behind the last whole byte: in the high bits of a byte, the others zero, and how many.
    pub fn last_bits(&self) -> (u8, usize) {
        let count = self.bit_size % 8;
        if count == 0 {
            return (0, 0);
        }
        let (touched, at, skew) = (self.touched_bytes(), self.byte_size(), self.bit_skew());
        let next = touched.get(at + 1).copied().unwrap_or(0);
        let byte = ((u16::from(touched[at]) << 8 | u16::from(next)) << skew >> 8) as u8;
        (byte & !(0xff >> count), count)
    }
    /// First byte touched.
    pub(crate) fn first_byte(&self) -> *const u8 {
        // SAFETY: the offset is within the base (T1).
        unsafe { self.start.add(self.bit_offset / 8) }
    }
    /// Bits of the first byte that come before the first bit.
    pub fn bit_skew(&self) -> usize {
        self.bit_offset % 8
    }
    /// The bytes touched, from the one that holds the first bit to the one that holds the last.
    pub fn touched_bytes(&self) -> &[u8] {
        let n = (self.bit_skew() + self.bit_size).div_ceil(8);
        // SAFETY: T1; the bytes within a binary's size never change (H3).
        unsafe { std::slice::from_raw_parts(self.first_byte(), n) }
    }
    /// The bytes, if they start on a byte boundary and are whole.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        (self.bit_skew() == 0 && self.is_binary()).then(|| self.touched_bytes())
    }
    /// The whole bytes, borrowed where they are aligned and shifted into a new vector where not.
    /// A last part of fewer than 8 bits is left out.
    pub fn to_bytes(&self) -> std::borrow::Cow<'_, [u8]> {
        let n = self.byte_size();
        let skew = self.bit_skew();
        let touched = self.touched_bytes();
        if skew == 0 {
            return std::borrow::Cow::Borrowed(&touched[..n]);
        }
        (0..n).map(|i| (touched[i] << skew) | (touched[i + 1] >> (8 - skew))).collect::<Vec<u8>>().into()
    }
}

/// First byte of a `HeapBinary` or `RefcBinary`.
#[inline(always)]
pub(crate) fn base_bytes(base: Term) -> *const u8 {
    if base.header().is(Kind::HeapBinary) {
        // SAFETY: T1, the bytes follow the size word.
        unsafe { base.address().add(2).cast::<u8>() }
    } else {
        debug_assert!(base.header().is(Kind::RefcBinary));
        // SAFETY: T1, word 1 of a handle is its buffer, which the handle keeps alive.
        unsafe { crate::heap::BinaryBuffer::bytes_of(base.word(1) as *const crate::heap::BinaryBuffer) }
    }
}

impl Term {
    /// Tells the term apart.
    pub fn view(self) -> View {
        if let Some(n) = self.as_small() {
            return View::Small(n);
        }
        if self.is_cons() {
            return View::Cons(Cons(self));
        }
        if !self.is_boxed() {
            return if let Some(a) = self.as_atom() {
                View::Atom(a)
            } else if self.is_nil() {
                View::Nil
            } else if self.is_local_pid() {
                View::LocalPid
            } else if self.is_local_port() {
                View::LocalPort
            } else {
                View::Internal
            };
        }
        match self.header().kind() {
            Kind::Tuple => View::Tuple(Tuple(self)),
            Kind::Float => View::Float(f64::from_bits(self.word(1))),
            Kind::BigPositive | Kind::BigNegative => View::Big(BigRef(self)),
            Kind::Fun | Kind::Export => View::Fun(Fun(self)),
            Kind::FlatMap | Kind::HashRoot => View::Map(MapView(self)),
            Kind::Ref | Kind::MagicRef => View::Ref,
            Kind::ExternalPid => View::ExternalPid,
            Kind::ExternalPort => View::ExternalPort,
            Kind::ExternalRef => View::ExternalRef,
            Kind::HeapBinary | Kind::RefcBinary | Kind::SubBinary => View::Bits(self.bits_view()),
            Kind::MatchContext => View::MatchContext,
            Kind::Record => View::Record,
            Kind::HashNode | Kind::Filler => View::Internal,
        }
    }

    fn bits_view(self) -> Bits {
        match self.header().kind() {
            Kind::HeapBinary => Bits::of_base(self, 0, self.word(1) as usize * 8),
            Kind::RefcBinary => Bits::of_base(self, 0, self.word(2) as usize * 8),
            _ => Bits::of_base(
                self.slot(1),
                self.slot(2).small_value() as usize,
                self.slot(3).small_value() as usize,
            ),
        }
    }

    /// What box a term is, if it is one.
    pub fn kind(self) -> Option<Kind> {
        self.is_boxed().then(|| self.header().kind())
    }

    #[inline]
    fn has_kind(self, kind: Kind) -> bool {
        self.is_boxed() && self.header().is(kind)
    }

    #[inline]
    pub fn as_cons(self) -> Option<Cons> {
        self.is_cons().then_some(Cons(self))
    }
    #[inline]
    pub fn as_tuple(self) -> Option<Tuple> {
        self.has_kind(Kind::Tuple).then_some(Tuple(self))
    }
    /// The elements of a tuple of exactly `N`.
    #[inline]
    pub fn as_tuple_of<const N: usize>(self) -> Option<[Term; N]> {
        let t = self.as_tuple()?;
        t.as_slice().try_into().ok()
    }
    #[inline]
    pub fn as_float(self) -> Option<f64> {
        self.has_kind(Kind::Float).then(|| f64::from_bits(self.word(1)))
    }
    pub fn as_big(self) -> Option<BigRef> {
        match self.is_boxed().then(|| self.header().kind()) {
            Some(Kind::BigPositive | Kind::BigNegative) => Some(BigRef(self)),
            _ => None,
        }
    }
    #[inline]
    pub fn as_fun(self) -> Option<Fun> {
        (self.has_kind(Kind::Fun) || self.has_kind(Kind::Export)).then_some(Fun(self))
    }
    pub fn as_map(self) -> Option<MapView> {
        match self.is_boxed().then(|| self.header().kind()) {
            Some(Kind::FlatMap | Kind::HashRoot) => Some(MapView(self)),
            _ => None,
        }
    }
    /// A binary or bitstring.
    pub fn as_bits(self) -> Option<Bits> {
        match self.is_boxed().then(|| self.header().kind()) {
            Some(Kind::HeapBinary | Kind::RefcBinary | Kind::SubBinary) => Some(self.bits_view()),
            _ => None,
        }
    }
    /// A binary: a bitstring of whole bytes.
    pub fn as_binary(self) -> Option<Bits> {
        self.as_bits().filter(Bits::is_binary)
    }
    pub fn is_integer(self) -> bool {
        self.is_small() || self.as_big().is_some()
    }
    pub fn is_number(self) -> bool {
        self.is_integer() || self.has_kind(Kind::Float)
    }
    pub fn is_pid(self) -> bool {
        self.is_local_pid() || self.has_kind(Kind::ExternalPid)
    }
    pub fn is_port(self) -> bool {
        self.is_local_port() || self.has_kind(Kind::ExternalPort)
    }
    #[inline]
    pub fn is_local_ref(self) -> bool {
        self.has_kind(Kind::Ref) || self.has_kind(Kind::MagicRef)
    }
    pub fn is_ref(self) -> bool {
        self.is_local_ref() || self.has_kind(Kind::ExternalRef)
    }
    /// The two number words of a local reference.
    pub fn as_local_ref(self) -> Option<[u64; 2]> {
        self.is_local_ref().then(|| [self.word(1), self.word(2)])
    }
    /// An integer that fits in 64 bits with sign.
    pub fn as_i64(self) -> Option<i64> {
        if let Some(n) = self.as_small() {
            return Some(n);
        }
        let big = self.as_big()?;
        match (big.limbs(), big.is_negative()) {
            ([limb], false) => i64::try_from(*limb).ok(),
            ([limb], true) if *limb <= 1 << 63 => Some((*limb as i64).wrapping_neg()),
            _ => None,
        }
    }
    /// An integer that fits in 64 bits without sign.
    #[inline]
    pub fn as_u64(self) -> Option<u64> {
        match self.as_small() {
            Some(n) => u64::try_from(n).ok(),
            None => self.big_as_u64(),
        }
    }
    #[inline(never)]
    fn big_as_u64(self) -> Option<u64> {
        let big = self.as_big()?;
        match (big.limbs(), big.is_negative()) {
            ([limb], false) => Some(*limb),
            _ => None,
        }
    }
    /// A non-negative integer that fits in a `usize`.
    #[inline]
    pub fn as_usize(self) -> Option<usize> {
        self.as_u64().and_then(|n| usize::try_from(n).ok())
    }
    /// Iterates over a list; `ListIter::rest` tells what stood at its end.
    #[inline]
    pub fn list(self) -> ListIter {
        ListIter { rest: self }
    }
    /// The elements of a proper list.
    pub fn proper_list(self) -> Option<Vec<Term>> {
        let mut it = self.list();
        let v: Vec<Term> = it.by_ref().collect();
        it.rest().is_nil().then_some(v)
    }
}

/// Iterator over the elements of a list, proper or not.
pub struct ListIter {
    rest: Term,
}

impl ListIter {
    /// What is left: after the last element, `[]` for a proper list.
    #[inline]
    pub fn rest(&self) -> Term {
        self.rest
    }
}

impl Iterator for ListIter {
    type Item = Term;
    #[inline]
    fn next(&mut self) -> Option<Term> {
        let cell = self.rest.as_cons()?;
        self.rest = cell.tail();
        Some(cell.head())
    }
}
