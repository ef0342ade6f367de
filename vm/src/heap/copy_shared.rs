//! Copies in which what occurs more than once in a term stays one: for terms that are kept for long. A copy for a
//! message is made faster without.

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::Alloc;
use super::copy::{self, stays};
use super::gc::step;
use super::off_heap::retain_object;
use crate::term::repr::{PRIMARY_BOXED, PRIMARY_CONS};
use crate::term::{Header, Term};

/// Up to so many words a term is always looked through for what is shared.
const LOOKED_THROUGH: usize = 1 << 22;

/// How a term is to be copied.
#[derive(Clone, Copy)]
pub struct Plan {
    pub words: usize,
    keeps_sharing: bool,
}

/// How to copy a term of a process whose terms take `all` words. A long one of no more words than there are has
/// next to nothing that is shared; to look for it would take as much memory again.
pub fn plan(term: Term, all: usize) -> Plan {
    let most = all.max(LOOKED_THROUGH);
    let flat = add_up(term, most, |_| true);
    if flat.is_some_and(|words| words > LOOKED_THROUGH) {
        return Plan { words: flat.unwrap_or(0), keeps_sharing: false };
    }
    let mut seen = HashSet::default();
    let words = add_up(term, usize::MAX, |t| seen.insert(t.bits())).unwrap_or(0);
    Plan { words, keeps_sharing: flat != Some(words) }
}

/// Words of every part of a term that `enter` says to enter, literals of modules left out. `None`: more than `most`.
fn add_up(term: Term, most: usize, mut enter: impl FnMut(Term) -> bool) -> Option<usize> {
    let mut words = 0;
    let mut pending = vec![term];
    while let Some(t) = pending.pop() {
        if stays(t) || !enter(t) {
            continue;
        }
        if t.is_cons() {
            words += 2;
            pending.extend([t.slot(1), t.slot(0)]);
        } else {
            let header = t.header();
            words += header.size() + 1;
            pending.extend((1..=header.term_words()).map(|i| t.slot(i)));
        }
        if words > most {
            return None;
        }
    }
    Some(words)
}

/// Copies a term as `plan` says.
pub fn copy_planned(term: Term, plan: Plan, to: &mut (impl Alloc + ?Sized)) -> Term {
    if !plan.keeps_sharing {
        return copy::copy_sized(term, plan.words, to);
    }
    let start = to.alloc(plan.words);
    let mut copier = Copier { free: start, moved: HashMap::default(), to };
    // SAFETY: as many words were counted as there are in the parts of the term, each counted once; nobody changes
    // these (T2). Every word between `at` and `free` is one of the copy, and is looked at once.
    unsafe {
        let copy = copier.place(term.bits());
        let mut at = start;
        while at < copier.free {
            let word = *at;
            match word & 3 {
                PRIMARY_CONS | PRIMARY_BOXED => {
                    *at = copier.place(word);
                    at = at.add(1);
                }
                3 => at = at.add(step(word)),
                _ => at = at.add(1),
            }
        }
        debug_assert!(copier.free == start.add(plan.words));
        Term::raw(copy)
    }
}

struct Copier<'a, A: Alloc + ?Sized> {
    free: *mut u64,
    /// The word of each part that is copied, and that of its copy.
    moved: HashMap<u64, u64>,
    to: &'a mut A,
}

impl<A: Alloc + ?Sized> Copier<'_, A> {
    /// The word of the copy of what a word points to, which is made if there is none yet.
    ///
    /// # Safety
    /// The word is a pointer term; there is room for what it points to.
    unsafe fn place(&mut self, word: u64) -> u64 {
        if stays(Term::raw(word)) {
            return word;
        }
        if let Some(&copy) = self.moved.get(&word) {
            return copy;
        }
        let at = self.free;
        // SAFETY: T1, and the room given.
        let copy = unsafe {
            if word & 3 == PRIMARY_CONS {
                std::ptr::copy_nonoverlapping((word - PRIMARY_CONS) as *const u64, at, 2);
                self.free = at.add(2);
                at as u64 | PRIMARY_CONS
            } else {
                let from = (word - PRIMARY_BOXED) as *const u64;
                let header = Header::raw(*from);
                std::ptr::copy_nonoverlapping(from, at, header.size() + 1);
                self.free = at.add(header.size() + 1);
                if header.is_off_heap() {
                    retain_object(at);
                    self.to.off_heap().push(at);
                }
                at as u64 | PRIMARY_BOXED
            }
        };
        self.moved.insert(word, copy);
        copy
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Build, Fragment};
    use crate::term::cmp;

    #[test]
    fn what_is_shared_stays_one() {
        let mut from = Fragment::new(400);
        let text = from.binary(&[7; 100]);
        let mut shared = from.tuple(&[text, Term::NIL]);
        for _ in 0..20 {
            shared = from.cons(shared, shared);
        }
        let plan = plan(shared, 0);
        let mut to = Fragment::new(plan.words);
        let copy = copy_planned(shared, plan, &mut to);
        assert_eq!(to.used(), plan.words);
        assert!(plan.words < 60);
        let (mut a, mut b) = (shared, copy);
        while a.is_cons() {
            assert!(a != b && b.slot(0) == b.slot(1));
            (a, b) = (a.slot(0), b.slot(0));
        }
        assert!(cmp::eq_exact(a, b));
    }

    #[test]
    fn a_term_without_sharing_is_copied_as_ever() {
        let mut from = Fragment::new(100);
        let inner = from.list(&[Term::small(1), Term::small(2)]);
        let outer = from.tuple(&[inner, Term::small(3)]);
        let plan = plan(outer, 0);
        assert!(!plan.keeps_sharing && plan.words == copy::size_of(outer));
        let mut to = Fragment::new(plan.words);
        assert!(cmp::eq_exact(outer, copy_planned(outer, plan, &mut to)));
    }
}
