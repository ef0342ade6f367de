//! The links of a process: a list while they are few, with an index beside it once they are many, so that a
//! process with a hundred thousand children finds each of them at once.

use super::signal::Party;
use rustc_hash::FxHashMap as HashMap;

/// From so many links on there's an index.
const MANY: usize = 32;

#[derive(Default)]
pub struct Links {
    parties: Vec<Party>,
    /// Where each stands in `parties`; all of them or, while there are few, none.
    index: Option<Box<HashMap<Party, u32>>>,
}

impl Links {
    /// Adds a link; `false` if it was there.
    pub fn insert(&mut self, party: Party) -> bool {
        if self.position(party).is_some() {
            return false;
        }
        let at = self.parties.len() as u32;
        self.parties.push(party);
        match &mut self.index {
            Some(index) => {
                index.insert(party, at);
            }
            None if self.parties.len() > MANY => {
                self.index = Some(Box::new(self.parties.iter().copied().zip(0..).collect()));
            }
            None => {}
        }
        true
    }

    /// Removes a link; `false` if there was none.
    pub fn remove(&mut self, party: Party) -> bool {
        let Some(at) = self.position(party) else { return false };
        self.parties.swap_remove(at);
        if let Some(index) = &mut self.index {
            index.remove(&party);
            if let Some(moved) = self.parties.get(at) {
                index.insert(*moved, at as u32);
            }
            // Far below MANY, or a process that has about so many would build it again and again.
            if self.parties.len() < MANY / 2 {
                self.index = None;
                self.parties.shrink_to_fit();
            }
        }
        true
    }

    pub fn iter(&self) -> impl Iterator<Item = Party> + '_ {
        self.parties.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.parties.is_empty()
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        self.parties.capacity() * 8 + self.index.as_ref().map_or(0, |index| index.capacity() * 17)
    }

    fn position(&self, party: Party) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(&party).map(|at| *at as usize),
            None => self.parties.iter().position(|p| *p == party),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Pid;

    fn party(number: u32) -> Party {
        Party::of(Pid::new(number, 0).term()).unwrap()
    }

    #[test]
    fn many_links_are_found_like_few() {
        let mut links = Links::default();
        for n in 0..100 {
            assert!(links.insert(party(n)));
            assert!(!links.insert(party(n / 2)));
        }
        for n in (0..100).step_by(2).chain((1..100).step_by(2)) {
            assert!(links.remove(party(n)));
            assert!(!links.remove(party(n)));
            assert!((n + 2..100).step_by(2).all(|left| !links.insert(party(left))));
        }
        assert!(links.is_empty());
    }
}
