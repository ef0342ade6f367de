//! `lists`: the functions that are natives.

use glulam_vm::bif::{Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::cmp::{eq, eq_exact};
use glulam_vm::{Term, am, bifs};

bifs! {
    lists:member/2     Yielding => member;
    /// The first tuple with a key at a place.
    lists:keyfind/3    Yielding => keyfind;
    lists:keymember/3  Yielding => keymember;
    lists:keysearch/3  Yielding => keysearch;
    /// A list turned round, before a tail.
    lists:reverse/2    Yielding => reverse;
}

/// Elements handled for one reduction.
const ELEMENTS_PER_REDUCTION: usize = 32;

/// How many elements this slice has time for.
fn fuel(cx: &Cx<'_>) -> usize {
    usize::try_from(cx.reductions_left()).unwrap_or(0).saturating_mul(ELEMENTS_PER_REDUCTION).max(ELEMENTS_PER_REDUCTION)
}

/// A search through a list.
struct Search {
    rest: Slot,
    wanted: Slot,
    answer: Answer,
}

#[derive(Clone, Copy)]
enum Answer {
    /// Whether an element is there.
    Member,
    /// The tuple with the key at a zero-based place, whether there is one, or a pair of both.
    Tuple(usize),
    IsTuple(usize),
    Value(usize),
}

impl Answer {
    fn found(self, element: Term, wanted: Term) -> bool {
        match self {
            Answer::Member => element == wanted || eq_exact(element, wanted),
            Answer::Tuple(place) | Answer::IsTuple(place) | Answer::Value(place) => element
                .as_tuple()
                .and_then(|tuple| tuple.get(place))
                .is_some_and(|key| key == wanted || eq(key, wanted)),
        }
    }
}

fn search(cx: &mut Cx<'_>, wanted: Term, list: Term, answer: Answer) -> Outcome {
    if list.is_nil() {
        return Ok(am::false_);
    }
    let work = Search { rest: cx.slot(list), wanted: cx.slot(wanted), answer };
    cx.run(work)
}

impl Resume for Search {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let wanted = cx.slot_get(self.wanted);
        let fuel = fuel(cx);
        let mut rest = cx.slot_get(self.rest);
        for done in 0..fuel {
            let Some(cell) = rest.as_cons() else {
                cx.charge(done / ELEMENTS_PER_REDUCTION);
                return if rest.is_nil() { Ok(Some(am::false_)) } else { cx.badarg() };
            };
            if self.answer.found(cell.head(), wanted) {
                cx.charge(done / ELEMENTS_PER_REDUCTION);
                return Ok(Some(match self.answer {
                    Answer::Member | Answer::IsTuple(_) => am::true_,
                    Answer::Tuple(_) => cell.head(),
                    Answer::Value(_) => cx.tuple(&[am::value, cell.head()]),
                }));
            }
            rest = cell.tail();
        }
        cx.charge(fuel / ELEMENTS_PER_REDUCTION + 1);
        cx.slot_set(self.rest, rest);
        Ok(None)
    }
}

fn member(cx: &mut Cx<'_>) -> Outcome {
    let [element, list] = cx.take();
    if !list.is_list() {
        return cx.badarg();
    }
    search(cx, element, list, Answer::Member)
}

fn by_key(cx: &mut Cx<'_>, answer: fn(usize) -> Answer) -> Outcome {
    let [key, place, list] = cx.take();
    match place.as_small() {
        Some(place) if place >= 1 && list.is_list() => search(cx, key, list, answer(place as usize - 1)),
        _ => cx.badarg(),
    }
}

fn keyfind(cx: &mut Cx<'_>) -> Outcome {
    by_key(cx, Answer::Tuple)
}

fn keymember(cx: &mut Cx<'_>) -> Outcome {
    by_key(cx, Answer::IsTuple)
}

fn keysearch(cx: &mut Cx<'_>) -> Outcome {
    by_key(cx, Answer::Value)
}

/// Reversal under way.
struct Reverse {
    rest: Slot,
    done: Slot,
}

impl Resume for Reverse {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let (rest, done) = (cx.slot_get(self.rest), cx.slot_get(self.done));
        let fuel = fuel(cx);
        let mut elements = rest.list();
        let mut part: Vec<Term> = elements.by_ref().take(fuel).collect();
        let rest = elements.rest();
        cx.charge(part.len() / ELEMENTS_PER_REDUCTION);
        part.reverse();
        let done = cx.list_with_tail(&part, done);
        if rest.is_cons() {
            cx.charge(1);
            cx.slot_set(self.rest, rest);
            cx.slot_set(self.done, done);
            return Ok(None);
        }
        if rest.is_nil() { Ok(Some(done)) } else { cx.badarg() }
    }
}

fn reverse(cx: &mut Cx<'_>) -> Outcome {
    let [list, tail] = cx.take();
    if list.is_nil() {
        return Ok(tail);
    }
    if !list.is_cons() {
        return cx.badarg();
    }
    let work = Reverse { rest: cx.slot(list), done: cx.slot(tail) };
    cx.run(work)
}
