//! Reading and writing of open files, and whole files at once.

use std::borrow::Cow;
use std::io::IoSlice;
use std::os::fd::BorrowedFd;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::Bits;
use glulam_vm::{Term, am};
use rustix::buffer::spare_capacity;

use super::handle::{open_to_read, with};
use super::{Errno, ok_with, path_of, position, posix_error};

/// Binaries taken from a list in one call; the caller comes again with the rest.
const VECTOR: usize = 64;

/// Up to `size` bytes, fewer only at the end of the file; from `offset`, or from the current
/// position, which moves.
fn read_block(fd: BorrowedFd<'_>, offset: Option<u64>, size: usize) -> Result<Vec<u8>, Errno> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Errno::NOMEM)?;
    while bytes.len() < size {
        let at = bytes.len() as u64;
        let n = rustix::io::retry_on_intr(|| match offset {
            Some(offset) => rustix::io::pread(fd, spare_capacity(&mut bytes), offset.saturating_add(at)),
            None => rustix::io::read(fd, spare_capacity(&mut bytes)),
        })?;
        if n == 0 {
            break;
        }
    }
    bytes.truncate(size);
    if bytes.len() < size / 2 {
        bytes.shrink_to_fit();
    }
    Ok(bytes)
}

/// `{ok, Data}`, `eof` or `{error, Name}`.
fn block_result(cx: &mut Cx<'_>, result: Result<Vec<u8>, Errno>) -> Outcome {
    match result {
        Ok(bytes) if bytes.is_empty() => Ok(am::eof),
        Ok(bytes) => {
            let data = cx.binary_from(bytes);
            ok_with(cx, data)
        }
        Err(e) => Ok(posix_error(cx, e.raw_os_error())),
    }
}

pub(super) fn read(cx: &mut Cx<'_>) -> Outcome {
    let [handle, size] = cx.take();
    with(cx, handle, |cx, fd| {
        let Ok(size) = position(size) else { return cx.badarg() };
        let result = match size {
            Some(size) => read_block(fd, None, size as usize),
            None => Err(Errno::INVAL),
        };
        block_result(cx, result)
    })
}

pub(super) fn pread(cx: &mut Cx<'_>) -> Outcome {
    let [handle, offset, size] = cx.take();
    with(cx, handle, |cx, fd| {
        let (Ok(offset), Ok(size)) = (position(offset), position(size)) else { return cx.badarg() };
        let result = match (offset, size) {
            (Some(offset), Some(size)) => read_block(fd, Some(offset), size as usize),
            _ => Err(Errno::INVAL),
        };
        block_result(cx, result)
    })
}

/// The first `limit` binaries of a list of binaries, and the list behind them. `None` if it is no
/// such list.
pub(crate) fn vector_of(list: Term, limit: usize) -> Option<(Vec<Bits>, Term)> {
    let mut parts = Vec::new();
    let mut rest = list;
    while let Some(cell) = rest.as_cons() {
        if parts.len() == limit {
            return Some((parts, rest));
        }
        parts.push(cell.head().as_binary()?);
        rest = cell.tail();
    }
    rest.is_nil().then_some((parts, rest))
}

/// Writes everything: at `offset`, or at the current position. How many bytes.
fn write_all(fd: BorrowedFd<'_>, offset: Option<u64>, parts: &[Bits]) -> Result<u64, Errno> {
    let bytes: Vec<Cow<'_, [u8]>> = parts.iter().map(Bits::to_bytes).collect();
    let mut slices: Vec<IoSlice<'_>> = bytes.iter().map(|part| IoSlice::new(part)).collect();
    let mut slices = &mut slices[..];
    let mut written = 0;
    // Drops empty parts at the front, so that nothing left means all is written.
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        let n = rustix::io::retry_on_intr(|| match offset {
            Some(offset) => rustix::io::pwritev(fd, slices, offset.saturating_add(written)),
            None => rustix::io::writev(fd, slices),
        })?;
        if n == 0 {
            break;
        }
        IoSlice::advance_slices(&mut slices, n);
        written += n as u64;
    }
    Ok(written)
}

pub(super) fn write(cx: &mut Cx<'_>) -> Outcome {
    let [handle, vector] = cx.take();
    with(cx, handle, |cx, fd| {
        let Some((parts, rest)) = vector_of(vector, VECTOR) else { return cx.badarg() };
        match write_all(fd, None, &parts) {
            Ok(_) if rest.is_nil() => Ok(am::ok),
            Ok(_) => Ok(cx.tuple(&[am::continue_, rest])),
            Err(e) => Ok(posix_error(cx, e.raw_os_error())),
        }
    })
}

pub(super) fn pwrite(cx: &mut Cx<'_>) -> Outcome {
    let [handle, offset, vector] = cx.take();
    with(cx, handle, |cx, fd| {
        let Some((parts, rest)) = vector_of(vector, VECTOR) else { return cx.badarg() };
        let Ok(offset) = position(offset) else { return cx.badarg() };
        let Some(offset) = offset else { return Ok(posix_error(cx, Errno::INVAL.raw_os_error())) };
        match write_all(fd, Some(offset), &parts) {
            Ok(_) if rest.is_nil() => Ok(am::ok),
            Ok(n) => {
                let n = cx.u64(n);
                Ok(cx.tuple(&[am::continue_, n, rest]))
            }
            Err(e) => Ok(posix_error(cx, e.raw_os_error())),
        }
    })
}

pub(super) fn indirect_read(cx: &mut Cx<'_>) -> Outcome {
    let [handle, offset, most] = cx.take();
    with(cx, handle, |cx, fd| {
        let (true, true) = (offset.is_number(), most.is_number()) else { return cx.badarg() };
        let (Some(offset), Some(most)) =
            (offset.as_i64().and_then(|n| u64::try_from(n).ok()), most.as_i64().filter(|&n| n < 1 << 31))
        else {
            return Ok(posix_error(cx, Errno::INVAL.raw_os_error()));
        };
        let pointer = match read_block(fd, Some(offset), 8) {
            Ok(bytes) => match <[u8; 8]>::try_from(bytes) {
                Ok(bytes) => u64::from_be_bytes(bytes),
                Err(_) => return Ok(am::eof),
            },
            Err(e) => return Ok(posix_error(cx, e.raw_os_error())),
        };
        let (size, at) = (pointer >> 32, pointer & 0xffff_ffff);
        if size as i64 > most {
            return Ok(am::eof);
        }
        let data = match read_block(fd, Some(at), size as usize) {
            Ok(bytes) if bytes.is_empty() => am::eof,
            Ok(bytes) => cx.binary_from(bytes),
            Err(e) => return Ok(posix_error(cx, e.raw_os_error())),
        };
        let (size, at) = (cx.u64(size), cx.u64(at));
        let block = cx.tuple(&[size, at, data]);
        ok_with(cx, block)
    })
}

/// All of a file. Its size is only a first guess: files of `/proc` say 0, and files grow.
fn whole_file(path: Term) -> Result<Vec<u8>, Errno> {
    path_of(path)?;
    let fd = open_to_read(path)?;
    let size = rustix::fs::fstat(&fd).map_or(0, |stat| usize::try_from(stat.st_size).unwrap_or(0));
    let mut bytes = Vec::new();
    // One byte more than it should hold lets one read see the end.
    bytes.try_reserve_exact(if size == 0 { 16 << 10 } else { size + 1 }).map_err(|_| Errno::NOMEM)?;
    loop {
        let n = rustix::io::retry_on_intr(|| rustix::io::read(&fd, spare_capacity(&mut bytes)))?;
        if n == 0 || (size > 0 && bytes.len() == size) {
            break;
        }
        if bytes.len() == bytes.capacity() {
            bytes.try_reserve(bytes.len()).map_err(|_| Errno::NOMEM)?;
        }
    }
    Ok(bytes)
}

pub(super) fn read_file(cx: &mut Cx<'_>) -> Outcome {
    match whole_file(cx.arg(0)) {
        Ok(bytes) => {
            let data = cx.binary_from(bytes);
            ok_with(cx, data)
        }
        Err(e) => Ok(posix_error(cx, e.raw_os_error())),
    }
}
