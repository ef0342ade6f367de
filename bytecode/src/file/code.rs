//! The `Code` chunk: instructions.

use super::reader::{Compact, Reader, integer, tag};
use crate::error::{Fault, Reason};
use crate::isa::{AllocList, AtomIx, Instr, Op, Operand};

/// The instructions of a module.
#[derive(Clone, PartialEq, Debug)]
pub struct Code {
    /// Highest opcode the compiler says it used.
    pub max_opcode: u32,
    /// One more than the highest label.
    pub label_count: u32,
    /// Functions the compiler counted.
    pub function_count: u32,
    /// The instructions, in order; the last one is `int_code_end`.
    pub instrs: Vec<Instr>,
    /// Operands of all instructions, in order.
    pub operands: Vec<Operand>,
}

impl Code {
    /// The operands of one of these instructions.
    #[inline]
    pub fn args(&self, instr: &Instr) -> &[Operand] {
        let start = instr.args as usize;
        &self.operands[start..start + instr.op.arity()]
    }
}

/// Sizes of the tables operands may point into.
pub(super) struct Limits {
    pub atoms: usize,
    pub literals: usize,
    /// `None`: the types are of a version that is not understood, and are dropped.
    pub types: Option<usize>,
}

/// Lists longer than this are refused; it is the largest size of a tuple.
const MAX_LIST: u64 = (1 << 24) - 1;

/// Reads the chunk.
pub(super) fn code(data: &[u8], limits: &Limits) -> Result<Code, Fault> {
    let mut reader = Reader::new(Some(*b"Code"), data);
    let header = reader.count("header size", 1)?;
    if header < 16 {
        return Err(reader.fault_at(0, Reason::Malformed("header is too short")));
    }
    let format = reader.u32()?;
    if format != 0 {
        return Err(reader.fault_at(4, Reason::BadFormat(format)));
    }
    let max_opcode = reader.u32()?;
    if max_opcode > Op::MAX.into() {
        return Err(reader.fault_at(8, Reason::TooNew(max_opcode, Op::MAX)));
    }
    let label_count = reader.u32()?;
    let function_count = reader.u32()?;
    reader.bytes(header - 16)?;
    // Each label takes two bytes or more to define; hand-written code may leave gaps.
    let end = (reader.left() as u64 / 2).max(1 << 14) + 2;
    if u64::from(label_count) >= end {
        let reason = Reason::OutOfRange("number of labels", label_count.into(), end);
        return Err(reader.fault_at(12, reason));
    }
    let mut decoder = Decoder {
        reader,
        limits,
        label_count,
    };
    let left = decoder.reader.left();
    let mut instrs = Vec::with_capacity(left / 6);
    let mut operands = Vec::with_capacity(left / 2);
    loop {
        let offset = decoder.reader.pos();
        let number = decoder.reader.u8()?;
        let Some(op) = Op::from_number(number) else {
            let reason = Reason::UnknownOpcode(number.into(), Op::MAX);
            return Err(decoder.reader.fault_at(offset, reason));
        };
        instrs.push(Instr {
            op,
            args: operands.len() as u32,
            offset: offset as u32,
        });
        for _ in 0..op.arity() {
            operands.push(decoder.operand()?);
        }
        if op == Op::IntCodeEnd {
            break;
        }
    }
    Ok(Code {
        max_opcode,
        label_count,
        function_count,
        instrs,
        operands,
    })
}

struct Decoder<'a> {
    reader: Reader<'a>,
    limits: &'a Limits,
    label_count: u32,
}

impl Decoder<'_> {
    fn operand(&mut self) -> Result<Operand, Fault> {
        let at = self.reader.pos();
        let (tag, value) = self.reader.compact()?;
        let word = match value {
            Compact::Word(word) => word,
            Compact::Long(bytes) if tag == tag::INTEGER => {
                return Ok(match integer(bytes) {
                    Ok(small) => Operand::Integer(small),
                    Err(big) => Operand::BigInteger(Box::new(big)),
                });
            }
            // The compiler writes sizes of bits without a limit. Above any that can exist, all mean the same.
            Compact::Long(_) if tag == tag::UNSIGNED => u64::MAX,
            Compact::Long(_) => return Err(self.reader.fault_at(at, Reason::BadTag(tag))),
        };
        Ok(match tag {
            tag::UNSIGNED => Operand::Unsigned(word),
            tag::INTEGER => Operand::Integer(word as i64),
            tag::ATOM if word == 0 => Operand::Nil,
            tag::ATOM => Operand::Atom(AtomIx(self.check(at, "atom", word, self.limits.atoms)?)),
            tag::X => Operand::X(self.register(at, word)?),
            tag::Y => Operand::Y(self.register(at, word)?),
            tag::LABEL => {
                Operand::Label(self.check(at, "label", word, self.label_count as usize)?)
            }
            tag::CHAR => Operand::Char(self.check(at, "character", word, 0x11_0000)?),
            _ => return self.extended(at, word),
        })
    }

    fn extended(&mut self, at: usize, sort: u64) -> Result<Operand, Fault> {
        match sort {
            1 => self.list(at),
            2 => {
                let number = self.reader.unsigned()?;
                Ok(Operand::FloatReg(self.register(at, number)?))
            }
            3 => self.alloc(at),
            4 => {
                let number = self.reader.unsigned()?;
                let number = self.check(at, "literal", number, self.limits.literals)?;
                Ok(Operand::Literal(number))
            }
            5 => self.typed(at),
            n => Err(self
                .reader
                .fault_at(at, Reason::BadTag((n as u8) << 4 | tag::EXTENDED))),
        }
    }

    fn list(&mut self, at: usize) -> Result<Operand, Fault> {
        let count = self.reader.unsigned()?;
        if count > MAX_LIST {
            return Err(self.reader.fault_at(at, Reason::TooLarge("list", MAX_LIST)));
        }
        let count = self.reader.check_count(at, "length of a list", count, 1)?;
        let one = |_| {
            let at = self.reader.pos();
            match self.operand()? {
                Operand::List(_) => Err(self
                    .reader
                    .fault_at(at, Reason::Malformed("list within a list"))),
                operand => Ok(operand),
            }
        };
        let list: Result<Vec<Operand>, Fault> = (0..count).map(one).collect();
        Ok(Operand::List(list?.into()))
    }

    fn alloc(&mut self, at: usize) -> Result<Operand, Fault> {
        let count = self.reader.unsigned()?;
        let count = self
            .reader
            .check_count(at, "length of an allocation list", count, 2)?;
        let mut alloc = AllocList::default();
        for _ in 0..count {
            let at = self.reader.pos();
            let sort = self.reader.unsigned()?;
            let number = self.reader.unsigned()?;
            let number = self.check(at, "heap to reserve", number, 1 << 28)?;
            let field = match sort {
                0 => &mut alloc.words,
                1 => &mut alloc.floats,
                2 => &mut alloc.funs,
                _ => {
                    return Err(self
                        .reader
                        .fault_at(at, Reason::OutOfRange("use of heap", sort, 3)));
                }
            };
            *field = number;
        }
        Ok(Operand::Alloc(Box::new(alloc)))
    }

    fn typed(&mut self, at: usize) -> Result<Operand, Fault> {
        let register = self.operand_of_typed(at)?;
        let index = self.reader.unsigned()?;
        let Some(types) = self.limits.types else {
            return Ok(register);
        };
        let index = self.check(at, "type", index, types)?;
        Ok(match register {
            Operand::X(n) => Operand::TypedX(n, index),
            Operand::Y(n) => Operand::TypedY(n, index),
            other => other,
        })
    }

    fn operand_of_typed(&mut self, at: usize) -> Result<Operand, Fault> {
        match self.reader.compact()? {
            (tag::X, Compact::Word(n)) => Ok(Operand::X(self.register(at, n)?)),
            (tag::Y, Compact::Word(n)) => Ok(Operand::Y(self.register(at, n)?)),
            (tag, _) => Err(self.reader.fault_at(at, Reason::BadTag(tag))),
        }
    }

    fn register(&self, at: usize, number: u64) -> Result<u16, Fault> {
        self.check(at, "register", number, Operand::REGISTERS.into())
            .map(|n| n as u16)
    }

    #[inline]
    fn check(&self, at: usize, what: &'static str, n: u64, end: usize) -> Result<u32, Fault> {
        if n < end as u64 && n <= u32::MAX.into() {
            Ok(n as u32)
        } else {
            Err(self
                .reader
                .fault_at(at, Reason::OutOfRange(what, n, end as u64)))
        }
    }
}
