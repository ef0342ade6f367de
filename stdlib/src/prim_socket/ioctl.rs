//! Requests about network interfaces.

use std::os::fd::OwnedFd;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, Raw, constant as c};
use glulam_vm::{Term, am};

use super::failure::{Answer, Failure, answer, int_of, ok, socket_of};
use super::{address, atom, bool_of, map_of};

pub(super) const REQUESTS: [(&str, u64); 18] = [
    ("gifname", c::SIOCGIFNAME as u64),
    ("gifindex", c::SIOCGIFINDEX as u64),
    ("gifflags", c::SIOCGIFFLAGS as u64),
    ("gifaddr", c::SIOCGIFADDR as u64),
    ("gifdstaddr", c::SIOCGIFDSTADDR as u64),
    ("gifbrdaddr", c::SIOCGIFBRDADDR as u64),
    ("gifnetmask", c::SIOCGIFNETMASK as u64),
    ("gifmtu", c::SIOCGIFMTU as u64),
    ("gifhwaddr", c::SIOCGIFHWADDR as u64),
    ("gifmap", c::SIOCGIFMAP as u64),
    ("giftxqlen", c::SIOCGIFTXQLEN as u64),
    ("gifconf", c::SIOCGIFCONF as u64),
    ("sifflags", c::SIOCSIFFLAGS as u64),
    ("sifaddr", c::SIOCSIFADDR as u64),
    ("sifdstaddr", c::SIOCSIFDSTADDR as u64),
    ("sifbrdaddr", c::SIOCSIFBRDADDR as u64),
    ("sifmtu", c::SIOCSIFMTU as u64),
    ("siftxqlen", c::SIOCSIFTXQLEN as u64),
];

/// The flags of interfaces that OTP names, those of other systems with 0.
pub(super) const FLAGS: [(&str, i32); 32] = [
    ("up", c::IFF_UP),
    ("broadcast", c::IFF_BROADCAST),
    ("debug", c::IFF_DEBUG),
    ("loopback", c::IFF_LOOPBACK),
    ("pointopoint", c::IFF_POINTOPOINT),
    ("notrailers", c::IFF_NOTRAILERS),
    ("knowsepoch", 0),
    ("running", c::IFF_RUNNING),
    ("noarp", c::IFF_NOARP),
    ("promisc", c::IFF_PROMISC),
    ("allmulti", c::IFF_ALLMULTI),
    ("master", c::IFF_MASTER),
    ("slave", c::IFF_SLAVE),
    ("multicast", c::IFF_MULTICAST),
    ("portsel", c::IFF_PORTSEL),
    ("automedia", c::IFF_AUTOMEDIA),
    ("dynamic", c::IFF_DYNAMIC),
    ("lower_up", c::IFF_LOWER_UP),
    ("dormant", c::IFF_DORMANT),
    ("echo", c::IFF_ECHO),
    ("oactive", 0),
    ("simplex", 0),
    ("link0", 0),
    ("link1", 0),
    ("link2", 0),
    ("cantconfig", 0),
    ("ppromisc", 0),
    ("monitor", 0),
    ("staticarp", 0),
    ("dying", 0),
    ("renaming", 0),
    ("nogroup", 0),
];

/// The name of the request with this number.
fn request_of(term: Term) -> Result<(&'static str, u64), Failure> {
    let number = term.as_u64().ok_or(Failure::BadArg)?;
    Ok(REQUESTS.into_iter().find(|request| request.1 == number).unwrap_or(("", number)))
}

/// The socket's descriptor once more: the call is made without the socket's lock.
fn descriptor(term: Term) -> Result<OwnedFd, Failure> {
    socket_of(term)?.with(|state, _| {
        state.fd()?.try_clone_to_owned().map_err(|e| Failure::Errno(glulam_vm::base::errno::of(&e)))
    })
}

fn not_supported() -> Failure {
    Failure::Error(atom("enotsup"))
}

/// The bytes of an interface's name, as many as the system has room for.
fn name_of(term: Term) -> Result<Vec<u8>, Failure> {
    const ROOM: usize = 15;
    let letters = term.proper_list().ok_or(Failure::BadArg)?;
    let mut name = Vec::new();
    for letter in letters {
        name.push(letter.as_small().and_then(|n| u8::try_from(n).ok()).ok_or(Failure::BadArg)?);
    }
    name.truncate(name.iter().position(|&b| b == 0).unwrap_or(name.len()).min(ROOM));
    Ok(name)
}

/// `nif_ioctl(Socket, gifconf)`
pub(super) fn list(cx: &mut Cx<'_>) -> Outcome {
    use std::os::fd::AsFd;
    answer(cx, |cx| {
        let [socket, request] = cx.take();
        let fd = descriptor(socket)?;
        if request_of(request)?.0 != "gifconf" {
            return Err(not_supported());
        }
        let mut terms = Vec::new();
        for (name, raw) in system::interface_configuration(fd.as_fd())? {
            let name = cx.byte_list(&name);
            let addr = address::address_term(cx, &raw);
            terms.push(map_of(cx, &[("name", name), ("addr", addr)]));
        }
        let terms = cx.list(&terms);
        ok(cx, terms)
    })
}

/// `nif_ioctl(Socket, Request, Name | Index)`
pub(super) fn get(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [socket, request, of] = cx.take();
        let fd = descriptor(socket)?;
        let (request, number) = request_of(request)?;
        if !request.starts_with("gif") || request == "gifconf" {
            return Err(not_supported());
        }
        let value = ask(&fd, request, number, of)?;
        let value = value_term(cx, request, &value)?;
        ok(cx, value)
    })
}

/// What the system says: a value, or for a number a name.
fn ask(fd: &OwnedFd, request: &str, number: u64, of: Term) -> Result<Vec<u8>, Failure> {
    use std::os::fd::AsFd;
    if request == "gifname" {
        let index = int_of(of).ok_or(Failure::BadArg)?;
        return Ok(system::interface_request(fd.as_fd(), number, &[], &index.to_ne_bytes())?.0);
    }
    Ok(system::interface_request(fd.as_fd(), number, &name_of(of)?, &[])?.1)
}

/// The number at a place of a value.
fn number_at<const N: usize>(value: &[u8], at: usize) -> Result<[u8; N], Failure> {
    let bytes = value.get(at..).and_then(|rest| rest.first_chunk::<N>());
    bytes.copied().ok_or(Failure::Errno(rustix::io::Errno::INVAL.raw_os_error()))
}

fn value_term(cx: &mut Cx<'_>, request: &str, value: &[u8]) -> Answer {
    /// Bytes of an address within a request.
    const ADDRESS: usize = 16;
    let address = Raw::of_bytes(&value[..value.len().min(ADDRESS)]);
    Ok(match request {
        "gifname" => cx.byte_list(value),
        "gifflags" => flags_term(cx, i16::from_ne_bytes(number_at(value, 0)?)),
        "gifhwaddr" => address::hardware_term(cx, &address),
        "gifmap" => {
            let start = cx.u64(u64::from_ne_bytes(number_at(value, 0)?));
            let end = cx.u64(u64::from_ne_bytes(number_at(value, 8)?));
            let pairs = [
                ("mem_start", start),
                ("mem_end", end),
                ("base_addr", Term::small(u16::from_ne_bytes(number_at(value, 16)?).into())),
                ("irq", Term::small(number_at::<1>(value, 18)?[0].into())),
                ("dma", Term::small(number_at::<1>(value, 19)?[0].into())),
                ("port", Term::small(number_at::<1>(value, 20)?[0].into())),
            ];
            map_of(cx, &pairs)
        }
        "gifindex" | "gifmtu" | "giftxqlen" => Term::small(i32::from_ne_bytes(number_at(value, 0)?).into()),
        _ => address::address_term(cx, &address),
    })
}

fn flags_term(cx: &mut Cx<'_>, flags: i16) -> Term {
    let mut left = i32::from(flags);
    let mut names = Vec::new();
    for (name, bit) in FLAGS.into_iter().filter(|flag| flag.1 != 0) {
        if left & bit == bit {
            left &= !bit;
            names.push(atom(name));
        }
    }
    if left != 0 {
        names.push(Term::small(left.into()));
    }
    cx.list(&names)
}

/// `nif_ioctl(Socket, Request, Name, Value)`
pub(super) fn set(cx: &mut Cx<'_>) -> Outcome {
    use std::os::fd::AsFd;
    answer(cx, |cx| {
        let [socket, request, name, value] = cx.take();
        let fd = descriptor(socket)?;
        let (request, number) = request_of(request)?;
        if !request.starts_with("sif") {
            return Err(not_supported());
        }
        let name = name_of(name)?;
        let bytes = match request {
            "sifflags" => {
                let now = system::interface_request(fd.as_fd(), c::SIOCGIFFLAGS as u64, &name, &[])?.1;
                changed_flags(i16::from_ne_bytes(number_at(&now, 0)?), value)?.to_ne_bytes().to_vec()
            }
            "sifmtu" => int_of(value).ok_or(Failure::Invalid(atom("mtu")))?.to_ne_bytes().to_vec(),
            "siftxqlen" => int_of(value).ok_or(Failure::Invalid(atom("txqlen")))?.to_ne_bytes().to_vec(),
            _ => address::decode(value).ok_or(Failure::Invalid(atom("sockaddr")))?.bytes().to_vec(),
        };
        system::interface_request(fd.as_fd(), number, &name, &bytes)?;
        Ok(am::ok)
    })
}

/// The flags with those of a map set, or reset.
fn changed_flags(flags: i16, changes: Term) -> Result<i16, Failure> {
    let mut flags = i32::from(flags);
    for (flag, value) in changes.as_map().ok_or(Failure::BadArg)?.iter() {
        let flag = int_of(flag).ok_or(Failure::BadArg)?;
        flags = if bool_of(value) == Some(true) { flags | flag } else { flags & !flag };
    }
    Ok(flags as i16)
}
