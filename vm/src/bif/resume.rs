//! Long work as a resumable struct with a budget.

use super::{Class, Cx, Stop};
use crate::term::Term;

/// A root owned by a suspended call: an index into the process's slots, which the collector updates.
#[derive(Clone, Copy, Debug)]
pub struct Slot(pub(crate) usize);

/// Work that goes on over several slices. It holds no terms, only `Slot`s. Dropping it cancels it.
pub trait Resume: Send {
    /// Works until `cx.reductions_left()` is used up or the work is done. `Ok(None)` asks to be
    /// called again; a collection may come in between.
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop>;

    /// Where the next step is to run.
    fn class(&self) -> Class {
        Class::Normal
    }
}
