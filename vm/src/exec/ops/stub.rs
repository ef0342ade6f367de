//! Instructions that are not in modules: stubs of exports, start and end of a process.

use super::call;
use crate::am;
use crate::bif::Decl;
use crate::code::Export;
use crate::exec::RunEnd;
use crate::exec::machine::{Flow, Ins, Machine, outlined};
use crate::heap::Build;
use crate::process::{Class, Exception};
use crate::term::Term;

outlined! {
    /// A function without code: `error_handler:undefined_function(Module, Function, Args)`.
    cold pub(crate) fn undefined(m: &mut Machine, _i: Ins) -> Flow {
        // SAFETY: this op stands in stubs of exports only.
        let export = unsafe { Export::of_stub(m.pc) };
        if export.address() != m.pc {
            // The end of a breakpoint came between the call and here.
            m.pc = export.address();
            return Flow::Next;
        }
        let handler = Export::of(m.own().error_handler, am::undefined_function.atom(), 3);
        if !handler.is_defined() || std::ptr::eq(handler, export) {
            return super::raise::undef(m, export);
        }
        let args: Vec<Term> = (0..u16::from(export.arity)).map(|k| m.x(k)).collect();
        m.save();
        let args = m.own().heap.list(&args);
        m.load();
        m.set_x(0, Term::from_atom(export.module));
        m.set_x(1, Term::from_atom(export.function));
        m.set_x(2, args);
        call::enter::<false>(m, handler.address(), 3)
    }
}

/// A native called through its export: by `apply`, a fun, or code loaded before it.
#[inline(always)]
pub(crate) fn native(m: &mut Machine, _i: Ins) -> Flow {
    // SAFETY: this op stands in stubs of exports only.
    let export = unsafe { Export::of_stub(m.pc) };
    // SAFETY: such a stub belongs to an export with a declaration.
    let decl = unsafe { &*export.native().cast::<Decl>() };
    call::run_native(m, decl, Some(export))
}

outlined! {
    /// Applies module x0, function x1 to list x2; below stands the exit.
    pub(crate) fn start(m: &mut Machine, i: Ins) -> Flow {
        m.push_return(crate::exec::start::exit_address());
        apply_list(m, i)
    }
}

outlined! {
    /// The first function of the process returned.
    pub(crate) fn exit(m: &mut Machine, _i: Ins) -> Flow {
        m.save();
        m.own().exception = Exception::new(Class::Exit, am::normal);
        Flow::Leave(RunEnd::Exited)
    }
}

outlined! {
    pub(crate) fn invalid(_m: &mut Machine, i: Ins) -> Flow {
        crate::bug!("instruction {:#x}", i.0)
    }
}

outlined! {
    /// Spreads a list into registers; its length, or `None` if it is improper or too long.
    pub(super) fn spread(m: &mut Machine, list: Term) -> Option<usize> {
        let mut n = 0;
        let mut rest = list;
        while let Some(cell) = rest.as_cons() {
            if n == 255 {
                return None;
            }
            m.set_x(n as u16, cell.head());
            rest = cell.tail();
            n += 1;
        }
        rest.is_nil().then_some(n)
    }
}

outlined! {
    /// The list of arguments is none, or too long: as `erlang:apply` fails.
    cold pub(super) fn bad_list(m: &mut Machine, list: Term, args: &[Term]) -> Flow {
        let reason = if list.proper_list().is_some() { am::system_limit } else { am::badarg };
        for (k, v) in args.iter().enumerate() {
            m.set_x(k as u16, *v);
        }
        m.own().exception = Exception::new(Class::Error, reason);
        m.own().exception.native = Some(Export::of(am::erlang.atom(), am::apply.atom(), args.len() as u8));
        Flow::Raise
    }
}

outlined! {
    pub(crate) fn apply_list(m: &mut Machine, _i: Ins) -> Flow {
        let (module, function, list) = (m.x(0), m.x(1), m.x(2));
        let (Some(module), Some(function)) = (module.as_atom(), function.as_atom()) else {
            return bad_list(m, Term::NONE, &[module, function, list]);
        };
        match spread(m, list) {
            Some(n) => call::enter::<false>(m, Export::of(module, function, n as u8).address(), n),
            None => bad_list(m, list, &[Term::from_atom(module), Term::from_atom(function), list]),
        }
    }
}

outlined! {
    pub(crate) fn apply_fun(m: &mut Machine, _i: Ins) -> Flow {
        let (fun, list) = (m.x(0), m.x(1));
        match spread(m, list) {
            Some(n) => call::enter_fun::<false>(m, fun, n),
            None => bad_list(m, list, &[fun, list]),
        }
    }
}
