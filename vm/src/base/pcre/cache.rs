//! Compiled patterns by source: bounded, shared by all threads.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::{Code, CompileError, flags_of, pattern_of};
use crate::base::sync::{Arc, OnceLock, RwLock};

const SHARDS: usize = 16;
/// Patterns kept in a shard; one more, and half of them go.
const SHARD_LIMIT: usize = 256;

type Shard = RwLock<HashMap<Box<[u8]>, Arc<Code>>>;

struct Cache {
    shards: [Shard; SHARDS],
    hasher: std::collections::hash_map::RandomState,
}

fn cache() -> &'static Cache {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    CACHE.get_or_init(|| Cache {
        shards: std::array::from_fn(|_| RwLock::new(HashMap::new())),
        hasher: std::collections::hash_map::RandomState::new(),
    })
}

/// The code of a source.
pub(super) fn get(source: &[u8]) -> Result<Arc<Code>, CompileError> {
    let cache = cache();
    let shard = &cache.shards[cache.hasher.hash_one(source) as usize % SHARDS];
    if let Some(code) = shard.read().get(source) {
        return Ok(code.clone());
    }
    // Compiled without the lock: two threads may both do it, and either result serves.
    let code = Arc::new(Code::compile(pattern_of(source), flags_of(source))?);
    let mut shard = shard.write();
    if shard.len() >= SHARD_LIMIT {
        let mut keep = false;
        shard.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
    shard.insert(source.into(), code.clone());
    Ok(code)
}
