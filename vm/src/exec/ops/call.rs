//! Calls, returns, funs, apply.

use crate::atom::Atom;
use crate::bif::{Arguments, Decl};
use crate::code::{Export, FunEntry, breakpoint};
use crate::exec::RunEnd;
use crate::exec::isa::SRC_CONST;
use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::exec::{load, native};
use crate::exec::ops::stub;
use crate::heap::Build;
use crate::process::Class;
use crate::term::{Header, Kind, Term};
use crate::am;

/// Goes to `target` with `live` arguments: counts the call, and yields there when the slice is up.
#[inline(always)]
pub(crate) fn enter<const FAST: bool>(m: &mut Machine, target: *const u64, live: usize) -> Flow {
    let left = m.reductions - 1;
    if FAST && (left <= 0 || cfg!(feature = "zeal-preempt")) {
        return Flow::General;
    }
    m.pc = target;
    m.reductions = left;
    if left <= 0 || cfg!(feature = "zeal-preempt") {
        return leave(m, live, RunEnd::Yielded);
    }
    Flow::Next
}

/// Stops running with `live` registers at `pc`.
#[inline(always)]
pub(crate) fn leave(m: &mut Machine, live: usize, end: RunEnd) -> Flow {
    m.save();
    m.own().registers.clear();
    for k in 0..live {
        let v = m.x(k as u16);
        m.own().registers.push(v);
    }
    Flow::Leave(end)
}

#[inline(always)]
fn after(m: &Machine, words: usize) -> *const u64 {
    // SAFETY: E1, an instruction follows.
    unsafe { m.pc.add(words) }
}

#[inline(always)]
fn drop_frame(m: &mut Machine, slots: u16) {
    // SAFETY: E2.
    m.sp = unsafe { m.sp.add(slots as usize) };
}

#[inline(always)]
pub(crate) fn jump<const FAST: bool>(m: &mut Machine, _i: Ins) -> Flow {
    m.jump(1)
}

#[inline(always)]
pub(crate) fn return_<const FAST: bool>(m: &mut Machine, _i: Ins) -> Flow {
    // SAFETY: without a frame, the top of the stack is the return address.
    unsafe {
        m.pc = (*m.sp).bits() as *const u64;
        m.sp = m.sp.add(1);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) fn call<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.push_return(after(m, 2));
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

/// A `move` to x0 and a call.
#[inline(always)]
pub(crate) fn move_call<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.src(i.b());
    m.set_x(0, v);
    m.push_return(after(m, if i.b() & SRC_CONST != 0 { 3 } else { 2 }));
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn move_call_x<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.x(i.b());
    m.set_x(0, v);
    m.push_return(after(m, 2));
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn move_call_y<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.y(i.b());
    m.set_x(0, v);
    m.push_return(after(m, 2));
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn move_call_only<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.src(i.b());
    m.set_x(0, v);
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn move_call_last<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let v = m.src(i.b());
    m.set_x(0, v);
    drop_frame(m, i.c());
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn call_only<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
pub(crate) fn call_last<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    drop_frame(m, i.b());
    enter::<FAST>(m, m.word(1) as *const u64, i.a() as usize)
}

#[inline(always)]
fn export(m: &Machine, word: usize) -> &'static Export {
    // SAFETY: C1, E1: the operand is the address of an export.
    unsafe { &*(m.word(word) as *const Export) }
}

#[inline(always)]
pub(crate) fn call_ext<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    m.push_return(after(m, 2));
    enter::<FAST>(m, export(m, 1).address(), i.a() as usize)
}

#[inline(always)]
pub(crate) fn call_ext_only<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    enter::<FAST>(m, export(m, 1).address(), i.a() as usize)
}

#[inline(always)]
pub(crate) fn call_ext_last<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    drop_frame(m, i.b());
    enter::<FAST>(m, export(m, 1).address(), i.a() as usize)
}

/// A native known when the module was loaded: its result goes to x0.
#[inline(always)]
pub(crate) fn call_native<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    // SAFETY: declarations are static; E1.
    let decl = unsafe { &*(m.word(2) as *const Decl) };
    if FAST {
        return call_native_short(m, decl);
    }
    let arity = i.a() as usize;
    if m.own().is_in_native() {
        // It has run, or begun, the short way: what it has built is behind the machine's top.
        m.load();
    }
    if breakpoint::any_native() && !m.own().is_in_native() && export(m, 1).has_breakpoint() {
        let back = after(m, 3);
        m.push_return(back);
        return enter::<false>(m, export(m, 1).address(), arity);
    }
    if !m.own().is_in_native() {
        m.reductions -= 1;
    }
    m.save();
    match native::call(m.process(), m.own(), decl, m.x_registers(), arity) {
        native::Called::Value(value) => {
            m.load();
            m.set_x(0, value);
            if m.own().heap.needs_collection() && !m.collect(0, 1) {
                return super::raise::killed(m);
            }
            m.next(3)
        }
        native::Called::Raise => {
            m.load();
            if !m.own().exception.by_caller {
                m.own().exception.native = Some(export(m, 1));
            }
            Flow::Raise
        }
        native::Called::TailCall => {
            m.load();
            let back = after(m, 3);
            m.push_return(back);
            tail_call(m)
        }
        native::Called::Again => {
            // What the native has built so far counts: the machine's top is older.
            m.load();
            leave(m, arity, RunEnd::Yielded)
        }
        native::Called::Dirty(class) => leave(m, arity, RunEnd::Dirty(class)),
        native::Called::Hibernate => {
            m.load();
            hibernate(m)
        }
    }
}

#[inline(always)]
fn call_native_short(m: &mut Machine, decl: &'static Decl) -> Flow {
    let own = m.own();
    if breakpoint::any_native() || own.is_in_native() {
        return Flow::General;
    }
    let value = if let Some(direct) = decl.direct {
        m.save();
        own.reductions_left = m.reductions - 1;
        // SAFETY: E1, the registers hold the arguments.
        let value = direct(m.process(), own, decl, unsafe { Arguments::new(m.x_registers()) });
        if value.is_none() {
            return Flow::General;
        }
        if own.heap.needs_collection() {
            native::keep_outcome(own, Ok(value));
            return Flow::General;
        }
        value
    } else {
        if decl.class.is_dirty() {
            return Flow::General;
        }
        m.save();
        own.reductions_left = m.reductions - 1;
        let value = native::short(m.process(), own, decl, m.x_registers());
        if value.is_none() {
            return Flow::General;
        }
        value
    };
    m.load();
    m.set_x(0, value);
    m.next(3)
}

/// Nothing but the place of a breakpoint.
#[inline(always)]
pub(crate) fn entry<const FAST: bool>(m: &mut Machine, _i: Ins) -> Flow {
    m.next(1)
}

/// A function that `erlang:load_nif/2` may have replaced: the native runs and returns.
#[inline(always)]
pub(crate) fn nif_entry<const FAST: bool>(m: &mut Machine, _i: Ins) -> Flow {
    let native = m.word(1);
    if native == 0 {
        return m.next(2);
    }
    // SAFETY: put there by `load::replace` from a static declaration.
    let decl = unsafe { &*(native as *const Decl) };
    if FAST {
        return direct(m, decl);
    }
    if m.own().is_in_native() {
        // It has run, or begun, the short way: what it has built is behind the machine's top.
        m.load();
    }
    run_native(m, decl, None)
}

/// Calls a native the short way; what is more than a plain value is left to the general handler.
#[inline(always)]
fn direct(m: &mut Machine, decl: &'static Decl) -> Flow {
    let own = m.own();
    let Some(direct) = decl.direct else { return Flow::General };
    if own.is_in_native() {
        return Flow::General;
    }
    m.save();
    // SAFETY: E1, the registers hold the arguments.
    let value = direct(m.process(), own, decl, unsafe { Arguments::new(m.x_registers()) });
    if value.is_none() {
        return Flow::General;
    }
    if own.heap.needs_collection() {
        native::keep_outcome(own, Ok(value));
        return Flow::General;
    }
    m.load();
    m.set_x(0, value);
    return_::<true>(m, Ins(0))
}

/// Runs a native in place of the function that was called, and returns for it.
#[inline(always)]
pub(crate) fn run_native(m: &mut Machine, decl: &'static Decl, export: Option<&'static Export>) -> Flow {
    let arity = decl.arity as usize;
    m.save();
    match native::call(m.process(), m.own(), decl, m.x_registers(), arity) {
        native::Called::Value(value) => {
            m.load();
            m.set_x(0, value);
            if m.own().heap.needs_collection() && !m.collect(0, 1) {
                return super::raise::killed(m);
            }
            return_::<false>(m, Ins(0))
        }
        native::Called::Raise => {
            m.load();
            if !m.own().exception.by_caller {
                m.own().exception.native = Some(export.unwrap_or_else(|| export_of(decl)));
            }
            Flow::Raise
        }
        native::Called::TailCall => {
            m.load();
            tail_call(m)
        }
        native::Called::Again => {
            // What the native has built so far counts: the machine's top is older.
            m.load();
            leave(m, arity, RunEnd::Yielded)
        }
        native::Called::Dirty(class) => leave(m, arity, RunEnd::Dirty(class)),
        native::Called::Hibernate => {
            m.load();
            hibernate(m)
        }
    }
}

#[cold]
fn export_of(decl: &Decl) -> &'static Export {
    Export::of(Atom::known(decl.module), Atom::known(decl.function), decl.arity)
}

outlined! {
    /// Goes to what a native asked for in its place; the return address stands on the stack.
    cold pub(crate) fn tail_call(m: &mut Machine) -> Flow {
        let Some(call) = m.own().tail_call.take() else { crate::bug!("tail call without a target") };
        let n = call.args.len();
        for (k, arg) in call.args.iter().enumerate() {
            m.set_x(k as u16, *arg);
        }
        match call.target {
            crate::process::Target::Function(module, function) => {
                enter::<false>(m, Export::of(module, function, n as u8).address(), n)
            }
            crate::process::Target::Fun(fun) => enter_fun::<false>(m, fun, n),
            crate::process::Target::Code(address) => enter::<false>(m, address, n),
        }
    }
}

outlined! {
    /// Empties the stack and sleeps until a message comes; then calls the target of the tail call.
    cold pub(crate) fn hibernate(m: &mut Machine) -> Flow {
        let Some(call) = m.own().tail_call.take() else { crate::bug!("hibernation without a target") };
        let crate::process::Target::Function(module, function) = call.target else {
            crate::bug!("hibernation with a fun")
        };
        m.sp = m.own().heap.end.cast::<Term>();
        m.own().catches = 0;
        m.push_return(crate::exec::start::exit_address());
        let n = call.args.len();
        for (k, arg) in call.args.iter().enumerate() {
            m.set_x(k as u16, *arg);
        }
        m.pc = Export::of(module, function, n as u8).address();
        m.reductions -= 1;
        leave(m, n, RunEnd::Hibernated)
    }
}

/// Calls `fun` with x0 to x(arity-1); the return address stands on the stack.
#[inline(always)]
pub(crate) fn enter_fun<const FAST: bool>(m: &mut Machine, fun: Term, arity: usize) -> Flow {
    // A fun's environment overwrites registers: whether the slice is up must be known before.
    if FAST && m.reductions <= 1 {
        return Flow::General;
    }
    if fun.is_boxed() {
        let header = fun.header();
        if header.is(Kind::Fun) {
            // SAFETY: T1, C1: word 1 of a local fun is its entry.
            let entry = unsafe { &*(fun.word(1) as *const FunEntry) };
            if entry.arity as usize == arity {
                let address = entry.address();
                if address.is_null() {
                    seldom!(FAST, undefined_lambda(m, entry, fun, arity));
                }
                let free = header.size() - 2;
                for k in 0..free {
                    m.set_x((arity + k) as u16, fun.slot(3 + k));
                }
                return enter::<FAST>(m, address, arity + free);
            }
        } else if header.is(Kind::Export) {
            // SAFETY: T1, C1: word 1 of an external fun is its export.
            let export = unsafe { &*(fun.word(1) as *const Export) };
            if export.arity as usize == arity {
                return enter::<FAST>(m, export.address(), arity);
            }
        }
    }
    seldom!(FAST, bad_fun(m, fun, arity))
}

/// The fun's code is not loaded: `error_handler:undefined_lambda(Module, Fun, Args)`.
#[cold]
#[inline(never)]
fn undefined_lambda_call(m: &mut Machine, module: Atom, fun: Term, arity: usize) {
    let args: Vec<Term> = (0..arity).map(|k| m.x(k as u16)).collect();
    m.save();
    let args = m.own().heap.list(&args);
    m.load();
    m.set_x(0, Term::from_atom(module));
    m.set_x(1, fun);
    m.set_x(2, args);
}

outlined! {
    cold fn undefined_lambda(m: &mut Machine, entry: &FunEntry, fun: Term, arity: usize) -> Flow {
        if entry.is_suspended() {
            return pending_purge(m, entry, fun, arity);
        }
        if crate::code::module::current(entry.module).is_some() {
            // Other code of the module is loaded: the fun's own has gone.
            return bad_fun(m, fun, arity);
        }
        let handler = m.own().error_handler;
        let export = Export::of(handler, am::undefined_lambda.atom(), 3);
        if !export.is_defined() {
            m.own().exception = crate::process::Exception::new(Class::Error, am::undef);
            return Flow::Raise;
        }
        undefined_lambda_call(m, entry.module, fun, arity);
        enter::<false>(m, export.address(), 3)
    }
}

outlined! {
    /// The fun's code is being purged: the process is suspended until that is over, and then goes on as
    /// `erts_code_purger:pending_purge_lambda(Module, Fun, Args)`, which makes the call again.
    cold fn pending_purge(m: &mut Machine, entry: &FunEntry, fun: Term, arity: usize) -> Flow {
        let export = Export::of(am::erts_code_purger.atom(), am::pending_purge_lambda.atom(), 3);
        undefined_lambda_call(m, entry.module, fun, arity);
        if !export.is_defined() {
            let (fun, args) = (m.x(1), m.x(2));
            m.set_x(0, fun);
            m.set_x(1, args);
            m.pc = crate::exec::start::apply_fun_address();
            return leave(m, 2, RunEnd::Yielded);
        }
        load::suspend_for_purge(entry, m.process());
        m.pc = export.address();
        leave(m, 3, RunEnd::Yielded)
    }
}

outlined! {
    cold fn bad_fun(m: &mut Machine, fun: Term, arity: usize) -> Flow {
        m.save();
        let is_local = fun.is_boxed() && fun.header().is(Kind::Fun);
        // SAFETY: T1, C1: word 1 of a local fun is its entry.
        let gone = is_local && unsafe { &*(fun.word(1) as *const FunEntry) }.arity as usize == arity;
        let reason = if fun.as_fun().is_some() && !gone {
            let args: Vec<Term> = (0..arity).map(|k| m.x(k as u16)).collect();
            let args = m.own().heap.list(&args);
            let call = m.own().heap.tuple(&[fun, args]);
            m.own().heap.tuple(&[am::badarity, call])
        } else {
            m.own().heap.tuple(&[am::badfun, fun])
        };
        m.load();
        m.own().exception = crate::process::Exception::new(Class::Error, reason);
        Flow::Raise
    }
}

/// `a` arity, `b` the fun.
#[inline(always)]
pub(crate) fn call_fun<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let fun = m.src(i.b());
    let words = if i.b() & SRC_CONST != 0 { 2 } else { 1 };
    let here = m.pc;
    let back = after(m, words);
    m.push_return(back);
    match enter_fun::<FAST>(m, fun, i.a() as usize) {
        Flow::Raise => {
            // The call did not happen: it is the caller that fails.
            m.pc = here;
            // SAFETY: pushed above.
            m.sp = unsafe { m.sp.add(1) };
            Flow::Raise
        }
        flow => flow,
    }
}

/// `a` arity, `b` the fun, `c` slots.
#[inline(always)]
pub(crate) fn call_fun_last<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let fun = m.src(i.b());
    drop_frame(m, i.c());
    match enter_fun::<FAST>(m, fun, i.a() as usize) {
        Flow::Raise => {
            // SAFETY: the frame still stands below.
            m.sp = unsafe { m.sp.sub(i.c() as usize) };
            Flow::Raise
        }
        flow => flow,
    }
}

outlined! {
    /// The export that module and function in the registers behind `arity` arguments name.
    fn applied(m: &mut Machine, arity: usize) -> Option<&'static Export> {
        let (module, function) = (m.x(arity as u16), m.x(arity as u16 + 1));
        match (module.as_atom(), function.as_atom()) {
            (Some(module), Some(function)) => Some(Export::of(module, function, arity as u8)),
            _ => None,
        }
    }
}

outlined! {
    /// `apply` of something that is no module and function: `badarg`, as from `erlang:apply/3`.
    cold fn bad_apply(m: &mut Machine, arity: usize) -> Flow {
        let args: Vec<Term> = (0..arity).map(|k| m.x(k as u16)).collect();
        m.save();
        let args = m.own().heap.list(&args);
        m.load();
        let (module, function) = (m.x(arity as u16), m.x(arity as u16 + 1));
        for (k, v) in [module, function, args].into_iter().enumerate() {
            m.set_x(k as u16, v);
        }
        m.own().exception = crate::process::Exception::new(Class::Error, am::badarg);
        m.own().exception.native = Some(Export::of(am::erlang.atom(), am::apply.atom(), 3));
        Flow::Raise
    }
}

outlined! {
    pub(crate) fn apply(m: &mut Machine, i: Ins) -> Flow {
        let arity = i.a() as usize;
        match applied(m, arity) {
            Some(export) => {
                m.push_return(after(m, 1));
                enter::<false>(m, export.address(), arity)
            }
            None => bad_apply(m, arity),
        }
    }
}

/// `error`, `exit` or `throw`.
fn is_raise(export: &Export) -> bool {
    export.module == am::erlang.atom()
        && match export.arity {
            1 => [am::error, am::exit, am::throw].contains(&Term::from_atom(export.function)),
            2 | 3 => export.function == am::error.atom(),
            _ => false,
        }
}

fn is_apply(export: &Export) -> bool {
    export.arity == 3 && export.module == am::erlang.atom() && export.function == am::apply.atom()
}

/// What an application comes to: that of `erlang:apply/3` is what its arguments, in the registers, say.
fn come_to(m: &mut Machine, mut export: &'static Export, mut arity: usize) -> (&'static Export, usize) {
    while is_apply(export) {
        let given = [m.x(0), m.x(1), m.x(2)];
        let (Some(module), Some(function)) = (given[0].as_atom(), given[1].as_atom()) else { break };
        let Some(n) = stub::spread(m, given[2]) else {
            // It fails by itself, and tells its arguments and its caller.
            given.into_iter().enumerate().for_each(|(k, v)| m.set_x(k as u16, v));
            break;
        };
        (export, arity) = (Export::of(module, function, n as u8), n);
    }
    (export, arity)
}

outlined! {
    pub(crate) fn apply_last(m: &mut Machine, i: Ins) -> Flow {
        let arity = i.a() as usize;
        let Some(export) = applied(m, arity) else { return bad_apply(m, arity) };
        let (export, arity) = come_to(m, export, arity);
        if is_raise(export) || is_apply(export) {
            // It does not return: its caller stays to be seen in the stack trace.
            m.push_return(after(m, 1));
        } else {
            drop_frame(m, i.b());
        }
        enter::<false>(m, export.address(), arity)
    }
}

outlined! {
    /// A tail call of `erlang:apply/2,3`: `a` its arity, `b` slots.
    pub(crate) fn apply_list_last(m: &mut Machine, i: Ins) -> Flow {
        let (first, second, third) = (m.x(0), m.x(1), m.x(2));
        if i.a() == 2 {
            let Some(n) = stub::spread(m, second) else { return stub::bad_list(m, second, &[first, second]) };
            drop_frame(m, i.b());
            let flow = enter_fun::<false>(m, first, n);
            if matches!(flow, Flow::Raise) {
                // SAFETY: the frame still stands below.
                m.sp = unsafe { m.sp.sub(i.b() as usize) };
            }
            return flow;
        }
        let (Some(module), Some(function)) = (first.as_atom(), second.as_atom()) else {
            return stub::bad_list(m, Term::NONE, &[first, second, third]);
        };
        let Some(n) = stub::spread(m, third) else { return stub::bad_list(m, third, &[first, second, third]) };
        let (export, n) = come_to(m, Export::of(module, function, n as u8), n);
        if is_raise(export) || is_apply(export) {
            m.push_return(after(m, 1));
        } else {
            drop_frame(m, i.b());
        }
        enter::<false>(m, export.address(), n)
    }
}

/// `a` destination, `b` free variables; word 1: the fun entry, word 2: length; then the list.
#[inline(always)]
pub(crate) fn make_fun<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let free = i.b() as usize;
    let p = m.bump(free + 3);
    // SAFETY: E3, the preceding `test_heap` counts funs with their environment.
    unsafe {
        *p = Header::new(Kind::Fun, free + 2).bits();
        *p.add(1) = m.word(1);
        *p.add(2) = m.process().pid().bits();
        for k in 0..free {
            *p.add(3 + k) = m.src(m.packed(3, k)).bits();
        }
    }
    m.set(i.a(), Term::from_boxed(p));
    let words = m.word(2) as usize;
    m.next(words)
}
