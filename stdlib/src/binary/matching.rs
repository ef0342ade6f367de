//! `binary`: match, matches, split.

use std::sync::Arc;

use glulam_vm::bif::{Cx, Outcome, Resume, Slot, Stop};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::{Term, am};

use super::search::{Pattern, Search};
use crate::erlang::binary::range_of;
use crate::limits;

glulam_vm::bifs! {
    /// `{bm, Ref}` for one pattern, `{ac, Ref}` for several.
    binary:compile_pattern/1  Normal => compile_pattern;
    /// `{Start, Length}` of the first match, or `nomatch`.
    binary:match/2            Yielding => match_2;
    binary:match/3            Yielding => match_3;
    /// All matches that don't overlap.
    binary:matches/2          Yielding => matches_2;
    binary:matches/3          Yielding => matches_3;
    binary:split/2            Yielding => split_2;
    binary:split/3            Yielding => split_3;
}

/// What the references of compiled patterns stand for: whether it says `ac`, and the pattern.
type Compiled = (bool, Arc<Pattern>);

/// The bytes of one pattern or a list of them, none empty.
fn pattern_bytes(term: Term) -> Option<Vec<Vec<u8>>> {
    let one = |term: Term| {
        let bits = term.as_binary().filter(|bits| bits.bit_size > 0)?;
        Some(bits.to_bytes().into_owned())
    };
    if term.as_bits().is_some() {
        return Some(vec![one(term)?]);
    }
    let patterns = term.proper_list()?.into_iter().map(one).collect::<Option<Vec<_>>>()?;
    (!patterns.is_empty()).then_some(patterns)
}

/// A pattern argument: compiled, or as it is.
fn pattern(term: Term) -> Option<Arc<Pattern>> {
    if let Some([kind, reference]) = term.as_tuple_of::<2>() {
        if kind != am::bm && kind != am::ac {
            return None;
        }
        return Magic::value_of::<Compiled>(&reference).filter(|(several, _)| *several == (kind == am::ac)).map(|(_, pattern)| pattern.clone());
    }
    Pattern::new(&pattern_bytes(term)?, false).map(Arc::new)
}

fn compile_pattern(cx: &mut Cx<'_>) -> Outcome {
    let [patterns] = cx.take();
    let Some(bytes) = pattern_bytes(patterns) else { return cx.badarg() };
    cx.charge(bytes.iter().map(Vec::len).sum::<usize>() / 64);
    let Some(pattern) = Pattern::new(&bytes, true) else { return cx.badarg() };
    let kind = if bytes.len() == 1 { am::bm } else { am::ac };
    let compiled: Compiled = (kind == am::ac, Arc::new(pattern));
    let number = crate::new_reference(cx);
    let reference = cx.magic_ref(Magic::new(number, Box::new(compiled)));
    Ok(cx.tuple(&[kind, reference]))
}

/// What is made of what is found.
#[derive(Clone, Copy, PartialEq)]
enum Want {
    First,
    All,
    Split { global: bool, trim: Trim },
}

#[derive(Clone, Copy, PartialEq)]
enum Trim {
    No,
    /// Empty parts at the end go.
    End,
    /// All empty parts go.
    All,
}

fn match_2(cx: &mut Cx<'_>) -> Outcome {
    start(cx, Want::First, Term::NIL)
}

fn match_3(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(2);
    start(cx, Want::First, options)
}

fn matches_2(cx: &mut Cx<'_>) -> Outcome {
    start(cx, Want::All, Term::NIL)
}

fn matches_3(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(2);
    start(cx, Want::All, options)
}

fn split_2(cx: &mut Cx<'_>) -> Outcome {
    start(cx, Want::Split { global: false, trim: Trim::No }, Term::NIL)
}

fn split_3(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(2);
    start(cx, Want::Split { global: false, trim: Trim::No }, options)
}

/// The options of a search: the range, and of a split what it wants.
fn options(list: Term, want: &mut Want, size: usize) -> Option<(usize, usize)> {
    let mut range = (0, size);
    for option in list.proper_list()? {
        if let Some([am::scope, scope]) = option.as_tuple_of::<2>() {
            let [position, length] = scope.as_tuple_of::<2>()?;
            range = range_of(position, length, size)?;
            continue;
        }
        let Want::Split { global, trim } = want else { return None };
        match option {
            am::global => *global = true,
            am::trim if *trim == Trim::No => *trim = Trim::End,
            am::trim => {}
            am::trim_all => *trim = Trim::All,
            _ => return None,
        }
    }
    Some(range)
}

fn start(cx: &mut Cx<'_>, mut want: Want, option_list: Term) -> Outcome {
    let (subject, patterns) = (cx.arg(0), cx.arg(1));
    let Some(bits) = subject.as_binary() else { return cx.badarg() };
    if bits.byte_size() == 0 && option_list.is_nil() {
        // Nothing to look through: the pattern isn't looked at.
        return answer(cx, subject, &[], want);
    }
    let Some(range) = options(option_list, &mut want, bits.byte_size()) else { return cx.badarg() };
    let Some(pattern) = pattern(patterns) else { return cx.badarg() };
    let all = want == Want::All || matches!(want, Want::Split { global: true, .. });
    let mut search = Search::new(pattern, range, all);
    let budget = budget(cx);
    let (used, done) = search.run(&bits.to_bytes(), budget);
    cx.charge(used);
    if done {
        return answer(cx, subject, &search.found, want);
    }
    // A subject that is not aligned is copied once, not in every slice.
    let copy = (bits.bit_skew() != 0).then(|| bits.to_bytes().into_owned());
    let subject = cx.slot(subject);
    cx.run(Running { search, want, subject, copy })
}

fn budget(cx: &Cx<'_>) -> usize {
    usize::try_from(cx.reductions_left()).unwrap_or(0).min(limits::BINARY.get())
}

/// A search over several slices.
struct Running {
    search: Search,
    want: Want,
    subject: Slot,
    copy: Option<Vec<u8>>,
}

impl Resume for Running {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let subject = cx.slot_get(self.subject);
        let budget = budget(cx);
        let (used, done) = match &self.copy {
            Some(bytes) => self.search.run(bytes, budget),
            None => match subject.as_bits() {
                Some(bits) => self.search.run(&bits.to_bytes(), budget),
                None => return cx.badarg(),
            },
        };
        cx.charge(used.max(1));
        if done { answer(cx, subject, &self.search.found, self.want).map(Some) } else { Ok(None) }
    }
}

fn answer(cx: &mut Cx<'_>, subject: Term, found: &[(usize, usize)], want: Want) -> Outcome {
    let pair = |cx: &mut Cx<'_>, &(start, length): &(usize, usize)| {
        cx.tuple(&[Term::small(start as i64), Term::small(length as i64)])
    };
    match want {
        Want::First => Ok(found.first().map_or(am::nomatch, |found| pair(cx, found))),
        Want::All => {
            let pairs: Vec<Term> = found.iter().map(|found| pair(cx, found)).collect();
            Ok(cx.list(&pairs))
        }
        Want::Split { trim, .. } => split(cx, subject, found, trim),
    }
}

/// The parts between the matches.
fn split(cx: &mut Cx<'_>, subject: Term, found: &[(usize, usize)], trim: Trim) -> Outcome {
    let size = subject.as_bits().map_or(0, |bits| bits.byte_size());
    let mut ranges = Vec::with_capacity(found.len() + 1);
    let mut at = 0;
    for &(start, length) in found {
        ranges.push((at, start - at));
        at = start + length;
    }
    ranges.push((at, size - at));
    match trim {
        Trim::No => {}
        Trim::End => {
            let kept = ranges.iter().rposition(|range| range.1 > 0).map_or(0, |last| last + 1);
            ranges.truncate(kept);
        }
        Trim::All => ranges.retain(|range| range.1 > 0),
    }
    let parts: Vec<Term> = ranges.iter().map(|&(start, n)| cx.part(subject, start * 8, n * 8)).collect();
    Ok(cx.list(&parts))
}
