//! A term with memory of its own, outside any process.

use super::{Build, Fragment};
use crate::term::Term;

/// A copy of a term that any thread may keep and read: a message template, an option, a stash.
pub struct Stored {
    term: Term,
    /// Owns the words of `term`, if it has any.
    _words: Option<Fragment>,
}

// SAFETY: the words are the fragment's, nobody changes them (T2), and copying out only counts
// references of off-heap objects up, which is atomic.
unsafe impl Send for Stored {}
// SAFETY: as above.
unsafe impl Sync for Stored {}

impl Stored {
    /// A copy of `term`.
    pub fn new(term: Term) -> Stored {
        let (term, words) = Fragment::copy_of(term);
        Stored { term, _words: words }
    }

    /// A copy of the term in `place`.
    pub fn load(&self, place: &mut (impl Build + ?Sized)) -> Term {
        super::copy::copy_into(self.term, place)
    }

    /// The term itself, to look at while `self` lives.
    pub fn peek<R>(&self, look: impl FnOnce(Term) -> R) -> R {
        look(self.term)
    }
}
