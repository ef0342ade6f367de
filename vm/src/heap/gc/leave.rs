//! Letting go of persistent terms that are to be freed.

use super::Roots;
use super::Which;
use super::collector::step;
use crate::heap::literal::{Released, is_persistent};
use crate::heap::{Heap, copy_shared};
use crate::term::Term;
use rustc_hash::FxHashMap;

impl Heap {
    /// Puts copies of its own in the place of every pointer into `released`. `true`: there are
    /// pointers to other persistent terms.
    pub fn leave(&mut self, released: &Released, roots: Roots<'_>) -> bool {
        // Afterwards there is one block, without gaps (G3).
        self.collect_major(0, &mut *roots);
        let (start, top, stack, end) = (self.start, self.top, self.stack, self.end);
        let mut copies: FxHashMap<u64, Term> = FxHashMap::default();
        let mut others = false;
        let mut visit = |word: &mut Term| {
            if word.is_pointer() && is_persistent(*word) {
                if released.holds(*word) {
                    let copied = copies.entry(word.bits()).or_insert_with(|| {
                        let plan = copy_shared::plan(*word, 0);
                        copy_shared::copy_planned(*word, plan, self)
                    });
                    *word = *copied;
                } else {
                    others = true;
                }
            }
        };
        let mut at = start;
        while at < top {
            // SAFETY: a word of the block; pointers stand where `step` leads to (G3), and nobody else
            // looks at the block meanwhile.
            unsafe {
                match *at & 3 {
                    3 => at = at.add(step(*at)),
                    _ => {
                        visit(&mut *at.cast::<Term>());
                        at = at.add(1);
                    }
                }
            }
        }
        let mut slot = stack;
        while slot < end {
            // SAFETY: a stack slot; return addresses read as small integers (G4).
            unsafe {
                visit(&mut *slot.cast::<Term>());
                slot = slot.add(1);
            }
        }
        roots(Which::All, &mut visit);
        if !copies.is_empty() {
            // What was below the high-water mark points at what is new (G2).
            self.collect_major(0, roots);
        }
        others
    }
}
