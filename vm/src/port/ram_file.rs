//! `ram_file_drv`: a file in memory, as `ram_file` drives it (ram_file.erl in kernel has the codes).
//!
//! A command is an operation and its arguments, numbers of 32 bits big-endian; the answer goes to the
//! connected process as `{Port, {data, [Kind | Rest]}}`.

use rustix::io::Errno;

use super::driver::{Driver, DriverCx, Fault, bytes_term, words_of};
use crate::base::errno;
use crate::heap::Build;
use crate::term::Term;
use crate::am;

const OPEN: u8 = 1;
const READ: u8 = 2;
const SEEK: u8 = 3;
const WRITE: u8 = 4;
const SYNC: u8 = 9;
const TRUNCATE: u8 = 14;
const READ_AT: u8 = 17;
const WRITE_AT: u8 = 18;
const DATA_SYNC: u8 = 19;
const GET: u8 = 30;
const SIZE: u8 = 37;
const ADVISE: u8 = 38;
const ALLOCATE: u8 = 39;

const MAY_READ: u32 = 1;
const MAY_WRITE: u32 = 2;

/// Positions are signed numbers of 32 bits.
const MAX: usize = i32::MAX as usize;

enum Answer {
    Done,
    Number(usize),
    Data(Vec<u8>),
}

#[derive(Default)]
struct RamFile {
    /// 0 until it is opened.
    mode: u32,
    contents: Vec<u8>,
    position: usize,
}

pub(super) fn open() -> Box<dyn Driver> {
    Box::new(RamFile::default())
}

fn number(data: &mut &[u8]) -> Result<i32, Errno> {
    let (bytes, rest) = data.split_first_chunk().ok_or(Errno::INVAL)?;
    *data = rest;
    Ok(i32::from_be_bytes(*bytes))
}

fn place(number: i32) -> Result<usize, Errno> {
    usize::try_from(number).map_err(|_| Errno::INVAL)
}

impl RamFile {
    fn operation(&mut self, code: u8, mut data: &[u8]) -> Result<Answer, Errno> {
        match code {
            OPEN => {
                self.mode = number(&mut data)? as u32;
                self.contents = data.to_vec();
                self.position = 0;
                Ok(Answer::Number(0))
            }
            READ => {
                let count = number(&mut data)?;
                let bytes = self.read(self.position, count)?;
                self.position += bytes.len();
                Ok(Answer::Data(bytes))
            }
            READ_AT => {
                let at = number(&mut data)?;
                self.allowed(MAY_READ)?;
                self.read(place(at)?, number(&mut data)?).map(Answer::Data)
            }
            WRITE => {
                self.write(self.position, data)?;
                self.position += data.len();
                Ok(Answer::Number(data.len()))
            }
            WRITE_AT => {
                let at = number(&mut data)?;
                self.allowed(MAY_WRITE)?;
                self.write(place(at)?, data)?;
                Ok(Answer::Number(data.len()))
            }
            SEEK => {
                let (offset, from) = (number(&mut data)?, number(&mut data)?);
                self.allowed(MAY_READ | MAY_WRITE)?;
                let base = match from {
                    0 => 0,
                    1 => self.position,
                    2 => self.contents.len(),
                    _ => return Err(Errno::INVAL),
                };
                let position = (base as i64).checked_add(i64::from(offset)).and_then(|p| i32::try_from(p).ok());
                self.position = place(position.ok_or(Errno::INVAL)?)?;
                Ok(Answer::Number(self.position))
            }
            TRUNCATE => {
                self.allowed(MAY_WRITE).map_err(|_| Errno::ACCESS)?;
                self.contents.resize(self.position, 0);
                Ok(Answer::Done)
            }
            SYNC | DATA_SYNC | ADVISE | ALLOCATE => self.allowed(MAY_READ | MAY_WRITE).map(|()| Answer::Done),
            GET => Ok(Answer::Data(self.contents.clone())),
            SIZE => Ok(Answer::Number(self.contents.len())),
            _ => Err(Errno::INVAL),
        }
    }

    fn allowed(&self, mode: u32) -> Result<(), Errno> {
        if self.mode & mode == 0 { Err(Errno::BADF) } else { Ok(()) }
    }

    /// At most `count` bytes; none behind the end.
    fn read(&self, at: usize, count: i32) -> Result<Vec<u8>, Errno> {
        self.allowed(MAY_READ)?;
        let rest = self.contents.get(at..).unwrap_or_default();
        Ok(rest[..place(count)?.min(rest.len())].to_vec())
    }

    /// Writes; what lies between the end and the position becomes zeros.
    fn write(&mut self, at: usize, data: &[u8]) -> Result<(), Errno> {
        self.allowed(MAY_WRITE)?;
        let end = at + data.len();
        if end > MAX {
            return Err(Errno::INVAL);
        }
        if end > self.contents.len() {
            self.contents.try_reserve(end - self.contents.len()).map_err(|_| Errno::NOMEM)?;
            self.contents.resize(end, 0);
        }
        self.contents[at..end].copy_from_slice(data);
        Ok(())
    }
}

impl Driver for RamFile {
    fn command(&mut self, cx: &mut DriverCx<'_>, data: Vec<u8>) -> Result<(), Fault> {
        let Some((&code, arguments)) = data.split_first() else { return Err(Fault::BadArg) };
        let (head, body) = match self.operation(code, arguments) {
            Ok(Answer::Done) => (vec![0], None),
            Err(e) => {
                let mut head = vec![1];
                head.extend_from_slice(errno::name(e.raw_os_error()).as_bytes());
                (head, None)
            }
            Ok(Answer::Data(bytes)) => {
                let mut head = vec![2];
                head.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
                (head, Some(bytes))
            }
            Ok(Answer::Number(n)) => {
                let mut head = vec![3];
                head.extend_from_slice(&(n as u32).to_be_bytes());
                (head, None)
            }
        };
        let (port, to, binary) = (cx.port(), cx.connected, cx.options.binary);
        let words = 6 + 2 * head.len() + body.as_ref().map_or(0, |b| words_of(b, binary));
        cx.send(to, words, |place| {
            let mut list = body.map_or(Term::NIL, |bytes| bytes_term(place, bytes, binary));
            for &byte in head.iter().rev() {
                list = place.cons(Term::small(i64::from(byte)), list);
            }
            let data = place.tuple(&[am::data, list]);
            place.tuple(&[port, data])
        });
        Ok(())
    }

    fn stop(&mut self) {
        self.contents = Vec::new();
    }
}
