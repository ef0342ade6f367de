//! Socket options: those that the driver keeps, and those of the operating system.

use std::ffi::CString;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::ancillary;
use super::request::{u8_of, u16_of, u32_of};

const LINGER: u8 = 3;
const RECBUF: u8 = 7;
const DEBUG: u8 = 99;
pub const BUFFER: u8 = 20;
pub const HEADER: u8 = 21;
pub const ACTIVE: u8 = 22;
pub const PACKET: u8 = 23;
pub const MODE: u8 = 24;
pub const DELIVER: u8 = 25;
pub const EXIT_ON_CLOSE: u8 = 26;
pub const HIGH_WATERMARK: u8 = 27;
pub const LOW_WATERMARK: u8 = 28;
pub const SEND_TIMEOUT: u8 = 30;
pub const DELAY_SEND: u8 = 31;
pub const PACKET_SIZE: u8 = 32;
pub const SEND_TIMEOUT_CLOSE: u8 = 35;
pub const SHOW_ECONNRESET: u8 = 39;
pub const LINE_DELIMITER: u8 = 40;
const RAW: u8 = 34;
const PKTOPTIONS: u8 = 45;
const MULTICAST_IF: u8 = 11;
const ADD_MEMBERSHIP: u8 = 14;
const DROP_MEMBERSHIP: u8 = 15;
const RECVTOS: u8 = 43;
const RECVTCLASS: u8 = 44;
const RECVTTL: u8 = 47;
/// The most bytes of a reply, with the byte that says ok, before an option that is asked for by its numbers is cut to
/// the size it has.
const LARGEST_REPLY: usize = 1 << 16;
/// What such an option has before its value.
const RAW_HEAD: usize = 13;
/// No datagram is larger.
const LARGEST_DATAGRAM: u32 = 1 << 16;
const NETNS: u8 = 38;
const BIND_TO_DEVICE: u8 = 42;

/// Options that only the driver knows.
const KEPT: [u8; 18] = [20, 21, 23, 24, 25, 26, 27, 28, 30, 31, 32, 33, 35, 36, 37, 39, 40, DEBUG];

/// Where in `KEPT` an option stands; beyond it for one that does not.
const PLACES: [u8; DEBUG as usize + 1] = {
    let mut places = [KEPT.len() as u8; DEBUG as usize + 1];
    let mut at = 0;
    while at < KEPT.len() {
        places[KEPT[at] as usize] = at as u8;
        at += 1;
    }
    places
};

fn place_of(option: u8) -> usize {
    PLACES.get(usize::from(option)).map_or(KEPT.len(), |&place| place.into())
}

/// How data come to the owner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Active {
    Passive,
    Always,
    Once,
    /// That many messages more.
    Count(i16),
}

impl Active {
    /// After one more message.
    pub fn next(self) -> Active {
        match self {
            Active::Once | Active::Count(1) => Active::Passive,
            Active::Count(n) => Active::Count(n - 1),
            other => other,
        }
    }
}

#[derive(Clone)]
pub struct Options {
    /// The values of `KEPT`, in its order: a socket that is idle is to be small.
    kept: [u32; KEPT.len()],
    pub active: Active,
    /// The socket is one of datagrams.
    datagrams: bool,
    /// The buffer's size was asked for: that of the system's buffer doesn't change it.
    buffer_is_set: bool,
    /// A bit for each of `recvtos`, `recvtclass` and `recvttl` that is on.
    ancillary: u8,
    /// A count of messages has come to nothing; the owner is to be told.
    went_passive: bool,
    /// The option `active` was set to something else than passive.
    went_active: bool,
    /// The network namespace that the socket is opened in, by its path.
    namespace: Option<CString>,
}

impl Default for Options {
    fn default() -> Options {
        // Buffer, header, packet, mode (binary decided by the opener), deliver, exit_on_close, ...
        let mut kept = [0; KEPT.len()];
        for (option, value) in [
            (BUFFER, 1460), (25, 1), (26, 1), (27, 8192), (28, 4096), (30, u32::MAX), (33, 5), (36, 8192),
            (37, 4096), (40, 10),
        ] {
            kept[place_of(option)] = value;
        }
        Options {
            kept,
            active: Active::Passive,
            datagrams: false,
            buffer_is_set: false,
            ancillary: 0,
            went_passive: false,
            went_active: false,
            namespace: None,
        }
    }
}

/// Options of the system whose refusal is an error; that of others is not told, as in OTP.
const TOLD: &[u8] = &[8, 9, 41, RECVTOS, RECVTCLASS, 46, RECVTTL];

/// Options that mean nothing to sockets of datagrams.
const OF_STREAMS: &[u8] =
    &[HIGH_WATERMARK, LOW_WATERMARK, SEND_TIMEOUT, DELAY_SEND, SEND_TIMEOUT_CLOSE, SHOW_ECONNRESET, PKTOPTIONS];

/// Level and name of an option that is an `int` to the operating system.
fn number_of(option: u8) -> Option<(i32, i32)> {
    Some(match option {
        0 => (libc::SOL_SOCKET, libc::SO_REUSEADDR),
        1 => (libc::SOL_SOCKET, libc::SO_KEEPALIVE),
        2 => (libc::SOL_SOCKET, libc::SO_DONTROUTE),
        4 => (libc::SOL_SOCKET, libc::SO_BROADCAST),
        5 => (libc::SOL_SOCKET, libc::SO_OOBINLINE),
        6 => (libc::SOL_SOCKET, libc::SO_SNDBUF),
        7 => (libc::SOL_SOCKET, libc::SO_RCVBUF),
        #[cfg(target_os = "linux")]
        8 => (libc::SOL_SOCKET, libc::SO_PRIORITY),
        9 => (libc::IPPROTO_IP, libc::IP_TOS),
        10 => (libc::IPPROTO_TCP, libc::TCP_NODELAY),
        12 => (libc::IPPROTO_IP, libc::IP_MULTICAST_TTL),
        13 => (libc::IPPROTO_IP, libc::IP_MULTICAST_LOOP),
        16 => (libc::IPPROTO_IPV6, libc::IPV6_V6ONLY),
        41 => (libc::IPPROTO_IPV6, libc::IPV6_TCLASS),
        43 => (libc::IPPROTO_IP, libc::IP_RECVTOS),
        44 => (libc::IPPROTO_IPV6, libc::IPV6_RECVTCLASS),
        46 => (libc::IPPROTO_IP, libc::IP_TTL),
        47 => (libc::IPPROTO_IP, libc::IP_RECVTTL),
        #[cfg(target_os = "linux")]
        48 => (libc::IPPROTO_TCP, libc::TCP_CORK),
        _ => return None,
    })
}

/// Sets an option whose value is these bytes.
fn set(fd: BorrowedFd<'_>, (level, name): (i32, i32), value: &[u8]) -> Result<(), i32> {
    // SAFETY: reads the bytes; the descriptor is open.
    let done = unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), value.len() as libc::socklen_t)
    };
    if done == 0 { Ok(()) } else { Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)) }
}

/// An option's value: `value`, as much of it as the system says.
fn get(fd: BorrowedFd<'_>, (level, name): (i32, i32), mut value: Vec<u8>) -> Option<Vec<u8>> {
    let mut used = value.len() as libc::socklen_t;
    // SAFETY: writes at most `used` bytes; the descriptor is open.
    let done = unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, value.as_mut_ptr().cast(), &mut used) };
    value.truncate(used as usize);
    (done == 0).then_some(value)
}

/// Binds a socket to the device of this name; to none if it is empty.
#[cfg(target_os = "linux")]
fn set_device(fd: BorrowedFd<'_>, name: &[u8]) -> Result<(), i32> {
    set(fd, (libc::SOL_SOCKET, libc::SO_BINDTODEVICE), name)
}

#[cfg(not(target_os = "linux"))]
fn set_device(_: BorrowedFd<'_>, _name: &[u8]) -> Result<(), i32> {
    Err(libc::EINVAL)
}

/// The name of the device that a socket is bound to, with what ends it.
#[cfg(target_os = "linux")]
fn device(fd: BorrowedFd<'_>) -> Option<Vec<u8>> {
    get(fd, (libc::SOL_SOCKET, libc::SO_BINDTODEVICE), vec![0; libc::IFNAMSIZ])
}

#[cfg(not(target_os = "linux"))]
fn device(_: BorrowedFd<'_>) -> Option<Vec<u8>> {
    None
}

fn int(value: &[u8]) -> u32 {
    value.first_chunk::<4>().map_or(0, |bytes| i32::from_ne_bytes(*bytes) as u32)
}

impl Options {
    /// Those of a socket of datagrams.
    pub fn of_datagrams() -> Options {
        Options { datagrams: true, ..Options::default() }
    }

    /// Whether a count of messages has come to nothing since the last call.
    pub fn take_passive(&mut self) -> bool {
        std::mem::take(&mut self.went_passive)
    }

    /// Whether `active` was set to something else than passive since the last call.
    pub fn take_active(&mut self) -> bool {
        std::mem::take(&mut self.went_active)
    }

    /// The network namespace to open the socket in.
    pub fn namespace(&self) -> Option<&CString> {
        self.namespace.as_ref()
    }

    /// Those of a connection that a listener with these accepts.
    pub fn of_accepted(&self) -> Options {
        Options { active: Active::Passive, namespace: None, ..self.clone() }
    }

    /// Whether datagrams are wanted with their headers' options.
    pub fn wants_ancillary(&self) -> bool {
        self.ancillary != 0
    }

    pub fn kept(&self, option: u8) -> u32 {
        self.kept.get(place_of(option)).copied().unwrap_or(0)
    }

    /// Sets the options in the data of a request; an error number if one is refused.
    pub fn set_all(&mut self, fd: Option<BorrowedFd<'_>>, mut data: &[u8]) -> Result<(), i32> {
        while let Some(option) = u8_of(&mut data) {
            self.set_one(fd, option, &mut data).ok_or(libc::EINVAL)??;
        }
        Ok(())
    }

    fn set_one(&mut self, fd: Option<BorrowedFd<'_>>, option: u8, data: &mut &[u8]) -> Option<Result<(), i32>> {
        let value = u32_of(data)?;
        Some(match option {
            ACTIVE => {
                self.active = match value {
                    0 => Active::Passive,
                    1 => Active::Always,
                    2 => Active::Once,
                    _ => {
                        let more = u16_of(data)? as i16;
                        let had = if let Active::Count(n) = self.active { n } else { 0 };
                        match had.checked_add(more) {
                            None => return Some(Err(libc::EINVAL)),
                            Some(n) if n <= 0 => {
                                self.went_passive = true;
                                Active::Passive
                            }
                            Some(n) => Active::Count(n),
                        }
                    }
                };
                self.went_active = self.active != Active::Passive;
                Ok(())
            }
            LINGER => {
                let linger = libc::linger { l_onoff: value as i32, l_linger: u32_of(data)? as i32 };
                let bytes = [linger.l_onoff.to_ne_bytes(), linger.l_linger.to_ne_bytes()].concat();
                fd.map_or(Err(libc::EINVAL), |fd| set(fd, (libc::SOL_SOCKET, libc::SO_LINGER), &bytes).or(Ok(())))
            }
            RAW => {
                let (name, size) = (u32_of(data)?, u32_of(data)? as usize);
                let (bytes, rest) = data.split_at_checked(size)?;
                *data = rest;
                fd.map_or(Err(libc::EINVAL), |fd| set(fd, (value as i32, name as i32), bytes))
            }
            MULTICAST_IF => {
                fd.map_or(Err(libc::EINVAL), |fd| {
                    set(fd, (libc::IPPROTO_IP, libc::IP_MULTICAST_IF), &value.to_be_bytes()).or(Ok(()))
                })
            }
            // The family, the number of an interface, the group, and for IPv4 the interface's address.
            ADD_MEMBERSHIP | DROP_MEMBERSHIP => {
                let index = u32_of(data)?;
                let size = if value == 1 { 8 } else { 16 };
                let (group, rest) = data.split_at_checked(size)?;
                *data = rest;
                let bytes = [group, &index.to_ne_bytes()].concat();
                let add = option == ADD_MEMBERSHIP;
                let number = match (value, add) {
                    (1, true) => (libc::IPPROTO_IP, libc::IP_ADD_MEMBERSHIP),
                    (1, false) => (libc::IPPROTO_IP, libc::IP_DROP_MEMBERSHIP),
                    (_, true) => (libc::IPPROTO_IPV6, libc::IPV6_ADD_MEMBERSHIP),
                    (_, false) => (libc::IPPROTO_IPV6, libc::IPV6_DROP_MEMBERSHIP),
                };
                fd.map_or(Err(libc::EINVAL), |fd| set(fd, number, &bytes).or(Ok(())))
            }
            NETNS | BIND_TO_DEVICE => {
                let (bytes, rest) = data.split_at_checked(value as usize)?;
                *data = rest;
                if !cfg!(target_os = "linux") {
                    return Some(Err(libc::EINVAL));
                }
                if option == NETNS {
                    // In force when a socket is opened.
                    self.namespace = Some(CString::new(bytes).ok()?);
                    return Some(Ok(()));
                }
                fd.map_or(Err(libc::EINVAL), |fd| set_device(fd, bytes))
            }
            _ if KEPT.contains(&option) => {
                self.buffer_is_set |= option == BUFFER;
                self.kept[place_of(option)] = value;
                Ok(())
            }
            _ => match (number_of(option), fd) {
                (Some(number), Some(fd)) => {
                    let mut done = set(fd, number, &(value as i32).to_ne_bytes());
                    if !TOLD.contains(&option) {
                        done = Ok(());
                    }
                    if let Some(bit) = [RECVTOS, RECVTCLASS, RECVTTL].iter().position(|&o| o == option)
                        && done.is_ok()
                    {
                        self.ancillary = self.ancillary & !(1 << bit) | u8::from(value != 0) << bit;
                    }
                    // What the system takes at once is also read at once.
                    if option == RECBUF && done.is_ok() && !self.buffer_is_set {
                        let most = if self.datagrams { LARGEST_DATAGRAM } else { u32::MAX };
                        self.kept[place_of(BUFFER)] = value.min(most).max(self.kept(BUFFER));
                    }
                    done
                }
                _ => Err(libc::EINVAL),
            },
        })
    }

    /// The values of the options that a request names; those that have none are left out.
    pub fn get_all(&self, fd: Option<BorrowedFd<'_>>, mut data: &[u8]) -> Result<Vec<u8>, i32> {
        let mut reply = Vec::new();
        while let Some(option) = u8_of(&mut data) {
            if option == RAW {
                // Level, name, whether a value stands behind, size, and that value.
                let (level, name) = u32_of(&mut data).zip(u32_of(&mut data)).ok_or(libc::EINVAL)?;
                let (is_given, size) = u8_of(&mut data).zip(u32_of(&mut data)).ok_or(libc::EINVAL)?;
                if size as usize > LARGEST_REPLY.saturating_sub(1 + reply.len() + RAW_HEAD) {
                    return Err(libc::EINVAL);
                }
                let mut value = vec![0; size as usize];
                if is_given != 0 {
                    let (given, rest) = data.split_at_checked(size as usize).ok_or(libc::EINVAL)?;
                    value.copy_from_slice(given);
                    data = rest;
                }
                let value = fd.and_then(|fd| get(fd, (level as i32, name as i32), value));
                if let Some(value) = value {
                    reply.push(RAW);
                    for number in [level, name, value.len() as u32] {
                        reply.extend(number.to_be_bytes());
                    }
                    reply.extend(value);
                }
                continue;
            }
            if let Some(value) = self.get_one(fd, option) {
                reply.push(option);
                reply.extend(value);
            }
        }
        Ok(reply)
    }

    fn get_one(&self, fd: Option<BorrowedFd<'_>>, option: u8) -> Option<Vec<u8>> {
        let word = |n: u32| n.to_be_bytes().to_vec();
        Some(match option {
            _ if self.datagrams && OF_STREAMS.contains(&option) => return None,
            PKTOPTIONS => {
                let controls = ancillary::of_connection(fd?)?;
                let bytes: Vec<u8> = controls.into_iter().flat_map(|control| control.encode()).collect();
                [word(bytes.len() as u32), bytes].concat()
            }
            MULTICAST_IF => {
                let value = get(fd?, (libc::IPPROTO_IP, libc::IP_MULTICAST_IF), vec![0; 4])?;
                word(int(&value).to_be())
            }
            ACTIVE => match self.active {
                Active::Passive => word(0),
                Active::Always => word(1),
                Active::Once => word(2),
                Active::Count(n) => [word(3), n.to_be_bytes().to_vec()].concat(),
            },
            LINGER => {
                let value = get(fd?, (libc::SOL_SOCKET, libc::SO_LINGER), vec![0; 8])?;
                [word(int(&value)), word(int(&value[4..]))].concat()
            }
            NETNS => {
                let path = self.namespace.as_ref()?.as_bytes();
                [&word(path.len() as u32), path].concat()
            }
            BIND_TO_DEVICE => {
                let mut name = device(fd?)?;
                name.truncate(name.iter().position(|&byte| byte == 0).unwrap_or(name.len()));
                [word(name.len() as u32), name].concat()
            }
            _ if KEPT.contains(&option) => word(self.kept(option)),
            _ => {
                let mut value = get(fd?, number_of(option)?, vec![0; 4])?;
                // Some options of IP are single bytes.
                value.resize(4, 0);
                word(int(&value))
            }
        })
    }
}
