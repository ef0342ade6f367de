//! `math`: functions of floats. What is no number is `badarg`; an argument too large for a
//! float, and a result that is no number or out of range, `badarith`.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, number};
use glulam_vm::{am, bifs};

bifs! {
    math:acos/1   Normal => acos;
    math:acosh/1  Normal => acosh;
    math:asin/1   Normal => asin;
    math:asinh/1  Normal => asinh;
    math:atan/1   Normal => atan;
    math:atan2/2  Normal => atan2;
    math:atanh/1  Normal => atanh;
    math:ceil/1   Normal => ceil;
    math:cos/1    Normal => cos;
    math:cosh/1   Normal => cosh;
    math:erf/1    Normal => erf;
    math:erfc/1   Normal => erfc;
    math:exp/1    Normal => exp;
    math:floor/1  Normal => floor;
    math:fmod/2   Normal => fmod;
    math:log/1    Normal => log;
    math:log10/1  Normal => log10;
    math:log2/1   Normal => log2;
    math:pow/2    Normal => pow;
    math:sin/1    Normal => sin;
    math:sinh/1   Normal => sinh;
    math:sqrt/1   Normal => sqrt;
    math:tan/1    Normal => tan;
    math:tanh/1   Normal => tanh;
}

fn apply<const N: usize>(cx: &mut Cx<'_>, function: impl Fn([f64; N]) -> f64) -> Outcome {
    let mut values = [0.0; N];
    for (value, argument) in values.iter_mut().zip(cx.args()) {
        match number::to_f64(*argument) {
            Some(number) => *value = number,
            None if argument.is_number() => return cx.error(am::badarith),
            None => return cx.badarg(),
        }
    }
    let result = function(values);
    if result.is_finite() { Ok(cx.float(result)) } else { cx.error(am::badarith) }
}

macro_rules! functions {
    ($($name:ident)*) => { $(
        fn $name(cx: &mut Cx<'_>) -> Outcome {
            apply(cx, |[x]| glulam_vm::base::math::$name(x))
        }
    )* };
}

functions! {
    acos acosh asin asinh atan atanh cos cosh erf erfc exp log log10 log2 sin sinh sqrt tan tanh
}

fn ceil(cx: &mut Cx<'_>) -> Outcome {
    apply(cx, |[x]| x.ceil())
}

fn floor(cx: &mut Cx<'_>) -> Outcome {
    apply(cx, |[x]| x.floor())
}

fn atan2(cx: &mut Cx<'_>) -> Outcome {
    apply(cx, |[y, x]| glulam_vm::base::math::atan2(y, x))
}

fn fmod(cx: &mut Cx<'_>) -> Outcome {
    apply(cx, |[x, y]| x % y)
}

fn pow(cx: &mut Cx<'_>) -> Outcome {
    apply(cx, |[x, y]| glulam_vm::base::math::pow(x, y))
}
