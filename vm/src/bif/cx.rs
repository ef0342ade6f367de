//! The context of a native's call.

use super::{Resume, Slot};
use crate::am;
use crate::heap::{Alloc, OffHeap};
use crate::process::{Class, Exception, Own, Process, TailCall, Target};
use crate::term::Term;

/// What a native gives back: a term, or how else the call ends.
pub type Outcome = Result<Term, Stop>;

/// How a call ends that gives no term. The particulars stand in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// An exception: `Own::exception`.
    Raise,
    /// A call of an Erlang function in place of the native: `Own::tail_call`.
    TailCall,
    /// More to do in a later slice: `Own::suspended`.
    Yield,
    /// The same call from its beginning, on a dirty thread: `Cx::long`.
    Dirty,
    /// A call that starts from an empty stack once a message arrives: `Own::tail_call`.
    Hibernate,
}

/// A native's call: the process, the arguments, the budget. Also the `Alloc` that natives build
/// their results with (`heap::Build` has the builders).
pub struct Cx<'a> {
    /// The process that calls.
    pub own: &'a mut Own,
    /// Its shared side.
    pub process: &'a Process,
    args: &'a [Term],
    /// `Decl::data` of the native.
    pub(crate) data: usize,
    /// Whether it runs on a dirty thread.
    pub(crate) dirty: bool,
}

/// Reductions of work that a native does at one go on a scheduler: about a slice.
const LONG: usize = 4000;

impl<'a> Cx<'a> {
    pub(crate) fn new(own: &'a mut Own, process: &'a Process, args: &'a [Term]) -> Cx<'a> {
        Cx { own, process, args, data: 0, dirty: false }
    }

    /// The same, of a native with data.
    #[inline]
    pub(crate) fn of_native(own: &'a mut Own, process: &'a Process, args: &'a [Term], data: usize) -> Cx<'a> {
        Cx { own, process, args, data, dirty: false }
    }

    /// Argument by zero-based index.
    pub fn arg(&self, index: usize) -> Term {
        self.args[index]
    }

    pub fn args(&self) -> &'a [Term] {
        self.args
    }

    /// All arguments, as many as the native's row says.
    pub fn take<const N: usize>(&self) -> [Term; N] {
        match self.args.try_into() {
            Ok(args) => args,
            Err(_) => crate::bug!("native with {} arguments takes {N}", self.args.len()),
        }
    }

    /// The calling process.
    pub fn self_pid(&self) -> Term {
        self.process.pid()
    }

    /// Reductions left in this slice.
    pub fn reductions_left(&self) -> i32 {
        self.own.reductions_left
    }

    /// Charges work; the process yields at the next call once its slice is used up.
    pub fn charge(&mut self, reductions: usize) {
        let n = i32::try_from(reductions).unwrap_or(i32::MAX);
        self.own.reductions_left = self.own.reductions_left.saturating_sub(n);
    }

    /// To be asked before anything is done: stops the call if its work is too long for a scheduler.
    /// It then starts again on a dirty thread, where nothing is too long.
    #[inline]
    pub fn long(&self, reductions: usize) -> Result<(), Stop> {
        if reductions > LONG && !self.dirty { Err(Stop::Dirty) } else { Ok(()) }
    }

    /// `error:badarg`
    #[cold]
    pub fn badarg<T>(&mut self) -> Result<T, Stop> {
        self.error(am::badarg)
    }

    /// `error:system_limit`
    #[cold]
    pub fn system_limit<T>(&mut self) -> Result<T, Stop> {
        self.error(am::system_limit)
    }

    /// `error:Reason`
    #[cold]
    pub fn error<T>(&mut self, reason: Term) -> Result<T, Stop> {
        self.raise(Class::Error, reason)
    }

    /// `error:badarg` with a cause that `erl_erts_errors` and its like turn into text
    /// (`error_info` of the stack trace).
    #[cold]
    pub fn badarg_because<T>(&mut self, cause: Term) -> Result<T, Stop> {
        self.own.exception = Exception::new(Class::Error, am::badarg);
        self.own.exception.cause = cause;
        Err(Stop::Raise)
    }

    /// Any exception; the stack trace is made where it is raised.
    #[cold]
    pub fn raise<T>(&mut self, class: Class, reason: Term) -> Result<T, Stop> {
        self.own.exception = Exception::new(class, reason);
        Err(Stop::Raise)
    }

    /// Calls an Erlang function in place of this native: its result is the native's.
    pub fn tail_call<T>(&mut self, module: Term, function: Term, args: &[Term]) -> Result<T, Stop> {
        let target = Target::Function(module.atom(), function.atom());
        self.own.tail_call = Some(Box::new(TailCall { target, args: args.to_vec() }));
        Err(Stop::TailCall)
    }

    /// Calls code without arguments in place of this native.
    pub fn call_address<T>(&mut self, code: *const u64) -> Result<T, Stop> {
        self.own.tail_call = Some(Box::new(TailCall { target: Target::Code(code), args: Vec::new() }));
        Err(Stop::TailCall)
    }

    /// Calls a fun in place of this native.
    pub fn tail_call_fun<T>(&mut self, fun: Term, args: &[Term]) -> Result<T, Stop> {
        self.own.tail_call = Some(Box::new(TailCall { target: Target::Fun(fun), args: args.to_vec() }));
        Err(Stop::TailCall)
    }

    /// Empties the stack, sleeps until there is a message, then calls the function.
    pub fn hibernate<T>(&mut self, module: Term, function: Term, args: &[Term]) -> Result<T, Stop> {
        let target = Target::Function(module.atom(), function.atom());
        self.own.tail_call = Some(Box::new(TailCall { target, args: args.to_vec() }));
        Err(Stop::Hibernate)
    }

    /// A root that survives yields.
    pub fn slot(&mut self, term: Term) -> Slot {
        self.own.slots.push(term);
        Slot(self.own.slots.len() - 1)
    }

    pub fn slot_get(&self, slot: Slot) -> Term {
        self.own.slots[slot.0]
    }

    pub fn slot_set(&mut self, slot: Slot, term: Term) {
        self.own.slots[slot.0] = term;
    }

    /// A copy on this heap of a term that may be anywhere.
    pub fn copy(&mut self, term: Term) -> Term {
        crate::heap::copy::copy_into(term, self)
    }

    /// Runs resumable work: now, and in later slices as long as it asks for more. It moves to
    /// memory of its own only if it does.
    pub fn run(&mut self, mut work: impl Resume + 'static) -> Outcome {
        let stepped = work.step(self);
        self.stepped(stepped, || Box::new(work))
    }

    /// Goes on with work that asked for more.
    pub(crate) fn go_on(&mut self, mut work: Box<dyn Resume>) -> Outcome {
        let stepped = work.step(self);
        self.stepped(stepped, || work)
    }

    fn stepped(&mut self, stepped: Result<Option<Term>, Stop>, work: impl FnOnce() -> Box<dyn Resume>) -> Outcome {
        match stepped {
            Ok(Some(term)) => {
                self.own.slots.clear();
                Ok(term)
            }
            Ok(None) => {
                self.own.suspended = Some(Box::new(work()));
                Err(Stop::Yield)
            }
            Err(stop) => {
                self.own.slots.clear();
                Err(stop)
            }
        }
    }
}

impl Alloc for Cx<'_> {
    #[inline]
    fn alloc(&mut self, words: usize) -> *mut u64 {
        self.own.heap.alloc(words)
    }
    fn off_heap(&mut self) -> &mut OffHeap {
        self.own.heap.off_heap()
    }
}
