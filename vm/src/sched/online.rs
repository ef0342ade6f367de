//! How many schedulers run processes: those online, and one while multi-scheduling is blocked.
//!
//! A scheduler whose index is not below `LIMIT` *parks*: it keeps nothing to itself (what stands in
//! its queue can be stolen) and sleeps until the limit rises. It says so in `PARKED`, so that who
//! lowers the limit can wait until it is in force: a flag read once a turn costs schedulers nothing.
//!
//! While all of multi-scheduling is blocked, the first scheduler and the dirty threads take turns
//! for each slice and each native, so that no two processes run at once, and each gets to run.

use std::collections::HashMap;

use super::dirty;
use crate::base::sync::{AtomicBool, AtomicUsize, Condvar, Mutex, OnceLock, Ordering};
use crate::process::Pid;
use crate::process::exit_hook::{self, HookId};

/// What is blocked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Block {
    /// Normal schedulers but one.
    Normal,
    /// Dirty ones as well.
    All,
}

static ONLINE: AtomicUsize = AtomicUsize::new(1);
static DIRTY_CPU: AtomicUsize = AtomicUsize::new(1);
/// Schedulers with a lower index run processes.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
/// `Block::All` holds.
static ALONE: AtomicBool = AtomicBool::new(false);
static PARKED: OnceLock<Box<[AtomicBool]>> = OnceLock::new();
static GATE: Mutex<()> = Mutex::new(());
static RAISED: Condvar = Condvar::new();

/// Who blocks: one entry for each call. Taken before `GATE` and the pools' locks.
#[derive(Default)]
struct Blockers {
    normal: Vec<Pid>,
    all: Vec<Pid>,
    hooks: HashMap<Pid, HookId>,
}

impl Blockers {
    fn of(&mut self, block: Block) -> &mut Vec<Pid> {
        match block {
            Block::Normal => &mut self.normal,
            Block::All => &mut self.all,
        }
    }

    fn apply(&self) {
        ALONE.store(!self.all.is_empty(), Ordering::SeqCst);
        let blocked = !self.all.is_empty() || !self.normal.is_empty();
        let limit = if blocked { 1 } else { ONLINE.load(Ordering::Relaxed) };
        let gate = GATE.lock();
        let before = LIMIT.swap(limit, Ordering::SeqCst);
        drop(gate);
        if limit > before {
            RAISED.notify_all();
        } else if limit < before {
            super::worker::wake_all();
        }
    }
}

static BLOCKERS: OnceLock<Mutex<Blockers>> = OnceLock::new();

fn blockers() -> &'static Mutex<Blockers> {
    BLOCKERS.get_or_init(Mutex::default)
}

/// Before the schedulers start.
pub(super) fn prepare(schedulers: usize, online: usize, dirty_cpu: usize) {
    let _ = PARKED.set((0..schedulers).map(|_| AtomicBool::new(false)).collect());
    let online = online.clamp(1, schedulers);
    ONLINE.store(online, Ordering::Relaxed);
    LIMIT.store(online, Ordering::Relaxed);
    set_dirty_cpu(dirty_cpu);
}

/// Schedulers online.
pub fn online() -> usize {
    ONLINE.load(Ordering::Relaxed)
}

/// Sets it, and changes the number of dirty CPU schedulers online in proportion; what it was.
pub fn set_online(count: usize) -> usize {
    let blockers = blockers().lock();
    let before = ONLINE.swap(count, Ordering::Relaxed);
    let dirty = DIRTY_CPU.load(Ordering::Relaxed) * count / before;
    set_dirty_cpu(dirty.clamp(1, dirty::limit(crate::bif::Class::DirtyCpu)));
    blockers.apply();
    before
}

/// Dirty CPU schedulers online.
pub fn dirty_cpu() -> usize {
    DIRTY_CPU.load(Ordering::Relaxed)
}

/// Sets it; what it was.
pub fn set_dirty_cpu(count: usize) -> usize {
    dirty::set_online(count);
    DIRTY_CPU.swap(count, Ordering::Relaxed)
}

/// What is blocked.
pub fn blocked() -> Option<Block> {
    let blockers = blockers().lock();
    if !blockers.all.is_empty() {
        Some(Block::All)
    } else if !blockers.normal.is_empty() {
        Some(Block::Normal)
    } else {
        None
    }
}

/// Blocks once more, on behalf of a process that runs: until it has said `unblock` as often, or ends.
pub fn block(block: Block, pid: Pid) {
    let mut blockers = blockers().lock();
    blockers.of(block).push(pid);
    blockers.hooks.entry(pid).or_insert_with(|| exit_hook::add(pid, forget));
    blockers.apply();
}

/// Ends one block of the process, if it has one.
pub fn unblock(block: Block, pid: Pid) {
    let mut blockers = blockers().lock();
    let list = blockers.of(block);
    let Some(at) = list.iter().rposition(|one| *one == pid) else { return };
    list.remove(at);
    if !blockers.normal.contains(&pid)
        && !blockers.all.contains(&pid)
        && let Some(hook) = blockers.hooks.remove(&pid)
    {
        exit_hook::remove(hook);
    }
    blockers.apply();
}

/// The process has ended.
fn forget(pid: Pid) {
    let mut blockers = blockers().lock();
    blockers.normal.retain(|one| *one != pid);
    blockers.all.retain(|one| *one != pid);
    blockers.hooks.remove(&pid);
    blockers.apply();
}

/// Who blocks, each once, the last one first. Normal schedulers are blocked by both sorts.
pub fn who_blocks(block: Block) -> Vec<Pid> {
    let blockers = blockers().lock();
    let mut found = Vec::new();
    let normal = blockers.normal.iter().filter(|_| block == Block::Normal);
    for pid in blockers.all.iter().chain(normal).rev() {
        if !found.contains(pid) {
            found.push(*pid);
        }
    }
    found
}

/// Whether what was set holds: the calling scheduler is one that may run processes, all others
/// have parked, and no dirty native runs out of turn.
pub fn is_in_force() -> bool {
    let limit = LIMIT.load(Ordering::SeqCst);
    let parked = |(index, parked): (usize, &AtomicBool)| index < limit || parked.load(Ordering::SeqCst);
    super::current_scheduler() <= limit
        && PARKED.get().is_none_or(|all| all.iter().enumerate().all(parked))
        && (!is_alone() || dirty::out_of_turn() == 0)
}

/// Whether a scheduler may not run processes now.
#[inline]
pub(super) fn is_offline(index: usize) -> bool {
    index >= LIMIT.load(Ordering::Relaxed)
}

/// Schedulers that may run processes.
pub(super) fn limit() -> usize {
    LIMIT.load(Ordering::Relaxed)
}

/// Sleeps until the scheduler may run processes. It must hold none and look at none.
#[cold]
pub(super) fn park(index: usize) {
    let Some(parked) = PARKED.get().and_then(|all| all.get(index)) else { return };
    let mut gate = GATE.lock();
    parked.store(true, Ordering::SeqCst);
    while is_offline(index) {
        RAISED.wait(&mut gate);
    }
    parked.store(false, Ordering::SeqCst);
}

/// Whether no two processes may run at once.
#[inline]
pub(super) fn is_alone() -> bool {
    ALONE.load(Ordering::SeqCst)
}

/// Turns given out, and the one whose it is.
struct Turns {
    next: u64,
    serving: u64,
}

static TURNS: Mutex<Turns> = Mutex::new(Turns { next: 0, serving: 0 });
static SERVED: Condvar = Condvar::new();

/// The right to run a process while multi-scheduling is blocked.
pub(super) struct Turn;

/// Waits for it: first come, first served.
#[cold]
pub(super) fn turn() -> Turn {
    let mut turns = TURNS.lock();
    let mine = turns.next;
    turns.next += 1;
    while turns.serving != mine {
        SERVED.wait(&mut turns);
    }
    Turn
}

impl Drop for Turn {
    fn drop(&mut self) {
        TURNS.lock().serving += 1;
        SERVED.notify_all();
    }
}
