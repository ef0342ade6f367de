//! `erlang`, by family.

pub mod binary;
