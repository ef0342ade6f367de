//! Long work of a plugin's: a state and a function that is called until it is done.

use std::ffi::c_void;

use glulam_abi as abi;

use super::super::Env;
use super::super::call::{self, Target};
use crate::bif::{Class, Cx, Resume, Stop};
use crate::term::Term;

/// Work that a native asked for with `again`.
pub(in crate::host) struct Stepping {
    state: *mut c_void,
    step: abi::Step,
    drop: abi::Drop,
    /// The native that it belongs to, once that has returned.
    pub(in crate::host) of: Option<&'static Target>,
}

// SAFETY: N1: the interface says that a state may be used on any thread, by one at a time.
unsafe impl Send for Stepping {}

impl Stepping {
    pub(super) fn new(state: *mut c_void, step: abi::Step, drop: abi::Drop) -> Stepping {
        Stepping { state, step, drop, of: None }
    }
}

impl Resume for Stepping {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let Some(target) = self.of else { crate::bug!("a step of no native") };
        let mut env = Env::of_call(cx.own, cx.process, target.library);
        let (step, state) = (self.step, self.state);
        let value = call::timed(cx, target, || {
            // SAFETY: N1: declared with this type; N2 until it returns.
            Term::raw(unsafe { step(std::ptr::from_mut(&mut env).cast(), state) }.0)
        });
        if let Some(next) = env.take_step() {
            let mut next = *next;
            next.of = self.of;
            if next.state == self.state {
                // It goes on with the state that it has.
                std::mem::swap(self, &mut next);
                std::mem::forget(next);
            } else {
                *self = next;
            }
            return Ok(None);
        }
        call::value_of(cx, env, value).map(Some)
    }

    fn class(&self) -> Class {
        self.of.map_or(Class::Normal, Target::class)
    }
}

/// Does all steps that a native has asked for, where nobody else waits; what the last one gave.
pub(in crate::host) fn steps_through(env: &mut Env, mut value: Term) -> Term {
    let mut work = env.take_step();
    while let Some(stepping) = work.take().filter(|_| env.raised.is_none()) {
        // SAFETY: N1: declared with this type.
        value = Term::raw(unsafe { (stepping.step)(std::ptr::from_mut(env).cast(), stepping.state) }.0);
        work = match env.take_step() {
            Some(next) if next.state == stepping.state => {
                // The same state: dropped once, with the last.
                std::mem::forget(*stepping);
                Some(next)
            }
            next => next,
        };
    }
    value
}

impl Drop for Stepping {
    fn drop(&mut self) {
        // SAFETY: N1: once, and nobody uses the state any more.
        unsafe { (self.drop)(self.state) };
    }
}
