//! Walking a heap word by word, without following anything.

use super::Heap;
use crate::term::{Header, Kind};

impl Heap {
    /// Whether a local fun on this heap, dead or alive, has an entry that `wanted` says yes to.
    pub fn any_fun(&self, wanted: &dyn Fn(u64) -> bool) -> bool {
        let mut fragment = self.fragments.as_ref();
        let mut parts = vec![(self.start.cast_const(), self.used()), (self.old_start.cast_const(), self.old_used())];
        while let Some(f) = fragment {
            parts.push((f.start().cast_const(), f.used()));
            fragment = f.next();
        }
        parts.into_iter().any(|(start, words)| any_fun_in(start, words, wanted))
    }
}

fn any_fun_in(start: *const u64, words: usize, wanted: &dyn Fn(u64) -> bool) -> bool {
    let mut at = 0;
    while at < words {
        // SAFETY: blocks and fragments hold no gaps (G3): every word is a term, or a header whose
        // box follows.
        let word = unsafe { *start.add(at) };
        at += 1;
        if !Header::is_header(word) {
            continue;
        }
        let header = Header::raw(word);
        // SAFETY: as above, the entry follows the header of a fun.
        if header.is(Kind::Fun) && wanted(unsafe { *start.add(at) }) {
            return true;
        }
        at += header.size() - header.term_words();
    }
    false
}
