//! Ports: what connects processes with programs, descriptors and sockets.
//! Floor: port
//! Invariants: O1 a driver is called by one thread at a time, under its port's lock; O2 messages of a
//! port leave in the order its driver makes them; O3 a port that has ended sends nothing any more.
//! Locks: a port's state (rank: before any lock of a process); the table's shards and the poll
//! thread's tables are taken for single steps only.
//! Start reading at: `Port`, then `driver::Driver`.

mod child;
mod data;
pub mod deliver;
pub mod driver;
mod fd;
pub mod inet;
mod launch;
mod moved;
mod named;
pub mod os_signal;
mod packet;
pub mod poll;
mod queue;
mod ram_file;
mod seat;
pub mod socket;
mod spawn;
mod table;
mod state;
mod tty;

pub use data::Data;
pub use driver::{Driver, DriverCx, Fault, Receiver};
pub use fd::{open as open_fd, open_file};
pub use named::{NAMES as DRIVERS, driver_named};
pub use moved::bytes_moved;
pub use packet::Framing;
pub use spawn::{Program, Surroundings, spawn};
pub use state::{Info, Port, PortId};
pub use table::{OpenError, all, close_all, count, find, flush_all, open, slot_limit};

/// How `open_port/2` wants data to come and go.
#[derive(Clone, Debug)]
pub struct Options {
    pub framing: Framing,
    /// Data as binaries, not as lists.
    pub binary: bool,
    /// The port may be read, may be written.
    pub input: bool,
    pub output: bool,
    /// `{Port, eof}` in place of an end.
    pub eof: bool,
    /// `{Port, {exit_status, N}}` when the program ends.
    pub exit_status: bool,
    pub stderr_to_stdout: bool,
    /// Descriptors 0 and 1 of the program, not 3 and 4.
    pub use_stdio: bool,
    pub parallelism: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            framing: Framing::Stream,
            binary: false,
            input: true,
            output: true,
            eof: false,
            exit_status: false,
            stderr_to_stdout: false,
            use_stdio: true,
            parallelism: false,
        }
    }
}
