//! Floats as text, both ways.

/// The longest text of a float, in bytes.
const LIMIT: usize = 255;

/// The default of `float_to_list/1`: 20 decimals and an exponent.
pub const DECIMALS: i32 = 20;

/// Shortest text that reads back as the same float.
pub fn short(value: f64) -> String {
    /// 2^53: from here on not every integer is a float, and no digit more is shown than counts.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let scientific = {
        let text = shortest(value);
        match text.split_once('e') {
            Some((digits, exponent)) if digits.contains('.') => format!("{digits}e{exponent}"),
            Some((digits, exponent)) => format!("{digits}.0e{exponent}"),
            None => text,
        }
    };
    if value == 0.0 || value.abs() < WHOLE {
        let decimal = format!("{value}");
        let decimal = if decimal.contains('.') { decimal } else { decimal + ".0" };
        if decimal.len() <= scientific.len() {
            return decimal;
        }
    }
    scientific
}

/// The shortest digits that read back as the same float, with an exponent. Of two that are equally
/// near, the even one.
fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let odd = digits.bytes().last().is_some_and(|digit| digit % 2 == 1);
    if !odd || decimals == 0 {
        return text;
    }
    // Half way between two: the digits go on with a 5, and then there are none.
    const ENOUGH: usize = 60;
    let exact = format!("{value:.0$e}", decimals + ENOUGH);
    let rest = exact.split_once('e').and_then(|(digits, _)| digits.get(digits.len() - ENOUGH..));
    let half = rest.is_some_and(|rest| rest.starts_with('5') && rest[1..].bytes().all(|d| d == b'0'));
    let even = exact.get(..digits.len()).map(|digits| format!("{digits}e{exponent}"));
    even.filter(|even| half && even.parse() == Ok(value)).unwrap_or(text)
}

/// One digit, so many decimals, an exponent; `None` if that is too long. Fewer than none are 6.
pub fn scientific(value: f64, decimals: i32) -> Option<String> {
    let decimals = usize::try_from(decimals).unwrap_or(6);
    if decimals > LIMIT {
        return None;
    }
    let text = format!("{value:.decimals$e}");
    let (digits, exponent) = text.split_once('e')?;
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    let text = format!("{digits}e{sign}{exponent:0>2}");
    (text.len() <= LIMIT).then_some(text)
}

/// So many decimals and no exponent; `compact` leaves out zeros at the end. `None` if that is too
/// long or `decimals` is negative.
pub fn fixed(value: f64, decimals: i32, compact: bool) -> Option<String> {
    /// Up to here digits are computed on integers, which rounds halves up.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    const MAX_DECIMALS: usize = 18;
    let decimals = usize::try_from(decimals).ok()?;
    if decimals > LIMIT {
        return None;
    }
    let magnitude = value.abs();
    if magnitude > EXACT || decimals > MAX_DECIMALS {
        let text = format!("{value:.decimals$}");
        // The length counts before anything is cut.
        return (text.len() <= LIMIT).then(|| if compact { without_zeros(text) } else { text });
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if decimals == 0 {
        return Some(format!("{sign}{}", magnitude.round() as u64));
    }
    let whole = magnitude.floor();
    let power = POWERS[decimals];
    let fraction = ((magnitude - whole) * power).round();
    let (whole, fraction) =
        if fraction >= power { (whole as u64 + 1, 0) } else { (whole as u64, fraction as u64) };
    let text = format!("{sign}{whole}.{fraction:0decimals$}");
    Some(if compact { without_zeros(text) } else { text })
}

/// Powers of ten as floats.
const POWERS: [f64; 19] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
];

fn without_zeros(mut text: String) -> String {
    text.truncate(text.trim_end_matches('0').len());
    if text.ends_with('.') {
        text.push('0');
    }
    text
}

/// How many bytes at the start of `text` look like a float: sign, digits, point or comma, digits,
/// and an exponent if it is whole. 0 if it does not start so.
pub fn prefix(text: &[u8]) -> usize {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = |at: usize| usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let start = sign(0);
    let whole = digits(start);
    let point = start + whole;
    if whole == 0 || !matches!(text.get(point), Some(b'.' | b',')) {
        return 0;
    }
    let decimals = digits(point + 1);
    if decimals == 0 {
        return 0;
    }
    let end = point + 1 + decimals;
    if !matches!(text.get(end), Some(b'e' | b'E')) {
        return end;
    }
    let exponent = end + 1 + sign(end + 1);
    match digits(exponent) {
        0 => end,
        n => exponent + n,
    }
}

/// The float that all of `text` is; `None` if it is none or out of range.
pub fn parse(text: &[u8]) -> Option<f64> {
    if text.is_empty() || prefix(text) != text.len() {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let value: f64 = match text.find(',') {
        Some(_) => text.replace(',', ".").parse().ok()?,
        None => text.parse().ok()?,
    };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that `erl` gives.
    #[test]
    fn texts_are_those_of_otp() {
        for text in [
            "0.0", "-0.0", "1.0", "10.0", "100.0", "1.0e3", "1.0e5", "123456.0", "1.0e15", "1.2345678901234568e17",
            "9.007199254740992e15", "9.007199254740994e15", "0.1", "0.0001", "1.0e-5", "1.23e-4", "5.0e-324",
            "1.7976931348623157e308", "123.456", "12345678.9", "4503599627370498.0", "0.3333333333333333", "2.5e22",
        ] {
            assert_eq!(short(parse(text.as_bytes()).unwrap()), text);
        }
        assert_eq!(scientific(1.5, DECIMALS).unwrap(), "1.50000000000000000000e+00");
        assert_eq!(scientific(7.0, -1).unwrap(), "7.000000e+00");
        assert_eq!(scientific(7.0, 0).unwrap(), "7e+00");
        assert_eq!(scientific(7.0e-112, 3).unwrap(), "7.000e-112");
        assert!(scientific(7.0e-12, 249).is_some() && scientific(7.0e-12, 250).is_none());
        let cases: [(f64, i32, bool, &str); 15] = [
            (1.5, 0, false, "2"),
            (2.5, 0, false, "3"),
            (0.5, 0, false, "1"),
            (7.12, 4, false, "7.1200"),
            (7.12, 4, true, "7.12"),
            (-7.0, 4, true, "-7.0"),
            (-0.0, 4, true, "-0.0"),
            (-0.0001, 2, false, "-0.00"),
            (1.0e22, 2, false, "10000000000000000000000.00"),
            (1.0e22, 20, true, "10000000000000000000000.0"),
            (1.0e22, 0, true, "1"),
            (1.0, 30, true, "1.0"),
            (0.1, 18, false, "0.100000000000000000"),
            (123456789.987654321, 17, false, "123456789.98765432834625248"),
            (9007199254740992.0, 3, false, "9007199254740992.000"),
        ];
        for (value, decimals, compact, text) in cases {
            assert_eq!(fixed(value, decimals, compact).as_deref(), Some(text));
        }
        assert!(fixed(1.0e300, 2, false).is_none() && fixed(7.0, -1, false).is_none());
        assert!(fixed(1.0, 253, false).is_some() && fixed(1.0, 254, false).is_none());
        for bad in ["", "1", "1.0e400", "1.e3", ".5", "1.5 ", " 1.5", "1.5e", "1.5e+", "-", "inf"] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(parse(b"1,5E+3"), Some(1500.0));
        assert_eq!(parse(b"1.0e-400"), Some(0.0));
        assert_eq!(prefix(b"1.5e+x"), 3);
    }
}
