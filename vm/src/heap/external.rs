//! Reading literals of modules from the external term format.

use super::literal::Literals;
use super::{Build, map};
use crate::atom::Atom;
use crate::term::Term;

/// The bytes hold no term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// How deep terms may nest.
const MAX_DEPTH: usize = 10_000;

/// Makes `fun M:F/A`: exports are a floor above.
pub type MakeExport = fn(Atom, Atom, u8) -> Term;
static MAKE_EXPORT: crate::base::sync::OnceLock<MakeExport> = crate::base::sync::OnceLock::new();

/// Sets how `fun M:F/A` is made. At start.
pub fn set_make_export(make: MakeExport) {
    let _ = MAKE_EXPORT.set(make);
}

/// The term of a literal, in the literal area.
pub fn decode_literal(bytes: &[u8]) -> Result<Term, Malformed> {
    let mut reader = Reader { bytes, heap: Literals::default() };
    if reader.u8()? != 131 {
        return Err(Malformed);
    }
    reader.term(0)
}

struct Reader<'a> {
    bytes: &'a [u8],
    heap: Literals,
}

impl Reader<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8], Malformed> {
        if n > self.bytes.len() {
            return Err(Malformed);
        }
        let (head, tail) = self.bytes.split_at(n);
        self.bytes = tail;
        Ok(head)
    }
    fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }
    fn u16(&mut self) -> Result<usize, Malformed> {
        Ok(self.take(2)?.iter().fold(0, |n, b| n << 8 | *b as usize))
    }
    fn u32(&mut self) -> Result<usize, Malformed> {
        Ok(self.take(4)?.iter().fold(0, |n, b| n << 8 | *b as usize))
    }
    fn atom(&mut self, n: usize) -> Result<Term, Malformed> {
        let text = std::str::from_utf8(self.take(n)?).map_err(|_| Malformed)?;
        Atom::intern(text).map(Term::from_atom).map_err(|_| Malformed)
    }
    fn latin1_atom(&mut self, n: usize) -> Result<Term, Malformed> {
        let text: String = self.take(n)?.iter().map(|b| *b as char).collect();
        Atom::intern(&text).map(Term::from_atom).map_err(|_| Malformed)
    }
    /// `n` terms; there are at least as many bytes.
    fn terms(&mut self, n: usize, depth: usize) -> Result<Vec<Term>, Malformed> {
        if n > self.bytes.len() {
            return Err(Malformed);
        }
        (0..n).map(|_| self.term(depth)).collect()
    }
    fn big(&mut self, n: usize) -> Result<Term, Malformed> {
        let negative = self.u8()? != 0;
        let limbs: Vec<u64> = self
            .take(n)?
            .chunks(8)
            .map(|c| c.iter().rev().fold(0, |acc, b| acc << 8 | u64::from(*b)))
            .collect();
        Ok(self.heap.big(negative, &limbs))
    }

    fn term(&mut self, depth: usize) -> Result<Term, Malformed> {
        if depth > MAX_DEPTH {
            return Err(Malformed);
        }
        let next = depth + 1;
        match self.u8()? {
            97 => Ok(Term::small(self.u8()?.into())),
            98 => Ok(Term::small((self.u32()? as u32 as i32).into())),
            70 => {
                let bits = self.take(8)?.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
                let value = f64::from_bits(bits);
                if value.is_finite() { Ok(self.heap.float(value)) } else { Err(Malformed) }
            }
            100 => {
                let n = self.u16()?;
                self.latin1_atom(n)
            }
            115 => {
                let n = self.u8()?.into();
                self.latin1_atom(n)
            }
            118 => {
                let n = self.u16()?;
                self.atom(n)
            }
            119 => {
                let n = self.u8()?.into();
                self.atom(n)
            }
            104 => {
                let n = self.u8()?.into();
                let elements = self.terms(n, next)?;
                Ok(self.heap.tuple(&elements))
            }
            105 => {
                let n = self.u32()?;
                let elements = self.terms(n, next)?;
                Ok(self.heap.tuple(&elements))
            }
            106 => Ok(Term::NIL),
            107 => {
                let n = self.u16()?;
                let bytes = self.take(n)?.to_vec();
                Ok(self.heap.byte_list(&bytes))
            }
            108 => {
                let n = self.u32()?;
                let elements = self.terms(n, next)?;
                let tail = self.term(next)?;
                Ok(self.heap.list_with_tail(&elements, tail))
            }
            109 => {
                let n = self.u32()?;
                let bytes = self.take(n)?.to_vec();
                Ok(self.heap.binary(&bytes))
            }
            77 => {
                let n = self.u32()?;
                let last = self.u8()? as usize;
                let bytes = self.take(n)?.to_vec();
                if n == 0 || last == 0 || last > 8 {
                    return Err(Malformed);
                }
                Ok(self.heap.bitstring(&bytes, (n - 1) * 8 + last))
            }
            110 => {
                let n = self.u8()?.into();
                self.big(n)
            }
            111 => {
                let n = self.u32()?;
                self.big(n)
            }
            116 => {
                let n = self.u32()?;
                let all = self.terms(n.checked_mul(2).ok_or(Malformed)?, next)?;
                let pairs: Vec<(Term, Term)> = all.chunks_exact(2).map(|p| (p[0], p[1])).collect();
                Ok(map::from_pairs(&pairs, &mut self.heap))
            }
            113 => {
                let all = self.terms(3, next)?;
                let (m, f, a) = (all[0].as_atom(), all[1].as_atom(), all[2].as_small());
                match (m, f, a.and_then(|a| u8::try_from(a).ok()), MAKE_EXPORT.get()) {
                    (Some(m), Some(f), Some(a), Some(make)) => Ok(make(m, f, a)),
                    _ => Err(Malformed),
                }
            }
            _ => Err(Malformed),
        }
    }
}
