//! How much some natives do before they give way. OTP's own tests lower these limits through
//! `erts_debug:set_internal_state/2`, so that small data takes the way of large data.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A limit, and what it is as long as nobody sets it.
pub struct Limit {
    default: usize,
    set: AtomicUsize,
}

/// Searches in binaries: bytes looked at in a slice.
pub static BINARY: Limit = Limit::new(4000);
/// Conversions of characters: characters before a dirty thread goes on.
pub static UNICODE: Limit = Limit::new(200_000);
/// Regular expressions: steps before a dirty thread goes on.
pub static RE: Limit = Limit::new(100_000);

impl Limit {
    const fn new(default: usize) -> Limit {
        Limit { default, set: AtomicUsize::new(default) }
    }

    pub fn get(&self) -> usize {
        self.set.load(Ordering::Relaxed)
    }

    /// Sets it, `None` to what it was at first; the limit before.
    pub fn change(&self, limit: Option<usize>) -> usize {
        self.set.swap(limit.unwrap_or(self.default), Ordering::Relaxed)
    }
}
