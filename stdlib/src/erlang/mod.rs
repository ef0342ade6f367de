//! Natives of the module `erlang`, by family.

pub mod calendar;
pub mod node;
pub mod system;
pub mod binary;
pub mod external;
pub mod dt;
pub mod map;
pub mod code;
pub mod exception;
pub mod fun;
pub mod dictionary;
pub mod link;
pub mod monitor;
pub mod register;
pub mod signal;
pub mod spawn;
pub mod time;
pub mod kind;
pub mod operator;
pub mod tuple;
pub mod process;
pub mod timer;
pub mod flags;
pub mod info;
