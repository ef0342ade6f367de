//! Clocks and unique numbers.

use glulam_vm::base::time;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::reference;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:monotonic_time/0          Normal => monotonic_time;
    erlang:monotonic_time/1          Normal => monotonic_time_in;
    erlang:system_time/0             Normal => system_time;
    erlang:system_time/1             Normal => system_time_in;
    erlang:time_offset/0             Normal => time_offset;
    erlang:time_offset/1             Normal => time_offset_in;
    /// `{MegaSecs, Secs, MicroSecs}` of Erlang system time.
    erlang:timestamp/0               Normal => timestamp;
    /// The same, each call's later than the one's before.
    erlang:now/0                     Normal => now;
    erlang:unique_integer/0          Normal => unique_integer;
    erlang:unique_integer/1          Normal => unique_integer_with;
    /// A reference that no other is equal to.
    erlang:make_ref/0                Normal => make_ref;
    erts_internal:perf_counter_unit/0 Normal => perf_counter_unit;
}

const SECOND: i64 = 1_000_000_000;

/// Nanoseconds in a unit of time, rounded down. `None`: no unit.
pub(crate) fn in_unit(cx: &mut Cx<'_>, nanoseconds: i64, unit: Term) -> Option<Term> {
    let part = match unit {
        am::second | am::seconds => SECOND,
        am::millisecond | am::milli_seconds => 1_000_000,
        am::microsecond | am::micro_seconds => 1_000,
        am::nanosecond | am::nano_seconds | am::native | am::perf_counter => 1,
        _ => return parts_per_second(cx, nanoseconds, unit),
    };
    Some(cx.i64(nanoseconds.div_euclid(part)))
}

/// A unit given as parts of a second: any positive integer.
fn parts_per_second(cx: &mut Cx<'_>, nanoseconds: i64, unit: Term) -> Option<Term> {
    if let Some(parts) = unit.as_u64() {
        // Both are below 2^64: the product fits.
        let product = i128::from(nanoseconds) * i128::from(parts);
        return (parts > 0).then(|| cx.i128(product.div_euclid(i128::from(SECOND))));
    }
    let big = unit.as_big().filter(|big| !big.is_negative())?;
    let limbs = scaled(big.limbs(), nanoseconds);
    Some(cx.big(nanoseconds < 0, &limbs))
}

/// `limbs * |nanoseconds| / 10^9`, away from zero if negative: together with the sign, rounded down.
fn scaled(limbs: &[u64], nanoseconds: i64) -> Vec<u64> {
    let factor = u128::from(nanoseconds.unsigned_abs());
    let mut carry = 0u128;
    let mut product: Vec<u64> = Vec::with_capacity(limbs.len() + 2);
    for &limb in limbs {
        let sum = u128::from(limb) * factor + carry;
        product.push(sum as u64);
        carry = sum >> 64;
    }
    product.push(carry as u64);
    let mut rest = 0u128;
    for limb in product.iter_mut().rev() {
        let part = (rest << 64) | u128::from(*limb);
        *limb = (part / SECOND as u128) as u64;
        rest = part % SECOND as u128;
    }
    if nanoseconds < 0 && rest > 0 {
        for limb in &mut product {
            let (sum, over) = limb.overflowing_add(1);
            *limb = sum;
            if !over {
                break;
            }
        }
    }
    product
}

fn unit_result(cx: &mut Cx<'_>, nanoseconds: i64) -> Outcome {
    let unit = cx.arg(0);
    match in_unit(cx, nanoseconds, unit) {
        Some(time) => Ok(time),
        None => cx.badarg(),
    }
}

fn monotonic_time(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.i64(time::monotonic()))
}

fn monotonic_time_in(cx: &mut Cx<'_>) -> Outcome {
    unit_result(cx, time::monotonic())
}

fn system_time(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.i64(time::system()))
}

fn system_time_in(cx: &mut Cx<'_>) -> Outcome {
    unit_result(cx, time::system())
}

fn time_offset(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.i64(time::offset()))
}

fn time_offset_in(cx: &mut Cx<'_>) -> Outcome {
    unit_result(cx, time::offset())
}

fn triple(cx: &mut Cx<'_>, microseconds: i64) -> Outcome {
    let (seconds, micro) = (microseconds / 1_000_000, microseconds % 1_000_000);
    let parts = [seconds / 1_000_000, seconds % 1_000_000, micro].map(Term::small);
    Ok(cx.tuple(&parts))
}

fn timestamp(cx: &mut Cx<'_>) -> Outcome {
    triple(cx, time::system() / 1000)
}

fn now(cx: &mut Cx<'_>) -> Outcome {
    triple(cx, time::now_unique_micros())
}

fn unique_integer(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.i64(reference::unique_integer(false, false)))
}

fn unique_integer_with(cx: &mut Cx<'_>) -> Outcome {
    let (mut positive, mut monotonic) = (false, false);
    let mut options = cx.arg(0).list();
    for option in options.by_ref() {
        match option {
            am::positive => positive = true,
            am::monotonic => monotonic = true,
            _ => return cx.badarg(),
        }
    }
    if !options.rest().is_nil() {
        return cx.badarg();
    }
    Ok(cx.i64(reference::unique_integer(positive, monotonic)))
}

fn make_ref(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.reference(reference::fresh()))
}

fn perf_counter_unit(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::small(SECOND))
}
