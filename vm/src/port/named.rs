//! Drivers that are opened by name.

use super::driver::Driver;
use super::{OpenError, inet, ram_file, tty};

/// The names, as `erl_ddll:loaded_drivers/0` lists them.
pub const NAMES: &[&str] = &["tcp_inet", "udp_inet", "ram_file_drv", "tty_sl"];

/// A new driver of that name, for the whole command it was opened with; `None` if the name is no
/// driver's.
pub fn driver_named(name: &str, command: &[u8]) -> Option<Result<Box<dyn Driver>, OpenError>> {
    match name {
        "tcp_inet" => Some(Ok(inet::tcp())),
        "udp_inet" => Some(Ok(inet::udp())),
        "ram_file_drv" => Some(Ok(ram_file::open())),
        "tty_sl" => Some(tty::open(command)),
        // A name that is no program either.
        "sctp_inet" => Some(Err(OpenError::BadArg)),
        _ => None,
    }
}
