//! Character tables for ISO 8859-1, which is what `re` takes bytes for when it isn't given
//! `unicode`. The layout is the one that PCRE2's own table maker writes.

const LOWER: usize = 0;
const FLIP: usize = 256;
const CLASSES: usize = 512;
const TYPES: usize = CLASSES + 320;
const LENGTH: usize = TYPES + 256;

const fn is_upper(c: u8) -> bool {
    c.is_ascii_uppercase() || (c >= 0xc0 && c <= 0xde && c != 0xd7)
}

/// Letters without an upper case in ISO 8859-1 are lower case too.
const fn is_lower(c: u8) -> bool {
    c.is_ascii_lowercase() || matches!(c, 0xaa | 0xb5 | 0xba) || (c >= 0xdf && c != 0xf7)
}

const fn is_space(c: u8) -> bool {
    matches!(c, 9..=13 | 32)
}

const fn is_control(c: u8) -> bool {
    c < 32 || (c >= 127 && c < 160)
}

const fn build() -> [u8; LENGTH] {
    let mut tables = [0; LENGTH];
    let mut i = 0;
    while i < 256 {
        let c = i as u8;
        let (upper, lower, digit) = (is_upper(c), is_lower(c), c.is_ascii_digit());
        let (letter, word) = (upper || lower, upper || lower || digit || c == b'_');
        let graph = !is_control(c) && c != b' ';
        let has_upper = lower && !matches!(c, 0xaa | 0xb5 | 0xba | 0xdf | 0xff);
        tables[LOWER + i] = if upper { c + 32 } else { c };
        tables[FLIP + i] = if upper { c + 32 } else if has_upper { c - 32 } else { c };
        let classes = [
            is_space(c),
            c.is_ascii_hexdigit(),
            digit,
            upper,
            lower,
            word,
            graph,
            graph || c == b' ',
            graph && !letter && !digit,
            is_control(c),
        ];
        let mut class = 0;
        while class < classes.len() {
            if classes[class] {
                tables[CLASSES + 32 * class + i / 8] |= 1 << (i % 8);
            }
            class += 1;
        }
        tables[TYPES + i] = is_space(c) as u8
            | (letter as u8) << 1
            | (lower as u8) << 2
            | (digit as u8) << 3
            | (word as u8) << 4;
        i += 1;
    }
    tables
}

/// The tables.
pub(super) static LATIN_1: [u8; LENGTH] = build();
