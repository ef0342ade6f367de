//! Maps.

use std::ffi::{c_int, c_void};

use super::super::Env;
use crate::heap::map;
use crate::term::Term;

super::kept! {
    enif_get_map_size enif_make_new_map enif_make_map_put enif_get_map_value enif_make_map_update
    enif_make_map_remove enif_make_map_from_arrays enif_map_iterator_create enif_map_iterator_destroy
    enif_map_iterator_is_head enif_map_iterator_is_tail enif_map_iterator_next enif_map_iterator_prev
    enif_map_iterator_get_pair
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_map_size(_: *mut Env, map: Term, size: *mut usize) -> c_int {
    let Some(map) = map.as_map() else { return 0 };
    *size = map.size();
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_new_map(env: *mut Env) -> Term {
    map::empty(Env::at(env))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_map_put(env: *mut Env, map: Term, key: Term, value: Term, to: *mut Term) -> c_int {
    if map.as_map().is_none() {
        return 0;
    }
    *to = map::put(map, key, value, Env::at(env));
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_map_value(_: *mut Env, map: Term, key: Term, to: *mut Term) -> c_int {
    let Some(value) = map.as_map().and_then(|map| map.get(key)) else { return 0 };
    *to = value;
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_map_update(env: *mut Env, map: Term, key: Term, value: Term, to: *mut Term) -> c_int {
    if map.as_map().is_none() {
        return 0;
    }
    let Some(map) = map::update(map, key, value, Env::at(env)) else { return 0 };
    *to = map;
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_map_remove(env: *mut Env, map: Term, key: Term, to: *mut Term) -> c_int {
    if map.as_map().is_none() {
        return 0;
    }
    *to = map::remove(map, key, Env::at(env));
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_map_from_arrays(
    env: *mut Env,
    keys: *const Term,
    values: *const Term,
    count: usize,
    to: *mut Term,
) -> c_int {
    let pairs: Vec<map::Pair> = (0..count).map(|i| (*keys.add(i), *values.add(i))).collect();
    match map::from_unique_pairs(&pairs, Env::at(env)) {
        Some(map) => {
            *to = map;
            1
        }
        None => 0,
    }
}

/// `ErlNifMapIterator`. It stands at a pair from 1 to `size`, before the first (0) or behind the
/// last.
#[repr(C)]
struct Iterator_ {
    map: Term,
    size: usize,
    at: usize,
    /// The pairs, in the map's order: owned.
    pairs: *mut map::Pair,
    more: *mut c_void,
    spare: [*mut c_void; 2],
}

/// `entry`: 1 at the first pair, 2 at the last.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_create(_: *mut Env, map: Term, it: *mut Iterator_, entry: c_int) -> c_int {
    let Some(view) = map.as_map() else { return 0 };
    let size = view.size();
    let at = match entry {
        1 => 1,
        2 => size,
        _ => return 0,
    };
    let pairs: Box<[map::Pair]> = view.iter().collect();
    let spare = [std::ptr::null_mut(); 2];
    let pairs = Box::into_raw(pairs).cast::<map::Pair>();
    it.write(Iterator_ { map, size, at, pairs, more: std::ptr::null_mut(), spare });
    1
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_destroy(_: *mut Env, it: *mut Iterator_) {
    let pairs = std::mem::replace(&mut (*it).pairs, std::ptr::null_mut());
    if !pairs.is_null() {
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(pairs, (*it).size)));
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_is_head(_: *mut Env, it: *mut Iterator_) -> c_int {
    ((*it).at == 0).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_is_tail(_: *mut Env, it: *mut Iterator_) -> c_int {
    ((*it).at > (*it).size).into()
}

/// Goes on; 0 if there is no pair any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_next(_: *mut Env, it: *mut Iterator_) -> c_int {
    let it = &mut *it;
    it.at = (it.at + 1).min(it.size + 1);
    (it.at <= it.size).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_prev(_: *mut Env, it: *mut Iterator_) -> c_int {
    let it = &mut *it;
    it.at = it.at.saturating_sub(1);
    (it.at > 0).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_map_iterator_get_pair(_: *mut Env, it: *mut Iterator_, key: *mut Term, value: *mut Term) -> c_int {
    let it = &*it;
    if it.at == 0 || it.at > it.size {
        return 0;
    }
    (*key, *value) = *it.pairs.add(it.at - 1);
    1
}
