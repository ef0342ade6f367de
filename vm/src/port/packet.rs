//! Where one piece of data ends and the next begins.

/// `stream`, `{packet, N}` or `{line, L}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Stream,
    /// A length of 1, 2 or 4 bytes, most significant first, before each packet.
    Packet(u8),
    /// Lines, in parts of at most that many bytes.
    Line(usize),
}

/// A piece of input.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Data(Vec<u8>),
    /// The end of a line, without the newline and a carriage return before it.
    EndOfLine(Vec<u8>),
    /// Part of a line that is longer, or that the input ends in.
    PartOfLine(Vec<u8>),
}

impl Framing {
    /// The header for a packet of `size` bytes; `None` if it is too long for one.
    pub fn header(self, size: usize) -> Option<Vec<u8>> {
        let size = u32::try_from(size).ok()?;
        Some(match self {
            Framing::Packet(1) => vec![u8::try_from(size).ok()?],
            Framing::Packet(2) => u16::try_from(size).ok()?.to_be_bytes().to_vec(),
            Framing::Packet(_) => size.to_be_bytes().to_vec(),
            Framing::Stream | Framing::Line(_) => Vec::new(),
        })
    }
}

/// Cuts input into pieces.
#[derive(Debug)]
pub struct Cutter {
    framing: Framing,
    held: Vec<u8>,
    /// A carriage return came last: it belongs to the line unless a newline follows.
    returned: bool,
}

impl Cutter {
    pub fn new(framing: Framing) -> Cutter {
        Cutter { framing, held: Vec::new(), returned: false }
    }

    /// The pieces that are complete with these bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Piece> {
        match self.framing {
            Framing::Stream => vec![Piece::Data(bytes.to_vec())],
            Framing::Packet(n) => self.packets(n.into(), bytes),
            Framing::Line(limit) => self.lines(limit, bytes),
        }
    }

    fn packets(&mut self, header: usize, bytes: &[u8]) -> Vec<Piece> {
        self.held.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(rest) = self.held.get(at..).filter(|rest| rest.len() >= header) {
            let size = rest[..header].iter().fold(0usize, |size, &byte| size << 8 | usize::from(byte));
            let Some(packet) = rest.get(header..header + size) else { break };
            pieces.push(Piece::Data(packet.to_vec()));
            at += header + size;
        }
        self.held.drain(..at);
        pieces
    }

    fn lines(&mut self, limit: usize, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for &byte in bytes {
            if byte == b'\n' {
                self.returned = false;
                pieces.push(Piece::EndOfLine(std::mem::take(&mut self.held)));
                continue;
            }
            pieces.extend(self.settle_return(limit));
            if byte == b'\r' {
                self.returned = true;
            } else {
                pieces.extend(self.hold(limit, byte));
            }
        }
        pieces
    }

    /// A carriage return that stood for itself.
    fn settle_return(&mut self, limit: usize) -> Option<Piece> {
        if std::mem::take(&mut self.returned) { self.hold(limit, b'\r') } else { None }
    }

    /// Adds a byte to the line; the part before it if that is as long as a part may be.
    fn hold(&mut self, limit: usize, byte: u8) -> Option<Piece> {
        let full = self.held.len() == limit;
        let part = full.then(|| Piece::PartOfLine(std::mem::take(&mut self.held)));
        self.held.push(byte);
        part
    }

    /// What is left at the end of the input: an unfinished line. An unfinished packet is dropped.
    pub fn finish(&mut self) -> Vec<Piece> {
        let Framing::Line(limit) = self.framing else { return Vec::new() };
        let mut pieces: Vec<Piece> = self.settle_return(limit).into_iter().collect();
        let held = std::mem::take(&mut self.held);
        pieces.extend((!held.is_empty()).then_some(Piece::PartOfLine(held)));
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_across_reads() {
        let mut cutter = Cutter::new(Framing::Packet(2));
        assert_eq!(cutter.push(&[0, 3, b'a']), []);
        assert_eq!(cutter.push(b"bc\0\0\0\x01"), [Piece::Data(b"abc".to_vec()), Piece::Data(vec![])]);
        assert_eq!(cutter.push(b"x"), [Piece::Data(b"x".to_vec())]);
        assert_eq!(Framing::Packet(1).header(256), None);
    }

    #[test]
    fn long_lines_come_in_parts() {
        let mut cutter = Cutter::new(Framing::Line(3));
        let got = cutter.push(b"abc\nabcd\n\nz");
        let part = |s: &[u8]| Piece::PartOfLine(s.to_vec());
        let line = |s: &[u8]| Piece::EndOfLine(s.to_vec());
        assert_eq!(got, [line(b"abc"), part(b"abc"), line(b"d"), line(b"")]);
        assert_eq!(cutter.finish(), [part(b"z")]);
        assert_eq!(cutter.push(b"abc\r"), []);
        assert_eq!(cutter.push(b"\nab\rc\r\r"), [line(b"abc"), part(b"ab\r")]);
        assert_eq!(cutter.push(b"\n\r"), [line(b"c\r")]);
        assert_eq!(cutter.finish(), [part(b"\r")]);
    }
}
