//! What every case does on `erl`.

use super::Suite;
use super::cases::Outcome;
use std::collections::BTreeMap;
use std::path::Path;

pub struct Baseline {
    /// By `area/suite`, then by case: the results in order of appearance.
    suites: BTreeMap<String, BTreeMap<String, Vec<Outcome>>>,
}

impl Baseline {
    pub fn read(path: &Path) -> Result<Baseline, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut suites: BTreeMap<String, BTreeMap<String, Vec<Outcome>>> = BTreeMap::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let mut cells = line.split('\t');
            if let (Some(area), Some(suite), Some(case), Some(result)) =
                (cells.next(), cells.next(), cells.next(), cells.next().and_then(Outcome::parse))
            {
                let cases = suites.entry(format!("{area}/{suite}")).or_default();
                cases.entry(case.to_string()).or_default().push(result);
            }
        }
        Ok(Baseline { suites })
    }

    pub fn result(&self, suite: &Suite, case: &str, nth: usize) -> Option<Outcome> {
        self.suites.get(&suite.key())?.get(case)?.get(nth).copied()
    }

    /// Every case that passes, and how many times.
    pub fn passes<'a>(&'a self, suite: &Suite) -> impl Iterator<Item = (&'a str, usize)> + use<'a> {
        let cases = self.suites.get(&suite.key());
        cases.into_iter().flatten().filter_map(|(case, results)| {
            let passes = results.iter().filter(|r| **r == Outcome::Pass).count();
            (passes > 0).then_some((case.as_str(), passes))
        })
    }
}
