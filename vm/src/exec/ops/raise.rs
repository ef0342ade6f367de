//! Exceptions: raising, catching, and the errors that clauses end in.

use crate::am;
use crate::code::Export;
use crate::exec::RunEnd;
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::exec::{stacktrace, trap};
use crate::heap::Build;
use crate::heap::bits::without_context;
use crate::process::{Class, Exception};
use crate::term::Term;
use crate::term::repr::{CATCH_TAG, IMM_SHIFT, NIL_TAG};

outlined! {
    /// `error:Reason` at the current instruction.
    cold fn error(m: &mut Machine, reason: Term) -> Flow {
        m.own().exception = Exception::new(Class::Error, reason);
        Flow::Raise
    }
}

outlined! {
    /// `error:{Tag, Value}`
    cold fn error_with(m: &mut Machine, tag: Term, value: Term) -> Flow {
        m.save();
        let reason = m.own().heap.tuple(&[tag, value]);
        m.load();
        error(m, reason)
    }
}

outlined! {
    /// Code that no compiler makes did what its verified form allows but its meaning does not
    /// (an element of something that is no tuple): the process gets `badarg`, the VM goes on.
    cold pub(crate) fn invalid(m: &mut Machine) -> Flow {
        error(m, am::badarg)
    }
}

outlined! {
    /// The process grew past its `max_heap_size`.
    cold pub(crate) fn killed(m: &mut Machine) -> Flow {
        m.save();
        m.own().exception = Exception::new(Class::Exit, am::killed);
        Flow::Leave(RunEnd::Exited)
    }
}

outlined! {
    /// `a` arity, word 1: module, word 2: function.
    cold pub(crate) fn func_info(m: &mut Machine, i: Ins) -> Flow {
        m.save();
        // A function that goes on matching gets a match context for its binary.
        let heap = &mut m.own().heap;
        let args: Vec<Term> = (0..i.a()).map(|k| without_context(m.x(k), heap)).collect();
        let args = heap.list(&args);
        m.load();
        m.own().exception = Exception::new(Class::Error, am::function_clause);
        m.own().exception.args = args;
        Flow::Raise
    }
}

outlined! {
    cold pub(crate) fn badmatch(m: &mut Machine, i: Ins) -> Flow {
        let v = m.src(i.a());
        error_with(m, am::badmatch, v)
    }
}

outlined! {
    cold pub(crate) fn case_end(m: &mut Machine, i: Ins) -> Flow {
        let v = m.src(i.a());
        error_with(m, am::case_clause, v)
    }
}

outlined! {
    cold pub(crate) fn if_end(m: &mut Machine, _i: Ins) -> Flow {
        error(m, am::if_clause)
    }
}

outlined! {
    cold pub(crate) fn try_case_end(m: &mut Machine, i: Ins) -> Flow {
        let v = m.src(i.a());
        error_with(m, am::try_clause, v)
    }
}

outlined! {
    cold pub(crate) fn badrecord(m: &mut Machine, i: Ins) -> Flow {
        let v = m.src(i.a());
        error_with(m, am::badrecord, v)
    }
}

/// The marker of a catch: the address of its handler (8-aligned) in an immediate of its own.
#[inline(always)]
fn catch_marker(handler: u64) -> Term {
    Term::raw(((handler >> 3) << IMM_SHIFT) | CATCH_TAG)
}

/// The handler of a marker.
pub(crate) fn handler_of(marker: Term) -> *const u64 {
    ((marker.bits() >> IMM_SHIFT) << 3) as *const u64
}

#[inline(always)]
pub(crate) fn catch_<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.own().catches += 1;
    m.set_y(i.a(), catch_marker(m.word(1)));
    m.next(2)
}

#[inline(always)]
pub(crate) fn try_<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    catch_::<FAST>(m, i)
}

#[inline(always)]
pub(crate) fn try_end<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.own().catches -= 1;
    m.set_y(i.a(), Term::raw(NIL_TAG));
    m.next(1)
}

/// Also where an exception arrives: then x0 becomes what `catch` gives.
#[inline(always)]
pub(crate) fn catch_end<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if FAST && m.own().exception.caught {
        return Flow::General;
    }
    m.own().catches -= 1;
    m.set_y(i.a(), Term::raw(NIL_TAG));
    if !FAST && m.own().exception.caught {
        caught(m);
    }
    m.next(1)
}

#[cold]
#[inline(always)]
fn caught(m: &mut Machine) {
    m.save();
    let value = trap::catch_value(m.own());
    m.load();
    m.set_x(0, value);
}

outlined! {
    /// Where an exception arrives: class, reason and raw trace to x0, x1, x2.
    pub(crate) fn try_case(m: &mut Machine, i: Ins) -> Flow {
        m.own().catches -= 1;
        m.set_y(i.a(), Term::raw(NIL_TAG));
        m.own().exception.caught = false;
        let (class, reason, trace) =
            (m.own().exception.class.term(), m.own().exception.reason, m.own().exception.trace);
        m.own().exception = crate::process::Own::NO_EXCEPTION;
        m.set_x(0, class);
        m.set_x(1, reason);
        m.set_x(2, trace);
        m.next(1)
    }
}

outlined! {
    /// `a` raw trace, `b` reason; the class stands in the trace.
    cold pub(crate) fn raise(m: &mut Machine, i: Ins) -> Flow {
        let (trace, reason) = (m.src(i.a()), m.src(i.b()));
        m.own().exception = Exception::new(stacktrace::class_of(trace), reason);
        m.own().exception.trace = trace;
        Flow::Raise
    }
}

outlined! {
    /// x0 class, x1 reason, x2 raw trace. A class that is none: `badarg` to x0.
    cold pub(crate) fn raw_raise(m: &mut Machine, _i: Ins) -> Flow {
        let (class, reason, trace) = (m.x(0), m.x(1), m.x(2));
        match Class::of(class) {
            Some(class) => {
                m.save();
                let trace = stacktrace::with_class(m.own(), trace, class);
                m.load();
                m.own().exception = Exception::new(class, reason);
                m.own().exception.trace = trace;
                Flow::Raise
            }
            None => {
                m.set_x(0, am::badarg);
                m.next(1)
            }
        }
    }
}

outlined! {
    pub(crate) fn build_stacktrace(m: &mut Machine, _i: Ins) -> Flow {
        let raw = m.x(0);
        m.save();
        let trace = stacktrace::build(m.own(), raw);
        m.load();
        m.set_x(0, trace);
        m.next(1)
    }
}

outlined! {
    /// The function does not exist: first entry of the trace.
    cold pub(crate) fn undef(m: &mut Machine, export: &'static Export) -> Flow {
        let args: Vec<Term> = (0..u16::from(export.arity)).map(|k| m.x(k)).collect();
        m.save();
        let args = m.own().heap.list(&args);
        m.load();
        m.own().exception = Exception::new(Class::Error, am::undef);
        m.own().exception.args = args;
        m.own().exception.native = Some(export);
        Flow::Raise
    }
}
