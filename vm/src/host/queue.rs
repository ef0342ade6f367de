//! Queues of bytes for writing to a descriptor (`ErlNifIOQueue`): pieces of buffers, in the form that
//! `writev` takes.

use crate::heap::BinaryBuffer;

/// A queue. The pieces before `first` are gone already.
#[derive(Default)]
pub(super) struct Queue {
    pieces: Vec<libc::iovec>,
    /// The buffer of each, one count.
    buffers: Vec<*mut BinaryBuffer>,
    first: usize,
    size: usize,
}

impl Queue {
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// What `writev` may write, as long as the queue is not changed.
    pub(super) fn pieces(&mut self) -> &mut [libc::iovec] {
        &mut self.pieces[self.first..]
    }

    pub(super) fn head(&self) -> Option<(libc::iovec, *mut BinaryBuffer)> {
        Some((*self.pieces.get(self.first)?, self.buffers[self.first]))
    }

    /// Adds bytes of a buffer.
    ///
    /// # Safety
    /// They are bytes of the buffer, of which the caller holds a count.
    pub(super) unsafe fn push(&mut self, piece: libc::iovec, buffer: *mut BinaryBuffer) {
        if piece.iov_len == 0 {
            return;
        }
        // SAFETY: the caller holds a count.
        unsafe { BinaryBuffer::retain(buffer) };
        self.pieces.push(piece);
        self.buffers.push(buffer);
        self.size += piece.iov_len;
    }

    /// Takes bytes from the front; `false`: there are not so many.
    pub(super) fn take(&mut self, mut count: usize) -> bool {
        if count > self.size {
            return false;
        }
        self.size -= count;
        while count > 0 {
            let piece = &mut self.pieces[self.first];
            let taken = count.min(piece.iov_len);
            count -= taken;
            if taken < piece.iov_len {
                piece.iov_len -= taken;
                // SAFETY: within the piece.
                piece.iov_base = unsafe { piece.iov_base.cast::<u8>().add(taken) }.cast();
                break;
            }
            // SAFETY: the count taken in `push`.
            unsafe { BinaryBuffer::release(self.buffers[self.first]) };
            self.first += 1;
        }
        // What is gone is at most half.
        if self.first * 2 >= self.pieces.len() {
            self.pieces.drain(..self.first);
            self.buffers.drain(..self.first);
            self.first = 0;
        }
        true
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.take(self.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let mut queue = Queue::default();
        let mut expected = Vec::new();
        for k in 0..100u8 {
            let bytes = vec![k; usize::from(k) % 7];
            expected.extend_from_slice(&bytes);
            let buffer = BinaryBuffer::from_bytes(&bytes);
            // SAFETY: the buffer's own bytes.
            unsafe {
                let piece = libc::iovec { iov_base: BinaryBuffer::data_mut(buffer).cast(), iov_len: bytes.len() };
                queue.push(piece, buffer);
                BinaryBuffer::release(buffer);
            }
        }
        assert_eq!(queue.size(), expected.len());
        assert!(!queue.take(expected.len() + 1));
        let mut step = 1;
        while !expected.is_empty() {
            let (piece, _) = queue.head().unwrap();
            // SAFETY: a piece of a buffer that the queue holds.
            let head = unsafe { std::slice::from_raw_parts(piece.iov_base.cast::<u8>(), piece.iov_len) };
            assert_eq!(head, &expected[..head.len()]);
            let count = step.min(expected.len());
            assert!(queue.take(count));
            expected.drain(..count);
            step = step % 11 + 1;
        }
        assert_eq!(queue.size(), 0);
        assert!(queue.head().is_none());
    }
}
