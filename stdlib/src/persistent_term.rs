//! `persistent_term`: terms that all processes read without copying. Values are literals: never
//! moved, and never freed, so that whoever read one may keep it.

use std::collections::HashMap;

use glulam_vm::base::sync::{OnceLock, RwLock};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::heap::literal::Literal;
use glulam_vm::term::{cmp, hash};
use glulam_vm::{Term, am, bifs};

bifs! {
    persistent_term:put/2                    Normal => put;
    persistent_term:get/0                    Normal => get_all;
    persistent_term:get/1                    Normal => get;
    persistent_term:get/2                    Normal => get_default;
    persistent_term:erase/1                  Normal => erase;
    persistent_term:info/0                   Normal => info;
    erts_internal:erase_persistent_terms/0   Normal => erase_all;
}

type Table = RwLock<HashMap<u32, Vec<(Literal, Literal)>>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

fn find(key: Term) -> Option<Term> {
    let table = table().read();
    let bucket = table.get(&hash::internal(key, 0))?;
    bucket.iter().find(|(k, _)| cmp::eq_exact(k.term(), key)).map(|(_, v)| v.term())
}

fn put(cx: &mut Cx<'_>) -> Outcome {
    let [key, value] = cx.take();
    if find(key).is_some_and(|old| cmp::eq_exact(old, value)) {
        return Ok(am::ok);
    }
    let new = Literal::of(value);
    let mut table = table().write();
    let bucket = table.entry(hash::internal(key, 0)).or_default();
    match bucket.iter_mut().find(|(k, _)| cmp::eq_exact(k.term(), key)) {
        Some(entry) => entry.1 = new,
        None => bucket.push((Literal::of(key), new)),
    }
    Ok(am::ok)
}

fn get(cx: &mut Cx<'_>) -> Outcome {
    let [key] = cx.take();
    match find(key) {
        Some(value) => Ok(value),
        None => cx.badarg(),
    }
}

fn get_default(cx: &mut Cx<'_>) -> Outcome {
    let [key, default] = cx.take();
    Ok(find(key).unwrap_or(default))
}

fn get_all(cx: &mut Cx<'_>) -> Outcome {
    let table = table().read();
    let all: Vec<Term> = table.values().flatten().map(|(k, v)| cx.tuple(&[k.term(), v.term()])).collect();
    Ok(cx.list(&all))
}

fn erase(cx: &mut Cx<'_>) -> Outcome {
    let [key] = cx.take();
    let mut table = table().write();
    let Some(bucket) = table.get_mut(&hash::internal(key, 0)) else { return Ok(am::false_) };
    let before = bucket.len();
    bucket.retain(|(k, _)| !cmp::eq_exact(k.term(), key));
    let after = bucket.len();
    if after == 0 {
        table.remove(&hash::internal(key, 0));
    }
    Ok(Term::from_bool(after < before))
}

fn erase_all(_cx: &mut Cx<'_>) -> Outcome {
    table().write().clear();
    Ok(am::ok)
}

/// How many buckets hold anything.
pub(crate) fn buckets() -> usize {
    table().read().len()
}

fn info(cx: &mut Cx<'_>) -> Outcome {
    let (count, words) = {
        let table = table().read();
        let entries = || table.values().flatten();
        (entries().count(), entries().map(|(k, v)| k.words() + v.words()).sum::<usize>())
    };
    let count = cx.usize(count);
    let memory = cx.usize(words * 8);
    Ok(glulam_vm::heap::map::from_pairs(&[(am::count, count), (am::memory, memory)], cx))
}
