//! Network interfaces and the names of services, as requests of any socket ask for them.

use std::ffi::{CStr, CString};
use std::net::IpAddr;
use std::os::fd::BorrowedFd;

use super::Answer;
use super::request::{u8_of, u16_of};
use crate::base::sync::Mutex;
use crate::port::socket::{self, Interface, Raw};

const ADDR: u8 = 1;
const BROADADDR: u8 = 2;
const DSTADDR: u8 = 3;
const MTU: u8 = 4;
const NETMASK: u8 = 5;
const FLAGS: u8 = 6;
const HWADDR: u8 = 7;

/// What one entry of the system's list says of an interface.
struct Entry {
    name: Vec<u8>,
    flags: libc::c_uint,
    address: Option<Address>,
    netmask: Option<Address>,
    /// Of the other end, or for everyone.
    other: Option<Address>,
}

enum Address {
    Ip(IpAddr),
    Hardware(Vec<u8>),
}

impl Address {
    /// As a reply holds it: family and bytes, or for hardware size and bytes.
    fn encode(&self) -> Vec<u8> {
        match self {
            Address::Ip(IpAddr::V4(ip)) => [&[1], &ip.octets()[..]].concat(),
            Address::Ip(IpAddr::V6(ip)) => [&[2], &ip.octets()[..]].concat(),
            Address::Hardware(bytes) => [&(bytes.len() as u16).to_be_bytes(), &bytes[..]].concat(),
        }
    }

    fn of(raw: &Raw) -> Option<Address> {
        match raw.read() {
            socket::Address::Inet { ip, .. } => Some(Address::Ip(ip.into())),
            socket::Address::Inet6 { ip, .. } => Some(Address::Ip(ip.into())),
            socket::Address::Packet { address, .. } => Some(Address::Hardware(address)),
            _ => None,
        }
    }
}

fn entries() -> Result<Vec<Entry>, i32> {
    let entry = |found: Interface| {
        let address = |raw: Option<Raw>| raw.as_ref().and_then(Address::of);
        Entry {
            name: found.name,
            flags: found.flags,
            address: address(found.address),
            netmask: address(found.netmask),
            other: address(found.other),
        }
    };
    Ok(socket::interfaces()?.into_iter().map(entry).collect())
}

/// The system's flags as prim_inet names them.
fn flags(system: libc::c_uint) -> [u8; 4] {
    const NAMES: [(libc::c_int, u32); 6] = [
        (libc::IFF_UP, 0x01),
        (libc::IFF_BROADCAST, 0x02),
        (libc::IFF_LOOPBACK, 0x04),
        (libc::IFF_POINTOPOINT, 0x08),
        (libc::IFF_RUNNING, 0x10),
        (libc::IFF_MULTICAST, 0x20),
    ];
    let named = NAMES.iter().filter(|(bit, _)| system & *bit as libc::c_uint != 0);
    named.fold(0, |all, (_, name)| all | name).to_be_bytes()
}

impl Entry {
    /// The option that the address of the other end is, by the interface's kind.
    fn other_option(&self) -> Option<u8> {
        if self.flags & libc::IFF_BROADCAST as libc::c_uint != 0 {
            Some(BROADADDR)
        } else if self.flags & libc::IFF_POINTOPOINT as libc::c_uint != 0 {
            Some(DSTADDR)
        } else {
            None
        }
    }
}

/// An option and its value, if there is one.
fn push(reply: &mut Vec<u8>, option: u8, address: Option<&Address>) {
    if let Some(address) = address {
        reply.push(option);
        reply.extend(address.encode());
    }
}

/// `inet:getifaddrs/0`: for each entry its name, flags and addresses, ended by 0.
pub fn addresses() -> Answer {
    let mut reply = Vec::new();
    for entry in entries()? {
        reply.extend(&entry.name);
        reply.extend([0, FLAGS]);
        reply.extend(flags(entry.flags));
        match &entry.address {
            Some(hardware @ Address::Hardware(_)) => push(&mut reply, HWADDR, Some(hardware)),
            address => {
                push(&mut reply, ADDR, address.as_ref());
                push(&mut reply, NETMASK, entry.netmask.as_ref());
                if let Some(option) = entry.other_option() {
                    push(&mut reply, option, entry.other.as_ref());
                }
            }
        }
        reply.push(0);
    }
    Ok(reply)
}

/// The names of the interfaces that have an address of IPv4, each ended by 0.
pub fn names() -> Answer {
    let with_address = entries()?.into_iter().filter(|entry| matches!(entry.address, Some(Address::Ip(IpAddr::V4(_)))));
    let mut names: Vec<Vec<u8>> = with_address.map(|entry| entry.name).collect();
    names.dedup();
    Ok(names.into_iter().flat_map(|name| [name, vec![0]].concat()).collect())
}

/// Asks the system about one interface: the bytes of what it says.
fn ask(fd: BorrowedFd<'_>, name: &[u8], what: libc::Ioctl) -> Option<Vec<u8>> {
    socket::interface_request(fd, what as u64, name, &[]).ok().map(|(_, value)| value)
}

/// Bytes of an address among them.
const ADDRESS: usize = std::mem::size_of::<libc::sockaddr>();

/// `inet:ifget/2`: the interface's name and options; the options it has, with their values.
pub fn get(fd: BorrowedFd<'_>, mut data: &[u8]) -> Answer {
    let size = u8_of(&mut data).ok_or(libc::EINVAL)?;
    let (name, options) = data.split_at_checked(size.into()).ok_or(libc::EINVAL)?;
    let mut reply = Vec::new();
    for &option in options {
        let address = |what| Address::of(&Raw::of_bytes(&ask(fd, name, what)?[..ADDRESS]));
        match option {
            ADDR => push(&mut reply, ADDR, address(libc::SIOCGIFADDR).as_ref()),
            BROADADDR => push(&mut reply, BROADADDR, address(libc::SIOCGIFBRDADDR).as_ref()),
            DSTADDR => push(&mut reply, DSTADDR, address(libc::SIOCGIFDSTADDR).as_ref()),
            NETMASK => push(&mut reply, NETMASK, address(libc::SIOCGIFNETMASK).as_ref()),
            MTU => {
                if let Some(&mtu) = ask(fd, name, libc::SIOCGIFMTU).as_deref().and_then(<[u8]>::first_chunk) {
                    reply.push(MTU);
                    reply.extend(i32::from_ne_bytes(mtu).to_be_bytes());
                }
            }
            FLAGS => {
                let value = ask(fd, name, libc::SIOCGIFFLAGS);
                let system = value.as_deref().and_then(<[u8]>::first_chunk).map_or(0, |&value| u16::from_ne_bytes(value));
                reply.push(FLAGS);
                reply.extend(flags(system.into()));
            }
            HWADDR => {
                if let Some(value) = ask(fd, name, libc::SIOCGIFHWADDR) {
                    // The bytes of such an address stand behind the kind of hardware.
                    push(&mut reply, HWADDR, Some(&Address::Hardware(value[2..8].to_vec())));
                }
            }
            _ => return Err(libc::EINVAL),
        }
    }
    Ok(reply)
}

/// The system's list of services has one reader at a time.
static SERVICES: Mutex<()> = Mutex::new(());

fn text(data: &mut &[u8]) -> Result<CString, i32> {
    let size = u8_of(data).ok_or(libc::EINVAL)?;
    let (text, rest) = data.split_at_checked(size.into()).ok_or(libc::EINVAL)?;
    *data = rest;
    CString::new(text).map_err(|_| libc::EINVAL)
}

/// The number of a service: its name and protocol.
pub fn service_by_name(mut data: &[u8]) -> Answer {
    let (name, protocol) = (text(&mut data)?, text(&mut data)?);
    let _guard = SERVICES.lock();
    // SAFETY: texts that end with 0; the entry is the system's until the next call.
    let found = unsafe { libc::getservbyname(name.as_ptr(), protocol.as_ptr()).as_ref() }.ok_or(libc::EINVAL)?;
    // In network order already.
    Ok((found.s_port as u16).to_ne_bytes().to_vec())
}

/// The name of a service: its number and protocol.
pub fn service_by_port(mut data: &[u8]) -> Answer {
    let port = u16_of(&mut data).ok_or(libc::EINVAL)?;
    let protocol = text(&mut data)?;
    let _guard = SERVICES.lock();
    // SAFETY: as above; the name ends with 0.
    unsafe {
        let found = libc::getservbyport(port.to_be().into(), protocol.as_ptr()).as_ref().ok_or(libc::EINVAL)?;
        Ok(CStr::from_ptr(found.s_name).to_bytes().to_vec())
    }
}
