//! The interpreter: fetch, dispatch, and what ends a run. Meaning is in `ops`.

use super::isa::{Op, loaded_ops};
use super::machine::{Flow, Ins, Machine, Registers};
use super::{RunEnd, ops, trap};
use crate::process::{Own, Process};
use crate::term::Term;

/// The general handler of a row.
macro_rules! general {
    ($family:ident $handler:ident) => { ops::$family::$handler };
    ($family:ident $handler:ident fast) => { ops::$family::$handler::<false> };
}

/// Runs a process from `own.pc` until it stops.
pub fn run(process: &Process, own: &mut Own, registers: &mut Registers) -> RunEnd {
    let mut m = Machine::enter(process, own, registers);
    macro_rules! dispatch {
        ($($(#[$doc:meta])* $family:ident :: $handler:ident = $variant:ident [$($operand:ident),*] $($fast:ident)?;)*) => {
            loop {
                #[cfg(threaded)]
                super::fast::run(&mut m);
                // SAFETY: E1, `pc` is at an instruction.
                let i = Ins(unsafe { *m.pc });
                // SAFETY: the first 16 bits of an instruction are an op.
                let op: Op = unsafe { std::mem::transmute::<u16, Op>(i.0 as u16) };
                let flow = match op {
                    $(Op::$variant => general!($family $handler $($fast)?)(&mut m, i),)*
                };
                match flow {
                    Flow::Next => {}
                    Flow::General => crate::bug!("a general handler asks for itself"),
                    Flow::Raise => {
                        m.save();
                        if !trap::throw(m.own(), m.x_registers()) {
                            return RunEnd::Exited;
                        }
                        m.load();
                        m.pc = m.own().pc;
                        // The verifier takes x0 to x3 for valid at a handler.
                        for k in 0..4 {
                            m.set_x(k, Term::NIL);
                        }
                    }
                    Flow::Leave(end) => return end,
                }
            }
        };
    }
    loaded_ops!(dispatch)
}
