//! Models of what threads do to each other without locks: `loom` runs each in every interleaving
//! (and with every value that the memory model lets a load see) and fails on the first that breaks
//! a promise.
//!
//! The files under test are the runtime's own, taken in as they are: they name their primitives
//! through `base::sync` only, and this crate has another of that name.

/// The runtime's shim, with the model checker's primitives behind it.
mod base {
    pub mod sync;
}

#[path = "../../vm/src/process/inbox.rs"]
#[allow(dead_code, reason = "models use a part")]
mod inbox;
mod signal;
#[path = "../../vm/src/sched/sleepers.rs"]
#[allow(dead_code, reason = "models use a part")]
mod sleepers;
#[path = "../../vm/src/process/state.rs"]
#[allow(dead_code, reason = "models use a part")]
mod state;

mod delivery;
mod parking;
mod queueing;
