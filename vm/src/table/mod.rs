//! Tables of the node: processes, names; the way a signal takes; spawning and ending.
//! Floor: table
//! Invariants: a process is in the table from before its first instruction until it has
//! ended; a name belongs to a process or port that is alive or about to end.
//! Locks: the name table has one; the process table has one for insertion and removal.
//! Start reading at: `route::send`, `spawn::spawn`, `terminate::terminate`.

pub mod ets;
pub mod names;
pub mod processes;
pub mod route;
pub mod spawn;
pub mod spawn_options;
pub mod suspend;
pub mod terminate;
