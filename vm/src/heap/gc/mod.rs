//! The collector: generational, copying (Cheney), one heap at a time, on the thread that owns it.
//! Floor: heap
//! Invariants: G1 no word of the old block points into the young block or a fragment; G2 the same
//! of the part of the young block below `high_water` towards the part above it and fragments, until
//! the next collection; G3 after a collection there are no fragments, and blocks hold no gaps, so
//! that they can be walked word by word; G4 a block's stack part is copied as it is: return
//! addresses read as small integers.
//! Locks: none.
//! Start reading at: `cycle`, then `collector::Collector`.
//!
//! A collection is asked for by the engine alone:
//! ```text
//! heap.collect(need, &mut |which, visit| { x.iter_mut().for_each(&mut *visit); own.roots(which, visit) })
//! ```
//! Afterwards `need + STACK_RESERVE` words are free between heap and stack. `Own` contains its
//! heap, so the engine takes the heap out (`Heap::detach`) while its roots are visited.

mod block;
mod collector;
mod cycle;
mod info;
mod leave;
mod nodes;
mod receive;
mod relocate;
mod settings;
mod sizes;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "zeal-gc"))]
pub mod verify;

pub(in crate::heap) use block::{give as give_block, take as take_block};
pub(in crate::heap) use collector::step;
pub use info::{HeapInfo, collections_of_all, words_reclaimed_by_all};
pub use settings::{
    HeapSettings, MaxHeapSize, default_max_heap_size, defaults, set_default_fullsweep_after, set_default_max_heap_size,
    set_default_min_heap_size, set_default_min_virtual,
};
pub use sizes::{LARGEST, at_least, round_min_heap_size};

use crate::term::Term;

/// Which roots a collection asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// Those that may point into the young block or a fragment; others may be left out.
    Young,
    All,
}

/// Calls the visitor it is given with every root of the kind.
pub type Roots<'a> = &'a mut dyn FnMut(Which, &mut dyn FnMut(&mut Term));
