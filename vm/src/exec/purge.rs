//! Whether a process still needs the old code of a module.

use super::stacktrace;
use crate::atom::Atom;
use crate::code::module;
use crate::process::Own;

/// Whether a process that is not running (or runs the native that asks) is in the old code of a
/// module or returns into it. Funs do not count: once the code is gone, calling them fails.
pub fn uses_old_code(own: &Own, module: Atom) -> bool {
    let Some(entry) = module::get(module) else { return false };
    let Some(old) = entry.purging.or(entry.old) else { return false };
    let within = |pc: *const u64| old.offset_of(pc).is_some();
    within(own.pc) || stacktrace::addresses(own, usize::MAX).into_iter().any(within)
}
