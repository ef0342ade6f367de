//! What new heaps start with (`+hms`, `+hmbs`, `erlang:system_flag/2`).

use crate::am;
use crate::base::sync::{AtomicBool, AtomicU32, AtomicUsize, Ordering, RwLock};
use crate::term::Term;

static MIN_SIZE: AtomicUsize = AtomicUsize::new(233);
/// In words, as everything about the virtual binary heap that Erlang sees.
static MIN_VIRTUAL: AtomicUsize = AtomicUsize::new(46422);
static FULLSWEEP_AFTER: AtomicU32 = AtomicU32::new(65535);

/// Settings of a heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeapSettings {
    /// `min_heap_size`, words.
    pub min_size: usize,
    /// `min_bin_vheap_size`, words.
    pub min_virtual: usize,
    pub fullsweep_after: u32,
    pub max_size: MaxHeapSize,
}

/// `max_heap_size`: a size in words, 0 for none, and what happens above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxHeapSize {
    pub size: usize,
    pub kill: bool,
    pub error_logger: bool,
    pub include_shared_binaries: bool,
}

impl MaxHeapSize {
    /// No limit, and OTP's defaults for the rest.
    pub const NONE: MaxHeapSize =
        MaxHeapSize { size: 0, kill: true, error_logger: true, include_shared_binaries: false };

    /// A `max_heap_size` option: words, or a map whose missing keys keep their values.
    pub fn of(value: Term, mut max: MaxHeapSize) -> Option<MaxHeapSize> {
        let size_of = |term: Term| term.as_usize().filter(|&n| term.is_small() && (n == 0 || n >= 233));
        let Some(options) = value.as_map() else {
            max.size = size_of(value)?;
            return Some(max);
        };
        if !options.is_flat() {
            return None;
        }
        let mut sized = false;
        for (&key, &value) in options.flat_keys().iter().zip(options.flat_values()) {
            match key {
                am::size => {
                    max.size = size_of(value)?;
                    sized = true;
                }
                am::kill => max.kill = value.as_bool()?,
                am::error_logger => max.error_logger = value.as_bool()?,
                _ => {}
            }
        }
        sized.then_some(max)
    }
}

static MAX_SIZE: RwLock<MaxHeapSize> = RwLock::new(MaxHeapSize::NONE);

/// The `max_heap_size` of new heaps (`+hmax`, `+hmaxk`, `+hmaxel`, `+hmaxib`).
pub fn default_max_heap_size() -> MaxHeapSize {
    *MAX_SIZE.read()
}

/// Sets it; the value before.
pub fn set_default_max_heap_size(max: MaxHeapSize) -> MaxHeapSize {
    LIMITED.store(max != MaxHeapSize::NONE, Ordering::Relaxed);
    std::mem::replace(&mut *MAX_SIZE.write(), max)
}

/// Whether the default is other than `NONE`: spares new heaps the lock.
static LIMITED: AtomicBool = AtomicBool::new(false);

/// What new heaps start with.
pub fn defaults() -> HeapSettings {
    HeapSettings {
        min_size: MIN_SIZE.load(Ordering::Relaxed),
        min_virtual: MIN_VIRTUAL.load(Ordering::Relaxed),
        fullsweep_after: FULLSWEEP_AFTER.load(Ordering::Relaxed),
        max_size: if LIMITED.load(Ordering::Relaxed) {
            default_max_heap_size()
        } else {
            MaxHeapSize::NONE
        },
    }
}

/// Sets `min_heap_size` of new heaps; the value before.
pub fn set_default_min_heap_size(words: usize) -> usize {
    MIN_SIZE.swap(super::at_least(words), Ordering::Relaxed)
}

/// Sets `min_bin_vheap_size` (words) of new heaps; the value before.
pub fn set_default_min_virtual(words: usize) -> usize {
    MIN_VIRTUAL.swap(super::at_least(words), Ordering::Relaxed)
}

/// Sets `fullsweep_after` of new heaps; the value before.
pub fn set_default_fullsweep_after(count: u32) -> u32 {
    FULLSWEEP_AFTER.swap(count, Ordering::Relaxed)
}
