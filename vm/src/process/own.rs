//! The owned side of a process: touched only by the thread that runs it (P1).

use super::dictionary::Dictionary;
use super::relations::Relations;
use super::trace::Progress;
use super::{Class, Exception, Messages};
use crate::am;
use crate::atom::Atom;
use crate::heap::Heap;
use crate::heap::gc::Which;
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

/// Scheduling priority.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Priority {
    Max,
    High,
    Normal,
    Low,
}

impl Priority {
    pub(crate) fn of_number(n: u8) -> Priority {
        match n {
            0 => Priority::Max,
            1 => Priority::High,
            3 => Priority::Low,
            _ => Priority::Normal,
        }
    }

    pub fn of(term: Term) -> Option<Priority> {
        match term {
            am::max => Some(Priority::Max),
            am::high => Some(Priority::High),
            am::normal => Some(Priority::Normal),
            am::low => Some(Priority::Low),
            _ => None,
        }
    }

    pub fn term(self) -> Term {
        match self {
            Priority::Max => am::max,
            Priority::High => am::high,
            Priority::Normal => am::normal,
            Priority::Low => am::low,
        }
    }
}

/// How a process came about.
#[derive(Clone, Copy)]
pub struct SpawnInfo {
    pub module: Atom,
    pub function: Atom,
    pub arity: u8,
    /// Nobody, for processes of the runtime's own.
    pub parent: Option<super::Party>,
}

/// What a process does, as its scheduler leaves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Activity {
    /// May run as soon as a scheduler takes it.
    Ready,
    Running,
    /// In a receive, or hibernating.
    Waiting,
}

/// The timer of the receive that the process is in.
pub(super) struct ReceiveTimer {
    /// Monotonic time; `None`: never.
    pub deadline: Option<i64>,
    pub timer: u64,
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
    pub(crate) tail_call: Option<Box<TailCall>>,
    /// The work of a native that yielded: a `Box<dyn bif::Resume>`, named so by the floor above.
    pub(crate) suspended: Option<Box<dyn std::any::Any + Send>>,
    pub(crate) slots: Vec<Term>,
    /// A dirty native has run; its outcome is `native_result` and the fields that a stop fills.
    pub(crate) native_done: bool,
    pub(crate) native_result: Term,
    /// How it ended, when `native_result` is `Term::NONE` (a `bif::Stop`, as the floor above numbers it).
    pub(crate) native_stop: u8,
    /// The native that `RunEnd::Dirty` announced: the address of its declaration.
    pub(crate) dirty_native: Option<std::ptr::NonNull<()>>,
    pub messages: Messages,
    pub(super) receive_timer: Option<Box<ReceiveTimer>>,
    /// A signal ended the process: it stops at the next instruction that looks.
    pub exit_pending: bool,
    /// Whether it may hold persistent terms: it has read one.
    pub reads_persistent: bool,
    /// The reason, with `exit_pending`.
    pub exit_reason: Term,
    pub relations: Option<Box<Relations>>,
    pub dictionary: Option<Box<Dictionary>>,
    pub group_leader: Term,
    pub trap_exit: bool,
    pub sensitive: bool,
    pub message_queue_off_heap: bool,
    pub async_dist: bool,
    /// Calls to keep for `process_info(_, last_calls)`; as set, nothing is kept.
    pub save_calls: usize,
    pub priority: Priority,
    /// The module that undefined functions are reported to (`process_flag(error_handler, _)`).
    pub error_handler: Atom,
    pub spawned: SpawnInfo,
    /// Emptied itself until a message comes (`erlang:hibernate/3`).
    pub hibernating: bool,
    pub activity: Activity,
    /// The scheduler it wishes for (`process_flag(scheduler, _)`), or 0.
    pub bound_to: u32,
    /// `reductions_left` at the start of this slice.
    pub(crate) slice: i32,
    /// `seq_trace` token, or `[]`; `trace::flag::TOKEN` says which.
    pub sequential_trace_token: Term,
    /// Of those that need it.
    pub progress: Option<Box<Progress>>,
    /// Frames of traced calls may be on the stack.
    pub(crate) has_trace_frames: bool,
}

impl Own {
    /// A process that will apply a function: `registers` hold module, function and arguments, on
    /// `heap`; `pc` is where processes start.
    pub fn new(heap: Heap, pc: *const u64, registers: Vec<Term>, group_leader: Term, spawned: SpawnInfo) -> Own {
        Own {
            heap,
            pc,
            registers,
            reductions_left: 0,
            reductions: 0,
            catches: 0,
            exception: Own::NO_EXCEPTION,
            tail_call: None,
            suspended: None,
            slots: Vec::new(),
            native_done: false,
            native_result: Term::NONE,
            native_stop: 0,
            dirty_native: None,
            messages: Messages::default(),
            receive_timer: None,
            exit_pending: false,
            reads_persistent: false,
            exit_reason: Term::NIL,
            relations: None,
            dictionary: None,
            group_leader,
            trap_exit: false,
            sensitive: false,
            message_queue_off_heap: false,
            async_dist: false,
            save_calls: 0,
            priority: Priority::Normal,
            error_handler: am::error_handler.atom(),
            spawned,
            hibernating: false,
            activity: Activity::Ready,
            bound_to: 0,
            slice: 0,
            sequential_trace_token: Term::NIL,
            progress: None,
            has_trace_frames: false,
        }
    }

    /// Whether the instruction at `pc` is a call of a native that has begun and goes on.
    #[inline(always)]
    pub(crate) fn is_in_native(&self) -> bool {
        self.native_done || self.suspended.is_some()
    }

    pub fn progress(&mut self) -> &mut Progress {
        self.progress.get_or_insert_with(Box::default)
    }

    /// Sets its priority; what it was.
    pub fn set_priority(&mut self, process: &super::Process, priority: Priority) -> Priority {
        process.set_priority(priority);
        std::mem::replace(&mut self.priority, priority)
    }

    /// Reductions spent, this slice included.
    pub fn reductions_so_far(&self) -> u64 {
        let slice = if self.activity == Activity::Running { self.slice - self.reductions_left } else { 0 };
        self.reductions + slice.max(0) as u64
    }

    /// Ends the slice; what is left of it was not spent.
    pub fn give_up_slice(&mut self) {
        self.slice -= self.reductions_left.max(0);
        self.reductions_left = self.reductions_left.min(0);
    }

    /// Catches and trys that it is in.
    pub fn catch_level(&self) -> usize {
        self.catches as usize
    }

    /// Bytes of memory: the process itself, its heap, its queue and tables.
    pub fn memory(&self) -> usize {
        let tables = self.relations.as_ref().map_or(0, |r| r.memory());
        let dictionary = self.dictionary.as_ref().map_or(0, |d| std::mem::size_of_val(d.entries()));
        std::mem::size_of::<super::Process>() + self.heap.memory() + self.messages.memory() + tables + dictionary
    }

    /// Every message, on the heap.
    pub fn all_messages(&mut self) -> Vec<Term> {
        self.messages.all(&mut self.heap)
    }

    /// Links, monitors and aliases.
    pub fn relations(&mut self) -> &mut Relations {
        self.relations.get_or_insert_with(Box::default)
    }

    pub fn dictionary(&mut self) -> &mut Dictionary {
        self.dictionary.get_or_insert_with(Box::default)
    }

    /// The roots outside heap and stack, for the collector.
    pub(crate) fn roots(&mut self, which: Which, visit: &mut dyn FnMut(&mut Term)) {
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
        visit(&mut self.exit_reason);
        visit(&mut self.sequential_trace_token);
        self.messages.roots(which, visit);
        if let Some(dictionary) = &mut self.dictionary {
            dictionary.roots(visit);
        }
    }

    /// No exception in flight.
    pub(crate) const NO_EXCEPTION: Exception = Exception::new(Class::Error, am::undefined);
}
