//! Characters in UTF-8, UTF-16 and UTF-32.

/// Whether a number is a character: not a surrogate, not too large.
pub(crate) fn is_character(c: u64) -> bool {
    c < 0xd800 || (0xe000..0x11_0000).contains(&c)
}

/// Bytes of a character in UTF-8.
pub fn encode_utf8_size(c: u64) -> usize {
    match c {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

/// Bytes of a character in UTF-16.
pub fn encode_utf16_size(c: u64) -> usize {
    if c < 0x1_0000 { 2 } else { 4 }
}

/// A character and the bytes it took.
pub(super) fn decode(bytes: &[u8], width: u16, little: bool) -> Option<(u32, usize)> {
    let (c, used) = match width {
        8 => {
            let n = match *bytes.first()? {
                0..0x80 => 1,
                0xc2..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf5 => 4,
                _ => return None,
            };
            let text = std::str::from_utf8(bytes.get(..n)?).ok()?;
            (text.chars().next()? as u32, n)
        }
        16 => {
            let unit = |at: usize| {
                let pair: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
                Some(if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
            };
            let high = unit(0)?;
            if (0xd800..0xdc00).contains(&high) {
                let low = unit(2).filter(|u| (0xdc00..0xe000).contains(u))?;
                (0x1_0000 + ((u32::from(high) - 0xd800) << 10 | (u32::from(low) - 0xdc00)), 4)
            } else {
                (u32::from(high), 2)
            }
        }
        _ => {
            let four: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
            (if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }, 4)
        }
    };
    is_character(c.into()).then_some((c, used))
}

/// A character's bytes.
pub(super) fn encode(c: u32, width: u16, little: bool) -> ([u8; 4], usize) {
    let mut out = [0; 4];
    let Some(character) = char::from_u32(c) else { return (out, 0) };
    let n = match width {
        8 => character.encode_utf8(&mut out).len(),
        16 => {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            for (i, unit) in units.iter().enumerate() {
                let pair = if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
                out[i * 2..i * 2 + 2].copy_from_slice(&pair);
            }
            units.len() * 2
        }
        _ => {
            out = if little { c.to_le_bytes() } else { c.to_be_bytes() };
            4
        }
    };
    (out, n)
}
