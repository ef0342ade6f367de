//! Match specifications: compiled from a term once a call, run over many.

use smallvec::SmallVec;

use super::{Cx, Decl, Stop, lookup};
use crate::am;
use crate::heap::{Build, copy, map};
use crate::term::{Term, View, cmp};
use crate::term::map as read;

/// The specification has not the form of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadSpec;

/// What a pattern matches. The terms are the specification's.
enum Pattern {
    Any,
    Variable(usize),
    Constant(Term),
    Cons(Box<(Pattern, Pattern)>),
    Tuple(Vec<Pattern>),
    /// Keys are constants or variables bound before.
    /// Keys as they are; what else the map has says nothing.
    Map(Vec<(Term, Pattern)>),
}

enum Expression {
    Constant(Term),
    Variable(usize),
    /// `'$_'`
    Whole,
    /// `'$$'`
    Bindings,
    Cons(Box<(Expression, Expression)>),
    Tuple(Vec<Expression>),
    Map(Vec<(Expression, Expression)>),
    Call(&'static Decl, Vec<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    AndAlso(Vec<Expression>),
    OrElse(Vec<Expression>),
    SelfPid,
    IsRecord(Box<Expression>, Term, Option<Term>),
}

struct Clause {
    head: Pattern,
    guards: Vec<Expression>,
    body: Vec<Expression>,
}

/// A compiled specification. It refers to the terms it was made from.
pub struct MatchSpec {
    clauses: Vec<Clause>,
    /// The number of each variable.
    numbers: Vec<usize>,
}

/// The number of a variable: `'$0'` to `'$100000000'`.
fn variable(term: Term) -> Option<usize> {
    let name = term.as_atom()?.name();
    let digits = name.strip_prefix('$')?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.parse().ok().filter(|n| *n <= 100_000_000)
}

impl MatchSpec {
    /// Compiles `[{Head, Guards, Body}, ...]`.
    pub fn compile(spec: Term) -> Result<MatchSpec, BadSpec> {
        let mut numbers = Vec::new();
        let clauses = spec.proper_list().filter(|l| !l.is_empty()).ok_or(BadSpec)?;
        let clauses = clauses.into_iter().map(|clause| {
            let [head, guards, body] = clause.as_tuple_of().ok_or(BadSpec)?;
            let mut bound = Vec::new();
            let head = pattern(head, &mut numbers, &mut bound)?;
            let guards = guards.proper_list().ok_or(BadSpec)?;
            let body = body.proper_list().filter(|b| !b.is_empty()).ok_or(BadSpec)?;
            let all = |list: Vec<Term>| list.into_iter().map(|e| expression(e, &numbers, &bound)).collect::<Result<Vec<_>, _>>();
            Ok(Clause { head, guards: all(guards)?, body: all(body)? })
        });
        let clauses = clauses.collect::<Result<Vec<_>, BadSpec>>()?;
        Ok(MatchSpec { clauses, numbers })
    }

    /// `[{Pattern, [], ['$$' or '$_']}]`
    pub fn of_pattern(head: Term, whole: bool) -> Result<MatchSpec, BadSpec> {
        let mut numbers = Vec::new();
        let head = pattern(head, &mut numbers, &mut Vec::new())?;
        let body = vec![if whole { Expression::Whole } else { Expression::Bindings }];
        Ok(MatchSpec { clauses: vec![Clause { head, guards: Vec::new(), body }], numbers })
    }

    /// The key that every match must have, if the patterns say so: constant at that position.
    pub fn key(&self, keypos: usize) -> Option<Term> {
        let [clause] = &self.clauses[..] else { return None };
        match &clause.head {
            Pattern::Tuple(elements) => match elements.get(keypos - 1)? {
                Pattern::Constant(key) => Some(*key),
                _ => None,
            },
            _ => None,
        }
    }

    /// Runs over a term, which may be anywhere; the result, copied to the caller's heap. `None`: no
    /// clause matches.
    pub fn run(&self, cx: &mut Cx<'_>, term: Term) -> Option<Term> {
        let result = self.run_in_place(cx, term)?;
        Some(copy::copy_into(result, cx))
    }

    /// Like `run`; the result may share with `term` and with the specification.
    pub fn run_in_place(&self, cx: &mut Cx<'_>, term: Term) -> Option<Term> {
        let mut bindings: SmallVec<[(Term, usize); 8]> = self.numbers.iter().map(|n| (Term::NONE, *n)).collect();
        for clause in &self.clauses {
            bindings.iter_mut().for_each(|b| b.0 = Term::NONE);
            if !matches(&clause.head, term, &mut bindings) {
                continue;
            }
            let holds = |cx: &mut Cx<'_>, guard| evaluate(cx, guard, &bindings, term).ok() == Some(am::true_);
            if !clause.guards.iter().all(|guard| holds(cx, guard)) {
                continue;
            }
            let mut result = am::true_;
            for e in &clause.body {
                result = evaluate(cx, e, &bindings, term).unwrap_or(am::EXIT);
            }
            return Some(result);
        }
        None
    }
}

/// Values by place, each with the number of its variable.
type Bindings = [(Term, usize)];

/// Variables are kept in the order in which their numbers first appear, `numbers` saying which.
fn pattern(term: Term, numbers: &mut Vec<usize>, bound: &mut Vec<usize>) -> Result<Pattern, BadSpec> {
    if let Some(n) = variable(term) {
        let at = numbers.iter().position(|m| *m == n).unwrap_or_else(|| {
            numbers.push(n);
            numbers.len() - 1
        });
        if !bound.contains(&n) {
            bound.push(n);
        }
        return Ok(Pattern::Variable(at));
    }
    Ok(match term.view() {
        View::Atom(_) if term == am::underscore => Pattern::Any,
        View::Cons(cell) => {
            let head = pattern(cell.head(), numbers, bound)?;
            let tail = pattern(cell.tail(), numbers, bound)?;
            match (head, tail) {
                (Pattern::Constant(_), Pattern::Constant(_)) => Pattern::Constant(term),
                both => Pattern::Cons(Box::new(both)),
            }
        }
        View::Tuple(tuple) => {
            let elements = tuple.iter().map(|e| pattern(e, numbers, bound)).collect::<Result<Vec<_>, _>>()?;
            if elements.iter().all(|e| matches!(e, Pattern::Constant(_))) {
                Pattern::Constant(term)
            } else {
                Pattern::Tuple(elements)
            }
        }
        View::Map(map) => {
            let mut pairs = Vec::new();
            for (key, value) in map.iter() {
                if variable(key).is_some() || key == am::underscore {
                    return Err(BadSpec);
                }
                pairs.push((key, pattern(value, numbers, bound)?));
            }
            if pairs.iter().all(|(_, value)| matches!(value, Pattern::Constant(_))) {
                Pattern::Constant(term)
            } else {
                Pattern::Map(pairs)
            }
        }
        _ => Pattern::Constant(term),
    })
}

fn matches(pattern: &Pattern, term: Term, bindings: &mut Bindings) -> bool {
    match pattern {
        Pattern::Any => true,
        Pattern::Variable(at) => {
            let value = bindings[*at].0;
            if value.is_none() {
                bindings[*at].0 = term;
                return true;
            }
            cmp::eq_exact(value, term)
        }
        Pattern::Constant(constant) => cmp::eq_exact(*constant, term),
        Pattern::Cons(both) => match term.as_cons() {
            Some(cell) => matches(&both.0, cell.head(), bindings) && matches(&both.1, cell.tail(), bindings),
            None => false,
        },
        Pattern::Tuple(elements) => match term.as_tuple() {
            Some(tuple) if tuple.arity() == elements.len() => {
                elements.iter().zip(tuple.iter()).all(|(p, t)| matches(p, t, bindings))
            }
            _ => false,
        },
        Pattern::Map(pairs) => {
            term.as_map().is_some()
                && pairs.iter().all(|(key, value)| read::get(term, *key).is_some_and(|v| matches(value, v, bindings)))
        }
    }
}

fn expression(term: Term, numbers: &[usize], bound: &[usize]) -> Result<Expression, BadSpec> {
    if let Some(n) = variable(term) {
        if !bound.contains(&n) {
            return Err(BadSpec);
        }
        let at = numbers.iter().position(|m| *m == n).ok_or(BadSpec)?;
        return Ok(Expression::Variable(at));
    }
    let sub = |t: Term| expression(t, numbers, bound);
    Ok(match term.view() {
        View::Atom(_) if term == am::dollar_underscore => Expression::Whole,
        View::Atom(_) if term == am::dollar_dollar => Expression::Bindings,
        View::Cons(cell) => Expression::Cons(Box::new((sub(cell.head())?, sub(cell.tail())?))),
        View::Map(map) => {
            let pairs = map.iter().map(|(k, v)| Ok((sub(k)?, sub(v)?)));
            Expression::Map(pairs.collect::<Result<Vec<_>, BadSpec>>()?)
        }
        View::Tuple(tuple) => match *tuple.as_slice() {
            [one] if one.as_tuple().is_some() => {
                let Some(inner) = one.as_tuple() else { return Err(BadSpec) };
                Expression::Tuple(inner.iter().map(sub).collect::<Result<Vec<_>, _>>()?)
            }
            [am::const_, value] => Expression::Constant(value),
            [name, ref args @ ..] if name.is_atom() => return call(name, args, &sub),
            _ => return Err(BadSpec),
        },
        _ => Expression::Constant(term),
    })
}

fn call(name: Term, args: &[Term], sub: &dyn Fn(Term) -> Result<Expression, BadSpec>) -> Result<Expression, BadSpec> {
    let all = || args.iter().map(|a| sub(*a)).collect::<Result<Vec<_>, _>>();
    Ok(match name {
        am::and if args.len() >= 2 => Expression::And(all()?),
        am::or if args.len() >= 2 => Expression::Or(all()?),
        am::andalso if !args.is_empty() => Expression::AndAlso(all()?),
        am::orelse if !args.is_empty() => Expression::OrElse(all()?),
        am::self_ if args.is_empty() => Expression::SelfPid,
        am::is_record if args.len() == 2 || args.len() == 3 => {
            if !args[1].is_atom() {
                return Err(BadSpec);
            }
            Expression::IsRecord(Box::new(sub(args[0])?), args[1], args.get(2).copied())
        }
        _ => {
            let arity = u8::try_from(args.len()).map_err(|_| BadSpec)?;
            let decl = lookup(am::erlang.atom(), name.atom(), arity).filter(|d| d.guard).ok_or(BadSpec)?;
            Expression::Call(decl, all()?)
        }
    })
}

/// The value of an expression; `Err`: it fails.
fn evaluate(cx: &mut Cx<'_>, e: &Expression, bindings: &Bindings, whole: Term) -> Result<Term, Stop> {
    let each = |cx: &mut Cx<'_>, list: &[Expression]| {
        list.iter().map(|e| evaluate(cx, e, bindings, whole)).collect::<Result<Vec<Term>, Stop>>()
    };
    Ok(match e {
        Expression::Constant(term) => *term,
        Expression::Variable(at) => bindings[*at].0,
        Expression::Whole => whole,
        Expression::Bindings => {
            let mut bound: Vec<_> = bindings.iter().filter(|b| !b.0.is_none()).collect();
            bound.sort_by_key(|b| b.1);
            let values: Vec<Term> = bound.into_iter().map(|b| b.0).collect();
            cx.list(&values)
        }
        Expression::SelfPid => cx.self_pid(),
        Expression::Cons(both) => {
            let head = evaluate(cx, &both.0, bindings, whole)?;
            let tail = evaluate(cx, &both.1, bindings, whole)?;
            cx.cons(head, tail)
        }
        Expression::Tuple(elements) => {
            let values = each(cx, elements)?;
            cx.tuple(&values)
        }
        Expression::Map(pairs) => {
            let mut values = Vec::new();
            for (k, v) in pairs {
                values.push((evaluate(cx, k, bindings, whole)?, evaluate(cx, v, bindings, whole)?));
            }
            map::from_pairs(&values, cx)
        }
        Expression::And(list) => {
            let values = each(cx, list)?;
            fold(cx, &values, |a, b| a && b)?
        }
        Expression::Or(list) => {
            let values = each(cx, list)?;
            fold(cx, &values, |a, b| a || b)?
        }
        Expression::AndAlso(list) => {
            let mut value = am::true_;
            for e in list {
                value = evaluate(cx, e, bindings, whole)?;
                if value != am::true_ {
                    break;
                }
            }
            value
        }
        Expression::OrElse(list) => {
            let mut value = am::false_;
            for e in list {
                value = evaluate(cx, e, bindings, whole)?;
                if value != am::false_ {
                    break;
                }
            }
            value
        }
        Expression::IsRecord(value, tag, size) => {
            let value = evaluate(cx, value, bindings, whole)?;
            let size = size.and_then(Term::as_usize);
            Term::from_bool(value.as_tuple().is_some_and(|t| {
                t.get(0) == Some(*tag) && size.is_none_or(|n| n == t.arity())
            }))
        }
        Expression::Call(decl, args) => {
            let args = each(cx, args)?;
            let process = cx.process;
            (decl.run)(&mut Cx::new(cx.own, process, &args))?
        }
    })
}

fn fold(cx: &mut Cx<'_>, values: &[Term], f: impl Fn(bool, bool) -> bool) -> Result<Term, Stop> {
    let mut result = None;
    for value in values {
        let Some(b) = value.as_bool() else { return cx.badarg() };
        result = Some(result.map_or(b, |r| f(r, b)));
    }
    Ok(Term::from_bool(result.unwrap_or(false)))
}
