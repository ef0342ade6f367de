//! Natives of the module `erlang`, by family.

pub mod code;
pub mod exception;
pub mod fun;
