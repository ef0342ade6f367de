//! Meaning of the loaded instructions, by family. A handler advances `pc` itself.

pub(crate) mod arith;
pub(crate) mod bits;
pub(crate) mod call;
pub(crate) mod data;
pub(crate) mod float;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod map;
pub(crate) mod message;
pub(crate) mod raise;
pub(crate) mod stub;
pub(crate) mod test;
pub(crate) mod trace;
