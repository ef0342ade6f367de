//! Values of options: from terms to the system's bytes, and back.

use glulam_vm::Term;
use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::port::socket::constant as c;

use super::table::{Form, Opt};
use crate::prim_socket::failure::int_of;
use crate::prim_socket::{address, atom, bool_of, bool_term, field, map_of, message, name_of};

const TOS: [(&str, i32); 4] = [
    ("lowdelay", c::IPTOS_LOWDELAY as i32),
    ("throughput", c::IPTOS_THROUGHPUT as i32),
    ("reliability", c::IPTOS_RELIABILITY as i32),
    ("mincost", c::IPTOS_MINCOST as i32),
];

const MTU_DISCOVER: [(&str, i32); 4] = [
    ("want", c::IP_PMTUDISC_WANT),
    ("dont", c::IP_PMTUDISC_DONT),
    ("do", c::IP_PMTUDISC_DO),
    ("probe", c::IP_PMTUDISC_PROBE),
];

fn number(table: &[(&'static str, i32)], term: Term) -> Option<i32> {
    let name = name_of(term);
    table.iter().find(|row| row.0 == name).map(|row| row.1).or_else(|| int_of(term))
}

fn name(table: &[(&'static str, i32)], number: i32) -> Term {
    table.iter().find(|row| row.1 == number).map_or(Term::small(number.into()), |row| atom(row.0))
}

pub(crate) fn tos_of(term: Term) -> Option<i32> {
    number(&TOS, term)
}

/// The kind of service among the bits of a number, or the number.
pub(crate) fn tos_term(tos: i32) -> Term {
    const MASK: i32 = 0x1e;
    let kind = tos & MASK;
    TOS.iter().find(|row| row.1 == kind).map_or(Term::small(tos.into()), |row| atom(row.0))
}

/// Names of numbers of SCTP's, each of 16 or 32 bits.
const ASSOCINFO: [(&str, usize); 6] = [
    ("assoc_id", 4),
    ("asocmaxrxt", 2),
    ("number_peer_destinations", 2),
    ("peer_rwnd", 4),
    ("local_rwnd", 4),
    ("cookie_life", 4),
];
const INITMSG: [(&str, usize); 4] =
    [("num_outstreams", 2), ("max_instreams", 2), ("max_attempts", 2), ("max_init_timeo", 2)];
const RTOINFO: [(&str, usize); 4] = [("assoc_id", 4), ("initial", 4), ("max", 4), ("min", 4)];
const EVENTS: [&str; 10] = [
    "data_io",
    "association",
    "address",
    "send_failure",
    "peer_error",
    "shutdown",
    "partial_delivery",
    "adaptation_layer",
    "authentication",
    "sender_dry",
];

fn numbers_of(parts: &[(&'static str, usize)], term: Term) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for &(key, size) in parts {
        let value = field(term, key)?.as_i64()?;
        let word = u32::try_from(value).or_else(|_| i32::try_from(value).map(|n| n as u32)).ok()?;
        match size {
            2 => bytes.extend((word as u16).to_ne_bytes()),
            _ => bytes.extend(word.to_ne_bytes()),
        }
    }
    Some(bytes)
}

fn numbers_term(cx: &mut Cx<'_>, parts: &[(&'static str, usize)], mut bytes: &[u8]) -> Option<Term> {
    let mut pairs = Vec::new();
    for &(key, size) in parts {
        let (part, rest) = bytes.split_at_checked(size)?;
        bytes = rest;
        let value = match (key, size) {
            ("assoc_id", _) => i64::from(i32::from_ne_bytes(part.try_into().ok()?)),
            (_, 2) => i64::from(u16::from_ne_bytes(part.try_into().ok()?)),
            _ => i64::from(u32::from_ne_bytes(part.try_into().ok()?)),
        };
        pairs.push((key, Term::small(value)));
    }
    Some(map_of(cx, &pairs))
}

/// The bytes of four numbers, from the map's key.
fn ip(term: Term, key: &'static str) -> Option<[u8; 4]> {
    Some(address::ipv4_of(field(term, key)?)?.octets())
}

/// A text that is at most as long, with its 0.
fn text(term: Term, most: usize) -> Option<Vec<u8>> {
    if !term.is_list() {
        return None;
    }
    let mut bytes = Vec::new();
    for element in term.proper_list()? {
        bytes.push(u8::try_from(element.as_small()?).ok()?);
    }
    bytes.push(0);
    (bytes.len() <= most).then_some(bytes)
}

/// Bytes of the longest names.
const DEVICE: usize = 16;
const CONGESTION: usize = 256;

/// The bytes of a value; `None`: it is none of this option's.
pub(super) fn encode(form: Form, value: Term) -> Option<Vec<u8>> {
    let int = |n: i32| n.to_ne_bytes().to_vec();
    Some(match form {
        Form::Bool => int(bool_of(value)?.into()),
        Form::Int => int(int_of(value)?),
        Form::Domain => int(address::domain_of(value)?),
        Form::Tos => int(tos_of(value)?),
        Form::MtuDiscover => int(number(&MTU_DISCOVER, value)?),
        Form::Hops if name_of(value) == "default" => int(-1),
        Form::Hops => int(int_of(value).filter(|hops| (0..=255).contains(hops))?),
        Form::Linger if name_of(value) == "abort" => [int(1), int(0)].concat(),
        Form::Linger => {
            let on = bool_of(field(value, "onoff")?)?;
            let seconds = int_of(field(value, "linger")?).filter(|&seconds| seconds >= 0)?;
            [int(on.into()), int(seconds)].concat()
        }
        Form::Device => text(value, DEVICE)?,
        Form::Text => text(value, CONGESTION)?,
        Form::Interface => address::ipv4_of(value)?.octets().to_vec(),
        Form::Membership => [ip(value, "multiaddr")?, ip(value, "interface")?].concat(),
        Form::Source => [ip(value, "multiaddr")?, ip(value, "interface")?, ip(value, "sourceaddr")?].concat(),
        Form::Membership6 => {
            let group = address::ipv6_of(field(value, "multiaddr")?)?;
            let index = field(value, "interface")?.as_u64().and_then(|n| u32::try_from(n).ok())?;
            [&group.octets()[..], &index.to_ne_bytes()].concat()
        }
        Form::SourceFilter if name_of(value) == "null" => Vec::new(),
        Form::SourceFilter => {
            let mode = match name_of(field(value, "mode")?) {
                "include" => 1_u32,
                "exclude" => 0,
                _ => return None,
            };
            let sources = field(value, "slist")?.proper_list()?;
            let mut bytes = [ip(value, "multiaddr")?, ip(value, "interface")?].concat();
            bytes.extend(mode.to_ne_bytes());
            bytes.extend((sources.len() as u32).to_ne_bytes());
            for source in sources {
                bytes.extend(address::ipv4_of(source)?.octets());
            }
            bytes
        }
        Form::Associnfo => numbers_of(&ASSOCINFO, value)?,
        Form::Initmsg => numbers_of(&INITMSG, value)?,
        Form::Rtoinfo => numbers_of(&RTOINFO, value)?,
        Form::Events => {
            let mut bytes = Vec::new();
            for event in EVENTS {
                bytes.push(u8::from(bool_of(field(value, event)?)?));
            }
            bytes
        }
        Form::Type | Form::Protocol | Form::PacketOptions => return None,
    })
}

/// Bytes that a value may have.
pub(super) fn room(option: &Opt, control: usize) -> usize {
    match option.form {
        Form::Linger => 8,
        Form::Device => DEVICE,
        Form::Text => CONGESTION,
        Form::PacketOptions => control,
        Form::Associnfo | Form::Initmsg | Form::Rtoinfo => 32,
        _ => 4,
    }
}

/// The value that these bytes are. `domain` is that of the socket.
pub(super) fn decode(cx: &mut Cx<'_>, form: Form, bytes: &[u8], domain: i32) -> Option<Term> {
    // Some options of IP are one byte, and some that have never been set are none.
    let int = || match bytes {
        [] => Some(0),
        [byte] => Some(i32::from(*byte)),
        _ => bytes.first_chunk().map(|word| i32::from_ne_bytes(*word)),
    };
    Some(match form {
        Form::Bool => bool_term(int()? != 0),
        Form::Int | Form::Hops => Term::small(int()?.into()),
        Form::Domain => address::domain_term(int()?),
        Form::Type => address::kind_term(int()?),
        // The number 0 has a name that is another domain's.
        Form::Protocol if int()? == 0 && domain == c::AF_UNIX => atom("default"),
        Form::Protocol => Term::small(int()?.into()),
        Form::Tos => tos_term(int()?),
        Form::MtuDiscover => name(&MTU_DISCOVER, int()?),
        Form::Linger => {
            let [on, seconds] = [0, 4].map(|at| bytes.get(at..)?.first_chunk().map(|word| i32::from_ne_bytes(*word)));
            map_of(cx, &[("onoff", bool_term(on? != 0)), ("linger", Term::small(seconds?.into()))])
        }
        // The name of a device comes as long as the system says.
        Form::Device => cx.byte_list(bytes),
        Form::Text => cx.byte_list(bytes.strip_suffix(&[0]).unwrap_or(bytes)),
        Form::Interface => address::ipv4_term(cx, (*bytes.first_chunk::<4>()?).into()),
        Form::PacketOptions => message::control_term(cx, bytes),
        Form::Associnfo => numbers_term(cx, &ASSOCINFO, bytes)?,
        Form::Initmsg => numbers_term(cx, &INITMSG, bytes)?,
        Form::Rtoinfo => numbers_term(cx, &RTOINFO, bytes)?,
        Form::Membership | Form::Membership6 | Form::Source | Form::SourceFilter | Form::Events => return None,
    })
}
