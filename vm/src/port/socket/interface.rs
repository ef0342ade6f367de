//! Network interfaces.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::{Raw, check};

/// What one entry of the system's list says of an interface.
pub struct Interface {
    pub name: Vec<u8>,
    pub flags: u32,
    pub address: Option<Raw>,
    pub netmask: Option<Raw>,
    /// Of the other end, or for everyone.
    pub other: Option<Raw>,
}

/// The system's list.
pub fn interfaces() -> Result<Vec<Interface>, i32> {
    let mut first = std::ptr::null_mut();
    // SAFETY: the list is the system's until it is freed below.
    check(unsafe { libc::getifaddrs(&raw mut first) })?;
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: as above; names end with 0, addresses are of their family's size.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ifa_next;
        // SAFETY: as above.
        unsafe {
            found.push(Interface {
                name: CStr::from_ptr(entry.ifa_name).to_bytes().to_vec(),
                flags: entry.ifa_flags,
                address: Raw::of_pointer(entry.ifa_addr),
                netmask: Raw::of_pointer(entry.ifa_netmask),
                other: Raw::of_pointer(entry.ifa_ifu),
            });
        }
    }
    // SAFETY: from `getifaddrs`, once.
    unsafe { libc::freeifaddrs(first) };
    Ok(found)
}

/// Bytes of what a request says of an interface.
const VALUE: usize = std::mem::size_of::<libc::ifreq>() - libc::IFNAMSIZ;

/// Name and value of a request.
type Request = ([u8; libc::IFNAMSIZ], [u8; VALUE]);

/// Asks the system about an interface, or tells it: the name, and the bytes of the value, both as
/// they are afterwards. `EINVAL`: no such name can be.
pub fn interface_request(fd: BorrowedFd<'_>, what: u64, name: &[u8], value: &[u8]) -> Result<(Vec<u8>, Vec<u8>), i32> {
    let mut request: Request = ([0; libc::IFNAMSIZ], [0; VALUE]);
    // The last byte stays 0.
    if name.len() >= libc::IFNAMSIZ || value.len() > VALUE {
        return Err(libc::EINVAL);
    }
    request.0[..name.len()].copy_from_slice(name);
    request.1[..value.len()].copy_from_slice(value);
    const _: () = assert!(std::mem::size_of::<Request>() == std::mem::size_of::<libc::ifreq>());
    // SAFETY: the bytes of an `ifreq`: a name, then a value of each kind.
    let mut system: libc::ifreq = unsafe { std::mem::transmute_copy(&request) };
    // SAFETY: the caller's number is one whose argument is an `ifreq`; the descriptor is open.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), what as libc::Ioctl, &raw mut system) })?;
    // SAFETY: bytes of numbers.
    request = unsafe { std::mem::transmute_copy(&system) };
    let end = request.0.iter().position(|&b| b == 0).unwrap_or(request.0.len());
    Ok((request.0[..end].to_vec(), request.1.to_vec()))
}

/// Name and address of each interface that has one of IPv4.
pub fn interface_configuration(fd: BorrowedFd<'_>) -> Result<Vec<(Vec<u8>, Raw)>, i32> {
    let size = std::mem::size_of::<libc::ifreq>();
    let mut most = 64;
    loop {
        // SAFETY: numbers, for all of which zero is a value.
        let mut all: Vec<libc::ifreq> = (0..most).map(|_| unsafe { std::mem::zeroed() }).collect();
        let mut request = libc::ifconf {
            ifc_len: (all.len() * size) as libc::c_int,
            ifc_ifcu: libc::__c_anonymous_ifc_ifcu { ifcu_req: all.as_mut_ptr() },
        };
        // SAFETY: writes at most `ifc_len` bytes; the descriptor is open.
        check(unsafe { libc::ioctl(fd.as_raw_fd(), libc::SIOCGIFCONF as libc::Ioctl, &raw mut request) })?;
        let found = usize::try_from(request.ifc_len).unwrap_or(0) / size;
        if found == most {
            most *= 2;
            continue;
        }
        return Ok(all[..found].iter().map(entry).collect());
    }
}

fn entry(request: &libc::ifreq) -> (Vec<u8>, Raw) {
    let name = request.ifr_name.iter().map(|&b| b as u8).take_while(|&b| b != 0).collect();
    // SAFETY: an address is what was asked for.
    let address = unsafe { Raw::of_pointer(&raw const request.ifr_ifru.ifru_addr) };
    (name, address.unwrap_or_else(|| Raw::of_bytes(&[])))
}
