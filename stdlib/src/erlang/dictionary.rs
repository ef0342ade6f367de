//! The process dictionary.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::cmp;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// Every key and value.
    erlang:get/0       Normal => get_all;
    /// The value of a key, or `undefined`.
    erlang:get/1       Normal => get;
    /// Every key.
    erlang:get_keys/0  Normal => get_keys;
    /// The keys of a value.
    erlang:get_keys/1  Normal => get_keys_of;
    /// Sets a value; the former one, or `undefined`.
    erlang:put/2       Normal => put;
    /// Removes everything; what was there.
    erlang:erase/0     Normal => erase_all;
    /// Removes a key; its value, or `undefined`.
    erlang:erase/1     Normal => erase;
}

fn entries(cx: &Cx<'_>) -> Vec<(Term, Term)> {
    cx.own.dictionary.as_ref().map_or_else(Vec::new, |d| d.entries().to_vec())
}

/// `[{Key, Value}]`
fn pairs(cx: &mut Cx<'_>, entries: &[(Term, Term)]) -> Outcome {
    cx.charge(entries.len() / 8);
    let pairs: Vec<Term> = entries.iter().map(|&(key, value)| cx.tuple(&[key, value])).collect();
    Ok(cx.list(&pairs))
}

fn get_all(cx: &mut Cx<'_>) -> Outcome {
    let entries = entries(cx);
    pairs(cx, &entries)
}

fn get(cx: &mut Cx<'_>) -> Outcome {
    let key = cx.arg(0);
    Ok(cx.own.dictionary.as_ref().and_then(|d| d.get(key)).unwrap_or(am::undefined))
}

fn get_keys(cx: &mut Cx<'_>) -> Outcome {
    let keys: Vec<Term> = entries(cx).into_iter().map(|(key, _)| key).collect();
    cx.charge(keys.len() / 8);
    Ok(cx.list(&keys))
}

fn get_keys_of(cx: &mut Cx<'_>) -> Outcome {
    let wanted = cx.arg(0);
    let entries = entries(cx);
    cx.charge(entries.len() / 4);
    let keys: Vec<Term> =
        entries.into_iter().filter(|(_, value)| cmp::eq_exact(*value, wanted)).map(|(key, _)| key).collect();
    Ok(cx.list(&keys))
}

fn put(cx: &mut Cx<'_>) -> Outcome {
    let [key, value] = cx.take();
    Ok(cx.own.dictionary().put(key, value).unwrap_or(am::undefined))
}

fn erase_all(cx: &mut Cx<'_>) -> Outcome {
    let entries = cx.own.dictionary.take().map_or_else(Vec::new, |mut d| d.clear());
    pairs(cx, &entries)
}

fn erase(cx: &mut Cx<'_>) -> Outcome {
    let key = cx.arg(0);
    Ok(cx.own.dictionary.as_mut().and_then(|d| d.erase(key)).unwrap_or(am::undefined))
}
