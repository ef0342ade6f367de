//! Network interfaces and the names of services, as requests of any socket ask for them.

use std::ffi::{CStr, CString};
use std::net::IpAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::Answer;
use super::request::{u8_of, u16_of};
use crate::base::sync::Mutex;

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

    /// # Safety
    /// `address` is null or an address of the size that its family says.
    unsafe fn of(address: *const libc::sockaddr) -> Option<Address> {
        // SAFETY: the caller's promise.
        unsafe {
            match i32::from(address.as_ref()?.sa_family) {
                libc::AF_INET => {
                    let address = address.cast::<libc::sockaddr_in>().read_unaligned();
                    Some(Address::Ip(IpAddr::from(address.sin_addr.s_addr.to_ne_bytes())))
                }
                libc::AF_INET6 => {
                    let address = address.cast::<libc::sockaddr_in6>().read_unaligned();
                    Some(Address::Ip(IpAddr::from(address.sin6_addr.s6_addr)))
                }
                #[cfg(target_os = "linux")]
                libc::AF_PACKET => {
                    let address = address.cast::<libc::sockaddr_ll>().read_unaligned();
                    let size = usize::from(address.sll_halen).min(address.sll_addr.len());
                    Some(Address::Hardware(address.sll_addr[..size].to_vec()))
                }
                _ => None,
            }
        }
    }
}

fn entries() -> Result<Vec<Entry>, i32> {
    let mut first = std::ptr::null_mut();
    // SAFETY: the list is the system's until it is freed below.
    if unsafe { libc::getifaddrs(&mut first) } != 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL));
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: as above; names end with 0, addresses are of their family's size.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ifa_next;
        // SAFETY: as above.
        unsafe {
            found.push(Entry {
                name: CStr::from_ptr(entry.ifa_name).to_bytes().to_vec(),
                flags: entry.ifa_flags,
                address: Address::of(entry.ifa_addr),
                netmask: Address::of(entry.ifa_netmask),
                other: Address::of(entry.ifa_ifu),
            });
        }
    }
    // SAFETY: from `getifaddrs`, once.
    unsafe { libc::freeifaddrs(first) };
    Ok(found)
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

/// Asks the system about one interface.
fn ask(fd: BorrowedFd<'_>, name: &[u8], what: libc::Ioctl) -> Option<libc::ifreq> {
    // SAFETY: numbers, for all of which zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // The last byte stays 0.
    let room = &mut request.ifr_name[..libc::IFNAMSIZ - 1];
    if name.len() > room.len() {
        return None;
    }
    room.iter_mut().zip(name).for_each(|(place, &byte)| *place = byte as libc::c_char);
    // SAFETY: the request is of the type that these calls take; the descriptor is open.
    (unsafe { libc::ioctl(fd.as_raw_fd(), what, &raw mut request) } == 0).then_some(request)
}

/// `inet:ifget/2`: the interface's name and options; the options it has, with their values.
pub fn get(fd: BorrowedFd<'_>, mut data: &[u8]) -> Answer {
    let size = u8_of(&mut data).ok_or(libc::EINVAL)?;
    let (name, options) = data.split_at_checked(size.into()).ok_or(libc::EINVAL)?;
    let mut reply = Vec::new();
    for &option in options {
        let address = |what| {
            let request = ask(fd, name, what)?;
            // SAFETY: an address is what was asked for.
            unsafe { Address::of(&raw const request.ifr_ifru.ifru_addr) }
        };
        match option {
            ADDR => push(&mut reply, ADDR, address(libc::SIOCGIFADDR).as_ref()),
            BROADADDR => push(&mut reply, BROADADDR, address(libc::SIOCGIFBRDADDR).as_ref()),
            DSTADDR => push(&mut reply, DSTADDR, address(libc::SIOCGIFDSTADDR).as_ref()),
            NETMASK => push(&mut reply, NETMASK, address(libc::SIOCGIFNETMASK).as_ref()),
            MTU => {
                if let Some(request) = ask(fd, name, libc::SIOCGIFMTU) {
                    reply.push(MTU);
                    // SAFETY: a number is what was asked for.
                    reply.extend(unsafe { request.ifr_ifru.ifru_mtu }.to_be_bytes());
                }
            }
            FLAGS => {
                // SAFETY: as above.
                let system = ask(fd, name, libc::SIOCGIFFLAGS).map_or(0, |request| unsafe { request.ifr_ifru.ifru_flags });
                reply.push(FLAGS);
                reply.extend(flags(libc::c_uint::from(system as u16)));
            }
            HWADDR => {
                if let Some(request) = ask(fd, name, libc::SIOCGIFHWADDR) {
                    // SAFETY: as above; the bytes of such an address stand in front.
                    let bytes = unsafe { request.ifr_ifru.ifru_hwaddr.sa_data };
                    push(&mut reply, HWADDR, Some(&Address::Hardware(bytes[..6].iter().map(|&b| b as u8).collect())));
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
