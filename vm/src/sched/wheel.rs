//! A hierarchical timer wheel: starting, cancelling and firing take constant time each, however
//! many timers there are.
//!
//! ```text
//!  level 0:  64 slots of 1 tick      level 1:  64 slots of 64 ticks      level 2:  ...
//! ```
//! A timer stands in the level of the highest six bits in which its tick differs from the tick that
//! the wheel has come to. When the wheel comes to a slot of a higher level, its timers move down.

const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = 7;
/// No timer is further away than this.
pub(super) const FARTHEST: u64 = (1 << (BITS * LEVELS as u32)) - 1;

const NIL: u32 = u32::MAX;

struct Entry<T> {
    tick: u64,
    next: u32,
    prev: u32,
    /// Level and slot, or `NIL` in a free entry.
    place: u32,
    generation: u32,
    value: Option<T>,
}

/// Names a timer of one wheel: entry and generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub index: u32,
    pub generation: u32,
}

pub(super) struct Wheel<T> {
    entries: Vec<Entry<T>>,
    free: u32,
    heads: [[u32; SLOTS]; LEVELS],
    occupied: [u64; LEVELS],
    /// The tick that it has come to.
    now: u64,
    count: usize,
    /// Generation of entries that were never used.
    first_generation: u32,
}

impl<T> Wheel<T> {
    pub const fn new() -> Wheel<T> {
        Wheel {
            entries: Vec::new(),
            free: NIL,
            heads: [[NIL; SLOTS]; LEVELS],
            occupied: [0; LEVELS],
            now: 0,
            count: 0,
            first_generation: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.count
    }

    /// Every timer.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|entry| entry.value.as_ref())
    }

    /// Generations of `Key` use so many bits.
    pub const GENERATION_BITS: u32 = 22;

    /// Adds a timer; one whose tick has passed fires at the next one.
    pub fn insert(&mut self, tick: u64, value: T) -> Key {
        let tick = tick.clamp(self.now + 1, self.now + FARTHEST / 2);
        let index = if self.free == NIL {
            self.entries.push(Entry { tick, next: NIL, prev: NIL, place: NIL, generation: self.first_generation, value: None });
            (self.entries.len() - 1) as u32
        } else {
            let index = self.free;
            self.free = self.entries[index as usize].next;
            index
        };
        let entry = &mut self.entries[index as usize];
        entry.tick = tick;
        entry.value = Some(value);
        let generation = entry.generation;
        self.count += 1;
        self.link(index);
        Key { index, generation }
    }

    /// Puts an entry where its tick belongs.
    fn link(&mut self, index: u32) {
        let tick = self.entries[index as usize].tick;
        let differs = (self.now ^ tick) | (SLOTS as u64 - 1);
        let level = ((63 - differs.leading_zeros()) / BITS) as usize;
        let level = level.min(LEVELS - 1);
        let slot = (tick >> (BITS * level as u32)) as usize % SLOTS;
        let head = self.heads[level][slot];
        let entry = &mut self.entries[index as usize];
        entry.place = (level * SLOTS + slot) as u32;
        entry.prev = NIL;
        entry.next = head;
        if head != NIL {
            self.entries[head as usize].prev = index;
        }
        self.heads[level][slot] = index;
        self.occupied[level] |= 1 << slot;
    }

    fn unlink(&mut self, index: u32) {
        let Entry { next, prev, place, .. } = self.entries[index as usize];
        let (level, slot) = (place as usize / SLOTS, place as usize % SLOTS);
        if next != NIL {
            self.entries[next as usize].prev = prev;
        }
        if prev != NIL {
            self.entries[prev as usize].next = next;
        } else {
            self.heads[level][slot] = next;
            if next == NIL {
                self.occupied[level] &= !(1 << slot);
            }
        }
    }

    /// Frees an entry that is in no slot.
    fn release(&mut self, index: u32) -> Option<T> {
        let entry = &mut self.entries[index as usize];
        entry.generation = (entry.generation + 1) & ((1 << Self::GENERATION_BITS) - 1);
        entry.place = NIL;
        entry.next = self.free;
        self.free = index;
        self.count -= 1;
        entry.value.take()
    }

    /// The value of a timer that has not fired.
    pub fn get(&self, key: Key) -> Option<&T> {
        let entry = self.entries.get(key.index as usize)?;
        if entry.generation == key.generation { entry.value.as_ref() } else { None }
    }

    /// The same, to change.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        if entry.generation == key.generation { entry.value.as_mut() } else { None }
    }

    /// Takes a timer out.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        self.unlink(key.index);
        let value = self.release(key.index);
        if self.count == 0 && self.entries.len() > 4096 {
            self.shrink();
        }
        value
    }

    /// Gives memory back after a time of many timers. Generations go on from the highest, so that
    /// old keys stay unknown.
    fn shrink(&mut self) {
        let highest = self.entries.iter().map(|e| e.generation).max().unwrap_or(0);
        self.first_generation = (highest + 1) & ((1 << Self::GENERATION_BITS) - 1);
        self.entries = Vec::new();
        self.free = NIL;
    }

    /// Level and slot that the wheel comes to next, and the tick of that.
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        for level in 0..LEVELS {
            if self.occupied[level] == 0 {
                continue;
            }
            let shift = BITS * level as u32;
            let at = (self.now >> shift) as u32 % SLOTS as u32;
            // Slots behind the current one come in the next round.
            let ahead = self.occupied[level].rotate_right(at).trailing_zeros();
            let slot = (at + ahead) as usize % SLOTS;
            let tick = ((self.now >> shift) + u64::from(ahead)) << shift;
            return Some((level, slot, tick.max(self.now)));
        }
        None
    }

    /// The tick at which there is something to do: no later than that of the next timer.
    pub fn next_tick(&self) -> Option<u64> {
        self.next_slot().map(|(_, _, tick)| tick)
    }

    /// Moves on to `tick`; every timer whose time has come goes to `fire`.
    pub fn advance(&mut self, tick: u64, mut fire: impl FnMut(u64, T)) {
        while let Some((level, slot, at)) = self.next_slot() {
            if at > tick {
                break;
            }
            self.now = at;
            let mut index = std::mem::replace(&mut self.heads[level][slot], NIL);
            self.occupied[level] &= !(1 << slot);
            while index != NIL {
                let next = self.entries[index as usize].next;
                let due = self.entries[index as usize].tick;
                if due <= at {
                    if let Some(value) = self.release(index) {
                        fire(due, value);
                    }
                } else {
                    self.link(index);
                }
                index = next;
            }
        }
        self.now = self.now.max(tick);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fires_at_its_tick_and_in_order() {
        let mut wheel = Wheel::new();
        // A fixed sequence that looks random.
        let mut seed = 12345u64;
        let mut ticks: Vec<u64> = (0..5000)
            .map(|_| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                1 + (seed >> 33) % [50, 5000, 300_000, 1 << 30][(seed >> 60) as usize % 4]
            })
            .collect();
        for &tick in &ticks {
            wheel.insert(tick, tick);
        }
        ticks.sort_unstable();
        let mut fired = Vec::new();
        while let Some(next) = wheel.next_tick() {
            wheel.advance(next, |at, tick| {
                assert_eq!(at, tick);
                fired.push(tick);
            });
        }
        assert_eq!(fired, ticks);
        assert_eq!(wheel.len(), 0);
    }

    #[test]
    fn cancelled_timers_do_not_fire() {
        let mut wheel = Wheel::new();
        let keys: Vec<Key> = (0..1000).map(|k| wheel.insert(k * 7 % 1000 + 1, k)).collect();
        for key in keys.iter().step_by(2) {
            assert!(wheel.cancel(*key).is_some());
            assert!(wheel.cancel(*key).is_none());
        }
        let mut fired = 0;
        wheel.advance(2000, |_, k| {
            assert_eq!(k % 2, 1);
            fired += 1;
        });
        assert_eq!(fired, 500);
        let again = wheel.insert(5000, 1);
        assert!(keys.iter().all(|key| wheel.get(*key).is_none()));
        assert!(wheel.get(again).is_some());
    }

    #[test]
    fn jumps_over_long_times() {
        let mut wheel = Wheel::new();
        wheel.advance(1 << 35, |_, ()| {});
        wheel.insert((1 << 35) + 100, ());
        wheel.insert(3, ());
        let mut fired = Vec::new();
        wheel.advance(1 << 36, |at, ()| fired.push(at));
        assert_eq!(fired, [(1 << 35) + 1, (1 << 35) + 100]);
    }
}
