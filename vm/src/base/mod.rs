//! Small parts with no knowledge of Erlang: synchronisation shim, typed numbers, the bug report.
//! Floor: base
//! Invariants: nothing here names a higher floor.
//! Locks: those of `microstate`, the list of threads before an account; nothing else is done under them.
//! Start reading at: `bug`.

pub mod allocator;
pub mod pcre;
pub mod calendar;
pub mod environ;
pub mod errno;
pub mod fd;
pub mod few;
pub mod filename;
pub mod math;
pub mod microstate;
pub mod packet;
pub mod prompt;
pub mod sync;
pub mod ticks;
pub mod terminal;
pub mod time;
pub mod zstream;

/// Our own fault: say where, and end. User input never reaches this; see `docs/invariants.md`.
#[macro_export]
macro_rules! bug {
    ($($arg:tt)*) => { $crate::base::report_bug(format_args!($($arg)*), file!(), line!()) };
}

/// Prints the bug report and aborts. Called through `bug!` only.
#[cold]
#[inline(never)]
pub fn report_bug(what: std::fmt::Arguments<'_>, file: &str, line: u32) -> ! {
    terminal::restore();
    eprintln!("glulam: internal error at {file}:{line}: {what}");
    std::process::abort();
}
