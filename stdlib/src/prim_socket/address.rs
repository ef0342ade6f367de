//! Addresses, domains and types of sockets as terms.

use std::net::{Ipv4Addr, Ipv6Addr};

use glulam_vm::Term;
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{Address, Raw, constant as c};

use super::failure::int_of;
use super::{atom, field, map_of, name_of};

/// Names of domains.
const DOMAINS: [(&str, i32); 4] =
    [("inet", c::AF_INET), ("inet6", c::AF_INET6), ("local", c::AF_UNIX), ("unspec", c::AF_UNSPEC)];

/// Names of types that are taken, and one more that is only told.
const KINDS: [(&str, i32); 4] =
    [("stream", c::SOCK_STREAM), ("dgram", c::SOCK_DGRAM), ("raw", c::SOCK_RAW), ("seqpacket", c::SOCK_SEQPACKET)];
const TOLD_KIND: (&str, i32) = ("rdm", c::SOCK_RDM);

/// The number of a name in a table, or the number that is there in place of a name.
fn number(table: &[(&'static str, i32)], term: Term) -> Option<i32> {
    let name = name_of(term);
    table.iter().find(|row| row.0 == name).map(|row| row.1).or_else(|| int_of(term))
}

fn name(table: &[(&'static str, i32)], number: i32) -> Term {
    table.iter().find(|row| row.1 == number).map_or(Term::small(number.into()), |row| atom(row.0))
}

pub(crate) fn domain_of(term: Term) -> Option<i32> {
    number(&DOMAINS, term)
}

pub(crate) fn domain_term(domain: i32) -> Term {
    name(&DOMAINS, domain)
}

pub(super) fn kind_of(term: Term) -> Option<i32> {
    number(&KINDS, term)
}

pub(crate) fn kind_term(kind: i32) -> Term {
    if kind == TOLD_KIND.1 { atom(TOLD_KIND.0) } else { name(&KINDS, kind) }
}

/// `{A, B, C, D}`, or the name of an address.
pub(super) fn ipv4_of(term: Term) -> Option<Ipv4Addr> {
    if let Some(parts) = term.as_tuple_of::<4>() {
        let mut bytes = [0; 4];
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = u8::try_from(part.as_small()?).ok()?;
        }
        return Some(bytes.into());
    }
    match name_of(term) {
        "any" => Some(Ipv4Addr::UNSPECIFIED),
        "loopback" => Some(Ipv4Addr::LOCALHOST),
        "broadcast" => Some(Ipv4Addr::BROADCAST),
        _ => None,
    }
}

/// The same of eight numbers.
pub(super) fn ipv6_of(term: Term) -> Option<Ipv6Addr> {
    if let Some(parts) = term.as_tuple_of::<8>() {
        let mut segments = [0; 8];
        for (segment, part) in segments.iter_mut().zip(parts) {
            *segment = u16::try_from(part.as_small()?).ok()?;
        }
        return Some(segments.into());
    }
    match name_of(term) {
        "any" => Some(Ipv6Addr::UNSPECIFIED),
        "loopback" => Some(Ipv6Addr::LOCALHOST),
        _ => None,
    }
}

pub(super) fn ipv4_term(heap: &mut impl Build, ip: Ipv4Addr) -> Term {
    heap.tuple(&ip.octets().map(|byte| Term::small(byte.into())))
}

pub(super) fn ipv6_term(heap: &mut impl Build, ip: Ipv6Addr) -> Term {
    heap.tuple(&ip.segments().map(|part| Term::small(part.into())))
}

/// The address that a map describes, all of whose keys are there.
pub(crate) fn decode(term: Term) -> Option<Raw> {
    // A port is an `int` of which the system sees the lower half.
    let port = || Some(int_of(field(term, "port")?)? as u16);
    let word = |key| field(term, key)?.as_u64().and_then(|n| u32::try_from(n).ok());
    let family = domain_of(field(term, "family")?)?;
    match family {
        c::AF_INET => Address::Inet { ip: ipv4_of(field(term, "addr")?)?, port: port()? },
        c::AF_INET6 => Address::Inet6 {
            ip: ipv6_of(field(term, "addr")?)?,
            port: port()?,
            flow: word("flowinfo")?,
            scope: word("scope_id")?,
        },
        c::AF_UNIX => Address::Local(field(term, "path")?.as_binary()?.to_bytes().into_owned()),
        _ => Address::Other { family, data: field(term, "addr")?.as_binary()?.to_bytes().into_owned() },
    }
    .raw()
}

/// The map that describes an address.
pub(crate) fn address_term(heap: &mut impl Build, raw: &Raw) -> Term {
    match raw.read() {
        Address::Inet { ip, port } => {
            let addr = ipv4_term(heap, ip);
            map_of(heap, &[("family", atom("inet")), ("port", Term::small(port.into())), ("addr", addr)])
        }
        Address::Inet6 { ip, port, flow, scope } => {
            let addr = ipv6_term(heap, ip);
            // Numbers of the system's `int`.
            let pairs = [
                ("family", atom("inet6")),
                ("port", Term::small(port.into())),
                ("addr", addr),
                ("flowinfo", Term::small((flow as i32).into())),
                ("scope_id", Term::small((scope as i32).into())),
            ];
            map_of(heap, &pairs)
        }
        Address::Local(path) => {
            let path = heap.binary(&path);
            map_of(heap, &[("family", atom("local")), ("path", path)])
        }
        Address::Packet { protocol, index, hardware, kind, address } => {
            let addr = heap.binary(&address);
            let pairs = [
                ("family", atom("packet")),
                ("protocol", Term::small(protocol.into())),
                ("ifindex", Term::small((index as u32).into())),
                ("hatype", name(&HARDWARE, hardware.into())),
                ("pkttype", name(&PACKETS, kind.into())),
                ("addr", addr),
            ];
            map_of(heap, &pairs)
        }
        Address::Other { family, data } => {
            let family = if family == c::AF_PACKET { atom("packet") } else { domain_term(family) };
            native_term(heap, family, &data)
        }
        Address::Broken(bytes) => heap.binary(&bytes),
    }
}

/// `#{family, addr}` with bytes that only the system understands.
fn native_term(heap: &mut impl Build, family: Term, bytes: &[u8]) -> Term {
    let addr = heap.binary(bytes);
    map_of(heap, &[("family", family), ("addr", addr)])
}

/// The address of a piece of hardware: its family is the hardware's kind.
pub(super) fn hardware_term(heap: &mut impl Build, raw: &Raw) -> Term {
    const NAMED: [&str; 8] = ["netrom", "ether", "ieee802", "dlci", "frelay", "ieee1394", "loopback", "none"];
    let Some(family) = raw.family() else { return heap.binary(raw.bytes()) };
    let row = HARDWARE.iter().find(|row| row.1 == family && NAMED.contains(&row.0));
    let family = row.map_or(Term::small(family.into()), |row| atom(row.0));
    native_term(heap, family, &raw.bytes()[2..])
}

/// Kinds of hardware, as the system's list of them numbers them.
const HARDWARE: [(&str, i32); 22] = [
    ("netrom", c::ARPHRD_NETROM as i32),
    ("ether", c::ARPHRD_ETHER as i32),
    ("eether", 2),
    ("ax25", 3),
    ("pronet", 4),
    ("chaos", 5),
    ("ieee802", c::ARPHRD_IEEE802 as i32),
    ("arcnet", 7),
    ("appletlk", 8),
    ("dlci", 15),
    ("atm", 19),
    ("metricom", 23),
    ("ieee1394", c::ARPHRD_IEEE1394 as i32),
    ("eui64", 27),
    ("infiniband", 32),
    ("tunnel", 768),
    ("tunnel6", 769),
    ("frelay", 770),
    ("loopback", c::ARPHRD_LOOPBACK as i32),
    ("localtlk", 773),
    ("none", c::ARPHRD_NONE as i32),
    ("void", 0xffff),
];

const PACKETS: [(&str, i32); 8] = [
    ("host", c::PACKET_HOST as i32),
    ("broadcast", c::PACKET_BROADCAST as i32),
    ("multicast", c::PACKET_MULTICAST as i32),
    ("otherhost", c::PACKET_OTHERHOST as i32),
    ("outgoing", c::PACKET_OUTGOING as i32),
    ("loopback", c::PACKET_LOOPBACK as i32),
    ("user", c::PACKET_USER as i32),
    ("kernel", c::PACKET_KERNEL as i32),
];
