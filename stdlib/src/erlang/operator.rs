//! Operators as functions: arithmetic, comparison, logic.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::number::{self, ArithError, Number};
use glulam_vm::term::cmp;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:"+"/1        Normal guard => plus_1;
    erlang:"-"/1        Normal guard => minus_1;
    erlang:"+"/2        Normal guard => plus;
    erlang:"-"/2        Normal guard => minus;
    erlang:"*"/2        Normal guard => times;
    erlang:"/"/2        Normal guard => divide;
    erlang:div/2        Normal guard => div;
    erlang:rem/2        Normal guard => rem;
    erlang:band/2       Normal guard => band;
    erlang:bor/2        Normal guard => bor;
    erlang:bxor/2       Normal guard => bxor;
    erlang:bsl/2        Normal guard => bsl;
    erlang:bsr/2        Normal guard => bsr;
    erlang:bnot/1       Normal guard => bnot;
    erlang:"=="/2       Normal guard => equal;
    erlang:"/="/2       Normal guard => not_equal;
    erlang:"=:="/2      Normal guard => exactly_equal;
    erlang:"=/="/2      Normal guard => not_exactly_equal;
    erlang:"<"/2        Normal guard => less;
    erlang:"=<"/2       Normal guard => not_greater;
    erlang:">"/2        Normal guard => greater;
    erlang:">="/2       Normal guard => not_less;
    erlang:and/2        Normal guard => and;
    erlang:or/2         Normal guard => or;
    erlang:xor/2        Normal guard => xor;
    erlang:not/1        Normal guard => not;
    erlang:abs/1        Normal guard => abs;
    erlang:float/1      Normal guard => float;
    erlang:trunc/1      Normal guard => trunc;
    erlang:round/1      Normal guard => round;
    erlang:floor/1      Normal guard => floor;
    erlang:ceil/1       Normal guard => ceil;
    /// Below, at or above 0: the order in which maps keep their keys.
    erts_internal:cmp_term/2  Normal => cmp_term;
}

/// The result of arithmetic as a native's.
fn outcome(cx: &mut Cx<'_>, result: Number) -> Outcome {
    match result {
        Ok(term) => Ok(term),
        Err(ArithError::Badarith) => cx.error(am::badarith),
        Err(ArithError::SystemLimit) => cx.system_limit(),
    }
}

/// Limbs of the longer operand handled for one reduction.
const LIMBS_PER_REDUCTION: usize = 64;

fn binary(cx: &mut Cx<'_>, op: fn(Term, Term, &mut Cx<'_>) -> Number) -> Outcome {
    let [a, b] = cx.take();
    for operand in [a, b] {
        if let Some(big) = operand.as_big() {
            cx.charge(big.limbs().len() / LIMBS_PER_REDUCTION);
        }
    }
    let result = op(a, b, cx);
    outcome(cx, result)
}

fn plus_1(cx: &mut Cx<'_>) -> Outcome {
    let result = number::plus(cx.arg(0));
    outcome(cx, result)
}

fn minus_1(cx: &mut Cx<'_>) -> Outcome {
    let result = number::neg(cx.arg(0), cx);
    outcome(cx, result)
}

fn bnot(cx: &mut Cx<'_>) -> Outcome {
    let result = number::bnot(cx.arg(0), cx);
    outcome(cx, result)
}

macro_rules! binaries {
    ($($name:ident = $op:ident;)*) => { $(
        fn $name(cx: &mut Cx<'_>) -> Outcome {
            binary(cx, |a, b, cx| number::$op(a, b, cx))
        }
    )* };
}

binaries! {
    plus = add;
    minus = sub;
    times = mul;
    divide = divide;
    div = div;
    rem = rem;
    band = band;
    bor = bor;
    bxor = bxor;
    bsl = bsl;
    bsr = bsr;
}

macro_rules! comparisons {
    ($($name:ident = |$a:ident, $b:ident| $result:expr;)*) => { $(
        fn $name(cx: &mut Cx<'_>) -> Outcome {
            let [$a, $b] = cx.take();
            Ok(Term::from_bool($result))
        }
    )* };
}

comparisons! {
    equal = |a, b| cmp::eq(a, b);
    not_equal = |a, b| !cmp::eq(a, b);
    exactly_equal = |a, b| cmp::eq_exact(a, b);
    not_exactly_equal = |a, b| !cmp::eq_exact(a, b);
    less = |a, b| cmp::compare(a, b).is_lt();
    not_greater = |a, b| cmp::compare(a, b).is_le();
    greater = |a, b| cmp::compare(a, b).is_gt();
    not_less = |a, b| cmp::compare(a, b).is_ge();
}

fn logic(cx: &mut Cx<'_>, op: fn(bool, bool) -> bool) -> Outcome {
    let [a, b] = cx.take();
    match (a.as_bool(), b.as_bool()) {
        (Some(a), Some(b)) => Ok(Term::from_bool(op(a, b))),
        _ => cx.badarg(),
    }
}

fn and(cx: &mut Cx<'_>) -> Outcome {
    logic(cx, |a, b| a && b)
}

fn or(cx: &mut Cx<'_>) -> Outcome {
    logic(cx, |a, b| a || b)
}

fn xor(cx: &mut Cx<'_>) -> Outcome {
    logic(cx, |a, b| a != b)
}

fn not(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_bool() {
        Some(value) => Ok(Term::from_bool(!value)),
        None => cx.badarg(),
    }
}

/// A function of one number: anything else is a bad argument.
fn of_number(cx: &mut Cx<'_>, op: fn(Term, &mut Cx<'_>) -> Number) -> Outcome {
    match op(cx.arg(0), cx) {
        Ok(term) => Ok(term),
        Err(_) => cx.badarg(),
    }
}

fn abs(cx: &mut Cx<'_>) -> Outcome {
    of_number(cx, |a, cx| number::abs(a, cx))
}

fn trunc(cx: &mut Cx<'_>) -> Outcome {
    of_number(cx, |a, cx| number::trunc(a, cx))
}

fn round(cx: &mut Cx<'_>) -> Outcome {
    of_number(cx, |a, cx| number::round(a, cx))
}

fn floor(cx: &mut Cx<'_>) -> Outcome {
    of_number(cx, |a, cx| number::floor(a, cx))
}

fn ceil(cx: &mut Cx<'_>) -> Outcome {
    of_number(cx, |a, cx| number::ceil(a, cx))
}

fn float(cx: &mut Cx<'_>) -> Outcome {
    use glulam_vm::heap::Build;
    let number = cx.arg(0);
    if number.as_float().is_some() {
        return Ok(number);
    }
    match number::to_f64(number) {
        Some(value) => Ok(cx.float(value)),
        None => cx.badarg(),
    }
}

fn cmp_term(cx: &mut Cx<'_>) -> Outcome {
    let [a, b] = cx.take();
    Ok(Term::small(cmp::cmp_exact(a, b) as i64))
}
