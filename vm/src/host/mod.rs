//! Native libraries: `erlang:load_nif/2` and the functions of `erl_nif.h`, as C libraries call them.
//! Floor: host
//! Invariants: N1 a library passes what `erl_nif.h` asks for: an environment that it was given and
//! that is still valid, terms of that environment, pointers to places of the types named there.
//! Every `unsafe` of `api` rests on it; N2 an environment bound to a process is used only by the
//! thread that runs it, within the call (P1), so that nothing moves (B1).
//! Locks: `resource::types`, `library::natives`.
//! Start reading at: `library::load`, then `call::run`.

// N1 is the one ground on which the functions of the interface may be called at all.
#![allow(unsafe_op_in_unsafe_fn)]

pub(crate) mod api;
mod call;
mod elf;
mod env;
pub mod isolated;
pub mod library;
mod plugin;
mod queue;
pub(crate) mod resource;
mod select;
mod watch;

pub(crate) use env::Env;
