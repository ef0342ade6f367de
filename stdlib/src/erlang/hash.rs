//! `erlang`: hashes that are the same on every node and release.

use glulam_vm::Term;
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::portable;

glulam_vm::bifs! {
    /// From 1 to the range.
    erlang:phash/2   Normal => phash;
    /// From 0 to 2^27 - 1.
    erlang:phash2/1  Normal => phash2_1;
    /// From 0 to the range less one.
    erlang:phash2/2  Normal => phash2_2;
}

/// A range from 1 to 2^32, the latter as 0.
fn range(term: Term) -> Option<u32> {
    match term.as_u64()? {
        0x1_0000_0000 => Some(0),
        n => u32::try_from(n).ok().filter(|&n| n > 0),
    }
}

fn phash(cx: &mut Cx<'_>) -> Outcome {
    let [term, limit] = cx.take();
    let Some(range) = range(limit) else { return cx.badarg() };
    let hash = portable::phash(term);
    let within = if range == 0 { hash } else { hash % range };
    Ok(cx.u64(u64::from(within) + 1))
}

/// Terms within a term from which on it goes to a dirty thread.
const MANY: usize = 100_000;

fn hash(cx: &Cx<'_>, term: Term) -> Result<u32, Stop> {
    match portable::phash2_within(term, MANY) {
        Some(hash) => Ok(hash),
        None => {
            cx.long(usize::MAX)?;
            Ok(portable::phash2(term))
        }
    }
}

fn phash2_1(cx: &mut Cx<'_>) -> Outcome {
    let hash = hash(cx, cx.arg(0))?;
    Ok(Term::small(i64::from(hash & ((1 << 27) - 1))))
}

fn phash2_2(cx: &mut Cx<'_>) -> Outcome {
    let [term, limit] = cx.take();
    let Some(range) = range(limit) else { return cx.badarg() };
    let hash = hash(cx, term)?;
    Ok(Term::small(if range == 0 { hash } else { hash % range }.into()))
}
