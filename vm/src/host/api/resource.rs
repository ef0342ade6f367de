//! Resources.

use std::ffi::{CStr, c_char, c_int, c_void};

use super::super::Env;
use super::super::resource::{self, Callbacks, Destroy, Down, DynamicCall, Resource, StopEvent, Type};
use super::super::watch::{self, NifMonitor};
use crate::heap::{Build, Magic};
use crate::term::Term;

super::kept! {
    enif_open_resource_type enif_open_resource_type_x enif_init_resource_type enif_alloc_resource
    enif_release_resource enif_keep_resource enif_make_resource enif_get_resource enif_sizeof_resource
    enif_monitor_process enif_demonitor_process enif_compare_monitors enif_make_monitor_term
    enif_dynamic_resource_call
}

/// `ErlNifResourceTypeInit`
#[repr(C)]
struct TypeInit {
    destroy: Option<Destroy>,
    stop: Option<StopEvent>,
    down: Option<Down>,
    members: c_int,
    dynamic: Option<DynamicCall>,
}

unsafe fn open(env: *mut Env, name: *const c_char, callbacks: Callbacks, flags: c_int, tried: *mut c_int) -> *const Type {
    let env = Env::at(env);
    let Some(module) = env.library().map(|l| l.module) else { return std::ptr::null() };
    let Some(opening) = env.opening() else { return std::ptr::null() };
    let (ty, how) = match resource::open(opening, module, CStr::from_ptr(name).to_bytes(), callbacks, flags) {
        Ok((ty, how)) => (ty, how),
        Err(how) => (std::ptr::null(), how),
    };
    if !tried.is_null() {
        *tried = how;
    }
    ty
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_open_resource_type(
    env: *mut Env,
    _module: *const c_char,
    name: *const c_char,
    destroy: Option<Destroy>,
    flags: c_int,
    tried: *mut c_int,
) -> *const Type {
    open(env, name, Callbacks { destroy, ..Callbacks::default() }, flags, tried)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_open_resource_type_x(
    env: *mut Env,
    name: *const c_char,
    init: *const TypeInit,
    flags: c_int,
    tried: *mut c_int,
) -> *const Type {
    let (destroy, stop, down) = ((*init).destroy, (*init).stop, (*init).down);
    open(env, name, Callbacks { destroy, stop, down, ..Callbacks::default() }, flags, tried)
}

/// The first `members` callbacks of `init` count.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_init_resource_type(
    env: *mut Env,
    name: *const c_char,
    init: *const TypeInit,
    flags: c_int,
    tried: *mut c_int,
) -> *const Type {
    let members = (*init).members;
    let callbacks = Callbacks {
        destroy: if members > 0 { (*init).destroy } else { None },
        stop: if members > 1 { (*init).stop } else { None },
        down: if members > 2 { (*init).down } else { None },
        dynamic: if members > 3 { (*init).dynamic } else { None },
        free: None,
    };
    open(env, name, callbacks, flags, tried)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_alloc_resource(ty: *const Type, size: usize) -> *mut c_void {
    resource::new(ty, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_release_resource(object: *mut c_void) {
    Magic::release(resource::of_data(object).0);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_keep_resource(object: *mut c_void) {
    Magic::retain(resource::of_data(object).0);
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_resource(env: *mut Env, object: *mut c_void) -> Term {
    let (magic, _) = resource::of_data(object);
    Magic::retain(magic);
    Env::at(env).magic_ref(magic)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_resource(_: *mut Env, term: Term, ty: *const Type, object: *mut *mut c_void) -> c_int {
    match resource::of_term(&term) {
        Some(resource) if resource.is_of(ty) => {
            *object = resource.data();
            1
        }
        _ => 0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_sizeof_resource(object: *mut c_void) -> usize {
    resource::of_data(object).1
}

/// 0, or why not: less than 0 without a callback, more than 0 without a process.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_monitor_process(_: *mut Env, object: *mut c_void, pid: *const Term, to: *mut NifMonitor) -> c_int {
    match watch::begin(resource::at(object), resource::of_data(object).0, *pid) {
        Ok(monitor) => {
            if !to.is_null() {
                to.write(monitor);
            }
            0
        }
        Err(why) => why,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_demonitor_process(_: *mut Env, object: *mut c_void, monitor: *const NifMonitor) -> c_int {
    (!watch::end(resource::at(object), resource::of_data(object).0, (*monitor).number)).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_compare_monitors(a: *const NifMonitor, b: *const NifMonitor) -> c_int {
    (*a).cmp(&*b) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_make_monitor_term(env: *mut Env, monitor: *const NifMonitor) -> Term {
    Env::at(env).reference((*monitor).number)
}

/// 0: the type of that name, which the resource is of, was called.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_dynamic_resource_call(env: *mut Env, module: Term, name: Term, term: Term, data: *mut c_void) -> c_int {
    let (Some(module), Some(name)) = (module.as_atom(), name.as_atom()) else { return 1 };
    match Magic::value_of::<Resource>(&term) {
        Some(resource) if resource.ty().is_named(module, name) => (!resource.dynamic(Env::at(env), data)).into(),
        _ => 1,
    }
}
