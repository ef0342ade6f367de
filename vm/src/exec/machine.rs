//! The state of the interpreter while it runs a process: what the instruction handlers work on.
//!
//! It is a local of the loop and never handed out by reference to anything that is not inlined,
//! so that its fields live in machine registers. `save` and `load` bracket calls into the runtime.

use super::isa::{SRC_CONST, SRC_INDEX, SRC_Y};
use crate::code::Loaded;
use crate::heap::STACK_RESERVE;
use crate::heap::bits::Builder;
use crate::process::{Own, Process};
use crate::term::Term;

/// What a handler wants next.
#[derive(Clone, Copy)]
pub(crate) enum Flow {
    /// The instruction at `pc`.
    Next,
    /// From a fast handler, which has changed nothing: the same instruction by its general one.
    General,
    /// The exception in `Own::exception`, thrown at `pc`.
    Raise,
    /// To stop running this process.
    Leave(super::RunEnd),
}

/// Registers of a scheduler thread, and the process that it runs.
#[repr(C)]
pub struct Registers {
    pub(crate) x: [Term; 1024 + 8],
    pub(crate) f: [f64; 1024],
    /// The binary being built by `bs_init2` and its like.
    builder: Builder,
    own: *mut Own,
    process: *const Process,
    /// The machine while no code has it in registers, and the fast handlers; see `fast`.
    #[cfg(threaded)]
    pub(crate) threaded: super::fast::Threaded,
}

impl Registers {
    /// Registers with nothing in them.
    pub fn new() -> Box<Registers> {
        Box::new(Registers {
            x: [Term::NIL; 1024 + 8],
            f: [0.0; 1024],
            builder: Builder::default(),
            own: std::ptr::null_mut(),
            process: std::ptr::null(),
            #[cfg(threaded)]
            threaded: super::fast::Threaded::new(),
        })
    }
}

/// The cached state: few enough fields to live in registers that calls preserve. What is needed
/// less often is behind `registers`, the x registers at its very start.
#[derive(Clone, Copy)]
pub(crate) struct Machine {
    pub pc: *const u64,
    pub sp: *mut Term,
    pub top: *mut u64,
    pub reductions: i32,
    pub(super) registers: *mut Registers,
}

/// The same address, of which the compiler knows nothing. A choice between two fields of the
/// machine must not become a load from a chosen address: the machine would have to live in memory.
#[inline(always)]
fn opaque(address: *mut Term) -> *mut Term {
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        let mut address = address;
        // SAFETY: no instruction at all.
        unsafe { std::arch::asm!("/* {0} */", inlateout(reg) address, options(pure, nomem, nostack, preserves_flags)) };
        address
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    address
}

/// An instruction's first word.
#[derive(Clone, Copy)]
pub(crate) struct Ins(pub u64);

impl Ins {
    #[inline(always)]
    pub fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }
    #[inline(always)]
    pub fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }
    #[inline(always)]
    pub fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }
}

// SAFETY for this file: the verifier and the lowering guarantee that operands name registers,
// slots and constants that exist (E1); the frame is as large as every y operand says (E2).
impl Machine {
    /// The state of a process that is about to run.
    pub fn enter(process: &Process, own: &mut Own, registers: &mut Registers) -> Machine {
        registers.x[..own.registers.len()].copy_from_slice(&own.registers);
        // No roots while it runs.
        own.registers.clear();
        registers.own = own;
        registers.process = process;
        Machine {
            pc: own.pc,
            sp: own.heap.stack.cast::<Term>(),
            top: own.heap.top,
            reductions: own.reductions_left,
            registers,
        }
    }

    /// The process's owned side. What `save` writes back is out of date in it until then.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "P1: this thread runs the process; no two are held at once")]
    pub fn own<'a>(&self) -> &'a mut Own {
        // SAFETY: P1; set by `enter`, which outlives the machine.
        unsafe { &mut *(*self.registers).own }
    }

    #[inline(always)]
    pub fn process<'a>(&self) -> &'a Process {
        // SAFETY: set by `enter`, which outlives the machine.
        unsafe { &*(*self.registers).process }
    }

    #[inline(always)]
    pub fn builder(&self) -> Builder {
        // SAFETY: within the registers.
        unsafe { (*self.registers).builder }
    }

    #[inline(always)]
    pub fn set_builder(&mut self, builder: Builder) {
        // SAFETY: within the registers.
        unsafe { (*self.registers).builder = builder }
    }

    #[inline(always)]
    pub fn x_registers(&self) -> *mut Term {
        self.registers.cast::<Term>()
    }

    #[inline(always)]
    pub fn f_registers(&self) -> *mut f64 {
        // SAFETY: within the registers.
        unsafe { (&raw mut (*self.registers).f).cast::<f64>() }
    }

    #[inline(always)]
    pub fn x(&self, index: u16) -> Term {
        // SAFETY: E1.
        unsafe { *self.x_registers().add(index as usize) }
    }
    #[inline(always)]
    pub fn set_x(&mut self, index: u16, value: Term) {
        // SAFETY: E1.
        unsafe { *self.x_registers().add(index as usize) = value }
    }
    #[inline(always)]
    pub fn y(&self, index: u16) -> Term {
        // SAFETY: E2.
        unsafe { *self.sp.add((index & SRC_INDEX) as usize) }
    }
    #[inline(always)]
    pub fn set_y(&mut self, index: u16, value: Term) {
        // SAFETY: E2.
        unsafe { *self.sp.add((index & SRC_INDEX) as usize) = value }
    }
    /// The address that a register operand counts from: the x registers or the frame.
    #[inline(always)]
    fn base(&self, operand: u16) -> *mut Term {
        if operand & SRC_Y != 0 { self.sp } else { opaque(self.x_registers()) }
    }

    /// The value of a `src`.
    #[inline(always)]
    pub fn src(&self, s: u16) -> Term {
        let i = (s & SRC_INDEX) as usize;
        // SAFETY: E1, E2.
        unsafe {
            if s & SRC_CONST != 0 {
                Term::raw(*self.pc.add(i))
            } else {
                *self.base(s).add(i)
            }
        }
    }
    #[inline(always)]
    pub fn set(&mut self, d: u16, value: Term) {
        // SAFETY: E1, E2.
        unsafe { *self.base(d).add((d & SRC_INDEX) as usize) = value }
    }
    /// Wide operand by its distance from the instruction.
    #[inline(always)]
    pub fn word(&self, index: usize) -> u64 {
        // SAFETY: E1.
        unsafe { *self.pc.add(index) }
    }
    /// Element of a packed list that begins `at` words from the instruction.
    #[inline(always)]
    pub fn packed(&self, at: usize, index: usize) -> u16 {
        // SAFETY: E1.
        unsafe { *self.pc.add(at).cast::<u16>().add(index) }
    }
    #[inline(always)]
    pub fn next(&mut self, words: usize) -> Flow {
        // SAFETY: E1, an instruction follows.
        self.pc = unsafe { self.pc.add(words) };
        Flow::Next
    }
    #[inline(always)]
    pub fn jump(&mut self, word: usize) -> Flow {
        self.pc = self.word(word) as *const u64;
        Flow::Next
    }
    /// Goes on behind the instruction, or at the label in `word` unless `ok`.
    #[inline(always)]
    pub fn test(&mut self, ok: bool, words: usize, word: usize) -> Flow {
        if ok { self.next(words) } else { self.jump(word) }
    }

    /// Writes the cached state back, before a call into the runtime.
    #[inline(always)]
    pub fn save(&mut self) {
        self.own().heap.top = self.top;
        self.own().heap.stack = self.sp.cast::<u64>();
        self.own().reductions_left = self.reductions;
        self.own().pc = self.pc;
    }
    /// Reads the cached state again, after one.
    #[inline(always)]
    pub fn load(&mut self) {
        let own = self.own();
        // Each is read by itself, as it was written: two at a time would have to wait until the
        // writes have reached the cache.
        // SAFETY: fields of the owned side.
        unsafe {
            self.top = (&raw const own.heap.top).read_volatile();
            self.sp = (&raw const own.heap.stack).read_volatile().cast::<Term>();
        }
        self.reductions = own.reductions_left;
    }

    /// Whether `words` more words fit between heap and stack, the reserve kept.
    #[inline(always)]
    pub fn has_room(&self, words: usize) -> bool {
        (self.sp as usize).wrapping_sub(self.top as usize) >= (words + STACK_RESERVE) * 8
            && !cfg!(feature = "zeal-gc")
    }

    /// Collects unless `words` more words fit; x0 to x(live-1) survive. `false`: the process was
    /// ended by its `max_heap_size`.
    #[inline(always)]
    pub fn reserve(&mut self, words: usize, live: usize) -> bool {
        if self.has_room(words) {
            return true;
        }
        self.collect(words, live)
    }

    #[inline(always)]
    pub fn collect(&mut self, words: usize, live: usize) -> bool {
        self.save();
        // SAFETY: E1, `live` registers are valid terms.
        let x = unsafe { std::slice::from_raw_parts_mut(self.x_registers(), live) };
        let ok = super::collect::collect(self.process(), self.own(), x, words);
        self.load();
        ok
    }

    /// Takes words that `reserve` made sure of.
    #[inline(always)]
    pub fn bump(&mut self, words: usize) -> *mut u64 {
        let at = self.top;
        // SAFETY: reserved before (E3: every allocating instruction is behind its `test_heap`).
        self.top = unsafe { at.add(words) };
        debug_assert!(self.top.cast::<u8>() <= self.sp.cast::<u8>());
        at
    }

    #[inline(always)]
    pub fn push_return(&mut self, address: *const u64) {
        // SAFETY: the reserve has room for a return address (E4).
        unsafe {
            self.sp = self.sp.sub(1);
            *self.sp = Term::raw(address as u64);
        }
    }
}

/// The part of the stack in use, from its top.
pub(crate) fn stack_of(own: &Own) -> &[Term] {
    // SAFETY: the words from `stack` to `end` are initialised.
    unsafe { std::slice::from_raw_parts(own.heap.stack.cast::<Term>(), own.heap.stack_used()) }
}

/// Slots of the frame that an address runs in, or that a return address returns to.
pub(crate) fn frame_slots(loaded: &Loaded, offset: u32) -> usize {
    loaded.frame_at(offset).unwrap_or(0)
}

/// Declares a function on the machine: a general handler, or what one does in rare cases (`cold`).
macro_rules! outlined {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($m:ident: &mut Machine $(, $arg:ident: $ty:ty)*) -> $result:ty $body:block) => {
        $(#[$doc])*
        #[inline]
        $vis fn $name($m: &mut Machine $(, $arg: $ty)*) -> $result $body
    };
    ($(#[$doc:meta])* cold $vis:vis fn $name:ident($m:ident: &mut Machine $(, $arg:ident: $ty:ty)*) -> $result:ty $body:block) => {
        $(#[$doc])*
        #[inline(never)]
        #[cold]
        $vis fn $name($m: &mut Machine $(, $arg: $ty)*) -> $result $body
    };
}
pub(crate) use outlined;

/// What a handler does in rare cases. A fast handler leaves them to the general one: it calls
/// nothing, so that it needs no frame of its own.
macro_rules! seldom {
    ($fast:ident, $rare:expr) => {
        return if $fast { Flow::General } else { $rare }
    };
}
pub(crate) use seldom;
