//! Natives of the module `erlang`, by family.

pub mod binary;
pub mod dt;
pub mod map;
