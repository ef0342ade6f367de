#![forbid(unsafe_code)]
//! A key-value store: open databases are resources, and processes can subscribe to what is written.

use std::sync::Mutex;

use glulam_plugin::{Atom, Binary, Bytes, Cx, Error, Ref, Resource, SendError, Sender, State, Term, atom, plugin};
use redb::{Database, TableDefinition};

const TABLE: TableDefinition<&[u8], &[u8]> = TableDefinition::new("store");
/// Messages that may wait for a subscriber: it misses what comes beyond them.
const WAITING: u32 = 1000;

type Change = (Atom, Vec<u8>);

struct Store {
    database: Database,
    subscribers: Mutex<Vec<Sender<(Atom, Atom, Binary)>>>,
}

impl Resource for Store {
    const NAME: &'static str = "store";
    /// What the database keeps in memory, about.
    fn size(&self) -> usize {
        1 << 20
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::new((atom("store"), error.to_string()))
}

fn open(path: String) -> Result<Ref<Store>, Error> {
    let database = Database::builder().set_cache_size(1 << 20).create(path).map_err(failed)?;
    let write = database.begin_write().map_err(failed)?;
    write.open_table(TABLE).map_err(failed)?;
    write.commit().map_err(failed)?;
    Ok(Ref::new(Store { database, subscribers: Mutex::new(Vec::new()) }))
}

fn put(store: &Store, key: &[u8], value: Bytes) -> Result<(), Error> {
    let write = store.database.begin_write().map_err(failed)?;
    write.open_table(TABLE).map_err(failed)?.insert(key, &*value).map_err(failed)?;
    write.commit().map_err(failed)?;
    tell(store, (atom("put"), key.to_vec()))
}

fn delete(store: &Store, key: &[u8]) -> Result<bool, Error> {
    let write = store.database.begin_write().map_err(failed)?;
    let was = write.open_table(TABLE).map_err(failed)?.remove(key).map_err(failed)?.is_some();
    write.commit().map_err(failed)?;
    tell(store, (atom("delete"), key.to_vec()))?;
    Ok(was)
}

fn get(store: &Store, key: &[u8]) -> Result<Option<Binary>, Error> {
    let read = store.database.begin_read().map_err(failed)?;
    let table = read.open_table(TABLE).map_err(failed)?;
    Ok(table.get(key).map_err(failed)?.map(|value| Binary(value.value().to_vec())))
}

/// All pairs from one key on, at most so many.
fn range(store: &Store, from: &[u8], most: usize) -> Result<Vec<(Binary, Binary)>, Error> {
    let read = store.database.begin_read().map_err(failed)?;
    let table = read.open_table(TABLE).map_err(failed)?;
    let mut found = Vec::new();
    for row in table.range(from..).map_err(failed)?.take(most) {
        let (key, value) = row.map_err(failed)?;
        found.push((Binary(key.value().to_vec()), Binary(value.value().to_vec())));
    }
    Ok(found)
}

/// The caller gets `{store, put | delete, Key}` from now on.
fn subscribe(cx: Cx<'_>, store: &Store) -> Result<(), Error> {
    let caller = cx.caller().ok_or_else(Error::badarg)?;
    let sender = Sender::new(caller).at_most(WAITING);
    store.subscribers.lock().map_err(failed)?.push(sender);
    Ok(())
}

fn tell(store: &Store, (what, key): Change) -> Result<(), Error> {
    let mut subscribers = store.subscribers.lock().map_err(failed)?;
    subscribers.retain(|to| to.send((atom("store"), what, Binary(key.clone()))) != Err(SendError::Dead));
    Ok(())
}

/// How often this plugin was loaded into the running system, upgrades included.
struct Loads(u64);

impl State for Loads {
    fn load(_: Cx<'_>, _: Term<'_>, before: Option<&[u8]>) -> Result<Self, Error> {
        let count = before.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        Ok(Loads(count + 1))
    }

    fn save(&self) -> Option<Vec<u8>> {
        Some(self.0.to_le_bytes().to_vec())
    }
}

fn loads(cx: Cx<'_>) -> u64 {
    cx.state::<Loads>().0
}

plugin! {
    module: "store",
    capabilities: "files",
    state: Loads,
    resources: [Store],
    natives: {
        "open"/1 blocking => open;
        "put"/3 blocking => put;
        "delete"/2 blocking => delete;
        "get"/2 => get;
        "range"/3 => range;
        "subscribe"/1 cx => subscribe;
        "loads"/0 cx => loads;
    }
}
