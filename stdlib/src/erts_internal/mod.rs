//! `erts_internal` and `erts_debug`, by family.

pub mod dist;
pub mod map;
pub mod port;
pub mod task;
