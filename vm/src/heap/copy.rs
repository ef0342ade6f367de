//! The one copier of terms: into a fragment, a heap, a table, a literal area.
//! Sharing inside a term is lost, as in a message; literals are not copied.

use super::off_heap::retain_object;
use super::{Alloc, literal};
use crate::term::repr::PRIMARY_MASK;
use crate::term::{Header, Term};

/// Whether a copy leaves a term as it is.
fn stays(term: Term) -> bool {
    term.is_immediate() || literal::is_literal(term)
}

/// Words that a copy of `term` takes: literals count nothing.
pub fn size_of(term: Term) -> usize {
    count(term, stays)
}

/// Words that `term` takes without sharing, literals included (`erts_debug:flat_size/1`).
pub fn flat_size(term: Term) -> usize {
    count(term, Term::is_immediate)
}

fn count(term: Term, stays: impl Fn(Term) -> bool) -> usize {
    let mut words = 0;
    let mut pending = Vec::new();
    let mut t = term;
    loop {
        if !stays(t) {
            if t.is_cons() {
                words += 2;
                if !t.slot(0).is_immediate() {
                    pending.push(t.slot(0));
                }
                t = t.slot(1);
                continue;
            }
            let header = t.header();
            words += header.size() + 1;
            for i in 1..=header.term_words() {
                if t.slot(i).is_pointer() {
                    pending.push(t.slot(i));
                }
            }
        }
        match pending.pop() {
            Some(next) => t = next,
            None => return words,
        }
    }
}

/// Copies `term`. `to` has room for `size_of(term)` words or finds more.
pub fn copy_into(term: Term, to: &mut (impl Alloc + ?Sized)) -> Term {
    copy_with(term, to, stays)
}

/// Copies `term` and every literal in it.
pub fn copy_all_into(term: Term, to: &mut (impl Alloc + ?Sized)) -> Term {
    copy_with(term, to, Term::is_immediate)
}

fn copy_with(term: Term, to: &mut (impl Alloc + ?Sized), stays: impl Fn(Term) -> bool) -> Term {
    let mut result = term.bits();
    // Words of the copy that still hold the original's address.
    let mut pending: Vec<*mut u64> = vec![&raw mut result];
    while let Some(place) = pending.pop() {
        // SAFETY: `place` is a word of the copy (or `result`), written below before it was pushed.
        unsafe {
            let t = Term::raw(*place);
            if stays(t) {
                continue;
            }
            if t.is_cons() {
                let cell = to.alloc(2);
                *cell = t.word(0);
                *cell.add(1) = t.word(1);
                *place = Term::from_cons(cell).bits();
                for i in [0, 1] {
                    if Term::raw(*cell.add(i)).is_pointer() {
                        pending.push(cell.add(i));
                    }
                }
                continue;
            }
            let header = t.header();
            let n = header.size();
            let copy = to.alloc(n + 1);
            std::ptr::copy_nonoverlapping(t.address(), copy, n + 1);
            *place = (copy as u64) | (t.bits() & PRIMARY_MASK);
            if header.is_off_heap() {
                retain_object(copy);
                to.off_heap().push(copy);
            }
            for i in 1..=header.term_words() {
                if Term::raw(*copy.add(i)).is_pointer() {
                    pending.push(copy.add(i));
                }
            }
            debug_assert!(Header::is_header(*copy));
        }
    }
    Term::raw(result)
}
