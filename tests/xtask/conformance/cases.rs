//! The lines `mini_ct` prints, and what they say of each case.

use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Pass,
    Fail,
    Skip,
}

impl Outcome {
    pub fn parse(text: &str) -> Option<Outcome> {
        match text {
            "PASS" => Some(Outcome::Pass),
            "FAIL" => Some(Outcome::Fail),
            "SKIP" => Some(Outcome::Skip),
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Pass => "PASS",
            Outcome::Fail => "FAIL",
            Outcome::Skip => "SKIP",
        })
    }
}

#[derive(Debug)]
pub struct CaseResult {
    pub case: String,
    pub outcome: Outcome,
    pub milliseconds: u64,
    pub reason: String,
}

impl CaseResult {
    pub fn new(case: &str, outcome: Outcome, reason: String) -> CaseResult {
        CaseResult { case: case.to_string(), outcome, milliseconds: 0, reason }
    }
}

impl fmt::Display for CaseResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.outcome, self.reason)
    }
}

/// One line of the protocol. Cases are numbered from 1 over the whole suite.
pub enum Event {
    List { index: usize, case: String },
    Start { index: usize, case: String },
    Result { index: usize, result: CaseResult },
    End,
}

/// The events in what an emulator printed; everything else there is the suites' own chatter.
pub fn events(output: &str) -> Vec<Event> {
    output.lines().filter_map(event).collect()
}

fn event(line: &str) -> Option<Event> {
    let mut words = line.split(' ');
    match words.next()? {
        "@@LIST" => Some(Event::List { index: words.next()?.parse().ok()?, case: words.next()?.into() }),
        "@@START" => Some(Event::Start { index: words.next()?.parse().ok()?, case: words.next()?.into() }),
        "@@RES" => {
            let outcome = Outcome::parse(words.next()?)?;
            let index = words.next()?.parse().ok()?;
            let case = words.next()?.to_string();
            let milliseconds = words.next()?.parse().ok()?;
            let reason = words.collect::<Vec<_>>().join(" ");
            Some(Event::Result { index, result: CaseResult { case, outcome, milliseconds, reason } })
        }
        "@@END" => Some(Event::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Outcome, events};

    #[test]
    fn protocol_lines_are_told_from_chatter() {
        let found = events("noise\n@@LIST 1 a_case\n@@START 1 a_case\n@@RES FAIL 1 a_case 12 {badmatch, x}\n@@\n@@END\n");
        assert_eq!(found.len(), 4);
        let Event::Result { index: 1, result } = &found[2] else { panic!("not a result") };
        assert_eq!((result.outcome, result.milliseconds, result.reason.as_str()), (Outcome::Fail, 12, "{badmatch, x}"));
    }
}
