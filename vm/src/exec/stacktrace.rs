//! Stack traces: the raw form made when an exception is raised, and the term it becomes when
//! somebody looks.
//!
//! The raw form is a tuple that only `raise`, `raw_raise` and `build_stacktrace` look into:
//! ```text
//! {Class, Native, Args, Cause, FromHead, Pc, Pc, ...}   made here
//! {Class, Trace}                                        given to erlang:raise/3
//! ```
//! `Native` is the address of the export of a native that failed, or 0; `Args` its arguments or
//! those of the function at the first `Pc`, or NONE. Addresses read as small integers.

use std::cell::{Cell, RefCell};

use smallvec::SmallVec;

use super::isa::Op;
use super::machine::{frame_slots, stack_of};
use super::start::TraceFrame;
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{AtomicUsize, Ordering};
use crate::bif::Decl;
use crate::code::{Export, Loaded, Place, breakpoint, module};
use crate::heap::Build;
use crate::process::{Aside, Class, Own};
use crate::term::Term;

const FIXED: usize = 4;

/// As many as there are by default, without an allocation.
type Addresses = SmallVec<[*const u64; 12]>;

static DEPTH: AtomicUsize = AtomicUsize::new(8);

/// The most entries of a stack trace (`backtrace_depth`).
pub fn depth() -> usize {
    DEPTH.load(Ordering::Relaxed)
}

/// Sets the most entries; the former value.
pub fn set_depth(depth: usize) -> usize {
    DEPTH.swap(depth, Ordering::Relaxed)
}

/// Addresses of a process's calls: `own.pc` first (if `with_pc`), then return addresses, at most
/// `limit`. The state is saved. A function that calls itself again and again from one place stands
/// there once.
pub(crate) fn addresses(own: &Own, limit: usize) -> Addresses {
    addresses_of(own.pc, stack_of(own), limit)
}

pub(super) fn addresses_of(pc: *const u64, stack: &[Term], limit: usize) -> Addresses {
    FRAMES.with(|frames| walk(frames.as_of_now(), pc, stack, limit))
}

fn walk(frames: &Frames, pc: *const u64, stack: &[Term], limit: usize) -> Addresses {
    let mut found = Addresses::new();
    let mut at = 0;
    let mut last = std::ptr::null();
    let mut slots = match frames.slots_at(pc) {
        Some(slots) => {
            found.push(pc);
            slots
        }
        None => 0,
    };
    while found.len() < limit {
        at += slots;
        let Some(word) = stack.get(at) else { break };
        let address = word.bits() as *const u64;
        if let Some(frame) = TraceFrame::of(address) {
            at += 1;
            slots = frame.slots();
            continue;
        }
        // Within the call, one word before where it returns to.
        let call = address.wrapping_sub(1);
        at += 1;
        // A function that called itself from one place over and over is told once: `slots` stays.
        if found.last() == Some(&call) {
            continue;
        }
        let Some(of_call) = frames.slots_at(call) else { break };
        if call != last {
            found.push(call);
            last = call;
        }
        slots = of_call;
    }
    found
}

/// The frames and places of the calls that this thread has lately come by: to look each up in the tables of its
/// module takes most of the time of an exception.
struct Frames {
    /// `module::changes()` of what is kept.
    changes: Cell<u64>,
    /// Address and slots, by the low bits of the address; address 0 is none.
    slots: [Cell<(usize, usize)>; SLOTS_KEPT],
    /// The same with places.
    places: RefCell<[(usize, Option<Place>); PLACES_KEPT]>,
}

const SLOTS_KEPT: usize = 256;
const PLACES_KEPT: usize = 64;

thread_local! {
    static FRAMES: Frames = const {
        Frames {
            changes: Cell::new(0),
            slots: [const { Cell::new((0, 0)) }; SLOTS_KEPT],
            places: RefCell::new([const { (0, None) }; PLACES_KEPT]),
        }
    };
}

impl Frames {
    fn as_of_now(&self) -> &Frames {
        let changes = module::changes();
        if self.changes.replace(changes) != changes {
            self.slots.iter().for_each(|kept| kept.set((0, 0)));
            self.places.borrow_mut().fill((0, None));
        }
        self
    }

    /// Slots of the frame around an address; `None` if there is no code.
    fn slots_at(&self, address: *const u64) -> Option<usize> {
        let kept = &self.slots[(address as usize / 8) % SLOTS_KEPT];
        let (of, slots) = kept.get();
        if of == address as usize {
            return Some(slots);
        }
        let (loaded, offset) = module::find(address)?;
        let slots = frame_slots(&loaded, offset);
        kept.set((address as usize, slots));
        Some(slots)
    }

    fn place_at(&self, address: *const u64) -> Option<Place> {
        let kept = &mut self.places.borrow_mut()[(address as usize / 8) % PLACES_KEPT];
        if kept.0 != address as usize {
            let (loaded, offset) = module::find(address)?;
            *kept = (address as usize, loaded.place_at(offset));
        }
        kept.1.clone()
    }
}

/// Every return address on the stack, those of tracing frames too, with its index from the top.
pub(crate) fn return_addresses(own: &Own) -> Vec<(usize, *const u64)> {
    let stack = stack_of(own);
    let mut found = Vec::new();
    let mut at = module::find(own.pc).map_or(0, |(loaded, offset)| frame_slots(&loaded, offset));
    while let Some(word) = stack.get(at) {
        let address = word.bits() as *const u64;
        found.push((at, address));
        at += 1;
        at += match (TraceFrame::of(address), module::find(address.wrapping_sub(1))) {
            (Some(frame), _) => frame.slots(),
            (None, Some((loaded, offset))) => frame_slots(&loaded, offset),
            (None, None) => break,
        };
    }
    found
}

/// Whether the function that begins to run tells where it returns to already: it was called in place of
/// another that does.
pub(crate) fn tells_return(own: &Own) -> bool {
    let frames = return_addresses(own).into_iter().map_while(|(_, address)| TraceFrame::of(address));
    frames.into_iter().any(|frame| frame == TraceFrame::ReturnTo)
}

/// Who called the function that begins to run.
pub(crate) fn caller(own: &Own) -> Option<Place> {
    let address = return_addresses(own).into_iter().map(|(_, address)| address).find(|a| TraceFrame::of(*a).is_none())?;
    place_of(address.wrapping_sub(1))
}

/// The export whose address stands in the frame of a traced call; `None` for 0.
pub(crate) fn export_at(address: *const Export) -> Option<&'static Export> {
    // SAFETY: C1; such frames hold addresses of exports, or 0.
    unsafe { address.as_ref() }
}

/// The raw form for the exception in flight.
pub(crate) fn raw(own: &mut Own) -> Term {
    let native = own.exception.native.map_or(0, |e| std::ptr::from_ref(e) as u64);
    // Where it was raised is told whatever the depth.
    let limit = depth().max(1);
    let taken = if native != 0 { 1 } else { 0 };
    let mut pcs = addresses(own, limit.saturating_sub(taken) + 1);
    // A function that a native stands in for is told once.
    // SAFETY: the first address is that of an instruction, or within one: its word is readable.
    if native != 0 && pcs.first().is_some_and(|&pc| pc == own.pc && unsafe { breakpoint::op_at(pc) } == Op::NifEntry as u16) {
        pcs.remove(0);
    }
    // What fails in a call of a fun that returns here is the call: on OTP the return address is on the stack
    // by then, so that the caller is told twice.
    // SAFETY: as above.
    if let [pc, ..] = pcs[..]
        && pc == own.pc
        && unsafe { breakpoint::op_at(pc) } == Op::CallFun as u16
    {
        pcs.insert(1, pc);
    }
    let mut elements: SmallVec<[Term; FIXED + 12]> = SmallVec::new();
    elements.push(own.exception.class.term());
    elements.push(Term::raw(native));
    elements.push(own.exception.args);
    elements.push(own.exception.cause);
    let room = limit.saturating_sub(taken);
    elements.extend(pcs.iter().take(room).map(|&pc| Term::raw(pc as u64)));
    own.heap.tuple(&elements)
}

/// The raw form for a stack trace given as a term.
pub fn given(own: &mut Own, class: Class, trace: Term) -> Term {
    own.heap.tuple(&[class.term(), trace])
}

/// The class in a raw trace; `error` if it is none.
pub(crate) fn class_of(raw: Term) -> Class {
    raw.as_tuple().and_then(|t| t.get(0)).and_then(Class::of).unwrap_or(Class::Error)
}

/// A raw trace for an exception whose class is another one now.
pub(crate) fn with_class(own: &mut Own, raw: Term, class: Class) -> Term {
    match raw.as_tuple() {
        Some(tuple) if tuple.get(0) != Some(class.term()) => {
            let mut elements = tuple.as_slice().to_vec();
            let Some(first) = elements.first_mut() else { return raw };
            *first = class.term();
            own.heap.tuple(&elements)
        }
        _ => raw,
    }
}

/// The stack trace as a term.
pub(crate) fn build(own: &mut Own, raw: Term) -> Term {
    let Some(tuple) = raw.as_tuple() else { return raw };
    if tuple.arity() == 2 {
        return tuple.at(1);
    }
    if tuple.arity() < FIXED {
        return Term::NIL;
    }
    let (native, mut args, cause) = (tuple.at(1).bits(), tuple.at(2), tuple.at(3));
    let mut entries = Vec::new();
    if native != 0 {
        // SAFETY: C1; raw traces are made by `raw` only.
        let export = unsafe { &*(native as *const Export) };
        let location = error_info(own, export.module, cause);
        let arity = if args.is_none() { Term::small(export.arity.into()) } else { args };
        entries.push(own.heap.tuple(&[
            Term::from_atom(export.module),
            Term::from_atom(export.function),
            arity,
            location,
        ]));
        args = Term::NONE;
    }
    for pc in &tuple.as_slice()[FIXED..] {
        if let Some(place) = FRAMES.with(|frames| frames.as_of_now().place_at(pc.bits() as *const u64)) {
            let mut info = Term::NIL;
            if entries.is_empty() && !cause.is_none() {
                info = cause;
            }
            entries.push(entry(own, &place, args, info));
            args = Term::NONE;
        }
    }
    own.heap.list(&entries)
}

/// The calls that a process is in, the innermost first, at most `limit`. The process does not run,
/// or runs the native that asks.
pub fn places(own: &Own, limit: usize) -> Vec<Place> {
    let mut found = addresses(own, limit);
    if let Some(first) = found.first_mut() {
        *first = receive_of(*first);
    }
    found.into_iter().filter_map(place_of).collect()
}

/// Where a process in a dirty native is.
pub fn place_in_native(aside: &Aside) -> Option<Place> {
    // SAFETY: set by `native::call` from a static declaration.
    if let Some(decl) = aside.native.map(|decl| unsafe { decl.cast::<Decl>().as_ref() })
        && !decl.nif
    {
        // One of a library is where its module has a function; this is called from where the process is.
        let (module, function) = (Atom::known(decl.module), Atom::known(decl.function));
        return Some(Place { module, function, arity: decl.arity, file: None, line: 0 });
    }
    let (pc, stack) = aside.code();
    addresses_of(pc, stack, 1).first().and_then(|&pc| place_of(pc))
}

/// Who waits is shown where the receive begins: the instruction itself stands behind its clauses.
fn receive_of(pc: *const u64) -> *const u64 {
    // SAFETY: an instruction of loaded code; word 1 of these two is the address of another.
    unsafe {
        let op = *pc as u16;
        if op == Op::Wait as u16 || op == Op::WaitTimeout as u16 { *pc.add(1) as *const u64 } else { pc }
    }
}

/// Where an address is.
pub fn place_of(pc: *const u64) -> Option<Place> {
    let (loaded, offset): (std::sync::Arc<Loaded>, u32) = module::find(pc)?;
    loaded.place_at(offset)
}

/// The code that called the native that runs now.
pub fn caller_of(own: &Own) -> Option<std::sync::Arc<Loaded>> {
    addresses(own, 1).first().and_then(|&pc| module::find(pc)).map(|(loaded, _)| loaded)
}

/// `{Module, Function, ArityOrArgs, [{file, File}, {line, Line}]}`
pub(crate) fn entry(own: &mut Own, place: &Place, args: Term, more: Term) -> Term {
    let mut location = location(own, place);
    if !more.is_none() && !more.is_nil() {
        let info = own.heap.tuple(&[am::error_info, more]);
        let mut items: Vec<Term> = location.list().collect();
        items.push(info);
        location = own.heap.list(&items);
    }
    let arity = if args.is_none() { Term::small(place.arity.into()) } else { args };
    own.heap.tuple(&[Term::from_atom(place.module), Term::from_atom(place.function), arity, location])
}

/// `[{file, File}, {line, Line}]`, or `[]` if unknown.
pub fn location(own: &mut Own, place: &Place) -> Term {
    let Some(file) = &place.file else { return Term::NIL };
    let file = own.heap.string(file);
    let file = own.heap.tuple(&[am::file, file]);
    let line = own.heap.tuple(&[am::line, Term::small(place.line.into())]);
    own.heap.list(&[file, line])
}

/// `[{error_info, #{module => FormatModule}}]` for natives whose errors OTP can explain.
fn error_info(own: &mut Own, module: Atom, cause: Term) -> Term {
    let Some(explainer) = explainer_of(module) else { return Term::NIL };
    let mut pairs = vec![(am::module, explainer)];
    if !cause.is_none() {
        pairs.push((am::cause, cause));
    }
    let map = crate::heap::map::from_pairs(&pairs, &mut own.heap);
    let info = own.heap.tuple(&[am::error_info, map]);
    own.heap.list(&[info])
}

/// The module that explains errors of a module's natives.
fn explainer_of(module: Atom) -> Option<Term> {
    Some(match module.name() {
        "erlang" | "atomics" | "counters" | "persistent_term" | "erts_internal" => am::erl_erts_errors,
        "binary" | "ets" | "lists" | "maps" | "math" | "re" | "unicode" | "io" | "string" => {
            am::erl_stdlib_errors
        }
        "os" | "code" | "erl_ddll" | "file" => am::erl_kernel_errors,
        _ => return None,
    })
}
