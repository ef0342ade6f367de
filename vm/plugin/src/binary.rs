//! Binaries without copying, both ways.

use std::ffi::c_void;
use std::ops::Deref;

use glulam_abi as abi;

use crate::glue::{bytes, slice, table};
use crate::{Cx, Error, FromTerm, IntoTerm, Term};

/// Bytes that become a binary as they are. From a term: any iodata, copied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Binary(pub Vec<u8>);

impl<'a> FromTerm<'a> for Binary {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        term.iodata().map(|bytes| Binary(bytes.to_vec())).ok_or_else(Error::badarg)
    }
}

/// Small ones are copied: that costs less than keeping them.
const SMALL: usize = 256;

impl IntoTerm for Binary {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        if self.0.len() <= SMALL {
            return self.0.as_slice().into_term(cx);
        }
        unsafe extern "C" fn free(owner: *mut c_void) {
            // SAFETY: what `into_raw` gave below, once.
            drop(unsafe { Box::from_raw(owner.cast::<Vec<u8>>()) });
        }
        let owner = Box::new(self.0);
        let view = bytes(&owner);
        // SAFETY: P1: the bytes stay where they are until `free`.
        cx.term(unsafe { (table().make_shared)(cx.call, view, Box::into_raw(owner).cast::<c_void>(), free) })
    }
}

/// The bytes of a binary, held where they lie for as long as this lives, on any thread.
pub struct Bytes {
    held: *mut abi::Held,
    view: abi::Bytes,
}

// SAFETY: P2: the bytes never change, and may be released on any thread.
unsafe impl Send for Bytes {}
// SAFETY: P2.
unsafe impl Sync for Bytes {}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        // SAFETY: P2.
        unsafe { slice(self.view) }
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        // SAFETY: P2: once.
        unsafe { (table().release)(self.held) };
    }
}

impl<'a> FromTerm<'a> for Bytes {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        let mut view = abi::Bytes::EMPTY;
        // SAFETY: P1.
        let held = unsafe { (table().hold)(term.cx.call, term.raw, &mut view) };
        if held.is_null() { Err(Error::badarg()) } else { Ok(Bytes { held, view }) }
    }
}

impl IntoTerm for Bytes {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        let held = self.held;
        std::mem::forget(self);
        // SAFETY: P1, P2: the term takes over what was held.
        cx.term(unsafe { (table().make_held)(cx.call, held) })
    }
}
