//! Tuples that nothing but registers refers to yet.
//!
//! `set_tuple_element` overwrites an element of a tuple in place. Compilers emit it only for the
//! result of `setelement/3`, before anything else can see the tuple or a collection can age it. If
//! a file could use it otherwise, it could change literals, make terms that contain themselves, or
//! make old objects refer to young ones.

use super::shape::fault;
use super::state::State;
use crate::error::{Fault, Reason};
use crate::isa::{Instr, Op, Operand};

/// Registers that hold such a tuple. Nearly always there are none.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Fresh(Vec<Register>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Register {
    X(u16),
    Y(u16),
}

fn register(arg: &Operand) -> Option<Register> {
    arg.as_x()
        .map(Register::X)
        .or_else(|| arg.as_y().map(Register::Y))
}

impl Fresh {
    /// `setelement/3` has returned.
    pub fn made(&mut self) {
        self.0 = vec![Register::X(0)];
    }

    /// A call, a collection, or a change of the frame.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A register gets another value.
    pub fn written(&mut self, arg: &Operand) {
        if !self.0.is_empty() {
            let arg = register(arg);
            self.0.retain(|known| Some(*known) != arg);
        }
    }

    fn has(&self, arg: &Operand) -> bool {
        register(arg).is_some_and(|arg| self.0.contains(&arg))
    }

    /// Keeps what holds in the other state too; true if that changed anything.
    pub fn merge(&mut self, other: &Fresh) -> bool {
        let before = self.0.len();
        self.0.retain(|known| other.0.contains(known));
        self.0.len() != before
    }
}

/// Checks that `set_tuple_element` has a tuple to change, and does not put it into itself. Nothing
/// else on the heap can refer to it: heap to build that with is gone since the call.
pub(super) fn check(instr: &Instr, args: &[Operand], state: &State) -> Result<(), Fault> {
    match (instr.op, args) {
        (Op::SetTupleElement, [value, tuple, _])
            if !state.fresh.has(tuple) || state.fresh.has(value) =>
        {
            Err(fault(instr, Reason::OldTuple))
        }
        _ => Ok(()),
    }
}

/// What `move` and `swap` do after their results are written.
pub(super) fn moved(instr: &Instr, args: &[Operand], before: &Fresh, state: &mut State) {
    if before.0.is_empty() {
        return;
    }
    match (instr.op, args) {
        (Op::Move, [from, to]) if before.has(from) => {
            state.fresh.0.extend(register(to));
        }
        (Op::Swap, [a, b]) => {
            for (from, to) in [(a, b), (b, a)] {
                if before.has(from) {
                    state.fresh.0.extend(register(to));
                }
            }
        }
        _ => {}
    }
}
