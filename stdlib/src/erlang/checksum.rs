//! `erlang`: MD5, CRC-32, Adler-32.

use glulam_bytecode::md5::Md5;
use glulam_vm::Term;
use glulam_vm::base::zstream;
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::iolist::{self, BadIolist, Sink};
use glulam_vm::term::Bits;

glulam_vm::bifs! {
    erlang:md5/1              Normal => md5;
    /// A digest under way: a binary for md5_update and md5_final.
    erlang:md5_init/0         Normal => md5_init;
    erlang:md5_update/2       Normal => md5_update;
    erlang:md5_final/1        Normal => md5_final;
    erlang:crc32/1            Normal => crc32;
    erlang:crc32/2            Normal => crc32_on;
    /// From two checksums and the second's number of bytes that of both runs in one.
    erlang:crc32_combine/3    Normal => crc32_combine;
    erlang:adler32/1          Normal => adler32;
    erlang:adler32/2          Normal => adler32_on;
    erlang:adler32_combine/3  Normal => adler32_combine;
}

/// Bytes for one reduction.
const BYTES_PER_REDUCTION: usize = 256;

/// Bytes that a scheduler takes at one go.
const LONG: usize = 512 * 1024;

/// Takes bytes into a sum of some kind.
struct Sum<F: FnMut(&[u8])> {
    take: F,
    bytes: usize,
    /// Bytes from which on it goes to a dirty thread.
    most: usize,
}

impl<F: FnMut(&[u8])> Sum<F> {
    /// More bytes come; `Err` if they are more than a scheduler has time for.
    fn count(&mut self, bytes: usize) -> Result<(), BadIolist> {
        self.bytes += bytes;
        if self.bytes > self.most { Err(BadIolist::NotIolist) } else { Ok(()) }
    }
}

impl<F: FnMut(&[u8])> Sink for Sum<F> {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), BadIolist> {
        self.count(bytes.len())?;
        (self.take)(bytes);
        Ok(())
    }
    fn bits(&mut self, _: Term, bits: Bits) -> Result<(), BadIolist> {
        if !bits.is_binary() {
            return Err(BadIolist::NotIolist);
        }
        self.count(bits.byte_size())?;
        (self.take)(&bits.to_bytes());
        Ok(())
    }
}

/// Gives the bytes of I/O data to `take`.
fn feed(cx: &mut Cx<'_>, data: Term, take: impl FnMut(&[u8])) -> Result<(), Stop> {
    let most = if cx.long(usize::MAX).is_err() { LONG } else { usize::MAX };
    let mut sum = Sum { take, bytes: 0, most };
    let walked = iolist::Walk::new(data).and_then(|mut walk| walk.run(&mut sum, usize::MAX));
    let bytes = sum.bytes;
    if bytes > most {
        return Err(Stop::Dirty);
    }
    cx.charge(bytes / BYTES_PER_REDUCTION);
    match walked {
        Ok(_) => Ok(()),
        Err(_) => cx.badarg(),
    }
}

fn md5(cx: &mut Cx<'_>) -> Outcome {
    let mut digest = Md5::default();
    let data = cx.arg(0);
    feed(cx, data, |bytes| digest.update(bytes))?;
    Ok(cx.binary(&digest.finish()))
}

fn md5_init(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.binary(&Md5::default().to_bytes()))
}

/// The argument as a digest under way.
fn digest(cx: &mut Cx<'_>) -> Result<Md5, Stop> {
    let context = cx.arg(0);
    let saved = context.as_binary().and_then(|bits| bits.to_bytes().as_ref().try_into().ok().map(|b| Md5::from_bytes(&b)));
    match saved {
        Some(digest) => Ok(digest),
        None => cx.badarg(),
    }
}

fn md5_update(cx: &mut Cx<'_>) -> Outcome {
    let mut digest = digest(cx)?;
    let data = cx.arg(1);
    feed(cx, data, |bytes| digest.update(bytes))?;
    Ok(cx.binary(&digest.to_bytes()))
}

fn md5_final(cx: &mut Cx<'_>) -> Outcome {
    let digest = digest(cx)?;
    Ok(cx.binary(&digest.finish()))
}

/// An argument as a checksum.
fn checksum(cx: &mut Cx<'_>, index: usize) -> Result<u32, Stop> {
    match cx.arg(index).as_u64().and_then(|n| u32::try_from(n).ok()) {
        Some(sum) => Ok(sum),
        None => cx.badarg(),
    }
}

fn sum(cx: &mut Cx<'_>, start: u32, data: Term, step: fn(u32, &[u8]) -> u32) -> Outcome {
    let mut sum = start;
    feed(cx, data, |bytes| sum = step(sum, bytes))?;
    Ok(Term::small(sum.into()))
}

fn crc32(cx: &mut Cx<'_>) -> Outcome {
    let data = cx.arg(0);
    sum(cx, 0, data, zstream::crc32)
}

fn crc32_on(cx: &mut Cx<'_>) -> Outcome {
    let (start, data) = (checksum(cx, 0)?, cx.arg(1));
    sum(cx, start, data, zstream::crc32)
}

fn adler32(cx: &mut Cx<'_>) -> Outcome {
    let data = cx.arg(0);
    sum(cx, 1, data, zstream::adler32)
}

fn adler32_on(cx: &mut Cx<'_>) -> Outcome {
    let (start, data) = (checksum(cx, 0)?, cx.arg(1));
    sum(cx, start, data, zstream::adler32)
}

fn combine(cx: &mut Cx<'_>, both: fn(u32, u32, u64) -> u32) -> Outcome {
    let (first, second) = (checksum(cx, 0)?, checksum(cx, 1)?);
    match cx.arg(2).as_u64() {
        Some(length) => Ok(Term::small(both(first, second, length).into())),
        None => cx.badarg(),
    }
}

fn crc32_combine(cx: &mut Cx<'_>) -> Outcome {
    combine(cx, zstream::crc32_combine)
}

fn adler32_combine(cx: &mut Cx<'_>) -> Outcome {
    combine(cx, zstream::adler32_combine)
}
