//! Lists: `++`, `--`, length, head and tail.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::cmp::{cmp_exact, eq_exact};
use glulam_vm::{Term, bifs};

bifs! {
    erlang:hd/1        Normal guard => hd;
    erlang:tl/1        Normal guard => tl;
    erlang:length/1    Normal guard => length;
    erlang:"++"/2      Normal => append;
    erlang:append/2    Normal => append;
    erlang:"--"/2      Normal => subtract;
    erlang:subtract/2  Normal => subtract;
}

/// Elements handled for one reduction.
pub(crate) const ELEMENTS_PER_REDUCTION: usize = 32;

fn hd(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_cons() {
        Some(cell) => Ok(cell.head()),
        None => cx.badarg(),
    }
}

fn tl(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_cons() {
        Some(cell) => Ok(cell.tail()),
        None => cx.badarg(),
    }
}

fn length(cx: &mut Cx<'_>) -> Outcome {
    let mut elements = cx.arg(0).list();
    let count = elements.by_ref().count();
    cx.charge(count / (4 * ELEMENTS_PER_REDUCTION));
    if elements.rest().is_nil() { Ok(Term::small(count as i64)) } else { cx.badarg() }
}

fn append(cx: &mut Cx<'_>) -> Outcome {
    let [left, right] = cx.take();
    let Some(elements) = left.proper_list() else { return cx.badarg() };
    let reductions = elements.len() / ELEMENTS_PER_REDUCTION;
    cx.long(reductions)?;
    cx.charge(reductions);
    Ok(cx.list_with_tail(&elements, right))
}

/// Elements sorted or looked for among sorted ones for one reduction.
const SORTED_PER_REDUCTION: usize = 8;

/// Up to so many elements on either side, comparing each with each is fastest.
const FEW: usize = 16;

fn subtract(cx: &mut Cx<'_>) -> Outcome {
    let [left, right] = cx.take();
    let (Some(from), Some(what)) = (left.proper_list(), right.proper_list()) else { return cx.badarg() };
    if from.is_empty() || what.is_empty() {
        return Ok(left);
    }
    let few = what.len() <= FEW || from.len() <= FEW;
    let reductions = (from.len() + what.len()) / if few { ELEMENTS_PER_REDUCTION } else { SORTED_PER_REDUCTION };
    cx.long(reductions)?;
    cx.charge(reductions);
    if few {
        return Ok(subtract_few(cx, left, &from, what));
    }
    Ok(subtract_many(cx, &from, &what))
}

fn subtract_few(cx: &mut Cx<'_>, left: Term, from: &[Term], mut what: Vec<Term>) -> Term {
    let mut kept = Vec::with_capacity(from.len());
    for (at, &element) in from.iter().enumerate() {
        match what.iter().position(|&w| eq_exact(w, element)) {
            Some(found) => {
                what.remove(found);
            }
            None => kept.push(element),
        }
        if what.is_empty() {
            return match kept.len() {
                0 => behind(left, at + 1),
                _ => cx.list_with_tail(&kept, behind(left, at + 1)),
            };
        }
    }
    cx.list(&kept)
}

/// What is left of a list behind its first `count` elements.
fn behind(list: Term, count: usize) -> Term {
    let mut elements = list.list();
    elements.by_ref().take(count).for_each(drop);
    elements.rest()
}

/// Subtraction of long lists: the subtrahend sorted, with a count for each run of equal elements,
/// and a search in it for each element.
fn subtract_many(cx: &mut Cx<'_>, from: &[Term], what: &[Term]) -> Term {
    let mut sorted = what.to_vec();
    sorted.sort_unstable_by(|&a, &b| cmp_exact(a, b));
    let mut runs: Vec<Term> = Vec::new();
    let mut counts: Vec<usize> = Vec::new();
    for element in sorted {
        match (runs.last(), counts.last_mut()) {
            (Some(&run), Some(count)) if cmp_exact(run, element).is_eq() => *count += 1,
            _ => {
                runs.push(element);
                counts.push(1);
            }
        }
    }
    let mut kept = from.to_vec();
    kept.retain(|&element| match runs.binary_search_by(|&run| cmp_exact(run, element)) {
        Ok(run) if counts[run] > 0 => {
            counts[run] -= 1;
            false
        }
        _ => true,
    });
    cx.list(&kept)
}
