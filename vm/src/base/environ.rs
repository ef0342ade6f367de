//! The environment variables, as a table of ours: C's own may not be changed while threads run.
//! Programs that are started get this table.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStringExt;

use super::sync::{OnceLock, RwLock};

type Table = BTreeMap<Vec<u8>, Vec<u8>>;

fn table() -> &'static RwLock<Table> {
    static TABLE: OnceLock<RwLock<Table>> = OnceLock::new();
    TABLE.get_or_init(|| {
        RwLock::new(std::env::vars_os().map(|(key, value)| (key.into_vec(), value.into_vec())).collect())
    })
}

pub fn get(key: &[u8]) -> Option<Vec<u8>> {
    table().read().get(key).cloned()
}

pub fn set(key: Vec<u8>, value: Vec<u8>) {
    table().write().insert(key, value);
}

pub fn unset(key: &[u8]) {
    table().write().remove(key);
}

/// All of it.
pub fn all() -> Vec<(Vec<u8>, Vec<u8>)> {
    table().read().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}
