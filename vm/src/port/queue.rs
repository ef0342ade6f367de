//! Output that waits until a descriptor takes it.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use super::data::Block;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

/// Bytes that a pipe takes at once when it says it takes any: what a blocking descriptor is given.
const AT_ONCE: usize = 4096;

/// Blocks written by one call.
const BLOCKS: usize = 16;

#[derive(Default)]
pub struct OutputQueue {
    blocks: VecDeque<Block>,
    /// Bytes of the first block that are written.
    written: usize,
    size: usize,
}

/// Whether a descriptor would take output (or give input) now.
pub fn is_ready(fd: BorrowedFd<'_>, what: PollFlags, wait: Option<&Timespec>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, what)];
    // Errors and hang-ups count as ready: the call that follows says what is wrong.
    rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, wait)).is_ok_and(|n| n > 0)
}

/// No waiting.
pub const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

impl OutputQueue {
    pub fn push(&mut self, bytes: Vec<u8>) {
        self.push_block(Block::Own(bytes));
    }

    pub fn push_block(&mut self, block: Block) {
        if !block.is_empty() {
            self.size += block.len();
            self.blocks.push_back(block);
        }
    }

    pub fn size(&self) -> usize {
        self.size
    }

    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    pub fn clear(&mut self) {
        *self = OutputQueue::default();
    }

    /// So many bytes are written.
    fn advance(&mut self, n: usize) {
        self.written += n;
        self.size -= n;
        while let Some(first) = self.blocks.front() {
            if self.written < first.len() {
                return;
            }
            self.written -= first.len();
            self.blocks.pop_front();
        }
    }

    /// As `drain`, with several blocks in one call.
    pub fn drain_blocks(&mut self, write: impl Fn(&[IoSlice<'_>]) -> Result<usize, Errno>) -> Result<(), Errno> {
        while !self.is_empty() {
            let mut slices = [IoSlice::new(&[]); BLOCKS];
            let mut skipped = self.written;
            let count = self.blocks.len().min(BLOCKS);
            for (slice, block) in slices.iter_mut().zip(&self.blocks) {
                *slice = IoSlice::new(&block[skipped..]);
                skipped = 0;
            }
            match write(&slices[..count]) {
                Ok(n) => self.advance(n),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Writes as much as `write` takes, until it says that it would have to wait.
    pub fn drain(&mut self, write: impl Fn(&[u8]) -> Result<usize, Errno>) -> Result<(), Errno> {
        while let Some(first) = self.blocks.front() {
            match write(&first[self.written..]) {
                Ok(n) => self.advance(n),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    /// Writes as much as goes without waiting. `Ok` leaves the rest queued.
    pub fn write(&mut self, fd: BorrowedFd<'_>) -> Result<(), Errno> {
        self.write_while(fd, |fd| is_ready(fd, PollFlags::OUT, Some(&NOW)))
    }

    /// Writes everything, waiting as long as it takes; at most `wait` between two steps.
    pub fn write_all(&mut self, fd: BorrowedFd<'_>, wait: Option<&Timespec>) -> Result<(), Errno> {
        self.write_while(fd, |fd| is_ready(fd, PollFlags::OUT, wait))
    }

    fn write_while(&mut self, fd: BorrowedFd<'_>, ready: impl Fn(BorrowedFd<'_>) -> bool) -> Result<(), Errno> {
        while let Some(first) = self.blocks.front() {
            if !ready(fd) {
                return Ok(());
            }
            let rest = &first[self.written..];
            match rustix::io::write(fd, &rest[..rest.len().min(AT_ONCE)]) {
                Ok(n) => self.advance(n),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn blocks_are_written_in_steps_of_any_size() {
        for step in 1..12 {
            let mut queue = OutputQueue::default();
            for block in [&b"abc"[..], b"", b"d", b"efghi"] {
                queue.push(block.to_vec());
            }
            let written = RefCell::new(Vec::<u8>::new());
            queue
                .drain_blocks(|slices| {
                    let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
                    let size = all.len().min(step);
                    written.borrow_mut().extend(&all[..size]);
                    Ok(size)
                })
                .unwrap();
            assert_eq!(written.into_inner(), b"abcdefghi");
            assert!(queue.is_empty() && queue.blocks.is_empty() && queue.written == 0);
        }
    }
}
