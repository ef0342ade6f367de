//! Registered names.

use rustc_hash::FxHashMap as HashMap;

use super::processes;
use crate::atom::Atom;
use crate::base::sync::{OnceLock, Ordering, RwLock};
use crate::process::{Party, Process};

type Names = RwLock<HashMap<Atom, Party>>;

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(Names::default)
}

/// Who has a name.
pub fn whereis(name: Atom) -> Option<Party> {
    names().read().get(&name).copied()
}

/// Why a name was not given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotRegistered {
    /// Somebody has the name.
    Taken,
    /// The process or port has a name.
    HasName,
    /// The process has ended.
    NotAlive,
}

/// Gives a process or port a name.
pub fn register(name: Atom, party: Party) -> Result<(), NotRegistered> {
    let mut names = names().write();
    if names.contains_key(&name) {
        // Having a name is told before the name's being taken.
        let named = names.values().any(|p| *p == party);
        return Err(if named { NotRegistered::HasName } else { NotRegistered::Taken });
    }
    if let Some(pid) = party.pid() {
        let set = processes::with(pid, |process| {
            let free = process.name.load(Ordering::Acquire) == 0;
            if free {
                process.name.store(name.index() + 1, Ordering::SeqCst);
            }
            // Either this sees that the process has ended, or its end sees the name.
            (free, process.state.is_ended())
        });
        match set {
            Some((true, false)) => {}
            Some((false, _)) => return Err(NotRegistered::HasName),
            Some((true, true)) | None => return Err(NotRegistered::NotAlive),
        }
    } else if names.values().any(|p| *p == party) {
        return Err(NotRegistered::HasName);
    }
    names.insert(name, party);
    Ok(())
}

/// Takes a name back; `false`: nobody has it.
pub fn unregister(name: Atom) -> bool {
    let mut names = names().write();
    let Some(party) = names.remove(&name) else { return false };
    if let Some(pid) = party.pid() {
        processes::with(pid, |process| process.name.store(0, Ordering::Release));
    }
    true
}

/// A process has ended: nobody has its name any more.
pub(super) fn release(process: &Process) {
    if let Some(name) = process.registered_name() {
        let mut names = names().write();
        // The name may be somebody else's by now.
        if names.get(&name) == Some(&process.party()) {
            names.remove(&name);
        }
    }
}

/// The name of a port or process.
pub fn name_of(party: Party) -> Option<Atom> {
    names().read().iter().find(|(_, p)| **p == party).map(|(name, _)| *name)
}

/// All names.
pub fn all() -> Vec<Atom> {
    names().read().keys().copied().collect()
}
