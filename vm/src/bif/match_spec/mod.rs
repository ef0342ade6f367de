//! Match specifications: compiled from a term once a call, run over many.

mod compile;

use smallvec::SmallVec;

use super::{Cx, Decl, Stop};
use crate::am;
use crate::heap::{Build, copy, map};
use crate::term::{Term, cmp};
use crate::term::map as read;

/// What is wrong with a term that should be a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSpec {
    /// In words.
    pub faults: Vec<String>,
    /// An expression is nested too deeply: not wrong, but more than is taken.
    pub too_deep: bool,
}

/// A pattern: each step takes the term that is next to be matched, and puts the parts that the steps behind
/// it are for in its place. So it may be as deep as it likes. The terms are the specification's.
type Pattern = Vec<Step>;

enum Step {
    Any,
    Variable(usize),
    Constant(Term),
    /// Head and tail.
    Cons,
    Tuple(usize),
    /// The values of these keys.
    Map(Vec<Term>),
}

impl Step {
    /// How many patterns for parts follow.
    fn parts(&self) -> usize {
        match self {
            Step::Any | Step::Variable(_) | Step::Constant(_) => 0,
            Step::Cons => 2,
            Step::Tuple(arity) => *arity,
            Step::Map(keys) => keys.len(),
        }
    }
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
    Action(Action, Vec<Expression>),
}

struct Clause {
    head: Pattern,
    guards: Vec<Expression>,
    body: Vec<Expression>,
}

/// A compiled specification. It refers to the terms it was made from.
pub struct MatchSpec {
    clauses: Vec<Clause>,
    /// How many variables there are.
    variables: usize,
    /// The places of the variables, ordered by their numbers.
    order: Vec<usize>,
}

/// Where a specification is used: what it matches, and what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Objects of a table.
    Table,
    /// The arguments of a traced call.
    Call,
    /// A message that is sent or received.
    Event,
}

/// What a specification for traces can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Message,
    ReturnTrace,
    ExceptionTrace,
    IsSeqTrace,
    SetSeqToken,
    GetSeqToken,
    Display,
    ProcessDump,
    EnableTrace,
    DisableTrace,
    Trace,
    Caller,
    CallerLine,
    CurrentStacktrace,
    Silent,
    GetTcw,
    SetTcw,
}

impl Action {
    fn of(name: Term) -> Option<Action> {
        Some(match name {
            am::message => Action::Message,
            am::return_trace => Action::ReturnTrace,
            am::exception_trace => Action::ExceptionTrace,
            am::is_seq_trace => Action::IsSeqTrace,
            am::set_seq_token => Action::SetSeqToken,
            am::get_seq_token => Action::GetSeqToken,
            am::display => Action::Display,
            am::process_dump => Action::ProcessDump,
            am::enable_trace => Action::EnableTrace,
            am::disable_trace => Action::DisableTrace,
            am::trace => Action::Trace,
            am::caller => Action::Caller,
            am::caller_line => Action::CallerLine,
            am::current_stacktrace => Action::CurrentStacktrace,
            am::silent => Action::Silent,
            am::get_tcw => Action::GetTcw,
            am::set_tcw => Action::SetTcw,
            _ => return None,
        })
    }

    /// How many arguments it may have.
    fn arities(self) -> &'static [usize] {
        match self {
            Action::ReturnTrace
            | Action::ExceptionTrace
            | Action::IsSeqTrace
            | Action::GetSeqToken
            | Action::ProcessDump
            | Action::Caller
            | Action::CallerLine
            | Action::GetTcw => &[0],
            Action::CurrentStacktrace => &[0, 1],
            Action::Message | Action::Display | Action::Silent | Action::SetTcw => &[1],
            Action::SetSeqToken => &[2],
            Action::EnableTrace | Action::DisableTrace => &[1, 2],
            Action::Trace => &[2, 3],
        }
    }
}

/// Who does what a specification for traces asks for.
pub trait Actions {
    /// The value of the call; `Err`: it fails.
    fn act(&self, cx: &mut Cx<'_>, action: Action, args: &[Term]) -> Result<Term, Stop>;
}

impl MatchSpec {
    /// Compiles `[{Head, Guards, Body}, ...]` for tables.
    pub fn compile(spec: Term) -> Result<MatchSpec, BadSpec> {
        MatchSpec::compile_for(spec, Dialect::Table)
    }

    /// The same for any use.
    pub fn compile_for(spec: Term, dialect: Dialect) -> Result<MatchSpec, BadSpec> {
        compile::compile(spec, dialect)
    }

    /// `[{Pattern, [], ['$$' or '$_']}]`
    pub fn of_pattern(head: Term, whole: bool) -> Result<MatchSpec, BadSpec> {
        let (head, numbers) = compile::head(head)?;
        let body = vec![if whole { Expression::Whole } else { Expression::Bindings }];
        Ok(MatchSpec::new(vec![Clause { head, guards: Vec::new(), body }], &numbers))
    }

    /// `numbers`: of the variables, by place.
    fn new(clauses: Vec<Clause>, numbers: &[usize]) -> MatchSpec {
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by_key(|at| numbers[*at]);
        MatchSpec { clauses, variables: numbers.len(), order }
    }

    /// The key that every match must have, if the patterns say so: constant at that position.
    pub fn key(&self, keypos: usize) -> Option<Term> {
        let [clause] = &self.clauses[..] else { return None };
        match clause.head[0] {
            Step::Tuple(arity) if keypos <= arity => {
                // Over the elements before it, each with all its parts.
                let (mut at, mut left) = (1, keypos - 1);
                while left > 0 {
                    left += clause.head[at].parts();
                    left -= 1;
                    at += 1;
                }
                match clause.head[at] {
                    Step::Constant(key) => Some(key),
                    _ => None,
                }
            }
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
        self.run_with(cx, term, None)
    }

    /// Like `run_in_place`, of a specification that may do things.
    pub fn run_with(&self, cx: &mut Cx<'_>, term: Term, actions: Option<&dyn Actions>) -> Option<Term> {
        let mut bindings: SmallVec<[Term; 8]> = SmallVec::from_elem(Term::NONE, self.variables);
        for clause in &self.clauses {
            bindings.fill(Term::NONE);
            if !matches(&clause.head, term, &mut bindings) {
                continue;
            }
            let run = Run { bindings: &bindings, order: &self.order, whole: term, actions };
            let holds = |cx: &mut Cx<'_>, guard| evaluate(cx, guard, &run).ok() == Some(am::true_);
            if !clause.guards.iter().all(|guard| holds(cx, guard)) {
                continue;
            }
            let mut result = am::true_;
            for e in &clause.body {
                result = evaluate(cx, e, &run).unwrap_or(am::EXIT);
            }
            return Some(result);
        }
        None
    }
}

/// What the expressions of a clause refer to.
struct Run<'a> {
    bindings: &'a [Term],
    order: &'a [usize],
    whole: Term,
    actions: Option<&'a dyn Actions>,
}

/// Whether a term matches; `bindings`: the values of the variables by place.
fn matches(pattern: &[Step], term: Term, bindings: &mut [Term]) -> bool {
    let mut left: SmallVec<[Term; 16]> = SmallVec::new();
    left.push(term);
    for step in pattern {
        let Some(term) = left.pop() else { crate::bug!("a pattern with more steps than parts") };
        match step {
            Step::Any => {}
            Step::Variable(at) if bindings[*at].is_none() => bindings[*at] = term,
            Step::Variable(at) => {
                if !cmp::eq_exact(bindings[*at], term) {
                    return false;
                }
            }
            Step::Constant(constant) => {
                if !cmp::eq_exact(*constant, term) {
                    return false;
                }
            }
            Step::Cons => {
                let Some(cell) = term.as_cons() else { return false };
                left.extend([cell.tail(), cell.head()]);
            }
            Step::Tuple(arity) => match term.as_tuple() {
                Some(tuple) if tuple.arity() == *arity => left.extend(tuple.as_slice().iter().rev().copied()),
                _ => return false,
            },
            Step::Map(keys) => {
                if term.as_map().is_none() {
                    return false;
                }
                for key in keys.iter().rev() {
                    let Some(value) = read::get(term, *key) else { return false };
                    left.push(value);
                }
            }
        }
    }
    true
}

/// The values of expressions.
#[inline]
fn each(cx: &mut Cx<'_>, list: &[Expression], run: &Run<'_>) -> Result<SmallVec<[Term; 4]>, Stop> {
    let mut values = SmallVec::new();
    for e in list {
        values.push(evaluate(cx, e, run)?);
    }
    Ok(values)
}

/// The value of an expression; `Err`: it fails.
fn evaluate(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    Ok(match e {
        Expression::Constant(term) => *term,
        Expression::Variable(at) => run.bindings[*at],
        Expression::Whole => run.whole,
        Expression::Bindings => {
            let bound = run.order.iter().map(|at| run.bindings[*at]).filter(|value| !value.is_none());
            let values: SmallVec<[Term; 8]> = bound.collect();
            cx.list(&values)
        }
        Expression::SelfPid => cx.self_pid(),
        Expression::Cons(both) => {
            let head = evaluate(cx, &both.0, run)?;
            let tail = evaluate(cx, &both.1, run)?;
            cx.cons(head, tail)
        }
        Expression::Tuple(elements) => {
            let values = each(cx, elements, run)?;
            cx.tuple(&values)
        }
        Expression::Map(pairs) => {
            let mut values = Vec::new();
            for (k, v) in pairs {
                values.push((evaluate(cx, k, run)?, evaluate(cx, v, run)?));
            }
            map::from_pairs(&values, cx)
        }
        Expression::And(list) => {
            let values = each(cx, list, run)?;
            fold(cx, &values, |a, b| a && b)?
        }
        Expression::Or(list) => {
            let values = each(cx, list, run)?;
            fold(cx, &values, |a, b| a || b)?
        }
        Expression::AndAlso(list) => {
            let mut value = am::true_;
            for e in list {
                value = evaluate(cx, e, run)?;
                if value != am::true_ {
                    break;
                }
            }
            value
        }
        Expression::OrElse(list) => {
            let mut value = am::false_;
            for e in list {
                value = evaluate(cx, e, run)?;
                if value != am::false_ {
                    break;
                }
            }
            value
        }
        Expression::IsRecord(value, tag, size) => {
            let value = evaluate(cx, value, run)?;
            let size = size.and_then(Term::as_usize);
            Term::from_bool(value.as_tuple().is_some_and(|t| {
                t.get(0) == Some(*tag) && size.is_none_or(|n| n == t.arity())
            }))
        }
        Expression::Call(decl, args) => {
            let args = each(cx, args, run)?;
            let process = cx.process;
            (decl.run)(&mut Cx::new(cx.own, process, &args))?
        }
        Expression::Action(action, args) => {
            let args = each(cx, args, run)?;
            match run.actions {
                Some(actions) => actions.act(cx, *action, &args)?,
                None => return cx.badarg(),
            }
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
