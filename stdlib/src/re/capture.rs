//! What `re:run` gives back of a match.

use glulam_vm::base::pcre::Code;
use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::heap::build::HEAP_BINARY_LIMIT;
use glulam_vm::term::iolist;
use glulam_vm::{Term, am};

use super::options::small_count;

/// As what groups are given.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Index,
    List,
    Binary,
}

/// Which groups are given.
enum Which {
    /// All from this one to the last that took part.
    From(usize),
    /// These, each the first of several that took part; a group that doesn't exist counts as one
    /// that took no part.
    These(Vec<Vec<u32>>),
}

/// The capture option, understood.
pub(super) struct Capture {
    /// `None`: only whether there is a match.
    which: Option<Which>,
    form: Form,
}

impl Default for Capture {
    fn default() -> Capture {
        Capture { which: Some(Which::From(0)), form: Form::Index }
    }
}

/// The groups of a name: all of them where names may repeat.
fn groups_named(code: &Code, name: &[u8]) -> Vec<u32> {
    let groups: Vec<u32> = code.groups_named(name).collect();
    if code.dup_names { groups } else { groups.into_iter().take(1).collect() }
}

/// An element of the capture list: a group's number or name.
fn group(code: &Code, term: Term) -> Option<Vec<u32>> {
    if let Some(number) = small_count(term) {
        return Some(vec![number]);
    }
    if let Some(atom) = term.as_atom() {
        return Some(groups_named(code, atom.name().as_bytes()));
    }
    Some(groups_named(code, &iolist::to_vec(term).ok()?))
}

impl Capture {
    pub(super) fn parse(code: &Code, which: Term, form: Term) -> Option<Capture> {
        let form = match form {
            am::index => Form::Index,
            am::list => Form::List,
            am::binary => Form::Binary,
            _ => return None,
        };
        let which = match which {
            am::all => Some(Which::From(0)),
            am::all_but_first => Some(Which::From(1)),
            am::first => Some(Which::These(vec![vec![0]])),
            am::none | Term::NIL => None,
            am::all_names if code.names.is_empty() => None,
            am::all_names => {
                let mut names: Vec<&[u8]> = code.names.iter().map(|entry| &*entry.0).collect();
                if code.dup_names {
                    names.dedup();
                }
                Some(Which::These(names.into_iter().map(|name| groups_named(code, name)).collect()))
            }
            list => {
                let groups: Option<Vec<_>> = list.proper_list()?.into_iter().map(|term| group(code, term)).collect();
                Some(Which::These(groups?))
            }
        };
        Some(Capture { which, form })
    }

    /// `match` or `{match, Groups}`. `subject` is the subject's term, if groups can be parts of it.
    pub(super) fn answer(
        &self,
        cx: &mut Cx<'_>,
        found: &[Option<(usize, usize)>],
        bytes: &[u8],
        subject: Option<Term>,
    ) -> Term {
        let Some(which) = &self.which else { return am::match_ };
        let ranges: Vec<Option<(usize, usize)>> = match which {
            Which::From(first) => found.get(*first..).unwrap_or_default().to_vec(),
            Which::These(groups) => groups
                .iter()
                .map(|group| group.iter().find_map(|&g| found.get(g as usize).copied().flatten()))
                .collect(),
        };
        let groups: Vec<Term> = ranges.iter().map(|&range| self.group(cx, range, bytes, subject)).collect();
        let list = cx.list(&groups);
        cx.tuple(&[am::match_, list])
    }

    fn group(&self, cx: &mut Cx<'_>, range: Option<(usize, usize)>, bytes: &[u8], subject: Option<Term>) -> Term {
        if self.form == Form::Index {
            let (start, length) = match range {
                Some((start, end)) => (start as i64, end as i64 - start as i64),
                None => (-1, 0),
            };
            return cx.tuple(&[Term::small(start), Term::small(length)]);
        }
        // `\K` in an assertion can put the start behind the end.
        let (start, end) = range.map_or((0, 0), |(start, end)| (start, end.max(start)));
        match (self.form, subject) {
            (Form::List, _) => cx.byte_list(&bytes[start..end]),
            (_, Some(subject)) => cx.part(subject, start * 8, (end - start) * 8),
            (_, None) => cx.binary(&bytes[start..end]),
        }
    }
}

/// The subject as something that groups can be parts of: a binary that is not small, on a byte boundary.
pub(super) fn sharable(subject: Term) -> Option<Term> {
    let bits = subject.as_binary()?;
    (bits.bit_skew() == 0 && bits.byte_size() > HEAP_BINARY_LIMIT).then_some(subject)
}
