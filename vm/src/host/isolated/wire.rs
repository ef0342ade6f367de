//! What the node and the program that runs a plugin say to each other: frames over a socket. Large
//! contents stand in memory that both have, one window for each direction.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;

/// Contents from this size on go through a window.
const LARGE: usize = 64 * 1024;
/// No frame is larger.
const MOST: u64 = 1 << 40;

/// What a frame is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    /// From the program, once: the natives of the plugin.
    Ready = 1,
    /// From the program, once: the plugin can't be loaded; a word and a text.
    Refused = 2,
    /// To the program: call a native.
    Call = 3,
    /// From the program: what the native gave.
    Value = 4,
    /// From the program: what the native raised.
    Raised = 5,
    /// From the program, at any time: a message for a process.
    Send = 6,
}

impl Kind {
    fn of(byte: u8) -> Option<Kind> {
        [Kind::Ready, Kind::Refused, Kind::Call, Kind::Value, Kind::Raised, Kind::Send]
            .into_iter()
            .find(|kind| *kind as u8 == byte)
    }
}

/// A frame: its kind, two numbers that mean what the kind says, and a term in the external format.
pub(super) struct Frame {
    pub kind: Kind,
    pub numbers: [u64; 2],
    pub contents: Vec<u8>,
}

/// Writes a frame. Contents that are large go through the window, of which only one thing at a time
/// may make use.
pub(super) fn write(socket: &mut UnixStream, window: Option<&File>, frame: &Frame) -> io::Result<()> {
    let shared = window.filter(|_| frame.contents.len() >= LARGE);
    let mut head = Vec::with_capacity(26 + frame.contents.len());
    head.push(frame.kind as u8);
    head.push(u8::from(shared.is_some()));
    for number in frame.numbers.into_iter().chain([frame.contents.len() as u64]) {
        head.extend_from_slice(&number.to_le_bytes());
    }
    match shared {
        Some(window) => window.write_all_at(&frame.contents, 0)?,
        None => head.extend_from_slice(&frame.contents),
    }
    socket.write_all(&head)
}

/// Reads a frame.
pub(super) fn read(socket: &mut UnixStream, window: &File) -> io::Result<Frame> {
    let mut head = [0; 26];
    socket.read_exact(&mut head)?;
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|k| head[at + k]));
    let size = number(18);
    let kind = Kind::of(head[0]).filter(|_| size < MOST);
    let Some(kind) = kind else { return Err(io::Error::other("no frame")) };
    let mut contents = Vec::new();
    if contents.try_reserve_exact(size as usize).is_err() {
        return Err(io::Error::other("no memory for a frame"));
    }
    contents.resize(size as usize, 0);
    if head[1] == 1 {
        window.read_exact_at(&mut contents, 0)?;
    } else {
        socket.read_exact(&mut contents)?;
    }
    Ok(Frame { kind, numbers: [number(2), number(10)], contents })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_over_small_and_large() {
        let (mut here, mut there) = UnixStream::pair().unwrap();
        let window = File::from(rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::CLOEXEC).unwrap());
        for size in [0, 1, LARGE - 1, LARGE, 3 * LARGE] {
            let contents: Vec<u8> = (0..size).map(|n| n as u8).collect();
            let frame = Frame { kind: Kind::Call, numbers: [7, size as u64], contents: contents.clone() };
            write(&mut here, Some(&window), &frame).unwrap();
            let got = read(&mut there, &window).unwrap();
            assert_eq!((got.kind, got.numbers), (Kind::Call, [7, size as u64]));
            assert!(got.contents == contents);
        }
        here.write_all(&[9; 26]).unwrap();
        assert!(read(&mut there, &window).is_err());
        drop(here);
        assert!(read(&mut there, &window).is_err());
    }
}
