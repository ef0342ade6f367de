//! Opening, binding, connecting, listening and accepting.

use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{AddressFamily, Shutdown, SocketType};

use super::{Answer, Phase, Tcp, Waiting, answer, answer_error, posix, reason_of};
use crate::am;
use crate::heap::Build;
use crate::port::driver::DriverCx;
use crate::port::inet::address::{self, Family};
use crate::port::inet::{FLAGS, adopt, open_socket};
use crate::port::inet::request::{u8_of, u16_of, u32_of};
use crate::port::poll::Interest;
use crate::port::{deliver, table};

impl Tcp {
    /// Family and type; the socket is not opened yet.
    fn kind(&mut self, data: &mut &[u8]) -> Result<AddressFamily, i32> {
        let (family, kind) = (u8_of(data), u8_of(data));
        if self.phase != Phase::Closed || kind != Some(1) {
            return Err(libc::EINVAL);
        }
        self.family = Family::of(family)?;
        Ok(self.family.of_system())
    }

    pub(super) fn open(&mut self, mut data: &[u8]) -> Answer {
        let family = self.kind(&mut data)?;
        let socket = open_socket(self.options.namespace(), family, SocketType::STREAM)?;
        self.socket = Some(socket);
        self.phase = Phase::Open;
        Ok(Vec::new())
    }

    /// A socket that another part of the program opened, by its descriptor's number.
    pub(super) fn open_descriptor(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        self.kind(&mut data)?;
        let (number, bound) = (u32_of(&mut data), u32_of(&mut data));
        let socket = adopt(number, self.family)?;
        self.is_bound = bound == Some(1);
        let has_peer = rustix::net::getpeername(&socket).is_ok_and(|peer| peer.is_some());
        let listens = rustix::net::sockopt::socket_acceptconn(&socket).unwrap_or(false);
        self.phase = match (has_peer, listens) {
            (true, _) => Phase::Connected,
            (_, true) => Phase::Listening,
            _ => Phase::Open,
        };
        if self.phase != Phase::Open {
            self.watch = Some(cx.watch(socket.as_fd(), Interest::Both));
        }
        self.socket = Some(socket);
        Ok(Vec::new())
    }

    pub(super) fn bind(&mut self, mut data: &[u8]) -> Answer {
        let at = address::decode(&mut data, self.family).ok_or(libc::EINVAL)?;
        rustix::net::bind(self.socket()?, &at).map_err(posix)?;
        self.is_bound = true;
        Ok(address::port_of(&self.name()?).to_be_bytes().to_vec())
    }

    pub(super) fn connect(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        let timeout = u32_of(&mut data).ok_or(libc::EINVAL)?;
        let to = address::decode(&mut data, self.family).ok_or(libc::EINVAL)?;
        match self.phase {
            Phase::Closed => return Err(libc::EBADF),
            Phase::Connected => return Err(libc::EISCONN),
            Phase::Connecting => return Err(libc::EINPROGRESS),
            Phase::Listening => return Err(libc::EINVAL),
            Phase::Open => {}
        }
        let socket = self.socket()?;
        let done = match rustix::net::connect(socket, &to) {
            Ok(()) => true,
            Err(Errno::INPROGRESS | Errno::INTR) => false,
            Err(e) => return Err(posix(e)),
        };
        self.watch = Some(cx.watch(socket, Interest::Both));
        self.phase = Phase::Connecting;
        let id = self.wait(cx, timeout, 0)?;
        if done {
            self.finish_connecting(cx);
        }
        Ok(id.to_be_bytes().to_vec())
    }

    /// The socket may be written: it is connected, or has failed to.
    pub(super) fn finish_connecting(&mut self, cx: &mut DriverCx<'_>) {
        let Some(socket) = &self.socket else { return };
        let failed = rustix::net::sockopt::socket_error(socket).unwrap_or_else(Err).err();
        if failed.is_none() && !rustix::net::getpeername(socket).is_ok_and(|peer| peer.is_some()) {
            // An event from before the call.
            return;
        }
        let Some(waiting) = std::mem::take(&mut self.waiting).pop_front() else { return };
        match failed {
            None => {
                self.phase = Phase::Connected;
                self.is_bound = true;
                answer(cx.id, &waiting, 0, |_| am::ok);
                self.deliver(cx);
            }
            Some(e) => {
                self.close();
                answer_error(cx.id, &waiting, reason_of(posix(e)));
            }
        }
    }

    pub(super) fn listen(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        let backlog = u16_of(&mut data).ok_or(libc::EINVAL)?;
        if !matches!(self.phase, Phase::Open | Phase::Listening) {
            return Err(libc::EINVAL);
        }
        rustix::net::listen(self.socket()?, backlog.into()).map_err(posix)?;
        if self.watch.is_none() {
            self.watch = Some(cx.watch(self.socket()?, Interest::Read));
        }
        self.phase = Phase::Listening;
        Ok(Vec::new())
    }

    pub(super) fn accept(&mut self, cx: &mut DriverCx<'_>, mut data: &[u8]) -> Answer {
        let timeout = u32_of(&mut data).ok_or(libc::EINVAL)?;
        if self.phase != Phase::Listening {
            return Err(libc::EINVAL);
        }
        let id = self.wait(cx, timeout, 0)?;
        self.take_connections(cx);
        Ok(id.to_be_bytes().to_vec())
    }

    /// Gives connections to those that wait for them.
    pub(super) fn take_connections(&mut self, cx: &mut DriverCx<'_>) {
        loop {
            // One that is gone would take a connection with it.
            while self.waiting.front().is_some_and(|waiting| !deliver::is_alive(waiting.caller)) {
                self.waiting.pop_front();
            }
            let Some(socket) = self.socket.as_ref().filter(|_| !self.waiting.is_empty()) else { return };
            let accepted = rustix::net::accept_with(socket, FLAGS);
            match accepted {
                Ok(socket) => {
                    let Some(waiting) = self.waiting.pop_front() else { return };
                    self.hand_over(cx, &waiting, socket);
                }
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR | Errno::CONNABORTED) => {}
                Err(e) => {
                    let Some(waiting) = self.waiting.pop_front() else { return };
                    answer_error(cx.id, &waiting, reason_of(posix(e)));
                }
            }
        }
    }

    /// A port for a new connection, with the listener's options: `{ok, Port}`.
    fn hand_over(&self, cx: &mut DriverCx<'_>, waiting: &Waiting, socket: OwnedFd) {
        let driver = Tcp {
            socket: Some(socket),
            phase: Phase::Connected,
            family: self.family,
            is_bound: true,
            options: self.options.of_accepted(),
            ..Tcp::default()
        };
        match table::open(b"tcp_inet".to_vec(), waiting.caller, cx.options.clone(), Box::new(driver)) {
            Ok(port) => answer(cx.id, waiting, 3, |place| place.tuple(&[am::ok, port.id.term()])),
            Err(_) => answer_error(cx.id, waiting, am::system_limit),
        }
    }

    /// `read`, `write` or both, the second after all that waits is written.
    pub(super) fn shut_down(&mut self, mut data: &[u8]) -> Answer {
        self.connected()?;
        let how = match u8_of(&mut data) {
            Some(0) => Shutdown::Read,
            Some(1) => Shutdown::Write,
            Some(2) => Shutdown::Both,
            _ => return Err(libc::EINVAL),
        };
        let mut now = how;
        if how != Shutdown::Read && self.has_output() {
            self.shut_down_later = true;
            if how == Shutdown::Write {
                return Ok(Vec::new());
            }
            now = Shutdown::Read;
        }
        rustix::net::shutdown(self.socket()?, now).map_err(posix)?;
        self.is_shut |= now != Shutdown::Read;
        Ok(Vec::new())
    }
}
