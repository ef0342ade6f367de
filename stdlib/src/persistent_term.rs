//! `persistent_term`: terms that all processes read without copying, and
//! `erts_literal_area_collector`: how those that were replaced or erased are freed.
//!
//! A process that has read one may keep it. What leaves the table is kept in `RETIRED`; OTP's
//! collector process then takes all of it (`release_area_switch`) and has every process copy what
//! it still uses; when all have answered, it is freed.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use glulam_vm::base::sync::{AtomicU64, Mutex, OnceLock, Ordering, RwLock};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::heap::literal::{Persistent, Released};
use glulam_vm::process::{Parcel, Pid, settings};
use glulam_vm::sched;
use glulam_vm::table::{processes, route};
use glulam_vm::term::{cmp, hash};
use glulam_vm::{Term, am, bifs};

use crate::erts_internal::task;

bifs! {
    persistent_term:put/2                    Normal => put;
    persistent_term:get/0                    Normal => get_all;
    persistent_term:get/1                    Normal => get;
    persistent_term:get/2                    Normal => get_default;
    persistent_term:erase/1                  Normal => erase;
    persistent_term:info/0                   Normal => info;
    erts_internal:erase_persistent_terms/0   Normal => erase_all;
    /// What is being released is freed; `true`: there is more to release.
    erts_literal_area_collector:release_area_switch/0  Normal => release_area_switch;
    /// Has a process copy what it uses of the terms being released.
    erts_literal_area_collector:send_copy_request/3    Normal => send_copy_request;
}

type Table = RwLock<HashMap<u32, Vec<(Persistent, Persistent)>>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

/// How often the table has changed. Raised before what has left the table is retired.
static CHANGES: AtomicU64 = AtomicU64::new(1);

/// An entry of the table as a thread has last found it, and the number of changes before it was looked for. It holds
/// as long as that number stays. Who has seen the old number runs, and has not answered the request to copy that
/// comes before anything is freed: until then key and value are there.
type Found = (u64, Term, Term);

const FOUND_KEPT: usize = 64;

thread_local! {
    /// By the bits of the key that was asked for: of a literal it is the same one each time.
    static FOUND: [Cell<Found>; FOUND_KEPT] = const { [const { Cell::new((0, Term::NIL, Term::NIL)) }; FOUND_KEPT] };
}

fn find(cx: &mut Cx<'_>, key: Term) -> Option<Term> {
    let at = (key.bits() >> 3) as usize % FOUND_KEPT;
    let changes = CHANGES.load(Ordering::Acquire);
    let (of, known, value) = FOUND.with(|found| found[at].get());
    let value = if of == changes && cmp::eq_exact(known, key) {
        value
    } else {
        let table = table().read();
        let bucket = table.get(&hash::internal(key, 0))?;
        let (known, value) = bucket.iter().find(|(k, _)| cmp::eq_exact(k.term(), key))?;
        FOUND.with(|found| found[at].set((changes, known.term(), value.term())));
        value.term()
    };
    cx.own.reads_persistent |= value.is_pointer();
    Some(value)
}

/// What threads have found holds no more.
fn changed() {
    CHANGES.fetch_add(1, Ordering::AcqRel);
}

/// Calls `look` with every key and value.
pub(crate) fn each(look: &mut dyn FnMut(Term)) {
    for (key, value) in table().read().values().flatten() {
        look(key.term());
        look(value.term());
    }
}

/// What has left the table and is not yet being released.
static RETIRED: Mutex<Vec<Persistent>> = Mutex::new(Vec::new());
/// What is being released.
static RELEASED: Mutex<Option<Arc<Released>>> = Mutex::new(None);

fn retire(terms: impl IntoIterator<Item = Persistent>) {
    let mut retired = RETIRED.lock();
    let was_empty = retired.is_empty();
    retired.extend(terms.into_iter().filter(|term| term.words() > 0));
    if was_empty && !retired.is_empty() {
        drop(retired);
        let collector = Pid(settings::LITERAL_COLLECTOR.get() as u64);
        route::send_parcel(collector.term(), Parcel::new(am::copy_literals));
    }
}

/// Dropped when no process that ends now can still look at it.
struct Later(Arc<Released>);

impl Drop for Later {
    fn drop(&mut self) {
        processes::drop_later(self.0.clone());
    }
}

/// The terms being released.
pub(crate) fn being_released() -> Option<Arc<Released>> {
    RELEASED.lock().clone()
}

fn release_area_switch(_cx: &mut Cx<'_>) -> Outcome {
    let terms = std::mem::take(&mut *RETIRED.lock());
    let next = (!terms.is_empty()).then(|| Arc::new(Released::new(terms)));
    let more = next.is_some();
    // A process that ends may still tell others of what it had.
    let released = std::mem::replace(&mut *RELEASED.lock(), next);
    sched::drop_after_natives(Box::new(released.map(Later)));
    Ok(Term::from_bool(more))
}

fn send_copy_request(cx: &mut Cx<'_>) -> Outcome {
    let [pid, area, how] = cx.take();
    if !pid.is_local_pid() || !matches!(how, am::init | am::check_gc | am::need_gc) {
        return cx.badarg();
    }
    let id = cx.tuple(&[area, how, pid]);
    let request = cx.tuple(&[am::copy_literals, id, am::true_]);
    let me = cx.self_pid();
    task::start(cx, me, pid, am::inherit, request)
}

fn put(cx: &mut Cx<'_>) -> Outcome {
    let [key, value] = cx.take();
    if find(cx, key).is_some_and(|old| cmp::eq_exact(old, value)) {
        return Ok(am::ok);
    }
    let all = cx.own.heap.total_size();
    let (Some(new_key), Some(mut new)) = (Persistent::of(key, all), Persistent::of(value, all)) else {
        return cx.system_limit();
    };
    let mut table = table().write();
    let bucket = table.entry(hash::internal(key, 0)).or_default();
    match bucket.iter_mut().find(|(k, _)| cmp::eq_exact(k.term(), key)) {
        Some(entry) => {
            std::mem::swap(&mut entry.1, &mut new);
            changed();
            drop(table);
            retire([new]);
        }
        None => bucket.push((new_key, new)),
    }
    Ok(am::ok)
}

fn get(cx: &mut Cx<'_>) -> Outcome {
    let [key] = cx.take();
    match find(cx, key) {
        Some(value) => Ok(value),
        None => cx.badarg(),
    }
}

fn get_default(cx: &mut Cx<'_>) -> Outcome {
    let [key, default] = cx.take();
    Ok(find(cx, key).unwrap_or(default))
}

fn get_all(cx: &mut Cx<'_>) -> Outcome {
    cx.own.reads_persistent = true;
    let table = table().read();
    let all: Vec<Term> = table.values().flatten().map(|(k, v)| cx.tuple(&[k.term(), v.term()])).collect();
    Ok(cx.list(&all))
}

fn erase(cx: &mut Cx<'_>) -> Outcome {
    let [key] = cx.take();
    let number = hash::internal(key, 0);
    let mut table = table().write();
    let Some(bucket) = table.get_mut(&number) else { return Ok(am::false_) };
    let Some(at) = bucket.iter().position(|(k, _)| cmp::eq_exact(k.term(), key)) else { return Ok(am::false_) };
    let (old_key, old) = bucket.remove(at);
    if bucket.is_empty() {
        table.remove(&number);
    }
    changed();
    drop(table);
    retire([old_key, old]);
    Ok(am::true_)
}

fn erase_all(_cx: &mut Cx<'_>) -> Outcome {
    let all = std::mem::take(&mut *table().write());
    changed();
    retire(all.into_values().flatten().flat_map(|(key, value)| [key, value]));
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
