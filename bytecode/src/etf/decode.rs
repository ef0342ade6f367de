//! Bytes into events.

use std::borrow::Cow;
use std::io::Read;

use super::{VERSION, tag};

/// What is wrong with encoded bytes, or what the sink refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The bytes end too early or make no term.
    Malformed,
    /// The sink would not take something: an atom that doesn't exist, a key that stands twice.
    Refused,
    /// Beyond what the system holds: atoms, or sizes.
    Limit,
}

/// The fixed part of a fun.
pub struct FunHead<'a> {
    pub arity: u8,
    /// MD5 of the module's significant parts.
    pub uniq: [u8; 16],
    pub index: u32,
    pub module: Cow<'a, str>,
    pub old_index: i64,
    pub old_uniq: i64,
    /// Free variables. They come before the fun, after the pid of the process that made it.
    pub free: usize,
}

/// What takes the events. A term that holds others comes after them: `tuple(2)` holds the last two
/// that came, and takes their place.
pub trait Sink {
    fn integer(&mut self, value: i64) -> Result<(), Fault>;
    /// Any integer: sign and magnitude, least significant byte first.
    fn big(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), Fault>;
    /// Finite.
    fn float(&mut self, value: f64) -> Result<(), Fault>;
    fn atom(&mut self, name: &str) -> Result<(), Fault>;
    fn nil(&mut self) -> Result<(), Fault>;
    fn binary(&mut self, bytes: &[u8]) -> Result<(), Fault>;
    /// Of the last byte so many bits count, from 1 to 7; there is one byte at least.
    fn bitstring(&mut self, bytes: &[u8], last_bits: u8) -> Result<(), Fault>;
    /// A list of bytes.
    fn string(&mut self, bytes: &[u8]) -> Result<(), Fault>;
    fn tuple(&mut self, arity: usize) -> Result<(), Fault>;
    /// A list of so many elements; they came, then the tail.
    fn list(&mut self, elements: usize) -> Result<(), Fault>;
    /// A map of so many pairs: key, value, key, value.
    fn map(&mut self, pairs: usize) -> Result<(), Fault>;
    fn pid(&mut self, node: &str, number: u32, serial: u32, creation: u32) -> Result<(), Fault>;
    fn port(&mut self, node: &str, number: u64, creation: u32) -> Result<(), Fault>;
    /// One to five numbers.
    fn reference(&mut self, node: &str, creation: u32, numbers: &[u32]) -> Result<(), Fault>;
    fn export(&mut self, module: &str, function: &str, arity: u8) -> Result<(), Fault>;
    fn fun(&mut self, head: FunHead<'_>) -> Result<(), Fault>;
}

/// A composite that waits for its parts.
enum Open<'a> {
    Tuple(usize),
    List(usize),
    Map(usize),
    Fun(Box<FunHead<'a>>),
}

/// Decodes a term with its version byte, inflating it if it is compressed; gives the bytes used.
pub fn decode_with_version(bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Fault> {
    match bytes {
        [VERSION, tag::COMPRESSED, rest @ ..] => {
            let (plain, used) = inflate(rest)?;
            if decode(&plain, sink)? != plain.len() {
                return Err(Fault::Malformed);
            }
            Ok(used + 2)
        }
        [VERSION, rest @ ..] => Ok(decode(rest, sink)? + 1),
        _ => Err(Fault::Malformed),
    }
}

/// Inflates what follows the tag of a compressed term: the size and the deflated bytes. Gives the
/// plain bytes and how many were used.
pub fn inflate(bytes: &[u8]) -> Result<(Vec<u8>, usize), Fault> {
    let (size, packed) = bytes.split_first_chunk::<4>().ok_or(Fault::Malformed)?;
    let size = u32::from_be_bytes(*size) as usize;
    // The stated size is believed only as far as the data bears it out.
    let mut plain = Vec::with_capacity(size.min(packed.len().saturating_mul(16)));
    let mut decoder = flate2::bufread::ZlibDecoder::new(packed);
    let read = decoder.by_ref().take(size as u64).read_to_end(&mut plain);
    if read.is_err() || plain.len() != size {
        return Err(Fault::Malformed);
    }
    // The end of the deflated data must be there, and nothing before it.
    let mut more = [0];
    match decoder.read(&mut more) {
        Ok(0) => Ok((plain, 4 + decoder.total_in() as usize)),
        _ => Err(Fault::Malformed),
    }
}

/// Decodes one term without its version byte; gives the bytes used.
pub fn decode(bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Fault> {
    decode_with_atoms(bytes, &[], sink)
}

/// The same of bytes that name atoms by their place in a list.
pub fn decode_with_atoms<'a>(bytes: &'a [u8], atoms: &'a [&'a str], sink: &mut impl Sink) -> Result<usize, Fault> {
    let mut reader = Reader { bytes, atoms, at: 0 };
    let mut open: Vec<(Open<'a>, usize)> = Vec::new();
    loop {
        // A term; `parts` is how many must come before it is whole.
        let (opened, parts) = reader.term(sink)?;
        if let Some(opened) = opened {
            if parts > 0 {
                open.push((opened, parts));
                continue;
            }
            close(opened, sink)?;
        }
        // It may complete what it is part of, and so on outwards.
        loop {
            let Some((_, left)) = open.last_mut() else { return Ok(reader.at) };
            *left -= 1;
            if *left > 0 {
                break;
            }
            if let Some((whole, _)) = open.pop() {
                close(whole, sink)?;
            }
        }
    }
}

fn close(open: Open<'_>, sink: &mut impl Sink) -> Result<(), Fault> {
    match open {
        Open::Tuple(n) => sink.tuple(n),
        Open::List(n) => sink.list(n),
        Open::Map(n) => sink.map(n),
        Open::Fun(head) => sink.fun(*head),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// What `ATOM_CACHE_REF` refers to.
    atoms: &'a [&'a str],
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    fn take(&mut self, n: usize) -> Result<&'a [u8], Fault> {
        let bytes = self.bytes.get(self.at..).and_then(|rest| rest.get(..n)).ok_or(Fault::Malformed)?;
        self.at += n;
        Ok(bytes)
    }
    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Malformed)
    }
    #[inline]
    fn u8(&mut self) -> Result<u8, Fault> {
        Ok(self.array::<1>()?[0])
    }
    #[inline]
    fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }
    #[inline]
    fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }
    #[inline]
    fn size(&mut self) -> Result<usize, Fault> {
        Ok(self.u32()? as usize)
    }
    /// A count of parts, each of which takes a byte at least.
    #[inline]
    fn count(&mut self, n: usize) -> Result<usize, Fault> {
        if n <= self.bytes.len() - self.at { Ok(n) } else { Err(Fault::Malformed) }
    }

    /// One tag and what belongs to it; a composite is given back with the number of its parts.
    fn term(&mut self, sink: &mut impl Sink) -> Result<(Option<Open<'a>>, usize), Fault> {
        let done = |()| (None, 0);
        match self.u8()? {
            tag::SMALL_INTEGER => sink.integer(self.u8()?.into()).map(done),
            tag::INTEGER => sink.integer((self.u32()? as i32).into()).map(done),
            tag::SMALL_BIG => {
                let n = self.u8()?.into();
                self.big(n, sink).map(done)
            }
            tag::LARGE_BIG => {
                let n = self.size()?;
                self.big(n, sink).map(done)
            }
            tag::NEW_FLOAT => {
                let float = f64::from_be_bytes(self.array()?);
                if float.is_finite() { sink.float(float).map(done) } else { Err(Fault::Malformed) }
            }
            tag::FLOAT => {
                let text = self.take(31)?;
                let text = text.split(|&b| b == 0).next().and_then(|t| std::str::from_utf8(t).ok());
                match text.and_then(|t| t.trim().parse::<f64>().ok()) {
                    Some(float) if float.is_finite() => sink.float(float).map(done),
                    _ => Err(Fault::Malformed),
                }
            }
            t @ (tag::ATOM | tag::SMALL_ATOM | tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8 | tag::ATOM_CACHE_REF) => {
                let name = self.atom_after(t)?;
                sink.atom(&name).map(done)
            }
            tag::NIL => sink.nil().map(done),
            tag::BINARY => {
                let n = self.size()?;
                sink.binary(self.take(n)?).map(done)
            }
            tag::BIT_BINARY => {
                let n = self.size()?;
                let last = self.u8()?;
                let bytes = self.take(n)?;
                match (n, last) {
                    (0, 0) | (_, 8) if n == 0 || last == 8 => sink.binary(bytes).map(done),
                    (1.., 1..=7) => sink.bitstring(bytes, last).map(done),
                    _ => Err(Fault::Malformed),
                }
            }
            tag::STRING => {
                let n = self.u16()?.into();
                sink.string(self.take(n)?).map(done)
            }
            tag::SMALL_TUPLE => {
                let n = self.u8()?.into();
                Ok((Some(Open::Tuple(n)), self.count(n)?))
            }
            tag::LARGE_TUPLE => {
                let n = self.size()?;
                Ok((Some(Open::Tuple(n)), self.count(n)?))
            }
            tag::LIST => {
                let n = self.size()?;
                Ok((Some(Open::List(n)), self.count(n.checked_add(1).ok_or(Fault::Malformed)?)?))
            }
            tag::MAP => {
                let n = self.size()?;
                Ok((Some(Open::Map(n)), self.count(n.checked_mul(2).ok_or(Fault::Malformed)?)?))
            }
            t @ (tag::PID | tag::NEW_PID) => self.pid(t, sink).map(done),
            t @ (tag::PORT | tag::NEW_PORT | tag::V4_PORT) => self.port(t, sink).map(done),
            t @ (tag::REFERENCE | tag::NEW_REFERENCE | tag::NEWER_REFERENCE) => self.reference(t, sink).map(done),
            tag::EXPORT => {
                let module = self.atom()?;
                let function = self.atom()?;
                let arity = self.small()?;
                let arity = u8::try_from(arity).map_err(|_| Fault::Malformed)?;
                sink.export(&module, &function, arity).map(done)
            }
            tag::NEW_FUN => {
                let _size = self.u32()?;
                let arity = self.u8()?;
                let uniq = self.array()?;
                let index = self.u32()?;
                let free = self.size()?;
                let module = self.atom()?;
                let old_index = self.small()?;
                let old_uniq = self.small()?;
                let parts = self.count(free.checked_add(1).ok_or(Fault::Malformed)?)?;
                if !matches!(self.bytes.get(self.at), Some(&(tag::PID | tag::NEW_PID))) {
                    return Err(Fault::Malformed);
                }
                let head = FunHead { arity, uniq, index, module, old_index, old_uniq, free };
                Ok((Some(Open::Fun(Box::new(head))), parts))
            }
            _ => Err(Fault::Malformed),
        }
    }

    fn big(&mut self, n: usize, sink: &mut impl Sink) -> Result<(), Fault> {
        let sign = self.u8()?;
        sink.big(sign != 0, self.take(n)?)
    }

    /// An integer of at most 32 bits.
    fn small(&mut self) -> Result<i64, Fault> {
        match self.u8()? {
            tag::SMALL_INTEGER => Ok(self.u8()?.into()),
            tag::INTEGER => Ok((self.u32()? as i32).into()),
            // A uniq of old with its highest bit set.
            tag::SMALL_BIG => {
                let n: usize = self.u8()?.into();
                let negative = self.u8()? != 0;
                if n > 7 {
                    return Err(Fault::Malformed);
                }
                let value = self.take(n)?.iter().rev().fold(0i64, |v, &b| v << 8 | i64::from(b));
                Ok(if negative { -value } else { value })
            }
            _ => Err(Fault::Malformed),
        }
    }

    fn atom(&mut self) -> Result<Cow<'a, str>, Fault> {
        let tag = self.u8()?;
        self.atom_after(tag)
    }

    fn atom_after(&mut self, tag: u8) -> Result<Cow<'a, str>, Fault> {
        let n = match tag {
            tag::ATOM | tag::ATOM_UTF8 => self.u16()?.into(),
            tag::SMALL_ATOM | tag::SMALL_ATOM_UTF8 => self.u8()?.into(),
            tag::ATOM_CACHE_REF => {
                let place = usize::from(self.u8()?);
                return self.atoms.get(place).map(|&name| Cow::Borrowed(name)).ok_or(Fault::Malformed);
            }
            _ => return Err(Fault::Malformed),
        };
        let name = self.take(n)?;
        match tag {
            tag::ATOM_UTF8 | tag::SMALL_ATOM_UTF8 => {
                std::str::from_utf8(name).map(Cow::Borrowed).map_err(|_| Fault::Malformed)
            }
            _ if name.is_ascii() => std::str::from_utf8(name).map(Cow::Borrowed).map_err(|_| Fault::Malformed),
            // ISO 8859-1: each byte is the code point.
            _ => Ok(name.iter().map(|&b| char::from(b)).collect::<String>().into()),
        }
    }

    fn pid(&mut self, tag: u8, sink: &mut impl Sink) -> Result<(), Fault> {
        let node = self.atom()?;
        let (number, serial) = (self.u32()?, self.u32()?);
        let creation = if tag == tag::PID { self.u8()?.into() } else { self.u32()? };
        sink.pid(&node, number, serial, creation)
    }

    fn port(&mut self, tag: u8, sink: &mut impl Sink) -> Result<(), Fault> {
        let node = self.atom()?;
        let number = if tag == tag::V4_PORT { u64::from_be_bytes(self.array()?) } else { self.u32()?.into() };
        let creation = if tag == tag::PORT { self.u8()?.into() } else { self.u32()? };
        sink.port(&node, number, creation)
    }

    fn reference(&mut self, tag: u8, sink: &mut impl Sink) -> Result<(), Fault> {
        if tag == tag::REFERENCE {
            let node = self.atom()?;
            let number = self.u32()?;
            let creation = self.u8()?.into();
            return sink.reference(&node, creation, &[number]);
        }
        let n: usize = self.u16()?.into();
        if !(1..=5).contains(&n) {
            return Err(Fault::Malformed);
        }
        let node = self.atom()?;
        let creation = if tag == tag::NEW_REFERENCE { self.u8()?.into() } else { self.u32()? };
        // The bytes have the most significant number last, as the sink does.
        let mut numbers = [0; 5];
        for number in &mut numbers[..n] {
            *number = self.u32()?;
        }
        sink.reference(&node, creation, &numbers[..n])
    }
}
