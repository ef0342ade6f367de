//! Rules for the bit syntax.

use glulam_bytecode::isa::{Op as G, Operand};

use super::emit::Source;
use super::operand::{heap_words, label, narrow, number};
use super::rules::Fault;
use super::{Context, LowerError};
use crate::am;
use crate::exec::isa::Op;
use crate::exec::ops::bits::{Command, SegmentType};
use crate::heap::bits::{LITTLE, NATIVE, SIGNED};
use crate::term::Term;

fn live(operand: &Operand) -> u16 {
    narrow(operand).unwrap_or(0)
}

/// Unit, flags and live registers in one word.
fn details(unit: u64, flags: u64, live: u16) -> u64 {
    (unit & 0xffff) | (flags & 0xff) << 16 | u64::from(live) << 32
}

impl Context<'_> {
    /// The address of bytes in the string table, which lives as long as the code.
    fn string(&self, offset: &Operand) -> u64 {
        self.strings.as_ptr() as u64 + number(offset)
    }

    pub(super) fn bits_rule(&mut self, op: G, args: &[Operand]) -> Result<(), Fault> {
        match op {
            G::BsStartMatch3 => self.start_match(label(&args[0]), &args[1], &args[2], &args[3])?,
            G::BsStartMatch4 => self.start_match(label(&args[0]), &args[2], &args[1], &args[3])?,
            G::BsGetInteger2 => self.get(Op::BsGetInteger, args)?,
            G::BsGetFloat2 => self.get(Op::BsGetFloat, args)?,
            G::BsGetBinary2 => self.get(Op::BsGetBinary, args)?,
            G::BsSkipBits2 => {
                let (c, size) = (self.source(&args[1]), self.source(&args[2]));
                let i = self.e.begin(Op::BsSkip).src(c).src(size).n(live(&args[3]));
                i.label(label(&args[0])).end()?;
            }
            G::BsTestTail2 => {
                let c = self.source(&args[1]);
                self.e.begin(Op::BsTestTail).src(c).label(label(&args[0])).word(number(&args[2])).end()?;
            }
            G::BsTestUnit => {
                let c = self.source(&args[1]);
                self.e.begin(Op::BsTestUnit).src(c).n(live(&args[2])).label(label(&args[0])).end()?;
            }
            G::BsMatchString => {
                let (c, at) = (self.source(&args[1]), self.string(&args[3]));
                let i = self.e.begin(Op::BsMatchString).src(c).label(label(&args[0]));
                i.word(number(&args[2])).word(at).end()?;
            }
            G::BsGetTail | G::BsGetPosition => {
                let (c, d) = (self.source(&args[0]), self.dst(&args[1]));
                let op = if op == G::BsGetTail { Op::BsGetTail } else { Op::BsGetPosition };
                self.e.begin(op).src(c).n(d).n(live(&args[2])).end()?;
            }
            G::BsSetPosition => {
                let (c, p) = (self.source(&args[0]), self.source(&args[1]));
                self.e.begin(Op::BsSetPosition).src(c).src(p).end()?;
            }
            G::BsGetUtf8 => self.get_utf(8, args)?,
            G::BsGetUtf16 => self.get_utf(16, args)?,
            G::BsGetUtf32 => self.get_utf(32, args)?,
            G::BsSkipUtf8 => self.skip_utf(8, args)?,
            G::BsSkipUtf16 => self.skip_utf(16, args)?,
            G::BsSkipUtf32 => self.skip_utf(32, args)?,
            G::BsMatch => self.match_commands(args)?,
            G::BsCreateBin => self.create(args)?,
            G::BsInit2 | G::BsInitBits => {
                let size = self.source(&args[1]);
                let d = self.dst(&args[5]);
                let bits = u64::from(op == G::BsInitBits);
                let i = self.e.begin(Op::BsInit).src(size).n(d).n(live(&args[3])).label(label(&args[0]));
                i.word(heap_words(&args[2]) << 1 | bits).end()?;
            }
            G::BsAppend => {
                let (size, bin, d) = (self.source(&args[1]), self.source(&args[5]), self.dst(&args[7]));
                let i = self.e.begin(Op::BsAppend).src(size).src(bin).n(d).label(label(&args[0]));
                let word = (number(&args[4]) & 0xffff) | u64::from(live(&args[3])) << 16 | heap_words(&args[2]) << 32;
                i.word(word).end()?;
            }
            G::BsPrivateAppend => {
                let (size, bin, d) = (self.source(&args[1]), self.source(&args[3]), self.dst(&args[5]));
                let i = self.e.begin(Op::BsPrivateAppend).src(size).src(bin).n(d).label(label(&args[0]));
                i.word(number(&args[2]) & 0xffff).end()?;
            }
            G::BsInitWritable => self.e.begin(Op::BsInitWritable).end()?,
            G::BsPutInteger => self.put(Op::BsPutInteger, args)?,
            G::BsPutBinary => self.put(Op::BsPutBinary, args)?,
            G::BsPutFloat => self.put(Op::BsPutFloat, args)?,
            G::BsPutString => {
                let at = self.string(&args[1]);
                self.e.begin(Op::BsPutString).word(number(&args[0])).word(at).end()?;
            }
            G::BsPutUtf8 => self.put_utf(8, args)?,
            G::BsPutUtf16 => self.put_utf(16, args)?,
            G::BsPutUtf32 => self.put_utf(32, args)?,
            G::BsAdd => {
                let (a, b, d) = (self.source(&args[1]), self.source(&args[2]), self.dst(&args[4]));
                let i = self.e.begin(Op::BsAdd).src(a).src(b).n(d).label(label(&args[0]));
                i.word(number(&args[3])).end()?;
            }
            G::BsUtf8Size | G::BsUtf16Size => {
                let (s, d) = (self.source(&args[1]), self.dst(&args[2]));
                let n = if op == G::BsUtf8Size { 8 } else { 16 };
                self.e.begin(Op::BsUtfSize).src(s).n(d).n(n).label(label(&args[0])).end()?;
            }
            _ => return Err(Fault::Lower(LowerError::Unsupported(op.name()))),
        }
        Ok(())
    }

    fn start_match(&mut self, fail: u32, source: &Operand, keep: &Operand, dst: &Operand) -> Result<(), Fault> {
        let (s, d) = (self.source(source), self.dst(dst));
        Ok(self.e.begin(Op::BsStartMatch).src(s).n(d).n(live(keep)).label(fail).end()?)
    }

    /// Label, context, live, size, unit, flags, destination.
    fn get(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let (c, size, d) = (self.source(&args[1]), self.source(&args[3]), self.dst(&args[6]));
        if op == Op::BsGetInteger
            && c.is_register()
            && let Source::Constant(count) = size
            && let Some(count) = count.as_usize()
            && let Some(bits) = count.checked_mul(number(&args[4]) as usize).filter(|n| (1..=56).contains(n))
            && number(&args[5]) & (LITTLE | SIGNED | NATIVE) == 0
        {
            return Ok(self.e.begin(Op::BsGetUnsigned).src(c).n(d).n(bits as u16).label(label(&args[0])).end()?);
        }
        let i = self.e.begin(op).src(c).src(size).n(d).label(label(&args[0]));
        Ok(i.word(details(number(&args[4]), number(&args[5]), live(&args[2]))).end()?)
    }

    /// Label, context, live, flags, destination.
    fn get_utf(&mut self, width: u16, args: &[Operand]) -> Result<(), Fault> {
        let (c, d) = (self.source(&args[1]), self.dst(&args[4]));
        let i = self.e.begin(Op::BsGetUtf).src(c).n(d).n(width).label(label(&args[0]));
        Ok(i.word(number(&args[3])).end()?)
    }

    fn skip_utf(&mut self, width: u16, args: &[Operand]) -> Result<(), Fault> {
        let c = self.source(&args[1]);
        let i = self.e.begin(Op::BsSkipUtf).src(c).n(width).label(label(&args[0]));
        Ok(i.word(number(&args[3])).end()?)
    }

    /// Label, size, unit, flags, value.
    fn put(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let (value, size) = (self.source(&args[4]), self.source(&args[1]));
        let i = self.e.begin(op).src(value).src(size).n(live(&args[2])).label(label(&args[0]));
        Ok(i.word(number(&args[3])).end()?)
    }

    /// Label, flags, value.
    fn put_utf(&mut self, width: u16, args: &[Operand]) -> Result<(), Fault> {
        let value = self.source(&args[2]);
        let i = self.e.begin(Op::BsPutUtf).src(value).n(width).label(label(&args[0]));
        Ok(i.word(number(&args[1])).end()?)
    }

    /// Flags of a segment: a list of atoms.
    fn flags(&self, operand: &Operand) -> u16 {
        let Source::Constant(list) = self.source(operand) else { return 0 };
        list.list().fold(0, |flags, flag| {
            flags
                | match flag {
                    am::little => LITTLE,
                    am::signed => SIGNED,
                    am::native => NATIVE,
                    _ => 0,
                } as u16
        })
    }

    /// Fail, heap, live, unit, destination, segments of six: type, number, unit, flags, value,
    /// size. Packed as five: type and flags, number, unit, value, size.
    fn create(&mut self, args: &[Operand]) -> Result<(), Fault> {
        let d = self.dst(&args[4]);
        let list = args[5].as_list().unwrap_or_default();
        let mut packed = Vec::with_capacity(list.len());
        for segment in list.chunks_exact(6) {
            let Operand::Atom(name) = &segment[0] else { return Err(Fault::TooLong) };
            let name = self.file.atom(*name);
            let kind = SegmentType::of(name)
                .ok_or(Fault::Lower(LowerError::Unsupported("bs_create_bin with this segment")))?;
            packed.push(Source::Register(kind as u16 | self.flags(&segment[3]) << 8));
            packed.push(Source::Register(live(&segment[1])));
            packed.push(Source::Register(live(&segment[2])));
            packed.push(match kind {
                SegmentType::String => Source::Constant(Term::raw(self.string(&segment[4]))),
                _ => self.source(&segment[4]),
            });
            packed.push(self.source(&segment[5]));
        }
        let count = (packed.len() / 5) as u16;
        let i = self.e.begin(Op::BsCreateBin).n(d).n(live(&args[2])).n(count).label(label(&args[0]));
        Ok(i.word(heap_words(&args[1])).length().packed(&packed).end()?)
    }

    /// Label, context, commands of different lengths. Packed as six each: command and flags,
    /// live, unit, destination, size, value.
    fn match_commands(&mut self, args: &[Operand]) -> Result<(), Fault> {
        let c = self.source(&args[1]);
        let list = args[2].as_list().unwrap_or_default();
        let mut packed = Vec::new();
        let mut at = 0;
        while at < list.len() {
            let Operand::Atom(name) = &list[at] else { return Err(Fault::TooLong) };
            let (command, length) = Command::of(self.file.atom(*name))
                .ok_or(Fault::Lower(LowerError::Unsupported("bs_match with this command")))?;
            let a = &list[at..at + length];
            let nothing = Source::Register(0);
            let count = |o: &Operand| Source::Constant(Term::small(number(o) as i64));
            let (flags, keep, unit, dst, size, value) = match command {
                Command::EnsureAtLeast => (0, 0, live(&a[2]), 0, count(&a[1]), nothing),
                Command::EnsureExactly | Command::Skip => (0, 0, 1, 0, count(&a[1]), nothing),
                Command::Integer | Command::Binary => {
                    (self.flags(&a[2]), live(&a[1]), live(&a[4]), self.dst(&a[5]), count(&a[3]), nothing)
                }
                Command::GetTail => (0, live(&a[1]), live(&a[2]), self.dst(&a[3]), nothing, nothing),
                Command::Equal => (0, 0, 1, 0, count(&a[2]), self.source(&a[3])),
            };
            packed.push(Source::Register(command as u16 | flags << 8));
            packed.push(Source::Register(keep));
            packed.push(Source::Register(unit));
            packed.push(Source::Register(dst));
            packed.push(size);
            packed.push(value);
            at += length;
        }
        let count = (packed.len() / 6) as u16;
        let i = self.e.begin(Op::BsMatch).src(c).n(count).label(label(&args[0]));
        Ok(i.length().packed(&packed).end()?)
    }
}
