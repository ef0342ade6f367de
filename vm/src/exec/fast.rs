//! The threaded engine: each fast handler ends in a jump to the handler of the next instruction.
//!
//! The state travels in argument registers. A fast handler is the general handler of its row with
//! the rare cases left out: it either does all of its instruction, or has changed nothing and goes
//! to `leave`, like every instruction that has no fast handler; the loop in `interp` then runs that
//! instruction by its general handler and comes back. Fast handlers call nothing: a handler with a
//! frame of its own, or whose frame something points into, would not end in a jump, and the stack
//! would grow (`tests::the_stack_stays` would fail).

use super::isa::{Op, loaded_ops};
use super::machine::{Flow, Ins, Machine, Registers};
use super::ops;
use crate::term::Term;

type Handler = unsafe extern "C" fn(*const u64, *mut Term, *mut u64, i32, *mut Registers, u64);

/// What the threaded engine keeps behind `Machine::registers`.
pub(crate) struct Threaded {
    /// The state, once `leave` has run.
    pc: *const u64,
    sp: *mut Term,
    top: *mut u64,
    reductions: i32,
    /// Where the stack was in `leave`.
    #[cfg(test)]
    deepest: *const u64,
    /// By op. Here because the address is at hand in every handler.
    handlers: [Handler; Op::ALL.len()],
}

impl Threaded {
    pub fn new() -> Threaded {
        Threaded {
            pc: std::ptr::null(),
            sp: std::ptr::null_mut(),
            top: std::ptr::null_mut(),
            reductions: 0,
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

/// Back to `run`.
unsafe extern "C" fn leave(pc: *const u64, sp: *mut Term, top: *mut u64, reductions: i32, registers: *mut Registers, _: u64) {
    // SAFETY: `registers` is that of the machine in `run`.
    unsafe {
        let state = &raw mut (*registers).threaded;
        (*state).pc = pc;
        (*state).sp = sp;
        (*state).top = top;
        (*state).reductions = reductions;
        #[cfg(test)]
        {
            let here = 0u64;
            (*state).deepest = &raw const here;
        }
    }
}

macro_rules! handler {
    ($family:ident $handler:ident) => {
        leave
    };
    ($family:ident $handler:ident fast) => {{
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
                _ => unsafe { leave(pc, sp, top, reductions, registers, word) },
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

/// Runs instructions until one needs its general handler: `pc` is then at it.
#[inline(always)]
pub(super) fn run(m: &mut Machine) {
    dispatch!(m.pc, m.sp, m.top, m.reductions, m.registers);
    // SAFETY: `leave` has run, and nothing else since.
    unsafe {
        let state = &raw const (*m.registers).threaded;
        m.pc = (*state).pc;
        m.sp = (*state).sp;
        m.top = (*state).top;
        m.reductions = (*state).reductions;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a ring of fast instructions until `reductions` calls have been made; x0 counts them.
    fn ring(reductions: i32) -> (u64, *const u64, *const u64) {
        let mut registers = Registers::new();
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
            narrow(Op::IsNonemptyList, 0, 0, 0),
            back + 10 * 8,
            narrow(Op::CallOnly, 1, 0, 0),
            back,
        ];
        code[..words.len()].copy_from_slice(&words);
        registers.x[0] = Term::small(0);
        let here = 0u8;
        let mut m = Machine {
            pc: code.as_ptr(),
            sp: stack.as_mut_ptr().wrapping_add(32),
            top: std::ptr::null_mut(),
            reductions,
            registers: &raw mut *registers,
        };
        run(&mut m);
        assert_eq!(m.pc, code.as_ptr().wrapping_add(10), "the call at which the slice is up");
        assert_eq!(m.reductions, 1);
        (registers.x[0].small_value() as u64, registers.threaded.deepest, (&raw const here).cast())
    }

    #[test]
    fn the_stack_stays() {
        let (count, deepest, here) = ring(100_000);
        assert_eq!(count, 100_000);
        let depth = (here as usize).abs_diff(deepest as usize);
        assert!(depth < 4096, "handlers do not end in jumps: {depth} bytes of stack");
    }
}
