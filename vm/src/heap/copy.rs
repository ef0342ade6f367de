//! The one copier of terms: into a fragment, a heap, a table, a literal area.
//! Sharing inside a term is lost, as in a message (`copy_shared` keeps it); literals of modules are not copied.
//!
//! A copy is one run of words, without gaps: the words are counted first, taken at once, and
//! filled front to back. What is copied but not yet looked at lies between two positions of the
//! copy itself, so that there is no other list of things to do.

use super::off_heap::retain_object;
use super::{Alloc, literal};
use crate::term::repr::{PRIMARY_BOXED, PRIMARY_CONS};
use crate::term::{Header, Term};

/// Whether a copy leaves a term as it is.
#[inline(always)]
pub(super) fn stays(term: Term) -> bool {
    term.is_immediate() || literal::is_of_module(term)
}

/// Words that a copy of `term` takes: literals of modules count nothing.
pub fn size_of(term: Term) -> usize {
    count(term, stays)
}

/// Words that `term` takes without sharing, literals included.
pub fn flat_size(term: Term) -> usize {
    count(term, Term::is_immediate)
}

#[inline(always)]
fn count(term: Term, stays: impl Fn(Term) -> bool + Copy) -> usize {
    if stays(term) {
        return 0;
    }
    // Most messages and rows are a box of immediates.
    if term.is_boxed() {
        let header = term.header();
        if (1..=header.term_words()).all(|i| stays(term.slot(i))) {
            return header.size() + 1;
        }
    }
    let mut words = 0;
    // Few terms are so deep that they need more than this.
    let mut near = [Term::NONE; 32];
    let mut near_used = 0;
    let mut far: Vec<Term> = Vec::new();
    macro_rules! later {
        ($u:expr) => {
            if near_used < near.len() {
                near[near_used] = $u;
                near_used += 1;
            } else {
                far.push($u);
            }
        };
    }
    let mut t = term;
    loop {
        if t.is_cons() {
            words += 2;
            let (head, tail) = (t.slot(0), t.slot(1));
            if !stays(head) {
                // The head first: what waits is then the rest of the list, not every element.
                if !stays(tail) {
                    later!(tail);
                }
                t = head;
                continue;
            }
            if !stays(tail) {
                t = tail;
                continue;
            }
        } else {
            let header = t.header();
            words += header.size() + 1;
            for i in 1..=header.term_words() {
                if !stays(t.slot(i)) {
                    later!(t.slot(i));
                }
            }
        }
        t = if let Some(u) = far.pop() {
            u
        } else if near_used > 0 {
            near_used -= 1;
            near[near_used]
        } else {
            return words;
        };
    }
}

/// Copies `term`.
pub fn copy_into(term: Term, to: &mut (impl Alloc + ?Sized)) -> Term {
    copy_sized(term, size_of(term), to)
}

/// Copies `term`, of which `size_of` said that it takes `words` words.
pub fn copy_sized(term: Term, words: usize, to: &mut (impl Alloc + ?Sized)) -> Term {
    copy_with(term, words, to, stays)
}

/// Copies `term` and every literal in it.
pub fn copy_all_into(term: Term, to: &mut (impl Alloc + ?Sized)) -> Term {
    copy_with(term, flat_size(term), to, Term::is_immediate)
}

/// Copies words, few of which are many enough to call anything.
///
/// # Safety
/// They may be read and written, and do not overlap.
#[inline(always)]
pub(super) unsafe fn words(from: *const u64, to: *mut u64, words: usize) {
    // SAFETY: as asked for.
    unsafe {
        // One by one: some were written just now, and two at a time would have to wait for them.
        macro_rules! each {
            ($($at:literal)*) => {{ $(*to.add($at) = *from.add($at);)* }};
        }
        match words {
            2 => each!(0 1),
            3 => each!(0 1 2),
            4 => each!(0 1 2 3),
            5 => each!(0 1 2 3 4),
            6 => each!(0 1 2 3 4 5),
            _ => std::ptr::copy_nonoverlapping(from, to, words),
        }
    }
}

/// Copies the cell or box that a word points to, to `free`; the new word and the free words
/// behind. Off-heap objects are retained and shown to `own`. Only for a list: whether its words
/// still have to be looked at.
///
/// # Safety
/// The word is a pointer term; there is room for what it points to.
#[inline(always)]
unsafe fn copy_one(
    word: u64,
    free: *mut u64,
    stays: impl Fn(Term) -> bool,
    own: impl FnOnce(*mut u64),
) -> (u64, *mut u64, bool) {
    // SAFETY: T1, and the room given.
    unsafe {
        if word & 3 == PRIMARY_CONS {
            // The whole list in one go, so that it lies in order.
            let mut from = (word - PRIMARY_CONS) as *const u64;
            let mut cell = free;
            let mut pointers = 0;
            loop {
                let (head, tail) = (*from, *from.add(1));
                *cell = head;
                pointers |= head ^ (head >> 1);
                let next = cell.add(2);
                if tail & 3 == PRIMARY_CONS && !stays(Term::raw(tail)) {
                    *cell.add(1) = next as u64 | PRIMARY_CONS;
                    from = (tail - PRIMARY_CONS) as *const u64;
                    cell = next;
                } else {
                    *cell.add(1) = tail;
                    pointers |= tail ^ (tail >> 1);
                    return (free as u64 | PRIMARY_CONS, next, pointers & 1 == 1);
                }
            }
        }
        let from = (word - PRIMARY_BOXED) as *const u64;
        let header = Header::raw(*from);
        let words = header.size() + 1;
        match words {
            2 => {
                *free = *from;
                *free.add(1) = *from.add(1);
            }
            3 => {
                *free = *from;
                *free.add(1) = *from.add(1);
                *free.add(2) = *from.add(2);
            }
            4 => {
                *free = *from;
                *free.add(1) = *from.add(1);
                *free.add(2) = *from.add(2);
                *free.add(3) = *from.add(3);
            }
            _ => std::ptr::copy_nonoverlapping(from, free, words),
        }
        if header.is_off_heap() {
            retain_object(free);
            own(free);
        }
        (free as u64 | PRIMARY_BOXED, free.add(words), true)
    }
}

#[inline(always)]
fn copy_with(
    term: Term,
    words: usize,
    to: &mut (impl Alloc + ?Sized),
    stays: impl Fn(Term) -> bool + Copy,
) -> Term {
    if stays(term) {
        return term;
    }
    let start = to.alloc(words);
    let range = start as u64..start as u64 + words as u64 * 8;
    // A list of immediates in the copy: nothing to look at.
    let mut done = (std::ptr::null_mut::<u64>(), std::ptr::null_mut::<u64>());
    // SAFETY: `words` words were counted for exactly these terms, which nobody changes (T2); every
    // word between `at` and `free` is one of the copy.
    unsafe {
        let (copy, mut free, look) = copy_one(term.bits(), start, stays, |o| to.off_heap().push(o));
        let mut at = if look { start } else { free };
        while at < free {
            let until = if done.0 > at { done.0 } else { free };
            while at < until {
                let word = *at;
                match word & 3 {
                    PRIMARY_CONS | PRIMARY_BOXED => {
                        // A pointer into the copy is the tail of a list done in one go.
                        if !range.contains(&word) && !stays(Term::raw(word)) {
                            let (copied, next, look) =
                                copy_one(word, free, stays, |o| to.off_heap().push(o));
                            if !look {
                                done = (free, next);
                            }
                            (*at, free) = (copied, next);
                        }
                        at = at.add(1);
                    }
                    3 => at = at.add(super::gc::step(word)),
                    _ => at = at.add(1),
                }
            }
            if at == done.0 {
                at = done.1;
            }
        }
        debug_assert!(free == start.add(words));
        Term::raw(copy)
    }
}
