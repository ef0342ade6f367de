//! The glulam runtime: terms, heaps, code, processes, schedulers, the engine.
//!
//! Floors, each of which may use only those before it: base < atom < term < heap < code <
//! process < table < bif < exec < sched < port, dist, trace, host < runtime.

pub mod base;
pub mod atom;
pub mod term;
pub mod heap;
pub mod code;
pub mod process;
pub mod table;
pub mod bif;
pub mod exec;
pub mod sched;
pub mod port;
pub mod dist;
pub mod host;
pub mod runtime;

pub use atom::Atom;
pub use atom::predefined::am;
pub use term::Term;
