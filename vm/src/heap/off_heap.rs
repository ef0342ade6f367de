//! Lists of the boxes that own off-heap objects, linked through the boxes' last words (H4).

use super::{BinaryBuffer, Magic};
use crate::term::{Header, Kind};

/// An off-heap list: its first box and the bytes behind all of them (the virtual binary heap).
pub struct OffHeap {
    pub(crate) first: *mut u64,
    pub(crate) bytes: usize,
}

impl OffHeap {
    pub(crate) const EMPTY: OffHeap = OffHeap { first: std::ptr::null_mut(), bytes: 0 };
}

impl Default for OffHeap {
    fn default() -> Self {
        OffHeap::EMPTY
    }
}

/// The word that links a box to the next of its list.
pub(crate) unsafe fn link_of(object: *mut u64) -> *mut u64 {
    // SAFETY: the caller gives a box whose kind is an off-heap one, header intact.
    unsafe { object.add(Header::raw(*object).size()) }
}

/// What a box's object counts towards the virtual binary heap, in bytes.
pub(crate) unsafe fn bytes_behind(object: *mut u64) -> usize {
    // SAFETY: as for `link_of`.
    unsafe {
        if Header::raw(*object).is(Kind::RefcBinary) {
            *object.add(2) as usize
        } else {
            (*(*object.add(3) as *const Magic)).bytes
        }
    }
}

/// Gives up the reference that a box holds.
pub(crate) unsafe fn release_object(object: *mut u64) {
    // SAFETY: as for `link_of`; the box is dead and out of every list.
    unsafe {
        if Header::raw(*object).is(Kind::RefcBinary) {
            BinaryBuffer::release(*object.add(1) as *const BinaryBuffer);
        } else {
            Magic::release(*object.add(3) as *const Magic);
        }
    }
}

/// Takes one more reference on a box's object, for a copy of the box.
pub(crate) unsafe fn retain_object(object: *mut u64) {
    // SAFETY: as for `link_of`.
    unsafe {
        if Header::raw(*object).is(Kind::RefcBinary) {
            BinaryBuffer::retain(*object.add(1) as *const BinaryBuffer);
        } else {
            Magic::retain(*object.add(3) as *const Magic);
        }
    }
}

impl OffHeap {
    /// Links a fully built box in.
    pub(crate) unsafe fn push(&mut self, object: *mut u64) {
        // SAFETY: the caller gives a fresh box of an off-heap kind.
        unsafe {
            *link_of(object) = self.first as u64;
            self.bytes += bytes_behind(object);
        }
        self.first = object;
    }

    /// Moves every box of `other` to this list.
    pub(crate) fn append(&mut self, other: &mut OffHeap) {
        if other.first.is_null() {
            return;
        }
        let mut last = other.first;
        // SAFETY: H4, every link is a box with an intact header.
        unsafe {
            loop {
                let next = *link_of(last) as *mut u64;
                if next.is_null() {
                    break;
                }
                last = next;
            }
            *link_of(last) = self.first as u64;
        }
        self.first = other.first;
        self.bytes += other.bytes;
        *other = OffHeap::default();
    }

    /// Shows every binary handle: its buffer and the bytes it stands for.
    pub(crate) fn for_each_binary(&self, mut show: impl FnMut(*const BinaryBuffer, usize)) {
        let mut object = self.first;
        while !object.is_null() {
            // SAFETY: H4.
            unsafe {
                if Header::raw(*object).is(Kind::RefcBinary) {
                    show(*object.add(1) as *const BinaryBuffer, *object.add(2) as usize);
                }
                object = *link_of(object) as *mut u64;
            }
        }
    }

    /// Gives up every reference; the boxes are dead.
    pub(crate) fn release_all(&mut self) {
        let mut object = self.first;
        while !object.is_null() {
            // SAFETY: H4; read the link before the object goes.
            unsafe {
                let next = *link_of(object) as *mut u64;
                release_object(object);
                object = next;
            }
        }
        *self = OffHeap::default();
    }
}
