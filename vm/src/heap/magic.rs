//! Objects of the runtime that Erlang holds through references: ETS tables, atomics, counters,
//! compiled match specifications, resources of natives.

use std::any::{Any, TypeId};

use crate::base::sync::{AtomicUsize, Ordering};
use crate::term::{Kind, Term};

/// A reference-counted object behind a `MagicRef`.
pub struct Magic {
    references: AtomicUsize,
    /// The number words that every reference to this object carries.
    pub number: [u64; 2],
    pub value: Box<dyn Any + Send + Sync>,
    /// The type of the value: at hand without asking it.
    of_type: TypeId,
    /// Bytes that each process that refers to it answers for.
    pub(crate) bytes: usize,
}

/// What most objects count.
const USUAL: usize = 64;

impl Magic {
    /// A new object with one reference.
    pub fn new(number: [u64; 2], value: Box<dyn Any + Send + Sync>) -> *const Magic {
        Magic::sized(number, value, USUAL)
    }

    /// The same of an object that is large.
    pub fn sized(number: [u64; 2], value: Box<dyn Any + Send + Sync>, bytes: usize) -> *const Magic {
        let of_type = (*value).type_id();
        Box::into_raw(Box::new(Magic { references: AtomicUsize::new(1), number, value, of_type, bytes }))
    }

    /// The object's value, if `term` is a reference to one of that type.
    #[inline]
    pub fn value_of<T: Any>(term: &Term) -> Option<&T> {
        if !term.is_boxed() || !term.header().is(Kind::MagicRef) {
            return None;
        }
        // SAFETY: T1, word 3 of a magic reference is the object, which the reference keeps alive.
        let magic = unsafe { &*(term.word(3) as *const Magic) };
        if magic.of_type != TypeId::of::<T>() {
            return None;
        }
        // SAFETY: it is of that type.
        Some(unsafe { &*(&raw const *magic.value).cast::<T>() })
    }

    pub(crate) unsafe fn retain(magic: *const Magic) {
        // SAFETY: the caller holds a reference.
        unsafe { (*magic).references.fetch_add(1, Ordering::Relaxed) };
    }

    /// Takes a count unless there is none left; `false`: the object is being freed.
    pub(crate) unsafe fn try_retain(magic: *const Magic) -> bool {
        // SAFETY: the caller keeps the object from being freed meanwhile.
        let references = unsafe { &(*magic).references };
        references.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n > 0).then_some(n + 1)).is_ok()
    }

    pub(crate) unsafe fn release(magic: *const Magic) {
        // SAFETY: the caller owns a reference and gives it up.
        unsafe {
            if (*magic).references.fetch_sub(1, Ordering::Release) == 1 {
                crate::base::sync::fence(Ordering::Acquire);
                drop(Box::from_raw(magic.cast_mut()));
            }
        }
    }
}

impl Term {
    /// Looks at the object of type `T` behind a magic reference; `None` if this is none.
    pub fn with_magic<T: 'static, R>(self, f: impl FnOnce(&T) -> R) -> Option<R> {
        Magic::value_of::<T>(&self).map(f)
    }
}
