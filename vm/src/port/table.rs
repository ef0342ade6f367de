//! The port table.

use std::collections::BTreeMap;

use super::driver::{Driver, End};
use super::state::{Port, PortId};
use super::Options;
use crate::base::sync::{Arc, AtomicU64, AtomicUsize, Ordering, RwLock};
use crate::process::Pid;

static PORTS: RwLock<BTreeMap<PortId, Arc<Port>>> = RwLock::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);
static LIMIT: AtomicUsize = AtomicUsize::new(65_536);

/// Sets how many ports there may be (`+Q`).
pub fn slot_limit(limit: usize) {
    LIMIT.store(limit, Ordering::Relaxed);
}

/// Why a port can't be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// There are as many as there may be.
    Limit,
    Posix(i32),
    BadArg,
}

/// Opens a port: puts it in the table, then starts its driver. The caller links to it.
pub fn open(name: Vec<u8>, connected: Pid, options: Options, driver: Box<dyn Driver>) -> Result<Arc<Port>, OpenError> {
    if count() >= LIMIT.load(Ordering::Relaxed) {
        return Err(OpenError::Limit);
    }
    super::deliver::install();
    let id = PortId(NEXT.fetch_add(1, Ordering::Relaxed));
    let port = Arc::new(Port::new(id, name, connected, options, driver));
    PORTS.write().insert(id, port.clone());
    super::deliver::link(connected, id);
    port.start();
    Ok(port)
}

/// The port, unless it has ended or is about to.
pub fn find(id: PortId) -> Option<Arc<Port>> {
    find_any(id).filter(|port| port.is_open())
}

/// The port, also one that only writes out what was left.
pub(super) fn find_any(id: PortId) -> Option<Arc<Port>> {
    PORTS.read().get(&id).cloned()
}

pub fn count() -> usize {
    PORTS.read().len()
}

pub fn all() -> Vec<PortId> {
    snapshot().into_iter().filter(|port| port.is_open()).map(|port| port.id).collect()
}

pub(super) fn remove(id: PortId) {
    PORTS.write().remove(&id);
}

fn snapshot() -> Vec<Arc<Port>> {
    PORTS.read().values().cloned().collect()
}

/// Waits until the output of all ports is written: the node halts.
pub fn flush_all() {
    for port in snapshot() {
        port.flush();
    }
}

/// Ends all ports: the node stops.
pub fn close_all() {
    for port in snapshot() {
        port.end(End::Normal.reason());
    }
}
