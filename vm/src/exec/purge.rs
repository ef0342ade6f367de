//! Whether a process still needs the old code of a module.

use super::machine::stack_of;
use super::stacktrace;
use crate::atom::Atom;
use crate::code::module;
use crate::process::Own;
use crate::term::Term;

/// Whether a process that is not running (or runs the native that asks) is in the old code of a
/// module or returns into it. Funs do not count: once the code is gone, calling them fails.
pub fn uses_old_code(own: &Own, module: Atom) -> bool {
    reaches_old_code(own.pc, stack_of(own), module)
}

/// The same of where a process goes on, and its stack.
pub(crate) fn reaches_old_code(pc: *const u64, stack: &[Term], module: Atom) -> bool {
    let Some(entry) = module::get(module) else { return false };
    let Some(old) = entry.purging.or(entry.old) else { return false };
    let within = |pc: *const u64| old.offset_of(pc).is_some();
    within(pc) || stacktrace::addresses_of(pc, stack, usize::MAX).into_iter().any(within)
}
