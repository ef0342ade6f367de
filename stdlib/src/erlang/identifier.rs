//! Pids, ports, references and funs to and from text.

use glulam_vm::atom::Atom;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::node::Node;
use glulam_vm::term::{Kind, print};
use glulam_vm::{Term, bifs};

use super::number::bytes_of;

bifs! {
    erlang:pid_to_list/1   Normal => pid_to_list;
    erlang:port_to_list/1  Normal => port_to_list;
    erlang:ref_to_list/1   Normal => ref_to_list;
    erlang:fun_to_list/1   Normal => fun_to_list;
    erlang:list_to_pid/1   Normal => list_to_pid;
    erlang:list_to_port/1  Normal => list_to_port;
    erlang:list_to_ref/1   Normal => list_to_ref;
}

fn text_if(cx: &mut Cx<'_>, is: fn(Term) -> bool) -> Outcome {
    let [term] = cx.take();
    if is(term) { Ok(cx.string(&print::to_string(term))) } else { cx.badarg() }
}

fn pid_to_list(cx: &mut Cx<'_>) -> Outcome {
    text_if(cx, Term::is_pid)
}

fn port_to_list(cx: &mut Cx<'_>) -> Outcome {
    text_if(cx, Term::is_port)
}

fn ref_to_list(cx: &mut Cx<'_>) -> Outcome {
    text_if(cx, Term::is_ref)
}

fn fun_to_list(cx: &mut Cx<'_>) -> Outcome {
    text_if(cx, |term| term.as_fun().is_some())
}

/// The numbers between `open` and `>`, with points between them.
fn numbers(list: Term, open: &str) -> Option<Vec<u64>> {
    let text = String::from_utf8(bytes_of(list)?).ok()?;
    let inner = text.strip_prefix(open)?.strip_suffix('>')?;
    inner
        .split('.')
        .map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?)
        .collect()
}

/// The node that a number stands for in text, in its latest life; `Some(None)` is this one.
fn node(channel: u64) -> Option<Option<&'static Node>> {
    if channel == 0 {
        return Some(None);
    }
    let name = Atom::from_index(u32::try_from(channel).ok()?)?;
    Node::all().into_iter().filter(|node| node.name == name).max_by_key(|node| node.creation).map(Some)
}

fn external(cx: &mut Cx<'_>, kind: Kind, node: &'static Node, numbers: &[u64]) -> Term {
    let mut words = vec![node.address()];
    words.extend(numbers);
    cx.raw_box(kind, &words)
}

fn list_to_pid(cx: &mut Cx<'_>) -> Outcome {
    /// What a local identifier has room for.
    const MAX: [u64; 2] = [1 << 28, 1 << 29];
    let Some(&[channel, number, serial]) = numbers(cx.arg(0), "<").as_deref() else { return cx.badarg() };
    match node(channel) {
        Some(None) if number < MAX[0] && serial < MAX[1] => Ok(Term::from_pid_number(serial << 28 | number)),
        Some(Some(node)) if number <= u32::MAX.into() && serial <= u32::MAX.into() => {
            Ok(external(cx, Kind::ExternalPid, node, &[serial << 32 | number]))
        }
        _ => cx.badarg(),
    }
}

fn list_to_port(cx: &mut Cx<'_>) -> Outcome {
    let Some(&[channel, number]) = numbers(cx.arg(0), "#Port<").as_deref() else { return cx.badarg() };
    match node(channel) {
        Some(None) if number < 1 << 57 => Ok(Term::from_port_number(number)),
        Some(Some(node)) => Ok(external(cx, Kind::ExternalPort, node, &[number])),
        _ => cx.badarg(),
    }
}

fn list_to_ref(cx: &mut Cx<'_>) -> Outcome {
    let Some(all) = numbers(cx.arg(0), "#Ref<") else { return cx.badarg() };
    let [channel, parts @ ..] = all.as_slice() else { return cx.badarg() };
    if parts.is_empty() || parts.len() > 5 || parts.iter().any(|&n| n > u32::MAX.into()) {
        return cx.badarg();
    }
    let mut words: Vec<u64> =
        parts.rchunks(2).map(|pair| pair.iter().fold(0, |word, &n| word << 32 | n)).collect();
    match node(*channel) {
        Some(None) if words.len() <= 2 => {
            words.resize(2, 0);
            Ok(cx.reference([words[0], words[1]]))
        }
        Some(Some(node)) => Ok(external(cx, Kind::ExternalRef, node, &words)),
        _ => cx.badarg(),
    }
}
