//! Names: of hosts and services, of interfaces, of protocols.

use std::ffi::{CStr, CString};

use super::{Raw, check, last_error};
use crate::base::sync::Mutex;

pub fn host_name() -> Result<Vec<u8>, i32> {
    let mut name = [0_u8; 257];
    // SAFETY: writes at most as many bytes; the last one stays 0.
    check(unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) })?;
    let end = name.iter().position(|&b| b == 0).unwrap_or(name.len());
    Ok(name[..end].to_vec())
}

/// A host and a service.
pub struct NameInfo {
    pub host: Vec<u8>,
    pub service: Vec<u8>,
}

/// The name of an address. The error is one of `EAI_`.
pub fn name_info(address: &Raw, flags: i32) -> Result<NameInfo, i32> {
    let (mut host, mut service) = (vec![0_u8; 1025], vec![0_u8; 256]);
    // SAFETY: reads the address, writes at most as many bytes of names that end with 0.
    let failed = unsafe {
        let (h, s) = (host.as_mut_ptr().cast(), service.as_mut_ptr().cast());
        libc::getnameinfo(address.pointer(), address.length(), h, host.len() as u32, s, service.len() as u32, flags)
    };
    if failed != 0 {
        return Err(failed);
    }
    for name in [&mut host, &mut service] {
        name.truncate(name.iter().position(|&b| b == 0).unwrap_or(name.len()));
    }
    Ok(NameInfo { host, service })
}

/// One address of a host.
pub struct AddressInfo {
    pub family: i32,
    pub kind: i32,
    pub protocol: i32,
    pub address: Raw,
}

/// The addresses of a host and service. The error is one of `EAI_`.
pub fn address_info(host: Option<&CStr>, service: Option<&CStr>) -> Result<Vec<AddressInfo>, i32> {
    let pointer = |text: Option<&CStr>| text.map_or(std::ptr::null(), CStr::as_ptr);
    let mut first = std::ptr::null_mut();
    // SAFETY: texts that end with 0, or null; the list is the system's until it is freed below.
    let failed = unsafe { libc::getaddrinfo(pointer(host), pointer(service), std::ptr::null(), &raw mut first) };
    if failed != 0 {
        return Err(failed);
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: as above.
    while let Some(entry) = unsafe { next.as_ref() } {
        next = entry.ai_next;
        if entry.ai_addr.is_null() {
            continue;
        }
        // SAFETY: an address of that length.
        let bytes = unsafe { std::slice::from_raw_parts(entry.ai_addr.cast::<u8>(), entry.ai_addrlen as usize) };
        let (family, kind, protocol) = (entry.ai_family, entry.ai_socktype, entry.ai_protocol);
        found.push(AddressInfo { family, kind, protocol, address: Raw::of_bytes(bytes) });
    }
    // SAFETY: from `getaddrinfo`, once.
    unsafe { libc::freeaddrinfo(first) };
    Ok(found)
}

pub fn index_of_name(name: &CStr) -> Result<u32, i32> {
    // SAFETY: a text that ends with 0.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(last_error()),
        index => Ok(index),
    }
}

pub fn name_of_index(index: u32) -> Result<Vec<u8>, i32> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: writes at most as many bytes, the last of them 0.
    if unsafe { libc::if_indextoname(index, name.as_mut_ptr()) }.is_null() {
        return Err(last_error());
    }
    Ok(name.iter().map(|&b| b as u8).take_while(|&b| b != 0).collect())
}

/// Number and name of each interface.
pub fn names() -> Result<Vec<(u32, Vec<u8>)>, i32> {
    // SAFETY: the list is the system's until it is freed below.
    let first = unsafe { libc::if_nameindex() };
    if first.is_null() {
        return Err(last_error());
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: the list ends with an entry without a name; names end with 0.
    unsafe {
        while !(*next).if_name.is_null() {
            found.push(((*next).if_index, CStr::from_ptr((*next).if_name).to_bytes().to_vec()));
            next = next.add(1);
        }
        libc::if_freenameindex(first);
    }
    Ok(found)
}

/// The system's list of protocols has one reader at a time.
static PROTOCOLS: Mutex<()> = Mutex::new(());

unsafe extern "C" {
    fn setprotoent(stay_open: libc::c_int);
    fn getprotoent() -> *mut libc::protoent;
    fn endprotoent();
}

/// Names and number of each protocol that the system lists, the usual name first, then its other
/// names from the last on.
pub fn protocols() -> Vec<(Vec<CString>, i32)> {
    let _guard = PROTOCOLS.lock();
    let mut found = Vec::new();
    // SAFETY: one reader; an entry is the system's until the next call; names end with 0, the list
    // of aliases with null.
    unsafe {
        setprotoent(1);
        while let Some(entry) = getprotoent().as_ref() {
            let mut names = vec![CStr::from_ptr(entry.p_name).to_owned()];
            let mut alias = entry.p_aliases;
            while !alias.is_null() && !(*alias).is_null() {
                names.insert(1, CStr::from_ptr(*alias).to_owned());
                alias = alias.add(1);
            }
            found.push((names, entry.p_proto));
        }
        endprotoent();
    }
    found
}
