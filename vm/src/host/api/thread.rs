//! Locks and keys for a library's own threads: those of POSIX.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};

use crate::base::sync;

super::kept! {
    enif_mutex_create enif_mutex_destroy enif_mutex_trylock enif_mutex_lock enif_mutex_unlock enif_mutex_name
    enif_cond_create enif_cond_destroy enif_cond_signal enif_cond_broadcast enif_cond_wait enif_cond_name
    enif_rwlock_create enif_rwlock_destroy enif_rwlock_tryrlock enif_rwlock_rlock enif_rwlock_runlock
    enif_rwlock_tryrwlock enif_rwlock_rwlock enif_rwlock_rwunlock enif_rwlock_name
    enif_tsd_key_create enif_tsd_key_destroy enif_tsd_set enif_tsd_get
    enif_thread_opts_create enif_thread_opts_destroy
}

/// A lock with its name.
#[repr(C)]
pub(super) struct Named<L> {
    lock: L,
    name: Option<CString>,
}

unsafe fn make<L>(name: *const c_char, lock: L) -> *mut Named<L> {
    let name = (!name.is_null()).then(|| CStr::from_ptr(name).to_owned());
    Box::into_raw(Box::new(Named { lock, name }))
}

unsafe fn name_of<L>(lock: *const Named<L>) -> *const c_char {
    (*lock).name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr())
}

type Mutex = Named<libc::pthread_mutex_t>;
type Cond = Named<libc::pthread_cond_t>;
type RwLock = Named<libc::pthread_rwlock_t>;

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_mutex_create(name: *const c_char) -> *mut Mutex {
    make(name, libc::PTHREAD_MUTEX_INITIALIZER)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_cond_create(name: *const c_char) -> *mut Cond {
    make(name, libc::PTHREAD_COND_INITIALIZER)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_rwlock_create(name: *const c_char) -> *mut RwLock {
    make(name, libc::PTHREAD_RWLOCK_INITIALIZER)
}

/// One line a function: what is done with the lock.
macro_rules! operations {
    ($($name:ident($type:ty) $call:path;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(lock: *mut $type) -> c_int {
            $call(&mut (*lock).lock)
        }
    )*};
}

operations! {
    enif_mutex_trylock(Mutex) libc::pthread_mutex_trylock;
    enif_mutex_lock(Mutex) libc::pthread_mutex_lock;
    enif_mutex_unlock(Mutex) libc::pthread_mutex_unlock;
    enif_cond_signal(Cond) libc::pthread_cond_signal;
    enif_cond_broadcast(Cond) libc::pthread_cond_broadcast;
    enif_rwlock_tryrlock(RwLock) libc::pthread_rwlock_tryrdlock;
    enif_rwlock_rlock(RwLock) libc::pthread_rwlock_rdlock;
    enif_rwlock_runlock(RwLock) libc::pthread_rwlock_unlock;
    enif_rwlock_tryrwlock(RwLock) libc::pthread_rwlock_trywrlock;
    enif_rwlock_rwlock(RwLock) libc::pthread_rwlock_wrlock;
    enif_rwlock_rwunlock(RwLock) libc::pthread_rwlock_unlock;
}

macro_rules! ends {
    ($($destroy:ident $name:ident $type:ty;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $destroy(lock: *mut $type) {
            drop(Box::from_raw(lock));
        }
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(lock: *const $type) -> *const c_char {
            name_of(lock)
        }
    )*};
}

ends! {
    enif_mutex_destroy enif_mutex_name Mutex;
    enif_cond_destroy enif_cond_name Cond;
    enif_rwlock_destroy enif_rwlock_name RwLock;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_cond_wait(cond: *mut Cond, mutex: *mut Mutex) {
    libc::pthread_cond_wait(&mut (*cond).lock, &mut (*mutex).lock);
}

/// Keys of thread-specific data. POSIX has too few of them.
#[derive(Default)]
struct Keys {
    /// How often each was made and destroyed: odd while it exists.
    turns: Vec<u32>,
    free: Vec<usize>,
}

static KEYS: sync::Mutex<Keys> = sync::Mutex::new(Keys { turns: Vec::new(), free: Vec::new() });

thread_local! {
    /// By key: the value, and the turn of the key that it was set in.
    static VALUES: RefCell<Vec<(u32, *mut c_void)>> = const { RefCell::new(Vec::new()) };
}

fn turn_of(key: c_int) -> Option<(usize, u32)> {
    let key = usize::try_from(key).ok()?;
    let turn = *KEYS.lock().turns.get(key)?;
    (turn % 2 == 1).then_some((key, turn))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_tsd_key_create(_name: *const c_char, to: *mut c_int) -> c_int {
    let mut keys = KEYS.lock();
    let key = keys.free.pop().unwrap_or(keys.turns.len());
    if key == keys.turns.len() {
        keys.turns.push(0);
    }
    keys.turns[key] += 1;
    *to = key as c_int;
    0
}

#[unsafe(no_mangle)]
extern "C" fn enif_tsd_key_destroy(key: c_int) {
    if let Some((key, _)) = turn_of(key) {
        let mut keys = KEYS.lock();
        keys.turns[key] += 1;
        keys.free.push(key);
    }
}

#[unsafe(no_mangle)]
extern "C" fn enif_tsd_set(key: c_int, data: *mut c_void) {
    let Some((key, turn)) = turn_of(key) else { return };
    VALUES.with_borrow_mut(|values| {
        if values.len() <= key {
            values.resize(key + 1, (0, std::ptr::null_mut()));
        }
        values[key] = (turn, data);
    });
}

#[unsafe(no_mangle)]
extern "C" fn enif_tsd_get(key: c_int) -> *mut c_void {
    let Some((key, turn)) = turn_of(key) else { return std::ptr::null_mut() };
    VALUES.with_borrow(|values| match values.get(key) {
        Some(&(set, data)) if set == turn => data,
        _ => std::ptr::null_mut(),
    })
}

/// `ErlNifThreadOpts`: a stack size in kilowords, -1: the usual one.
#[unsafe(no_mangle)]
extern "C" fn enif_thread_opts_create(_name: *const c_char) -> *mut c_int {
    Box::into_raw(Box::new(-1))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_thread_opts_destroy(options: *mut c_int) {
    drop(Box::from_raw(options));
}
