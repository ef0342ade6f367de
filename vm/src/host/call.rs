//! Calling natives of libraries.

use super::Env;
use super::library::Library;
use crate::bif::{Class, Cx, Decl, Outcome, Resume, Slot, Stop};
use crate::process;
use crate::term::Term;

/// A function of a library: `ERL_NIF_TERM f(ErlNifEnv*, int, const ERL_NIF_TERM[])`.
pub(super) type Function = unsafe extern "C" fn(*mut Env, i32, *const Term) -> Term;

/// What `Decl::data` of a library's native leads to. Never freed, like the declaration.
pub(super) struct Target {
    pub function: Function,
    pub library: *const Library,
}

// SAFETY: addresses of code, and of a library that lives as long as calls of it.
unsafe impl Sync for Target {}

fn target(data: usize) -> &'static Target {
    // SAFETY: set by `library` from a target that is never freed.
    unsafe { &*(data as *const Target) }
}

/// `Decl::run` of every native of a library.
pub(super) fn run(cx: &mut Cx<'_>) -> Outcome {
    let args = cx.args();
    match enter(cx, target(cx.data), args)? {
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

fn enter(cx: &mut Cx<'_>, target: &Target, args: &[Term]) -> Result<Done, Stop> {
    let mut env = Env::of_call(cx.own, cx.process, target.library);
    // SAFETY: the library declared the function with this type; N2 until it returns.
    let value = unsafe { (target.function)(&mut env, args.len() as i32, args.as_ptr()) };
    if !env.raised.is_none() {
        return cx.raise(process::Class::Error, env.raised);
    }
    if let Some((decl, args)) = env.scheduled.take() {
        return Ok(Done::Scheduled(decl, args));
    }
    Ok(Done::Value(value))
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
        match enter(cx, target(self.decl.data), &args)? {
            Done::Value(value) => Ok(Some(value)),
            Done::Scheduled(decl, args) => {
                *self = Scheduled::new(cx, decl, &args);
                Ok(None)
            }
        }
    }

    fn class(&self) -> Class {
        self.decl.class
    }
}
