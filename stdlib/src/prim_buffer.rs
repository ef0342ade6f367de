//! `prim_buffer`: byte queues that the read-ahead of files and the lines of ports stand on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::term::Bits;
use glulam_vm::{Term, am};

use crate::prim_file::vector_of;

glulam_vm::bifs! {
    prim_buffer:new/0             Normal nif => new;
    prim_buffer:size/1            Normal nif => size;
    /// The first block, left in place.
    prim_buffer:peek_head/1       Normal nif => peek_head;
    prim_buffer:copying_read/2    Normal nif => copying_read;
    prim_buffer:write/2           Normal nif => write;
    prim_buffer:skip/2            Normal nif => skip;
    prim_buffer:find_byte_index/2 Normal nif => find_byte_index;
    prim_buffer:try_lock/1        Normal nif => try_lock;
    prim_buffer:unlock/1          Normal nif => unlock;
}

/// Bytes below which a write joins the last block instead of making one of its own.
const JOIN_BELOW: usize = 2048;

/// Bytes searched or copied for one reduction.
const BYTES_PER_REDUCTION: usize = 4096;

#[derive(Default)]
struct Blocks {
    blocks: VecDeque<Vec<u8>>,
    /// Bytes of the first block that have been read.
    read: usize,
    size: usize,
}

impl Blocks {
    fn write(&mut self, parts: &[Bits]) {
        for part in parts {
            let bytes = part.to_bytes();
            if bytes.is_empty() {
                continue;
            }
            self.size += bytes.len();
            match self.blocks.back_mut() {
                Some(last) if last.len() + bytes.len() <= JOIN_BELOW => last.extend_from_slice(&bytes),
                _ => self.blocks.push_back(bytes.into_owned()),
            }
        }
    }

    /// Unread bytes, block by block.
    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.blocks.iter().enumerate().map(|(i, block)| if i == 0 { &block[self.read..] } else { block })
    }

    /// The next `size` bytes; the caller knows there are as many.
    fn peek(&self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size);
        for part in self.parts() {
            let n = part.len().min(size - bytes.len());
            bytes.extend_from_slice(&part[..n]);
            if bytes.len() == size {
                break;
            }
        }
        bytes
    }

    fn skip(&mut self, mut size: usize) {
        self.size -= size;
        while let Some(first) = self.blocks.front() {
            let left = first.len() - self.read;
            if size < left {
                self.read += size;
                return;
            }
            size -= left;
            self.read = 0;
            self.blocks.pop_front();
        }
    }

    fn find(&self, byte: u8) -> Option<usize> {
        let mut before = 0;
        for part in self.parts() {
            if let Some(at) = memchr::memchr(byte, part) {
                return Some(before + at);
            }
            before += part.len();
        }
        None
    }
}

#[derive(Default)]
struct Buffer {
    blocks: Mutex<Blocks>,
    /// The lock that Erlang code takes with `try_lock/1`.
    locked: AtomicBool,
}

fn new(cx: &mut Cx<'_>) -> Outcome {
    let number = crate::new_reference(cx);
    Ok(cx.magic_ref(Magic::new(number, Box::new(Buffer::default()))))
}

/// Runs an operation on the blocks of the buffer in the first argument.
fn with(cx: &mut Cx<'_>, operation: impl FnOnce(&mut Cx<'_>, &mut Blocks) -> Outcome) -> Outcome {
    let buffer = cx.arg(0);
    match Magic::value_of::<Buffer>(&buffer) {
        Some(buffer) => operation(cx, &mut buffer.blocks.lock().unwrap_or_else(PoisonError::into_inner)),
        None => cx.badarg(),
    }
}

fn size(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| Ok(cx.usize(blocks.size)))
}

fn peek_head(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| {
        let head = blocks.parts().next().map(|part| cx.binary(part));
        head.map_or_else(|| cx.badarg(), Ok)
    })
}

/// The size in the second argument, if the buffer holds as many bytes.
fn size_within(cx: &Cx<'_>, blocks: &Blocks) -> Option<usize> {
    cx.arg(1).as_usize().filter(|&size| size <= blocks.size)
}

fn copying_read(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| {
        let Some(size) = size_within(cx, blocks) else { return cx.badarg() };
        let bytes = blocks.peek(size);
        blocks.skip(size);
        cx.charge(size / BYTES_PER_REDUCTION);
        Ok(cx.binary_from(bytes))
    })
}

fn skip(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| {
        let Some(size) = size_within(cx, blocks) else { return cx.badarg() };
        blocks.skip(size);
        Ok(am::ok)
    })
}

fn write(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| {
        let Some((parts, _)) = vector_of(cx.arg(1), usize::MAX) else { return cx.badarg() };
        let before = blocks.size;
        blocks.write(&parts);
        cx.charge((blocks.size - before) / BYTES_PER_REDUCTION);
        Ok(am::ok)
    })
}

fn find_byte_index(cx: &mut Cx<'_>) -> Outcome {
    with(cx, |cx, blocks| {
        let Some(byte) = cx.arg(1).as_small().and_then(|n| u8::try_from(n).ok()) else { return cx.badarg() };
        let found = blocks.find(byte);
        cx.charge(found.unwrap_or(blocks.size) / BYTES_PER_REDUCTION);
        Ok(match found {
            Some(at) => {
                let at = cx.usize(at);
                cx.tuple(&[am::ok, at])
            }
            None => am::not_found,
        })
    })
}

/// Takes or gives back the lock: what it was before.
fn set_lock(cx: &mut Cx<'_>, locked: bool) -> Option<bool> {
    let buffer: Term = cx.arg(0);
    Some(Magic::value_of::<Buffer>(&buffer)?.locked.swap(locked, Ordering::AcqRel))
}

fn try_lock(cx: &mut Cx<'_>) -> Outcome {
    match set_lock(cx, true) {
        Some(was) => Ok(if was { am::busy } else { am::acquired }),
        None => cx.badarg(),
    }
}

fn unlock(cx: &mut Cx<'_>) -> Outcome {
    match set_lock(cx, false) {
        Some(true) => Ok(am::ok),
        Some(false) => cx.error(am::lock_order_violation),
        None => cx.badarg(),
    }
}

#[cfg(test)]
mod tests {
    use super::Blocks;
    use std::collections::VecDeque;

    #[test]
    fn reads_across_blocks() {
        let mut blocks = Blocks { blocks: VecDeque::from([b"abc".to_vec(), b"def\n".to_vec()]), read: 0, size: 7 };
        blocks.skip(1);
        assert_eq!(blocks.find(b'\n'), Some(5));
        assert_eq!(blocks.peek(3), b"bcd");
        blocks.skip(3);
        assert_eq!((blocks.size, blocks.peek(3)), (3, b"ef\n".to_vec()));
        blocks.skip(3);
        assert_eq!(blocks.parts().count(), 0);
    }
}
