//! Tables as such.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Stored};
use glulam_vm::process::{Pid, exit_hook, reference};
use glulam_vm::table::ets::{self, Kind, Options, Protection, Table};
use glulam_vm::table::route;
use glulam_vm::{Term, am};

/// Numbers of locks that a table may be asked to have.
const FIXED_LOCKS: std::ops::RangeInclusive<usize> = 1..=32_768;

pub(super) fn new(cx: &mut Cx<'_>) -> Outcome {
    let [name, options] = cx.take();
    let (Some(name), Some(list)) = (name.as_atom(), options.proper_list()) else { return cx.badarg() };
    let mut o = Options {
        name,
        named: false,
        kind: Kind::Set,
        keypos: 1,
        protection: Protection::Protected,
        heir: None,
        write_concurrency: am::false_,
        read_concurrency: false,
        decentralized_counters: false,
        compressed: false,
    };
    for option in list {
        match option {
            am::set => o.kind = Kind::Set,
            am::bag => o.kind = Kind::Bag,
            am::duplicate_bag => o.kind = Kind::DuplicateBag,
            am::ordered_set => o.kind = Kind::OrderedSet,
            am::named_table => o.named = true,
            am::public => o.protection = Protection::Public,
            am::protected => o.protection = Protection::Protected,
            am::private => o.protection = Protection::Private,
            am::compressed => o.compressed = true,
            _ => {
                if !pair_option(option, &mut o) {
                    return cx.badarg();
                }
            }
        }
    }
    if o.write_concurrency == am::debug_hash_fixed_number_of_locks {
        if o.kind == Kind::OrderedSet {
            return cx.badarg();
        }
        o.write_concurrency = am::true_;
    }
    if o.protection == Protection::Private {
        o.write_concurrency = am::false_;
    }
    match ets::create(cx.process.id(), o) {
        Some(table) => Ok(super::identifier(cx, &table)),
        None => cx.badarg_because(am::already_exists),
    }
}

fn pair_option(option: Term, o: &mut Options) -> bool {
    if let Some([am::heir, heir, data]) = option.as_tuple_of() {
        let Some(pid) = Pid::of(heir) else { return false };
        o.heir = Some((pid, Stored::new(data)));
        return true;
    }
    match option.as_tuple_of() {
        Some([am::keypos, n]) => match n.as_usize().filter(|n| *n > 0) {
            Some(n) => o.keypos = n,
            None => return false,
        },
        Some([am::write_concurrency, value]) if value.is_boolean() || value == am::auto => {
            o.write_concurrency = value;
        }
        Some([am::write_concurrency, how]) => match how.as_tuple_of() {
            // Locks are the table's own business here; who asks for a number of them gets some.
            Some([am::debug_hash_fixed_number_of_locks, n]) if n.as_usize().is_some_and(|n| FIXED_LOCKS.contains(&n)) => {
                o.write_concurrency = am::debug_hash_fixed_number_of_locks;
            }
            _ => return false,
        },
        Some([am::read_concurrency, value]) if value.is_boolean() => o.read_concurrency = value == am::true_,
        Some([am::decentralized_counters, value]) if value.is_boolean() => {
            o.decentralized_counters = value == am::true_;
        }
        Some([am::heir, am::none]) => o.heir = None,
        _ => return false,
    }
    true
}

pub(super) fn delete(cx: &mut Cx<'_>) -> Outcome {
    let [t] = cx.take();
    let table = super::table(cx, t, true)?;
    cx.charge(table.size() / 20);
    ets::destroy(&table);
    Ok(am::true_)
}

pub(super) fn rename(cx: &mut Cx<'_>) -> Outcome {
    let [t, name] = cx.take();
    let table = super::table(cx, t, true)?;
    let Some(name) = name.as_atom() else { return cx.badarg() };
    if !ets::rename(&table, name) {
        return cx.badarg_because(am::already_exists);
    }
    Ok(if table.named { Term::from_atom(name) } else { t })
}

pub(super) fn whereis(cx: &mut Cx<'_>) -> Outcome {
    let [name] = cx.take();
    let Some(name) = name.as_atom() else { return cx.badarg() };
    match ets::by_name(name) {
        Some(table) => Ok(super::tid(cx, &table)),
        None => Ok(am::undefined),
    }
}

const ITEMS: [Term; 12] = [
    am::id,
    am::decentralized_counters,
    am::read_concurrency,
    am::write_concurrency,
    am::compressed,
    am::memory,
    am::owner,
    am::heir,
    am::name,
    am::size,
    am::node,
    am::named_table,
];

/// A name, or the reference of a table that is or was there.
fn may_be_table(t: Term) -> bool {
    t.is_atom() || t.as_local_ref().is_some_and(reference::is_of_table)
}

pub(super) fn info_all(cx: &mut Cx<'_>) -> Outcome {
    let [t] = cx.take();
    if !may_be_table(t) {
        return cx.badarg();
    }
    let Some(table) = super::find(t) else { return Ok(am::undefined) };
    let mut items = Vec::new();
    for item in ITEMS.into_iter().chain([am::type_, am::keypos, am::protection]) {
        if let Some(value) = item_of(cx, &table, item) {
            items.push(cx.tuple(&[item, value]));
        }
    }
    Ok(cx.list(&items))
}

pub(super) fn info(cx: &mut Cx<'_>) -> Outcome {
    let [t, item] = cx.take();
    if !may_be_table(t) || !item.is_atom() {
        return cx.badarg();
    }
    let Some(table) = super::find(t) else { return Ok(am::undefined) };
    match item_of(cx, &table, item) {
        Some(value) => Ok(value),
        None => cx.badarg(),
    }
}

fn item_of(cx: &mut Cx<'_>, table: &std::sync::Arc<Table>, item: Term) -> Option<Term> {
    Some(match item {
        am::id => super::tid(cx, table),
        am::decentralized_counters => Term::from_bool(table.decentralized_counters),
        am::read_concurrency => Term::from_bool(table.read_concurrency),
        am::write_concurrency => table.write_concurrency(),
        am::compressed => Term::from_bool(table.compressed),
        am::memory => cx.usize(table.memory()),
        am::owner => table.owner().term(),
        am::heir => table.heir.lock().as_ref().map_or(am::none, |h| h.0.term()),
        am::name => Term::from_atom(table.name()),
        am::size => cx.usize(table.size()),
        am::node => Term::from_atom(glulam_vm::term::node::this_node().0),
        am::named_table => Term::from_bool(table.named),
        am::type_ => table.kind.term(),
        am::keypos => cx.usize(table.keypos),
        am::protection => table.protection().term(),
        am::fixed => Term::from_bool(table.is_fixed()),
        am::safe_fixed | am::safe_fixed_monotonic_time => return safe_fixed(cx, table, item),
        am::binary => binaries(cx, table),
        am::stats => stats(cx, table),
        _ => return None,
    })
}

/// `{Address, Size, References}` of each binary outside the objects.
fn binaries(cx: &mut Cx<'_>, table: &Table) -> Term {
    let mut rows = Vec::new();
    table.store.each_kept(|object| {
        object.each_binary(|address, bytes, references| rows.push([address, bytes, references]));
    });
    cx.charge(table.size());
    let rows: Vec<Term> = rows
        .into_iter()
        .map(|row| {
            let row = row.map(|n| cx.usize(n));
            cx.tuple(&row)
        })
        .collect();
    cx.list(&rows)
}

/// How well a hash table hashes: slots; mean length of their chains, its standard deviation and the
/// one to be expected; the shortest and the longest chain; deleted objects kept for walks; parts.
fn stats(cx: &mut Cx<'_>, table: &Table) -> Term {
    let Some((lengths, kept)) = table.store.chain_lengths() else { return am::false_ };
    let (slots, objects) = (lengths.len() as f64, lengths.iter().sum::<usize>() as f64);
    let mean = objects / slots;
    let squares: f64 = lengths.iter().map(|&length| length as f64 * length as f64).sum();
    let deviation = if objects > 0.0 { ((squares - mean * objects) / (slots - 1.0).max(1.0)).max(0.0).sqrt() } else { 0.0 };
    let expected = (mean * (1.0 - 1.0 / slots)).sqrt();
    let floats = [mean, deviation, expected].map(|n| cx.float(n));
    let (least, most) = (lengths.iter().min().copied(), lengths.iter().max().copied());
    let number = |n: usize| Term::small(n as i64);
    let [mean, deviation, expected] = floats;
    cx.tuple(&[
        number(lengths.len()),
        mean,
        deviation,
        expected,
        number(least.unwrap_or(0)),
        number(most.unwrap_or(0)),
        number(kept),
        number(1),
    ])
}

fn safe_fixed(cx: &mut Cx<'_>, table: &Table, item: Term) -> Option<Term> {
    let (holders, since) = {
        let fixed = table.fixed.lock();
        (fixed.0.clone(), fixed.1)
    };
    if holders.is_empty() {
        return Some(am::false_);
    }
    let list: Vec<Term> = holders
        .into_iter()
        .map(|(pid, n)| {
            let n = cx.usize(n);
            cx.tuple(&[pid.term(), n])
        })
        .collect();
    let list = cx.list(&list);
    let time = if item == am::safe_fixed {
        let micros = (since + glulam_vm::base::time::offset()) / 1000;
        let parts = [micros / 1_000_000_000_000, micros / 1_000_000 % 1_000_000, micros % 1_000_000];
        cx.tuple(&parts.map(Term::small))
    } else {
        cx.i64(since)
    };
    Some(cx.tuple(&[time, list]))
}

pub(super) fn setopts(cx: &mut Cx<'_>) -> Outcome {
    let [t, options] = cx.take();
    let table = super::table(cx, t, true)?;
    let list = if options.as_tuple().is_some() { Some(vec![options]) } else { options.proper_list() };
    let Some(list) = list else { return cx.badarg() };
    for option in list {
        if let Some([am::heir, heir, data]) = option.as_tuple_of() {
            let Some(pid) = Pid::of(heir) else { return cx.badarg() };
            *table.heir.lock() = Some((pid, Stored::new(data)));
        } else {
            match option.as_tuple_of() {
                Some([am::heir, am::none]) => *table.heir.lock() = None,
                Some([am::protection, am::public]) => table.set_protection(Protection::Public),
                Some([am::protection, am::protected]) => table.set_protection(Protection::Protected),
                Some([am::protection, am::private]) => table.set_protection(Protection::Private),
                _ => return cx.badarg(),
            }
        }
    }
    Ok(am::true_)
}

pub(super) fn give_away(cx: &mut Cx<'_>) -> Outcome {
    let [t, to, data] = cx.take();
    let Some(table) = super::find(t) else { return cx.badarg_because(am::id) };
    let me = cx.process.id();
    if table.owner() != me {
        return cx.badarg_because(am::access);
    }
    let Some(pid) = Pid::of(to).filter(|p| *p != me) else { return cx.badarg_because(am::owner) };
    if ets::give(&table, pid, &Stored::new(data), me) { Ok(am::true_) } else { cx.badarg() }
}

pub(super) fn safe_fixtable(cx: &mut Cx<'_>) -> Outcome {
    let [t, fix] = cx.take();
    let table = super::table(cx, t, false)?;
    let Some(fix) = fix.as_bool() else { return cx.badarg() };
    let me = cx.process.id();
    let mut fixed = table.fixed.lock();
    let at = fixed.0.iter().position(|(pid, _)| *pid == me);
    match (fix, at) {
        (true, Some(at)) => fixed.0[at].1 += 1,
        (true, None) => {
            if fixed.0.is_empty() {
                fixed.1 = glulam_vm::base::time::monotonic();
            }
            fixed.0.push((me, 1));
            table.store.fix();
            let table = table.clone();
            exit_hook::add(me, move |pid| {
                let mut fixed = table.fixed.lock();
                if let Some(at) = fixed.0.iter().position(|(p, _)| *p == pid) {
                    fixed.0.swap_remove(at);
                    table.store.unfix();
                }
            });
        }
        (false, Some(at)) => {
            fixed.0[at].1 -= 1;
            if fixed.0[at].1 == 0 {
                fixed.0.swap_remove(at);
                table.store.unfix();
            }
        }
        (false, None) => {}
    }
    Ok(am::true_)
}

fn identifiers(cx: &mut Cx<'_>) -> Term {
    let all: Vec<Term> = ets::all().iter().map(|table| super::identifier(cx, table)).collect();
    cx.list(&all)
}

pub(super) fn all(cx: &mut Cx<'_>) -> Outcome {
    Ok(identifiers(cx))
}

/// Answers `{Ref, Tables}`, once: `ets:all/0` counts the answers it expects.
pub(super) fn internal_request_all(cx: &mut Cx<'_>) -> Outcome {
    let reference = cx.reference(glulam_vm::process::fresh_ref());
    let tables = identifiers(cx);
    let message = cx.tuple(&[reference, tables]);
    let me = cx.self_pid();
    let process = cx.process;
    let _ = route::send(process, cx.own, me, message);
    let one = Term::small(1);
    Ok(cx.tuple(&[reference, one]))
}

pub(super) fn internal_delete_all(cx: &mut Cx<'_>) -> Outcome {
    let [t, _] = cx.take();
    let table = super::table(cx, t, true)?;
    let n = table.store.clear();
    cx.charge(n / 20);
    Ok(cx.usize(n))
}
