//! Data for the outside world: bytes of their own, and binaries that they share with processes.

use std::ops::Deref;

use glulam_bytecode::bytes;

use crate::heap::SharedBytes;
use crate::term::Term;
use crate::term::iolist::{self, BadIolist, Chunk};

/// A binary of fewer bytes is copied: counting its references and naming it to the system costs as much.
const SHARED_FROM: usize = 4096;

/// Bytes that go out in one piece.
pub enum Block {
    Own(Vec<u8>),
    /// Without so many bytes at its beginning.
    Behind(Vec<u8>, usize),
    Shared(SharedBytes),
}

/// Where in its page a large block begins. The system mostly copies one to the beginning of a page of its own, or to a
/// place a few bytes behind that; were the block there in its page, its block copy would take several times as long.
const IN_PAGE: usize = 2048;
const PAGE: usize = 4096;

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Block::Own(bytes) => bytes,
            Block::Behind(bytes, skipped) => &bytes[*skipped..],
            Block::Shared(bytes) => bytes,
        }
    }
}

impl Block {
    /// Two pieces as one block.
    fn joined(head: &[u8], tail: &[u8]) -> Block {
        let size = head.len() + tail.len();
        if size < SHARED_FROM {
            return Block::Own([head, tail].concat());
        }
        let mut all = Vec::<u8>::with_capacity(size + PAGE);
        let skipped = IN_PAGE.wrapping_sub(all.as_ptr().addr()) % PAGE;
        all.resize(skipped, 0);
        bytes::append(&mut all, head);
        bytes::append(&mut all, tail);
        Block::Behind(all, skipped)
    }
}

/// What a command brings.
pub struct Data {
    first: Block,
    /// None of them is empty.
    more: Vec<Block>,
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Data {
        Data { first: Block::Own(bytes), more: Vec::new() }
    }
}

impl Data {
    /// The bytes of an I/O list, its large binaries not copied.
    pub fn of(iolist: Term) -> Result<Data, BadIolist> {
        if let Some(bits) = iolist.as_bits() {
            return Ok(match SharedBytes::of(&bits).filter(|bytes| bytes.len() >= SHARED_FROM) {
                Some(bytes) => Data { first: Block::Shared(bytes), more: Vec::new() },
                None => iolist::to_vec(iolist)?.into(),
            });
        }
        let mut data = Data::from(Vec::new());
        for chunk in iolist::to_chunks(iolist)? {
            match chunk {
                Chunk::Bytes(more) => data.append(more),
                Chunk::Binary(term, from) => {
                    let bits = term.as_bits().ok_or(BadIolist::NotIolist)?;
                    let rest = SharedBytes::of(&bits).and_then(|bytes| bytes.behind(from));
                    match rest.filter(|rest| rest.len() >= SHARED_FROM) {
                        Some(rest) => data.push(Block::Shared(rest)),
                        None => data.append(bits.to_bytes()[from..].to_vec()),
                    }
                }
            }
        }
        Ok(data)
    }

    fn push(&mut self, block: Block) {
        if self.first.is_empty() {
            self.first = block;
        } else if !block.is_empty() {
            self.more.push(block);
        }
    }

    /// Adds bytes to those of the last block, if they are not shared.
    fn append(&mut self, more: Vec<u8>) {
        match self.more.last_mut().unwrap_or(&mut self.first) {
            Block::Own(last) if !last.is_empty() => bytes::append(last, &more),
            _ => self.push(Block::Own(more)),
        }
    }

    pub fn len(&self) -> usize {
        self.first.len() + self.more.iter().map(|block| block.len()).sum::<usize>()
    }

    /// The same behind a header, which stands in one block with the bytes behind it: large blocks by themselves are
    /// where they are, see `IN_PAGE`.
    pub fn behind(self, header: &[u8]) -> Data {
        if header.is_empty() {
            return self;
        }
        Data { first: Block::joined(header, &self.first), more: self.more }
    }

    /// All of it in one piece.
    pub fn into_vec(self) -> Vec<u8> {
        let size = self.len();
        let mut blocks = self.into_iter();
        let mut all = match blocks.next() {
            Some(Block::Own(bytes)) => bytes,
            Some(block) => block.to_vec(),
            None => Vec::new(),
        };
        all.reserve_exact(size - all.len());
        for block in blocks {
            bytes::append(&mut all, &block);
        }
        all
    }
}

impl IntoIterator for Data {
    type Item = Block;
    type IntoIter = std::iter::Chain<std::iter::Once<Block>, std::vec::IntoIter<Block>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::{Alloc, Build, Fragment};

    #[test]
    fn large_binaries_are_shared_and_all_bytes_are_there() {
        let mut place = Fragment::new(1000);
        let bytes: Vec<u8> = (0..20_000u32).map(|n| (n / 3) as u8).collect();
        let large = place.binary_from(bytes.clone());
        let middle = place.part(large, 8 * 5000, 8 * 10_000);
        let skewed = place.part(large, 3, 8 * 10_000);
        let small = place.binary(b"small");
        let list = place.list(&[Term::small(1), small, large, skewed, small, middle]);
        let expected = iolist::to_vec(list).unwrap();
        let data = Data::of(list).unwrap();
        assert_eq!(data.more.iter().filter(|block| matches!(block, Block::Shared(_))).count(), 2);
        assert_eq!(data.len(), expected.len());
        assert!(data.behind(b"head").into_vec() == [b"head", &expected[..]].concat());
        for (term, shared) in [(large, true), (middle, true), (small, false), (skewed, false)] {
            let data = Data::of(term).unwrap();
            assert_eq!(matches!(data.first, Block::Shared(_)), shared);
            assert!(data.behind(&[7]).into_vec() == [&[7], &iolist::to_vec(term).unwrap()[..]].concat());
        }
        assert!(Data::of(Term::NIL).unwrap().into_vec().is_empty());
        assert!(Data::of(Term::small(1)).is_err());
        // The last reference of some of the bytes.
        let kept = Data::of(middle).unwrap();
        let _ = place.off_heap();
        assert!(*kept.first == bytes[5000..15_000]);
    }
}
