//! Processes: sending, scheduling, environments.

use std::ffi::{CStr, c_char, c_int};

use super::super::call::Function;
use super::super::library::{class_of, declare};
use super::super::Env;
use super::make::raise;
use crate::am;
use crate::atom::Atom;
use crate::bif::Class;
use crate::process::trace::{self, flag};
use crate::process::{Parcel, Pid};
use crate::sched;
use crate::table::{names, processes, route};
use crate::term::{Term, iolist};

super::kept! {
    enif_alloc_env enif_free_env enif_clear_env enif_self enif_get_local_pid enif_get_local_port enif_send
    enif_is_process_alive enif_is_current_process_alive enif_is_port_alive enif_whereis_pid enif_whereis_port
    enif_set_pid_undefined enif_is_pid_undefined enif_schedule_nif enif_consume_timeslice enif_thread_type
    enif_port_command
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_alloc_env() -> *mut Env {
    // In memory of `enif_alloc`: some libraries give it back with `enif_free`.
    let env = super::system::enif_alloc(size_of::<Env>()).cast::<Env>();
    if !env.is_null() {
        env.write(Env::of_library(std::ptr::null()));
    }
    env
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_free_env(env: *mut Env) {
    env.drop_in_place();
    super::system::enif_free(env.cast());
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_clear_env(env: *mut Env) {
    Env::at(env).clear();
}

/// `ErlNifPid` and `ErlNifPort` are one term each.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_self(env: *mut Env, pid: *mut Term) -> *mut Term {
    match Env::at(env).process() {
        Some(process) => {
            *pid = process.pid();
            pid
        }
        None => std::ptr::null_mut(),
    }
}

unsafe fn give(term: Option<Term>, to: *mut Term) -> c_int {
    match term {
        Some(term) => {
            *to = term;
            1
        }
        None => 0,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_local_pid(_: *mut Env, term: Term, pid: *mut Term) -> c_int {
    give(Some(term).filter(|t| t.is_local_pid()), pid)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_get_local_port(_: *mut Env, term: Term, port: *mut Term) -> c_int {
    give(Some(term).filter(|t| t.is_local_port()), port)
}

/// Sends; the terms of `message_env`, if there is one, are gone afterwards. 0: nobody is there.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_send(env: *mut Env, to: *const Term, message_env: *mut Env, message: Term) -> c_int {
    if !env.is_null() {
        // A dirty native may outlive its process, which then sends no more.
        if Env::at(env).process().is_some_and(|process| process.state.is_ended()) {
            return 0;
        }
        tell_sent(Env::at(env), *to, message);
    }
    let sent = (*to).is_local_pid() && route::send_parcel(*to, Parcel::new(message));
    if !message_env.is_null() && sent {
        Env::at(message_env).clear();
    }
    sent.into()
}

/// Whoever traces what a process sends is told of what its natives send, too.
fn tell_sent(env: &mut Env, to: Term, message: Term) {
    let Some(process) = env.process().filter(|process| process.traced.has(flag::SEND)) else { return };
    let process = process.handle();
    let exists = Pid::of(to).is_some_and(|pid| processes::with(pid, |_| ()).is_some());
    if let (Some(tracing), Some(own)) = (trace::tracing(), env.own()) {
        tracing.send(&process, own, to, message, exists);
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_is_process_alive(_: *mut Env, pid: *const Term) -> c_int {
    Pid::of(*pid).is_some_and(|pid| processes::with(pid, |_| ()).is_some()).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_is_current_process_alive(env: *mut Env) -> c_int {
    let env = Env::at(env);
    let ends = env.process().is_some_and(|process| process.is_to_end());
    (!ends && env.own().is_some_and(|own| !own.exit_pending)).into()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_is_port_alive(_: *mut Env, port: *const Term) -> c_int {
    route::ports().is_some_and(|ports| ports.is_open(*port)).into()
}

fn whereis(name: Term) -> Option<Term> {
    names::whereis(name.as_atom()?).and_then(|party| party.local())
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_whereis_pid(_: *mut Env, name: Term, pid: *mut Term) -> c_int {
    give(whereis(name).filter(|t| t.is_local_pid()), pid)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_whereis_port(_: *mut Env, name: Term, port: *mut Term) -> c_int {
    give(whereis(name).filter(|t| t.is_local_port()), port)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_set_pid_undefined(pid: *mut Term) {
    *pid = am::undefined;
}

#[unsafe(no_mangle)]
unsafe extern "C" fn enif_is_pid_undefined(pid: *const Term) -> c_int {
    (*pid == am::undefined).into()
}

/// Data for a port; the terms of `message_env` are gone afterwards.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_port_command(_: *mut Env, port: *const Term, message_env: *mut Env, message: Term) -> c_int {
    let Ok(data) = iolist::to_vec(message) else { return 0 };
    let sent = route::ports().is_some_and(|ports| ports.command(*port, data));
    if !message_env.is_null() && sent {
        Env::at(message_env).clear();
    }
    sent.into()
}

/// The process goes on with `function` once this native returns.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_schedule_nif(
    env: *mut Env,
    name: *const c_char,
    flags: c_int,
    function: Function,
    argc: c_int,
    argv: *const Term,
) -> Term {
    let env = Env::at(env);
    let name: String = CStr::from_ptr(name).to_bytes().iter().map(|&b| char::from(b)).collect();
    let (Ok(name), Ok(arity), Some(class)) = (Atom::intern(&name), u8::try_from(argc), class_of(flags as u32)) else {
        return raise(env, am::badarg);
    };
    let Some(library) = env.library() else { return raise(env, am::badarg) };
    let args = if argc == 0 { Vec::new() } else { std::slice::from_raw_parts(argv, argc as usize).to_vec() };
    let decl = declare(library.module, name, arity, class, function, library);
    env.schedule(decl, args);
    Term::NONE
}

/// Charges a part of a slice; 1: the slice is used up.
#[unsafe(no_mangle)]
unsafe extern "C" fn enif_consume_timeslice(env: *mut Env, percent: c_int) -> c_int {
    /// Reductions of a slice.
    const SLICE: i32 = 4000;
    let Some(own) = Env::at(env).own() else { return 0 };
    // No more than what is left of the slice: the next one is whole.
    own.reductions_left -= (percent.clamp(1, 100) * (SLICE / 100)).min(own.reductions_left.max(0));
    (own.reductions_left <= 0).into()
}

/// 0: none of ours; 1: a scheduler; 2, 3: a dirty thread for computing, for input and output.
#[unsafe(no_mangle)]
extern "C" fn enif_thread_type() -> c_int {
    match sched::thread_class() {
        None => 0,
        Some(Class::DirtyCpu) => 2,
        Some(Class::DirtyIo) => 3,
        Some(_) => 1,
    }
}
