//! Terms: the word layout, kinds, read-only views, comparison, hashing, printing.
//! Floor: term
//! Invariants: T1 every word reachable as a `Term` is well formed (see `repr`); T2 a box never
//! changes after it was built, but for the collector's forwarding; T3 a `Term` never leaves the
//! thread it was read on: what crosses threads is a fragment or an area that owns its words.
//! Locks: none.
//! Start reading at: `repr::Term`.

pub mod float;
pub mod fun;
pub mod header;
pub mod iolist;
pub mod map;
pub mod cmp;
pub mod hash;
pub mod node;
pub mod print;
pub mod number;
pub mod portable;
pub mod repr;
pub mod view;

pub use header::{Header, Kind};
pub use repr::Term;
pub use view::{BigRef, Bits, Cons, Fun, MapView, Tuple, View};
