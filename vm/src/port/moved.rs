//! Bytes that all ports have read and written (`statistics(io)`).

use crate::base::sync::{AtomicU64, Ordering};

static READ: AtomicU64 = AtomicU64::new(0);
static WRITTEN: AtomicU64 = AtomicU64::new(0);

pub(super) fn read(bytes: u64) {
    READ.fetch_add(bytes, Ordering::Relaxed);
}

pub(super) fn written(bytes: u64) {
    WRITTEN.fetch_add(bytes, Ordering::Relaxed);
}

/// Bytes read, bytes written.
pub fn bytes_moved() -> (u64, u64) {
    (READ.load(Ordering::Relaxed), WRITTEN.load(Ordering::Relaxed))
}
