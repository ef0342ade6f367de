//! A tuple with memory of its own that many hold: one block, counted.

use std::mem::ManuallyDrop;

use super::{Build, Fragment, copy};
use crate::base::sync::{Ordering, fence};
use crate::term::node::Node;
use crate::term::{Term, Tuple};

/// A copy of a tuple outside any process, shared by its clones. The tuple is at the start of the
/// fragment, whose `holders` counts the clones.
pub struct Object(ManuallyDrop<Fragment>);

// SAFETY: as of `Stored`: nobody changes the words that another may see (T2), and the count is atomic.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    /// A copy of a tuple (not the empty one).
    pub fn new(tuple: Term) -> Object {
        if let Some(elements) = flat(tuple) {
            return Object(ManuallyDrop::new(Fragment::flat_copy_of(elements)));
        }
        if let (_, Some(words)) = Fragment::copy_of(tuple) {
            debug_assert!(tuple.as_tuple().is_some());
            return Object(ManuallyDrop::new(words));
        }
        // A literal: its elements are literals too.
        let Some(elements) = tuple.as_tuple() else { crate::bug!("an object that is no tuple") };
        let mut words = Fragment::new(elements.arity() + 1);
        words.tuple(elements.as_slice());
        Object(ManuallyDrop::new(words))
    }

    #[inline]
    fn term(&self) -> Term {
        Term::from_boxed(self.0.start())
    }

    /// A copy of the term in `place`.
    #[inline]
    pub fn load(&self, place: &mut (impl Build + ?Sized)) -> Term {
        let words = self.0.used();
        if self.0.is_flat() {
            let copy = place.alloc(words);
            // SAFETY: so many words; the copy's are fresh.
            unsafe { copy::words(self.0.start(), copy, words) };
            return Term::from_boxed(copy);
        }
        copy::copy_sized(self.term(), words, place)
    }

    /// A list of nothing but a copy of the term in `place`.
    #[inline]
    pub fn load_listed(&self, place: &mut (impl Build + ?Sized)) -> Term {
        if !self.0.is_flat() {
            let copy = self.load(place);
            return place.cons(copy, Term::NIL);
        }
        let words = self.0.used();
        let copy = place.alloc(words + 2);
        // SAFETY: so many words; those of the copy and of the cell behind it are fresh.
        unsafe {
            copy::words(self.0.start(), copy, words);
            let cell = copy.add(words);
            cell.write(Term::from_boxed(copy).bits());
            cell.add(1).write(Term::NIL.bits());
            Term::from_cons(cell)
        }
    }

    /// The term itself, to look at while `self` lives.
    #[inline]
    pub fn peek<R>(&self, look: impl FnOnce(Term) -> R) -> R {
        look(self.term())
    }

    /// Calls `show` with the address, size and count of references of each binary outside it.
    pub fn each_binary(&self, mut show: impl FnMut(usize, usize, usize)) {
        self.0.off_heap_of().for_each_binary(|buffer, bytes| {
            // SAFETY: H4, the handle keeps its buffer alive.
            let references = unsafe { (*buffer).references() };
            show(buffer as usize, bytes, references);
        });
    }

    /// Calls `found` with the node of each identifier of another node.
    pub fn each_node(&self, found: &mut dyn FnMut(&'static Node)) {
        self.0.each_node(found);
    }

    /// Words that it occupies.
    #[inline]
    pub fn words(&self) -> usize {
        self.0.used()
    }

    /// Whether a term is a tuple whose elements are immediates: a quick one to copy.
    #[inline]
    pub fn is_flat(tuple: Term) -> bool {
        flat(tuple).is_some()
    }

    /// Makes it a copy of another tuple, in the same memory; `false`: that can't be, and it is what it was.
    /// It can if nobody else holds it and both are as long and have immediates only.
    #[inline]
    pub fn overwrite(&mut self, tuple: Term) -> bool {
        let words = self.0.used();
        let fits = |elements: &Tuple| self.0.is_flat() && elements.arity() + 1 == words;
        let Some(elements) = flat(tuple).filter(fits) else { return false };
        if self.0.holders().load(Ordering::Acquire) != 1 {
            return false;
        }
        // SAFETY: the only holder; so many words.
        unsafe { copy::words(elements.term().address(), self.0.start(), words) };
        true
    }

    /// Puts an immediate in the place of an immediate element; `false`: it is not one, or there is
    /// no such element. Clones keep what they had.
    #[inline]
    pub fn set_immediate(&mut self, index: usize, value: Term) -> bool {
        let old = self.term().as_tuple().and_then(|t| t.get(index));
        if !value.is_immediate() || !old.is_some_and(Term::is_immediate) {
            return false;
        }
        if self.0.holders().load(Ordering::Acquire) != 1 {
            *self = Object::new(self.term());
        }
        // SAFETY: the only holder; the words of the elements follow the tuple's header.
        unsafe { self.0.start().add(1 + index).write(value.bits()) };
        true
    }
}

/// A tuple whose elements are immediates.
#[inline]
fn flat(tuple: Term) -> Option<Tuple> {
    tuple.as_tuple().filter(|t| t.as_slice().iter().all(|e| e.is_immediate()))
}

impl Clone for Object {
    #[inline]
    fn clone(&self) -> Object {
        self.0.holders().fetch_add(1, Ordering::Relaxed);
        // SAFETY: counted; whose count reaches zero drops it, below.
        Object(ManuallyDrop::new(unsafe { self.0.again() }))
    }
}

impl Drop for Object {
    #[inline]
    fn drop(&mut self) {
        if self.0.holders().fetch_sub(1, Ordering::Release) == 1 {
            fence(Ordering::Acquire);
            // SAFETY: the last holder; the fragment is not used again.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        }
    }
}
