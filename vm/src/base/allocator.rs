//! The allocator of the whole executable: mimalloc.

use std::alloc::{GlobalAlloc, Layout};

/// mimalloc. Its plain functions give blocks aligned to `PLAIN` or to their size, which is all that
/// most of ours ask for; those that take an alignment reserve more than they need for every size
/// that is no power of two, and mark its page so that giving blocks back takes longer too.
pub struct Allocator;

/// What `mi_malloc` aligns blocks to that are not smaller (`MI_MAX_ALIGN_SIZE`).
const PLAIN: usize = 16;

fn is_plain(align: usize, size: usize) -> bool {
    align <= PLAIN && align <= size
}

// SAFETY: blocks come from mimalloc and go back to it; the alignment holds by `is_plain`, or is
// asked for.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: no conditions on the arguments but that the alignment is a power of two.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                libmimalloc_sys::mi_malloc(layout.size()).cast()
            } else {
                libmimalloc_sys::mi_malloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                libmimalloc_sys::mi_zalloc(layout.size()).cast()
            } else {
                libmimalloc_sys::mi_zalloc_aligned(layout.size(), layout.align()).cast()
            }
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller's promise: a block of ours.
        unsafe { libmimalloc_sys::mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as in `alloc` and `dealloc`.
        unsafe {
            if is_plain(layout.align(), size) {
                libmimalloc_sys::mi_realloc(block.cast(), size).cast()
            } else {
                libmimalloc_sys::mi_realloc_aligned(block.cast(), size, layout.align()).cast()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned() {
        for align in [1, 2, 4, 8, 16, 32, 64, 4096] {
            for size in [1, 7, 8, 9, 15, 16, 17, 24, 40, 72, 100, 1000, 5000, 70_000, 1 << 20] {
                let layout = Layout::from_size_align(size, align).expect("a layout");
                // SAFETY: blocks of these layouts, given back with them.
                unsafe {
                    let blocks: Vec<*mut u8> = (0..9).map(|_| Allocator.alloc(layout)).collect();
                    assert!(blocks.iter().all(|block| *block as usize % align == 0), "{size} {align}");
                    for block in blocks {
                        let longer = Allocator.realloc(block, layout, size + 8);
                        assert_eq!(longer as usize % align, 0);
                        Allocator.dealloc(longer, Layout::from_size_align(size + 8, align).expect("a layout"));
                    }
                }
            }
        }
    }
}
