//! Memory, time, the dynamic linker, and what the system is.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

use super::super::Env;
use super::super::library::{VERSION, linker_error};
use super::make::raise;
use crate::am;
use crate::base::time;
use crate::heap::Build;
use crate::sched;
use crate::term::Term;

super::kept! {
    enif_priv_data enif_alloc enif_realloc enif_free enif_dlopen enif_dlsym enif_getenv enif_system_info
    enif_monotonic_time enif_time_offset enif_convert_time_unit enif_now_time enif_cpu_time
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_priv_data(env: *mut Env) -> *mut c_void {
    Env::at(env).library().map_or(std::ptr::null_mut(), |library| library.private())
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn enif_alloc(size: usize) -> *mut c_void {
    libc::malloc(size.max(1))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    libc::realloc(memory, size.max(1))
}

#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn enif_free(memory: *mut c_void) {
    libc::free(memory);
}

type OnError = Option<unsafe extern "C" fn(*mut c_void, *const c_char)>;

unsafe fn tell(on_error: OnError, arg: *mut c_void) {
    let text = CString::new(linker_error()).unwrap_or_default();
    if let Some(on_error) = on_error {
        on_error(arg, text.as_ptr());
    }
}

/// A path without ".so" is given one.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_dlopen(path: *const c_char, on_error: OnError, arg: *mut c_void) -> *mut c_void {
    let path = CStr::from_ptr(path).to_bytes();
    let ending: &[u8] = if path.ends_with(b".so") { b"" } else { b".so" };
    let path = CString::new([path, ending].concat()).unwrap_or_default();
    let handle = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
    if handle.is_null() {
        tell(on_error, arg);
    }
    handle
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_dlsym(handle: *mut c_void, name: *const c_char, on_error: OnError, arg: *mut c_void) -> *mut c_void {
    let symbol = libc::dlsym(handle, name);
    if symbol.is_null() {
        tell(on_error, arg);
    }
    symbol
}

/// 0, 1: not set, or -1: more room is needed (`size` says how much).
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_getenv(name: *const c_char, value: *mut c_char, size: *mut usize) -> c_int {
    let found = libc::getenv(name);
    if found.is_null() {
        return 1;
    }
    let bytes = CStr::from_ptr(found).to_bytes_with_nul();
    if *size < bytes.len() {
        *size = bytes.len();
        return -1;
    }
    std::ptr::copy_nonoverlapping(bytes.as_ptr(), value.cast::<u8>(), bytes.len());
    *size = bytes.len() - 1;
    0
}

/// `ErlNifSysInfo`
#[repr(C)]
struct SysInfo {
    driver_major: c_int,
    driver_minor: c_int,
    erts_version: *const c_char,
    otp_release: *const c_char,
    thread_support: c_int,
    smp_support: c_int,
    async_threads: c_int,
    scheduler_threads: c_int,
    nif_major: c_int,
    nif_minor: c_int,
    dirty_schedulers: c_int,
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_system_info(info: *mut SysInfo, size: usize) {
    let full = SysInfo {
        driver_major: 3,
        driver_minor: 3,
        erts_version: c"13.1.5".as_ptr(),
        otp_release: c"25".as_ptr(),
        thread_support: 1,
        smp_support: 1,
        async_threads: 1,
        scheduler_threads: sched::schedulers() as c_int,
        nif_major: VERSION.0,
        nif_minor: VERSION.1,
        dirty_schedulers: 1,
    };
    let size = size.min(std::mem::size_of::<SysInfo>());
    std::ptr::copy_nonoverlapping((&raw const full).cast::<u8>(), info.cast::<u8>(), size);
}

/// What the functions of time answer to a unit that is none.
const TIME_ERROR: i64 = i64::MIN;

/// Parts of a second, by `ErlNifTimeUnit`.
fn per_second(unit: c_int) -> Option<i64> {
    [1, 1_000, 1_000_000, 1_000_000_000].get(usize::try_from(unit).ok()?).copied()
}

fn convert(value: i64, from: i64, to: i64) -> i64 {
    (i128::from(value) * i128::from(to)).div_euclid(i128::from(from)) as i64
}

fn in_unit(nanoseconds: i64, unit: c_int) -> i64 {
    per_second(unit).map_or(TIME_ERROR, |unit| convert(nanoseconds, 1_000_000_000, unit))
}

#[unsafe(no_mangle)]
extern "C" fn enif_monotonic_time(unit: c_int) -> i64 {
    in_unit(time::monotonic(), unit)
}

#[unsafe(no_mangle)]
extern "C" fn enif_time_offset(unit: c_int) -> i64 {
    in_unit(time::offset(), unit)
}

#[unsafe(no_mangle)]
extern "C" fn enif_convert_time_unit(value: i64, from: c_int, to: c_int) -> i64 {
    match (per_second(from), per_second(to)) {
        (Some(from), Some(to)) => convert(value, from, to),
        _ => TIME_ERROR,
    }
}

/// `{MegaSeconds, Seconds, MicroSeconds}`
fn parts(env: &mut Env, micros: i64) -> Term {
    let part = |n: i64| Term::small(n);
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    env.tuple(&[part(seconds / 1_000_000), part(seconds % 1_000_000), part(micros)])
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_now_time(env: *mut Env) -> Term {
    parts(Env::at(env), time::now_unique_micros())
}

/// Processor time of the runtime.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_cpu_time(env: *mut Env) -> Term {
    let mut spent = std::mem::zeroed::<libc::timespec>();
    let env = Env::at(env);
    if libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut spent) != 0 {
        return raise(env, am::badarg);
    }
    parts(env, spent.tv_sec * 1_000_000 + spent.tv_nsec / 1000)
}
