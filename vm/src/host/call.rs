//! Calling natives of libraries.

use super::Env;
use super::library::Library;
use crate::bif::{Class, Cx, Decl, Outcome, Resume, Slot, Stop};
use crate::process;
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

// SAFETY: addresses of code, and of a library that lives as long as calls of it.
unsafe impl Sync for Target {}

fn target(data: usize) -> &'static Target {
    // SAFETY: set by `library` from a target that is never freed.
    unsafe { &*(data as *const Target) }
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
    let begun = meter::enter(target.meter, cx.process);
    // SAFETY: the library declared the function with this type; N2 until it returns.
    let value = unsafe { (target.function)(env, args.len() as i32, args.as_ptr()) };
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
fn ended(cx: &mut Cx<'_>, env: Env, value: Term) -> Outcome {
    match done(cx, env, value)? {
        Done::Value(value) => Ok(value),
        Done::Scheduled(decl, args) => {
            let work = Scheduled::new(cx, decl, &args);
            cx.own.suspended = Some(Box::new(Box::new(work) as Box<dyn Resume>));
            Err(Stop::Yield)
        }
    }
}

enum Done {
    Value(Term),
    /// `enif_schedule_nif` was called.
    Scheduled(&'static Decl, Vec<Term>),
}

fn done(cx: &mut Cx<'_>, mut env: Env, value: Term) -> Result<Done, Stop> {
    if !env.raised.is_none() {
        return cx.raise(process::Class::Error, env.raised);
    }
    Ok(match env.take_scheduled() {
        Some((decl, args)) => Done::Scheduled(decl, args),
        None => Done::Value(value),
    })
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
        match done(cx, env, value)? {
            Done::Value(value) => Ok(Some(value)),
            Done::Scheduled(decl, args) => {
                *self = Scheduled::new(cx, decl, &args);
                Ok(None)
            }
        }
    }

    fn class(&self) -> Class {
        if target(self.decl.data).meter.is_away() { Class::DirtyCpu } else { self.decl.class }
    }
}
