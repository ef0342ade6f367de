//! What is known at one point of a function, and how two such states merge.

use super::Frame;
use super::fresh::Fresh;
use crate::isa::AllocList;

/// Which x registers hold something valid. Only as many words are used as the module needs.
#[derive(Clone)]
pub(super) struct XSet {
    words: Box<[u64]>,
}

impl XSet {
    pub fn new(registers: u16) -> Self {
        XSet {
            words: vec![0; usize::from(registers).div_ceil(64)].into(),
        }
    }

    #[inline]
    pub fn has(&self, x: u16) -> bool {
        self.words
            .get(usize::from(x / 64))
            .is_some_and(|word| word >> (x % 64) & 1 != 0)
    }

    #[inline]
    pub fn add(&mut self, x: u16) {
        if let Some(word) = self.words.get_mut(usize::from(x / 64)) {
            *word |= 1 << (x % 64);
        }
    }

    /// The first register below `count` that is not in the set.
    #[inline]
    pub fn missing(&self, count: u16) -> Option<u16> {
        let mut base = 0;
        for word in &self.words {
            let first = base + word.trailing_ones() as u16;
            if first < base + 64 || first >= count {
                return (first < count).then_some(first);
            }
            base += 64;
        }
        (base < count).then_some(base)
    }

    /// Keeps only registers below `count`.
    #[inline]
    pub fn truncate(&mut self, count: u16) {
        for (nth, word) in self.words.iter_mut().enumerate() {
            let keep = usize::from(count).saturating_sub(nth * 64);
            if keep < 64 {
                *word &= (1 << keep) - 1;
            }
        }
    }

    /// Makes it exactly the registers below `count`.
    pub fn set_first(&mut self, count: u16) {
        self.words.fill(u64::MAX);
        self.truncate(count);
    }

    fn intersect(&mut self, other: &XSet) -> bool {
        let mut changed = false;
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            changed |= *mine & !theirs != 0;
            *mine &= theirs;
        }
        changed
    }
}

/// A y register that may hold a catch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Catch {
    pub slot: u16,
    /// The label of its handler.
    pub handler: u32,
    /// True if the slot holds a catch for certain, this or another one.
    pub certain: bool,
}

/// What is known at one point.
#[derive(Clone)]
pub(super) struct State {
    pub frame: Frame,
    /// Heap reserved and not used yet.
    pub heap: AllocList,
    pub x: XSet,
    /// By slot, then handler.
    pub catches: Vec<Catch>,
    /// Tuples that may still be overwritten.
    pub fresh: Fresh,
}

impl State {
    /// The state at a function's entry.
    pub fn entry(arity: u8, registers: u16) -> Self {
        let mut x = XSet::new(registers);
        x.set_first(arity.into());
        State {
            frame: Frame::None,
            heap: AllocList::default(),
            x,
            catches: Vec::new(),
            fresh: Fresh::default(),
        }
    }

    /// True if the slot may hold a catch.
    #[inline]
    pub fn may_catch(&self, slot: u16) -> bool {
        self.catches.iter().any(|catch| catch.slot == slot)
    }

    /// Weakens this state to what holds in the other one as well. True if that changed it.
    pub fn merge(&mut self, other: &State) -> bool {
        let mut changed = self.x.intersect(&other.x);
        if self.frame != other.frame {
            let mixed = Frame::Mixed(floor(self.frame).min(floor(other.frame)));
            changed |= self.frame != mixed;
            self.frame = mixed;
        }
        changed |= self.fresh.merge(&other.fresh);
        let (mine, theirs) = (&mut self.heap, &other.heap);
        for (mine, theirs) in [
            (&mut mine.words, theirs.words),
            (&mut mine.floats, theirs.floats),
            (&mut mine.funs, theirs.funs),
        ] {
            changed |= theirs < *mine;
            *mine = theirs.min(*mine);
        }
        if self.catches != other.catches {
            changed |= self.merge_catches(other);
        }
        changed
    }

    fn merge_catches(&mut self, other: &State) -> bool {
        let before = self.catches.clone();
        let certain = |state: &[Catch], slot| {
            state
                .iter()
                .any(|catch| catch.slot == slot && catch.certain)
        };
        let mut merged: Vec<Catch> = before.iter().chain(&other.catches).copied().collect();
        for catch in &mut merged {
            catch.certain = certain(&before, catch.slot) && certain(&other.catches, catch.slot);
        }
        merged.sort_unstable();
        merged.dedup();
        self.catches = merged;
        self.catches != before
    }
}

/// Slots that are there for certain.
fn floor(frame: Frame) -> u16 {
    match frame {
        Frame::Slots(n) | Frame::Mixed(n) => n,
        Frame::None | Frame::Unreached => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_sets() {
        let mut set = XSet::new(130);
        set.set_first(129);
        assert_eq!(set.missing(129), None);
        assert_eq!(set.missing(130), Some(129));
        set.truncate(64);
        assert_eq!((set.missing(64), set.missing(65)), (None, Some(64)));
        set.truncate(3);
        assert!(set.has(2) && !set.has(3));
        assert_eq!((set.missing(3), set.missing(4)), (None, Some(3)));
        assert!(!set.has(1000));
    }
}
