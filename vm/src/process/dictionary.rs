//! The process dictionary.

use rustc_hash::FxHashMap as HashMap;

use crate::term::{Term, cmp, hash};

/// Keys and values, with an index by hash once there are many.
#[derive(Default)]
pub struct Dictionary {
    entries: Vec<(Term, Term)>,
    /// Places in `entries` by the hash of the key; empty while there are few.
    index: HashMap<u32, Vec<u32>>,
}

/// Up to so many entries are searched one by one.
const LINEAR: usize = 8;

impl Dictionary {
    fn find(&self, key: Term) -> Option<usize> {
        let same = |at: &usize| {
            let k = self.entries[*at].0;
            k == key || (k.is_pointer() && cmp::eq_exact(k, key))
        };
        if self.index.is_empty() {
            return (0..self.entries.len()).find(same);
        }
        self.index.get(&hash::internal(key, 0))?.iter().map(|at| *at as usize).find(same)
    }

    pub fn get(&self, key: Term) -> Option<Term> {
        self.find(key).map(|at| self.entries[at].1)
    }

    /// Sets a value; the one before.
    pub fn put(&mut self, key: Term, value: Term) -> Option<Term> {
        if let Some(at) = self.find(key) {
            return Some(std::mem::replace(&mut self.entries[at].1, value));
        }
        self.entries.push((key, value));
        if !self.index.is_empty() {
            // Kept while the dictionary shrinks, so that all entries are in it or none is.
            let at = self.entries.len() as u32 - 1;
            self.index.entry(hash::internal(key, 0)).or_default().push(at);
        } else if self.entries.len() > LINEAR {
            self.reindex();
        }
        None
    }

    fn reindex(&mut self) {
        self.index.clear();
        for (at, (key, _)) in self.entries.iter().enumerate() {
            self.index.entry(hash::internal(*key, 0)).or_default().push(at as u32);
        }
    }

    /// Removes a key; its value.
    pub fn erase(&mut self, key: Term) -> Option<Term> {
        let at = self.find(key)?;
        if !self.index.is_empty() {
            self.forget(key, at);
            let last = self.entries.len() - 1;
            if at != last {
                let moved = self.entries[last].0;
                self.forget(moved, last);
                self.index.entry(hash::internal(moved, 0)).or_default().push(at as u32);
            }
        }
        Some(self.entries.swap_remove(at).1)
    }

    fn forget(&mut self, key: Term, at: usize) {
        let hash = hash::internal(key, 0);
        if let Some(places) = self.index.get_mut(&hash) {
            places.retain(|p| *p as usize != at);
            if places.is_empty() {
                self.index.remove(&hash);
            }
        }
    }

    /// Removes everything; what was there.
    pub fn clear(&mut self) -> Vec<(Term, Term)> {
        self.index = HashMap::default();
        std::mem::take(&mut self.entries)
    }

    pub fn entries(&self) -> &[(Term, Term)] {
        &self.entries
    }

    pub(super) fn roots(&mut self, visit: &mut dyn FnMut(&mut Term)) {
        for (key, value) in &mut self.entries {
            visit(key);
            visit(value);
        }
    }
}
