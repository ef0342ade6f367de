//! Drivers that are opened by name.

use super::driver::Driver;
use super::{OpenError, inet, ram_file};

/// The names, as `erl_ddll:loaded_drivers/0` lists them.
pub const NAMES: &[&str] = &["tcp_inet", "udp_inet", "ram_file_drv"];

/// A new driver of that name, for the whole command it was opened with; `None` if the name is no
/// driver's.
pub fn driver_named(name: &str, _command: &[u8]) -> Option<Result<Box<dyn Driver>, OpenError>> {
    match name {
        "tcp_inet" => Some(Ok(inet::tcp())),
        "udp_inet" => Some(Ok(inet::udp())),
        "ram_file_drv" => Some(Ok(ram_file::open())),
        // Names that are no programs either. Without the first, the shell reads plain lines.
        "tty_sl" | "sctp_inet" => Some(Err(OpenError::BadArg)),
        _ => None,
    }
}
