use super::*;
use crate::heap::Fragment;
use crate::term::cmp;

fn int(text: &str, f: &mut Fragment) -> Term {
    parse_integer(text.as_bytes(), 10, f).unwrap()
}

/// Numbers around every edge of representation.
fn samples(f: &mut Fragment) -> Vec<i128> {
    let _ = f;
    let mut all = Vec::new();
    for bits in [0u32, 1, 2, 31, 32, 33, 58, 59, 60, 61, 62, 63, 64] {
        for offset in [-2i128, -1, 0, 1, 2] {
            let n = (1i128 << bits) + offset;
            all.extend([n, -n]);
        }
    }
    all
}

#[test]
fn integers_agree_with_wide_machine_integers() {
    let mut f = Fragment::new(4_000_000);
    let all = samples(&mut f);
    let check = |name: &str, got: Number, want: i128, f: &mut Fragment| {
        let want = f.i128(want);
        assert!(got.is_ok_and(|got| cmp::eq_exact(got, want)), "{name}");
    };
    for &x in &all {
        for &y in &all {
            let (a, b) = (f.i128(x), f.i128(y));
            let name = format!("{x} {y}");
            let got = add(a, b, &mut f);
            check(&name, got, x + y, &mut f);
            let got = sub(a, b, &mut f);
            check(&name, got, x - y, &mut f);
            if let Some(product) = x.checked_mul(y) {
                let got = mul(a, b, &mut f);
                check(&name, got, product, &mut f);
            }
            if y == 0 {
                assert_eq!(div(a, b, &mut f), Err(Badarith));
                assert_eq!(rem(a, b, &mut f), Err(Badarith));
            } else {
                let got = div(a, b, &mut f);
                check(&name, got, x / y, &mut f);
                let got = rem(a, b, &mut f);
                check(&name, got, x % y, &mut f);
            }
            let got = band(a, b, &mut f);
            check(&name, got, x & y, &mut f);
            let got = bor(a, b, &mut f);
            check(&name, got, x | y, &mut f);
            let got = bxor(a, b, &mut f);
            check(&name, got, x ^ y, &mut f);
            assert_eq!(cmp::compare(a, b), x.cmp(&y), "{name}");
            if y.unsigned_abs() < 60 {
                let shifted = |left: bool| if left { x << y.unsigned_abs() } else { x >> y.unsigned_abs() };
                let got = bsl(a, b, &mut f);
                check(&name, got, shifted(y >= 0), &mut f);
                let got = bsr(a, b, &mut f);
                check(&name, got, shifted(y < 0), &mut f);
            }
        }
        let a = f.i128(x);
        let got = bnot(a, &mut f);
        check("bnot", got, !x, &mut f);
        let got = neg(a, &mut f);
        check("neg", got, -x, &mut f);
        let got = abs(a, &mut f);
        check("abs", got, x.abs(), &mut f);
        for base in [2, 3, 7, 10, 16, 36] {
            let text = to_text(a, base).unwrap();
            let back = parse_integer(text.as_bytes(), base, &mut f);
            check(&text, back, x, &mut f);
            if base == 10 {
                assert_eq!(text, x.to_string());
            }
        }
    }
}

#[test]
fn long_numbers_hold_their_laws() {
    let mut f = Fragment::new(4_000_000);
    for limbs in [3, 9, 30, 200] {
        let words = |seed: u64| -> Vec<u64> {
            (1..=limbs).map(|i| (i as u64 + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
        };
        let (a, b) = (f.big(false, &words(1)), f.big(true, &words(7)[..limbs / 2 + 1]));
        let q = div(a, b, &mut f).unwrap();
        let r = rem(a, b, &mut f).unwrap();
        let back = mul(q, b, &mut f).unwrap();
        let back = add(back, r, &mut f).unwrap();
        assert!(cmp::eq_exact(back, a));
        let square = mul(a, a, &mut f).unwrap();
        let root = div(square, a, &mut f).unwrap();
        assert!(cmp::eq_exact(root, a));
        let text = to_text(b, 10).unwrap();
        assert!(cmp::eq_exact(int(&text, &mut f), b));
    }
    let limit = Term::small(64 * MAX_LIMBS as i64);
    assert_eq!(bsl(Term::small(1), limit, &mut f), Err(SystemLimit));
    let less = Term::small(64 * MAX_LIMBS as i64 - 1);
    assert!(bsl(Term::small(1), less, &mut f).is_ok());
    let huge = f.big(false, &[0, 1]);
    assert_eq!(bsl(Term::small(1), huge, &mut f), Err(SystemLimit));
    assert_eq!(bsl(Term::ZERO, huge, &mut f), Ok(Term::ZERO));
    assert_eq!(bsr(Term::small(-1), huge, &mut f), Ok(Term::small(-1)));
    assert_eq!(bsr(huge, huge, &mut f), Ok(Term::ZERO));
}

#[test]
fn integers_and_floats_meet_by_value() {
    let mut f = Fragment::new(10_000);
    let two_53 = 9_007_199_254_740_992.0;
    let cases: [(&str, f64, std::cmp::Ordering); 9] = [
        ("9007199254740993", two_53, std::cmp::Ordering::Greater),
        ("9007199254740991", two_53, std::cmp::Ordering::Less),
        ("9007199254740992", two_53, std::cmp::Ordering::Equal),
        ("9223372036854775807", 9_223_372_036_854_775_808.0, std::cmp::Ordering::Less),
        ("9223372036854775808", 9_223_372_036_854_775_808.0, std::cmp::Ordering::Equal),
        ("-9223372036854775809", -9_223_372_036_854_775_808.0, std::cmp::Ordering::Less),
        ("100000000000000000000000", 1e23, std::cmp::Ordering::Greater),
        ("99999999999999991611392", 1e23, std::cmp::Ordering::Equal),
        ("4611686018427387904", 4.5, std::cmp::Ordering::Greater),
    ];
    for (text, float, want) in cases {
        let (a, b) = (int(text, &mut f), f.float(float));
        assert_eq!(cmp::compare(a, b), want, "{text}");
        assert_eq!(cmp::compare(b, a), want.reverse(), "{text}");
        assert_eq!(cmp::eq(a, b), want.is_eq());
        assert!(cmp::cmp_exact(a, b).is_lt() && !cmp::eq_exact(a, b));
    }
    // As `erl` rounds.
    let long = int("36893488147419107329", &mut f);
    assert_eq!(big_to_f64(long), Some(36_893_488_147_419_111_424.0));
    let text = "1".to_owned() + &"0".repeat(308);
    let max = int(&text, &mut f);
    assert_eq!(big_to_f64(max), Some(1e308));
    let over = mul(max, Term::small(10), &mut f).unwrap();
    let one = f.float(1.0);
    assert_eq!(add(over, one, &mut f), Err(Badarith));
    let large = f.float(1e23);
    let whole = trunc(large, &mut f).unwrap();
    assert_eq!(to_text(whole, 10).unwrap(), "99999999999999991611392");
}
