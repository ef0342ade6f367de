//! `erlang`: `system_info/1` and `system_flag/2`.

pub mod flag;
pub mod info;
mod memory;
mod topology;
