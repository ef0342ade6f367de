//! glulam's own commands.

pub mod eval;
pub mod inspect;
pub mod native;
pub mod run;
