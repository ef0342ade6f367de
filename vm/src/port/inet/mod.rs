//! The socket drivers `udp_inet` and `tcp_inet`, as OTP's `prim_inet` speaks to them.
//!
//! Every request is one `port_control/3` whose number is `MAGIC` plus a request; the reply starts with
//! a byte that says ok or error. What takes time answers later in a message.

mod address;
mod option;
mod packet_term;
mod request;
mod statistics;
mod tcp;
mod udp;

pub use packet_term::{http_message, tls_record};

use super::driver::Driver;

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
    Box::new(tcp::Tcp::default())
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
