//! What a term is: type tests.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::code::fun_arity;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:is_atom/1       Normal guard => is_atom;
    erlang:is_binary/1     Normal guard => is_binary;
    erlang:is_bitstring/1  Normal guard => is_bitstring;
    erlang:is_boolean/1    Normal guard => is_boolean;
    erlang:is_float/1      Normal guard => is_float;
    erlang:is_function/1   Normal guard => is_function_1;
    /// Whether a fun takes so many arguments.
    erlang:is_function/2   Normal guard => is_function_2;
    erlang:is_integer/1    Normal guard => is_integer;
    erlang:is_list/1       Normal guard => is_list;
    erlang:is_map/1        Normal guard => is_map;
    erlang:is_number/1     Normal guard => is_number;
    erlang:is_pid/1        Normal guard => is_pid;
    erlang:is_port/1       Normal guard => is_port;
    erlang:is_record/2     Normal guard => is_record_2;
    erlang:is_record/3     Normal guard => is_record_3;
    erlang:is_reference/1  Normal guard => is_reference;
    erlang:is_tuple/1      Normal guard => is_tuple;
    /// The name of a term's kind inside the runtime.
    erts_internal:term_type/1  Normal => term_type;
}

macro_rules! tests {
    ($($name:ident = |$t:ident| $test:expr;)*) => { $(
        fn $name(cx: &mut Cx<'_>) -> Outcome {
            let [$t] = cx.take();
            Ok(Term::from_bool($test))
        }
    )* };
}

tests! {
    is_atom = |t| t.is_atom();
    is_binary = |t| t.as_binary().is_some();
    is_bitstring = |t| t.as_bits().is_some();
    is_boolean = |t| t.is_boolean();
    is_float = |t| t.as_float().is_some();
    is_function_1 = |t| t.as_fun().is_some();
    is_integer = |t| t.is_integer();
    is_list = |t| t.is_list();
    is_map = |t| t.as_map().is_some();
    is_number = |t| t.is_number();
    is_pid = |t| t.is_pid();
    is_port = |t| t.is_port();
    is_reference = |t| t.is_ref();
    is_tuple = |t| t.as_tuple().is_some();
}

fn is_function_2(cx: &mut Cx<'_>) -> Outcome {
    let [fun, arity] = cx.take();
    // No fun takes as many arguments as a big integer says.
    let arity = match arity.as_small() {
        Some(n) if n >= 0 => Some(n),
        None if arity.as_big().is_some_and(|big| !big.is_negative()) => None,
        _ => return cx.badarg(),
    };
    Ok(Term::from_bool(fun.as_fun().is_some_and(|fun| arity == Some(fun_arity(fun).into()))))
}

fn is_record_2(cx: &mut Cx<'_>) -> Outcome {
    let [term, tag] = cx.take();
    if !tag.is_atom() {
        return cx.badarg();
    }
    Ok(Term::from_bool(term.as_tuple().is_some_and(|tuple| tuple.get(0) == Some(tag))))
}

fn is_record_3(cx: &mut Cx<'_>) -> Outcome {
    let [term, tag, size] = cx.take();
    let (true, Some(size)) = (tag.is_atom(), size.as_small()) else { return cx.badarg() };
    let is_record = |tuple: glulam_vm::term::Tuple| tuple.arity() as i64 == size && tuple.get(0) == Some(tag);
    Ok(Term::from_bool(term.as_tuple().is_some_and(is_record)))
}

fn term_type(cx: &mut Cx<'_>) -> Outcome {
    use glulam_vm::term::{Kind, View};
    let [term] = cx.take();
    Ok(match term.view() {
        // What OTP has in one word: 60 bits.
        View::Small(n) if (-(1i64 << 59)..1 << 59).contains(&n) => am::fixnum,
        View::Small(_) => am::bignum,
        View::Big(_) => am::bignum,
        View::Float(_) => am::hfloat,
        View::Atom(_) => am::atom,
        View::Nil => am::nil,
        View::Cons(_) => am::list,
        View::Tuple(_) | View::Record => am::tuple,
        View::Map(map) if map.is_flat() => am::flatmap,
        View::Map(_) => am::hashmap,
        View::Fun(fun) if fun.is_external() => am::export,
        View::Fun(_) => am::fun,
        View::Bits(_) | View::MatchContext => match term.kind() {
            Some(Kind::HeapBinary) => am::heap_binary,
            Some(Kind::RefcBinary) => am::refc_binary,
            _ => am::sub_binary,
        },
        View::LocalPid => am::pid,
        View::LocalPort => am::port,
        View::Ref => am::reference,
        View::ExternalPid => am::external_pid,
        View::ExternalPort => am::external_port,
        View::ExternalRef => am::external_reference,
        View::Internal => return cx.badarg(),
    })
}
