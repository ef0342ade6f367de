//! Rules for registers, frames, catches and heap in one state.

use super::Frame;
use super::flow::Next;
use super::shape::fault;
use super::state::State;
use crate::error::{Fault, Reason};
use crate::isa::{AllocList, Instr, Op, Operand};

/// Checks an operand that is read.
#[inline]
pub(super) fn read(instr: &Instr, arg: &Operand, state: &State) -> Result<(), Fault> {
    match arg {
        Operand::X(n) | Operand::TypedX(n, _) if !state.x.has(*n) => {
            Err(fault(instr, Reason::UndefinedX(*n)))
        }
        Operand::Y(n) | Operand::TypedY(n, _) => in_frame(instr, *n, state).map(|_| ()),
        _ => Ok(()),
    }
}

/// Notes that an operand is written.
#[inline]
pub(super) fn write(instr: &Instr, arg: &Operand, state: &mut State) -> Result<(), Fault> {
    match arg {
        Operand::X(n) => {
            state.x.add(*n);
            state.fresh.written(arg);
            Ok(())
        }
        Operand::Y(n) => {
            state.fresh.written(arg);
            in_frame(instr, *n, state).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// A y register that is an ordinary value.
pub(super) fn in_frame(instr: &Instr, slot: u16, state: &State) -> Result<u16, Fault> {
    if state.may_catch(slot) {
        return Err(fault(instr, Reason::CatchSlot(slot)));
    }
    match state.frame {
        Frame::Slots(size) | Frame::Mixed(size) if slot < size => Ok(slot),
        _ => Err(fault(instr, Reason::UndefinedY(slot))),
    }
}

/// A y register that may hold a catch.
pub(super) fn slot(instr: &Instr, arg: &Operand, state: &State) -> Result<u16, Fault> {
    let slot = arg.as_y().unwrap_or(u16::MAX);
    match state.frame {
        Frame::Slots(size) if slot < size => Ok(slot),
        _ => Err(fault(instr, Reason::UndefinedY(slot))),
    }
}

/// Ends a catch.
pub(super) fn unguard(instr: &Instr, arg: &Operand, state: &mut State) -> Result<(), Fault> {
    let slot = slot(instr, arg, state)?;
    // An uncertain one would end a catch that is not there, and engines count them.
    if !state
        .catches
        .iter()
        .any(|catch| catch.slot == slot && catch.certain)
    {
        return Err(fault(instr, Reason::NoCatch(slot)));
    }
    state.catches.retain(|catch| catch.slot != slot);
    state.fresh.clear();
    match instr.op {
        Op::CatchEnd => {
            defined(instr, state, 1)?;
            // What a catch yields takes heap, and replaces the exception in x0.
            state.x.set_first(1);
            state.heap = AllocList::default();
        }
        Op::TryCase => {
            // Compilers let a call that never returns run on into it; the engine stops that.
            defined(instr, state, 1)?;
            state.x.set_first(3);
        }
        _ => {}
    }
    Ok(())
}

/// A collection that keeps x0 up to `live`, and then reserves heap.
pub(super) fn keep(
    instr: &Instr,
    state: &mut State,
    live: u16,
    heap: AllocList,
) -> Result<(), Fault> {
    defined(instr, state, live)?;
    state.x.truncate(live);
    state.fresh.clear();
    state.heap = heap;
    Ok(())
}

/// All x registers below `count` must be valid.
pub(super) fn defined(instr: &Instr, state: &State, count: u16) -> Result<(), Fault> {
    match state.x.missing(count) {
        Some(x) => Err(fault(instr, Reason::UndefinedX(x))),
        None => Ok(()),
    }
}

/// Control leaves the function.
pub(super) fn leave(instr: &Instr, state: &State, args: u16, frame: Frame) -> Result<Next, Fault> {
    defined(instr, state, args)?;
    if state.frame != frame || !state.catches.is_empty() {
        return Err(fault(instr, Reason::BadFrame(instr.op.name())));
    }
    Ok(Next::End)
}

/// Heap is used that must have been reserved.
pub(super) fn used(
    instr: &Instr,
    state: &mut State,
    words: u32,
    floats: u32,
    funs: u32,
) -> Result<(), Fault> {
    let heap = &mut state.heap;
    let left = (
        heap.words.checked_sub(words),
        heap.floats.checked_sub(floats),
        heap.funs.checked_sub(funs),
    );
    let (Some(words), Some(floats), Some(funs)) = left else {
        return Err(fault(instr, Reason::HeapOverrun(instr.op.name())));
    };
    *heap = AllocList {
        words,
        floats,
        funs,
    };
    Ok(())
}
