//! Off-heap binary buffers: reference counted, shared between processes.
//!
//! ```text
//! [ references | used bits | capacity | data ]  bytes ...
//! ```
//! Bytes below `used` never change (H3). Bytes from `used` on belong to whoever claims them with
//! `try_extend`: that is how `<<Acc/binary, X>>` in a loop appends in place, whoever holds `Acc`.

use std::any::Any;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

use crate::base::sync::{AtomicUsize, Ordering};

/// Header of an off-heap buffer; the bytes follow it.
#[repr(C)]
pub struct BinaryBuffer {
    references: AtomicUsize,
    /// Bits in use. Bits behind it are free for one claimant.
    used_bits: AtomicUsize,
    capacity: usize,
    data: *mut u8,
    /// Keeps foreign bytes alive (memory of a NIF, of `bytes::Bytes`); `None` when they follow.
    foreign: Option<Box<dyn Any + Send + Sync>>,
}

static TOTAL_BYTES: AtomicUsize = AtomicUsize::new(0);

fn layout(capacity: usize) -> Layout {
    let size = std::mem::size_of::<BinaryBuffer>() + capacity;
    match Layout::from_size_align(size, std::mem::align_of::<BinaryBuffer>()) {
        Ok(layout) => layout,
        Err(_) => crate::bug!("binary of {capacity} bytes"),
    }
}

impl BinaryBuffer {
    /// A buffer of `capacity` bytes, none of them in use, with one reference.
    pub fn new(capacity: usize) -> *mut BinaryBuffer {
        match BinaryBuffer::try_new(capacity) {
            Some(buffer) => buffer,
            None => handle_alloc_error(layout(capacity)),
        }
    }

    /// The same, or `None` if there is no memory for it.
    pub fn try_new(capacity: usize) -> Option<*mut BinaryBuffer> {
        let size = std::mem::size_of::<BinaryBuffer>().checked_add(capacity)?;
        let layout = Layout::from_size_align(size, std::mem::align_of::<BinaryBuffer>()).ok()?;
        // SAFETY: the layout is not empty; every field is written before use.
        unsafe {
            let buffer = alloc(layout).cast::<BinaryBuffer>();
            if buffer.is_null() {
                return None;
            }
            buffer.write(BinaryBuffer {
                references: AtomicUsize::new(1),
                used_bits: AtomicUsize::new(0),
                capacity,
                data: buffer.add(1).cast::<u8>(),
                foreign: None,
            });
            TOTAL_BYTES.fetch_add(capacity, Ordering::Relaxed);
            Some(buffer)
        }
    }

    /// The same buffer, held once and with its bytes following it, with another capacity; `None`
    /// if there is no memory for it.
    ///
    /// # Safety
    /// The caller holds the one reference, and made the buffer with `try_new`.
    pub(crate) unsafe fn resize(buffer: *mut BinaryBuffer, capacity: usize) -> Option<*mut BinaryBuffer> {
        let size = std::mem::size_of::<BinaryBuffer>().checked_add(capacity)?;
        // SAFETY: allocated with this layout; what was the data's address is set anew.
        unsafe {
            let before = (*buffer).capacity;
            let moved = std::alloc::realloc(buffer.cast::<u8>(), layout(before), size).cast::<BinaryBuffer>();
            if moved.is_null() {
                return None;
            }
            (*moved).capacity = capacity;
            (*moved).data = moved.add(1).cast::<u8>();
            TOTAL_BYTES.fetch_add(capacity, Ordering::Relaxed);
            TOTAL_BYTES.fetch_sub(before, Ordering::Relaxed);
            Some(moved)
        }
    }

    /// A buffer with these bytes, all in use.
    pub fn from_bytes(bytes: &[u8]) -> *mut BinaryBuffer {
        let buffer = BinaryBuffer::new(bytes.len());
        // SAFETY: just made, with that capacity.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), (*buffer).data, bytes.len());
            (*buffer).used_bits.store(bytes.len() * 8, Ordering::Release);
        }
        buffer
    }

    /// A buffer over bytes that `owner` keeps alive and unchanged.
    ///
    /// # Safety
    /// `data` points at `size` bytes that stay valid and unchanged until `owner` is dropped.
    pub unsafe fn foreign(data: *const u8, size: usize, owner: Box<dyn Any + Send + Sync>) -> *mut BinaryBuffer {
        TOTAL_BYTES.fetch_add(size, Ordering::Relaxed);
        Box::into_raw(Box::new(BinaryBuffer {
            references: AtomicUsize::new(1),
            used_bits: AtomicUsize::new(size * 8),
            capacity: size,
            data: data.cast_mut(),
            foreign: Some(owner),
        }))
    }

    /// What keeps foreign bytes alive.
    pub(crate) fn owner(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.foreign.as_deref()
    }

    #[inline(always)]
    pub(crate) unsafe fn bytes_of(buffer: *const BinaryBuffer) -> *const u8 {
        // SAFETY: the caller holds a reference.
        unsafe { (*buffer).data }
    }

    /// First byte, for writing bytes that the caller has claimed.
    pub(crate) unsafe fn data_mut(buffer: *const BinaryBuffer) -> *mut u8 {
        // SAFETY: the caller holds a reference.
        unsafe { (*buffer).data }
    }

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    pub fn used_bits(&self) -> usize {
        self.used_bits.load(Ordering::Acquire)
    }

    pub fn references(&self) -> usize {
        self.references.load(Ordering::Relaxed)
    }

    /// Says how many bits are in use, of a buffer that nobody else sees yet.
    pub(crate) fn set_used_bits(&self, bits: usize) {
        self.used_bits.store(bits, Ordering::Release);
    }

    /// Claims `more` bits behind `end` (in bits), if `end` is where the used bits end and there is
    /// room. The claimant alone may then write them.
    pub(crate) fn try_extend(&self, end: usize, more: usize) -> bool {
        self.foreign.is_none()
            && end.checked_add(more).is_some_and(|n| n <= self.capacity * 8)
            && self
                .used_bits
                .compare_exchange(end, end + more, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    pub(crate) unsafe fn retain(buffer: *const BinaryBuffer) {
        // SAFETY: the caller holds a reference.
        unsafe { (*buffer).references.fetch_add(1, Ordering::Relaxed) };
    }

    /// Gives one reference back; the last one frees the buffer.
    pub(crate) unsafe fn release(buffer: *const BinaryBuffer) {
        // SAFETY: the caller owns a reference and gives it up; after the last one nobody looks.
        unsafe {
            if (*buffer).references.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            crate::base::sync::fence(Ordering::Acquire);
            let buffer = buffer.cast_mut();
            TOTAL_BYTES.fetch_sub((*buffer).capacity, Ordering::Relaxed);
            if (*buffer).foreign.is_some() {
                drop(Box::from_raw(buffer));
            } else {
                dealloc(buffer.cast::<u8>(), layout((*buffer).capacity));
            }
        }
    }

    /// Bytes held by all buffers.
    pub fn total_bytes() -> usize {
        TOTAL_BYTES.load(Ordering::Relaxed)
    }
}

/// Bytes of a buffer, which this holds a reference of.
pub struct SharedBytes {
    buffer: *const BinaryBuffer,
    start: *const u8,
    size: usize,
}

// SAFETY: references are counted atomically, and the bytes in use never change (H3).
unsafe impl Send for SharedBytes {}
// SAFETY: as above.
unsafe impl Sync for SharedBytes {}

impl SharedBytes {
    /// Those of a binary; `None` if they lie on a heap or don't begin with a byte, or if the last is not whole.
    pub fn of(bits: &crate::term::Bits) -> Option<SharedBytes> {
        bits.buffer()?;
        let bytes = bits.as_bytes()?;
        let buffer = bits.base.word(1) as *const BinaryBuffer;
        // SAFETY: T1, word 1 of a handle is its buffer, of which the handle holds a reference.
        unsafe { BinaryBuffer::retain(buffer) };
        Some(SharedBytes { buffer, start: bytes.as_ptr(), size: bytes.len() })
    }

    /// Without the first `count` bytes; `None` if there are not so many.
    pub fn behind(mut self, count: usize) -> Option<SharedBytes> {
        self.size = self.size.checked_sub(count)?;
        // SAFETY: within the bytes.
        self.start = unsafe { self.start.add(count) };
        Some(self)
    }
}

impl std::ops::Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: bytes in use of a buffer that is held, which never change (H3).
        unsafe { std::slice::from_raw_parts(self.start, self.size) }
    }
}

impl Drop for SharedBytes {
    fn drop(&mut self) {
        // SAFETY: the reference is this one's own.
        unsafe { BinaryBuffer::release(self.buffer) };
    }
}
