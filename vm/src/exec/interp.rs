//! The interpreter: fetch, dispatch, and what ends a run. Meaning is in `ops`.

#[cfg(not(threaded))]
use super::isa::{Op, loaded_ops};
#[cfg(not(threaded))]
use super::machine::Ins;
use super::machine::{Flow, Machine, Registers};
#[cfg(not(threaded))]
use super::ops;
use super::{RunEnd, trap};
use crate::process::{Own, Process};
use crate::term::Term;

#[cfg(threaded)]
use super::fast::run as instructions;

/// Runs instructions until one asks for something else than the next one.
#[cfg(not(threaded))]
fn instructions(m: &mut Machine) -> Flow {
    /// The general handler of a row.
    macro_rules! general {
        ($family:ident $handler:ident) => { ops::$family::$handler };
        ($family:ident $handler:ident fast) => { ops::$family::$handler::<false> };
    }
    macro_rules! dispatch {
        ($($(#[$doc:meta])* $family:ident :: $handler:ident = $variant:ident [$($operand:ident),*] $($fast:ident)?;)*) => {
            loop {
                // SAFETY: E1, `pc` is at an instruction.
                let i = Ins(unsafe { *m.pc });
                // SAFETY: the first 16 bits of an instruction are an op.
                let op: Op = unsafe { std::mem::transmute::<u16, Op>(i.0 as u16) };
                let flow = match op {
                    $(Op::$variant => general!($family $handler $($fast)?)(m, i),)*
                };
                if !matches!(flow, Flow::Next) {
                    return flow;
                }
            }
        };
    }
    loaded_ops!(dispatch)
}

/// Runs a process from `own.pc` until it stops.
pub fn run(process: &Process, own: &mut Own, registers: &mut Registers) -> RunEnd {
    let mut m = Machine::enter(process, own, registers);
    loop {
        match instructions(&mut m) {
            Flow::Next => {}
            Flow::General => crate::bug!("a general handler asks for itself"),
            Flow::Raise => {
                m.save();
                if !trap::throw(m.process(), m.own(), m.x_registers()) {
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
}
