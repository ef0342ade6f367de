//! The one place that names the synchronisation primitives, so that a model checker can replace them.

pub use parking_lot::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use std::sync::atomic::{
    AtomicBool, AtomicI32, AtomicI64, AtomicIsize, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
    AtomicUsize, Ordering, fence,
};
pub use std::sync::{Arc, OnceLock};

/// A fence behind a sequentially consistent operation that both reads and writes. On x86-64 such an
/// operation is one already.
#[inline(always)]
pub fn fence_behind_swap() {
    #[cfg(target_arch = "x86_64")]
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
    #[cfg(not(target_arch = "x86_64"))]
    fence(Ordering::SeqCst);
}
