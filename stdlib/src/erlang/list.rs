//! Lists: `++`, `--`, length, head and tail.

use glulam_vm::bif::{Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::cmp::{cmp_exact, eq_exact};
use glulam_vm::{Term, bifs};

bifs! {
    erlang:hd/1        Normal guard => hd;
    erlang:tl/1        Normal guard => tl;
    erlang:length/1    Normal guard => length;
    erlang:"++"/2      Normal => append;
    erlang:append/2    Normal => append;
    erlang:"--"/2      Yielding => subtract;
    erlang:subtract/2  Yielding => subtract;
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
    cx.charge(elements.len() / ELEMENTS_PER_REDUCTION);
    Ok(cx.list_with_tail(&elements, right))
}

/// Up to so many elements on either side, comparing each with each is fastest.
const FEW: usize = 16;

fn subtract(cx: &mut Cx<'_>) -> Outcome {
    let [left, right] = cx.take();
    let (Some(from), Some(what)) = (left.proper_list(), right.proper_list()) else { return cx.badarg() };
    if from.is_empty() || what.is_empty() {
        return Ok(left);
    }
    cx.charge((from.len() + what.len()) / ELEMENTS_PER_REDUCTION);
    if what.len() <= FEW || from.len() <= FEW {
        return Ok(subtract_few(cx, left, &from, what));
    }
    let work = Subtract {
        left: cx.slot(left),
        right: cx.slot(right),
        at: 0,
        length: from.len(),
        order: Vec::new(),
        counts: Vec::new(),
        kept: vec![0; from.len().div_ceil(64)],
    };
    cx.run(Box::new(work))
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
/// and a search in it for each element. Between slices elements are known by their places.
struct Subtract {
    left: Slot,
    right: Slot,
    /// Elements of the left list that are done.
    at: usize,
    length: usize,
    /// The first of each run of equal elements of the right list, by place, in order.
    order: Vec<u32>,
    /// How many of each run are left to take away.
    counts: Vec<u32>,
    /// One bit for each element of the left list: whether it stays.
    kept: Vec<u64>,
}

impl Resume for Subtract {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let from: Vec<Term> = cx.slot_get(self.left).list().collect();
        let what: Vec<Term> = cx.slot_get(self.right).list().collect();
        if self.order.is_empty() {
            self.sort(&what);
            cx.charge(what.len() / 4);
        }
        let runs: Vec<Term> = self.order.iter().map(|&place| what[place as usize]).collect();
        let per_reduction = 8;
        while self.at < self.length {
            if cx.reductions_left() <= 0 {
                return Ok(None);
            }
            let end = (self.at + 64 * per_reduction).min(self.length);
            cx.charge((end - self.at) / per_reduction + 1);
            for (place, &element) in from.iter().enumerate().take(end).skip(self.at) {
                let found = runs.binary_search_by(|&run| cmp_exact(run, element));
                match found {
                    Ok(run) if self.counts[run] > 0 => self.counts[run] -= 1,
                    _ => self.kept[place / 64] |= 1 << (place % 64),
                }
            }
            self.at = end;
        }
        let kept: Vec<Term> = from
            .iter()
            .enumerate()
            .filter(|(place, _)| self.kept[place / 64] >> (place % 64) & 1 == 1)
            .map(|(_, &element)| element)
            .collect();
        Ok(Some(cx.list(&kept)))
    }
}

impl Subtract {
    fn sort(&mut self, what: &[Term]) {
        let mut places: Vec<u32> = (0..what.len() as u32).collect();
        places.sort_by(|&a, &b| cmp_exact(what[a as usize], what[b as usize]));
        for place in places {
            match (self.order.last(), self.counts.last_mut()) {
                (Some(&last), Some(count)) if cmp_exact(what[last as usize], what[place as usize]).is_eq() => {
                    *count += 1;
                }
                _ => {
                    self.order.push(place);
                    self.counts.push(1);
                }
            }
        }
    }
}
