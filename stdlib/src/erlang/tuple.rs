//! Tuples.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::Tuple;
use glulam_vm::{Term, bifs};

bifs! {
    erlang:element/2         Normal guard => element;
    erlang:tuple_size/1      Normal guard => tuple_size;
    erlang:setelement/3      Normal => setelement;
    erlang:make_tuple/2      Normal => make_tuple_2;
    /// With elements of their own at some places.
    erlang:make_tuple/3      Normal => make_tuple_3;
    erlang:append_element/2  Normal => append_element;
    erlang:insert_element/3  Normal => insert_element;
    erlang:delete_element/2  Normal => delete_element;
    erlang:tuple_to_list/1   Normal => tuple_to_list;
    erlang:list_to_tuple/1   Normal => list_to_tuple;
}

/// The most elements of a tuple.
const MAX_ARITY: usize = (1 << 24) - 1;

/// Elements copied for one reduction.
const ELEMENTS_PER_REDUCTION: usize = 64;

/// A tuple and the zero-based index of an element, or of one of `past` places behind the last.
fn at(index: Term, tuple: Term, past: usize) -> Option<(Tuple, usize)> {
    let tuple = tuple.as_tuple()?;
    let index = index.as_small().filter(|&n| n >= 1)? as usize - 1;
    (index < tuple.arity() + past).then_some((tuple, index))
}

fn element(cx: &mut Cx<'_>) -> Outcome {
    let [index, tuple] = cx.take();
    match at(index, tuple, 0) {
        Some((tuple, index)) => Ok(tuple.at(index)),
        None => cx.badarg(),
    }
}

fn tuple_size(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_tuple() {
        Some(tuple) => Ok(Term::small(tuple.arity() as i64)),
        None => cx.badarg(),
    }
}

fn setelement(cx: &mut Cx<'_>) -> Outcome {
    let [index, tuple, value] = cx.take();
    let Some((tuple, index)) = at(index, tuple, 0) else { return cx.badarg() };
    let mut elements = tuple.as_slice().to_vec();
    elements[index] = value;
    cx.charge(elements.len() / ELEMENTS_PER_REDUCTION);
    Ok(cx.tuple(&elements))
}

fn arity(size: Term) -> Option<usize> {
    size.as_usize().filter(|&n| n <= MAX_ARITY)
}

fn make_tuple_2(cx: &mut Cx<'_>) -> Outcome {
    let [size, value] = cx.take();
    let Some(size) = arity(size) else { return cx.badarg() };
    cx.charge(size / ELEMENTS_PER_REDUCTION);
    Ok(cx.tuple(&vec![value; size]))
}

fn make_tuple_3(cx: &mut Cx<'_>) -> Outcome {
    let [size, value, places] = cx.take();
    let Some(size) = arity(size) else { return cx.badarg() };
    let Some(places) = places.proper_list() else { return cx.badarg() };
    let mut elements = vec![value; size];
    for place in places {
        let Some([index, value]) = place.as_tuple_of::<2>() else { return cx.badarg() };
        match index.as_small() {
            Some(n) if n >= 1 && n as usize <= size => elements[n as usize - 1] = value,
            _ => return cx.badarg(),
        }
    }
    cx.charge(size / ELEMENTS_PER_REDUCTION);
    Ok(cx.tuple(&elements))
}

fn append_element(cx: &mut Cx<'_>) -> Outcome {
    let [tuple, value] = cx.take();
    let Some(tuple) = tuple.as_tuple().filter(|t| t.arity() < MAX_ARITY) else { return cx.badarg() };
    let mut elements = tuple.as_slice().to_vec();
    elements.push(value);
    Ok(cx.tuple(&elements))
}

fn insert_element(cx: &mut Cx<'_>) -> Outcome {
    let [index, tuple, value] = cx.take();
    let Some((tuple, index)) = at(index, tuple, 1) else { return cx.badarg() };
    if tuple.arity() >= MAX_ARITY {
        return cx.badarg();
    }
    let mut elements = tuple.as_slice().to_vec();
    elements.insert(index, value);
    Ok(cx.tuple(&elements))
}

fn delete_element(cx: &mut Cx<'_>) -> Outcome {
    let [index, tuple] = cx.take();
    let Some((tuple, index)) = at(index, tuple, 0) else { return cx.badarg() };
    let mut elements = tuple.as_slice().to_vec();
    elements.remove(index);
    Ok(cx.tuple(&elements))
}

fn tuple_to_list(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_tuple() {
        Some(tuple) => {
            cx.charge(tuple.arity() / ELEMENTS_PER_REDUCTION);
            Ok(cx.list(tuple.as_slice()))
        }
        None => cx.badarg(),
    }
}

fn list_to_tuple(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).proper_list() {
        Some(elements) if elements.len() <= MAX_ARITY => {
            cx.charge(elements.len() / ELEMENTS_PER_REDUCTION);
            Ok(cx.tuple(&elements))
        }
        _ => cx.badarg(),
    }
}
