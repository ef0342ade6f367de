//! Bytes that have been read and not yet delivered, and where packets end in them.

use crate::base::packet::{Extent, Limits, Protocol};

#[derive(Default)]
pub struct Input {
    held: Vec<u8>,
    /// Bytes of `held` that are delivered.
    start: usize,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// So many bytes can be delivered.
    Piece(usize),
    /// So many bytes more have to be read first, at least.
    More(usize),
    /// These bytes are no packet.
    Invalid,
}

impl Input {
    pub fn len(&self) -> usize {
        self.held.len() - self.start
    }

    /// Where the next packet ends. `length`: bytes that a reader of raw bytes wants, 0 for what there is.
    pub fn next(&self, protocol: Protocol, limits: Limits, headers: bool, length: usize) -> Next {
        let have = self.len();
        if protocol == Protocol::Raw {
            return match length {
                0 if have > 0 => Next::Piece(have),
                0 => Next::More(1),
                n if n <= have => Next::Piece(n),
                n => Next::More(n - have),
            };
        }
        match protocol.extent(&self.held[self.start..], limits, headers) {
            Extent::Bytes(size) if size <= have && have > 0 => Next::Piece(size),
            Extent::Bytes(size) => Next::More((size - have).max(1)),
            Extent::Unknown => Next::More(1),
            Extent::Invalid => Next::Invalid,
        }
    }

    /// Takes the first bytes, as many as `next` said.
    pub fn take(&mut self, size: usize) -> Vec<u8> {
        if self.start == 0 && size == self.held.len() {
            return std::mem::take(&mut self.held);
        }
        let piece = self.held[self.start..self.start + size].to_vec();
        self.start += size;
        if self.start == self.held.len() {
            *self = Input::default();
        }
        piece
    }

    /// Has `read` put up to `size` bytes behind those that are held: it is given the place for them.
    pub fn fill<E>(
        &mut self,
        size: usize,
        read: impl FnOnce(&mut Vec<u8>) -> Result<usize, E>,
    ) -> Result<usize, E> {
        if self.start > 0 {
            self.held.drain(..self.start);
            self.start = 0;
        }
        self.held.reserve_exact(size);
        let result = read(&mut self.held);
        if self.held.is_empty() {
            // A socket that nothing comes from holds no room for it.
            self.held = Vec::new();
        }
        result
    }

    /// Bytes to be delivered again, before all others.
    pub fn put_back(&mut self, bytes: &[u8]) {
        self.held.splice(..self.start, bytes.iter().copied());
        self.start = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(bytes: &[u8]) -> Input {
        let mut input = Input::default();
        input.put_back(bytes);
        input
    }

    #[test]
    fn raw_bytes_come_as_they_are_or_as_many_as_wanted() {
        let mut input = filled(b"abcdef");
        let next = |input: &Input, length| input.next(Protocol::Raw, Limits::default(), false, length);
        assert_eq!(next(&input, 0), Next::Piece(6));
        assert_eq!(next(&input, 8), Next::More(2));
        assert_eq!(next(&input, 2), Next::Piece(2));
        assert_eq!(input.take(2), b"ab");
        input.put_back(b"xy");
        assert_eq!(input.take(6), b"xycdef");
        assert_eq!(next(&input, 0), Next::More(1));
    }

    #[test]
    fn packets_end_where_their_length_says() {
        let mut input = filled(&[0, 2, b'a', b'b', 0]);
        let next = |input: &Input| input.next(Protocol::Length(2), Limits::default(), false, 0);
        assert_eq!(next(&input), Next::Piece(4));
        input.take(4);
        assert_eq!(next(&input), Next::More(1));
        input.fill(9, |held| { held.extend([0]); Ok::<_, ()>(1) }).unwrap();
        assert_eq!(next(&input), Next::Piece(2));
        let large = Limits { packet: 1, ..Limits::default() };
        assert_eq!(filled(&[0, 2, 1]).next(Protocol::Length(2), large, false, 0), Next::Invalid);
    }
}
