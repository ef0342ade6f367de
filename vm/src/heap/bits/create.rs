//! A binary from its segments, all at once (`bs_create_bin`). First all sizes, then all values: in
//! that order problems are found.

use super::build::{Builder, TooLarge, append, character, new_binary};
use super::float;
use super::utf::{encode_utf8_size, encode_utf16_size};
use crate::am;
use crate::heap::{Alloc, Build};
use crate::term::Term;

/// What a segment is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum SegmentType {
    /// A binary that the rest is appended to: the first segment, if at all.
    Append = 0,
    PrivateAppend = 1,
    Binary = 2,
    Float = 3,
    Integer = 4,
    /// Bytes of the module's string table; `value` is their address.
    String = 5,
    Utf8 = 6,
    Utf16 = 7,
    Utf32 = 8,
}

impl SegmentType {
    const ALL: [(SegmentType, &str); 9] = [
        (SegmentType::Append, "append"),
        (SegmentType::PrivateAppend, "private_append"),
        (SegmentType::Binary, "binary"),
        (SegmentType::Float, "float"),
        (SegmentType::Integer, "integer"),
        (SegmentType::String, "string"),
        (SegmentType::Utf8, "utf8"),
        (SegmentType::Utf16, "utf16"),
        (SegmentType::Utf32, "utf32"),
    ];

    /// By its name in files.
    pub fn of(name: &str) -> Option<SegmentType> {
        SegmentType::ALL.iter().find(|(_, n)| *n == name).map(|(t, _)| *t)
    }

    /// By its number.
    #[inline]
    pub fn from_number(number: u8) -> Option<SegmentType> {
        SegmentType::ALL.get(number as usize).map(|(t, _)| *t)
    }

    /// As causes of failures name it.
    fn term(self) -> Term {
        match self {
            SegmentType::Float => am::float,
            SegmentType::Integer => am::integer,
            SegmentType::Utf8 => am::utf8,
            SegmentType::Utf16 => am::utf16,
            SegmentType::Utf32 => am::utf32,
            _ => am::binary,
        }
    }
}

/// One segment.
#[derive(Clone, Copy)]
pub struct Segment {
    pub kind: SegmentType,
    /// Its number in the source, for error messages; 0: none of its own.
    pub number: u16,
    pub unit: u16,
    pub flags: u64,
    pub value: Term,
    /// An integer, or the atom `all`.
    pub size: Term,
}

/// What is wrong with a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// The value is of the wrong type.
    Type,
    /// The size is no size.
    Size,
    /// The value is shorter than the size says.
    Short,
    /// The value's size is no multiple of the unit.
    Unit,
    /// No float has this size.
    Invalid,
    /// The integer is too large for a float.
    NoFloat,
    /// The size is too large.
    TooLarge,
}

/// Why a binary was not built.
#[derive(Clone, Copy)]
pub struct Failure {
    pub problem: Problem,
    number: u16,
    kind: SegmentType,
    value: Term,
}

impl Failure {
    /// A failure that is reported for a segment without saying more (the old instructions).
    pub fn reason(&self) -> Term {
        if self.problem == Problem::TooLarge { am::system_limit } else { am::badarg }
    }

    /// What `erl_erts_errors:format_bs_fail/2` makes text of: `{Segment, Type, Problem, Value}`.
    pub fn cause(&self, heap: &mut (impl Alloc + ?Sized)) -> Term {
        let problem = match self.problem {
            Problem::Type => am::type_,
            Problem::Size | Problem::TooLarge => am::size,
            Problem::Short => am::short,
            Problem::Unit => am::unit,
            Problem::Invalid => am::invalid,
            Problem::NoFloat => am::no_float,
        };
        heap.tuple(&[Term::small(self.number.into()), self.kind.term(), problem, self.value])
    }
}

/// The most bits that a binary may have.
const MAX_BITS: usize = 1 << 59;

/// The bits of a field of `size` units.
#[inline]
pub fn field_bits(size: Term, unit: usize) -> Result<usize, Problem> {
    if let Some(n) = size.as_small() {
        if n < 0 {
            return Err(Problem::Size);
        }
        return match (n as usize).checked_mul(unit) {
            Some(bits) if bits < MAX_BITS => Ok(bits),
            _ => Err(Problem::TooLarge),
        };
    }
    match size.as_big() {
        Some(big) if !big.is_negative() => Err(Problem::TooLarge),
        _ => Err(Problem::Size),
    }
}

impl Segment {
    #[cold]
    fn fails(&self, problem: Problem, value: Term) -> Failure {
        Failure { problem, number: self.number, kind: self.kind, value }
    }

    /// Its bits, as far as they can be told without looking closely at the value.
    #[inline]
    fn size(&self) -> Result<usize, Failure> {
        match self.kind {
            SegmentType::Utf8 => {
                Ok(self.value.as_small().map_or(4, |c| encode_utf8_size(c as u64)) * 8)
            }
            SegmentType::Utf16 => {
                Ok(self.value.as_small().map_or(4, |c| encode_utf16_size(c as u64)) * 8)
            }
            SegmentType::Utf32 => Ok(32),
            SegmentType::Binary if self.size == am::all => {
                let Some(bits) = self.value.as_bits() else {
                    return Err(self.fails(Problem::Type, self.value));
                };
                if bits.bit_size % self.unit.max(1) as usize != 0 {
                    return Err(self.fails(Problem::Unit, self.value));
                }
                Ok(bits.bit_size)
            }
            _ => field_bits(self.size, self.unit.into()).map_err(|p| self.fails(p, self.size)),
        }
    }

    /// Writes the value, of `size` bits.
    #[inline]
    fn write(&self, size: usize, builder: &mut Builder) -> Result<(), Failure> {
        let problem = match self.kind {
            SegmentType::Integer => {
                if builder.integer(self.value, size, self.flags) {
                    return Ok(());
                }
                Problem::Type
            }
            SegmentType::Float => match float::as_float(self.value) {
                None => Problem::Type,
                _ if !float::is_float_size(size) => {
                    return Err(self.fails(Problem::Invalid, Term::small(size as i64)));
                }
                Some(None) => Problem::NoFloat,
                Some(Some(_)) if builder.float(self.value, size, self.flags) => return Ok(()),
                _ => Problem::Type,
            },
            SegmentType::String => {
                // SAFETY: the loader gives the address of as many bytes in the string table.
                if unsafe { builder.bytes(self.value.bits() as *const u8, size / 8) } {
                    return Ok(());
                }
                Problem::Type
            }
            SegmentType::Utf8 | SegmentType::Utf16 | SegmentType::Utf32 => {
                let width = match self.kind {
                    SegmentType::Utf8 => 8,
                    SegmentType::Utf16 => 16,
                    _ => 32,
                };
                if character(self.value).is_some() && builder.utf(self.value, width, self.flags) {
                    return Ok(());
                }
                Problem::Type
            }
            _ => match self.value.as_bits() {
                None => Problem::Type,
                Some(bits) if builder.bits(bits, size) => return Ok(()),
                Some(_) => Problem::Short,
            },
        };
        Err(self.fails(problem, self.value))
    }
}

/// The binary or bitstring of `count` segments, and the bits written for it; `segment` gives each by
/// its index.
#[inline]
pub fn create(
    count: usize,
    segment: impl Fn(usize) -> Segment,
    heap: &mut (impl Alloc + ?Sized),
) -> Result<(Term, usize), Failure> {
    let appends =
        count > 0 && matches!(segment(0).kind, SegmentType::Append | SegmentType::PrivateAppend);
    let first = usize::from(appends);
    let mut total: usize = 0;
    for i in first..count {
        let s = segment(i);
        total = total.saturating_add(s.size()?);
        if total >= MAX_BITS {
            return Err(s.fails(Problem::TooLarge, s.size));
        }
    }
    let mut written = total;
    let made = if appends {
        let s = segment(0);
        let Some(bits) = s.value.as_bits() else { return Err(s.fails(Problem::Type, s.value)) };
        if bits.bit_size % s.unit.max(1) as usize != 0 {
            return Err(s.fails(Problem::Unit, s.value));
        }
        if total == 0 {
            return Ok((s.value, 0));
        }
        let made = append(bits, total, heap);
        let copied = |made: Term| made.as_bits().is_none_or(|made| made.base != bits.base);
        if made.is_ok_and(|(made, _)| copied(made)) {
            written += bits.bit_size;
        }
        made
    } else {
        new_binary(total, heap)
    };
    let (term, mut builder) = match made {
        Ok(made) => made,
        Err(TooLarge) => {
            let largest = (first..count).map(&segment).max_by_key(|s| s.size().unwrap_or(0));
            let s = largest.unwrap_or_else(|| segment(0));
            return Err(s.fails(Problem::TooLarge, s.size));
        }
    };
    for i in first..count {
        let s = segment(i);
        s.write(s.size()?, &mut builder)?;
    }
    Ok((term, written))
}
