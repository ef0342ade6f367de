//! Choosing how a selection is searched.

use glulam_bytecode::isa::Operand;

use super::Context;
use super::emit::{Source, TooLong};
use super::operand::{label, number};
use crate::exec::isa::Op;
use crate::term::Term;

/// Up to so many values a row of comparisons is faster than a search.
const LINEAR: usize = 6;

impl Context<'_> {
    /// `select_val`.
    pub(super) fn select_val(&mut self, args: &[Operand]) -> Result<(), TooLong> {
        let source = self.source(&args[0]);
        let fail = label(&args[1]);
        let list = args[2].as_list().unwrap_or_default();
        let mut pairs: Vec<(Term, u32)> = Vec::with_capacity(list.len() / 2);
        for pair in list.chunks_exact(2) {
            if let Source::Constant(value) = self.source(&pair[0]) {
                pairs.push((value, label(&pair[1])));
            }
        }
        let count = u16::try_from(pairs.len()).map_err(|_| TooLong)?;
        if pairs.iter().any(|(v, _)| !v.is_immediate()) {
            return self.pairs(Op::SelectAny, source, count, fail, &pairs);
        }
        if pairs.len() <= LINEAR {
            return self.pairs(Op::SelectLinear, source, count, fail, &pairs);
        }
        if let Some((low, table)) = dense(&pairs, fail) {
            let i = self.e.begin(Op::SelectTable).src(source).n(table.len() as u16).label(fail).word(low.bits());
            let i = table.iter().fold(i, |i, &l| i.label(l));
            return i.end();
        }
        pairs.sort_by_key(|(v, _)| v.bits());
        self.pairs(Op::SelectBinary, source, count, fail, &pairs)
    }

    fn pairs(&mut self, op: Op, source: Source, count: u16, fail: u32, pairs: &[(Term, u32)]) -> Result<(), TooLong> {
        let i = self.e.begin(op).src(source).n(count).label(fail);
        pairs.iter().fold(i, |i, (v, l)| i.word(v.bits()).label(*l)).end()
    }

    /// `select_tuple_arity`.
    pub(super) fn select_arity(&mut self, args: &[Operand]) -> Result<(), TooLong> {
        let source = self.source(&args[0]);
        let list = args[2].as_list().unwrap_or_default();
        let count = u16::try_from(list.len() / 2).map_err(|_| TooLong)?;
        let i = self.e.begin(Op::SelectArity).src(source).n(count).label(label(&args[1]));
        list.chunks_exact(2).fold(i, |i, p| i.word(number(&p[0])).label(label(&p[1]))).end()
    }
}

/// A table of labels if the values are small integers that fill at least half of their range.
fn dense(pairs: &[(Term, u32)], fail: u32) -> Option<(Term, Vec<u32>)> {
    let values = pairs.iter().map(|(v, _)| v.as_small()).collect::<Option<Vec<i64>>>()?;
    let (low, high) = (*values.iter().min()?, *values.iter().max()?);
    let span = usize::try_from(high.checked_sub(low)?).ok()?.checked_add(1)?;
    if span > 2 * pairs.len() || span > 4096 {
        return None;
    }
    let mut table = vec![fail; span];
    for (value, (_, label)) in values.iter().zip(pairs) {
        table[(value - low) as usize] = *label;
    }
    Some((Term::small(low), table))
}
