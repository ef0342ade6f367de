//! Files stay small enough to be read: a warning past 500 lines, an end at 900. Tests do not count.

use super::{Finding, Source};

const WARN: usize = 500;
const FAIL: usize = 900;

pub fn check(sources: &[Source], found: &mut Vec<Finding>) {
    for s in sources.iter().filter(|s| !s.is_test()) {
        let lines = s.text.lines().count() - test_lines(s);
        if lines > FAIL {
            found.push(Finding::new("sizes", &s.path, lines, format!("{lines} lines, the limit is {FAIL}: split it")));
        } else if lines > WARN {
            found.push(Finding::warn("sizes", &s.path, lines, format!("{lines} lines, aim below {WARN}")));
        }
    }
}

/// Lines that hold code but none that ships.
fn test_lines(s: &Source) -> usize {
    let blank = |l: &str| l.trim().is_empty();
    s.code.lines().zip(s.shipped.lines()).filter(|(code, shipped)| !blank(code) && blank(shipped)).count()
}
