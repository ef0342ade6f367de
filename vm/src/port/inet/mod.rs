//! The socket drivers `udp_inet` and `tcp_inet`, as OTP's `prim_inet` speaks to them.
//!
//! Every request is one `port_control/3` whose number is `MAGIC` plus a request; the reply starts with
//! a byte that says ok or error. What takes time answers later in a message.

mod address;
mod option;
mod request;
mod udp;

use super::driver::{Driver, DriverCx, Fault};

/// What prim_inet adds to each request.
const MAGIC: u32 = 0x03f1_a300;

const REPLY_ERROR: u8 = 0;
const REPLY_OK: u8 = 1;

/// What a request gives: bytes, or the number of an error.
type Answer = Result<Vec<u8>, i32>;

/// A driver of datagram sockets.
pub fn udp() -> Box<dyn Driver> {
    Box::new(udp::Udp::default())
}

/// A driver of stream sockets.
pub fn tcp() -> Box<dyn Driver> {
    Box::new(Tcp::default())
}

/// An answer as a reply.
fn reply(answer: Answer) -> Vec<u8> {
    match answer {
        Ok(bytes) => {
            let mut reply = vec![REPLY_OK];
            reply.extend(bytes);
            reply
        }
        Err(number) => {
            let mut reply = vec![REPLY_ERROR];
            reply.extend(crate::base::errno::name(number).bytes());
            reply
        }
    }
}

/// Stream sockets: options can be set; opening one says `eprotonosupport`.
#[derive(Default)]
struct Tcp {
    options: option::Options,
}

impl Driver for Tcp {
    fn command(&mut self, _: &mut DriverCx<'_>, _: Vec<u8>) -> Result<(), Fault> {
        Err(Fault::Posix(libc::ENOTCONN))
    }

    fn control(&mut self, _: &mut DriverCx<'_>, operation: u32, data: &[u8]) -> Result<Vec<u8>, Fault> {
        let request = operation.checked_sub(MAGIC).ok_or(Fault::BadArg)?;
        Ok(reply(match request {
            request::SETOPTS => self.options.set_all(None, data).map(|()| Vec::new()),
            request::GETHOSTNAME => Ok(request::hostname()),
            _ => Err(libc::EPROTONOSUPPORT),
        }))
    }

    fn stop(&mut self) {}
}
