//! The `Line` chunk: source positions.

use super::reader::{Compact, Reader, tag};
use crate::error::{Fault, Reason};

/// Source positions of a module.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct LineTable {
    /// Flag word of the chunk.
    pub flags: u32,
    /// How many `line` instructions the compiler counted.
    pub instruction_count: u32,
    /// File and line of each item; item 0 is the unknown position. Only item 0 is there when the
    /// file has no usable `Line` chunk.
    pub items: Vec<(u16, u32)>,
    /// File names; file 0 is the module's name with `.erl` appended.
    pub files: Vec<Box<str>>,
}

impl LineTable {
    /// The table of a module without positions.
    pub fn of_nothing(module: &str) -> LineTable {
        LineTable {
            items: vec![(0, 0)],
            files: vec![format!("{module}.erl").into()],
            ..LineTable::default()
        }
    }

    /// File name and line of an item; nothing for the unknown position.
    pub fn get(&self, item: u32) -> Option<(&str, u32)> {
        match self.items.get(item as usize) {
            Some(&(file, line)) if line != 0 => self
                .files
                .get(usize::from(file))
                .map(|file| (&**file, line)),
            _ => None,
        }
    }
}

/// Reads the chunk.
pub(super) fn lines(data: &[u8], module: &str) -> Result<LineTable, Fault> {
    let mut reader = Reader::new(Some(*b"Line"), data);
    let mut table = LineTable::of_nothing(module);
    if reader.u32()? != 0 {
        return Ok(table); // a later format: positions are not essential
    }
    table.flags = reader.u32()?;
    table.instruction_count = reader.u32()?;
    let items = reader.u32()?;
    let files = reader.u32()?;
    let items = reader.check_count(12, "number of positions", items.into(), 1)?;
    let files = reader.check_count(16, "number of file names", files.into(), 2)?;
    table.items.reserve(items);
    let mut file = 0;
    while table.items.len() <= items {
        let at = reader.pos();
        match reader.compact()? {
            (tag::ATOM, Compact::Word(n)) => {
                let end = (files as u64 + 1).min(u16::MAX.into());
                if n >= end {
                    return Err(reader.fault_at(at, Reason::OutOfRange("file", n, end)));
                }
                file = n as u16;
            }
            (tag::INTEGER, Compact::Word(n)) => match u32::try_from(n) {
                Ok(line) => table.items.push((file, line)),
                Err(_) => {
                    return Err(reader.fault_at(at, Reason::OutOfRange("line", n, 1 << 32)));
                }
            },
            (tag, _) => return Err(reader.fault_at(at, Reason::BadTag(tag))),
        }
    }
    for _ in 0..files {
        let size = reader.u16()?;
        let at = reader.pos();
        let name = std::str::from_utf8(reader.bytes(size.into())?);
        let name = name.map_err(|_| reader.fault_at(at, Reason::BadUtf8))?;
        let name = if name.is_empty() {
            table.files[0].clone()
        } else {
            name.into()
        };
        table.files.push(name);
    }
    Ok(table)
}
