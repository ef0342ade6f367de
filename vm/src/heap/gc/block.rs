//! Blocks of words.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

fn layout(words: usize) -> Layout {
    match Layout::array::<u64>(words) {
        Ok(layout) => layout,
        Err(_) => crate::bug!("heap of {words} words"),
    }
}

/// A block of `words` words (not zero), not initialised.
pub(in crate::heap) fn take(words: usize) -> *mut u64 {
    debug_assert!(words > 0);
    let layout = layout(words);
    // SAFETY: the layout is not empty.
    let block = unsafe { alloc(layout) }.cast::<u64>();
    if block.is_null() {
        handle_alloc_error(layout);
    }
    block
}

/// Gives a block back, or does nothing for the null block.
///
/// # Safety
/// `block` is null or came from `take(words)` and nothing points into it any more.
pub(in crate::heap) unsafe fn give(block: *mut u64, words: usize) {
    if block.is_null() {
        return;
    }
    #[cfg(any(test, feature = "zeal-gc"))]
    // SAFETY: the block is ours and as long. A stale pointer then reads words that are no terms.
    unsafe {
        block.write_bytes(0xfb, words);
    }
    // SAFETY: by the contract above.
    unsafe { dealloc(block.cast::<u8>(), layout(words)) };
}

/// Words from `from` up to `to`.
pub(super) fn words_between(from: *const u64, to: *const u64) -> usize {
    (to as usize - from as usize) / 8
}
