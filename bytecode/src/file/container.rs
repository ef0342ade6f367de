//! The outermost layers: an optional gzip wrapping, then an IFF form made of chunks.

use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

use super::reader::Reader;
use crate::error::{Fault, Reason};

/// Larger files are refused, also after inflating.
pub(super) const MAX_FILE: usize = 128 << 20;

/// A chunk: its name and where its data stands in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// Its four-letter name.
    pub id: [u8; 4],
    /// Its data, within [`super::BeamFile::bytes`].
    pub range: Range<usize>,
}

/// Removes a gzip wrapping, if there is one.
pub(super) fn unwrap(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let fault = |reason| Fault {
        chunk: None,
        offset: 0,
        reason,
    };
    if bytes.len() > MAX_FILE {
        return Err(fault(Reason::TooLarge("file", MAX_FILE as u64)));
    }
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut plain = Vec::new();
    let mut gzip = flate2::read::MultiGzDecoder::new(bytes).take(MAX_FILE as u64 + 1);
    gzip.read_to_end(&mut plain)
        .map_err(|_| fault(Reason::BadCompression))?;
    if plain.len() > MAX_FILE {
        return Err(fault(Reason::TooLarge("file", MAX_FILE as u64)));
    }
    Ok(Cow::Owned(plain))
}

/// Lists the chunks of a BEAM form.
pub(super) fn chunks(bytes: &[u8]) -> Result<Vec<Chunk>, Fault> {
    let mut reader = Reader::new(None, bytes);
    let not_beam = |_| Fault {
        chunk: None,
        offset: 0,
        reason: Reason::NotBeam,
    };
    if reader.bytes(4).map_err(not_beam)? != b"FOR1" {
        return Err(reader.fault_at(0, Reason::NotBeam));
    }
    let size = reader.u32()? as usize;
    if size > reader.left() {
        return Err(reader.fault_at(4, Reason::Truncated));
    }
    let end = reader.pos() + size;
    if reader.bytes(4)? != b"BEAM" {
        return Err(reader.fault_at(8, Reason::NotBeam));
    }
    let mut chunks = Vec::new();
    while reader.pos() < end {
        let id = reader.u32()?.to_be_bytes();
        let size = reader.u32()? as usize;
        let start = reader.pos();
        reader.bytes(size)?;
        if reader.pos() > end {
            return Err(reader.fault_at(start, Reason::Truncated));
        }
        chunks.push(Chunk {
            id,
            range: start..start + size,
        });
        // The last chunk of some writers lacks its padding.
        let padding = size.wrapping_neg() % 4;
        reader.bytes(padding.min(end - reader.pos()))?;
    }
    Ok(chunks)
}
