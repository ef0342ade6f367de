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
    /// A variable where it stands first in its clause, and where it stands again.
    Variable(usize),
    Again(usize),
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
            Step::Any | Step::Variable(_) | Step::Again(_) | Step::Constant(_) => 0,
            Step::Cons => 2,
            Step::Tuple(arity) => *arity,
            Step::Map(keys) => keys.len(),
        }
    }

    /// Whether it is for a whole term.
    fn is_leaf(&self) -> bool {
        matches!(self, Step::Any | Step::Variable(_) | Step::Again(_) | Step::Constant(_))
    }

    /// Whether a leaf matches a term.
    #[inline]
    fn takes(&self, term: Term, bindings: &mut [Term]) -> bool {
        match self {
            Step::Any => true,
            Step::Variable(at) => {
                bindings[*at] = term;
                true
            }
            Step::Again(at) => cmp::eq_exact(bindings[*at], term),
            Step::Constant(constant) => cmp::eq_exact(*constant, term),
            Step::Cons | Step::Tuple(_) | Step::Map(_) => false,
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
    /// Two terms compared: a call that is made here.
    Compare(Comparison, Box<(Expression, Expression)>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    AndAlso(Vec<Expression>),
    OrElse(Vec<Expression>),
    SelfPid,
    Action(Action, Vec<Expression>),
}

/// The operators that compare.
#[derive(Clone, Copy)]
enum Comparison {
    Equal,
    NotEqual,
    Exact,
    NotExact,
    Less,
    NotGreater,
    Greater,
    NotLess,
}

impl Comparison {
    fn of(name: Term) -> Option<Comparison> {
        Some(match name {
            am::equal => Comparison::Equal,
            am::not_equal => Comparison::NotEqual,
            am::identical => Comparison::Exact,
            am::not_identical => Comparison::NotExact,
            am::less => Comparison::Less,
            am::less_equal => Comparison::NotGreater,
            am::greater => Comparison::Greater,
            am::greater_equal => Comparison::NotLess,
            _ => return None,
        })
    }

    #[inline]
    fn holds(self, a: Term, b: Term) -> bool {
        match self {
            Comparison::Equal => cmp::eq(a, b),
            Comparison::NotEqual => !cmp::eq(a, b),
            Comparison::Exact => cmp::eq_exact(a, b),
            Comparison::NotExact => !cmp::eq_exact(a, b),
            Comparison::Less => cmp::compare(a, b).is_lt(),
            Comparison::NotGreater => cmp::compare(a, b).is_le(),
            Comparison::Greater => cmp::compare(a, b).is_gt(),
            Comparison::NotLess => cmp::compare(a, b).is_ge(),
        }
    }
}

struct Clause {
    head: Pattern,
    /// The term that the head was made from.
    of: Term,
    /// Whether the head is a tuple whose elements have no parts.
    flat: bool,
    /// The places of the head's variables, ordered by their numbers.
    order: Vec<usize>,
    guards: Vec<Expression>,
    body: Vec<Expression>,
}

/// A compiled specification. It refers to the terms it was made from.
pub struct MatchSpec {
    clauses: Vec<Clause>,
    /// How many variables there are.
    variables: usize,
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
        let (pattern, numbers) = compile::head(head)?;
        let body = vec![if whole { Expression::Whole } else { Expression::Bindings }];
        let clause = Clause::new(pattern, head, Vec::new(), body, &numbers);
        Ok(MatchSpec { clauses: vec![clause], variables: numbers.len() })
    }

    /// The key that every match must have, if the only pattern says so: it has no variable in that position.
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
                // The key itself: it may be made of parts, a map for one, which as a pattern takes more than itself.
                left = 1;
                while left > 0 {
                    if matches!(clause.head[at], Step::Any | Step::Variable(_) | Step::Again(_)) {
                        return None;
                    }
                    left += clause.head[at].parts();
                    left -= 1;
                    at += 1;
                }
                clause.of.as_tuple()?.get(keypos - 1)
            }
            // A head that is all constant.
            Step::Constant(_) => clause.of.as_tuple()?.get(keypos - 1),
            _ => None,
        }
    }

    /// Runs over a term, which may be anywhere; the result, copied to the caller's heap. `None`: no
    /// clause matches.
    pub fn run(&self, cx: &mut Cx<'_>, term: Term) -> Option<Term> {
        self.matching(cx, term, None, |cx, clause, run| {
            // The values of those before it are of no use.
            clause.body.last().map_or(am::true_, |last| copied(cx, last, run).unwrap_or(am::EXIT))
        })
    }

    /// Like `run`; the result may share with `term` and with the specification.
    pub fn run_in_place(&self, cx: &mut Cx<'_>, term: Term) -> Option<Term> {
        self.run_with(cx, term, None)
    }

    /// Like `run_in_place`, of a specification that may do things.
    pub fn run_with(&self, cx: &mut Cx<'_>, term: Term, actions: Option<&dyn Actions>) -> Option<Term> {
        self.matching(cx, term, actions, |cx, clause, run| {
            let mut result = am::true_;
            for e in &clause.body {
                result = evaluate(cx, e, run).unwrap_or(am::EXIT);
            }
            result
        })
    }

    /// What `then` makes of the first clause that matches a term.
    #[inline(always)]
    fn matching(
        &self,
        cx: &mut Cx<'_>,
        term: Term,
        actions: Option<&dyn Actions>,
        then: impl FnOnce(&mut Cx<'_>, &Clause, &Run<'_>) -> Term,
    ) -> Option<Term> {
        let (mut few, mut many) = ([Term::NONE; 8], Vec::new());
        let bindings = match few.get_mut(..self.variables) {
            Some(few) => few,
            None => {
                many.resize(self.variables, Term::NONE);
                &mut many[..]
            }
        };
        for clause in &self.clauses {
            if !clause.matches(term, bindings) {
                continue;
            }
            let mut run = Run { bindings, order: &clause.order, whole: term, actions, in_body: false };
            if clause.guards.iter().all(|guard| evaluate(cx, guard, &run).ok() == Some(am::true_)) {
                run.in_body = true;
                return Some(then(cx, clause, &run));
            }
        }
        None
    }
}

impl Clause {
    /// `numbers`: of all variables, by place.
    fn new(head: Pattern, of: Term, guards: Vec<Expression>, body: Vec<Expression>, numbers: &[usize]) -> Clause {
        let place = |step: &Step| if let Step::Variable(at) = step { Some(*at) } else { None };
        let mut order: Vec<usize> = head.iter().filter_map(place).collect();
        order.sort_by_key(|at| numbers[*at]);
        let flat = matches!(head[..], [Step::Tuple(_), ref parts @ ..] if parts.iter().all(|part| part.is_leaf()));
        Clause { head, of, flat, order, guards, body }
    }

    /// Whether a term matches the head; `bindings`: the values of the variables by place.
    #[inline]
    fn matches(&self, term: Term, bindings: &mut [Term]) -> bool {
        if !self.flat {
            return matches(&self.head, term, bindings);
        }
        let (Some(tuple), parts) = (term.as_tuple(), &self.head[1..]) else { return false };
        tuple.arity() == parts.len() && tuple.as_slice().iter().zip(parts).all(|(t, part)| part.takes(*t, bindings))
    }
}

/// What the expressions of a clause refer to.
struct Run<'a> {
    bindings: &'a [Term],
    order: &'a [usize],
    whole: Term,
    actions: Option<&'a dyn Actions>,
    in_body: bool,
}

/// Whether a term matches; `bindings`: the values of the variables by place.
fn matches(pattern: &[Step], term: Term, bindings: &mut [Term]) -> bool {
    let mut left: SmallVec<[Term; 16]> = SmallVec::new();
    left.push(term);
    for step in pattern {
        let Some(term) = left.pop() else { crate::bug!("a pattern with more steps than parts") };
        match step {
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
            leaf => {
                if !leaf.takes(term, bindings) {
                    return false;
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

/// The value of an expression as a term of the caller's heap; `Err`: it fails.
fn copied(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    match e {
        Expression::Bindings => {
            let values: SmallVec<[Term; 8]> = run.order.iter().map(|at| cx.copy(run.bindings[*at])).collect();
            Ok(cx.list(&values))
        }
        // What it is made of is copied, and not once more as a whole.
        Expression::Tuple(elements) => {
            let mut values: SmallVec<[Term; 8]> = SmallVec::new();
            for e in elements {
                values.push(copied(cx, e, run)?);
            }
            Ok(cx.tuple(&values))
        }
        _ => {
            let value = evaluate(cx, e, run)?;
            Ok(if value.is_immediate() { value } else { copy::copy_into(value, cx) })
        }
    }
}

/// `decl` called with values.
#[inline]
fn call(cx: &mut Cx<'_>, decl: &Decl, args: &[Term]) -> Result<Term, Stop> {
    let process = cx.process;
    (decl.run)(&mut Cx::new(cx.own, process, args))
}

/// The value of an expression; `Err`: it fails.
#[inline]
fn evaluate(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    match e {
        Expression::Constant(term) => Ok(*term),
        Expression::Variable(at) => Ok(run.bindings[*at]),
        Expression::Whole => Ok(run.whole),
        Expression::Compare(how, both) => {
            let (a, b) = (operand(cx, &both.0, run)?, operand(cx, &both.1, run)?);
            Ok(Term::from_bool(how.holds(a, b)))
        }
        _ => evaluate_any(cx, e, run),
    }
}

/// The same within a comparison.
#[inline]
fn operand(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    match e {
        Expression::Constant(term) => Ok(*term),
        Expression::Variable(at) => Ok(run.bindings[*at]),
        _ => evaluate_any(cx, e, run),
    }
}

/// In a body a call that fails is no more than a value.
#[inline(never)]
fn evaluate_any(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    match evaluate_call(cx, e, run) {
        Err(_) if run.in_body => Ok(am::EXIT),
        other => other,
    }
}

fn evaluate_call(cx: &mut Cx<'_>, e: &Expression, run: &Run<'_>) -> Result<Term, Stop> {
    Ok(match e {
        Expression::Constant(_) | Expression::Variable(_) | Expression::Whole | Expression::Compare(..) => {
            return evaluate(cx, e, run);
        }
        Expression::Bindings => {
            let values: SmallVec<[Term; 8]> = run.order.iter().map(|at| run.bindings[*at]).collect();
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
        Expression::AndAlso(list) => short_circuit(cx, list, run, am::true_)?,
        Expression::OrElse(list) => short_circuit(cx, list, run, am::false_)?,
        Expression::Call(decl, args) => match &args[..] {
            [a] => {
                let a = evaluate(cx, a, run)?;
                call(cx, decl, &[a])?
            }
            [a, b] => {
                let (a, b) = (evaluate(cx, a, run)?, evaluate(cx, b, run)?);
                call(cx, decl, &[a, b])?
            }
            _ => {
                let args = each(cx, args, run)?;
                call(cx, decl, &args)?
            }
        },
        Expression::Action(action, args) => {
            let args = each(cx, args, run)?;
            match run.actions {
                Some(actions) => actions.act(cx, *action, &args)?,
                None => return cx.badarg(),
            }
        }
    })
}

/// The first value that is the other truth than `on`, or the last one, which may be anything.
fn short_circuit(cx: &mut Cx<'_>, list: &[Expression], run: &Run<'_>, on: Term) -> Result<Term, Stop> {
    let Some((last, before)) = list.split_last() else { return Ok(on) };
    for e in before {
        let value = evaluate(cx, e, run)?;
        if !value.is_boolean() {
            return cx.badarg();
        }
        if value != on {
            return Ok(value);
        }
    }
    evaluate(cx, last, run)
}

fn fold(cx: &mut Cx<'_>, values: &[Term], f: impl Fn(bool, bool) -> bool) -> Result<Term, Stop> {
    let mut result = None;
    for value in values {
        let Some(b) = value.as_bool() else { return cx.badarg() };
        result = Some(result.map_or(b, |r| f(r, b)));
    }
    Ok(Term::from_bool(result.unwrap_or(false)))
}
