//! Structural checks, so that no file can make the engine unsafe.
//!
//! - Floor: bytecode.
//! - Invariants: see below.
//! - Locks: none.
//! - Start reading at: [`load`].
//!
//! A [`Verified`] module guarantees, for every instruction that is reached at all:
//!
//! - its operands are of the kinds its op asks for ([`crate::isa::Kind`]), and every index (atom,
//!   literal, import, lambda, string, type, label) is within its table;
//! - jumps stay within the function; calls and funs go to entries of functions with that many
//!   arguments; imports called as guard BIFs have as many arguments as the op passes;
//! - the stack frame at each instruction has one known size, y registers are used only within it,
//!   and frames are made, trimmed and dropped consistently on all paths;
//! - a `catch` or `try` slot is never read or written as a value, catches begin and end in pairs on
//!   every path, and the frame at each instruction it guards
//!   has the same size as the one its handler expects; handlers begin with `catch_end` or
//!   `try_case`;
//! - an x register is read only if it was written on every path since the last instruction that
//!   may have collected garbage without keeping it, and all of x0 to xN-1 are valid where an
//!   instruction says that N are live;
//! - `put_list`, `put_tuple2`, `make_fun3`, `update_record` and floats moved out of float
//!   registers use only heap that was reserved before on every path, with no collection in
//!   between;
//! - `set_tuple_element` changes only a tuple that `setelement/3` has just made: since then nothing was
//!   called or collected, and nothing on the heap refers to it;
//! - no path runs off the end of a function.
//!
//! What the engine must do itself:
//!
//! - clear all slots of a new frame, whatever `allocate` variant made it;
//! - never run instructions whose frame is [`Frame::Unreached`]: they were not checked;
//! - read the sources of an instruction with a `Live` operand before it collects, or treat them as
//!   roots: a source may be a register at or above `Live`;
//! - check the *types* of values where the op does not test them: `get_tuple_element`, `get_list`,
//!   `get_hd`, `get_tl`, `set_tuple_element`, `test_arity`, `put_map_*`, `get_map_elements`,
//!   `update_record`, `loop_rec` bookkeeping, and every `bs_*` op (context or not, room left in the
//!   binary being built, positions);
//! - have `setelement/3` make a new tuple always, also when it would equal the old one;
//! - not read the source of `wait_timeout` while the timer of the receive runs already, and leave
//!   `[]` in it, if it is an x register, when a message wakes the process;
//! - run guard BIFs of `bif0` to `bif3` without consuming reserved heap;
//! - tell the arrival of an exception from code that runs on into a handler: `catch_end` is then the
//!   normal end of the `catch`, and `try_case`, which compilers let calls run into that never
//!   return, must still leave valid terms in x0 to x2;
//! - count every x register but those that an op keeps or writes as dead after calls, when a
//!   process has waited, and in handlers;
//! - treat a match context as a term wherever one may stand: nothing keeps a file from sending one;
//! - in `bs_match`, test for bits before collecting, and never jump to the label from a command
//!   whose bits an `ensure_*` command before it has found;
//! - look for the handler of an exception from the lowest slot of the innermost frame upwards;
//! - write `[]` to the result register before the instructions in [`Verified::cleared`];
//! - never return from the functions for which [`Verified::never_returns`] holds.

mod flow;
mod fresh;
mod functions;
mod lists;
mod ops;
mod registers;
mod shape;
mod split;
mod state;

use crate::error::{Fault, LoadError, Reason};
use crate::file::{BeamFile, Code};
use crate::isa::{AtomIx, Instr, Op, Operand};

/// The stack frame before an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Frame {
    /// No path leads here; the instruction was not checked and must not run.
    Unreached,
    /// There is no frame.
    None,
    /// A frame of so many y registers.
    Slots(u16),
    /// Different paths come with different frames, none of them smaller than this. Only
    /// instructions that lead straight to an exception are let through here: compilers share them
    /// between paths. Does not occur in modules read by [`load`].
    Mixed(u16),
}

impl Frame {
    /// Size of the frame if there is one.
    pub fn slots(self) -> Option<u16> {
        match self {
            Frame::Slots(n) => Some(n),
            _ => None,
        }
    }

    /// True if some path leads here.
    pub fn reached(self) -> bool {
        self != Frame::Unreached
    }
}

/// A function of the module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// Its name.
    pub name: AtomIx,
    /// Its number of arguments.
    pub arity: u8,
    /// Its entry label.
    pub entry: u32,
    /// Index of its `func_info` instruction.
    pub func_info: u32,
    /// Index of its first instruction: the labels and lines before `func_info` belong to it.
    pub start: u32,
    /// Index after its last instruction.
    pub end: u32,
}

/// What the checks found out.
#[derive(Clone, PartialEq, Debug)]
pub struct Verified {
    /// Functions, in code order.
    pub functions: Vec<Function>,
    /// The stack frame before each instruction.
    pub frames: Vec<Frame>,
    /// Index of the `label` instruction of each label; [`Verified::NO_LABEL`] if not defined.
    pub labels: Vec<u32>,
    /// One more than the highest x register used, counting those that pass arguments.
    pub x_registers: u16,
    /// One more than the highest float register used.
    pub float_registers: u16,
    /// Largest stack frame.
    pub max_frame: u16,
    /// For each import, whether calls to it count as the end of the path: the functions that
    /// always raise an exception.
    pub never_returns: Vec<bool>,
    /// Index of the function that has the `on_load` mark.
    pub on_load: Option<u32>,
    /// Indices of guard BIFs, in order, whose result register must hold `[]` before: where they
    /// fail, it is read although nothing was ever written to it. Empty for nearly all modules.
    pub cleared: Vec<u32>,
}

impl Verified {
    /// Stands for a label that is not defined.
    pub const NO_LABEL: u32 = u32::MAX;

    /// Index of a label's instruction.
    pub fn label(&self, label: u32) -> Option<u32> {
        self.labels
            .get(label as usize)
            .copied()
            .filter(|at| *at != Self::NO_LABEL)
    }

    /// The function an instruction belongs to.
    pub fn function_at(&self, instr: u32) -> Option<&Function> {
        let after = self.functions.partition_point(|f| f.start <= instr);
        self.functions
            .get(after.checked_sub(1)?)
            .filter(|f| instr < f.end)
    }
}

/// Reads a file and checks it. Code shared between different stack frames is copied apart, so that
/// no instruction has a [`Frame::Mixed`].
pub fn load(file_name: &str, bytes: &[u8]) -> Result<(BeamFile, Verified), LoadError> {
    let mut file = BeamFile::parse(file_name, bytes)?;
    settle(&mut file)
        .map_err(|fault| fault.within(file_name))
        .map(|verified| (file, verified))
}

fn settle(file: &mut BeamFile) -> Result<Verified, Fault> {
    let check = |file: &BeamFile| match check(file, false) {
        // The compiler takes a register as written where a guard BIF failed (it did before, on another
        // path, that cannot come here): harmless once such a register holds something.
        Err(Fault { reason: Reason::UndefinedX(_), .. }) => check(file, true),
        other => other,
    };
    let mixed = |v: &Verified| v.frames.iter().position(|f| matches!(f, Frame::Mixed(_)));
    let verified = check(file)?;
    if mixed(&verified).is_none() {
        return Ok(verified);
    }
    split::split(file, &verified)?;
    let verified = check(file)?;
    match mixed(&verified).and_then(|at| file.code.instrs.get(at)) {
        Some(instr) => Err(shape::fault(instr, Reason::BadFrame(instr.op.name()))),
        None => Ok(verified),
    }
}

/// Checks a module as it stands.
pub fn verify(file: &BeamFile) -> Result<Verified, LoadError> {
    check(file, false).map_err(|fault| fault.within(&file.file_name))
}

/// Checks a module; with `clears`, results of guard BIFs count as written where the BIF fails too
/// ([`Verified::cleared`]).
fn check(file: &BeamFile, clears: bool) -> Result<Verified, Fault> {
    let mut verified = shape::check(file)?;
    flow::check(file, &mut verified, clears)?;
    Ok(verified)
}

/// True if control does not go on to the next instruction.
fn ends(instr: &Instr, code: &Code, never_returns: &[bool]) -> bool {
    match instr.op {
        Op::Jump
        | Op::SelectVal
        | Op::SelectTupleArity
        | Op::Return
        | Op::FuncInfo
        | Op::Badmatch
        | Op::IfEnd
        | Op::CaseEnd
        | Op::TryCaseEnd
        | Op::Badrecord
        | Op::Raise
        | Op::CallLast
        | Op::CallOnly
        | Op::CallExtLast
        | Op::CallExtOnly
        | Op::ApplyLast
        | Op::LoopRecEnd
        | Op::Wait
        | Op::IntCodeEnd => true,
        Op::CallExt => {
            let import = code.args(instr).get(1).and_then(Operand::as_unsigned);
            import.and_then(|n| never_returns.get(n as usize)) == Some(&true)
        }
        _ => false,
    }
}
