//! The threaded engine: each handler ends in a jump to the handler of the next instruction.
//!
//! The state travels in argument registers. A fast handler is the general handler of its row with
//! the rare cases left out: it either does all of its instruction, or has changed nothing and goes
//! to the general one, which puts the state into memory, works on it there, and takes it out again.
//! Neither keeps anything on the stack that something points into, and a fast handler calls
//! nothing: a handler with a frame of its own would not end in a jump, and the stack would grow
//! (`tests::the_stack_stays` would fail).

use super::isa::{Op, loaded_ops};
use super::machine::{Flow, Ins, Machine, Registers};
use super::ops;
use crate::term::Term;

type Handler = unsafe extern "C" fn(*const u64, *mut Term, *mut u64, i32, *mut Registers, u64);

/// What the threaded engine keeps behind `Machine::registers`.
pub(crate) struct Threaded {
    /// The state while a general handler works, and once one has ended the run.
    machine: Machine,
    /// What that one asks for: anything but the next instruction.
    flow: Flow,
    /// Where the stack was at the end of a test.
    #[cfg(test)]
    deepest: *const u64,
    /// By op. Here because the address is at hand in every handler.
    handlers: [Handler; Op::ALL.len()],
}

impl Threaded {
    pub fn new() -> Threaded {
        Threaded {
            machine: Machine {
                pc: std::ptr::null(),
                sp: std::ptr::null_mut(),
                top: std::ptr::null_mut(),
                reductions: 0,
                registers: std::ptr::null_mut(),
            },
            flow: Flow::Next,
            #[cfg(test)]
            deepest: std::ptr::null(),
            handlers: HANDLERS,
        }
    }
}

/// Goes on with the instruction at `pc`.
macro_rules! dispatch {
    ($pc:expr, $sp:expr, $top:expr, $reductions:expr, $registers:expr) => {{
        let pc = $pc;
        // SAFETY: E1, `pc` is at an instruction, whose first 16 bits are an op.
        unsafe {
            let word = *pc;
            let handlers = (&raw const (*$registers).threaded.handlers).cast::<Handler>();
            (*handlers.add(usize::from(word as u16)))(pc, $sp, $top, $reductions, $registers, word)
        }
    }};
}

/// The general handler of a row, as a function of its own.
macro_rules! step {
    ($family:ident $handler:ident) => {
        ops::$family::$handler
    };
    ($family:ident $handler:ident fast) => {
        ops::$family::$handler::<false>
    };
}

macro_rules! handler {
    ($family:ident $handler:ident $($fast:ident)?) => {{
        #[inline(never)]
        fn step(m: &mut Machine, i: Ins) -> Flow {
            step!($family $handler $($fast)?)(m, i)
        }
        // Not part of the fast handler, which would save registers for its sake.
        #[inline(never)]
        unsafe extern "C" fn general(
            pc: *const u64,
            sp: *mut Term,
            top: *mut u64,
            reductions: i32,
            registers: *mut Registers,
            word: u64,
        ) {
            // SAFETY: `registers` is that of the machine in `run`, which nobody else refers to.
            let m = unsafe { &mut (*registers).threaded.machine };
            m.pc = pc;
            m.sp = sp;
            m.top = top;
            m.reductions = reductions;
            match step(m, Ins(word)) {
                Flow::Next => dispatch!(m.pc, m.sp, m.top, m.reductions, registers),
                // SAFETY: as above.
                flow => unsafe { (*registers).threaded.flow = flow },
            }
        }
        handler!(@ general $family $handler $($fast)?)
    }};
    (@ $general:ident $family:ident $handler:ident) => {
        $general
    };
    (@ $general:ident $family:ident $handler:ident fast) => {{
        unsafe extern "C" fn fast(
            pc: *const u64,
            sp: *mut Term,
            top: *mut u64,
            reductions: i32,
            registers: *mut Registers,
            word: u64,
        ) {
            let mut m = Machine { pc, sp, top, reductions, registers };
            match ops::$family::$handler::<true>(&mut m, Ins(word)) {
                Flow::Next => dispatch!(m.pc, m.sp, m.top, m.reductions, m.registers),
                // SAFETY: as above.
                _ => unsafe { general(pc, sp, top, reductions, registers, word) },
            }
        }
        fast
    }};
}

macro_rules! handlers {
    ($($(#[$doc:meta])* $family:ident :: $handler:ident = $variant:ident [$($operand:ident),*] $($fast:ident)?;)*) => {
        const HANDLERS: [Handler; Op::ALL.len()] = [$(handler!($family $handler $($fast)?)),*];
    };
}
loaded_ops!(handlers);

/// Runs instructions until one asks for something else than the next one.
#[inline(always)]
pub(super) fn run(m: &mut Machine) -> Flow {
    // SAFETY: the registers outlive the machine.
    unsafe { (*m.registers).threaded.machine.registers = m.registers };
    dispatch!(m.pc, m.sp, m.top, m.reductions, m.registers);
    // SAFETY: a general handler has ended the run, and nothing has happened since.
    unsafe {
        let state = &raw const (*m.registers).threaded;
        *m = (*state).machine;
        (*state).flow
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::RunEnd;

    /// Ends the run, and notes where the stack is.
    unsafe extern "C" fn stop(_: *const u64, _: *mut Term, _: *mut u64, _: i32, registers: *mut Registers, _: u64) {
        let here = 0u64;
        // SAFETY: as for the handlers above.
        let state = unsafe { &mut (*registers).threaded };
        state.flow = Flow::Leave(RunEnd::Waiting);
        state.deepest = &raw const here;
    }

    /// Runs a ring of fast instructions and a general one until x0, which counts, is `rounds`.
    fn ring(rounds: i64) -> (u64, *const u64, *const u64) {
        let mut registers = Registers::new();
        registers.threaded.handlers[Op::Wait as usize] = stop;
        let mut stack = [Term::NIL; 64];
        let mut code = vec![0; 32];
        let narrow = |op: Op, a: u64, b: u64, c: u64| op as u64 | a << 16 | b << 32 | c << 48;
        let back = code.as_ptr() as u64;
        let words = [
            narrow(Op::MoveXX, 0, 1, 0),
            narrow(Op::IsInteger, 1, 0, 0),
            back,
            narrow(Op::AddImm, 1, 0, 0),
            0,
            1,
            Term::small(1).bits(),
            Term::small(1).bits(),
            narrow(Op::FMove, 0, 0, 0),
            narrow(Op::IsEqImm, 0, 0, 0),
            back,
            Term::small(rounds).bits(),
            narrow(Op::Wait, 0, 0, 0),
        ];
        code[..words.len()].copy_from_slice(&words);
        registers.x[0] = Term::small(0);
        let here = 0u8;
        let mut m = Machine {
            pc: code.as_ptr(),
            sp: stack.as_mut_ptr().wrapping_add(32),
            top: std::ptr::null_mut(),
            reductions: 1,
            registers: &raw mut *registers,
        };
        assert!(matches!(run(&mut m), Flow::Leave(RunEnd::Waiting)));
        (registers.x[0].small_value() as u64, registers.threaded.deepest, (&raw const here).cast())
    }

    #[test]
    fn the_stack_stays() {
        let (count, deepest, here) = ring(100_000);
        assert_eq!(count, 100_000);
        let depth = (here as usize).abs_diff(deepest as usize);
        // The registers were made in this frame; a frame a round would be megabytes.
        assert!(depth < 65536, "handlers do not end in jumps: {depth} bytes of stack");
    }
}
