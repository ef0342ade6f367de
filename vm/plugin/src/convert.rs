//! Values as terms, and terms as values.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use glulam_abi as abi;

use crate::glue::{bytes, slice, table, terms};
use crate::{Cx, Error, Kind, Term};

/// A type that terms convert to; what is no such value is `badarg`.
pub trait FromTerm<'a>: Sized {
    fn from_term(term: Term<'a>) -> Result<Self, Error>;
}

/// A type that converts to terms.
pub trait IntoTerm {
    fn into_term(self, cx: Cx<'_>) -> Term<'_>;
}

impl<'a> FromTerm<'a> for Term<'a> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        Ok(term)
    }
}

/// A term of any call, copied if it is of another.
impl IntoTerm for Term<'_> {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        if std::ptr::eq(self.cx.call, cx.call) {
            return cx.term(self.raw);
        }
        // SAFETY: P1: both calls are under way.
        cx.term(unsafe { (table().copy)(cx.call, self.raw) })
    }
}

macro_rules! integers {
    ($get:ident $make:ident $wide:ty: $($type:ty)*) => {$(
        impl<'a> FromTerm<'a> for $type {
            #[inline]
            fn from_term(term: Term<'a>) -> Result<Self, Error> {
                let mut value: $wide = 0;
                // SAFETY: P1.
                let is = unsafe { (table().$get)(term.cx.call, term.raw, &mut value) };
                <$type>::try_from(value).ok().filter(|_| is == 1).ok_or_else(Error::badarg)
            }
        }
        impl IntoTerm for $type {
            #[inline]
            fn into_term(self, cx: Cx<'_>) -> Term<'_> {
                // SAFETY: P1.
                cx.term(unsafe { (table().$make)(cx.call, self as $wide) })
            }
        }
    )*};
}

integers!(get_i64 make_i64 i64: i8 i16 i32 i64 isize);
integers!(get_u64 make_u64 u64: u8 u16 u32 u64 usize);

macro_rules! long_integers {
    ($($type:ty, $negative:expr, $magnitude:expr;)*) => {$(
        impl<'a> FromTerm<'a> for $type {
            fn from_term(term: Term<'a>) -> Result<Self, Error> {
                let (mut negative, mut found) = (0, abi::Bytes::EMPTY);
                // SAFETY: P1.
                let magnitude = unsafe {
                    let is = (table().get_integer)(term.cx.call, term.raw, &mut negative, &mut found);
                    if is == 1 { slice(found) } else { return Err(Error::badarg()) }
                };
                if magnitude.len() > 16 {
                    return Err(Error::badarg());
                }
                let mut all = [0; 16];
                all[..magnitude.len()].copy_from_slice(magnitude);
                let magnitude = u128::from_le_bytes(all);
                let value = if negative == 0 { Self::try_from(magnitude).ok() } else { Self::below_zero(magnitude) };
                value.ok_or_else(Error::badarg)
            }
        }
        impl IntoTerm for $type {
            fn into_term(self, cx: Cx<'_>) -> Term<'_> {
                let magnitude: u128 = $magnitude(self);
                // SAFETY: P1.
                cx.term(unsafe {
                    (table().make_integer)(cx.call, u32::from($negative(self)), bytes(&magnitude.to_le_bytes()))
                })
            }
        }
    )*};
}

long_integers! {
    i128, |n: i128| n < 0, |n: i128| n.unsigned_abs();
    u128, |_| false, |n: u128| n;
}

trait BelowZero: Sized {
    fn below_zero(magnitude: u128) -> Option<Self>;
}

impl BelowZero for i128 {
    fn below_zero(magnitude: u128) -> Option<i128> {
        (magnitude <= i128::MIN.unsigned_abs()).then(|| (magnitude as i128).wrapping_neg())
    }
}

impl BelowZero for u128 {
    fn below_zero(_: u128) -> Option<u128> {
        None
    }
}

impl<'a> FromTerm<'a> for f64 {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        let mut value = 0.0;
        // SAFETY: P1.
        if unsafe { (table().get_f64)(term.cx.call, term.raw, &mut value) } == 1 {
            return Ok(value);
        }
        // Where a float is meant, Erlang programs write integers, too.
        i64::from_term(term).map(|n| n as f64)
    }
}

/// What is not finite has no term: `undefined`.
impl IntoTerm for f64 {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        // SAFETY: P1.
        let raw = unsafe { (table().make_f64)(cx.call, self) };
        if raw == abi::Term::NONE { cx.make(atom("undefined")) } else { cx.term(raw) }
    }
}

impl<'a> FromTerm<'a> for f32 {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        f64::from_term(term).map(|value| value as f32)
    }
}

impl IntoTerm for f32 {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        f64::from(self).into_term(cx)
    }
}

/// An atom by its name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Atom(pub &'static str);

/// An atom.
pub const fn atom(name: &'static str) -> Atom {
    Atom(name)
}

impl<'a> FromTerm<'a> for Atom {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        term.atom().map(Atom).ok_or_else(Error::badarg)
    }
}

/// A name that can't be an atom's gives `undefined`.
impl IntoTerm for Atom {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        // SAFETY: P1.
        let raw = unsafe { (table().make_atom)(cx.call, bytes(self.0.as_bytes())) };
        if raw == abi::Term::NONE { atom("undefined").into_term(cx) } else { cx.term(raw) }
    }
}

impl<'a> FromTerm<'a> for bool {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        match term.atom() {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            _ => Err(Error::badarg()),
        }
    }
}

impl IntoTerm for bool {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        atom(if self { "true" } else { "false" }).into_term(cx)
    }
}

/// `ok`
impl IntoTerm for () {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        atom("ok").into_term(cx)
    }
}

/// The bytes of a binary, where they lie.
impl<'a> FromTerm<'a> for &'a [u8] {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        term.bytes().ok_or_else(Error::badarg)
    }
}

/// A binary: a copy.
impl IntoTerm for &[u8] {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        // SAFETY: P1.
        cx.term(unsafe { (table().make_bytes)(cx.call, bytes(self)) })
    }
}

/// The text of a binary in UTF-8, where it lies.
impl<'a> FromTerm<'a> for &'a str {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        std::str::from_utf8(term.bytes().ok_or_else(Error::badarg)?).map_err(|_| Error::badarg())
    }
}

impl IntoTerm for &str {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        self.as_bytes().into_term(cx)
    }
}

/// The text of a binary in UTF-8, or of a list of characters.
impl<'a> FromTerm<'a> for String {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        if let Ok(text) = <&str>::from_term(term) {
            return Ok(text.to_owned());
        }
        let characters = term.list().ok_or_else(Error::badarg)?;
        characters.into_iter().map(|c| char::from_u32(c.get()?).ok_or_else(Error::badarg)).collect()
    }
}

/// A binary in UTF-8.
impl IntoTerm for String {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        self.as_str().into_term(cx)
    }
}

/// `undefined` and `nil` are `None`.
impl<'a, T: FromTerm<'a>> FromTerm<'a> for Option<T> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        match term.atom() {
            Some("undefined" | "nil") => Ok(None),
            _ => T::from_term(term).map(Some),
        }
    }
}

impl<T: IntoTerm> IntoTerm for Option<T> {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        match self {
            Some(value) => value.into_term(cx),
            None => atom("undefined").into_term(cx),
        }
    }
}

/// A proper list.
impl<'a, T: FromTerm<'a>> FromTerm<'a> for Vec<T> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        term.list().ok_or_else(Error::badarg)?.into_iter().map(T::from_term).collect()
    }
}

impl<T: IntoTerm> IntoTerm for Vec<T> {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        let elements: Vec<abi::Term> = self.into_iter().map(|e| e.into_term(cx).raw).collect();
        // SAFETY: P1.
        cx.term(unsafe { (table().make_list)(cx.call, terms(&elements), abi::Term::NONE) })
    }
}

macro_rules! maps {
    ($($map:ident $($bound:ident)*;)*) => {$(
        impl<'a, K: FromTerm<'a> $(+ $bound)*, V: FromTerm<'a>> FromTerm<'a> for $map<K, V> {
            fn from_term(term: Term<'a>) -> Result<Self, Error> {
                let pairs = term.pairs().ok_or_else(Error::badarg)?;
                pairs.into_iter().map(|(key, value)| Ok((key.get()?, value.get()?))).collect()
            }
        }
        impl<K: IntoTerm, V: IntoTerm> IntoTerm for $map<K, V> {
            fn into_term(self, cx: Cx<'_>) -> Term<'_> {
                let pairs: Vec<_> = self.into_iter().map(|(k, v)| (k.into_term(cx), v.into_term(cx))).collect();
                cx.map(&pairs)
            }
        }
    )*};
}

maps! {
    HashMap Eq Hash;
    BTreeMap Ord;
}

macro_rules! tuples {
    ($($count:literal: $($name:ident)*;)*) => {$(
        impl<'a, $($name: FromTerm<'a>),*> FromTerm<'a> for ($($name,)*) {
            fn from_term(term: Term<'a>) -> Result<Self, Error> {
                let elements = term.tuple().filter(|t| t.len() == $count).ok_or_else(Error::badarg)?;
                let mut elements = elements.into_iter();
                Ok(($(elements.next().ok_or_else(Error::badarg)?.get::<$name>()?,)*))
            }
        }
        #[allow(non_snake_case, reason = "one name for a type and its value")]
        impl<$($name: IntoTerm),*> IntoTerm for ($($name,)*) {
            fn into_term(self, cx: Cx<'_>) -> Term<'_> {
                let ($($name,)*) = self;
                cx.tuple(&[$($name.into_term(cx)),*])
            }
        }
    )*};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}

/// A process of this node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Pid(pub(crate) u64);

impl<'a> FromTerm<'a> for Pid {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        let mut pid = 0;
        if term.kind() != Some(Kind::Pid) {
            return Err(Error::badarg());
        }
        // SAFETY: P1.
        if unsafe { (table().get_pid)(term.cx.call, term.raw, &mut pid) } == 1 {
            Ok(Pid(pid))
        } else {
            Err(Error::badarg())
        }
    }
}

impl IntoTerm for Pid {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        // SAFETY: P1.
        cx.term(unsafe { (table().make_pid)(cx.call, self.0) })
    }
}
