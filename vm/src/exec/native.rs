//! Calling natives.

use crate::am;
use crate::bif::{Class, Cx, Decl, Outcome, Resume, Stop};
use crate::code::Export;
use crate::heap::number::{self, ArithError};
use crate::heap::Build;
use crate::process::{self, Exception, Own, Process};
use crate::term::Term;

/// How a call of a native ended.
pub(crate) enum Called {
    Value(Term),
    Raise,
    TailCall,
    /// The same instruction is to run again in a later slice.
    Again,
    /// The same, after a dirty thread has run the native.
    Dirty(Class),
    Hibernate,
}

fn ended(outcome: Result<Term, Stop>) -> Called {
    match outcome {
        Ok(value) => Called::Value(value),
        Err(Stop::Raise) => Called::Raise,
        Err(Stop::TailCall) => Called::TailCall,
        Err(Stop::Yield) => Called::Again,
        Err(Stop::Dirty) => Called::Dirty(Class::DirtyCpu),
        Err(Stop::Hibernate) => Called::Hibernate,
    }
}

/// Calls a native with arguments in the x registers.
#[inline]
pub(crate) fn call(process: &Process, own: &mut Own, decl: &'static Decl, x: *mut Term, arity: usize) -> Called {
    if own.suspended.is_some() && !own.native_done {
        return resume(process, own);
    }
    let called = if std::mem::take(&mut own.native_done) {
        ended(stored_outcome(own))
    } else if decl.class.is_dirty() {
        Called::Dirty(decl.class)
    } else {
        // SAFETY: E1, the registers hold the arguments.
        let args = unsafe { std::slice::from_raw_parts(x, arity) };
        call_args(process, own, decl, args)
    };
    if let Called::Dirty(_) = called {
        own.dirty_native = Some(std::ptr::NonNull::from(decl).cast());
    }
    called
}

/// Calls a native that is not dirty the short way: its value. `Term::NONE`: it gave none or the heap wants
/// a collection, and what came of it stands where `call` finds it.
#[inline(never)]
pub(crate) fn short(process: &Process, own: &mut Own, decl: &'static Decl, x: *const Term) -> Term {
    // SAFETY: E1, the registers hold the arguments.
    let args = unsafe { std::slice::from_raw_parts(x, decl.arity as usize) };
    match outcome(process, own, decl, args) {
        Ok(value) if !own.heap.needs_collection() => value,
        other => {
            keep_short(own, other);
            Term::NONE
        }
    }
}

#[cold]
fn keep_short(own: &mut Own, outcome: Outcome) {
    if let Err(Stop::Dirty) = outcome {
        own.native_stop = TO_BE_DIRTY;
    } else {
        keep_outcome(own, outcome);
    }
    // One that gave up its slice has given it up.
    own.native_done = true;
}

/// Calls a native with these arguments, here and now.
#[inline]
pub(crate) fn call_args(process: &Process, own: &mut Own, decl: &Decl, args: &[Term]) -> Called {
    ended(outcome(process, own, decl, args))
}

/// The same, for a process that no scheduler runs: what comes of it as the native gives it back.
#[inline]
pub fn outcome(process: &Process, own: &mut Own, decl: &Decl, args: &[Term]) -> Outcome {
    (decl.run)(&mut Cx::of_native(own, process, args, decl.data))
}

#[cold]
fn resume(process: &Process, own: &mut Own) -> Called {
    let Some(work) = own.suspended.take().and_then(|w| w.downcast::<Box<dyn Resume>>().ok()) else {
        crate::bug!("a suspended native is no `Resume`")
    };
    let class = work.class();
    if class.is_dirty() {
        own.suspended = Some(work);
        return Called::Dirty(class);
    }
    ended(Cx::new(own, process, &[]).go_on(*work))
}

fn stored_outcome(own: &mut Own) -> Result<Term, Stop> {
    match own.native_stop {
        0 => Ok(std::mem::replace(&mut own.native_result, Term::NONE)),
        1 => Err(Stop::Raise),
        2 => Err(Stop::TailCall),
        3 => Err(Stop::Yield),
        TO_BE_DIRTY => Err(Stop::Dirty),
        _ => Err(Stop::Hibernate),
    }
}

/// What `Own::native_stop` is for a native that has asked for a dirty thread.
const TO_BE_DIRTY: u8 = 5;

/// Runs the native that `RunEnd::Dirty` announced, on a dirty thread. The process goes on at the
/// same instruction afterwards.
pub fn run_dirty(process: &Process, own: &mut Own) {
    let outcome = if let Some(decl) = own.dirty_native.take() {
        // SAFETY: set by `call` from a static declaration.
        let decl = unsafe { decl.cast::<Decl>().as_ref() };
        let args = own.registers.clone();
        let mut cx = Cx::of_native(own, process, &args, decl.data);
        cx.dirty = true;
        (decl.run)(&mut cx)
    } else if let Some(work) = own.suspended.take().and_then(|w| w.downcast::<Box<dyn Resume>>().ok()) {
        Cx::new(own, process, &[]).go_on(*work)
    } else {
        crate::bug!("no dirty native")
    };
    keep_outcome(own, outcome);
}

/// Leaves what came of a native where the instruction that called it finds it when it runs again.
pub(crate) fn keep_outcome(own: &mut Own, outcome: Result<Term, Stop>) {
    (own.native_result, own.native_stop) = match outcome {
        Ok(value) => (value, 0),
        Err(Stop::Raise) => (Term::NONE, 1),
        Err(Stop::TailCall) => (Term::NONE, 2),
        Err(Stop::Yield) => (Term::NONE, 3),
        Err(Stop::Dirty) => crate::bug!("a native too long for a dirty thread"),
        Err(Stop::Hibernate) => (Term::NONE, 4),
    };
    own.native_done = own.native_stop != 3;
}

/// The arithmetic instructions.
#[derive(Clone, Copy)]
pub(crate) enum Arith {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Band,
    Bor,
    Bxor,
    Bsl,
    Bsr,
    Bnot,
    Negate,
}

/// The general case of an arithmetic instruction; `None`: it fails.
#[inline(never)]
pub(crate) fn arith_slow(own: &mut Own, op: Arith, a: Term, b: Term) -> Option<Term> {
    let heap = &mut own.heap;
    let result = match op {
        Arith::Add => number::add(a, b, heap),
        Arith::Sub => number::sub(a, b, heap),
        Arith::Mul => number::mul(a, b, heap),
        Arith::Div => number::div(a, b, heap),
        Arith::Rem => number::rem(a, b, heap),
        Arith::Band => number::band(a, b, heap),
        Arith::Bor => number::bor(a, b, heap),
        Arith::Bxor => number::bxor(a, b, heap),
        Arith::Bsl => number::bsl(a, b, heap),
        Arith::Bsr => number::bsr(a, b, heap),
        Arith::Bnot => number::bnot(a, heap),
        Arith::Negate => number::neg(a, heap),
    };
    match result {
        Ok(value) => Some(value),
        Err(e) => {
            let reason = match e {
                ArithError::Badarith => am::badarith,
                ArithError::SystemLimit => am::system_limit,
            };
            own.exception = Exception::new(process::Class::Error, reason);
            None
        }
    }
}

/// Completes the exception of a failed arithmetic instruction outside a guard.
#[cold]
#[inline(never)]
pub(crate) fn arith_failed(own: &mut Own, op: Arith, a: Term, b: Term) {
    let name = match op {
        Arith::Add => am::plus,
        Arith::Sub | Arith::Negate => am::minus,
        Arith::Mul => am::times,
        Arith::Div => am::div,
        Arith::Rem => am::rem,
        Arith::Band => am::band,
        Arith::Bor => am::bor,
        Arith::Bxor => am::bxor,
        Arith::Bsl => am::bsl,
        Arith::Bsr => am::bsr,
        Arith::Bnot => am::bnot,
    };
    let reason = own.exception.reason;
    let args = [a, b];
    guard_failed(own, name, if b.is_none() { &args[..1] } else { &args }, reason);
}

/// `error:Reason` as from `erlang:Function(Args...)`.
#[cold]
#[inline(never)]
pub(crate) fn guard_failed(own: &mut Own, function: Term, args: &[Term], reason: Term) {
    own.exception = Exception::new(process::Class::Error, reason);
    own.exception.native = Some(Export::of(am::erlang.atom(), function.atom(), args.len() as u8));
    keep_arguments(own, args);
}

/// Keeps the arguments of a native that failed for the stack trace.
#[cold]
pub(crate) fn keep_arguments(own: &mut Own, args: &[Term]) {
    let list = own.heap.list(args);
    own.exception.args = list;
}
