//! What has to happen when a process ends: files, ETS tables and other objects that have an owner
//! hang a hook on it.
//!
//! The hooks run in the ending process's own context, after its last instruction.

use rustc_hash::FxHashMap as HashMap;

use super::Pid;
use crate::base::sync::{AtomicU64, Mutex, OnceLock, Ordering};

/// Names one hook of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookId(Pid, u64);

type Hook = Box<dyn FnOnce(Pid) + Send>;
type Shard = Mutex<HashMap<Pid, Vec<(u64, Hook)>>>;

const SHARDS: usize = 16;

fn shard(pid: Pid) -> &'static Shard {
    static TABLE: OnceLock<[Shard; SHARDS]> = OnceLock::new();
    &TABLE.get_or_init(|| std::array::from_fn(|_| Mutex::new(HashMap::default())))[pid.slot() % SHARDS]
}

/// Has `hook` called when `pid` ends. The caller runs in that process, or knows that it lives and
/// can't end meanwhile.
pub fn add(pid: Pid, hook: impl FnOnce(Pid) + Send + 'static) -> HookId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    shard(pid).lock().entry(pid).or_default().push((number, Box::new(hook)));
    HookId(pid, number)
}

/// Takes a hook back; `false` if it has run or is about to.
pub fn remove(id: HookId) -> bool {
    let mut shard = shard(id.0).lock();
    let Some(hooks) = shard.get_mut(&id.0) else { return false };
    let Some(at) = hooks.iter().position(|hook| hook.0 == id.1) else { return false };
    let hook = hooks.swap_remove(at);
    if hooks.is_empty() {
        shard.remove(&id.0);
    }
    drop(shard);
    drop(hook);
    true
}

/// Calls all hooks of a process, in the order they were hung. Called once, as it ends.
pub fn run(pid: Pid) {
    let Some(mut hooks) = shard(pid).lock().remove(&pid) else { return };
    hooks.sort_by_key(|hook| hook.0);
    for (_, hook) in hooks {
        hook(pid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sync::{Arc, AtomicUsize};

    #[test]
    fn runs_once_what_is_left() {
        let calls = Arc::new(AtomicUsize::new(0));
        let pid = Pid::new(77, 3);
        let ids: Vec<HookId> = (0..3)
            .map(|_| {
                let calls = calls.clone();
                add(pid, move |_| {
                    calls.fetch_add(1, Ordering::Relaxed);
                })
            })
            .collect();
        assert!(remove(ids[1]));
        assert!(!remove(ids[1]));
        run(pid);
        run(pid);
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}
