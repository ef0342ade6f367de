//! Which tables there are, and what happens to them when their owner ends.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::{Options, Store, Table};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Mutex, OnceLock, Ordering, RwLock};
use crate::heap::{Build, Fragment, Magic, Mark, Stored, copy};
use crate::process::{Parcel, Pid, exit_hook, reference};
use crate::table::{processes, route};
use crate::term::Term;

/// Numbers of references and atoms: words that need no more than a multiplication.
#[derive(Default)]
struct Words(u64);

impl Hasher for Words {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|b| self.write_u64((*b).into()));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(26) ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

type Map<K> = HashMap<K, Arc<Table>, BuildHasherDefault<Words>>;

#[derive(Default)]
struct Registry {
    all: Map<[u64; 2]>,
    named: Map<Atom>,
}

fn registry() -> &'static RwLock<Registry> {
    static REGISTRY: OnceLock<RwLock<Registry>> = OnceLock::new();
    REGISTRY.get_or_init(RwLock::default)
}

/// Makes a table; `None`: the name is taken.
pub fn create(owner: Pid, options: Options) -> Option<Arc<Table>> {
    let mut registry = registry().write();
    if options.named && registry.named.contains_key(&options.name) {
        return None;
    }
    let concurrent = options.write_concurrency != am::false_ && options.protection != super::Protection::Private;
    let table = Arc::new(Table {
        number: reference::fresh_of_table(),
        name: AtomicU64::new(options.name.index().into()),
        named: options.named,
        kind: options.kind,
        keypos: options.keypos,
        protection: AtomicU8::new(options.protection as u8),
        owner: AtomicU64::new(owner.0),
        heir: Mutex::new(options.heir),
        store: Store::new(options.kind, options.keypos, concurrent),
        write_concurrency: options.write_concurrency.bits(),
        read_concurrency: options.read_concurrency,
        decentralized_counters: options.decentralized_counters,
        compressed: options.compressed,
        words: AtomicUsize::new(0),
        deleted: AtomicBool::new(false),
        fixed: Mutex::new((Vec::new(), 0)),
    });
    registry.all.insert(table.number, table.clone());
    if options.named {
        registry.named.insert(options.name, table.clone());
    }
    drop(registry);
    hang(owner, table.number);
    Some(table)
}

/// Has the end of `owner` end or pass on the table.
fn hang(owner: Pid, number: [u64; 2]) {
    exit_hook::add(owner, move |pid| owner_ended(pid, number));
}

fn owner_ended(pid: Pid, number: [u64; 2]) {
    let Some(table) = find(number).filter(|t| t.owner() == pid) else { return };
    let heir = table.heir.lock().take();
    if let Some((heir, data)) = heir
        && heir != pid
        && give(&table, heir, &data, pid)
    {
        return;
    }
    destroy(&table);
}

/// The table of a reference, most often one that holds it.
pub fn of_reference(term: Term) -> Option<Arc<Table>> {
    match term.with_magic::<Arc<Table>, _>(Arc::clone) {
        Some(table) => (!table.is_deleted()).then_some(table),
        None => find(term.as_local_ref()?),
    }
}

static TABLES: Mark<Table> = Mark::new();

/// What a reference to a table holds.
pub fn reference_to(table: &Arc<Table>) -> *const Magic {
    Magic::shared(table.number, table.clone(), &TABLES)
}

thread_local! {
    /// Tables that this thread has found by their names: each where its name's number says.
    static SEEN: [Cell<Option<Arc<Table>>>; SEEN_TABLES] = const { [const { Cell::new(None) }; SEEN_TABLES] };
    /// `NAMING` when they were found.
    static SEEN_AT: Cell<usize> = const { Cell::new(0) };
}

const SEEN_TABLES: usize = 16;

/// How often a name has been taken from a table: what threads have seen before counts no more.
static NAMING: AtomicUsize = AtomicUsize::new(0);

/// Runs `f` on a table that a process may read (or write); `None`: there is none, or it may not.
#[inline(always)]
pub fn with_allowed<R>(term: Term, pid: Pid, write: bool, f: impl FnOnce(&Table) -> R) -> Option<R> {
    let found;
    let table: &Table = match Magic::shared_of(&term, &TABLES) {
        Some(table) => {
            found = None;
            table
        }
        None => {
            found = Some(seen(term.as_atom()?)?);
            found.as_deref()?
        }
    };
    let result = (!table.is_deleted() && table.allows(pid, write)).then(|| f(table));
    if let Some(table) = found {
        keep_seen(table);
    }
    result
}

/// The table of a name, most often one that this thread has seen before.
pub fn of_name(name: Atom) -> Option<Arc<Table>> {
    let table = seen(name)?;
    keep_seen(table.clone());
    Some(table)
}

/// The table of a name; to be given back (`keep_seen`).
#[inline(never)]
fn seen(name: Atom) -> Option<Arc<Table>> {
    // Before the registry is looked at: what happens to it afterwards shows.
    let now = NAMING.load(Ordering::Acquire);
    SEEN.with(|seen| {
        if SEEN_AT.replace(now) != now {
            // They may hold tables that are gone, and much memory with them.
            seen.iter().for_each(|table| drop(table.take()));
        }
        let table = seen[name.index() as usize % SEEN_TABLES].take();
        let table = table.filter(|table| table.name() == name && !table.is_deleted());
        table.or_else(|| by_name(name))
    })
}

#[inline]
fn keep_seen(table: Arc<Table>) {
    SEEN.with(|seen| seen[table.name().index() as usize % SEEN_TABLES].set(Some(table)));
}

/// The table of a number.
pub fn find(number: [u64; 2]) -> Option<Arc<Table>> {
    registry().read().all.get(&number).cloned()
}

/// The table of a name.
pub fn by_name(name: Atom) -> Option<Arc<Table>> {
    registry().read().named.get(&name).cloned()
}

/// Every table.
pub fn all() -> Vec<Arc<Table>> {
    registry().read().all.values().cloned().collect()
}

/// Gives a named table another name; `false`: that is taken.
pub fn rename(table: &Arc<Table>, name: Atom) -> bool {
    let mut registry = registry().write();
    if table.named {
        if registry.named.contains_key(&name) {
            return false;
        }
        registry.named.remove(&table.name());
        registry.named.insert(name, table.clone());
    }
    table.name.store(name.index().into(), Ordering::Release);
    NAMING.fetch_add(1, Ordering::Release);
    true
}

/// Ends a table; `false`: it had ended.
pub fn destroy(table: &Arc<Table>) -> bool {
    let mut registry = registry().write();
    if registry.all.remove(&table.number).is_none() {
        return false;
    }
    table.deleted.store(true, Ordering::Release);
    if table.named {
        registry.named.remove(&table.name());
        NAMING.fetch_add(1, Ordering::Release);
    }
    drop(registry);
    table.store.clear();
    true
}

/// Makes `to` the owner and tells it: `{'ETS-TRANSFER', Tid, From, Data}`. `false`: it is gone.
pub fn give(table: &Arc<Table>, to: Pid, data: &Stored, from: Pid) -> bool {
    if processes::get(to).is_none() {
        return false;
    }
    let mut f = Fragment::new(data.peek(copy::size_of) + 24);
    let given = data.load(&mut f);
    let tid = if table.named {
        Term::from_atom(table.name())
    } else {
        f.magic_ref(reference_to(table))
    };
    let message = f.tuple(&[am::ets_transfer, tid, from.term(), given]);
    table.owner.store(to.0, Ordering::Release);
    hang(to, table.number);
    route::send_parcel(to.term(), Parcel::in_fragment(message, f))
}
