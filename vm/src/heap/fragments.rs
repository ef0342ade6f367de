//! Memory for terms whose size nobody knows beforehand: fragments, one more whenever the last is full.

use super::{Alloc, Fragment, OffHeap};
use crate::term::Term;

/// A chain of fragments. Terms built in it stay where they are as long as it lives.
#[derive(Default)]
pub struct Fragments(Option<Fragment>);

/// Words of the first fragment, and of the largest that is made ahead of need.
const FIRST: usize = 62;
const LARGEST: usize = 1 << 16;

impl Fragments {
    /// With room for so many words from the start.
    pub fn with_room(words: usize) -> Fragments {
        Fragments(Some(Fragment::new(words)))
    }


    /// The term with its words in one fragment, or in none if it is an immediate.
    pub fn into_one(self, term: Term) -> (Term, Option<Fragment>) {
        match self.0 {
            Some(only) if term.is_pointer() && only.next().is_none() && only.room() <= only.used() => (term, Some(only)),
            _ => Fragment::copy_of(term),
        }
    }

    fn grow(&mut self, words: usize) -> &mut Fragment {
        let before = self.0.take();
        let size = before.as_ref().map_or(FIRST, |f| (f.capacity() * 2).min(LARGEST));
        let mut fragment = Fragment::new(size.max(words));
        fragment.set_next(before);
        self.0.insert(fragment)
    }
}

impl Alloc for Fragments {
    #[inline]
    fn alloc(&mut self, words: usize) -> *mut u64 {
        match &mut self.0 {
            Some(fragment) if fragment.room() >= words => fragment.alloc(words),
            _ => self.grow(words).alloc(words),
        }
    }

    fn off_heap(&mut self) -> &mut OffHeap {
        if self.0.is_none() {
            self.grow(0);
        }
        match &mut self.0 {
            Some(fragment) => fragment.off_heap(),
            None => crate::bug!("no fragment"),
        }
    }
}
