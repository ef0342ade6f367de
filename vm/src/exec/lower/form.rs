//! Forms of instructions for the operand kinds that occur most: same words, another op.

use crate::exec::isa::{Op, SRC_CONST, SRC_Y};
use crate::term::Term;

/// Kind of a narrow operand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    X,
    Y,
    Constant,
}
use Kind::{Constant as C, X, Y};

fn kind(operand: u16) -> Kind {
    match operand {
        o if o & SRC_CONST != 0 => C,
        o if o & SRC_Y != 0 => Y,
        _ => X,
    }
}

/// The op to use instead of `op` for an instruction with this first word and, if it has just one,
/// this constant. Operands that are no registers read as x registers here.
pub(super) fn of(op: Op, word: u64, constant: Option<Term>) -> Op {
    let [a, b, c] = [1, 2, 3].map(|n| kind((word >> (16 * n)) as u16));
    let small = constant.is_some_and(Term::is_small);
    match (op, a, b, c) {
        (Op::GetList, X, X, X) => Op::GetListXXX,
        (Op::GetList, X, Y, X) => Op::GetListXYX,
        (Op::GetElement, X, X, Y) => Op::GetElementXY,
        (Op::PutList, X, X, X) => Op::PutListXXX,
        (Op::PutList, Y, X, X) => Op::PutListYXX,
        (Op::PutList, X, C, X) => Op::PutListXCX,
        (Op::PutList, Y, C, X) => Op::PutListYCX,
        (Op::TestHeapPutList, Y, X, X) => Op::TestHeapPutListYXX,
        (Op::MoveCall, _, X, _) => Op::MoveCallX,
        (Op::MoveCall, _, Y, _) => Op::MoveCallY,
        (Op::IsNil, X, ..) => Op::IsNilX,
        (Op::IsAtom, X, ..) => Op::IsAtomX,
        (Op::IsInteger, X, ..) => Op::IsIntegerX,
        (Op::IsNonemptyList, X, ..) => Op::IsNonemptyListX,
        (Op::IsNonemptyGetList, X, X, X) => Op::IsNonemptyGetListXXX,
        (Op::IsNonemptyGetList, X, Y, X) => Op::IsNonemptyGetListXYX,
        (Op::IsTuple, X, ..) => Op::IsTupleX,
        (Op::IsTupleOfArity, X, ..) => Op::IsTupleOfArityX,
        (Op::IsTaggedTuple, X, ..) => Op::IsTaggedTupleX,
        (Op::IsEqImm, X, ..) => Op::IsEqImmX,
        (Op::IsNeImm, X, ..) => Op::IsNeImmX,
        (Op::IsLt, X, C, _) if small => Op::IsLtXC,
        (Op::IsLt, C, X, _) if small => Op::IsLtCX,
        (Op::IsLt, X, X, _) => Op::IsLtXX,
        (Op::IsGe, X, C, _) if small => Op::IsGeXC,
        (Op::IsGe, C, X, _) if small => Op::IsGeCX,
        (Op::IsGe, X, X, _) => Op::IsGeXX,
        (Op::IsEqExact, X, X, _) => Op::IsEqExactXX,
        (Op::AddImm, X, X, _) => Op::AddImmXX,
        (Op::AddImm, Y, X, _) => Op::AddImmYX,
        (Op::Add, X, X, X) => Op::AddXXX,
        (Op::Add, Y, X, X) => Op::AddYXX,
        (Op::Sub, X, X, X) => Op::SubXXX,
        _ => op,
    }
}
