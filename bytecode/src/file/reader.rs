//! A cursor over the bytes of a chunk, with its two number formats.

use crate::error::{Fault, Reason};
use crate::isa::BigInt;

/// Reads forward; every fault it makes names the chunk and the offset.
pub(super) struct Reader<'a> {
    chunk: Option<[u8; 4]>,
    bytes: &'a [u8],
    pos: usize,
}

/// The tag in the low three bits of a compact number.
pub(super) mod tag {
    pub const UNSIGNED: u8 = 0;
    pub const INTEGER: u8 = 1;
    pub const ATOM: u8 = 2;
    pub const X: u8 = 3;
    pub const Y: u8 = 4;
    pub const LABEL: u8 = 5;
    pub const CHAR: u8 = 6;
    pub const EXTENDED: u8 = 7;
}

/// The value of a compact number.
pub(super) enum Compact<'a> {
    /// Fits a word; for tag `INTEGER` it is two's complement.
    Word(u64),
    /// Longer than eight bytes, most significant first, two's complement.
    Long(&'a [u8]),
}

impl<'a> Reader<'a> {
    pub fn new(chunk: Option<[u8; 4]>, bytes: &'a [u8]) -> Self {
        Reader {
            chunk,
            bytes,
            pos: 0,
        }
    }

    pub fn pos(&self) -> usize {
        self.pos
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.pos
    }

    /// A fault at the present position.
    #[cold]
    pub fn fault(&self, reason: Reason) -> Fault {
        self.fault_at(self.pos, reason)
    }

    /// A fault at a given position.
    #[cold]
    pub fn fault_at(&self, offset: usize, reason: Reason) -> Fault {
        Fault {
            chunk: self.chunk,
            offset,
            reason,
        }
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        match self.bytes[self.pos..].get(..count) {
            Some(taken) => {
                self.pos += count;
                Ok(taken)
            }
            None => Err(self.fault(Reason::Truncated)),
        }
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.pos..];
        self.pos = self.bytes.len();
        rest
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        match self.bytes[self.pos..].first_chunk::<N>() {
            Some(taken) => {
                self.pos += N;
                Ok(*taken)
            }
            None => Err(self.fault(Reason::Truncated)),
        }
    }

    #[inline]
    pub fn u8(&mut self) -> Result<u8, Fault> {
        match self.bytes.get(self.pos) {
            Some(byte) => {
                self.pos += 1;
                Ok(*byte)
            }
            None => Err(self.fault(Reason::Truncated)),
        }
    }

    pub fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn i64(&mut self) -> Result<i64, Fault> {
        self.array().map(i64::from_be_bytes)
    }

    /// A number that must be below `end`.
    pub fn below(&mut self, what: &'static str, end: usize) -> Result<u32, Fault> {
        let at = self.pos;
        let n = self.u32()?;
        if (n as usize) < end {
            Ok(n)
        } else {
            Err(self.fault_at(at, Reason::OutOfRange(what, n.into(), end as u64)))
        }
    }

    /// A count of items that take at least `size` bytes each, so that no count can ask for more
    /// memory than the file justifies.
    pub fn count(&mut self, what: &'static str, size: usize) -> Result<usize, Fault> {
        let at = self.pos;
        let n = self.u32()?;
        self.check_count(at, what, n.into(), size)
    }

    /// Checks a count read at `at` against the bytes left.
    pub fn check_count(
        &self,
        at: usize,
        what: &'static str,
        n: u64,
        size: usize,
    ) -> Result<usize, Fault> {
        let max = (self.left() / size) as u64;
        if n <= max {
            Ok(n as usize)
        } else {
            Err(self.fault_at(at, Reason::OutOfRange(what, n, max + 1)))
        }
    }

    /// A tagged compact number.
    #[inline]
    pub fn compact(&mut self) -> Result<(u8, Compact<'a>), Fault> {
        let first = self.u8()?;
        let tag = first & 7;
        if first & 0x08 == 0 {
            Ok((tag, Compact::Word(u64::from(first >> 4))))
        } else if first & 0x10 == 0 {
            let low = self.u8()?;
            Ok((
                tag,
                Compact::Word(u64::from(first >> 5) << 8 | u64::from(low)),
            ))
        } else {
            self.long(first, tag).map(|value| (tag, value))
        }
    }

    fn long(&mut self, first: u8, tag: u8) -> Result<Compact<'a>, Fault> {
        let mut count = usize::from(first >> 5) + 2;
        if count == 9 {
            let at = self.pos;
            let extra = self.unsigned()?;
            count = self.check_count(at, "length of a number", extra, 1)? + 9;
        }
        let bytes = self.bytes(count)?;
        // Eight bytes with the top bit set would be negative, which only integers may be.
        if count > 8 || tag != tag::INTEGER && count == 8 && bytes[0] >= 0x80 {
            return Ok(Compact::Long(bytes));
        }
        let negative = tag == tag::INTEGER && bytes[0] >= 0x80;
        let start = if negative { u64::MAX } else { 0 };
        Ok(Compact::Word(
            bytes.iter().fold(start, |n, b| n << 8 | u64::from(*b)),
        ))
    }

    /// A compact number with tag `UNSIGNED`, its length prefix not itself prefixed.
    pub fn unsigned(&mut self) -> Result<u64, Fault> {
        let at = self.pos;
        let first = self.u8()?;
        if first & 7 != tag::UNSIGNED || first & 0xf8 == 0xf8 {
            return Err(self.fault_at(at, Reason::BadTag(first)));
        }
        self.pos = at;
        match self.compact()? {
            (_, Compact::Word(n)) => Ok(n),
            (_, Compact::Long(_)) => Err(self.fault_at(at, Reason::BadTag(first))),
        }
    }
}

/// A two's complement number, most significant byte first, as word or big integer.
pub(super) fn integer(bytes: &[u8]) -> Result<i64, BigInt> {
    let negative = bytes.first().is_some_and(|b| *b >= 0x80);
    let filler = if negative { 0xff } else { 0 };
    let start = bytes
        .iter()
        .position(|b| *b != filler)
        .unwrap_or(bytes.len());
    let digits = &bytes[start..];
    if digits.len() < 8 || digits.len() == 8 && (digits[0] >= 0x80) == negative {
        let start = if negative { -1 } else { 0 };
        return Ok(digits
            .iter()
            .fold(start, |n: i64, b| n << 8 | i64::from(*b)));
    }
    let mut magnitude: Vec<u8> = digits.iter().rev().copied().collect();
    if negative {
        let mut carry = true;
        for byte in &mut magnitude {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
        if carry {
            magnitude.push(1);
        }
    }
    while magnitude.last() == Some(&0) {
        magnitude.pop();
    }
    Err(BigInt {
        negative,
        magnitude: magnitude.into(),
    })
}
