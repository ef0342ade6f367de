//! Where PCRE2 reads a pattern differently from PCRE 8, a spelling that both read the same way:
//!
//! - `{,3}` and `{ 1, 3 }` are no quantifiers in PCRE 8 but literal text: the brace is escaped.
//! - A backslash before a letter of no meaning is dropped; in a class also before `A`, `B`, `C`, `G`,
//!   `K`, `R`, `X`, `Z`, `z`.
//! - In a class a hyphen behind `\d` and its like, or behind `[:name:]`, is itself: it is escaped.
//! - `\8` and `\9` are the digits unless there are so many groups before: the backslash is dropped.
//! - `\x` without digits is a zero, and `\c` takes characters that can't be printed too.
//! - `\p{Lu}` and its like regard case in PCRE 8 even where letters don't: they say so.
//! - `(*UTF8)` at the start is `(*UTF)` in PCRE2.
//!
//! What PCRE2 accepts and PCRE 8 doesn't is refused here: `(?^..)`, `(?n)`, `(?a)`, `(*word:..)`,
//! callouts with strings, quantifiers after `(*ACCEPT)`.

use super::errors::{CompileError, text_of};

/// A rewritten pattern.
pub(super) struct Rewritten {
    pub(super) pattern: Vec<u8>,
    /// Offsets in `pattern` behind which it is so many bytes longer (or, negative, shorter).
    changes: Vec<(usize, isize)>,
}

impl Rewritten {
    /// An offset in the rewritten pattern as one in the original.
    pub(super) fn original_offset(&self, offset: usize) -> usize {
        let moved: isize = self.changes.iter().filter(|c| c.0 < offset).map(|c| c.1).sum();
        offset.saturating_add_signed(-moved)
    }
}

/// Rewrites a pattern, or says what PCRE 8 would refuse.
pub(super) fn rewrite(original: &[u8], caseless: bool) -> Result<Rewritten, CompileError> {
    let out = Rewritten { pattern: Vec::with_capacity(original.len() + 8), changes: Vec::new() };
    let mut scan = Scan { original, at: 0, out, in_class: false, after_type: false, groups: 0, caseless };
    scan.settings();
    while scan.at < original.len() {
        scan.item()?;
    }
    Ok(scan.out)
}

struct Scan<'p> {
    original: &'p [u8],
    at: usize,
    out: Rewritten,
    in_class: bool,
    /// What came last in a class stands for several characters.
    after_type: bool,
    /// Groups so far that capture.
    groups: usize,
    /// Letters may match without regard to case.
    caseless: bool,
}

impl Scan<'_> {
    fn copy(&mut self, n: usize) {
        self.out.pattern.extend_from_slice(&self.original[self.at..self.at + n]);
        self.at += n;
    }

    fn insert(&mut self, text: &[u8]) {
        self.out.changes.push((self.out.pattern.len(), text.len() as isize));
        self.out.pattern.extend_from_slice(text);
    }

    fn escape(&mut self) {
        self.insert(b"\\");
    }

    fn drop_byte(&mut self) {
        self.out.changes.push((self.out.pattern.len(), -1));
        self.at += 1;
    }

    /// Settings at the start: `(*NAME)` one after the other.
    fn settings(&mut self) {
        while self.original[self.at..].starts_with(b"(*") {
            let rest = &self.original[self.at..];
            let Some(end) = rest.iter().position(|&b| b == b')') else { return };
            let name = &rest[2..end];
            let setting = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_=".contains(b);
            if !name.iter().all(setting) || name == b"ACCEPT" {
                return;
            }
            if name == b"UTF8" {
                self.copy(5);
                self.drop_byte();
                self.copy(1);
            } else {
                self.copy(end + 1);
            }
        }
    }

    fn item(&mut self) -> Result<(), CompileError> {
        let rest = &self.original[self.at + 1..];
        let after_type = std::mem::take(&mut self.after_type);
        match self.original[self.at] {
            b'\\' => return self.backslash(),
            b'[' if !self.in_class => {
                self.in_class = true;
                // A `]` that comes first is one of the class.
                let caret = usize::from(rest.first() == Some(&b'^'));
                let bracket = usize::from(rest.get(caret) == Some(&b']'));
                self.copy(1 + caret + bracket);
                return Ok(());
            }
            b'[' if rest.first() == Some(&b':') => {
                let name = rest[1..].iter().take_while(|b| b.is_ascii_alphabetic() || **b == b'^').count();
                if rest[1 + name..].starts_with(b":]") {
                    self.copy(name + 4);
                    self.after_type = true;
                    return Ok(());
                }
            }
            b']' => self.in_class = false,
            b'-' if self.in_class && after_type && rest.first() != Some(&b']') => self.escape(),
            b'{' if !self.in_class && is_later_quantifier(rest) => self.escape(),
            b'(' if !self.in_class => {
                self.check_group(rest)?;
                self.groups += usize::from(match rest {
                    [b'?', b'P', b'<', ..] | [b'?', b'\'', ..] => true,
                    [b'?', b'<', after, ..] => !b"=!".contains(after),
                    [first, ..] => !b"?*".contains(first),
                    [] => false,
                });
            }
            _ => {}
        }
        self.copy(1);
        Ok(())
    }

    fn backslash(&mut self) -> Result<(), CompileError> {
        let rest = &self.original[self.at + 1..];
        let Some(&escaped) = rest.first() else {
            self.copy(1);
            return Ok(());
        };
        match escaped {
            b'L' | b'l' | b'U' | b'u' => return refused(137, self.at + 1),
            b'N' if !self.in_class && rest.get(1) == Some(&b'{') && !is_quantifier(&rest[2..]) => {
                return refused(137, self.at + 1);
            }
            b'Q' => {
                let quoted = &rest[1..];
                let n = quoted.windows(2).position(|w| w == b"\\E").map_or(quoted.len(), |n| n + 2);
                self.copy(2 + n);
                return Ok(());
            }
            b'i' | b'j' | b'm' | b'q' | b'y' | b'F' | b'I' | b'J' | b'M' | b'O' | b'T' | b'Y' => self.drop_byte(),
            b'A' | b'B' | b'C' | b'G' | b'K' | b'R' | b'X' | b'Z' | b'z' if self.in_class => self.drop_byte(),
            // No digits are the digit 0.
            b'x' if rest.get(1).is_none_or(|b| *b != b'{' && !b.is_ascii_hexdigit()) => {
                self.copy(2);
                self.insert(b"00");
                return Ok(());
            }
            b'c' if rest.get(1).is_some_and(|b| b.is_ascii_control()) => {
                let character = format!("\\x{:02x}", rest[1] ^ 0x40);
                self.out.pattern.extend_from_slice(character.as_bytes());
                self.at += 3;
                self.out.changes.push((self.out.pattern.len(), 1));
                return Ok(());
            }
            b'8' | b'9' if !self.in_class => {
                let digits = rest.iter().take_while(|b| b.is_ascii_digit());
                let number = digits.fold(0usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')));
                if number > self.groups {
                    self.drop_byte();
                } else {
                    self.copy(1);
                }
            }
            b'd' | b'D' | b's' | b'S' | b'w' | b'W' | b'h' | b'H' | b'v' | b'V' => {
                self.copy(1);
                self.after_type = self.in_class;
            }
            b'p' | b'P' => {
                let case = [b"{Lu}".as_slice(), b"{Ll}", b"{Lt}"].iter().any(|name| rest[1..].starts_with(name));
                if case && self.caseless && !self.in_class {
                    self.insert(b"(?-i:");
                    self.copy(6);
                    self.insert(b")");
                    return Ok(());
                }
                self.copy(1);
                self.after_type = self.in_class;
                if rest.get(1) == Some(&b'{')
                    && let Some(end) = rest.iter().position(|&b| b == b'}')
                {
                    self.copy(end);
                } else if rest.len() > 1 {
                    self.copy(1);
                }
            }
            _ => self.copy(1),
        }
        self.copy(1);
        Ok(())
    }

    /// Refuses groups that PCRE 8 doesn't have. `rest` follows the `(`.
    fn check_group(&self, rest: &[u8]) -> Result<(), CompileError> {
        match rest {
            [b'?', b'C', b'0'..=b'9' | b')', ..] => Ok(()),
            [b'?', b'C', ..] => refused(139, self.at + 3),
            [b'?', options @ ..] => {
                let n = options.iter().take_while(|b| b"imsxJU-".contains(b)).count();
                match options.get(n) {
                    Some(b'^' | b'n' | b'a' | b'r') => refused(111, self.at + 2 + n),
                    _ => Ok(()),
                }
            }
            [b'*', b'A', b'C', b'C', b'E', b'P', b'T', b')', after @ ..] => match after {
                [b'*' | b'+' | b'?', ..] => refused(109, self.at + 9),
                [b'{', quantifier @ ..] if is_quantifier(quantifier) => {
                    let end = quantifier.iter().position(|&b| b == b'}').unwrap_or(0);
                    refused(109, self.at + 10 + end)
                }
                _ => Ok(()),
            },
            [b'*', b'a'..=b'z', name @ ..] => {
                let end = name.iter().position(|&b| b == b')').unwrap_or(name.len());
                refused(160, self.at + 3 + end)
            }
            _ => Ok(()),
        }
    }
}

/// Whether what follows a `{` makes it a quantifier in PCRE2 and not in PCRE 8.
fn is_later_quantifier(rest: &[u8]) -> bool {
    let Some(end) = rest.iter().position(|&b| b == b'}') else { return false };
    let inside = &rest[..end];
    !is_quantifier(rest)
        && inside.iter().all(|b| b.is_ascii_digit() || matches!(b, b',' | b' ' | b'\t'))
        && inside.iter().any(u8::is_ascii_digit)
}

/// Whether what follows a `{` makes it a quantifier in PCRE 8.
fn is_quantifier(rest: &[u8]) -> bool {
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    digits > 0
        && match rest.get(digits) {
            Some(b'}') => true,
            Some(b',') => {
                let more = rest[digits + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
                rest.get(digits + 1 + more) == Some(&b'}')
            }
            _ => false,
        }
}

fn refused<T>(number: i32, offset: usize) -> Result<T, CompileError> {
    Err(CompileError { text: text_of(number), offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> String {
        rewrite(pattern.as_bytes(), true).map_or("error".into(), |r| String::from_utf8_lossy(&r.pattern).into_owned())
    }

    #[test]
    fn only_what_differs_changes() {
        let same = [
            "a{1}b{2,}c{3,4}", "[{,3}]", "[]{,3}]", "[^]{,3}[:alpha:]{,3}]", "\\Qx{,3}\\y\\E", "\\{,3}", "x{}", "{a",
            "{,}", "[a-z\\d-]", "\\d-x", "(?i-s:x)(*PRUNE)", "(?<name>x)(?C)(?C12)", "\\N{3}", "\\p{L}x", "\\",
        ];
        for same in same {
            assert_eq!(of(same), same);
        }
        assert_eq!(of("a{,3}"), "a\\{,3}");
        assert_eq!(of("a{ 1 }[{,2}]{1, 2}"), "a\\{ 1 }[{,2}]\\{1, 2}");
        assert_eq!(of("(*UTF8)(*CRLF)é"), "(*UTF)(*CRLF)é");
        assert_eq!(of("[\\w-.][[:alpha:]-.][\\p{L}-x]"), "[\\w\\-.][[:alpha:]\\-.][\\p{L}\\-x]");
        assert_eq!(of("\\y[\\X]\\X"), "y[X]\\X");
        assert_eq!(of("\\8(a)\\18\\9"), "8(a)\\189");
        assert_eq!(of("\\p{Lu}+[\\p{Lu}]"), "(?-i:\\p{Lu})+[\\p{Lu}]");
        for bad in ["\\N{name}", "(?^i)", "(?in:x)", "(*pla:x)", "(?C'x')"] {
            assert_eq!(of(bad), "error");
        }
    }
}
