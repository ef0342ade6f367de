//! Searching binaries: patterns made ready, and searches that go on over several slices.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};
use memchr::memmem::Finder;
use memchr::{memchr, memchr2, memchr3};

/// A pattern made ready: what `binary:compile_pattern/1` keeps.
pub(super) enum Pattern {
    One(Finder<'static>),
    Few(Few),
    Many { automaton: Box<AhoCorasick>, longest: usize },
}

impl Pattern {
    /// For patterns that are not empty. Of several that match at one place the longest counts.
    /// What is kept for later searches may take longer to make.
    pub(super) fn new(patterns: &[Vec<u8>], kept: bool) -> Option<Pattern> {
        if let [one] = patterns {
            return Some(Pattern::One(Finder::new(one).into_owned()));
        }
        if patterns.iter().map(Vec::len).sum::<usize>() <= Few::BYTES {
            return Some(Pattern::Few(Few::new(patterns)));
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind((!kept).then_some(AhoCorasickKind::NoncontiguousNFA))
            .build(patterns)
            .ok()?;
        let longest = patterns.iter().map(Vec::len).max()?;
        Some(Pattern::Many { automaton: Box::new(automaton), longest })
    }

    fn longest(&self) -> usize {
        match self {
            Pattern::One(finder) => finder.needle().len(),
            Pattern::Few(few) => few.patterns[0].len(),
            Pattern::Many { longest, .. } => *longest,
        }
    }

    /// The first match in the bytes: start and length.
    fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        match self {
            Pattern::One(finder) => finder.find(bytes).map(|at| (at, finder.needle().len())),
            Pattern::Few(few) => few.find(bytes),
            Pattern::Many { automaton, .. } => {
                automaton.find(Input::new(bytes)).map(|found| (found.start(), found.len()))
            }
        }
    }

    /// Bytes searched for one reduction.
    pub(super) fn bytes_per_reduction(&self) -> usize {
        match self {
            Pattern::One(_) => 1024,
            Pattern::Few(_) | Pattern::Many { .. } => 256,
        }
    }
}

/// Some short patterns, tried one after the other wherever one of them may start: quicker than an
/// automaton, which has to be made first.
pub(super) struct Few {
    /// The longest first.
    patterns: Vec<Vec<u8>>,
    /// The bytes that they start with.
    starts: Vec<u8>,
}

impl Few {
    /// Bytes of all patterns together, which bounds what is compared at one place.
    const BYTES: usize = 32;

    fn new(patterns: &[Vec<u8>]) -> Few {
        let mut patterns = patterns.to_vec();
        patterns.sort_unstable_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        let mut starts: Vec<u8> = patterns.iter().filter_map(|pattern| pattern.first().copied()).collect();
        starts.sort_unstable();
        starts.dedup();
        Few { patterns, starts }
    }

    fn next_start(&self, bytes: &[u8]) -> Option<usize> {
        match *self.starts {
            [a] => memchr(a, bytes),
            [a, b] => memchr2(a, b, bytes),
            [a, b, c] => memchr3(a, b, c, bytes),
            _ => bytes.iter().position(|byte| self.starts.contains(byte)),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let mut from = 0;
        loop {
            let at = from + self.next_start(&bytes[from..])?;
            if let Some(pattern) = self.patterns.iter().find(|pattern| bytes[at..].starts_with(pattern)) {
                return Some((at, pattern.len()));
            }
            from = at + 1;
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
        let Some(pattern) = Pattern::new(&patterns, false) else { return Vec::new() };
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
        let long = [b'x'; 40];
        for patterns in [
            &[b"needle".as_slice()][..],
            &[b"need", b"needle", b"ayh"],
            &[b"need", b"needle", b"ayh", &long],
        ] {
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
