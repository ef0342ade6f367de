//! Rules for the bit syntax.

use glulam_bytecode::isa::{Op as G, Operand};

use super::rules::Fault;
use super::{Context, LowerError};

impl Context<'_> {
    pub(super) fn bits_rule(&mut self, op: G, _args: &[Operand]) -> Result<(), Fault> {
        Err(Fault::Lower(LowerError::Unsupported(op.name())))
    }
}
