//! Looking at terms.

use std::ffi::{c_char, c_double, c_int, c_long, c_uint, c_ulong};

use super::super::Env;
use crate::term::{Term, View, cmp, hash, portable};

super::kept! {
    enif_is_atom enif_is_binary enif_is_ref enif_is_fun enif_is_pid enif_is_port enif_is_list enif_is_tuple
    enif_is_map enif_is_number enif_is_empty_list enif_is_exception enif_has_pending_exception
    enif_get_int enif_get_uint enif_get_long enif_get_ulong enif_get_int64 enif_get_uint64 enif_get_double
    enif_get_list_cell enif_get_list_length enif_get_tuple enif_get_string enif_get_atom enif_get_atom_length
    enif_is_identical enif_compare enif_hash enif_term_type
}

macro_rules! tests {
    ($($name:ident($term:ident) $test:expr;)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(_: *mut Env, $term: Term) -> c_int {
            ($test).into()
        }
    )*};
}

tests! {
    enif_is_atom(t) t.is_atom();
    enif_is_binary(t) t.as_binary().is_some();
    enif_is_ref(t) t.is_ref();
    enif_is_fun(t) t.as_fun().is_some();
    enif_is_pid(t) t.is_pid();
    enif_is_port(t) t.is_port();
    enif_is_list(t) t.is_list();
    enif_is_tuple(t) t.as_tuple().is_some();
    enif_is_map(t) t.as_map().is_some();
    enif_is_number(t) t.is_number();
    enif_is_empty_list(t) t.is_nil();
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_is_exception(env: *mut Env, term: Term) -> c_int {
    (term.is_none() && !Env::at(env).raised.is_none()).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_has_pending_exception(env: *mut Env, reason: *mut Term) -> c_int {
    let raised = Env::at(env).raised;
    if !raised.is_none() && !reason.is_null() {
        *reason = raised;
    }
    (!raised.is_none()).into()
}

/// Stores a value if there is one: 1, else 0.
unsafe fn give<T>(value: Option<T>, to: *mut T) -> c_int {
    match value {
        Some(value) => {
            to.write(value);
            1
        }
        None => 0,
    }
}

macro_rules! integers {
    ($($name:ident $as:ident $type:ty;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(_: *mut Env, term: Term, to: *mut $type) -> c_int {
            give(term.$as().and_then(|n| <$type>::try_from(n).ok()), to)
        }
    )*};
}

integers! {
    enif_get_int as_i64 c_int;
    enif_get_uint as_u64 c_uint;
    enif_get_long as_i64 c_long;
    enif_get_ulong as_u64 c_ulong;
    enif_get_int64 as_i64 i64;
    enif_get_uint64 as_u64 u64;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_double(_: *mut Env, term: Term, to: *mut c_double) -> c_int {
    give(term.as_float(), to)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_list_cell(_: *mut Env, term: Term, head: *mut Term, tail: *mut Term) -> c_int {
    let Some(cell) = term.as_cons() else { return 0 };
    *head = cell.head();
    *tail = cell.tail();
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_list_length(_: *mut Env, term: Term, length: *mut c_uint) -> c_int {
    let mut list = term.list();
    let count = list.by_ref().count();
    give(list.rest().is_nil().then_some(count as c_uint), length)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_tuple(_: *mut Env, term: Term, arity: *mut c_int, elements: *mut *const Term) -> c_int {
    let Some(tuple) = term.as_tuple() else { return 0 };
    *arity = tuple.arity() as c_int;
    *elements = tuple.as_slice().as_ptr();
    1
}

/// Bytes and a zero into a buffer; how many, or 0 if there is no room.
unsafe fn put_text(bytes: &[u8], to: *mut c_char, room: usize) -> c_int {
    if bytes.len() >= room {
        return 0;
    }
    std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.cast::<u8>(), bytes.len());
    *to.add(bytes.len()) = 0;
    bytes.len() as c_int + 1
}

/// What does not fit is cut off, and the answer negative.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_string(_: *mut Env, list: Term, to: *mut c_char, room: c_uint, encoding: c_int) -> c_int {
    if encoding != 1 || room == 0 {
        return 0;
    }
    *to = 0;
    let mut bytes = Vec::new();
    let mut it = list.list();
    while let Some(element) = it.next() {
        let Some(byte) = element.as_small().and_then(|n| u8::try_from(n).ok()) else { return 0 };
        if bytes.len() + 1 == room as usize {
            put_text(&bytes, to, room as usize);
            return -(room as c_int);
        }
        bytes.push(byte);
    }
    if !it.rest().is_nil() {
        return 0;
    }
    put_text(&bytes, to, room as usize)
}

/// The name of an atom in Latin-1, if it has one.
fn latin1_name(term: Term) -> Option<Vec<u8>> {
    term.as_atom()?.name().chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_atom(_: *mut Env, term: Term, to: *mut c_char, room: c_uint, encoding: c_int) -> c_int {
    match latin1_name(term) {
        Some(name) if encoding == 1 => put_text(&name, to, room as usize),
        _ => 0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_atom_length(_: *mut Env, term: Term, length: *mut c_uint, encoding: c_int) -> c_int {
    give(latin1_name(term).filter(|_| encoding == 1).map(|name| name.len() as c_uint), length)
}

#[unsafe(no_mangle)]
extern "C" fn enif_is_identical(a: Term, b: Term) -> c_int {
    cmp::eq_exact(a, b).into()
}

#[unsafe(no_mangle)]
extern "C" fn enif_compare(a: Term, b: Term) -> c_int {
    cmp::compare(a, b) as c_int
}

/// 1: a hash that is the same only within this run; 2: `erlang:phash2/1`.
#[unsafe(no_mangle)]
extern "C" fn enif_hash(kind: c_int, term: Term, salt: u64) -> u64 {
    match kind {
        1 => hash::internal(term, salt as u32).into(),
        2 => u64::from(portable::phash2(term)) & ((1 << 27) - 1),
        _ => 0,
    }
}

#[unsafe(no_mangle)]
extern "C" fn enif_term_type(_: *mut Env, term: Term) -> c_int {
    match term.view() {
        View::Atom(_) => 1,
        View::Bits(_) | View::MatchContext => 2,
        View::Float(_) => 3,
        View::Fun(_) => 4,
        View::Small(_) | View::Big(_) => 5,
        View::Nil | View::Cons(_) => 6,
        View::Map(_) => 7,
        View::LocalPid | View::ExternalPid => 8,
        View::LocalPort | View::ExternalPort => 9,
        View::Ref | View::ExternalRef => 10,
        View::Tuple(_) | View::Record => 11,
        View::Internal => -1,
    }
}
