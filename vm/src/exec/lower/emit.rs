//! Writing loaded instructions: narrow operands into the first word, wide ones behind it, then
//! packed lists, then constants.

use crate::exec::isa::{Op, SRC_CONST, SRC_INDEX, SRC_Y};
use crate::term::Term;

/// A source operand: a register as encoded, or a constant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Register(u16),
    Constant(Term),
}

impl Source {
    pub fn x(n: u16) -> Source {
        Source::Register(n)
    }
    /// The number of an x register.
    pub fn as_x(self) -> Option<u16> {
        match self {
            Source::Register(r) if r & SRC_Y == 0 => Some(r),
            _ => None,
        }
    }
    pub fn is_register(self) -> bool {
        matches!(self, Source::Register(_))
    }
}

/// An encoded y register.
pub(super) fn y(n: u16) -> u16 {
    n | SRC_Y
}

/// The code of a module while it is written. Labels are numbers until `finish`.
pub(super) struct Emitter {
    pub code: Vec<u64>,
    /// Offset of each label.
    labels: Vec<u32>,
    /// Words that hold a label's number.
    fixups: Vec<u32>,
}

const UNDEFINED: u32 = u32::MAX;

impl Emitter {
    pub fn new(labels: usize, capacity: usize) -> Emitter {
        Emitter { code: Vec::with_capacity(capacity), labels: vec![UNDEFINED; labels], fixups: Vec::new() }
    }

    pub fn offset(&self) -> u32 {
        self.code.len() as u32
    }

    pub fn define(&mut self, label: u32) {
        self.labels[label as usize] = self.offset();
    }

    pub fn label_offset(&self, label: u32) -> Option<u32> {
        self.labels.get(label as usize).copied().filter(|&o| o != UNDEFINED)
    }

    /// Starts an instruction.
    pub fn begin(&mut self, op: Op) -> Instruction<'_> {
        let start = self.code.len();
        self.code.push(op as u64);
        Instruction { e: self, op, start, narrow: 0, constants: Constants::default(), length_at: None }
    }

    /// Words that hold a label's number, and the labels' offsets.
    pub fn finish(self) -> (Vec<u64>, Vec<u32>, Vec<u32>) {
        (self.code, self.fixups, self.labels)
    }
}

/// Constants of one instruction: where their places are referred to, and their words.
#[derive(Default)]
struct Constants {
    items: Vec<(Place, u64)>,
}

enum Place {
    /// A narrow operand.
    Narrow(u32),
    /// A packed element: index in units of 16 bits from the start of the code.
    Packed(usize),
}

/// An instruction being written.
pub(super) struct Instruction<'e> {
    e: &'e mut Emitter,
    op: Op,
    start: usize,
    narrow: u32,
    constants: Constants,
    length_at: Option<usize>,
}

impl Instruction<'_> {
    /// A narrow number.
    pub fn n(mut self, value: u16) -> Self {
        self.narrow += 1;
        debug_assert!(self.narrow <= 3);
        self.e.code[self.start] |= u64::from(value) << (16 * self.narrow);
        self
    }

    /// A narrow source.
    pub fn src(mut self, source: Source) -> Self {
        match source {
            Source::Register(r) => self.n(r),
            Source::Constant(t) => {
                self.narrow += 1;
                self.constants.items.push((Place::Narrow(self.narrow), t.bits()));
                self
            }
        }
    }

    /// A wide word.
    pub fn word(self, word: u64) -> Self {
        self.e.code.push(word);
        self
    }

    /// A wide label; 0: none.
    pub fn label(self, label: u32) -> Self {
        if label != 0 {
            self.e.fixups.push(self.e.offset());
        }
        self.word(label.into())
    }

    /// A wide word that will hold the length of the instruction.
    pub fn length(mut self) -> Self {
        self.length_at = Some(self.e.code.len());
        self.word(0)
    }

    /// A packed list.
    pub fn packed(mut self, sources: &[Source]) -> Self {
        let at = self.e.code.len();
        self.e.code.resize(at + sources.len().div_ceil(4), 0);
        for (k, source) in sources.iter().enumerate() {
            match source {
                Source::Register(r) => {
                    self.e.code[at + k / 4] |= u64::from(*r) << (16 * (k % 4));
                }
                Source::Constant(t) => self.constants.items.push((Place::Packed(at * 4 + k), t.bits())),
            }
        }
        self
    }

    /// Places the constants and the length. An instruction whose constants lie too far from its
    /// start to be named (a tuple of more than 16,000 constants) is refused.
    pub fn end(self) -> Result<(), TooLong> {
        let constant = match self.constants.items[..] {
            [(Place::Narrow(_), bits)] => Some(Term::raw(bits)),
            _ => None,
        };
        for (place, bits) in self.constants.items {
            let distance = self.e.code.len() - self.start;
            if distance > SRC_INDEX as usize {
                return Err(TooLong);
            }
            self.e.code.push(bits);
            let operand = u64::from(distance as u16 | SRC_CONST);
            match place {
                Place::Narrow(n) => self.e.code[self.start] |= operand << (16 * n),
                Place::Packed(index) => self.e.code[index / 4] |= operand << (16 * (index % 4)),
            }
        }
        if let Some(at) = self.length_at {
            self.e.code[at] = (self.e.code.len() - self.start) as u64;
        }
        let form = super::form::of(self.op, self.e.code[self.start], constant);
        self.e.code[self.start] += form as u64 - self.op as u64;
        Ok(())
    }
}

/// An instruction with too many operands.
#[derive(Debug)]
pub(super) struct TooLong;
