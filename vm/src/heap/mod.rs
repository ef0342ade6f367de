//! Heaps: blocks, building terms, off-heap objects, fragments, copying, collecting, literals.
//! Floor: heap
//! Invariants: H1 only the engine collects, at instruction boundaries where the live registers are
//! known; H2 from-space is frozen until the flip; H3 the bytes of a binary within its size never
//! change; H4 every box that owns an off-heap object stands in exactly one off-heap list.
//! Locks: none (the literal area has one mutex for allocation).
//! Start reading at: `Heap`, then `build::Build`.

mod binary;
pub mod bits;
pub mod build;
pub mod copy;
pub(crate) mod copy_shared;
mod fragment;
mod fragments;
pub mod gc;
pub mod literal;
mod magic;
mod measure;
pub mod map;
pub mod number;
mod off_heap;
#[cfg(test)]
mod cmp_tests;
mod process_heap;
mod text;
pub mod external;
mod object;
mod stored;

pub use binary::{BinaryBuffer, SharedBytes};
pub use build::{Alloc, Build};
pub use fragment::Fragment;
pub use fragments::Fragments;
pub use object::Object;
pub use magic::{Magic, Mark};
pub use measure::{each_node, erlang_flat_size, erlang_shared_size};
pub use off_heap::OffHeap;
pub use process_heap::{Heap, STACK_RESERVE};
pub use text::text_of;
pub use stored::Stored;
