//! Counts by size; four buckets from each power of two to the next.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

#[derive(Default)]
pub struct Histogram(BTreeMap<u64, u64>);

impl Histogram {
    pub fn add(&mut self, time: Duration) {
        *self.0.entry(bucket(time.as_nanos() as u64)).or_default() += 1;
    }
}

/// The lowest value of the bucket that `v` falls in.
fn bucket(v: u64) -> u64 {
    if v < 4 {
        return v;
    }
    let shift = v.ilog2() - 2;
    v >> shift << shift
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(low, count)| write!(f, " {low}:{count}"))
    }
}
