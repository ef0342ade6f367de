//! Whether a process still needs the old code of a module.

use super::stacktrace;
use crate::atom::Atom;
use crate::code::{FunEntry, module};
use crate::process::Own;

/// Whether a process that is not running (or runs the native that asks) can still get into the old
/// code of a module: through its stack, or a fun on its heap.
pub fn uses_old_code(own: &Own, module: Atom) -> bool {
    let Some(old) = module::get(module).and_then(|entry| entry.old) else { return false };
    let within = |pc: *const u64| old.offset_of(pc).is_some();
    if within(own.pc) || stacktrace::addresses(own, usize::MAX).into_iter().any(within) {
        return true;
    }
    // Funs whose entry new code has taken over run that.
    let entries: Vec<u64> = old
        .funs
        .iter()
        .filter(|(entry, _)| within(entry.address()))
        .map(|(entry, _)| std::ptr::from_ref::<FunEntry>(entry) as u64)
        .collect();
    !entries.is_empty() && own.heap.any_fun(&|entry| entries.contains(&entry))
}
