//! What is wrong with a pattern, in the words of PCRE 8, which are what `re:compile/2` documents.

/// A pattern that doesn't compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompileError {
    pub text: &'static str,
    /// Where in the pattern, in bytes.
    pub offset: usize,
}

impl CompileError {
    /// From PCRE2's number and offset, moved to where PCRE 8 says the fault is.
    pub(super) fn new(number: i32, offset: usize, pattern: &[u8]) -> CompileError {
        let (number, offset) = as_before(number, offset, pattern);
        let text = match (number, offset) {
            (0, _) => "unrecognized character after (?<",
            (1, _) => "invalid condition (?(0)",
            _ => text_of(number),
        };
        CompileError { text, offset: offset.min(pattern.len()) }
    }
}

/// PCRE 8 reports some faults elsewhere, or under another number: mostly behind what is wrong where
/// PCRE2 points before it. (0 and 1 stand for errors that PCRE2 doesn't have.)
fn as_before(number: i32, offset: usize, pattern: &[u8]) -> (i32, usize) {
    // PCRE2 may point behind the end.
    let offset = offset.min(pattern.len());
    let before = &pattern[..offset];
    let rest = &pattern[before.len()..];
    let last = |what: &[u8]| before.windows(what.len()).rposition(|w| w == what);
    let ends = |what: &[u8]| before.ends_with(what);
    let at_end = rest.is_empty();
    match number {
        113 => (113, last(b"[.").or(last(b"[=")).unwrap_or(offset)),
        130 => (130, last(b"[:").map_or(offset, |at| at + 2)),
        143 | 147 | 151 | 165 | 169 | 171 => (number, offset.saturating_sub(1)),
        150 if ends(b":]") => (150, last(b"[:").unwrap_or(offset)),
        150 => (150, offset.saturating_sub(1)),
        128 | 129 => (number, offset + 1),
        115 => {
            let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_+-".contains(b)).count();
            let condition = [b"(?(".as_slice(), b"(?(<", b"(?('", b"(?(R&", b"(?(+", b"(?(-", b"(?(0"];
            if condition.iter().any(|c| ends(c)) {
                let end = rest.iter().position(|&b| b == b')').map_or(offset, |n| offset + n + 1);
                return (if ends(b"(?(0") { 1 } else { 115 }, end);
            }
            if ends(b"(?") && rest.first() == Some(&b'(') {
                return (115, rest.iter().position(|&b| b == b')').map_or(offset, |n| offset + n + 1));
            }
            let number = rest[..name].iter().all(|b| b.is_ascii_digit() || *b == b'-');
            // Numbers of groups are looked up when all of the pattern is read.
            if number && [b"\\".as_slice(), b"\\g", b"\\g{"].iter().any(|escape| ends(escape)) {
                return (115, pattern.len());
            }
            (115, offset + name)
        }
        125 | 136 | 200 if rest.first() == Some(&b'(') => (number, offset + closing(rest)),
        154 => (154, offset.saturating_sub(3) + closing(&pattern[offset.saturating_sub(3)..])),
        162 if at_end && ends(b"(?P<") => (142, offset),
        162 if at_end && ends(b"(?<") => (0, offset),
        162 if ends(b"(?(") => (128, offset),
        114 if ends(b"(?(") => (128, offset),
        114 if at_end => {
            let options = before.iter().rev().take_while(|b| b"imsxJU-".contains(b)).count();
            let number = if before[..offset - options].ends_with(b"(?") { 111 } else { 114 };
            (number, offset)
        }
        _ => (number, offset),
    }
}

/// Where the group that the text begins with is closed, or its end.
fn closing(text: &[u8]) -> usize {
    let (mut depth, mut class, mut at) = (0usize, false, 0);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => class = true,
            b']' => class = false,
            b'(' if !class => depth += 1,
            b')' if !class => {
                if depth <= 1 {
                    return at;
                }
                depth -= 1;
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The text for an error number of PCRE2 (100 and up; below 0 are faults of UTF-8).
pub(super) fn text_of(number: i32) -> &'static str {
    match number {
        101 => "\\ at end of pattern",
        102 => "\\c at end of pattern",
        103 => "unrecognized character follows \\",
        104 => "numbers out of order in {} quantifier",
        105 => "number too big in {} quantifier",
        106 => "missing terminating ] for character class",
        107 => "invalid escape sequence in character class",
        108 => "range out of order in character class",
        109 => "nothing to repeat",
        110 => "internal error: unexpected repeat",
        111 => "unrecognized character after (? or (?-",
        112 => "POSIX named classes are supported only within a class",
        113 => "POSIX collating elements are not supported",
        114 => "missing )",
        115 => "reference to non-existent subpattern",
        118 => "missing ) after comment",
        119 => "regular expression is too complicated",
        120 => "regular expression is too large",
        121 => "failed to get memory",
        122 => "unmatched parentheses",
        123 => "internal error: code overflow",
        124 => "malformed number or name after (?(",
        125 | 100 | 187 | 200 => "lookbehind assertion is not fixed length",
        126 => "a numbered reference must not be zero",
        127 => "conditional group contains more than two branches",
        128 => "assertion expected after (?( or (?(?C)",
        129 => "digit expected after (?+",
        130 => "unknown POSIX class name",
        133 => "parentheses are too deeply nested (stack check)",
        134 => "character value in \\x{} or \\o{} is too large",
        136 => "\\C not allowed in lookbehind assertion",
        137 => "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u",
        138 => "number after (?C is > 255",
        139 => "closing ) for (?C expected",
        140 | 160 => "(*VERB) not recognized or malformed",
        141 => "unrecognized character after (?P",
        142 => "syntax error in subpattern name (missing terminator)",
        143 => "two named subpatterns have the same name",
        144 => "group name must start with a non-digit",
        146 => "malformed \\P or \\p sequence",
        147 => "unknown property name after \\P or \\p",
        148 => "subpattern name is too long (maximum 32 characters)",
        149 => "too many named subpatterns (maximum 10000)",
        150 => "invalid range in character class",
        151 => "octal value is greater than \\377 in 8-bit non-UTF-8 mode",
        154 => "DEFINE group contains more than one branch",
        155 => "missing opening brace after \\o",
        157 => "\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number",
        158 => "(?R or (?[+-]digits must be followed by )",
        161 => "number is too big",
        162 => "subpattern name expected",
        164 => "non-octal character in \\o{} (closing brace missing?)",
        165 => "different names for subpatterns of the same number are not allowed",
        166 => "(*MARK) must have an argument",
        167 => "non-hex character in \\x{} (closing brace missing?)",
        168 => "\\c must be followed by an ASCII character",
        169 => "\\k is not followed by a braced, angle-bracketed, or quoted name",
        171 => "\\N is not supported in a class",
        173 => "disallowed Unicode code point (>= 0xd800 && <= 0xdfff)",
        174 => "setting UTF is disabled by the application",
        176 => "name is too long in (*MARK), (*PRUNE), (*SKIP), or (*THEN)",
        178 => "digits missing in \\x{} or \\o{}",
        184 => "parentheses are too deeply nested",
        186 | 135 => "regular expression is too complicated",
        194 => "unrecognized character after (? or (?-",
        195 => "(*VERB) not recognized or malformed",
        n if n < 0 => "invalid UTF-8 string",
        _ => "internal error: unknown error number",
    }
}
