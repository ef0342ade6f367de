//! The `LitT` chunk: terms in the external format, usually deflated as a whole.

use std::io::Read;

use super::container::MAX_FILE;
use super::reader::Reader;
use crate::error::{Fault, Reason};

/// The literals; each one starts with the external format's version byte.
pub(super) fn literals(data: &[u8]) -> Result<Vec<Box<[u8]>>, Fault> {
    let mut reader = Reader::new(Some(*b"LitT"), data);
    let size = reader.u32()? as usize;
    let packed = reader.rest();
    if size == 0 {
        return split(packed);
    }
    if size > MAX_FILE {
        return Err(reader.fault_at(0, Reason::TooLarge("literal table", MAX_FILE as u64)));
    }
    // The stated size is believed only as far as the data bears it out.
    let mut plain = Vec::with_capacity(size.min(packed.len().saturating_mul(16)));
    let mut inflate = flate2::read::ZlibDecoder::new(packed).take(size as u64 + 1);
    let done = inflate.read_to_end(&mut plain);
    if done.is_err() || plain.len() != size {
        return Err(reader.fault_at(4, Reason::BadCompression));
    }
    split(&plain)
}

fn split(plain: &[u8]) -> Result<Vec<Box<[u8]>>, Fault> {
    let mut reader = Reader::new(Some(*b"LitT"), plain);
    let count = reader.count("number of literals", 6)?;
    let one = |_| {
        let at = reader.pos();
        let size = reader.count("size of a literal", 1)?;
        let bytes = reader.bytes(size)?;
        if bytes.len() < 2 || bytes[0] != 131 {
            return Err(reader.fault_at(at, Reason::Malformed("literal without a version byte")));
        }
        Ok(bytes.into())
    };
    (0..count).map(one).collect()
}
