//! From the term of a specification to its form, and what is wrong with it.

use super::{Action, BadSpec, Clause, Comparison, Dialect, Expression, MatchSpec, Pattern, Step};
use crate::am;
use crate::bif::{Decl, lookup};
use crate::term::print::to_string;
use crate::term::{Term, View};

/// The number of a variable: `'$0'` to `'$100000000'`.
fn variable(term: Term) -> Option<usize> {
    let name = term.as_atom()?.name();
    let digits = name.strip_prefix('$')?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    digits.parse().ok().filter(|n| *n <= 100_000_000)
}

/// A specification while it is compiled.
struct Compiler {
    dialect: Dialect,
    /// Variables in the order in which they first appear.
    numbers: Vec<usize>,
    /// Those of this clause.
    bound: Vec<usize>,
    in_guard: bool,
    /// How deep the expression is that is looked at.
    depth: usize,
    bad: BadSpec,
}

/// Expressions may be nested so deeply, as on OTP, where it follows from the size of a thread's stack.
const DEEPEST: usize = 3190;
/// A fault that quotes a term that may be anything is no longer than that.
const LONGEST_FAULT: usize = 99;

/// What stands for something that is wrong, so that the rest is looked at, too.
const NOTHING: Expression = Expression::Constant(Term::NIL);

/// Compiles `[{Head, Guards, Body}, ...]`; or says all that is wrong with it.
pub(super) fn compile(spec: Term, dialect: Dialect) -> Result<MatchSpec, BadSpec> {
    let bad = |fault: &str| BadSpec { faults: vec![fault.into()], too_deep: false };
    let mut c = Compiler::new(dialect);
    if !spec.is_cons() {
        return Err(bad("Match programs are not in a list."));
    }
    let Some(list) = spec.proper_list() else { return Err(bad("Match programs are not in a proper list.")) };
    let mut clauses = Vec::new();
    for clause in list {
        // The form must be right for the rest to be looked at.
        match c.clause(clause) {
            Some(clause) => clauses.push(clause),
            None => break,
        }
    }
    if c.bad.faults.is_empty() { Ok(MatchSpec { clauses, variables: c.numbers.len() }) } else { Err(c.bad) }
}

/// The pattern of `ets:match/2` and its like.
pub(super) fn head(head: Term) -> Result<(Pattern, Vec<usize>), BadSpec> {
    let mut c = Compiler::new(Dialect::Table);
    let pattern = c.pattern(head);
    if c.bad.faults.is_empty() { Ok((pattern, c.numbers)) } else { Err(c.bad) }
}

/// Makes constants of composites without variables and maps (a map takes every one that has its pairs); each
/// step comes with its term.
fn folded(found: Vec<(Step, Term)>) -> Pattern {
    // Of the pattern that begins at each step: where it ends, and whether it is a constant.
    let mut known = vec![(0, false); found.len()];
    // The patterns behind the step looked at that belong to none between, the nearest last.
    let mut behind: Vec<usize> = Vec::new();
    for (at, (step, _)) in found.iter().enumerate().rev() {
        let (mut end, mut constant) = (at + 1, !matches!(step, Step::Any | Step::Variable(_) | Step::Again(_) | Step::Map(_)));
        for part in behind.drain(behind.len() - step.parts()..).rev() {
            end = known[part].0;
            constant &= known[part].1;
        }
        known[at] = (end, constant);
        behind.push(at);
    }
    let mut steps = Vec::new();
    let mut next = 0;
    for (at, (step, term)) in found.into_iter().enumerate() {
        if at == next {
            let (end, constant) = known[at];
            next = if constant { end } else { at + 1 };
            steps.push(if constant { Step::Constant(term) } else { step });
        }
    }
    steps
}

/// Guards that OTP 25 does not have in specifications.
fn is_no_guard_here(decl: &Decl) -> bool {
    matches!(
        (decl.function, decl.arity),
        ("ceil" | "floor" | "is_bitstring" | "is_boolean" | "tuple_size", 1) | ("is_function" | "is_record", 2)
    )
}

impl Compiler {
    fn new(dialect: Dialect) -> Compiler {
        let bad = BadSpec { faults: Vec::new(), too_deep: false };
        Compiler { dialect, numbers: Vec::new(), bound: Vec::new(), in_guard: false, depth: 0, bad }
    }

    fn fault(&mut self, what: String) -> Expression {
        self.bad.faults.push(what);
        NOTHING
    }

    fn clause(&mut self, clause: Term) -> Option<Clause> {
        let Some([head, guards, body]) = clause.as_tuple_of() else {
            self.fault("Match program part is not a tuple of arity 3.".into());
            return None;
        };
        self.bound.clear();
        let is_head = match self.dialect {
            Dialect::Table => true,
            Dialect::Call | Dialect::Event => head.is_list() || head == am::underscore || variable(head).is_some(),
        };
        if !is_head {
            self.fault("Match head is invalid in this context.".into());
            return None;
        }
        let pattern = self.pattern(head);
        self.in_guard = true;
        let guards = self.all(guards);
        self.in_guard = false;
        let (Some(body), Some(guards)) = (self.all(body), guards) else { return None };
        if body.is_empty() && self.dialect == Dialect::Table {
            self.fault("Body clause does not return anything.".into());
        }
        Some(Clause::new(pattern, head, guards, body, &self.numbers))
    }

    fn all(&mut self, list: Term) -> Option<Vec<Expression>> {
        if !list.is_list() {
            self.fault("Match expression is not a list.".into());
            return None;
        }
        let Some(list) = list.proper_list() else {
            self.fault("Match expression is not a proper list.".into());
            return None;
        };
        Some(self.each(&list))
    }

    fn each(&mut self, list: &[Term]) -> Vec<Expression> {
        list.iter().map(|e| self.expression(*e)).collect()
    }

    fn pattern(&mut self, root: Term) -> Pattern {
        let mut found = Vec::new();
        let mut left = vec![root];
        while let Some(term) = left.pop() {
            let step = match term.view() {
                _ if let Some(n) = variable(term) => self.variable(n),
                View::Atom(_) if term == am::underscore => Step::Any,
                View::Cons(cell) => {
                    left.extend([cell.tail(), cell.head()]);
                    Step::Cons
                }
                View::Tuple(tuple) => {
                    left.extend(tuple.as_slice().iter().rev());
                    Step::Tuple(tuple.arity())
                }
                View::Map(map) => {
                    let (keys, values): (Vec<Term>, Vec<Term>) = map.iter().map(|(k, v)| (self.key(k), v)).unzip();
                    left.extend(values.into_iter().rev());
                    Step::Map(keys)
                }
                _ => Step::Constant(term),
            };
            found.push((step, term));
        }
        folded(found)
    }

    /// A variable in a head.
    fn variable(&mut self, number: usize) -> Step {
        let at = self.numbers.iter().position(|n| *n == number).unwrap_or_else(|| {
            self.numbers.push(number);
            self.numbers.len() - 1
        });
        if self.bound.contains(&number) {
            return Step::Again(at);
        }
        self.bound.push(number);
        Step::Variable(at)
    }

    /// A key of a map in a head: as it stands.
    fn key(&mut self, term: Term) -> Term {
        if variable(term).is_some() {
            self.fault("Variable found in map key.".into());
        } else if term == am::underscore {
            self.fault("Underscore found in map key.".into());
        }
        term
    }

    fn expression(&mut self, term: Term) -> Expression {
        if self.depth == DEEPEST {
            let mut fault = format!("Excessive nesting; system limit reached near: {}", to_string(term));
            fault.truncate(fault.floor_char_boundary(LONGEST_FAULT));
            self.bad.too_deep = true;
            return self.fault(fault);
        }
        self.depth += 1;
        let expression = self.expression_within(term);
        self.depth -= 1;
        expression
    }

    fn expression_within(&mut self, term: Term) -> Expression {
        if let Some(n) = variable(term) {
            return match self.numbers.iter().position(|m| *m == n).filter(|_| self.bound.contains(&n)) {
                Some(at) => Expression::Variable(at),
                None => self.fault(format!("Variable ${n} is unbound.")),
            };
        }
        match term.view() {
            View::Atom(_) if term == am::dollar_underscore => Expression::Whole,
            View::Atom(_) if term == am::dollar_dollar => Expression::Bindings,
            View::Cons(cell) => {
                let both = (self.expression(cell.head()), self.expression(cell.tail()));
                Expression::Cons(Box::new(both))
            }
            View::Map(map) => {
                Expression::Map(map.iter().map(|(k, v)| (self.expression(k), self.expression(v))).collect())
            }
            View::Tuple(tuple) => match *tuple.as_slice() {
                [one] if one.as_tuple().is_some() => {
                    let inner: Vec<Term> = one.as_tuple().map_or_else(Vec::new, |t| t.iter().collect());
                    Expression::Tuple(self.each(&inner))
                }
                [am::const_, value] => Expression::Constant(value),
                [am::const_, ..] => {
                    let what = to_string(term);
                    self.fault(format!("Special form 'const' called with more than one argument in {what}."))
                }
                [name, ref args @ ..] if name.is_atom() => self.call(term, name, args),
                _ => {
                    let what = to_string(term);
                    self.fault(format!(
                        "{what} is neither a function call, nor a tuple (tuples are written {{{{ ... }}}})."
                    ))
                }
            },
            _ => Expression::Constant(term),
        }
    }

    fn call(&mut self, term: Term, name: Term, args: &[Term]) -> Expression {
        let (count, shown) = (args.len(), || to_string(name));
        match name {
            am::and | am::or if count >= 2 => {
                let all = self.each(args);
                if name == am::and { Expression::And(all) } else { Expression::Or(all) }
            }
            am::andalso if count >= 1 => Expression::AndAlso(self.each(args)),
            am::orelse if count >= 1 => Expression::OrElse(self.each(args)),
            am::and | am::or | am::andalso | am::orelse => {
                let what = format!("Special form '{}' called without arguments in {}.", shown(), to_string(term));
                self.fault(what)
            }
            am::self_ if count == 0 => Expression::SelfPid,
            am::self_ => {
                let what = format!("Special form 'self' called with arguments in {}.", to_string(term));
                self.fault(what)
            }
            _ => {
                if let Some(action) = Action::of(name) {
                    return self.action(term, name, action, args);
                }
                let decl = u8::try_from(count).ok().and_then(|n| lookup(am::erlang.atom(), name.atom(), n));
                match (Comparison::of(name), args, decl) {
                    (Some(how), [a, b], _) => {
                        Expression::Compare(how, Box::new((self.expression(*a), self.expression(*b))))
                    }
                    (_, _, Some(decl)) if decl.guard && !is_no_guard_here(decl) => Expression::Call(decl, self.each(args)),
                    _ => self.fault(format!("Function {}/{count} does_not_exist.", shown())),
                }
            }
        }
    }

    /// What a specification for traces does besides matching.
    fn action(&mut self, term: Term, name: Term, action: Action, args: &[Term]) -> Expression {
        let name = to_string(name);
        let only_calls = matches!(
            action,
            Action::ReturnTrace | Action::ExceptionTrace | Action::Caller | Action::CallerLine | Action::CurrentStacktrace
        );
        let fault = if self.dialect == Dialect::Table {
            format!("Special form '{name}' used in wrong dialect.")
        } else if only_calls && self.dialect != Dialect::Call {
            format!("Special form '{name}' not allow for this trace event.")
        } else if self.in_guard && !matches!(action, Action::IsSeqTrace | Action::GetTcw) {
            format!("Special form '{name}' called in guard context.")
        } else if !action.arities().contains(&args.len()) {
            let count = if action.arities() == [0] { "arguments" } else { "wrong number of arguments" };
            format!("Special form '{name}' called with {count} in {}.", to_string(term))
        } else {
            return Expression::Action(action, self.each(args));
        };
        self.fault(fault)
    }
}
