//! Funs: what is known of one, and making external ones.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::code::{self, Export, FunEntry, FunTarget};
use glulam_vm::heap::Build;
use glulam_vm::term::Fun;
use glulam_vm::{Term, am, bifs};

bifs! {
    /// One item about a fun.
    erlang:fun_info/2      Normal => fun_info;
    /// Module, function and arity of a fun.
    erlang:fun_info_mfa/1  Normal => fun_info_mfa;
    /// `fun Module:Function/Arity`.
    erlang:make_fun/3      Normal => make_fun;
}

/// `Item` of a fun as `{Item, Value}`.
fn fun_info(cx: &mut Cx<'_>) -> Outcome {
    let [fun, item] = cx.take();
    let Some(fun) = fun.as_fun() else { return cx.badarg() };
    match value(cx, fun, item) {
        Some(value) => Ok(cx.tuple(&[item, value])),
        None => cx.badarg(),
    }
}

fn value(cx: &mut Cx<'_>, fun: Fun, item: Term) -> Option<Term> {
    Some(match (code::target_of(fun), item) {
        (FunTarget::External(_), am::type_) => am::external,
        (FunTarget::External(e), am::module) => Term::from_atom(e.module),
        (FunTarget::External(e), am::name) => Term::from_atom(e.function),
        (FunTarget::External(e), am::arity) => Term::small(e.arity.into()),
        (FunTarget::External(_), am::env) => Term::NIL,
        (FunTarget::External(_), am::index | am::new_index | am::uniq | am::new_uniq | am::pid) => {
            am::undefined
        }
        (FunTarget::Local(_), am::type_) => am::local,
        (FunTarget::Local(e), am::module) => Term::from_atom(e.module),
        (FunTarget::Local(e), am::name) => name(e),
        (FunTarget::Local(e), am::arity) => Term::small(e.arity.into()),
        (FunTarget::Local(_), am::env) => cx.list(fun.environment()),
        (FunTarget::Local(e), am::index | am::new_index) => Term::small(e.index.into()),
        (FunTarget::Local(e), am::uniq) => Term::small(e.old_uniq.into()),
        (FunTarget::Local(e), am::new_uniq) => cx.binary(&e.uniq),
        (FunTarget::Local(_), am::pid) => fun.creator(),
        _ => return None,
    })
}

/// The name of the function that is the body; `[]` where the code is not there.
fn name(entry: &FunEntry) -> Term {
    if entry.address().is_null() { Term::NIL } else { Term::from_atom(entry.function) }
}

fn fun_info_mfa(cx: &mut Cx<'_>) -> Outcome {
    let [fun] = cx.take();
    let Some(fun) = fun.as_fun() else { return cx.badarg() };
    let (m, f, a) = match code::target_of(fun) {
        FunTarget::External(e) => (e.module, Term::from_atom(e.function), e.arity),
        FunTarget::Local(e) => (e.module, name(e), e.arity),
    };
    Ok(cx.tuple(&[Term::from_atom(m), f, Term::small(a.into())]))
}

fn make_fun(cx: &mut Cx<'_>) -> Outcome {
    let [module, function, arity] = cx.take();
    let (Some(module), Some(function), Some(arity)) =
        (module.as_atom(), function.as_atom(), arity.as_usize().and_then(|n| u8::try_from(n).ok()))
    else {
        return cx.badarg();
    };
    Ok(code::external_fun(Export::of(module, function, arity), cx))
}
