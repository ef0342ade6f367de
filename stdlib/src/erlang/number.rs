//! Numbers to and from text.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::heap::number::{self, ArithError};
use glulam_vm::term::float;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:integer_to_list/1    Normal => integer_to_list;
    /// In a base from 2 to 36.
    erlang:integer_to_list/2    Normal => integer_to_list;
    erlang:integer_to_binary/1  Normal => integer_to_binary;
    erlang:integer_to_binary/2  Normal => integer_to_binary;
    erlang:list_to_integer/1    Normal => list_to_integer;
    erlang:list_to_integer/2    Normal => list_to_integer;
    erlang:binary_to_integer/1  Normal => binary_to_integer;
    erlang:binary_to_integer/2  Normal => binary_to_integer;
    erlang:float_to_list/1      Normal => float_to_list;
    erlang:float_to_list/2      Normal => float_to_list;
    erlang:float_to_binary/1    Normal => float_to_binary;
    erlang:float_to_binary/2    Normal => float_to_binary;
    erlang:list_to_float/1      Normal => list_to_float;
    erlang:binary_to_float/1    Normal => binary_to_float;
    /// The integer a list starts with, and what follows it.
    string:list_to_integer/1    Normal => leading_integer;
    /// The float a list starts with, and what follows it.
    string:list_to_float/1      Normal => leading_float;
}

/// Digits handled for one reduction.
const DIGITS_PER_REDUCTION: usize = 100;

/// The base in the second argument, 10 if there is none.
fn base(cx: &Cx<'_>) -> Option<u32> {
    match cx.args().get(1) {
        None => Some(10),
        Some(base) => base.as_small().filter(|n| (2..=36).contains(n)).map(|n| n as u32),
    }
}

/// Conversion takes the square of the length, or nearly so.
fn charge_digits(cx: &mut Cx<'_>, digits: usize) {
    cx.charge(digits / DIGITS_PER_REDUCTION);
}

fn integer_text(cx: &mut Cx<'_>) -> Option<String> {
    let text = number::to_text(cx.arg(0), base(cx)?)?;
    charge_digits(cx, text.len());
    Some(text)
}

fn integer_to_list(cx: &mut Cx<'_>) -> Outcome {
    match integer_text(cx) {
        Some(text) => Ok(cx.byte_list(text.as_bytes())),
        None => cx.badarg(),
    }
}

fn integer_to_binary(cx: &mut Cx<'_>) -> Outcome {
    match integer_text(cx) {
        Some(text) => Ok(cx.binary_from(text.into_bytes())),
        None => cx.badarg(),
    }
}

fn parse(cx: &mut Cx<'_>, text: Option<Vec<u8>>) -> Outcome {
    let (Some(text), Some(base)) = (text, base(cx)) else { return cx.badarg() };
    charge_digits(cx, text.len());
    match number::parse_integer(&text, base, cx) {
        Ok(integer) => Ok(integer),
        Err(ArithError::Badarith) => cx.badarg(),
        Err(ArithError::SystemLimit) => cx.system_limit(),
    }
}

/// The bytes of a proper list of them.
pub(super) fn bytes_of(list: Term) -> Option<Vec<u8>> {
    let mut elements = list.list();
    let byte = |t: Term| t.as_small().and_then(|n| u8::try_from(n).ok());
    let bytes = elements.by_ref().map(byte).collect::<Option<Vec<u8>>>()?;
    elements.rest().is_nil().then_some(bytes)
}

fn list_to_integer(cx: &mut Cx<'_>) -> Outcome {
    let text = bytes_of(cx.arg(0));
    parse(cx, text)
}

fn binary_to_integer(cx: &mut Cx<'_>) -> Outcome {
    let text = cx.arg(0).as_binary().map(|bits| bits.to_bytes().into_owned());
    parse(cx, text)
}

/// A float as its options say; the last one that names a form wins.
fn float_text(cx: &Cx<'_>) -> Option<String> {
    enum Form {
        Scientific(i32),
        Fixed(i32),
        Short,
    }
    let value = cx.arg(0).as_float()?;
    let mut form = Form::Scientific(float::DECIMALS);
    let mut compact = false;
    for option in cx.args().get(1).map_or(Some(Vec::new()), |options| options.proper_list())? {
        match option {
            am::compact => compact = true,
            am::short => form = Form::Short,
            _ => {
                let [name, decimals] = option.as_tuple_of::<2>()?;
                let decimals = decimals.as_small()? as i32;
                form = match name {
                    am::decimals => Form::Fixed(decimals),
                    am::scientific => Form::Scientific(decimals),
                    _ => return None,
                };
            }
        }
    }
    match form {
        Form::Scientific(decimals) => float::scientific(value, decimals),
        Form::Fixed(decimals) => float::fixed(value, decimals, compact),
        Form::Short => Some(float::short(value)),
    }
}

fn float_to_list(cx: &mut Cx<'_>) -> Outcome {
    match float_text(cx) {
        Some(text) => Ok(cx.byte_list(text.as_bytes())),
        None => cx.badarg(),
    }
}

fn float_to_binary(cx: &mut Cx<'_>) -> Outcome {
    match float_text(cx) {
        Some(text) => Ok(cx.binary(text.as_bytes())),
        None => cx.badarg(),
    }
}

fn list_to_float(cx: &mut Cx<'_>) -> Outcome {
    match bytes_of(cx.arg(0)).and_then(|text| float::parse(&text)) {
        Some(value) => Ok(cx.float(value)),
        None => cx.badarg(),
    }
}

fn binary_to_float(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_binary().and_then(|bits| float::parse(&bits.to_bytes())) {
        Some(value) => Ok(cx.float(value)),
        None => cx.badarg(),
    }
}

fn no(cx: &mut Cx<'_>, reason: Term) -> Outcome {
    Ok(cx.tuple(&[am::error, reason]))
}

/// The bytes a list starts with, as long as `part` takes them.
fn leading(list: Term, part: impl Fn(u8) -> bool) -> Vec<u8> {
    list.list()
        .map_while(|t| t.as_small().and_then(|n| u8::try_from(n).ok()).filter(|&byte| part(byte)))
        .collect()
}

/// What is left of a list behind its first `count` elements.
fn behind(list: Term, count: usize) -> Term {
    let mut elements = list.list();
    elements.by_ref().take(count).for_each(drop);
    elements.rest()
}

fn leading_integer(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if list.is_nil() {
        return no(cx, am::no_integer);
    }
    if !list.is_cons() {
        return no(cx, am::not_a_list);
    }
    let text = leading(list, |b| b.is_ascii_digit() || b == b'-' || b == b'+');
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let digits = text[sign..].iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return no(cx, am::no_integer);
    }
    charge_digits(cx, digits);
    match number::parse_integer(&text[..sign + digits], 10, cx) {
        Ok(integer) => Ok(cx.tuple(&[integer, behind(list, sign + digits)])),
        Err(_) => cx.system_limit(),
    }
}

fn leading_float(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    if list.is_nil() {
        return no(cx, am::no_float);
    }
    if !list.is_cons() {
        return no(cx, am::not_a_list);
    }
    let text = leading(list, |b| b.is_ascii_digit() || b"+-.,eE".contains(&b));
    let length = float::prefix(&text);
    match float::parse(&text[..length]) {
        Some(value) => {
            let value = cx.float(value);
            Ok(cx.tuple(&[value, behind(list, length)]))
        }
        None => no(cx, am::no_float),
    }
}
