//! Any value that serde can write as a term, any term that serde can read as a value.
//!
//! Structures are maps with atoms as keys, variants without contents atoms, others `{variant, Contents}`;
//! `None` and `()` are `undefined`; text is a binary.

use std::fmt;

use ::serde::de::value::{MapDeserializer, SeqDeserializer};
use ::serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use ::serde::ser::{self, Serialize};

use crate::{Cx, Error, FromTerm, IntoTerm, Kind, Term};

/// A value by way of serde.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Serde<T>(pub T);

impl<'a, T: DeserializeOwned> FromTerm<'a> for Serde<T> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        T::deserialize(term).map(Serde).map_err(|_| Error::badarg())
    }
}

/// What serde can't write is `undefined`.
impl<T: Serialize> IntoTerm for Serde<T> {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        self.0.serialize(Writer(cx)).unwrap_or_else(|_| cx.make(crate::atom("undefined")))
    }
}

/// Why serde failed.
#[derive(Debug)]
pub struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl de::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Failed {
        Failed(text.to_string())
    }
}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Failed {
        Failed(text.to_string())
    }
}

impl<'a> IntoDeserializer<'a, Failed> for Term<'a> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

fn wrong<T>(what: &str) -> Result<T, Failed> {
    Err(Failed(format!("a term is no {what}")))
}

impl<'de> de::Deserializer<'de> for Term<'de> {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.kind() {
            Some(Kind::Integer) => {
                if let Ok(n) = self.get::<i64>() {
                    visitor.visit_i64(n)
                } else if let Ok(n) = self.get::<u64>() {
                    visitor.visit_u64(n)
                } else if let Ok(n) = self.get::<i128>() {
                    visitor.visit_i128(n)
                } else {
                    self.get::<u128>().map_or_else(|_| wrong("integer that fits"), |n| visitor.visit_u128(n))
                }
            }
            Some(Kind::Float) => self.get::<f64>().map_or_else(|_| wrong("float"), |f| visitor.visit_f64(f)),
            Some(Kind::Atom) => match self.atom() {
                Some("true") => visitor.visit_bool(true),
                Some("false") => visitor.visit_bool(false),
                Some("undefined" | "nil") => visitor.visit_unit(),
                Some(name) => visitor.visit_borrowed_str(name),
                None => wrong("atom"),
            },
            Some(Kind::Bitstring) => match self.bytes() {
                Some(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => visitor.visit_borrowed_str(text),
                    Err(_) => visitor.visit_borrowed_bytes(bytes),
                },
                None => wrong("binary"),
            },
            Some(Kind::List) => self.deserialize_seq(visitor),
            Some(Kind::Tuple) => self.deserialize_seq(visitor),
            Some(Kind::Map) => self.deserialize_map(visitor),
            _ => wrong("data"),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.get::<f64>().map_or_else(|_| wrong("float"), |f| visitor.visit_f64(f))
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.kind() {
            Some(Kind::List) => self.get::<String>().map_or_else(|_| wrong("text"), |text| visitor.visit_string(text)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.bytes().map_or_else(|| wrong("binary"), |bytes| visitor.visit_borrowed_bytes(bytes))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.atom() {
            Some("undefined" | "nil") => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.list().or_else(|| self.tuple()) {
            Some(elements) => visitor.visit_seq(SeqDeserializer::new(elements.into_iter())),
            None => wrong("list"),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.pairs() {
            Some(pairs) => visitor.visit_map(MapDeserializer::new(pairs.into_iter())),
            None => wrong("map"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        if let Some(name) = self.atom() {
            return visitor.visit_enum(name.into_deserializer());
        }
        match self.tuple().as_deref() {
            Some(&[name, contents]) => {
                let pair = std::iter::once((name, contents));
                visitor.visit_enum(de::value::MapAccessDeserializer::new(MapDeserializer::new(pair)))
            }
            _ => wrong("variant"),
        }
    }

    ::serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str unit unit_struct identifier ignored_any
    }
}

/// Writes a value as a term.
#[derive(Clone, Copy)]
struct Writer<'a>(Cx<'a>);

/// A list, a tuple, a map or the contents of a variant as it grows.
struct Parts<'a> {
    cx: Cx<'a>,
    elements: Vec<Term<'a>>,
    key: Option<Term<'a>>,
    pairs: Vec<(Term<'a>, Term<'a>)>,
    /// A tuple, not a list.
    tuple: bool,
    variant: Option<&'static str>,
}

impl<'a> Parts<'a> {
    fn new(cx: Cx<'a>, tuple: bool, variant: Option<&'static str>) -> Parts<'a> {
        Parts { cx, elements: Vec::new(), key: None, pairs: Vec::new(), tuple, variant }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.elements.push(value.serialize(Writer(self.cx))?);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
        let value = value.serialize(Writer(self.cx))?;
        self.pairs.push((self.cx.make(crate::atom(name)), value));
        Ok(())
    }

    fn sequence(self) -> Term<'a> {
        let all = if self.tuple { self.cx.tuple(&self.elements) } else { self.cx.list(&self.elements) };
        wrapped(self.cx, self.variant, all)
    }

    fn map(self) -> Term<'a> {
        wrapped(self.cx, self.variant, self.cx.map(&self.pairs))
    }
}

fn wrapped<'a>(cx: Cx<'a>, variant: Option<&'static str>, contents: Term<'a>) -> Term<'a> {
    match variant {
        Some(name) => cx.tuple(&[cx.make(crate::atom(name)), contents]),
        None => contents,
    }
}

macro_rules! plain {
    ($($name:ident $type:ty;)*) => {$(
        fn $name(self, value: $type) -> Result<Term<'a>, Failed> {
            Ok(self.0.make(value))
        }
    )*};
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = Term<'a>;
    type Error = Failed;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_str &str;
        serialize_bytes &[u8];
    }

    fn serialize_char(self, value: char) -> Result<Term<'a>, Failed> {
        Ok(self.0.make(String::from(value)))
    }
    fn serialize_none(self) -> Result<Term<'a>, Failed> {
        self.serialize_unit()
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Term<'a>, Failed> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Term<'a>, Failed> {
        Ok(self.0.make(crate::atom("undefined")))
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Term<'a>, Failed> {
        self.serialize_unit()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Term<'a>, Failed> {
        Ok(self.0.make(crate::atom(variant)))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Term<'a>, Failed> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Term<'a>, Failed> {
        Ok(wrapped(self.0, Some(variant), value.serialize(self)?))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, false, None))
    }
    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, true, None))
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, true, None))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, true, Some(variant)))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, false, None))
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, false, None))
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failed> {
        Ok(Parts::new(self.0, false, Some(variant)))
    }
}

macro_rules! sequences {
    ($($trait:ident $add:ident;)*) => {$(
        impl<'a> ser::$trait for Parts<'a> {
            type Ok = Term<'a>;
            type Error = Failed;
            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.push(value)
            }
            fn end(self) -> Result<Term<'a>, Failed> {
                Ok(self.sequence())
            }
        }
    )*};
}

sequences! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! structures {
    ($($trait:ident)*) => {$(
        impl<'a> ser::$trait for Parts<'a> {
            type Ok = Term<'a>;
            type Error = Failed;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
                self.field(name, value)
            }
            fn end(self) -> Result<Term<'a>, Failed> {
                Ok(self.map())
            }
        }
    )*};
}

structures! { SerializeStruct SerializeStructVariant }

impl<'a> ser::SerializeMap for Parts<'a> {
    type Ok = Term<'a>;
    type Error = Failed;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(Writer(self.cx))?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let value = value.serialize(Writer(self.cx))?;
        self.pairs.extend(self.key.take().map(|key| (key, value)));
        Ok(())
    }
    fn end(self) -> Result<Term<'a>, Failed> {
        Ok(self.map())
    }
}
