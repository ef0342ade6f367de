//! Making terms, and raising.

use std::ffi::{CStr, c_char, c_double, c_int, c_long, c_uint, c_ulong};

use super::super::Env;
use crate::am;
use crate::atom::Atom;
use crate::heap::{Build, copy};
use crate::process::reference;
use crate::term::Term;

super::kept! {
    enif_make_int enif_make_uint enif_make_long enif_make_ulong enif_make_int64 enif_make_uint64 enif_make_double
    enif_make_atom enif_make_atom_len enif_make_existing_atom enif_make_existing_atom_len
    enif_make_tuple_from_array enif_make_list_from_array enif_make_list_cell enif_make_reverse_list
    enif_make_string enif_make_string_len enif_make_ref enif_make_copy enif_make_badarg enif_raise_exception
    enif_make_unique_integer
}

macro_rules! integers {
    ($($name:ident $type:ty => $make:ident $wide:ty;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(env: *mut Env, value: $type) -> Term {
            Env::at(env).$make(<$wide>::from(value))
        }
    )*};
}

integers! {
    enif_make_int c_int => i64 i64;
    enif_make_uint c_uint => u64 u64;
    enif_make_long c_long => i64 i64;
    enif_make_ulong c_ulong => u64 u64;
    enif_make_int64 i64 => i64 i64;
    enif_make_uint64 u64 => u64 u64;
}

/// Raises `error:Reason`: what a native then returns does not count.
pub(super) fn raise(env: &mut Env, reason: Term) -> Term {
    env.raised = reason;
    Term::NONE
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_badarg(env: *mut Env) -> Term {
    raise(Env::at(env), am::badarg)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_raise_exception(env: *mut Env, reason: Term) -> Term {
    raise(Env::at(env), reason)
}

/// A float that is not finite raises `badarg`.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_double(env: *mut Env, value: c_double) -> Term {
    let env = Env::at(env);
    if value.is_finite() { env.float(value) } else { raise(env, am::badarg) }
}

/// Text in Latin-1, the encoding of the interface.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

unsafe fn bytes_at<'a>(text: *const c_char, length: usize) -> &'a [u8] {
    if length == 0 { &[] } else { std::slice::from_raw_parts(text.cast::<u8>(), length) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_atom(env: *mut Env, name: *const c_char) -> Term {
    enif_make_atom_len(env, name, CStr::from_ptr(name).count_bytes())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_atom_len(env: *mut Env, name: *const c_char, length: usize) -> Term {
    match Atom::intern(&latin1(bytes_at(name, length))) {
        Ok(atom) => Term::from_atom(atom),
        Err(_) => raise(Env::at(env), am::badarg),
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_existing_atom(env: *mut Env, name: *const c_char, atom: *mut Term, encoding: c_int) -> c_int {
    enif_make_existing_atom_len(env, name, CStr::from_ptr(name).count_bytes(), atom, encoding)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_existing_atom_len(
    _: *mut Env,
    name: *const c_char,
    length: usize,
    to: *mut Term,
    encoding: c_int,
) -> c_int {
    match Atom::existing(&latin1(bytes_at(name, length))) {
        Some(atom) if encoding == 1 => {
            *to = Term::from_atom(atom);
            1
        }
        _ => 0,
    }
}

unsafe fn terms<'a>(terms: *const Term, count: c_uint) -> &'a [Term] {
    if count == 0 { &[] } else { std::slice::from_raw_parts(terms, count as usize) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_tuple_from_array(env: *mut Env, elements: *const Term, count: c_uint) -> Term {
    Env::at(env).tuple(terms(elements, count))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_list_from_array(env: *mut Env, elements: *const Term, count: c_uint) -> Term {
    Env::at(env).list(terms(elements, count))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_list_cell(env: *mut Env, head: Term, tail: Term) -> Term {
    Env::at(env).cons(head, tail)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_reverse_list(env: *mut Env, list: Term, to: *mut Term) -> c_int {
    let Some(elements) = list.proper_list() else { return 0 };
    let env = Env::at(env);
    *to = elements.iter().fold(Term::NIL, |tail, &head| env.cons(head, tail));
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_string(env: *mut Env, text: *const c_char, encoding: c_int) -> Term {
    enif_make_string_len(env, text, CStr::from_ptr(text).count_bytes(), encoding)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_string_len(env: *mut Env, text: *const c_char, length: usize, _: c_int) -> Term {
    Env::at(env).byte_list(bytes_at(text, length))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_ref(env: *mut Env) -> Term {
    Env::at(env).reference(reference::fresh())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_copy(env: *mut Env, term: Term) -> Term {
    copy::copy_into(term, Env::at(env))
}

/// Properties: 1 positive, 2 monotonic.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_unique_integer(env: *mut Env, properties: c_int) -> Term {
    Env::at(env).i64(reference::unique_integer(properties & 1 != 0, properties & 2 != 0))
}
