//! The first pass, each instruction on its own: operand kinds, indexes, functions, labels.

use super::functions::{functions, never_returns};
use super::{Frame, Function, Verified};
use crate::error::{Fault, Reason};
use crate::file::BeamFile;
use crate::isa::{AtomIx, Instr, Kind, Op, Operand};

/// Largest number of x registers that can be live.
pub(super) const MAX_LIVE: u64 = 1023;
/// Most words of heap one instruction may ask for.
const MAX_HEAP: u32 = 1 << 26;

pub(super) fn check(file: &BeamFile) -> Result<Verified, Fault> {
    let mut verified = Verified {
        cleared: Vec::new(),
        functions: functions(file)?,
        frames: vec![Frame::Unreached; file.code.instrs.len()],
        labels: vec![Verified::NO_LABEL; file.code.label_count as usize],
        x_registers: 4,
        float_registers: 0,
        max_frame: 0,
        never_returns: never_returns(file),
        on_load: None,
    };
    for (at, instr) in file.code.instrs.iter().enumerate() {
        if instr.op == Op::Label
            && let [Operand::Unsigned(label)] = file.code.args(instr)
        {
            let end = verified.labels.len() as u64;
            match verified.labels.get_mut(*label as usize) {
                Some(seen) if *label != 0 && *seen == Verified::NO_LABEL => *seen = at as u32,
                Some(_) => return Err(fault(instr, Reason::DuplicateLabel(*label as u32))),
                None => return Err(fault(instr, Reason::OutOfRange("label", *label, end))),
            }
        }
    }
    let mut checker = Checker {
        file,
        verified,
        function: 0,
    };
    for (at, instr) in file.code.instrs.iter().enumerate() {
        checker.instr(at as u32, instr)?;
    }
    checker.tables()?;
    Ok(checker.verified)
}

pub(super) fn fault(instr: &Instr, reason: Reason) -> Fault {
    Fault {
        chunk: Some(*b"Code"),
        offset: instr.offset as usize,
        reason,
    }
}

pub(super) struct Checker<'a> {
    pub(super) file: &'a BeamFile,
    verified: Verified,
    /// Index of the function the instruction belongs to, or of the next one.
    function: usize,
}

impl Checker<'_> {
    fn instr(&mut self, at: u32, instr: &Instr) -> Result<(), Fault> {
        while self
            .verified
            .functions
            .get(self.function)
            .is_some_and(|f| f.end <= at)
        {
            self.function += 1;
        }
        let op = instr.op;
        if op.retired() {
            return Err(fault(instr, Reason::RetiredOpcode(op.name())));
        }
        let args = self.file.code.args(instr);
        for (nth, (arg, kind)) in args.iter().zip(op.kinds()).enumerate() {
            self.operand(instr, nth, arg, *kind)?;
        }
        match op {
            Op::Fmove => match args {
                [Operand::FloatReg(_), to] if !matches!(to, Operand::FloatReg(_)) => Ok(()),
                [from, Operand::FloatReg(_)] if !matches!(from, Operand::FloatReg(_)) => Ok(()),
                _ => Err(fault(
                    instr,
                    Reason::BadOperand("fmove", 1, "one float register"),
                )),
            },
            Op::Bif0 => self.import_arity(instr, &args[0], 0),
            Op::Bif1 => self.import_arity(instr, &args[1], 1),
            Op::Bif2 => self.import_arity(instr, &args[1], 2),
            Op::Bif3 => self.import_arity(instr, &args[1], 3),
            Op::GcBif1 => self.import_arity(instr, &args[2], 1),
            Op::GcBif2 => self.import_arity(instr, &args[2], 2),
            Op::GcBif3 => self.import_arity(instr, &args[2], 3),
            Op::CallExt | Op::CallExtOnly | Op::CallExtLast => {
                let arity = args[0].as_unsigned().unwrap_or_default();
                self.import_arity(instr, &args[1], arity)
            }
            Op::Call | Op::CallOnly | Op::CallLast => {
                let arity = args[0].as_unsigned().unwrap_or_default();
                self.entry(instr, args[1].as_label().unwrap_or_default(), arity)
            }
            Op::MakeFun2 => self.lambda(instr, &args[0], None),
            Op::MakeFun3 => self.lambda(instr, &args[0], args[2].as_list()),
            Op::CallFun2 => self.known_fun(instr, args),
            Op::BsMatchString | Op::BsPutString => self.string(instr, args),
            Op::OnLoad => {
                self.verified.on_load = Some(self.function as u32);
                Ok(())
            }
            _ => Ok(()),
        }?;
        self.list(instr, args)
    }

    pub(super) fn operand(
        &mut self,
        instr: &Instr,
        nth: usize,
        arg: &Operand,
        kind: Kind,
    ) -> Result<(), Fault> {
        let wrong = |wanted| {
            Err(fault(
                instr,
                Reason::BadOperand(instr.op.name(), nth as u8, wanted),
            ))
        };
        match kind {
            Kind::Src if self.is_value(arg) => Ok(()),
            Kind::Src => wrong("a value"),
            Kind::Dst => match arg {
                Operand::X(n) => {
                    self.saw_x(*n);
                    Ok(())
                }
                Operand::Y(_) => Ok(()),
                _ => wrong("a register"),
            },
            Kind::Slot => match arg {
                Operand::Y(_) => Ok(()),
                _ => wrong("a y register"),
            },
            Kind::FloatReg => match arg {
                Operand::FloatReg(n) => {
                    self.verified.float_registers = self.verified.float_registers.max(n + 1);
                    Ok(())
                }
                _ => wrong("a float register"),
            },
            Kind::FloatSrc | Kind::FloatDst => match arg {
                Operand::FloatReg(_) => self.operand(instr, nth, arg, Kind::FloatReg),
                _ if kind == Kind::FloatSrc => self.operand(instr, nth, arg, Kind::Src),
                _ => self.operand(instr, nth, arg, Kind::Dst),
            },
            Kind::Jump => match arg {
                Operand::Label(0) => wrong("a label"),
                Operand::Label(label) => self.jump(instr, *label),
                _ => wrong("a label"),
            },
            Kind::Fail => match arg {
                Operand::Label(0) => Ok(()),
                Operand::Label(label) => self.jump(instr, *label),
                _ => wrong("a label or none"),
            },
            Kind::Mode => match arg {
                Operand::Atom(atom) if matches!(self.file.atom(*atom), "no_fail" | "resume") => {
                    Ok(())
                }
                _ => self.operand(instr, nth, arg, Kind::Jump),
            },
            Kind::Entry => match arg {
                Operand::Label(_) => Ok(()), // checked together with the arity
                _ => wrong("a label"),
            },
            Kind::Num | Kind::Lbl => match arg {
                // Any number of bits may be asked for; there need not be so many.
                Operand::Unsigned(n) if *n <= u32::MAX.into() || instr.op == Op::BsTestTail2 => Ok(()),
                _ => wrong("a number"),
            },
            Kind::Slots => match arg {
                Operand::Unsigned(n) if *n <= Operand::REGISTERS.into() => Ok(()),
                _ => wrong("a number of stack slots"),
            },
            Kind::Live => match arg {
                Operand::Unsigned(n) if *n <= MAX_LIVE => {
                    self.saw_args(*n);
                    Ok(())
                }
                _ => wrong("a number of x registers"),
            },
            Kind::Arity => match arg {
                Operand::Unsigned(n) if *n <= crate::file::MAX_ARITY as u64 => {
                    self.saw_args(*n + 2); // a fun, or module and function, may follow
                    Ok(())
                }
                _ => wrong("a number of arguments"),
            },
            Kind::Heap => match arg.as_heap() {
                Some(heap) if heap.words.max(heap.floats).max(heap.funs) <= MAX_HEAP => Ok(()),
                _ => wrong("an amount of heap"),
            },
            Kind::Size => match arg {
                Operand::Unsigned(_) => Ok(()),
                _ => self.operand(instr, nth, arg, Kind::Src),
            },
            Kind::Import => self.index(instr, arg, "import", self.file.imports.len()),
            Kind::Lambda => self.index(instr, arg, "lambda", self.file.lambdas.len()),
            Kind::Str => self.index(instr, arg, "string", self.file.strings.len() + 1),
            Kind::Line => match self.file.lines.items.len() {
                // Without positions any index means "unknown".
                1 => self.operand(instr, nth, arg, Kind::Num),
                len => self.index(instr, arg, "position", len),
            },
            Kind::Atom => match arg {
                Operand::Atom(_) => Ok(()),
                _ => wrong("an atom"),
            },
            Kind::FunTag => match arg {
                Operand::Atom(atom) if matches!(self.file.atom(*atom), "safe" | "unsafe") => Ok(()),
                Operand::Unsigned(_) => self.index(instr, arg, "lambda", self.file.lambdas.len()),
                _ => wrong("`safe`, `unsafe` or a lambda"),
            },
            Kind::List => match arg {
                Operand::List(_) => Ok(()),
                _ => wrong("a list"),
            },
            Kind::Gone => Err(fault(instr, Reason::RetiredOpcode(instr.op.name()))),
        }
    }

    fn saw_x(&mut self, n: u16) {
        self.verified.x_registers = self.verified.x_registers.max(n + 1);
    }

    pub(super) fn saw_args(&mut self, n: u64) {
        self.verified.x_registers = self.verified.x_registers.max(n as u16);
    }

    /// True for anything that has a value: registers, literals, immediates.
    pub(super) fn is_value(&mut self, arg: &Operand) -> bool {
        match arg {
            Operand::X(n) | Operand::TypedX(n, _) => {
                self.saw_x(*n);
                true
            }
            Operand::Y(_)
            | Operand::TypedY(..)
            | Operand::Integer(_)
            | Operand::BigInteger(_)
            | Operand::Atom(_)
            | Operand::Nil
            | Operand::Literal(_) => true,
            _ => false,
        }
    }

    fn index(
        &self,
        instr: &Instr,
        arg: &Operand,
        what: &'static str,
        end: usize,
    ) -> Result<(), Fault> {
        match arg {
            Operand::Unsigned(n) if *n < end as u64 => Ok(()),
            Operand::Unsigned(n) => Err(fault(instr, Reason::OutOfRange(what, *n, end as u64))),
            _ => Err(fault(
                instr,
                Reason::BadOperand(instr.op.name(), 0, "an index"),
            )),
        }
    }

    /// A label must be defined in the function of the instruction.
    fn jump(&self, instr: &Instr, label: u32) -> Result<(), Fault> {
        let Some(at) = self.verified.label(label) else {
            return Err(fault(instr, Reason::UndefinedLabel(label)));
        };
        match self.verified.functions.get(self.function) {
            Some(f) if (f.start..f.end).contains(&at) => Ok(()),
            _ => Err(fault(instr, Reason::ForeignLabel(label))),
        }
    }

    /// A label must be the entry of a function with so many arguments.
    fn entry(&self, instr: &Instr, label: u32, arity: u64) -> Result<(), Fault> {
        match self.function_of_entry(label) {
            Some(f) if u64::from(f.arity) == arity => Ok(()),
            _ => Err(fault(instr, Reason::BadEntry(label))),
        }
    }

    fn function_of_entry(&self, label: u32) -> Option<&Function> {
        let at = self.verified.label(label)?;
        self.verified.function_at(at).filter(|f| f.entry == label)
    }

    fn import_arity(&self, instr: &Instr, arg: &Operand, arity: u64) -> Result<(), Fault> {
        let import = arg
            .as_unsigned()
            .and_then(|n| self.file.imports.get(n as usize));
        match import {
            Some(import) if u64::from(import.arity) == arity => Ok(()),
            _ => Err(fault(instr, Reason::BadArity("an import"))),
        }
    }

    fn lambda(
        &self,
        instr: &Instr,
        arg: &Operand,
        environment: Option<&[Operand]>,
    ) -> Result<(), Fault> {
        let lambda = arg
            .as_unsigned()
            .and_then(|n| self.file.lambdas.get(n as usize));
        match (lambda, environment) {
            (Some(lambda), Some(values)) if values.len() != usize::from(lambda.num_free) => {
                Err(fault(instr, Reason::BadArity("the environment of a fun")))
            }
            (Some(_), _) => Ok(()),
            (None, _) => Err(fault(instr, Reason::BadArity("a fun"))),
        }
    }

    /// A call of a fun known by its lambda must pass what the lambda takes.
    fn known_fun(&self, instr: &Instr, args: &[Operand]) -> Result<(), Fault> {
        let Some(lambda) = args[0]
            .as_unsigned()
            .and_then(|n| self.file.lambdas.get(n as usize))
        else {
            return Ok(());
        };
        if args[1].as_unsigned() == Some((lambda.arity - lambda.num_free).into()) {
            Ok(())
        } else {
            Err(fault(instr, Reason::BadArity("a fun")))
        }
    }

    /// The bytes an op takes from the string table must be there.
    fn string(&self, instr: &Instr, args: &[Operand]) -> Result<(), Fault> {
        let (bytes, offset) = match (instr.op, args) {
            (Op::BsPutString, [Operand::Unsigned(bytes), Operand::Unsigned(offset)]) => {
                (*bytes, *offset)
            }
            (_, [_, _, Operand::Unsigned(bits), Operand::Unsigned(offset)]) => {
                (bits.div_ceil(8), *offset)
            }
            _ => {
                return Err(fault(
                    instr,
                    Reason::BadOperand(instr.op.name(), 0, "a number"),
                ));
            }
        };
        let end = self.file.strings.len() as u64;
        match offset.checked_add(bytes) {
            Some(last) if last <= end => Ok(()),
            _ => Err(fault(
                instr,
                Reason::OutOfRange("end of a string", offset, end + 1),
            )),
        }
    }

    /// Exports, locals and lambdas must be entries of such functions.
    fn tables(&self) -> Result<(), Fault> {
        let fits = |label: u32, name: AtomIx, arity: u8| {
            self.function_of_entry(label)
                .is_some_and(|f| f.name == name && f.arity == arity)
        };
        let bad = |id, label| Fault {
            chunk: Some(id),
            offset: 0,
            reason: Reason::BadEntry(label),
        };
        for export in &self.file.exports {
            if !fits(export.label, export.function, export.arity) {
                return Err(bad(*b"ExpT", export.label));
            }
        }
        for local in &self.file.locals {
            if !fits(local.label, local.function, local.arity) {
                return Err(bad(*b"LocT", local.label));
            }
        }
        for lambda in &self.file.lambdas {
            if !fits(lambda.label, lambda.function, lambda.arity) {
                return Err(bad(*b"FunT", lambda.label));
            }
        }
        Ok(())
    }
}
