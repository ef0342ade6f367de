//! Binaries.

use std::ffi::{c_int, c_uchar, c_uint, c_void};

use super::super::Env;
use super::super::resource::{self, Hold};
use crate::heap::external::{self, Fixed};
use crate::heap::{BinaryBuffer, Build, Magic};
use crate::term::{Term, iolist};

super::kept! {
    enif_alloc_binary enif_realloc_binary enif_release_binary enif_make_binary enif_make_new_binary
    enif_make_sub_binary enif_inspect_binary enif_inspect_iolist_as_binary enif_make_resource_binary
    enif_term_to_binary enif_binary_to_term
}

/// `ErlNifBinary`
#[repr(C)]
pub(super) struct NifBinary {
    pub size: usize,
    pub data: *mut c_uchar,
    /// The buffer, if the library owns it: one count.
    pub buffer: *mut BinaryBuffer,
    spare: [*mut c_void; 2],
}

impl NifBinary {
    unsafe fn set(at: *mut NifBinary, data: *const u8, size: usize, buffer: *mut BinaryBuffer) {
        (*at).size = size;
        (*at).data = data.cast_mut();
        (*at).buffer = buffer;
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_alloc_binary(size: usize, binary: *mut NifBinary) -> c_int {
    let Some(buffer) = BinaryBuffer::try_new(size) else { return 0 };
    NifBinary::set(binary, BinaryBuffer::data_mut(buffer), size, buffer);
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_realloc_binary(binary: *mut NifBinary, size: usize) -> c_int {
    let buffer = (*binary).buffer;
    if !buffer.is_null() && (*buffer).references() == 1 {
        let Some(buffer) = BinaryBuffer::resize(buffer, size) else { return 0 };
        NifBinary::set(binary, BinaryBuffer::data_mut(buffer), size, buffer);
        return 1;
    }
    let Some(new) = BinaryBuffer::try_new(size) else { return 0 };
    let data = BinaryBuffer::data_mut(new);
    std::ptr::copy_nonoverlapping((*binary).data, data, size.min((*binary).size));
    enif_release_binary(binary);
    NifBinary::set(binary, data, size, new);
    1
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn enif_release_binary(binary: *mut NifBinary) {
    let buffer = std::mem::replace(&mut (*binary).buffer, std::ptr::null_mut());
    if !buffer.is_null() {
        BinaryBuffer::release(buffer);
    }
}

/// The term takes over the buffer; what the library only looked at is copied.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_binary(env: *mut Env, binary: *mut NifBinary) -> Term {
    let env = Env::at(env);
    let (size, data) = ((*binary).size, (*binary).data);
    let buffer = std::mem::replace(&mut (*binary).buffer, std::ptr::null_mut());
    if buffer.is_null() {
        return env.binary(if size == 0 { &[] } else { std::slice::from_raw_parts(data, size) });
    }
    (*buffer).set_used_bits(size * 8);
    env.refc_binary(buffer, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_new_binary(env: *mut Env, size: usize, term: *mut Term) -> *mut c_uchar {
    let env = Env::at(env);
    if size <= crate::heap::build::HEAP_BINARY_LIMIT {
        *term = env.binary(&[0; crate::heap::build::HEAP_BINARY_LIMIT][..size]);
        return term_bytes(*term);
    }
    let buffer = BinaryBuffer::new(size);
    (*buffer).set_used_bits(size * 8);
    *term = env.refc_binary(buffer, size);
    BinaryBuffer::data_mut(buffer)
}

fn term_bytes(binary: Term) -> *mut u8 {
    binary.as_bits().map_or(std::ptr::null_mut(), |bits| bits.first_byte().cast_mut())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_sub_binary(env: *mut Env, binary: Term, at: usize, size: usize) -> Term {
    Env::at(env).part(binary, at * 8, size * 8)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_inspect_binary(env: *mut Env, term: Term, binary: *mut NifBinary) -> c_int {
    let Some(bits) = term.as_binary() else { return 0 };
    match bits.as_bytes() {
        Some(bytes) => NifBinary::set(binary, bytes.as_ptr(), bytes.len(), std::ptr::null_mut()),
        None => {
            let bytes = Env::at(env).keep(bits.to_bytes().into_owned());
            NifBinary::set(binary, bytes.as_ptr(), bytes.len(), std::ptr::null_mut());
        }
    }
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_inspect_iolist_as_binary(env: *mut Env, term: Term, binary: *mut NifBinary) -> c_int {
    if term.as_bits().is_some() {
        return enif_inspect_binary(env, term, binary);
    }
    let Ok(bytes) = iolist::to_vec(term) else { return 0 };
    let bytes = Env::at(env).keep(bytes);
    NifBinary::set(binary, bytes.as_ptr(), bytes.len(), std::ptr::null_mut());
    1
}

/// A binary of bytes that a resource keeps.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_resource_binary(env: *mut Env, object: *mut c_void, data: *const c_void, size: usize) -> Term {
    let (magic, _) = resource::of_data(object);
    Magic::retain(magic);
    let buffer = BinaryBuffer::foreign(data.cast::<u8>(), size, Box::new(Hold(magic)));
    Env::at(env).refc_binary(buffer, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_term_to_binary(_: *mut Env, term: Term, binary: *mut NifBinary) -> c_int {
    let bytes = external::encode(term, Fixed { minor_version: 1, deterministic: false });
    if enif_alloc_binary(bytes.len(), binary) == 0 {
        return 0;
    }
    std::ptr::copy_nonoverlapping(bytes.as_ptr(), (*binary).data, bytes.len());
    1
}

/// How many bytes the term took, or 0.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_binary_to_term(env: *mut Env, data: *const c_uchar, size: usize, term: *mut Term, options: c_uint) -> usize {
    const SAFE: c_uint = 0x2000_0000;
    if options & !SAFE != 0 || size == 0 {
        return 0;
    }
    let bytes = std::slice::from_raw_parts(data, size);
    match external::decode(bytes, Env::at(env), options & SAFE != 0) {
        Ok((decoded, used)) => {
            *term = decoded;
            used
        }
        Err(_) => 0,
    }
}
