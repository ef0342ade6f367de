//! The context of a call, and terms.

use std::marker::PhantomData;

use glulam_abi as abi;

use crate::glue::{slice, table, terms};
use crate::{FromTerm, IntoTerm, State};

/// A call of a native, or a message that is being built: where terms live. Nothing of it outlives the
/// call, and it stays on its thread.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub(crate) call: *mut abi::Call,
    life: PhantomData<*mut &'a ()>,
}

/// A term of a call.
#[derive(Clone, Copy)]
pub struct Term<'a> {
    pub(crate) raw: abi::Term,
    pub(crate) cx: Cx<'a>,
}

/// What sort of term it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Atom,
    Bitstring,
    Float,
    Fun,
    Integer,
    List,
    Map,
    Pid,
    Port,
    Reference,
    Tuple,
}

impl<'a> Cx<'a> {
    #[inline]
    pub(crate) fn new(call: *mut abi::Call) -> Cx<'a> {
        Cx { call, life: PhantomData }
    }

    #[inline]
    pub(crate) fn term(self, raw: abi::Term) -> Term<'a> {
        Term { raw, cx: self }
    }

    /// Any value as a term.
    pub fn make(self, value: impl IntoTerm) -> Term<'a> {
        value.into_term(self)
    }

    /// A list of terms.
    pub fn list(self, elements: &[Term<'a>]) -> Term<'a> {
        let elements: Vec<abi::Term> = elements.iter().map(|e| e.raw).collect();
        // SAFETY: P1: the call is under way, the elements are its terms.
        self.term(unsafe { (table().make_list)(self.call, terms(&elements), abi::Term::NONE) })
    }

    /// A tuple of terms.
    pub fn tuple(self, elements: &[Term<'a>]) -> Term<'a> {
        let elements: Vec<abi::Term> = elements.iter().map(|e| e.raw).collect();
        // SAFETY: P1.
        self.term(unsafe { (table().make_tuple)(self.call, terms(&elements)) })
    }

    /// A map of pairs of terms; of a key that is there twice the last value counts.
    pub fn map(self, pairs: &[(Term<'a>, Term<'a>)]) -> Term<'a> {
        let mut pairs: Vec<(Term<'a>, Term<'a>)> = pairs.to_vec();
        pairs.reverse();
        pairs.sort_by(|a, b| a.0.compare(b.0));
        pairs.dedup_by(|a, b| a.0.compare(b.0).is_eq());
        let (keys, values): (Vec<abi::Term>, Vec<abi::Term>) = pairs.iter().map(|(k, v)| (k.raw, v.raw)).unzip();
        // SAFETY: P1.
        self.term(unsafe { (table().make_map)(self.call, terms(&keys), terms(&values)) })
    }

    /// A new reference.
    pub fn reference(self) -> Term<'a> {
        // SAFETY: P1.
        self.term(unsafe { (table().make_reference)(self.call) })
    }

    /// A binary of `size` bytes that `fill` writes: no byte is copied. `None`: there is no memory.
    pub fn binary(self, size: usize, fill: impl FnOnce(&mut [u8])) -> Option<Term<'a>> {
        let mut at = std::ptr::null_mut();
        // SAFETY: P1.
        let raw = unsafe { (table().make_buffer)(self.call, size, &mut at) };
        if raw == abi::Term::NONE {
            return None;
        }
        if size > 0 {
            // SAFETY: P1: fresh bytes that nobody else has yet.
            fill(unsafe { std::slice::from_raw_parts_mut(at, size) });
        }
        Some(self.term(raw))
    }

    /// The process that calls; `None` while a message is built.
    pub fn caller(self) -> Option<crate::Pid> {
        // SAFETY: P1.
        let raw = unsafe { (table().self_pid)(self.call) };
        if raw == abi::Term::NONE { None } else { crate::Pid::from_term(self.term(raw)).ok() }
    }

    /// The plugin's state.
    ///
    /// # Panics
    /// If it is of another type than the one that `plugin!` names.
    pub fn state<S: State>(self) -> &'a S {
        crate::glue::state::<S>()
    }

    /// Whether a step should end here: its time slice is used up.
    pub fn is_spent(self) -> bool {
        // SAFETY: P1.
        unsafe { (table().budget)(self.call) == 0 }
    }

    /// Charges reductions: some 4 are a microsecond of work.
    pub fn charge(self, reductions: u32) {
        // SAFETY: P1.
        unsafe { (table().charge)(self.call, reductions) };
    }
}

impl<'a> Term<'a> {
    /// The value of a type, if it is one.
    pub fn get<T: FromTerm<'a>>(self) -> Result<T, crate::Error> {
        T::from_term(self)
    }

    pub fn kind(self) -> Option<Kind> {
        // SAFETY: P1.
        Some(match unsafe { (table().kind)(self.cx.call, self.raw) } {
            abi::kind::ATOM => Kind::Atom,
            abi::kind::BITSTRING => Kind::Bitstring,
            abi::kind::FLOAT => Kind::Float,
            abi::kind::FUN => Kind::Fun,
            abi::kind::INTEGER => Kind::Integer,
            abi::kind::LIST => Kind::List,
            abi::kind::MAP => Kind::Map,
            abi::kind::PID => Kind::Pid,
            abi::kind::PORT => Kind::Port,
            abi::kind::REFERENCE => Kind::Reference,
            abi::kind::TUPLE => Kind::Tuple,
            _ => return None,
        })
    }

    /// The order of Erlang's terms.
    pub fn compare(self, other: Term<'_>) -> std::cmp::Ordering {
        // SAFETY: P1: both are terms of calls under way.
        unsafe { (table().compare)(self.raw, other.raw) }.cmp(&0)
    }

    /// The elements of a proper list.
    pub fn list(self) -> Option<Vec<Term<'a>>> {
        let mut found = abi::Terms::EMPTY;
        // SAFETY: P1.
        let is = unsafe { (table().get_list)(self.cx.call, self.raw, &mut found) };
        (is == 1).then(|| self.all(found))
    }

    /// The elements of a tuple.
    pub fn tuple(self) -> Option<Vec<Term<'a>>> {
        let mut found = abi::Terms::EMPTY;
        // SAFETY: P1.
        let is = unsafe { (table().get_tuple)(self.cx.call, self.raw, &mut found) };
        (is == 1).then(|| self.all(found))
    }

    /// The pairs of a map.
    pub fn pairs(self) -> Option<Vec<(Term<'a>, Term<'a>)>> {
        let (mut keys, mut values) = (abi::Terms::EMPTY, abi::Terms::EMPTY);
        // SAFETY: P1.
        let is = unsafe { (table().get_map)(self.cx.call, self.raw, &mut keys, &mut values) };
        (is == 1).then(|| self.all(keys).into_iter().zip(self.all(values)).collect())
    }

    /// The value of a key in a map.
    pub fn value_of(self, key: impl IntoTerm) -> Option<Term<'a>> {
        let (key, mut value) = (self.cx.make(key), abi::Term::NONE);
        // SAFETY: P1.
        let found = unsafe { (table().map_get)(self.cx.call, self.raw, key.raw, &mut value) };
        (found == 1).then(|| self.cx.term(value))
    }

    /// The bytes of a binary, where they lie.
    pub fn bytes(self) -> Option<&'a [u8]> {
        let mut found = abi::Bytes::EMPTY;
        // SAFETY: P1: the bytes live as long as the call.
        unsafe { ((table().get_bytes)(self.cx.call, self.raw, &mut found) == 1).then(|| slice(found)) }
    }

    /// The bytes of any iodata.
    pub fn iodata(self) -> Option<&'a [u8]> {
        let mut found = abi::Bytes::EMPTY;
        // SAFETY: P1.
        unsafe { ((table().get_iodata)(self.cx.call, self.raw, &mut found) == 1).then(|| slice(found)) }
    }

    /// The name of an atom.
    pub fn atom(self) -> Option<&'static str> {
        let mut found = abi::Bytes::EMPTY;
        // SAFETY: P1: names live for ever and are UTF-8.
        let name = unsafe { ((table().get_atom)(self.cx.call, self.raw, &mut found) == 1).then(|| slice(found)) }?;
        std::str::from_utf8(name).ok()
    }

    /// A part of a binary, sharing its bytes.
    pub fn part(self, start: usize, size: usize) -> Option<Term<'a>> {
        // SAFETY: P1.
        let raw = unsafe { (table().make_part)(self.cx.call, self.raw, start, size) };
        (raw != abi::Term::NONE).then(|| self.cx.term(raw))
    }

    fn all(self, found: abi::Terms) -> Vec<Term<'a>> {
        // SAFETY: P1: so many are there, as long as the call.
        let raw = unsafe { crate::glue::array(found.data, found.count) };
        raw.iter().map(|&raw| self.cx.term(raw)).collect()
    }
}
