//! What a kind of terminal can do: the few entries of its compiled terminfo file that line editing takes.

use std::path::PathBuf;

use crate::base::environ;

/// How to move the cursor, and where it stands at the end of a full line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminfo {
    pub up: Vec<u8>,
    pub down: Vec<u8>,
    pub right: Vec<u8>,
    /// A full line leaves the cursor behind its last column, until the next character comes.
    pub late_wrap: bool,
    /// The width, if the terminal itself doesn't say.
    pub columns: Option<u32>,
}

/// Where distributions put descriptions.
const PLACES: &[&str] = &["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"];

const MAGIC: u16 = 0o432;
/// The same with numbers of 32 bits.
const MAGIC_WIDE: u16 = 0o1036;

// Positions in the file's tables, as `term.h` orders them.
const LATE_WRAP: usize = 4;
const COLUMNS: usize = 0;
const DOWN: usize = 11;
const RIGHT: usize = 17;
const UP: usize = 19;

impl Terminfo {
    /// The description of the terminal that the environment names.
    pub fn of_environment() -> Option<Terminfo> {
        let name = String::from_utf8(environ::get(b"TERM")?).ok().filter(|name| !name.is_empty())?;
        if name.contains('/') || name.starts_with('.') {
            return None;
        }
        let first = name.chars().next()?;
        let dirs = directories();
        let files = dirs.iter().flat_map(|dir| {
            [dir.join(first.to_string()).join(&name), dir.join(format!("{:x}", u32::from(first))).join(&name)]
        });
        files.filter_map(|file| std::fs::read(file).ok()).find_map(|file| Terminfo::parse(&file))
    }

    /// Reads a compiled description; `None` if it is damaged or the cursor can't be moved freely.
    fn parse(file: &[u8]) -> Option<Terminfo> {
        let head: [u16; 6] = std::array::from_fn(|i| short(file, 2 * i).unwrap_or(0));
        let [magic, names, flags, numbers, strings, _] = head.map(usize::from);
        let width = match magic as u16 {
            MAGIC => 2,
            MAGIC_WIDE => 4,
            _ => return None,
        };
        let flags_at = 12 + names;
        let numbers_at = (flags_at + flags).next_multiple_of(2);
        let strings_at = numbers_at + numbers * width;
        let text_at = strings_at + strings * 2;
        let string = |index: usize| {
            let at = short(file, strings_at + 2 * index).filter(|&at| index < strings && at < 0x8000)?;
            let text = file.get(text_at + usize::from(at)..)?;
            let end = text.iter().position(|&b| b == 0)?;
            Some(without_delays(&text[..end])).filter(|text| !text.is_empty())
        };
        let columns = (numbers > COLUMNS).then(|| short(file, numbers_at + COLUMNS * width)).flatten();
        Some(Terminfo {
            up: string(UP)?,
            down: string(DOWN).unwrap_or_else(|| b"\n".to_vec()),
            right: string(RIGHT)?,
            late_wrap: flags > LATE_WRAP && file.get(flags_at + LATE_WRAP) == Some(&1),
            columns: columns.filter(|&n| n > 0 && n < 0x8000).map(u32::from),
        })
    }
}

fn directories() -> Vec<PathBuf> {
    let variable = |name: &[u8]| environ::get(name).and_then(|v| String::from_utf8(v).ok());
    let mut dirs: Vec<PathBuf> = variable(b"TERMINFO").into_iter().map(PathBuf::from).collect();
    dirs.extend(variable(b"HOME").map(|home| PathBuf::from(home).join(".terminfo")));
    if let Some(list) = variable(b"TERMINFO_DIRS") {
        dirs.extend(list.split(':').filter(|dir| !dir.is_empty()).map(PathBuf::from));
    }
    dirs.extend(PLACES.iter().map(PathBuf::from));
    dirs
}

fn short(file: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*file.get(at..)?.first_chunk()?))
}

/// Delays, `$<5>`, are for terminals behind slow lines.
fn without_delays(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match rest.strip_prefix(b"$<").map(|delay| (delay, delay.iter().position(|&b| b == b'>'))) {
            Some((delay, Some(end))) => &delay[end + 1..],
            _ => {
                out.push(byte);
                after
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(strings: &[(usize, &str)], flags: &[u8], columns: u16) -> Vec<u8> {
        let count = 20;
        let (mut table, mut text) = (vec![0xffffu16; count], Vec::new());
        for (index, string) in strings {
            table[*index] = text.len() as u16;
            text.extend_from_slice(string.as_bytes());
            text.push(0);
        }
        let name = b"t|test\0";
        let mut file = Vec::new();
        for n in [MAGIC, name.len() as u16, flags.len() as u16, 1, count as u16, text.len() as u16] {
            file.extend(n.to_le_bytes());
        }
        file.extend_from_slice(name);
        file.extend_from_slice(flags);
        if file.len() % 2 == 1 {
            file.push(0);
        }
        file.extend(columns.to_le_bytes());
        table.iter().for_each(|n| file.extend(n.to_le_bytes()));
        file.extend(text);
        file
    }

    #[test]
    fn what_is_needed_is_read() {
        let whole = file(&[(UP, "\x1b[A$<5/>"), (RIGHT, "\x1b[C"), (DOWN, "\n")], &[0, 1, 0, 0, 1], 80);
        let info = Terminfo::parse(&whole).unwrap();
        assert_eq!((&info.up[..], &info.right[..], &info.down[..]), (&b"\x1b[A"[..], &b"\x1b[C"[..], &b"\n"[..]));
        assert!(info.late_wrap);
        assert_eq!(info.columns, Some(80));
    }

    #[test]
    fn what_is_missing_or_cut_is_refused() {
        assert_eq!(Terminfo::parse(&file(&[(RIGHT, "\x1b[C")], &[0; 5], 80)), None);
        let whole = file(&[(UP, "\x1b[A"), (RIGHT, "\x1b[C")], &[0; 5], 80);
        assert!(Terminfo::parse(&whole).is_some_and(|info| !info.late_wrap && info.down == b"\n"));
        for cut in 0..whole.len() {
            let _ = Terminfo::parse(&whole[..cut]);
        }
        assert_eq!(Terminfo::parse(b"\x1a\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
    }
}
