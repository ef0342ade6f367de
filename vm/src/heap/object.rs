//! A term with memory of its own that many hold: one block, counted.

use std::mem::ManuallyDrop;

use super::Fragment;
use crate::base::sync::{Ordering, fence};
use crate::term::Term;

/// A copy of a term outside any process, shared by its clones.
pub struct Object {
    term: Term,
    /// The words of `term`, if it has any: whose `holders` counts the clones.
    words: Option<ManuallyDrop<Fragment>>,
}

// SAFETY: as of `Stored`: nobody changes the words (T2), and the count is atomic.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    /// A copy of `term`.
    pub fn new(term: Term) -> Object {
        let (term, words) = Fragment::copy_of(term);
        Object { term, words: words.map(ManuallyDrop::new) }
    }

    /// A copy of the term in `place`.
    pub fn load(&self, place: &mut (impl super::Build + ?Sized)) -> Term {
        match &self.words {
            Some(words) => super::copy::copy_sized(self.term, words.used(), place),
            None => self.term,
        }
    }

    /// The term itself, to look at while `self` lives.
    pub fn peek<R>(&self, look: impl FnOnce(Term) -> R) -> R {
        look(self.term)
    }

    /// Words that it occupies.
    pub fn words(&self) -> usize {
        self.words.as_ref().map_or(0, |w| w.used())
    }
}

impl Clone for Object {
    fn clone(&self) -> Object {
        let words = self.words.as_ref().map(|words| {
            words.holders().fetch_add(1, Ordering::Relaxed);
            // SAFETY: counted; whose count reaches zero drops it, below.
            ManuallyDrop::new(unsafe { words.again() })
        });
        Object { term: self.term, words }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if let Some(words) = &mut self.words
            && words.holders().fetch_sub(1, Ordering::Release) == 1
        {
            fence(Ordering::Acquire);
            // SAFETY: the last holder; `words` is not used again.
            unsafe { ManuallyDrop::drop(words) };
        }
    }
}
