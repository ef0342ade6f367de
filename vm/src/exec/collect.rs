//! The engine's collections: roots of a running process, and what follows from its size.

use crate::process::{Own, Process};
use crate::term::Term;

/// Collects so that `need` words are free; `x` are the live registers. `false`: the process has to
/// end because of its `max_heap_size`.
#[inline(never)]
pub(crate) fn collect(process: &Process, own: &mut Own, x: &mut [Term], need: usize) -> bool {
    own.collect(process, x, need)
}
