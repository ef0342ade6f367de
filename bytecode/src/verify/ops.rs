//! What is particular to single ops in the second pass.

use super::flow::{Flow, Next};
use super::registers::{defined, keep, leave, slot, unguard, used, write};
use super::shape::fault;
use super::state::{Catch, State};
use super::{Frame, ends};
use crate::error::{Fault, Reason};
use crate::isa::{AllocList, Instr, Op, Operand};

impl Flow<'_> {
    /// What is particular to an op.
    pub(super) fn special(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<Next, Fault> {
        let number = |nth: usize| {
            args.get(nth)
                .and_then(Operand::as_unsigned)
                .unwrap_or_default()
        };
        match instr.op {
            Op::FuncInfo => {
                defined(instr, state, number(2) as u16)?;
                return Ok(Next::End);
            }
            Op::Call => self.call(instr, state, number(0) as u16)?,
            Op::CallFun => self.call(instr, state, number(0) as u16 + 1)?,
            Op::CallFun2 => self.call(instr, state, number(1) as u16)?,
            Op::Apply => self.call(instr, state, number(0) as u16 + 2)?,
            Op::Send => self.call(instr, state, 2)?,
            Op::CallExt | Op::CallExtOnly | Op::CallExtLast
                if self.verified.never_returns.get(number(1) as usize) == Some(&true) =>
            {
                defined(instr, state, number(0) as u16)?;
                return Ok(Next::End);
            }
            Op::CallExt => {
                self.call(instr, state, number(0) as u16)?;
                if self.makes_tuple(number(1)) {
                    state.fresh.made();
                }
            }
            Op::CallOnly | Op::CallExtOnly => {
                return leave(instr, state, number(0) as u16, Frame::None);
            }
            Op::CallLast | Op::CallExtLast => {
                let frame = Frame::Slots(number(2) as u16);
                return leave(instr, state, number(0) as u16, frame);
            }
            Op::ApplyLast => {
                let frame = Frame::Slots(number(1) as u16);
                return leave(instr, state, number(0) as u16 + 2, frame);
            }
            Op::Return => return leave(instr, state, 1, Frame::None),
            Op::Allocate | Op::AllocateHeap | Op::AllocateZero | Op::AllocateHeapZero => {
                if state.frame != Frame::None {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::Slots(number(0) as u16);
                self.max_frame = self.max_frame.max(number(0) as u16);
            }
            Op::Deallocate => {
                if state.frame != Frame::Slots(number(0) as u16) {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                if !state.catches.is_empty() {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::None;
                state.fresh.clear();
            }
            Op::Trim => {
                let (drop, left) = (number(0) as u16, number(1) as u16);
                let lost = state.catches.iter().any(|catch| catch.slot < drop);
                if state.frame != Frame::Slots(drop + left) || lost {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::Slots(left);
                state.fresh.clear();
                for catch in &mut state.catches {
                    catch.slot -= drop;
                }
            }
            Op::Init => write(instr, &args[0], state)?,
            Op::Catch | Op::Try => self.guard(instr, args, state)?,
            Op::CatchEnd | Op::TryEnd | Op::TryCase => unguard(instr, &args[0], state)?,
            Op::LoopRec | Op::LoopRecEnd | Op::Wait | Op::WaitTimeout => {
                return self.receive(instr, args, state);
            }
            Op::PutList => used(instr, state, 2, 0, 0)?,
            Op::PutTuple2 => {
                let size = args[1].as_list().map_or(0, <[_]>::len);
                used(instr, state, size as u32 + 1, 0, 0)?;
            }
            Op::UpdateRecord => used(instr, state, number(1) as u32 + 1, 0, 0)?,
            Op::MakeFun3 => {
                let size = args[2].as_list().map_or(0, <[_]>::len);
                used(instr, state, size as u32, 0, 1)?;
            }
            Op::MakeFun2 => {
                let lambda = self.file.lambdas.get(number(0) as usize);
                let free = lambda.map_or(0, |lambda| lambda.num_free);
                keep(instr, state, free.into(), AllocList::default())?;
                state.x.add(0);
            }
            Op::Fmove if !matches!(args[1], Operand::FloatReg(_)) => {
                used(instr, state, 0, 1, 0)?;
            }
            Op::BsMatch => self.match_commands(instr, args, state)?,
            Op::BsInitWritable | Op::BuildStacktrace => {
                defined(instr, state, 1)?;
                keep(instr, state, 1, AllocList::default())?;
            }
            Op::RawRaise => defined(instr, state, 3)?,
            _ => {}
        }
        let ends = ends(instr, &self.file.code, &self.verified.never_returns);
        Ok(if ends { Next::End } else { Next::On })
    }

    /// True for the import `erlang:setelement/3`.
    fn makes_tuple(&self, import: u64) -> bool {
        self.file
            .imports
            .get(import as usize)
            .is_some_and(|import| {
                import.arity == 3
                    && self.file.atom(import.module) == "erlang"
                    && self.file.atom(import.function) == "setelement"
            })
    }

    /// A call that returns here.
    fn call(&self, instr: &Instr, state: &mut State, args: u16) -> Result<(), Fault> {
        defined(instr, state, args)?;
        if state.frame.slots().is_none() {
            return Err(fault(instr, Reason::BadFrame(instr.op.name())));
        }
        state.heap = AllocList::default();
        state.x.set_first(1);
        state.fresh.clear();
        Ok(())
    }

    fn receive(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<Next, Fault> {
        state.heap = AllocList::default();
        state.x.set_first(0);
        state.fresh.clear();
        if let (Op::WaitTimeout, Some(x)) = (instr.op, args.get(1).and_then(Operand::as_x)) {
            // The engine leaves `[]` there: a receive without clauses comes back to itself.
            state.x.add(x);
        }
        if let Some(label) = args[0].as_label() {
            self.reach(label, state);
        }
        match instr.op {
            Op::LoopRec => write(instr, &args[1], state)?,
            Op::WaitTimeout => {}
            _ => return Ok(Next::End),
        }
        Ok(Next::On)
    }

    /// Installs a catch.
    fn guard(&mut self, instr: &Instr, args: &[Operand], state: &mut State) -> Result<(), Fault> {
        let slot = slot(instr, &args[0], state)?;
        let handler = args[1].as_label().unwrap_or_default();
        let first = self.verified.label(handler).map_or(0, |at| at as usize);
        let first = self.file.code.instrs[first..]
            .iter()
            .find(|instr| !matches!(instr.op, Op::Label | Op::Line));
        if !first.is_some_and(|first| matches!(first.op, Op::CatchEnd | Op::TryCase)) {
            return Err(fault(
                instr,
                Reason::Malformed("the handler of a catch does not end it"),
            ));
        }
        if state.may_catch(slot) {
            return Err(fault(instr, Reason::CatchSlot(slot)));
        }
        state.catches.push(Catch {
            slot,
            handler,
            certain: true,
        });
        state.catches.sort_unstable();
        self.guarded = None;
        Ok(())
    }

    /// The commands of `bs_match`, in order. Those that take no more bits than an earlier
    /// `ensure_*` has found cannot fail, whatever they collect.
    fn match_commands(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<(), Fault> {
        let fail = args[0].as_label().unwrap_or_default();
        let mut rest = args[2].as_list().unwrap_or_default();
        let mut ensured = 0;
        while let [Operand::Atom(name), tail @ ..] = rest {
            let number = |nth: usize| tail.get(nth).and_then(Operand::as_unsigned).unwrap_or(0);
            let name = self.file.atom(*name);
            let (length, bits, to) = match name {
                "ensure_at_least" => (2, 0, None),
                "integer" | "binary" => (5, number(2).saturating_mul(number(3)), tail.get(4)),
                "get_tail" => (3, 0, tail.get(2)),
                "=:=" => (3, number(1), None),
                "skip" => (1, number(0), None),
                _ => (1, 0, None),
            };
            match name {
                "ensure_at_least" | "ensure_exactly" => {
                    self.reach(fail, state);
                    ensured = number(0);
                }
                _ => {
                    if bits > ensured || name == "=:=" {
                        self.reach(fail, state);
                    }
                    ensured = ensured.saturating_sub(bits);
                }
            }
            if let Some(to) = to {
                keep(instr, state, number(0) as u16, AllocList::default())?;
                write(instr, to, state)?;
            }
            rest = tail.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}
