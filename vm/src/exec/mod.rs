//! The engine: lowering of generic code, the interpreter, exceptions, loading.
//! Floor: exec
//! Invariants: E1 operands of loaded instructions are in range (verifier, lowering); E2 a frame has
//! the slots its code names; E3 words are reserved before they are taken; E4 `STACK_RESERVE` words
//! are always free between heap and stack at an instruction boundary.
//! Locks: the list of who waits for a purge (`load`); none held while a signal is sent.
//! Start reading at: `interp::run`.

pub(crate) mod collect;
#[cfg(threaded)]
pub(crate) mod fast;
pub mod interp;
pub mod isa;
pub mod load;
pub mod lower;
pub(crate) mod machine;
pub mod native;
pub(crate) mod ops;
pub mod purge;
pub mod stacktrace;
pub mod start;
pub(crate) mod trap;

pub use interp::run;
pub use machine::Registers;
pub use native::run_dirty;

/// Why the engine stopped running a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// The slice is used up; the process can go on.
    Yielded,
    /// In a receive without a matching message.
    Waiting,
    /// Ended; the exit reason is `Own::exception.reason`.
    Exited,
    /// The next instruction calls a native of a dirty class.
    Dirty(crate::bif::Class),
    /// Suspended itself (a signal asked for it), or hibernates.
    Hibernated,
}
