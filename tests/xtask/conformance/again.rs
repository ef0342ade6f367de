//! Cases that failed beside others are run once more, each by itself: suites that were written for a machine of
//! their own have races and time limits. What passes then counts as passed, and is told with why it had failed.

use super::cases::{CaseResult, Outcome};
use super::{Limits, Suite, emulator, prepare};
use crate::subject::Subject;
use std::fs;
use std::path::Path;

/// Of one run, how many cases at most are run again: more is no matter of chance.
pub const MOST: usize = 25;

/// What stands before the reason of a case that failed at first.
const AT_FIRST: &str = "at first: ";

/// Runs the cases again, and changes the results of those that pass.
pub fn run(
    subject: &Subject,
    suite: &Suite,
    build: &Path,
    limits: &Limits,
    failed: &[String],
    results: &mut Vec<CaseResult>,
) {
    let log = prepare::area_dir(suite, build).join(format!("{}.log", suite.name));
    let _ = fs::rename(&log, log.with_extension("first.log"));
    for case in failed {
        let only = Limits { only: case.clone(), ..*limits };
        let new = emulator::run(subject, suite, build, &only);
        if new.is_empty() || !new.iter().all(|r| r.case == *case && r.outcome == Outcome::Pass) {
            continue;
        }
        let old = results.iter_mut().filter(|r| r.case == *case && r.outcome != Outcome::Pass);
        let mut changed = 0;
        for result in old {
            result.outcome = Outcome::Pass;
            result.reason = format!("{AT_FIRST}{}", result.reason);
            changed += 1;
        }
        if changed == 0 {
            // The suite had not come to it.
            results.extend(new.into_iter().map(|r| CaseResult { reason: format!("{AT_FIRST}did not run"), ..r }));
        }
    }
}

/// Why a case that passed had failed at first.
pub fn at_first(result: &CaseResult) -> Option<&str> {
    (result.outcome == Outcome::Pass).then(|| result.reason.strip_prefix(AT_FIRST))?
}
