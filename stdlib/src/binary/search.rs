//! Searching binaries: patterns made ready, and searches that go on over several slices.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use memchr::memmem::Finder;

/// A pattern made ready: what `binary:compile_pattern/1` keeps.
pub(super) enum Pattern {
    One(Finder<'static>),
    Many { automaton: Box<AhoCorasick>, longest: usize },
}

impl Pattern {
    /// For patterns that are not empty. Of several that match at one place the longest counts.
    pub(super) fn new(patterns: &[Vec<u8>]) -> Option<Pattern> {
        if let [one] = patterns {
            return Some(Pattern::One(Finder::new(one).into_owned()));
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok()?;
        let longest = patterns.iter().map(Vec::len).max()?;
        Some(Pattern::Many { automaton: Box::new(automaton), longest })
    }

    fn longest(&self) -> usize {
        match self {
            Pattern::One(finder) => finder.needle().len(),
            Pattern::Many { longest, .. } => *longest,
        }
    }

    /// The first match in the bytes: start and length.
    fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self {
            Pattern::One(finder) => finder.find(bytes).map(|at| (at, finder.needle().len())),
            Pattern::Many { automaton, .. } => {
                automaton.find(Input::new(bytes)).map(|found| (found.start(), found.len()))
            }
        }
    }

    /// Bytes searched for one reduction.
    pub(super) fn bytes_per_reduction(&self) -> usize {
        match self {
            Pattern::One(_) => 1024,
            Pattern::Many { .. } => 256,
        }
    }
}

/// A search for the next match, or for all that don't overlap, in part of a binary.
pub(super) struct Search {
    pub(super) pattern: Arc<Pattern>,
    /// Matches that start before this are found.
    at: usize,
    end: usize,
    all: bool,
    pub(super) found: Vec<(usize, usize)>,
}

/// Matches listed for one reduction.
const MATCHES_PER_REDUCTION: usize = 8;

impl Search {
    pub(super) fn new(pattern: Arc<Pattern>, (start, length): (usize, usize), all: bool) -> Search {
        Search { pattern, at: start, end: start + length, all, found: Vec::new() }
    }

    /// Searches on for so many reductions; the reductions used, and whether the search is done.
    pub(super) fn run(&mut self, bytes: &[u8], reductions: usize) -> (usize, bool) {
        let rate = self.pattern.bytes_per_reduction();
        let (from, had) = (self.at, self.found.len());
        let stop = self.at.saturating_add(reductions.max(1) * rate).min(self.end);
        let most = had + reductions.max(1) * MATCHES_PER_REDUCTION;
        while self.at < stop && self.found.len() < most {
            // A match that starts before `stop` may reach beyond it.
            let limit = (stop + self.pattern.longest() - 1).min(self.end);
            match self.pattern.find(&bytes[self.at..limit]) {
                Some((at, length)) if self.at + at < stop => {
                    self.found.push((self.at + at, length));
                    self.at += at + length;
                    if !self.all {
                        self.at = self.end;
                    }
                }
                _ => self.at = stop,
            }
        }
        let used = (self.at - from) / rate + (self.found.len() - had) / MATCHES_PER_REDUCTION;
        (used, self.at >= self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(patterns: &[&[u8]], bytes: &[u8], reductions: usize) -> Vec<(usize, usize)> {
        let patterns: Vec<Vec<u8>> = patterns.iter().map(|p| p.to_vec()).collect();
        let Some(pattern) = Pattern::new(&patterns) else { return Vec::new() };
        let mut search = Search::new(Arc::new(pattern), (0, bytes.len()), true);
        while !search.run(bytes, reductions).1 {}
        search.found
    }

    #[test]
    fn budgets_make_no_difference() {
        let mut bytes = Vec::new();
        for i in 0..20_000u32 {
            bytes.extend_from_slice(if i % 7 == 0 { b"needle" } else { b"hay" });
        }
        for patterns in [&[b"needle".as_slice()][..], &[b"need", b"needle", b"ayh"]] {
            let whole = all(patterns, &bytes, 1_000_000);
            assert!(whole.len() > 2000);
            for budget in [1, 2, 7] {
                assert!(all(patterns, &bytes, budget) == whole);
            }
        }
        assert_eq!(all(&[b"bcde", b"bc", b"de"], b"abcde", 100), [(1, 4)]);
        assert_eq!(all(&[b"abcdx", b"bc", b"de"], b"abcde", 100), [(1, 2), (3, 2)]);
        assert_eq!(all(&[b"aa"], b"aaa", 100), [(0, 2)]);
    }
}
