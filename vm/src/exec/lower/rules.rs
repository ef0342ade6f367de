//! One rule for each generic instruction.

use glulam_bytecode::isa::{Op as G, Operand};

use super::operand::{float_register, heap_words, label, narrow, number};
use super::emit::{Source, TooLong};
use super::{Context, LowerError};
use crate::bif::{self, Decl};
use crate::code::{Export, FunEntry, LineEntry};
use crate::exec::isa::{Op, SRC_Y};
use crate::term::Term;
use crate::am;

pub(super) enum Fault {
    TooLong,
    Lower(LowerError),
}

impl From<TooLong> for Fault {
    fn from(_: TooLong) -> Fault {
        Fault::TooLong
    }
}

fn live(operand: &Operand) -> u16 {
    narrow(operand).unwrap_or(0)
}

impl<'a> Context<'a> {
    /// The next instruction that is no `line`, at or behind `index`, within reach.
    fn peek(&self, mut index: usize) -> Option<(usize, G, &'a [Operand])> {
        loop {
            if index >= self.file.code.instrs.len() {
                return None;
            }
            let (instr, args) = self.instr(index);
            if !matches!(instr.op, G::Line | G::ExecutableLine) {
                return Some((index, instr.op, args));
            }
            index += 1;
        }
    }

    /// Whether the first instruction behind the entry at `index` is one that a receive comes back to.
    fn begins_to_receive(&self, index: usize) -> bool {
        let rest = self.file.code.instrs[index..].iter().map(|i| i.op);
        let first = rest.into_iter().find(|op| !matches!(op, G::Label | G::Line | G::ExecutableLine));
        matches!(first, Some(G::LoopRec | G::Wait | G::WaitTimeout))
    }

    /// Whether the function whose entry is at `index` says that it is a native.
    fn is_declared_nif(&self, index: usize) -> bool {
        let rest = &self.file.code.instrs[index..];
        rest.iter().map(|i| i.op).take_while(|op| *op != G::FuncInfo).any(|op| op == G::NifStart)
    }

    /// Lowers the instruction at `index`, perhaps with those behind it: how many it took.
    pub(super) fn rule(&mut self, index: usize, op: G, args: &[Operand]) -> Result<usize, Fault> {
        let mut taken = 1;
        match op {
            G::Label => {
                self.e.define(label_number(&args[0]));
                if self.replaceable
                    && index > 0
                    && self.instr(index - 1).0.op == G::FuncInfo
                    && (!self.declares_nifs || self.is_declared_nif(index))
                {
                    self.e.begin(Op::NifEntry).word(0).end()?;
                } else if index > 0 && self.instr(index - 1).0.op == G::FuncInfo && self.begins_to_receive(index) {
                    self.e.begin(Op::Entry).end()?;
                }
            }
            G::Line => self.line(&args[0]),
            G::FuncInfo => {
                let (m, f) = (self.atom(&args[0]), self.atom(&args[1]));
                self.e
                    .begin(Op::FuncInfo)
                    .n(live(&args[2]))
                    .word(Term::from_atom(m).bits())
                    .word(Term::from_atom(f).bits())
                    .end()?;
            }
            G::IntCodeEnd => self.e.begin(Op::Invalid).end()?,
            G::OnLoad | G::NifStart | G::ExecutableLine | G::DebugLine | G::RecvMark | G::RecvSet
            | G::Fclearerror | G::Fcheckerror => {}

            G::Move => taken = self.move_rule(index, args)?,
            G::Swap => {
                let (a, b) = (self.dst(&args[0]), self.dst(&args[1]));
                self.e.begin(Op::Swap).n(a).n(b).end()?;
            }
            G::GetList => {
                let s = self.source(&args[0]);
                let (h, t) = (self.dst(&args[1]), self.dst(&args[2]));
                self.e.begin(Op::GetList).src(s).n(h).n(t).end()?;
            }
            G::GetHd | G::GetTl => {
                let (s, d) = (self.source(&args[0]), self.dst(&args[1]));
                self.e.begin(if op == G::GetHd { Op::GetHd } else { Op::GetTl }).src(s).n(d).end()?;
            }
            G::GetTupleElement => taken = self.element_rule(index, args)?,
            G::SetTupleElement => {
                let (v, t) = (self.source(&args[0]), self.source(&args[1]));
                self.e.begin(Op::SetElement).src(v).src(t).n(small_index(&args[2])?).end()?;
            }
            G::PutList => {
                let (h, t, d) = (self.source(&args[0]), self.source(&args[1]), self.dst(&args[2]));
                self.e.begin(Op::PutList).src(h).src(t).n(d).end()?;
            }
            G::PutTuple2 => {
                let d = self.dst(&args[0]);
                let list = self.sources(args[1].as_list().unwrap_or_default());
                let n = u16::try_from(list.len()).map_err(|_| Fault::TooLong)?;
                self.e.begin(Op::PutTuple).n(d).n(n).length().packed(&list).end()?;
            }
            G::UpdateRecord => {
                let (t, d) = (self.source(&args[2]), self.dst(&args[3]));
                let list = args[4].as_list().unwrap_or_default();
                let mut packed = Vec::new();
                for pair in list.chunks_exact(2) {
                    packed.push(Source::Register(small_index(&pair[0])?));
                    packed.push(self.source(&pair[1]));
                }
                let pairs = (packed.len() / 2) as u16;
                let i = self.e.begin(Op::UpdateRecord).src(t).n(d).n(pairs).length();
                i.word(number(&args[1])).packed(&packed).end()?;
            }
            G::Init => {
                let d = self.dst(&args[0]);
                self.e.begin(Op::NilY).n(d).end()?;
            }
            G::InitYregs => self.init_rule(index, args)?,

            G::Allocate | G::AllocateZero => taken = self.allocate(index, &args[0], None, &args[1])?,
            G::AllocateHeap | G::AllocateHeapZero => {
                taken = self.allocate(index, &args[0], Some(&args[1]), &args[2])?;
            }
            G::TestHeap if let Some(n) = self.before_put_list(index, args)? => taken = n,
            G::TestHeap => {
                self.e.begin(Op::TestHeap).n(live(&args[1])).word(heap_words(&args[0])).end()?;
            }
            G::Deallocate => {
                let n = narrow(&args[0]).ok_or(Fault::TooLong)?;
                if let Some((next, G::Return, _)) = self.peek(index + 1) {
                    self.e.begin(Op::DeallocateReturn).n(n).end()?;
                    taken = next + 1 - index;
                } else {
                    self.e.begin(Op::Deallocate).n(n).end()?;
                }
            }
            G::Trim => self.e.begin(Op::Trim).n(narrow(&args[0]).ok_or(Fault::TooLong)?).end()?,
            G::Jump => self.e.begin(Op::Jump).label(label(&args[0])).end()?,
            G::Return => self.e.begin(Op::Return).end()?,

            G::Call => self.e.begin(Op::Call).n(live(&args[0])).label(label(&args[1])).end()?,
            G::CallOnly => self.e.begin(Op::CallOnly).n(live(&args[0])).label(label(&args[1])).end()?,
            G::CallLast => {
                let slots = narrow(&args[2]).ok_or(Fault::TooLong)?;
                self.e.begin(Op::CallLast).n(live(&args[0])).n(slots).label(label(&args[1])).end()?;
            }
            G::CallExt => self.call_ext(args, Tail::No)?,
            G::CallExtOnly => self.call_ext(args, Tail::Only)?,
            G::CallExtLast => self.call_ext(args, Tail::Last(narrow(&args[2]).ok_or(Fault::TooLong)?))?,
            G::CallFun => {
                let arity = live(&args[0]);
                taken = self.call_fun(index, arity, Source::x(arity))?;
            }
            G::CallFun2 => {
                let fun = self.source(&args[2]);
                taken = self.call_fun(index, live(&args[1]), fun)?;
            }
            G::Apply => self.e.begin(Op::Apply).n(live(&args[0])).end()?,
            G::ApplyLast => {
                let slots = narrow(&args[1]).ok_or(Fault::TooLong)?;
                self.e.begin(Op::ApplyLast).n(live(&args[0])).n(slots).end()?;
            }
            G::MakeFun3 => {
                let env = self.sources(args[2].as_list().unwrap_or_default());
                let d = self.dst(&args[1]);
                self.make_fun(number(&args[0]) as usize, d, &env)?;
            }
            G::MakeFun2 => {
                let lambda = number(&args[0]) as usize;
                let env: Vec<_> = (0..self.file.lambdas[lambda].num_free.into()).map(Source::x).collect();
                // This op reserves its own heap: the file has no `test_heap` for it.
                self.e.begin(Op::TestHeap).n(env.len() as u16).word(env.len() as u64 + 3).end()?;
                self.make_fun(lambda, 0, &env)?;
            }

            G::IsInteger => self.unary(Op::IsInteger, args)?,
            G::IsFloat => self.unary(Op::IsFloat, args)?,
            G::IsNumber => self.unary(Op::IsNumber, args)?,
            G::IsAtom => self.unary(Op::IsAtom, args)?,
            G::IsPid => self.unary(Op::IsPid, args)?,
            G::IsReference => self.unary(Op::IsReference, args)?,
            G::IsPort => self.unary(Op::IsPort, args)?,
            G::IsNil => self.unary(Op::IsNil, args)?,
            G::IsBinary => self.unary(Op::IsBinary, args)?,
            G::IsBitstr => self.unary(Op::IsBitstring, args)?,
            G::IsList => self.unary(Op::IsList, args)?,
            G::IsBoolean => self.unary(Op::IsBoolean, args)?,
            G::IsFunction => self.unary(Op::IsFunction, args)?,
            G::IsMap => self.unary(Op::IsMap, args)?,
            G::IsNonemptyList => taken = self.nonempty_rule(index, args)?,
            G::IsTuple => taken = self.tuple_rule(index, args)?,
            G::TestArity => {
                let (s, n) = (self.source(&args[1]), number(&args[2]));
                self.arity_test(s, n, label(&args[0]))?;
            }
            G::IsTaggedTuple => {
                let s = self.source(&args[1]);
                let n = narrow(&args[2]).ok_or(Fault::TooLong)?;
                let tag = Term::from_atom(self.atom(&args[3]));
                self.e.begin(Op::IsTaggedTuple).src(s).n(n).label(label(&args[0])).word(tag.bits()).end()?;
            }
            G::IsFunction2 => self.binary(Op::IsFunction2, args)?,
            G::IsLt => self.binary(Op::IsLt, args)?,
            G::IsGe => self.binary(Op::IsGe, args)?,
            G::IsEq => self.binary(Op::IsEq, args)?,
            G::IsNe => self.binary(Op::IsNe, args)?,
            G::IsEqExact => self.exact(Op::IsEqExact, Op::IsEqImm, args)?,
            G::IsNeExact => self.exact(Op::IsNeExact, Op::IsNeImm, args)?,
            G::SelectVal => self.select_val(args)?,
            G::SelectTupleArity => self.select_arity(args)?,

            G::Bif0 => self.bif(&args[0], None, &[], &args[1], u16::MAX)?,
            G::Bif1 => self.bif(&args[1], Some(&args[0]), &args[2..3], &args[3], u16::MAX)?,
            G::Bif2 => self.bif(&args[1], Some(&args[0]), &args[2..4], &args[4], u16::MAX)?,
            G::Bif3 => self.bif(&args[1], Some(&args[0]), &args[2..5], &args[5], u16::MAX)?,
            G::GcBif1 => self.bif(&args[2], Some(&args[0]), &args[3..4], &args[4], live(&args[1]))?,
            G::GcBif2 => self.bif(&args[2], Some(&args[0]), &args[3..5], &args[5], live(&args[1]))?,
            G::GcBif3 => self.bif(&args[2], Some(&args[0]), &args[3..6], &args[6], live(&args[1]))?,

            G::Fmove => match (float_register(&args[0]), float_register(&args[1])) {
                (Some(a), Some(b)) => self.e.begin(Op::FMove).n(a).n(b).end()?,
                (Some(a), None) => {
                    let d = self.dst(&args[1]);
                    self.e.begin(Op::FStore).n(a).n(d).end()?;
                }
                (None, b) => {
                    let s = self.source(&args[0]);
                    self.e.begin(Op::FLoad).src(s).n(b.unwrap_or(0)).end()?;
                }
            },
            G::Fconv => {
                let s = self.source(&args[0]);
                self.e.begin(Op::FConv).src(s).n(float_register(&args[1]).unwrap_or(0)).end()?;
            }
            G::Fadd => self.float(Op::FAdd, args)?,
            G::Fsub => self.float(Op::FSub, args)?,
            G::Fmul => self.float(Op::FMul, args)?,
            G::Fdiv => self.float(Op::FDiv, args)?,
            G::Fnegate => {
                let [a, b] = [&args[1], &args[2]].map(|r| float_register(r).unwrap_or(0));
                self.e.begin(Op::FNegate).n(a).n(b).end()?;
            }

            G::Badmatch => self.source_only(Op::Badmatch, args)?,
            G::CaseEnd => self.source_only(Op::CaseEnd, args)?,
            G::TryCaseEnd => self.source_only(Op::TryCaseEnd, args)?,
            G::Badrecord => self.source_only(Op::Badrecord, args)?,
            G::IfEnd => self.e.begin(Op::IfEnd).end()?,
            G::Catch | G::Try => {
                let slot = self.dst(&args[0]);
                let op = if op == G::Catch { Op::Catch } else { Op::Try };
                self.e.begin(op).n(slot).label(label(&args[1])).end()?;
            }
            G::CatchEnd => self.source_only(Op::CatchEnd, args)?,
            G::TryEnd => self.source_only(Op::TryEnd, args)?,
            G::TryCase => self.source_only(Op::TryCase, args)?,
            G::Raise => {
                let (trace, reason) = (self.source(&args[0]), self.source(&args[1]));
                self.e.begin(Op::Raise).src(trace).src(reason).end()?;
            }
            G::RawRaise => self.e.begin(Op::RawRaise).end()?,
            G::BuildStacktrace => self.e.begin(Op::BuildStacktrace).end()?,

            G::Send => self.e.begin(Op::Send).end()?,
            G::LoopRec => {
                let d = self.dst(&args[1]);
                self.e.begin(Op::LoopRec).n(d).label(label(&args[0])).end()?;
            }
            G::LoopRecEnd => self.e.begin(Op::LoopRecEnd).label(label(&args[0])).end()?,
            G::RemoveMessage => self.e.begin(Op::RemoveMessage).end()?,
            G::Wait => self.e.begin(Op::Wait).label(label(&args[0])).end()?,
            G::WaitTimeout => {
                let s = self.source(&args[1]);
                self.e.begin(Op::WaitTimeout).src(s).label(label(&args[0])).end()?;
            }
            G::Timeout => self.e.begin(Op::Timeout).end()?,
            G::RecvMarkerReserve => self.source_only(Op::RecvMarkerReserve, args)?,
            G::RecvMarkerBind => {
                let (a, b) = (self.source(&args[0]), self.source(&args[1]));
                self.e.begin(Op::RecvMarkerBind).src(a).src(b).end()?;
            }
            G::RecvMarkerClear => self.source_only(Op::RecvMarkerClear, args)?,
            G::RecvMarkerUse => self.source_only(Op::RecvMarkerUse, args)?,

            G::PutMapAssoc | G::PutMapExact => {
                let (s, d) = (self.source(&args[1]), self.dst(&args[2]));
                let pairs = self.sources(args[4].as_list().unwrap_or_default());
                let op = if op == G::PutMapAssoc { Op::PutMapAssoc } else { Op::PutMapExact };
                let i = self.e.begin(op).src(s).n(d).n(live(&args[3])).length().label(label(&args[0]));
                i.word(pairs.len() as u64 / 2).packed(&pairs).end()?;
            }
            G::HasMapFields => {
                let s = self.source(&args[1]);
                let keys = self.sources(args[2].as_list().unwrap_or_default());
                let i = self.e.begin(Op::HasMapFields).src(s).n(keys.len() as u16).label(label(&args[0]));
                i.length().packed(&keys).end()?;
            }
            G::GetMapElements => {
                let s = self.source(&args[1]);
                let list = self.sources(args[2].as_list().unwrap_or_default());
                if let [key, Source::Register(d)] = list[..] {
                    self.e.begin(Op::GetMapElement).src(s).src(key).n(d).label(label(&args[0])).length().end()?;
                } else {
                    let n = (list.len() / 2) as u16;
                    let immediate = |key: &Source| matches!(key, Source::Constant(key) if key.is_immediate());
                    let op = if list.iter().step_by(2).all(immediate) { Op::GetMapFields } else { Op::GetMapElements };
                    let i = self.e.begin(op).src(s).n(n).label(label(&args[0]));
                    i.length().packed(&list).end()?;
                }
            }
            _ => self.bits_rule(op, args)?,
        }
        Ok(taken)
    }

    fn line(&mut self, item: &Operand) {
        /// A position past these is not told, as in OTP, which has a word for both.
        const FILES: u16 = 255;
        const LINES: u32 = (1 << 24) - 1;
        let (file, line) = self.file.lines.items.get(number(item) as usize).copied().unwrap_or((0, 0));
        let (file, line) = if file < FILES && line < LINES { (file, line) } else { (0, 0) };
        self.lines.push(LineEntry { offset: self.e.offset(), file, line });
    }

    fn source_only(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let s = self.source(&args[0]);
        Ok(self.e.begin(op).src(s).end()?)
    }

    fn unary(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let s = self.source(&args[1]);
        Ok(self.e.begin(op).src(s).label(label(&args[0])).end()?)
    }

    fn binary(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let (a, b) = (self.source(&args[1]), self.source(&args[2]));
        Ok(self.e.begin(op).src(a).src(b).label(label(&args[0])).end()?)
    }

    /// Exact comparison; with an immediate constant, of words.
    fn exact(&mut self, general: Op, immediate: Op, args: &[Operand]) -> Result<(), Fault> {
        let (a, b) = (self.source(&args[1]), self.source(&args[2]));
        let fail = label(&args[0]);
        match (a, b) {
            (s, Source::Constant(t)) | (Source::Constant(t), s) if t.is_immediate() && s.is_register() => {
                Ok(self.e.begin(immediate).src(s).label(fail).word(t.bits()).end()?)
            }
            _ => Ok(self.e.begin(general).src(a).src(b).label(fail).end()?),
        }
    }

    fn float(&mut self, op: Op, args: &[Operand]) -> Result<(), Fault> {
        let [a, b, c] = [&args[1], &args[2], &args[3]].map(|r| float_register(r).unwrap_or(0));
        Ok(self.e.begin(op).n(a).n(b).n(c).end()?)
    }

    /// `[]` for the result of a guard BIF.
    pub(super) fn clear_result(&mut self, args: &[Operand]) -> Result<(), Fault> {
        match args.last() {
            Some(result) => {
                let d = self.dst(result);
                Ok(self.e.begin(Op::MoveCX).n(d).word(Term::NIL.bits()).end()?)
            }
            None => Ok(()),
        }
    }

    /// `move`, alone or into x0 before a call.
    fn move_rule(&mut self, index: usize, args: &[Operand]) -> Result<usize, Fault> {
        let (s, d) = (self.source(&args[0]), self.dst(&args[1]));
        if d == 0
            && let Some((next, G::Call, call)) = self.peek(index + 1)
        {
            self.lines_between(index, next);
            self.e.begin(Op::MoveCall).n(live(&call[0])).src(s).label(label(&call[1])).end()?;
            return Ok(next + 1 - index);
        }
        if d == 0
            && let Some((next, op @ (G::CallOnly | G::CallLast), call)) = self.peek(index + 1)
        {
            self.lines_between(index, next);
            let fused = if op == G::CallOnly { Op::MoveCallOnly } else { Op::MoveCallLast };
            let mut i = self.e.begin(fused).n(live(&call[0])).src(s);
            if op == G::CallLast {
                i = i.n(narrow(&call[2]).ok_or(Fault::TooLong)?);
            }
            i.label(label(&call[1])).end()?;
            return Ok(next + 1 - index);
        }
        if let Some((op, first)) = byte_move(s, d)
            && let (next, args) = self.instr(index + 1)
            && next.op == G::Move
            && let Some((same, second)) = byte_move(self.source(&args[0]), self.dst(&args[1]))
            && same == op
            // A move into x0 goes with the call behind it.
            && (second >> 8 != 0
                || !matches!(self.peek(index + 2), Some((_, G::Call | G::CallOnly | G::CallLast, _))))
        {
            self.e.begin(op).n(first).n(second).end()?;
            return Ok(2);
        }
        match s {
            Source::Constant(t) if d & SRC_Y == 0 => self.e.begin(Op::MoveCX).n(d).word(t.bits()).end()?,
            Source::Register(r) => {
                let op = match (r & SRC_Y != 0, d & SRC_Y != 0) {
                    (false, false) => Op::MoveXX,
                    (false, true) => Op::MoveXY,
                    (true, false) => Op::MoveYX,
                    (true, true) => Op::Move,
                };
                self.e.begin(op).n(r).n(d).end()?;
            }
            Source::Constant(_) => self.e.begin(Op::Move).src(s).n(d).end()?,
        }
        Ok(1)
    }

    /// The lines that stand between two instructions that become one.
    fn lines_between(&mut self, first: usize, next: usize) {
        for k in first + 1..next {
            if let (instr, a) = self.instr(k)
                && instr.op == G::Line
            {
                self.line(&a[0]);
            }
        }
    }

    /// `test_heap` right before `put_list`: both at once.
    fn before_put_list(&mut self, index: usize, args: &[Operand]) -> Result<Option<usize>, Fault> {
        let (next, list) = self.instr(index + 1);
        let words = heap_words(&args[0]);
        if next.op != G::PutList || words >= 1 << 32 {
            return Ok(None);
        }
        let (h, t, d) = (self.source(&list[0]), self.source(&list[1]), self.dst(&list[2]));
        if let Some(slots) = self.leaves_and_returns(index + 2)
            && let Source::Register(y) = h
            && y & SRC_Y != 0
            && t.as_x().is_some()
            && d & SRC_Y == 0
        {
            let word = words << 32 | u64::from(slots) << 16 | u64::from(live(&args[1]));
            self.e.begin(Op::TestHeapPutListReturn).src(h).src(t).n(d).word(word).end()?;
            return Ok(Some(4));
        }
        let word = words << 16 | u64::from(live(&args[1]));
        self.e.begin(Op::TestHeapPutList).src(h).src(t).n(d).word(word).end()?;
        Ok(Some(2))
    }

    /// The slots of the frame, if `deallocate` and `return` stand at `index`.
    fn leaves_and_returns(&self, index: usize) -> Option<u16> {
        match (self.instr(index), self.file.code.instrs.get(index + 1)?.op) {
            ((instr, args), G::Return) if instr.op == G::Deallocate => narrow(&args[0]),
            _ => None,
        }
    }

    /// `get_tuple_element`, alone or two neighbours of one tuple.
    fn element_rule(&mut self, index: usize, args: &[Operand]) -> Result<usize, Fault> {
        let (s, n, d) = (self.source(&args[0]), small_index(&args[1])?, self.dst(&args[2]));
        if s.is_register()
            && s != Source::Register(d)
            && let Some((next, G::GetTupleElement, second)) = self.peek(index + 1)
            && next == index + 1
            && self.source(&second[0]) == s
            && small_index(&second[1])? == n + 1
        {
            let e = self.dst(&second[2]);
            self.e.begin(Op::GetElement2).src(s).n(n).n(d).word(e.into()).end()?;
            return Ok(2);
        }
        match s.as_x() {
            Some(x) if d & SRC_Y == 0 => self.e.begin(Op::GetElementXX).n(x).n(n).n(d).end()?,
            _ => self.e.begin(Op::GetElement).src(s).n(n).n(d).end()?,
        }
        Ok(1)
    }

    /// `init_yregs`; nothing right behind an `allocate`, which clears every slot.
    fn init_rule(&mut self, index: usize, args: &[Operand]) -> Result<(), Fault> {
        if index > 0 && matches!(self.instr(index - 1).0.op, G::Allocate | G::AllocateHeap) {
            return Ok(());
        }
        let list = self.sources(args[0].as_list().unwrap_or_default());
        Ok(self.e.begin(Op::InitY).n(list.len() as u16).packed(&list).end()?)
    }

    /// A frame, which needs no `init_yregs`, and up to two moves into it.
    fn allocate(&mut self, index: usize, slots: &Operand, heap: Option<&Operand>, keep: &Operand) -> Result<usize, Fault> {
        let slots = narrow(slots).filter(|&n| n < SRC_Y).ok_or(Fault::TooLong)?;
        let words = heap.map_or(0, heap_words);
        let mut next = index + 1;
        if self.instr(next).0.op == G::InitYregs {
            next += 1;
        }
        let (mut moves, mut packed) = (0, 0);
        while moves < 2
            && let (instr, args) = self.instr(next + moves)
            && instr.op == G::Move
            && let Some(x) = self.source(&args[0]).as_x()
            && let Source::Register(y) = self.source(&args[1])
            && y & SRC_Y != 0
        {
            packed |= (u64::from(y) << 16 | u64::from(x)) << (32 * moves);
            moves += 1;
        }
        match u16::try_from(words) {
            Ok(words) if moves > 0 => {
                let op = if moves == 1 { Op::AllocateXY } else { Op::AllocateXY2 };
                self.e.begin(op).n(slots).n(live(keep)).n(words).word(packed).end()?;
                return Ok(next + moves - index);
            }
            Ok(words) => self.e.begin(Op::Allocate).n(slots).n(live(keep)).n(words).end()?,
            Err(_) => {
                self.e.begin(Op::Allocate).n(slots).n(live(keep)).n(0).end()?;
                self.e.begin(Op::TestHeap).n(live(keep)).word(words).end()?;
            }
        }
        Ok(next - index)
    }

    fn call_ext(&mut self, args: &[Operand], tail: Tail) -> Result<(), Fault> {
        let arity = live(&args[0]);
        let export = self.imports[number(&args[1]) as usize];
        let address = std::ptr::from_ref::<Export>(export) as u64;
        if export.is_native() {
            let i = self.e.begin(Op::CallNative).n(arity).word(address).word(export.native() as u64);
            i.end()?;
            match tail {
                Tail::No => {}
                Tail::Only => self.e.begin(Op::Return).end()?,
                Tail::Last(slots) => self.e.begin(Op::DeallocateReturn).n(slots).end()?,
            }
            return Ok(());
        }
        // In place, so that the function is seen in the stack trace if the call fails.
        if export.module == am::erlang.atom() && export.function == am::apply.atom() && [2, 3].contains(&arity) {
            match tail {
                Tail::No => {}
                Tail::Only => return Ok(self.e.begin(Op::ApplyListLast).n(arity).n(0).end()?),
                Tail::Last(slots) => return Ok(self.e.begin(Op::ApplyListLast).n(arity).n(slots).end()?),
            }
        }
        match tail {
            Tail::No => self.e.begin(Op::CallExt).n(arity).word(address).end()?,
            Tail::Only => self.e.begin(Op::CallExtOnly).n(arity).word(address).end()?,
            Tail::Last(slots) => self.e.begin(Op::CallExtLast).n(arity).n(slots).word(address).end()?,
        }
        Ok(())
    }

    /// A fun's call; a tail call if a return follows.
    fn call_fun(&mut self, index: usize, arity: u16, fun: Source) -> Result<usize, Fault> {
        if let Some((next, G::Deallocate, slots)) = self.peek(index + 1)
            && let Some((last, G::Return, _)) = self.peek(next + 1)
            && let Source::Register(r) = fun
            && r & SRC_Y == 0
        {
            let slots = narrow(&slots[0]).ok_or(Fault::TooLong)?;
            self.e.begin(Op::CallFunLast).n(arity).src(fun).n(slots).end()?;
            return Ok(last + 1 - index);
        }
        if let Some((next, G::Deallocate, slots)) = self.peek(index + 1)
            && let Some((last, G::Return, _)) = self.peek(next + 1)
        {
            // The fun must outlive the frame: it goes behind the arguments first.
            let slots = narrow(&slots[0]).ok_or(Fault::TooLong)?;
            self.e.begin(Op::Move).src(fun).n(arity).end()?;
            self.e.begin(Op::CallFunLast).n(arity).n(arity).n(slots).end()?;
            return Ok(last + 1 - index);
        }
        self.e.begin(Op::CallFun).n(arity).src(fun).end()?;
        Ok(1)
    }

    fn make_fun(&mut self, lambda: usize, dst: u16, env: &[Source]) -> Result<(), Fault> {
        let entry = std::ptr::from_ref::<FunEntry>(self.funs[lambda]) as u64;
        let i = self.e.begin(Op::MakeFun).n(dst).n(env.len() as u16).word(entry).length();
        Ok(i.packed(env).end()?)
    }

    fn nonempty_rule(&mut self, index: usize, args: &[Operand]) -> Result<usize, Fault> {
        let s = self.source(&args[1]);
        if s.is_register()
            && let Some((next, G::GetList, list)) = self.peek(index + 1)
            && self.source(&list[0]) == s
        {
            let (h, t) = (self.dst(&list[1]), self.dst(&list[2]));
            self.e.begin(Op::IsNonemptyGetList).src(s).n(h).n(t).label(label(&args[0])).end()?;
            return Ok(next + 1 - index);
        }
        if let Some(x) = s.as_x()
            && let (allocate, frame) = self.instr(index + 1)
            && allocate.op == G::Allocate
            && let Some(slots) = narrow(&frame[0]).filter(|&n| n < SRC_Y)
            && let (get, list) = self.instr(index + 2)
            && get.op == G::GetList
            && self.source(&list[0]) == s
            && let (head, tail) = (self.dst(&list[1]), self.dst(&list[2]))
            && head & SRC_Y != 0
            && tail & SRC_Y == 0
        {
            let i = self.e.begin(Op::IsNonemptyAllocateGetList).n(slots).n(live(&frame[1])).n(x);
            i.label(label(&args[0])).word(u64::from(tail) << 16 | u64::from(head)).end()?;
            return Ok(3);
        }
        self.unary(Op::IsNonemptyList, args)?;
        Ok(1)
    }

    fn tuple_rule(&mut self, index: usize, args: &[Operand]) -> Result<usize, Fault> {
        let s = self.source(&args[1]);
        if let Some((next, G::TestArity, test)) = self.peek(index + 1)
            && self.source(&test[1]) == s
            && label(&test[0]) == label(&args[0])
        {
            self.arity_test(s, number(&test[2]), label(&args[0]))?;
            return Ok(next + 1 - index);
        }
        self.unary(Op::IsTuple, args)?;
        Ok(1)
    }

    fn arity_test(&mut self, s: Source, arity: u64, fail: u32) -> Result<(), Fault> {
        let n = u16::try_from(arity).map_err(|_| Fault::TooLong)?;
        Ok(self.e.begin(Op::IsTupleOfArity).src(s).n(n).label(fail).end()?)
    }

    /// A BIF as an instruction; `keep` live registers, or `u16::MAX` if it must not collect.
    fn bif(&mut self, import: &Operand, fail: Option<&Operand>, args: &[Operand], dst: &Operand, keep: u16) -> Result<(), Fault> {
        let export = self.imports[number(import) as usize];
        let fail = fail.map_or(0, label);
        let d = self.dst(dst);
        let sources = self.sources(args);
        if export.module == am::erlang.atom() && self.known_bif(export, fail, &sources, d, keep)? {
            return Ok(());
        }
        let Some(decl) = bif::lookup(export.module, export.function, export.arity) else {
            let (m, f, a) = (export.module, export.function, export.arity);
            return Err(Fault::Lower(LowerError::NoSuchBif(m, f, a)));
        };
        let i = self.e.begin(Op::Bif).n(args.len() as u16).n(d).n(keep).label(fail);
        let i = i.word(std::ptr::from_ref::<Decl>(decl) as u64);
        let i = i.word(std::ptr::from_ref::<Export>(export) as u64);
        Ok(i.length().packed(&sources).end()?)
    }

    /// BIFs with instructions of their own.
    fn known_bif(&mut self, export: &Export, fail: u32, args: &[Source], d: u16, keep: u16) -> Result<bool, Fault> {
        let name = Term::from_atom(export.function);
        let live_word = u64::from(keep);
        match *args {
            [] if name == am::self_ => self.e.begin(Op::SelfPid).n(d).end()?,
            [s] => {
                let op = match name {
                    am::hd => Op::GuardHd,
                    am::tl => Op::GuardTl,
                    am::tuple_size => Op::GuardTupleSize,
                    am::bnot => {
                        self.e.begin(Op::Bnot).src(s).n(d).n(keep).label(fail).word(live_word).end()?;
                        return Ok(true);
                    }
                    am::minus => {
                        self.e.begin(Op::Negate).src(s).n(d).n(keep).label(fail).word(live_word).end()?;
                        return Ok(true);
                    }
                    _ => return Ok(false),
                };
                self.e.begin(op).src(s).n(d).label(fail).end()?;
            }
            [a, b] => {
                if self.add_constant(name, fail, a, b, d, live_word)? {
                    return Ok(true);
                }
                let op = match name {
                    am::plus => Op::Add,
                    am::minus => Op::Sub,
                    am::times => Op::Mul,
                    am::div => Op::IntDiv,
                    am::rem => Op::Rem,
                    am::band => Op::Band,
                    am::bor => Op::Bor,
                    am::bxor => Op::Bxor,
                    am::bsl => Op::Bsl,
                    am::bsr => Op::Bsr,
                    am::element => {
                        self.e.begin(Op::GuardElement).src(a).src(b).n(d).label(fail).end()?;
                        return Ok(true);
                    }
                    _ => return Ok(false),
                };
                self.e.begin(op).src(a).src(b).n(d).label(fail).word(live_word).end()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Adding or subtracting a small constant.
    fn add_constant(&mut self, name: Term, fail: u32, a: Source, b: Source, d: u16, live_word: u64) -> Result<bool, Fault> {
        let (Source::Register(_), Source::Constant(t)) = (a, b) else { return Ok(false) };
        let Some(n) = t.as_small() else { return Ok(false) };
        let (addend, subtracts) = match name {
            am::plus => (Some(n), 0),
            am::minus => (n.checked_neg(), 1),
            _ => return Ok(false),
        };
        let Some(addend) = addend.and_then(Term::try_small) else { return Ok(false) };
        let i = self.e.begin(Op::AddImm).src(a).n(d).n(subtracts).label(fail).word(live_word);
        i.word(addend.bits()).word(t.bits()).end()?;
        Ok(true)
    }
}

/// A move into an x register whose operands fit in a byte each, and the op that does two of them.
fn byte_move(s: Source, d: u16) -> Option<(Op, u16)> {
    let Source::Register(r) = s else { return None };
    let (op, r) = if r & SRC_Y == 0 { (Op::MoveXX2, r) } else { (Op::MoveYX2, r & !SRC_Y) };
    (r < 256 && d < 256).then_some((op, d << 8 | r))
}

enum Tail {
    No,
    Only,
    Last(u16),
}

fn label_number(operand: &Operand) -> u32 {
    number(operand) as u32
}

/// A tuple index or the like in a narrow operand.
fn small_index(operand: &Operand) -> Result<u16, Fault> {
    narrow(operand).ok_or(Fault::TooLong)
}
