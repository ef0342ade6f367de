//! Calling natives of libraries.

use super::Env;
use super::library::Library;
use crate::bif::{Arguments, Class, Cx, Decl, Outcome, Resume, Slot, Stop};
use crate::exec::native;
use crate::process::{self, Own, Process};
use crate::sched::meter::{self, Meter};
use crate::term::Term;

/// A function of a library: `ERL_NIF_TERM f(ErlNifEnv*, int, const ERL_NIF_TERM[])`.
pub(super) type Function = unsafe extern "C" fn(*mut Env, i32, *const Term) -> Term;

/// What `Decl::data` of a library's native leads to. Never freed, like the declaration.
pub(super) struct Target {
    pub function: Function,
    pub library: *const Library,
    pub meter: &'static Meter,
}

impl Target {
    /// Where its calls run now.
    pub(super) fn class(&self) -> Class {
        if self.meter.is_away() { Class::DirtyCpu } else { self.meter.declared }
    }
}

// SAFETY: addresses of code, and of a library that lives as long as calls of it.
unsafe impl Sync for Target {}

pub(super) fn target(data: usize) -> &'static Target {
    // SAFETY: set by `library` from a target that is never freed.
    unsafe { &*(data as *const Target) }
}

/// `Decl::direct` of those that run on schedulers.
pub(super) fn direct(process: &Process, own: &mut Own, decl: &'static Decl, args: Arguments) -> Term {
    let args = args.first();
    let target = target(decl.data);
    if !meter::is_untimed(target.meter) {
        return direct_timed(process, own, decl, args);
    }
    let mut env = Env::of_call(own, process, target.library);
    // SAFETY: as in `enter`; the arguments stand in the registers.
    let value = unsafe { (target.function)(&mut env, decl.arity.into(), args) };
    if env.is_plain() {
        // Nothing is in it.
        std::mem::forget(env);
        return value;
    }
    direct_ended(process, own, decl, args, env, value)
}

#[cold]
#[inline(never)]
fn direct_timed(process: &Process, own: &mut Own, decl: &'static Decl, args: *const Term) -> Term {
    let target = target(decl.data);
    if target.meter.is_away() {
        return Term::NONE;
    }
    let arity = decl.arity.into();
    // SAFETY: E1, the registers hold the arguments.
    let args = unsafe { std::slice::from_raw_parts(args, arity) };
    let mut cx = Cx::of_native(own, process, args, decl.data);
    let mut env = Env::of_call(cx.own, process, target.library);
    let value = enter(&mut cx, &mut env, target, args);
    if env.is_plain() { value } else { direct_ended(process, own, decl, args.as_ptr(), env, value) }
}

/// A direct call that did not just give a value.
#[cold]
#[inline(never)]
fn direct_ended(process: &Process, own: &mut Own, decl: &'static Decl, args: *const Term, env: Env, value: Term) -> Term {
    // SAFETY: E1, the registers hold the arguments.
    let args = unsafe { std::slice::from_raw_parts(args, decl.arity.into()) };
    let outcome = ended(&mut Cx::of_native(own, process, args, decl.data), env, value);
    native::keep_outcome(own, outcome);
    Term::NONE
}

/// `Decl::run` of every native of a library.
pub(super) fn run(cx: &mut Cx<'_>) -> Outcome {
    let target = target(cx.data);
    if target.meter.is_away() && !cx.dirty {
        return Err(Stop::Dirty);
    }
    let mut env = Env::of_call(cx.own, cx.process, target.library);
    let value = enter(cx, &mut env, target, cx.args());
    if env.is_plain() { Ok(value) } else { ended(cx, env, value) }
}

#[inline(always)]
fn enter(cx: &mut Cx<'_>, env: &mut Env, target: &'static Target, args: &[Term]) -> Term {
    timed(cx, target, || {
        // SAFETY: the library declared the function with this type; N2 until it returns.
        unsafe { (target.function)(env, args.len() as i32, args.as_ptr()) }
    })
}

/// Calls into a library, by the clock.
#[inline(always)]
pub(super) fn timed(cx: &mut Cx<'_>, target: &'static Target, call: impl FnOnce() -> Term) -> Term {
    let begun = meter::enter(target.meter, cx.process);
    let value = call();
    if begun.is_timed() {
        let cost = meter::leave(target.meter, &begun);
        if cost > 0 {
            cx.charge(cost);
        }
    }
    value
}

/// A call that did not just give a value.
#[cold]
#[inline(never)]
fn ended(cx: &mut Cx<'_>, mut env: Env, value: Term) -> Outcome {
    if env.raised.is_none() {
        let work: Box<dyn Resume> = if let Some(mut step) = env.take_step() {
            step.of = Some(target(cx.data));
            step
        } else if let Some((decl, args)) = env.take_scheduled() {
            Box::new(Scheduled::new(cx, decl, &args))
        } else {
            return Ok(value);
        };
        cx.own.suspended = Some(Box::new(work));
        return Err(Stop::Yield);
    }
    value_of(cx, env, value)
}

/// What a call gave, or raised.
pub(super) fn value_of(cx: &mut Cx<'_>, env: Env, value: Term) -> Outcome {
    if env.raised.is_none() { Ok(value) } else { cx.raise(process::Class::Error, env.raised) }
}

/// A native that goes on in place of another.
struct Scheduled {
    decl: &'static Decl,
    args: Vec<Slot>,
}

impl Scheduled {
    fn new(cx: &mut Cx<'_>, decl: &'static Decl, args: &[Term]) -> Scheduled {
        cx.own.slots.clear();
        Scheduled { decl, args: args.iter().map(|&arg| cx.slot(arg)).collect() }
    }
}

impl Resume for Scheduled {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let args: Vec<Term> = self.args.iter().map(|&slot| cx.slot_get(slot)).collect();
        let target = target(self.decl.data);
        let mut env = Env::of_call(cx.own, cx.process, target.library);
        let value = enter(cx, &mut env, target, &args);
        if env.raised.is_none()
            && let Some((decl, args)) = env.take_scheduled()
        {
            *self = Scheduled::new(cx, decl, &args);
            return Ok(None);
        }
        value_of(cx, env, value).map(Some)
    }

    fn class(&self) -> Class {
        target(self.decl.data).class()
    }
}
