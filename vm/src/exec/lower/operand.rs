//! Generic operands as loaded ones.

use glulam_bytecode::isa::{AllocList, Operand};

use super::Context;
use super::emit::{Source, y};
use crate::heap::Build;
use crate::heap::literal::Literals;
use crate::term::Term;

impl Context<'_> {
    pub(super) fn source(&self, operand: &Operand) -> Source {
        match operand {
            Operand::X(n) | Operand::TypedX(n, _) => Source::Register(*n),
            Operand::Y(n) | Operand::TypedY(n, _) => Source::Register(y(*n)),
            Operand::Integer(n) => Source::Constant(Literals::default().i64(*n)),
            Operand::Unsigned(n) => Source::Constant(Literals::default().u64(*n)),
            Operand::BigInteger(big) => {
                let limbs: Vec<u64> = big
                    .magnitude
                    .chunks(8)
                    .map(|c| c.iter().rev().fold(0, |acc, b| (acc << 8) | u64::from(*b)))
                    .collect();
                Source::Constant(Literals::default().big(big.negative, &limbs))
            }
            Operand::Atom(ix) => Source::Constant(Term::from_atom(self.atoms[ix.0 as usize])),
            Operand::Nil => Source::Constant(Term::NIL),
            Operand::Literal(n) => Source::Constant(self.literals[*n as usize]),
            _ => crate::bug!("verified operand {operand:?} is no source"),
        }
    }

    pub(super) fn sources(&self, operands: &[Operand]) -> Vec<Source> {
        operands.iter().map(|o| self.source(o)).collect()
    }

    /// A destination register, encoded.
    pub(super) fn dst(&self, operand: &Operand) -> u16 {
        match self.source(operand) {
            Source::Register(r) => r,
            Source::Constant(_) => crate::bug!("verified operand {operand:?} is no register"),
        }
    }
}

/// A number that fits in a narrow operand.
pub(super) fn narrow(operand: &Operand) -> Option<u16> {
    operand.as_unsigned().and_then(|n| u16::try_from(n).ok())
}

/// The number of a verified plain number.
pub(super) fn number(operand: &Operand) -> u64 {
    match operand {
        Operand::Unsigned(n) => *n,
        Operand::Integer(n) => *n as u64,
        _ => crate::bug!("verified operand {operand:?} is no number"),
    }
}

pub(super) fn label(operand: &Operand) -> u32 {
    operand.as_label().unwrap_or(0)
}

pub(super) fn float_register(operand: &Operand) -> Option<u16> {
    match operand {
        Operand::FloatReg(n) => Some(*n),
        _ => None,
    }
}

/// Words of heap that a request stands for.
pub(super) fn heap_words(operand: &Operand) -> u64 {
    let AllocList { words, floats, funs } = operand.as_heap().unwrap_or_default();
    // A float is 2 words, a fun without its environment 3 (header, entry, creator).
    u64::from(words) + 2 * u64::from(floats) + 3 * u64::from(funs)
}
