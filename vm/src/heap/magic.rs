//! Objects of the runtime that Erlang holds through references: ETS tables, atomics, counters,
//! compiled match specifications, resources of natives.

use std::any::{Any, TypeId};
use std::marker::PhantomData;

use crate::base::sync::{Arc, AtomicU8, AtomicUsize, Ordering};
use crate::term::{Kind, Term};

/// A reference-counted object behind a `MagicRef`.
pub struct Magic {
    references: AtomicUsize,
    /// The number words that every reference to this object carries.
    pub number: [u64; 2],
    pub value: Box<dyn Any + Send + Sync>,
    /// The type of the value: at hand without asking it.
    of_type: TypeId,
    /// Of an object that was made with a mark: the addresses of the mark and of what the value shares. Else 0.
    mark: usize,
    shared: usize,
    /// Bytes that each process that refers to it answers for.
    pub(crate) bytes: usize,
}

/// Stands for a type: each one that lives for ever has an address of its own. It could be written to, so
/// that constants can't be one place.
pub struct Mark<T> {
    _place: AtomicU8,
    _of: PhantomData<fn() -> T>,
}

impl<T> Mark<T> {
    pub const fn new() -> Mark<T> {
        Mark { _place: AtomicU8::new(0), _of: PhantomData }
    }
}

impl<T> Default for Mark<T> {
    fn default() -> Mark<T> {
        Mark::new()
    }
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
        Box::into_raw(Box::new(Magic {
            references: AtomicUsize::new(1),
            number,
            value,
            of_type,
            mark: 0,
            shared: 0,
            bytes,
        }))
    }

    /// The same of a value that is shared, and of a type that is often looked for: `mark` is the type's.
    pub fn shared<T: Any + Send + Sync>(number: [u64; 2], value: Arc<T>, mark: &'static Mark<T>) -> *const Magic {
        let shared = Arc::as_ptr(&value) as usize;
        let magic = Magic::new(number, Box::new(value)).cast_mut();
        // SAFETY: nobody else has it yet.
        unsafe { ((*magic).mark, (*magic).shared) = (std::ptr::from_ref(mark) as usize, shared) };
        magic
    }

    /// What such an object shares, if `term` is a reference to one with this mark.
    #[inline(always)]
    pub fn shared_of<'a, T: Any + Send + Sync>(term: &'a Term, mark: &'static Mark<T>) -> Option<&'a T> {
        if !term.is_boxed() || !term.header().is(Kind::MagicRef) {
            return None;
        }
        // SAFETY: T1, word 3 of a magic reference is the object, which the reference keeps alive.
        let magic = unsafe { &*(term.word(3) as *const Magic) };
        if magic.mark != std::ptr::from_ref(mark) as usize {
            return None;
        }
        // SAFETY: only `shared` sets a mark, whose type is that of what is shared; `value` keeps it alive.
        Some(unsafe { &*(magic.shared as *const T) })
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
