//! Natives of the module `erlang`, by family.

pub mod binary;
pub mod map;
