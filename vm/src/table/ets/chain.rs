//! The chain of a slot: most have one entry or none, and are then no more than that.

use std::ops::{Deref, DerefMut};

use crate::heap::Object;
use crate::term::{Term, cmp};

pub(super) struct Entry {
    /// The key's word: a pointer leads into the object.
    key: u64,
    pub object: Object,
    pub hash: u32,
    /// Deleted while the table was fixed.
    pub dead: bool,
}

impl Entry {
    pub fn new(hash: u32, object: Object, keypos: usize) -> Entry {
        let key = key_word(&object, keypos);
        Entry { key, object, hash, dead: false }
    }

    #[inline]
    pub fn key(&self) -> Term {
        Term::raw(self.key)
    }

    /// Whether the key is `key`, whose hash is `hash`.
    #[inline(always)]
    pub fn is(&self, hash: u32, key: Term) -> bool {
        if self.key == key.bits() {
            return true;
        }
        self.hash == hash && !key.is_immediate() && cmp::eq_exact(self.key(), key)
    }

    /// Another object with the same key; the old one.
    pub fn replace(&mut self, object: Object, keypos: usize) -> Object {
        self.key = key_word(&object, keypos);
        std::mem::replace(&mut self.object, object)
    }

    /// Has `change` change the object, not its key.
    #[inline]
    pub fn change<R>(&mut self, keypos: usize, change: impl FnOnce(&mut Object) -> R) -> R {
        let result = change(&mut self.object);
        // Where the object is may have changed.
        if self.key().is_pointer() {
            self.key = key_word(&self.object, keypos);
        }
        result
    }
}

#[inline]
fn key_word(object: &Object, keypos: usize) -> u64 {
    object.peek(|t| super::key_at(t, keypos).unwrap_or(Term::NIL)).bits()
}

/// From more entries on a chain has room for more.
const FEW: usize = 8;

#[derive(Default)]
pub(super) enum Chain {
    #[default]
    Empty,
    One(Entry),
    /// At most `FEW`, without room for more.
    Few(Box<[Entry]>),
    // Boxed so that a chain is no longer than an entry: there is one for every slot.
    #[expect(clippy::box_collection)]
    Many(Box<Vec<Entry>>),
}

const _: () = assert!(size_of::<Chain>() == size_of::<Entry>() && size_of::<Entry>() == 24);

impl Chain {
    pub fn insert(&mut self, at: usize, entry: Entry) {
        match std::mem::take(self) {
            Chain::Empty => *self = Chain::One(entry),
            Chain::One(one) => {
                *self = Chain::Few(if at == 0 { Box::new([entry, one]) } else { Box::new([one, entry]) });
            }
            Chain::Few(few) => {
                let mut more = few.into_vec();
                more.reserve_exact(if more.len() < FEW { 1 } else { FEW });
                more.insert(at, entry);
                *self = Chain::of(more);
            }
            Chain::Many(mut many) => {
                many.insert(at, entry);
                *self = Chain::Many(many);
            }
        }
    }

    fn of(mut entries: Vec<Entry>) -> Chain {
        match entries.len() {
            0 => Chain::Empty,
            1 => entries.pop().map_or(Chain::Empty, Chain::One),
            2..=FEW => Chain::Few(entries.into_boxed_slice()),
            _ => Chain::Many(Box::new(entries)),
        }
    }

    pub fn push(&mut self, entry: Entry) {
        self.insert(self.len(), entry);
    }

    /// The first entry of a key, whose hash is `hash`. A loop over a slice: told apart by the variant, it takes
    /// a fifth longer.
    #[inline(always)]
    pub fn find(&self, hash: u32, key: Term) -> Option<&Entry> {
        self.iter().find(|e| e.is(hash, key))
    }

    /// The same, to change it.
    #[inline(always)]
    pub fn find_mut(&mut self, hash: u32, key: Term) -> Option<&mut Entry> {
        self.iter_mut().find(|e| e.is(hash, key))
    }

    #[inline(never)]
    fn several(&self) -> &[Entry] {
        match self {
            Chain::Few(few) => few,
            Chain::Many(many) => many,
            _ => &[],
        }
    }

    #[inline(never)]
    fn several_mut(&mut self) -> &mut [Entry] {
        match self {
            Chain::Few(few) => few,
            Chain::Many(many) => many,
            _ => &mut [],
        }
    }

    /// Takes all entries out that `goes` says yes to, and gives them to `gone`.
    pub fn extract(&mut self, mut goes: impl FnMut(usize, &Entry) -> bool, mut gone: impl FnMut(Entry)) {
        match std::mem::take(self) {
            Chain::Empty => {}
            Chain::One(one) => {
                if goes(0, &one) {
                    gone(one);
                } else {
                    *self = Chain::One(one);
                }
            }
            Chain::Few(few) => *self = Chain::of(extracted(few.into_vec(), goes, gone)),
            Chain::Many(many) => *self = Chain::of(extracted(*many, goes, gone)),
        }
    }
}

fn extracted(
    mut entries: Vec<Entry>,
    mut goes: impl FnMut(usize, &Entry) -> bool,
    gone: impl FnMut(Entry),
) -> Vec<Entry> {
    let mut at = 0;
    entries
        .extract_if(.., |e| {
            at += 1;
            goes(at - 1, e)
        })
        .for_each(gone);
    entries
}

impl Deref for Chain {
    type Target = [Entry];
    #[inline]
    fn deref(&self) -> &[Entry] {
        // The two that nearly all are come first, by comparisons.
        if let Chain::One(one) = self {
            std::slice::from_ref(one)
        } else if let Chain::Empty = self {
            &[]
        } else {
            self.several()
        }
    }
}

impl DerefMut for Chain {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Entry] {
        if let Chain::One(one) = self {
            std::slice::from_mut(one)
        } else if let Chain::Empty = self {
            &mut []
        } else {
            self.several_mut()
        }
    }
}
