//! Vectors and queues of bytes, and selecting descriptors.

use std::ffi::{c_int, c_void};

use super::super::queue::Queue;
use super::super::resource;
use super::super::select::{self, Request};
use super::super::Env;
use super::binary::{NifBinary, enif_release_binary};
use crate::heap::{BinaryBuffer, Build};
use crate::term::{Bits, Kind, Term};

super::kept! {
    enif_inspect_iovec enif_free_iovec enif_ioq_create enif_ioq_destroy enif_ioq_enq_binary enif_ioq_enqv
    enif_ioq_size enif_ioq_deq enif_ioq_peek enif_ioq_peek_head enif_select enif_select_x
}

/// Pieces that a vector has room for in itself.
const NEAR: usize = 16;
/// In `flags`: the library's own memory.
const LENT: c_int = 1;

/// `ErlNifIOVec`
#[repr(C)]
struct NifIoVec {
    count: c_int,
    size: usize,
    pieces: *mut libc::iovec,
    buffers: *mut *mut BinaryBuffer,
    flags: c_int,
    near: [libc::iovec; NEAR],
    near_buffers: [*mut BinaryBuffer; NEAR],
}

/// One that is not the library's own, with its pieces.
#[repr(C)]
struct Far {
    vector: NifIoVec,
    pieces: Vec<libc::iovec>,
    buffers: Vec<*mut BinaryBuffer>,
}

/// A piece of a vector: its buffer, counted once for it, and the bytes.
type Piece = (libc::iovec, *mut BinaryBuffer);

fn lies_in_buffer(bits: &Bits) -> bool {
    bits.bit_skew() == 0 && bits.base.header().is(Kind::RefcBinary)
}

/// The binaries at the front of a list, at most `most`, as pieces; what is left of the list.
unsafe fn pieces(list: Term, most: usize) -> Option<(Vec<Piece>, Term)> {
    let mut binaries = Vec::new();
    let mut rest = list;
    while let Some(cell) = rest.as_cons() {
        binaries.push(cell.head().as_binary()?);
        rest = cell.tail();
        if binaries.len() >= most {
            break;
        }
    }
    if !rest.is_nil() && rest.as_cons().is_none() {
        return None;
    }
    let copied: usize = binaries.iter().filter(|bits| !lies_in_buffer(bits)).map(Bits::byte_size).sum();
    // One buffer for all that lie on heaps or between bytes.
    let copies = BinaryBuffer::try_new(copied)?;
    (*copies).set_used_bits(copied * 8);
    let mut at = BinaryBuffer::data_mut(copies);
    let mut pieces = Vec::with_capacity(binaries.len());
    for bits in binaries.iter().filter(|bits| bits.byte_size() > 0) {
        let size = bits.byte_size();
        let (data, buffer) = if lies_in_buffer(bits) {
            (bits.first_byte().cast_mut(), bits.base.word(1) as *mut BinaryBuffer)
        } else {
            std::ptr::copy_nonoverlapping(bits.to_bytes().as_ptr(), at, size);
            let data = at;
            at = at.add(size);
            (data, copies)
        };
        BinaryBuffer::retain(buffer);
        pieces.push((libc::iovec { iov_base: data.cast(), iov_len: size }, buffer));
    }
    BinaryBuffer::release(copies);
    Some((pieces, rest))
}

/// With an environment the vector lives as long as that; without one until `enif_free_iovec`.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_inspect_iovec(
    env: *mut Env,
    most: usize,
    list: Term,
    tail: *mut Term,
    to: *mut *mut NifIoVec,
) -> c_int {
    let Some((pieces, rest)) = pieces(list, most) else { return 0 };
    if let Some(env) = env.as_mut() {
        // The counts go to terms of the environment.
        for &(piece, buffer) in &pieces {
            env.refc_binary(buffer, piece.iov_len);
        }
    }
    let lent = !(*to).is_null() && pieces.len() <= NEAR;
    let vector = if lent { *to } else { far(pieces.len()) };
    let v = &mut *vector;
    if lent {
        v.flags = LENT;
        v.pieces = v.near.as_mut_ptr();
        v.buffers = v.near_buffers.as_mut_ptr();
    }
    v.count = pieces.len() as c_int;
    v.size = pieces.iter().map(|(piece, _)| piece.iov_len).sum();
    for (k, (piece, buffer)) in pieces.into_iter().enumerate() {
        *v.pieces.add(k) = piece;
        *v.buffers.add(k) = buffer;
    }
    if let Some(env) = env.as_mut().filter(|_| !lent) {
        env.keep_object(Box::new(FarVector(vector)));
    }
    *tail = rest;
    *to = vector;
    1
}

unsafe fn far(count: usize) -> *mut NifIoVec {
    let none = libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 };
    let mut far = Box::new(Far {
        vector: NifIoVec {
            count: 0,
            size: 0,
            pieces: std::ptr::null_mut(),
            buffers: std::ptr::null_mut(),
            flags: 0,
            near: [none; NEAR],
            near_buffers: [std::ptr::null_mut(); NEAR],
        },
        pieces: vec![none; count],
        buffers: vec![std::ptr::null_mut(); count],
    });
    far.vector.pieces = far.pieces.as_mut_ptr();
    far.vector.buffers = far.buffers.as_mut_ptr();
    // The vector is the first field.
    Box::into_raw(far).cast::<NifIoVec>()
}

/// Memory of a vector that an environment keeps.
struct FarVector(*mut NifIoVec);

impl Drop for FarVector {
    fn drop(&mut self) {
        // SAFETY: made by `far`.
        drop(unsafe { Box::from_raw(self.0.cast::<Far>()) });
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_free_iovec(vector: *mut NifIoVec) {
    for k in 0..(*vector).count as usize {
        let buffer = *(*vector).buffers.add(k);
        if !buffer.is_null() {
            BinaryBuffer::release(buffer);
        }
    }
    if (*vector).flags & LENT == 0 {
        drop(FarVector(vector));
    }
}

#[unsafe(no_mangle)]
extern "C" fn enif_ioq_create(options: c_int) -> *mut Queue {
    if options == 1 { Box::into_raw(Box::default()) } else { std::ptr::null_mut() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_destroy(queue: *mut Queue) {
    drop(Box::from_raw(queue));
}

/// A part of a piece, without its first bytes.
unsafe fn behind(piece: libc::iovec, skip: usize) -> libc::iovec {
    libc::iovec { iov_base: piece.iov_base.cast::<u8>().add(skip).cast(), iov_len: piece.iov_len - skip }
}

/// The queue takes over the binary.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_enq_binary(queue: *mut Queue, binary: *mut NifBinary, skip: usize) -> c_int {
    let fits = skip <= (*binary).size;
    if fits {
        let buffer = (*binary).buffer;
        if buffer.is_null() {
            let bytes = std::slice::from_raw_parts((*binary).data, (*binary).size);
            let copy = BinaryBuffer::from_bytes(&bytes[skip..]);
            let data = BinaryBuffer::data_mut(copy).cast();
            (*queue).push(libc::iovec { iov_base: data, iov_len: bytes.len() - skip }, copy);
            BinaryBuffer::release(copy);
        } else {
            let whole = libc::iovec { iov_base: (*binary).data.cast(), iov_len: (*binary).size };
            (*queue).push(behind(whole, skip), buffer);
        }
    }
    enif_release_binary(binary);
    fits.into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_enqv(queue: *mut Queue, vector: *const NifIoVec, mut skip: usize) -> c_int {
    let vector = &*vector;
    if skip > vector.size {
        return 0;
    }
    for k in 0..vector.count as usize {
        let piece = *vector.pieces.add(k);
        let less = skip.min(piece.iov_len);
        skip -= less;
        (*queue).push(behind(piece, less), *vector.buffers.add(k));
    }
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_size(queue: *const Queue) -> usize {
    (*queue).size()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_deq(queue: *mut Queue, count: usize, left: *mut usize) -> c_int {
    if !(*queue).take(count) {
        return 0;
    }
    if !left.is_null() {
        *left = (*queue).size();
    }
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_peek(queue: *mut Queue, count: *mut c_int) -> *mut libc::iovec {
    let pieces = (*queue).pieces();
    if !count.is_null() {
        *count = pieces.len() as c_int;
    }
    if pieces.is_empty() { std::ptr::null_mut() } else { pieces.as_mut_ptr() }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_ioq_peek_head(env: *mut Env, queue: *const Queue, size: *mut usize, to: *mut Term) -> c_int {
    let Some((piece, buffer)) = (*queue).head() else { return 0 };
    if !size.is_null() {
        *size = piece.iov_len;
    }
    let env = Env::at(env);
    let start = piece.iov_base.cast::<u8>().offset_from(BinaryBuffer::bytes_of(buffer)) as usize;
    BinaryBuffer::retain(buffer);
    let whole = env.refc_binary(buffer, start + piece.iov_len);
    *to = env.part(whole, start * 8, piece.iov_len * 8);
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_select(
    env: *mut Env,
    event: c_int,
    mode: c_int,
    object: *mut c_void,
    pid: *const Term,
    reference: Term,
) -> c_int {
    enif_select_x(env, event, mode & !select::CUSTOM, object, pid, reference, std::ptr::null_mut())
}

/// With `CUSTOM` in the mode, `message` is sent as it is.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_select_x(
    env: *mut Env,
    event: c_int,
    mode: c_int,
    object: *mut c_void,
    pid: *const Term,
    message: Term,
    message_env: *mut Env,
) -> c_int {
    let to = match pid.as_ref() {
        Some(pid) => *pid,
        None => Env::at(env).process().map_or(Term::NIL, |process| process.pid()),
    };
    let request = Request { mode, resource: resource::of_data(object).0, to, message };
    let answer = select::select(event, &request);
    if !message_env.is_null() && answer >= 0 && mode & (select::STOP | select::CANCEL) == 0 {
        Env::at(message_env).clear();
    }
    answer
}
