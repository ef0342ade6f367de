//! Known failures: a file with one `name TAB reason` a line. What stands there may fail; if it passes,
//! that is reported, so that the list shrinks. A reason that begins with `flaky:` lets a
//! case go either way.

use std::collections::BTreeMap;
use std::path::Path;

#[derive(Default)]
pub struct Known {
    reasons: BTreeMap<String, String>,
}

/// What a result means once the list has been looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Passed,
    Failed,
    /// Failed, as the list says.
    Known,
    /// Passed although the list says it fails.
    UnexpectedPass,
    Skipped,
}

impl Known {
    pub fn read(path: &Path) -> Known {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let rows = text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t'));
        Known { reasons: rows.map(|(n, r)| (n.trim().to_string(), r.trim().to_string())).collect() }
    }

    /// The names under each reason.
    pub fn by_reason(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, reason) in &self.reasons {
            reasons.entry(reason).or_default().push(name);
        }
        reasons
    }

    /// These and those of another list.
    pub fn and(mut self, other: Known) -> Known {
        self.reasons.extend(other.reasons);
        self
    }

    pub fn judge(&self, name: &str, passed: bool) -> Verdict {
        match (self.reasons.get(name), passed) {
            (None, true) => Verdict::Passed,
            (None, false) => Verdict::Failed,
            (Some(reason), true) if reason.starts_with("flaky:") => Verdict::Passed,
            (Some(_), true) => Verdict::UnexpectedPass,
            (Some(_), false) => Verdict::Known,
        }
    }
}

/// Counts for the closing line.
#[derive(Default, Clone, Copy)]
pub struct Totals {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// How many of `skipped` are known failures.
    pub known: usize,
}

impl Totals {
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed | Verdict::UnexpectedPass => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Skipped => self.skipped += 1,
            Verdict::Known => {
                self.skipped += 1;
                self.known += 1;
            }
        }
    }

    pub fn add(&mut self, other: Totals) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.known += other.known;
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.known > 0 {
            writeln!(f, "{} of the skipped are known failures", self.known)?;
        }
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
