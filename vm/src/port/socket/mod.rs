//! Sockets as the natives of `prim_socket` and `prim_net` want them: the operating system's calls,
//! with addresses and control messages as bytes, and nothing of terms or processes.
//!
//! Every call gives the number of the system's error. None of them blocks on a socket that is not
//! to block; looking up names does.

mod address;
mod call;
pub mod constant;
mod control;
mod interface;
mod message;
mod name;
mod option;

pub use address::{Address, Raw};
pub use call::{
    Shutdown, accept, adopt, bind, close, connect, duplicate, in_namespace, is_ready, listen, local_name, number, open,
    peer_name, send_file, set_blocking, shutdown,
};
pub use control::{ControlMessage, Written, control_messages, push_control};
pub use interface::{Interface, interface_configuration, interface_request, interfaces};
pub use message::{Received, receive, receive_from, receive_message, send, send_message, send_to};
pub use name::{AddressInfo, NameInfo, address_info, host_name, index_of_name, name_info, name_of_index, names, protocols};
pub use option::{get_int, get_option, int_of_number, set_int, set_option};

/// The number of the error of the call that has just failed.
fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)
}

/// What a call gave, or its error.
fn check(result: libc::c_int) -> Result<libc::c_int, i32> {
    if result < 0 { Err(last_error()) } else { Ok(result) }
}

/// The same of a call that gives a size; one that a signal cut short begins again.
fn size_of_call(mut call: impl FnMut() -> isize) -> Result<usize, i32> {
    loop {
        match usize::try_from(call()) {
            Ok(size) => return Ok(size),
            Err(_) => match last_error() {
                libc::EINTR => {}
                number => return Err(number),
            },
        }
    }
}
