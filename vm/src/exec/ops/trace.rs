//! Tracing of calls: the instruction of a breakpoint, and those that traced functions return to.

use crate::code::{Breakpoint, Export, breakpoint};
use crate::exec::isa::{Op, loaded_ops};
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::exec::ops;
use crate::exec::start::TraceFrame;
use crate::exec::stacktrace;
use crate::heap::bits::without_context;
use crate::process::trace::{Frame, tracing};
use crate::term::Term;

macro_rules! general {
    ($family:ident $handler:ident) => { ops::$family::$handler };
    ($family:ident $handler:ident fast) => { ops::$family::$handler::<false> };
}

macro_rules! handlers {
    ($($(#[$doc:meta])* $family:ident :: $handler:ident = $variant:ident [$($operand:ident),*] $($fast:ident)?;)*) => {
        /// The general handler of each op: what a breakpoint replaced is run by it.
        static GENERAL: [fn(&mut Machine, Ins) -> Flow; Op::ALL.len()] = [$(general!($family $handler $($fast)?)),*];
    };
}
loaded_ops!(handlers);

/// Words of the largest frame, its return address included.
const FRAME: usize = 3;

outlined! {
    /// The first instruction of a function that is traced: tells, and does what it replaced.
    cold pub(crate) fn breakpoint(m: &mut Machine, _i: Ins) -> Flow {
        let Some(at) = breakpoint::at(m.pc) else {
            // It has just been taken away: the instruction is back.
            return Flow::Next;
        };
        // A native that goes on was told of when it began.
        if !m.own().is_in_native() {
            let arity = u16::from(at.function.arity);
            m.save();
            let heap = &mut m.own().heap;
            let args: Vec<Term> = (0..arity).map(|k| without_context(m.x(k), heap)).collect();
            let frames = match tracing() {
                Some(tracing) => tracing.call(m.process(), m.own(), &at, &args),
                None => Vec::new(),
            };
            m.load();
            if !push(m, &at, &frames, arity.into()) {
                return super::raise::killed(m);
            }
        }
        let code = at.function.code();
        if at.is_global && code != m.pc {
            m.pc = code;
            return Flow::Next;
        }
        let original = at.original();
        GENERAL[usize::from(original as u16)](m, Ins(original))
    }
}

/// Puts the frames on the stack. `false`: the process had to end for want of memory.
fn push(m: &mut Machine, at: &Breakpoint, frames: &[Frame], live: usize) -> bool {
    if frames.is_empty() {
        return true;
    }
    let first = m.own().slots.len();
    for frame in frames {
        m.own().slots.push(match frame {
            Frame::Return { tracer, .. } => *tracer,
            Frame::ReturnTo | Frame::Time(_) => Term::NIL,
        });
    }
    if !m.reserve(frames.len() * FRAME, live) {
        return false;
    }
    let tracers = m.own().slots.split_off(first);
    m.own().has_trace_frames = true;
    for (frame, tracer) in frames.iter().zip(tracers) {
        // SAFETY: reserved above.
        let mut push = |word: Term| unsafe {
            m.sp = m.sp.sub(1);
            *m.sp = word;
        };
        let frame = match frame {
            Frame::Return { exceptions, .. } => {
                push(tracer);
                push(Term::raw(std::ptr::from_ref(at.function) as u64));
                if *exceptions { TraceFrame::Exception } else { TraceFrame::Return }
            }
            Frame::ReturnTo => TraceFrame::ReturnTo,
            Frame::Time(before) => {
                push(Term::raw(*before as u64));
                TraceFrame::Time
            }
        };
        push(Term::raw(frame.address() as u64));
    }
    true
}

/// Ends a frame: its slots go, then what was called returns.
fn leave(m: &mut Machine, frame: TraceFrame) -> Flow {
    // SAFETY: E2, the frame's slots.
    m.sp = unsafe { m.sp.add(frame.slots()) };
    super::call::return_::<false>(m, Ins(0))
}

fn returned(m: &mut Machine, frame: TraceFrame) -> Flow {
    // SAFETY: C1: the first slot is the address of an export.
    let function = unsafe { &*(m.y(0).bits() as *const Export) };
    let (tracer, value) = (m.y(1), m.x(0));
    m.save();
    if let Some(tracing) = tracing() {
        tracing.return_from(m.process(), m.own(), function, tracer, value);
    }
    m.load();
    leave(m, frame)
}

outlined! {
    pub(crate) fn return_trace(m: &mut Machine, _i: Ins) -> Flow {
        returned(m, TraceFrame::Return)
    }
}

outlined! {
    pub(crate) fn exception_trace(m: &mut Machine, _i: Ins) -> Flow {
        returned(m, TraceFrame::Exception)
    }
}

outlined! {
    pub(crate) fn return_to_trace(m: &mut Machine, _i: Ins) -> Flow {
        m.save();
        let place = stacktrace::places(m.own(), 1).pop();
        if let Some(tracing) = tracing() {
            tracing.return_to(m.process(), m.own(), place);
        }
        m.load();
        leave(m, TraceFrame::ReturnTo)
    }
}

outlined! {
    pub(crate) fn return_time_trace(m: &mut Machine, _i: Ins) -> Flow {
        m.save();
        if let Some(tracing) = tracing() {
            tracing.time_back(m.process(), m.own(), m.y(0).bits() as *const Export);
        }
        m.load();
        leave(m, TraceFrame::Time)
    }
}
