//! The owned side of a process: touched only by the thread that runs it (P1).

use super::{Class, Exception};
use crate::am;
use crate::atom::Atom;
use crate::heap::Heap;
use crate::term::Term;

/// A call of an Erlang function that a native asks for in its place.
pub struct TailCall {
    pub target: Target,
    pub args: Vec<Term>,
}

/// What a tail call goes to.
#[derive(Clone, Copy)]
pub enum Target {
    Function(Atom, Atom),
    Fun(Term),
    /// Loaded code.
    Code(*const u64),
}

/// Everything only the process itself touches. Fields that hold terms are roots: `Own::roots`.
pub struct Own {
    pub heap: Heap,
    /// The instruction to go on with, when the process is not running.
    pub(crate) pc: *const u64,
    /// The x registers that are live at `pc`, when the process is not running.
    pub(crate) registers: Vec<Term>,
    /// Reductions left in this slice.
    pub reductions_left: i32,
    /// Reductions of all slices that have ended.
    pub reductions: u64,
    /// Catches and trys on the stack.
    pub(crate) catches: u32,
    pub exception: Exception,
    pub(crate) tail_call: Option<TailCall>,
    /// The work of a native that yielded: a `Box<dyn bif::Resume>`, named so by the floor above.
    pub(crate) suspended: Option<Box<dyn std::any::Any + Send>>,
    pub(crate) slots: Vec<Term>,
    /// What a native that ran on a dirty thread gave.
    /// A dirty native has run; its outcome is `native_result` and the fields that a stop fills.
    pub(crate) native_done: bool,
    pub(crate) native_result: Term,
    /// How it ended, when `native_result` is `Term::NONE` (a `bif::Stop`, as the floor above numbers it).
    pub(crate) native_stop: u8,
    pub group_leader: Term,
    pub trap_exit: bool,
    /// The module that undefined functions are reported to (`process_flag(error_handler, _)`).
    pub error_handler: Atom,
    /// The native that `RunEnd::Dirty` announced: the address of its declaration.
    pub(crate) dirty_native: Option<usize>,
}

impl Own {
    /// Every root outside heap and stack, for the collector.
    pub(crate) fn roots(&mut self, visit: &mut dyn FnMut(&mut Term)) {
        self.registers.iter_mut().for_each(&mut *visit);
        self.slots.iter_mut().for_each(&mut *visit);
        if let Some(call) = &mut self.tail_call {
            call.args.iter_mut().for_each(&mut *visit);
            if let Target::Fun(fun) = &mut call.target {
                visit(fun);
            }
        }
        let e = &mut self.exception;
        [&mut e.reason, &mut e.trace, &mut e.cause, &mut e.args].into_iter().for_each(&mut *visit);
        visit(&mut self.native_result);
        visit(&mut self.group_leader);
    }

    /// No exception in flight.
    pub(crate) const NO_EXCEPTION: Exception = Exception::new(Class::Error, am::undefined);
}
