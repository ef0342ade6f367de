//! Raising: from the exception in flight to its handler, or to the end of the process.

use super::machine::stack_of;
use super::ops::raise::handler_of;
use super::start::TraceFrame;
use super::{isa::Op, stacktrace};
use crate::code::Export;
use crate::am;
use crate::heap::Build;
use crate::process::{Class, Own, Process, trace};
use crate::term::Term;
use crate::term::repr::{CATCH_TAG, IMM_MASK};

/// Throws the exception in flight. `true`: `own.pc` and the stack are those of the handler;
/// `false`: there is none, and `own.exception.reason` is the exit reason. The state is saved.
#[cold]
#[inline(never)]
pub(crate) fn throw(process: &Process, own: &mut Own, x: *const Term) -> bool {
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
    if own.has_trace_frames {
        tell_frames(process, own);
    }
    if own.catches > 0 && to_handler(own) {
        own.exception.caught = true;
        return true;
    }
    own.has_trace_frames = false;
    end(own);
    false
}

/// Tells of the frames of traced calls that the exception ends: those between here and its handler.
fn tell_frames(process: &Process, own: &mut Own) {
    let Some(tracing) = trace::tracing() else { return };
    let stack = stack_of(own);
    let handler = match own.catches {
        0 => None,
        _ => stack.iter().position(|w| w.bits() & IMM_MASK == CATCH_TAG),
    };
    let mut left = Vec::new();
    // Whether the frame that catches is the one that a function returns to that tells of it.
    let mut returns_to = None;
    for (at, address) in stacktrace::return_addresses(own) {
        match TraceFrame::of(address) {
            Some(_) if handler.is_some_and(|handler| at > handler) => break,
            Some(TraceFrame::ReturnTo) => returns_to = Some(std::ptr::null()),
            Some(frame) => left.push((frame, at)),
            None => {
                returns_to = returns_to.filter(|p: &*const u64| p.is_null()).map(|_| address.wrapping_sub(1));
                if handler.is_some_and(|handler| at > handler) {
                    break;
                }
            }
        }
    }
    let left: Vec<_> = left.into_iter().map(|(frame, at)| (frame, stack[at + 1], stack.get(at + 2).copied())).collect();
    let (mut class, mut reason) = (own.exception.class, own.exception.reason);
    // What nobody catches is an error.
    if class == Class::Throw && handler.is_none() {
        class = Class::Error;
        reason = own.heap.tuple(&[am::nocatch, reason]);
    }
    let class = class.term();
    for (frame, first, second) in left {
        match (frame, second) {
            (TraceFrame::Exception, Some(tracer)) => {
                // SAFETY: C1: the first slot is the address of an export.
                let function = unsafe { &*(first.bits() as *const Export) };
                tracing.exception_from(process, own, function, tracer, class, reason);
            }
            (TraceFrame::Time, _) => tracing.time_back(process, own, first.bits() as *const Export),
            _ => {}
        }
    }
    if let Some(address) = returns_to.filter(|p| !p.is_null() && handler.is_some()) {
        tracing.return_to(process, own, stacktrace::place_of(address));
    }
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
