//! I/O lists: walking and flattening them. One walk serves every use: sizes, bytes, bits, vectors.
//!
//! An I/O list is a binary, or a list of bytes, binaries and I/O lists whose tail is `[]` or a
//! binary. Where bitstrings are allowed, they are allowed in place of binaries.

use glulam_bytecode::bytes::append;

use super::Term;
use super::view::Bits;

/// Why a term can't be flattened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadIolist {
    /// It is no I/O list.
    NotIolist,
    /// Its size is beyond any binary's.
    TooLarge,
}

/// What takes the parts of an I/O list, first to last.
pub trait Sink {
    /// Elements that are bytes, one behind the other.
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist>;
    fn bits(&mut self, term: Term, bits: Bits) -> Result<(), BadIolist>;
}

/// A walk through an I/O list that can pause. `pending` is what is left to walk, next one last.
pub struct Walk {
    pub pending: Vec<Term>,
}

/// Bytes of a binary that count as one element of a walk.
const BYTES_PER_ELEMENT: usize = 256;

impl Walk {
    /// Before the first part. A top-level integer is no I/O list.
    pub fn new(iolist: Term) -> Result<Walk, BadIolist> {
        if iolist.is_list() || iolist.as_bits().is_some() {
            Ok(Walk { pending: vec![iolist] })
        } else {
            Err(BadIolist::NotIolist)
        }
    }

    /// Walks on for about `fuel` elements; gives what is left of the fuel, `None` if it ran out
    /// before the end. (`pending` is empty at the end.)
    pub fn run(&mut self, sink: &mut impl Sink, mut fuel: usize) -> Result<Option<usize>, BadIolist> {
        while let Some(mut at) = self.pending.pop() {
            loop {
                if let Some(cell) = at.as_cons() {
                    if fuel == 0 {
                        self.pending.push(at);
                        return Ok(None);
                    }
                    fuel -= 1;
                    let (head, tail) = (cell.head(), cell.tail());
                    match head.as_small() {
                        Some(byte @ 0..=255) => {
                            at = Self::run_of_bytes(byte as u8, tail, sink, &mut fuel)?;
                            continue;
                        }
                        Some(_) => return Err(BadIolist::NotIolist),
                        None if head.is_nil() => {}
                        None if head.is_cons() => {
                            if !tail.is_nil() {
                                self.pending.push(tail);
                            }
                            at = head;
                            continue;
                        }
                        None => fuel = Self::leaf(head, sink, fuel)?,
                    }
                    at = tail;
                } else {
                    if !at.is_nil() {
                        fuel = Self::leaf(at, sink, fuel)?;
                    }
                    break;
                }
            }
        }
        Ok(Some(fuel))
    }

    /// Takes the bytes that follow one another in a list; what is behind them.
    #[inline]
    fn run_of_bytes(first: u8, mut at: Term, sink: &mut impl Sink, fuel: &mut usize) -> Result<Term, BadIolist> {
        let mut bytes = [first; 64];
        let mut count = 1;
        while count < bytes.len()
            && *fuel > 0
            && let Some(cell) = at.as_cons()
            && let Some(byte @ 0..=255) = cell.head().as_small()
        {
            bytes[count] = byte as u8;
            count += 1;
            *fuel -= 1;
            at = cell.tail();
        }
        sink.bytes(&bytes[..count])?;
        Ok(at)
    }

    fn leaf(term: Term, sink: &mut impl Sink, fuel: usize) -> Result<usize, BadIolist> {
        let bits = term.as_bits().ok_or(BadIolist::NotIolist)?;
        let cost = bits.byte_size() / BYTES_PER_ELEMENT;
        sink.bits(term, bits)?;
        Ok(fuel.saturating_sub(cost))
    }
}

/// Counts bytes; refuses bitstrings that are no binaries.
#[derive(Default)]
pub struct Size(pub usize);

impl Sink for Size {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist> {
        self.0 = self.0.checked_add(bytes.len()).ok_or(BadIolist::TooLarge)?;
        Ok(())
    }
    fn bits(&mut self, _: Term, bits: Bits) -> Result<(), BadIolist> {
        if !bits.is_binary() {
            return Err(BadIolist::NotIolist);
        }
        self.0 = self.0.checked_add(bits.byte_size()).ok_or(BadIolist::TooLarge)?;
        Ok(())
    }
}

/// The most bytes a binary may have.
pub const MAX_BINARY_BYTES: usize = 1 << 58;

fn room_for(have: usize, more: usize) -> Result<(), BadIolist> {
    if have.saturating_add(more) > MAX_BINARY_BYTES { Err(BadIolist::TooLarge) } else { Ok(()) }
}

// Collects bytes; refuses bitstrings that are no binaries.
impl Sink for Vec<u8> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist> {
        append(self, bytes);
        Ok(())
    }
    fn bits(&mut self, _: Term, bits: Bits) -> Result<(), BadIolist> {
        if !bits.is_binary() {
            return Err(BadIolist::NotIolist);
        }
        room_for(self.len(), bits.byte_size())?;
        append(self, &bits.to_bytes());
        Ok(())
    }
}

/// Collects bits, of bitstrings too.
#[derive(Default)]
pub struct BitVec {
    /// The bits, padded with zeros to a byte.
    pub bytes: Vec<u8>,
    pub bit_size: usize,
}

impl Sink for BitVec {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist> {
        match self.bit_size % 8 {
            0 => append(&mut self.bytes, bytes),
            used => bytes.iter().for_each(|&byte| self.push_shifted(byte, used)),
        }
        self.bit_size += bytes.len() * 8;
        Ok(())
    }

    fn bits(&mut self, _: Term, bits: Bits) -> Result<(), BadIolist> {
        room_for(self.bytes.len(), bits.byte_size())?;
        let whole = bits.to_bytes();
        match self.bit_size % 8 {
            0 => append(&mut self.bytes, &whole),
            used => whole.iter().for_each(|&byte| self.push_shifted(byte, used)),
        }
        self.bit_size += whole.len() * 8;
        let (last, count) = bits.last_bits();
        if count > 0 {
            let used = self.bit_size % 8;
            if used == 0 {
                self.bytes.push(last);
            } else {
                self.push_shifted(last, used);
                self.bytes.truncate((self.bit_size + count).div_ceil(8));
            }
            self.bit_size += count;
        }
        Ok(())
    }
}

impl BitVec {
    /// Appends a byte where the last byte has `used` bits (1 to 7).
    fn push_shifted(&mut self, byte: u8, used: usize) {
        if let Some(last) = self.bytes.last_mut() {
            *last |= byte >> used;
        }
        self.bytes.push(byte << (8 - used));
    }
}

/// All of it at once.
fn walk_all(iolist: Term, sink: &mut impl Sink) -> Result<(), BadIolist> {
    Walk::new(iolist)?.run(sink, usize::MAX).map(|_| ())
}

/// Bytes in an I/O list.
pub fn size(iolist: Term) -> Result<usize, BadIolist> {
    let mut size = Size::default();
    walk_all(iolist, &mut size).map(|()| size.0)
}

/// The bytes of an I/O list.
pub fn to_vec(iolist: Term) -> Result<Vec<u8>, BadIolist> {
    let mut bytes = Vec::new();
    walk_all(iolist, &mut bytes).map(|()| bytes)
}

/// The bits of a list like an I/O list that may have bitstrings.
pub fn to_bits(list: Term) -> Result<BitVec, BadIolist> {
    let mut bits = BitVec::default();
    walk_all(list, &mut bits).map(|()| bits)
}

/// One element of an I/O vector.
pub enum Chunk {
    /// A binary of the list, from this byte on.
    Binary(Term, usize),
    /// Bytes gathered from bytes and small binaries.
    Bytes(Vec<u8>),
}

/// Binaries of fewer bytes are gathered with what stands around them, and a gathered chunk that is
/// smaller takes in the beginning of the large binary behind it.
pub const GATHER_LIMIT: usize = 256;

#[derive(Default)]
struct Chunks(Vec<Chunk>);

impl Chunks {
    fn gather(&mut self) -> &mut Vec<u8> {
        if !matches!(self.0.last(), Some(Chunk::Bytes(_))) {
            self.0.push(Chunk::Bytes(Vec::new()));
        }
        match self.0.last_mut() {
            Some(Chunk::Bytes(bytes)) => bytes,
            _ => crate::bug!("no chunk to gather in"),
        }
    }

    /// How many bytes of a binary the last chunk has to take in.
    fn wanting(&self) -> usize {
        match self.0.last() {
            Some(Chunk::Bytes(bytes)) => GATHER_LIMIT.saturating_sub(bytes.len()),
            _ => 0,
        }
    }
}

impl Sink for Chunks {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist> {
        append(self.gather(), bytes);
        Ok(())
    }
    fn bits(&mut self, term: Term, bits: Bits) -> Result<(), BadIolist> {
        if !bits.is_binary() {
            return Err(BadIolist::NotIolist);
        }
        let size = bits.byte_size();
        if size == 0 {
            return Ok(());
        }
        let taken = self.wanting();
        if size < GATHER_LIMIT || size < taken + GATHER_LIMIT && taken > 0 || bits.bit_skew() != 0 {
            append(self.gather(), &bits.to_bytes());
            return Ok(());
        }
        if taken > 0 {
            append(self.gather(), &bits.to_bytes()[..taken]);
        }
        self.0.push(Chunk::Binary(term, taken));
        Ok(())
    }
}

/// An I/O list as few chunks: large binaries as they are, everything else gathered.
pub fn to_chunks(iolist: Term) -> Result<Vec<Chunk>, BadIolist> {
    let mut chunks = Chunks::default();
    walk_all(iolist, &mut chunks).map(|()| chunks.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Alloc, Build, Fragment};

    #[test]
    fn bits_are_joined() {
        let mut f = Fragment::new(1000);
        let ones = f.bitstring(&[0b1110_0000], 3);
        let long = f.bitstring(&[0xab, 0xcd, 0b1010_0000], 20);
        let off = f.part(long, 4, 16);
        let list = f.list(&[ones, Term::small(255), off, Term::NIL, ones]);
        let list = f.cons(list, long);
        let bits = to_bits(list).unwrap();
        assert_eq!(bits.bit_size, 3 + 8 + 16 + 3 + 20);
        // 111 11111111 1011110011011010 111 10101011110011011010
        assert_eq!(bits.bytes, [0xff, 0xf7, 0x9b, 0x5e, 0xaf, 0x36, 0x80]);
        assert_eq!(to_vec(list), Err(BadIolist::NotIolist));
        let text = f.binary(b"text");
        let list = f.list_with_tail(&[Term::small(1), text, off], text);
        assert_eq!(to_vec(list).unwrap(), b"\x01text\xbc\xdatext");
        assert_eq!(size(list), Ok(11));
        let improper = f.cons(Term::small(1), Term::small(2));
        assert_eq!(size(improper), Err(BadIolist::NotIolist));
        assert_eq!(size(Term::small(2)), Err(BadIolist::NotIolist));
        let deep = (0..30).fold(text, |deep, _| f.cons(deep, Term::NIL));
        assert_eq!(size(deep), Ok(4));
        let _ = f.off_heap();
    }

    #[test]
    fn walks_pause_anywhere() {
        let mut f = Fragment::new(1000);
        let inner = f.list(&[Term::small(1), Term::small(2)]);
        let text = f.binary(b"xyz");
        let list = f.list_with_tail(&[inner, Term::small(3), inner, inner], text);
        let mut walk = Walk::new(list).unwrap();
        let mut bytes = Vec::new();
        while walk.run(&mut bytes, 1).unwrap().is_none() {}
        assert_eq!(bytes, b"\x01\x02\x03\x01\x02\x01\x02xyz");
    }
}
