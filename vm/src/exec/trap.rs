//! Raising: from the exception in flight to its handler, or to the end of the process.

use super::machine::stack_of;
use super::ops::raise::handler_of;
use super::{isa::Op, stacktrace};
use crate::am;
use crate::heap::Build;
use crate::process::{Class, Own};
use crate::term::Term;
use crate::term::repr::{CATCH_TAG, IMM_MASK};

/// Throws the exception in flight. `true`: `own.pc` and the stack are those of the handler;
/// `false`: there is none, and `own.exception.reason` is the exit reason. The state is saved.
#[cold]
#[inline(never)]
pub(crate) fn throw(own: &mut Own, x: *const Term) -> bool {
    if own.exception.trace.is_none() {
        if let Some(export) = own.exception.native
            && own.exception.args.is_none()
        {
            // SAFETY: the arguments of the failed native are still in the x registers.
            let args = unsafe { std::slice::from_raw_parts(x, export.arity as usize) };
            own.exception.args = own.heap.list(args);
        }
        own.exception.trace = stacktrace::raw(own);
    }
    if own.catches > 0 && to_handler(own) {
        own.exception.caught = true;
        return true;
    }
    end(own);
    false
}

/// Moves `pc` and the stack to the innermost handler.
fn to_handler(own: &mut Own) -> bool {
    let stack = stack_of(own);
    let Some(at) = stack.iter().position(|w| w.bits() & IMM_MASK == CATCH_TAG) else {
        return false;
    };
    let handler = handler_of(stack[at]);
    // SAFETY: a marker holds the address of a `try_case` or `catch_end`, whose slot is the one the
    // marker stands in (verifier).
    let slot = unsafe {
        let word = *handler;
        debug_assert!({
            let op = word as u16;
            op == Op::TryCase as u16 || op == Op::CatchEnd as u16
        });
        ((word >> 16) as u16 & super::isa::SRC_INDEX) as usize
    };
    // SAFETY: the marker's frame begins `slot` words below it.
    own.heap.stack = unsafe { own.heap.stack.add(at - slot) };
    own.pc = handler;
    true
}

/// No handler: what the process exits with.
fn end(own: &mut Own) {
    let reason = own.exception.reason;
    own.exception.reason = match own.exception.class {
        Class::Exit => reason,
        Class::Error => {
            let trace = stacktrace::build(own, own.exception.trace);
            own.heap.tuple(&[reason, trace])
        }
        Class::Throw => {
            let trace = stacktrace::build(own, own.exception.trace);
            let nocatch = own.heap.tuple(&[am::nocatch, reason]);
            own.heap.tuple(&[nocatch, trace])
        }
    };
}

/// What `catch Expr` gives for the exception that arrived.
pub(crate) fn catch_value(own: &mut Own) -> Term {
    own.exception.caught = false;
    let (class, reason, trace) = (own.exception.class, own.exception.reason, own.exception.trace);
    own.exception = Own::NO_EXCEPTION;
    match class {
        Class::Throw => reason,
        Class::Exit => own.heap.tuple(&[am::EXIT, reason]),
        Class::Error => {
            let trace = stacktrace::build(own, trace);
            let what = own.heap.tuple(&[reason, trace]);
            own.heap.tuple(&[am::EXIT, what])
        }
    }
}
