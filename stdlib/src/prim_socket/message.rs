//! Control messages and flags of messages as terms.

use glulam_vm::base::errno;
use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, ControlMessage, Raw, constant as c};
use glulam_vm::{Atom, Term};

use super::failure::int_of;
use super::option::value::{tos_of, tos_term};
use super::{address, atom, bool_of, field, map_of, name_of};

/// What the data of a control message are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    Int,
    Byte,
    Tos,
    Time,
    PacketInfo,
    PacketInfo6,
    Address,
    Error,
}

struct Kind {
    level: i32,
    kind: i32,
    name: &'static str,
    form: Form,
    /// It can be sent as a value.
    sent: bool,
}

const fn kind(level: i32, kind: i32, name: &'static str, form: Form, sent: bool) -> Kind {
    Kind { level, kind, name, form, sent }
}

const KINDS: [Kind; 15] = [
    kind(c::SOL_SOCKET, c::SCM_CREDENTIALS, "credentials", Form::Bytes, false),
    kind(c::SOL_SOCKET, c::SCM_RIGHTS, "rights", Form::Bytes, false),
    kind(c::SOL_SOCKET, c::SCM_TIMESTAMP, "timestamp", Form::Time, true),
    kind(c::IPPROTO_IP, c::IP_TOS, "tos", Form::Tos, true),
    kind(c::IPPROTO_IP, c::IP_TTL, "ttl", Form::Int, true),
    kind(c::IPPROTO_IP, c::IP_RECVTTL, "recvttl", Form::Byte, false),
    kind(c::IPPROTO_IP, c::IP_PKTINFO, "pktinfo", Form::PacketInfo, false),
    kind(c::IPPROTO_IP, c::IP_ORIGDSTADDR, "origdstaddr", Form::Address, false),
    kind(c::IPPROTO_IP, c::IP_RECVTOS, "recvtos", Form::Tos, false),
    kind(c::IPPROTO_IP, c::IP_RECVERR, "recverr", Form::Error, false),
    kind(c::IPPROTO_IPV6, c::IPV6_PKTINFO, "pktinfo", Form::PacketInfo6, false),
    kind(c::IPPROTO_IPV6, c::IPV6_HOPLIMIT, "hoplimit", Form::Int, true),
    kind(c::IPPROTO_IPV6, c::IPV6_TCLASS, "tclass", Form::Int, true),
    kind(c::IPPROTO_IPV6, c::IPV6_RECVTCLASS, "recvtclass", Form::Int, false),
    kind(c::IPPROTO_IPV6, c::IPV6_RECVERR, "recverr", Form::Error, false),
];

pub(super) const FLAGS: [(&str, i32); 11] = [
    ("cmsg_cloexec", c::MSG_CMSG_CLOEXEC),
    ("confirm", c::MSG_CONFIRM),
    ("ctrunc", c::MSG_CTRUNC),
    ("dontroute", c::MSG_DONTROUTE),
    ("eor", c::MSG_EOR),
    ("errqueue", c::MSG_ERRQUEUE),
    ("more", c::MSG_MORE),
    ("nosignal", c::MSG_NOSIGNAL),
    ("oob", c::MSG_OOB),
    ("peek", c::MSG_PEEK),
    ("trunc", c::MSG_TRUNC),
];

/// A list of the flags' names, and the number of those that have none.
pub(super) fn flags_term(cx: &mut Cx<'_>, mut flags: i32) -> Term {
    let mut names = Vec::new();
    for (name, bit) in FLAGS {
        if flags & bit != 0 {
            flags &= !bit;
            names.push(atom(name));
        }
    }
    if flags != 0 {
        names.push(Term::small(flags.into()));
    }
    cx.list(&names)
}

pub(super) fn level_term(level: i32) -> Term {
    if level == c::SOL_SOCKET { atom("socket") } else { Term::small(level.into()) }
}

pub(super) fn level_of(term: Term) -> Option<i32> {
    if name_of(term) == "socket" { Some(c::SOL_SOCKET) } else { int_of(term) }
}

/// A list of maps; `bad_data` stands where the bytes are not what they should be.
pub(super) fn control_term(cx: &mut Cx<'_>, bytes: &[u8]) -> Term {
    let mut terms = Vec::new();
    for found in system::control_messages(bytes) {
        let Some(message) = found else {
            terms.push(atom("bad_data"));
            break;
        };
        let known = KINDS.iter().find(|kind| (kind.level, kind.kind) == (message.level, message.kind));
        let data = cx.binary(&message.data);
        let named = known.map_or(Term::small(message.kind.into()), |known| atom(known.name));
        let mut pairs = vec![("level", level_term(message.level)), ("type", named), ("data", data)];
        if let Some(value) = known.and_then(|known| value_term(cx, known.form, &message.data)) {
            pairs.push(("value", value));
        }
        terms.push(map_of(cx, &pairs));
    }
    cx.list(&terms)
}

fn int_at(data: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_ne_bytes(*data.get(at..)?.first_chunk()?))
}

fn value_term(cx: &mut Cx<'_>, form: Form, data: &[u8]) -> Option<Term> {
    Some(match form {
        Form::Bytes => return None,
        Form::Int => Term::small(int_at(data, 0)?.into()),
        Form::Byte => Term::small((*data.first()?).into()),
        Form::Tos => tos_term(i32::from(*data.first()?)),
        Form::Time => {
            let [seconds, micros] = [0, 8].map(|at| Some(i64::from_ne_bytes(*data.get(at..)?.first_chunk()?)));
            let (seconds, micros) = (cx.i64(seconds?), cx.i64(micros?));
            map_of(cx, &[("sec", seconds), ("usec", micros)])
        }
        Form::PacketInfo => {
            let index = int_at(data, 0)? as u32;
            let of = |at: usize| Some(std::net::Ipv4Addr::from(*data.get(at..)?.first_chunk::<4>()?));
            let (destination, addr) = (of(4)?, of(8)?);
            let destination = address::ipv4_term(cx, destination);
            let addr = address::ipv4_term(cx, addr);
            map_of(cx, &[("ifindex", Term::small(index.into())), ("spec_dst", destination), ("addr", addr)])
        }
        Form::PacketInfo6 => {
            let ip = std::net::Ipv6Addr::from(*data.first_chunk::<16>()?);
            let index = int_at(data, 16)?;
            let addr = address::ipv6_term(cx, ip);
            map_of(cx, &[("addr", addr), ("ifindex", Term::small(index.into()))])
        }
        Form::Address => address::address_term(cx, &Raw::of_bytes(data)),
        Form::Error => error_term(cx, data)?,
    })
}

/// Names of what messages of ICMP tell: kind, name, and names of codes.
type Told = (u8, &'static str, &'static [&'static str]);

const ICMP: [Told; 2] = [
    (
        3,
        "dest_unreach",
        &["net_unreach", "host_unreach", "", "port_unreach", "frag_needed", "", "net_unknown", "host_unknown"],
    ),
    (11, "time_exceeded", &[]),
];

const ICMP6: [Told; 3] = [
    (
        1,
        "dest_unreach",
        &["noroute", "adm_prohibited", "not_neighbour", "addr_unreach", "port_unreach", "policy_fail", "reject_route"],
    ),
    (2, "pkt_toobig", &[]),
    (3, "time_exceeded", &[]),
];

/// An entry of a socket's queue of errors: number, origin, type, code, padding, info, data, and the
/// address of who sent it.
fn error_term(cx: &mut Cx<'_>, data: &[u8]) -> Option<Term> {
    const SIZE: usize = 16;
    let (head, offender) = data.split_at_checked(SIZE)?;
    let (origin, kind, code) = (head[4], head[5], head[6]);
    let table: &[Told] = match origin {
        c::SO_EE_ORIGIN_ICMP => &ICMP,
        c::SO_EE_ORIGIN_ICMP6 => &ICMP6,
        _ => &[],
    };
    let told = table.iter().find(|told| told.0 == kind);
    let code_name = told.and_then(|told| told.2.get(usize::from(code))).filter(|name| !name.is_empty());
    let origin = match origin {
        c::SO_EE_ORIGIN_NONE => atom("none"),
        c::SO_EE_ORIGIN_LOCAL => atom("local"),
        c::SO_EE_ORIGIN_ICMP => atom("icmp"),
        c::SO_EE_ORIGIN_ICMP6 => atom("icmp6"),
        4 => atom("txstatus"),
        5 => atom("zerocopy"),
        6 => atom("txtime"),
        other => Term::small(other.into()),
    };
    let mut pairs = vec![
        ("error", Term::from_atom(Atom::known(errno::name(int_at(head, 0)?)))),
        ("origin", origin),
        ("type", told.map_or(Term::small(kind.into()), |told| atom(told.1))),
        ("code", code_name.map_or(Term::small(code.into()), |name| atom(name))),
        ("info", Term::small(int_at(head, 8)?.into())),
        ("data", Term::small(int_at(head, 12)?.into())),
    ];
    let offender = Raw::of_bytes(offender);
    if offender.family().is_some_and(|family| family != c::AF_UNSPEC) {
        pairs.push(("offender", address::address_term(cx, &offender)));
    }
    Some(map_of(cx, &pairs))
}

/// The bytes of a list of maps; `None`: one of them is none that can be sent, or there is no room.
pub(super) fn control_of(list: Term, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for term in list.proper_list()? {
        let message = control_message(term)?;
        system::push_control(&mut bytes, most, &message)?;
    }
    Some(bytes)
}

fn control_message(term: Term) -> Option<ControlMessage> {
    let level = level_of(field(term, "level")?)?;
    let named = field(term, "type")?;
    let known = KINDS.iter().find(|kind| kind.level == level && kind.name == name_of(named));
    let (data, value) = (field(term, "data"), field(term, "value"));
    match (data, value) {
        // As a value only if the type has a name.
        (None, Some(value)) => {
            let known = known.filter(|known| known.sent)?;
            Some(ControlMessage { level, kind: known.kind, data: value_of(known.form, value)? })
        }
        (Some(data), None) => {
            let kind = int_of(named).or(known.map(|known| known.kind))?;
            let data = match (data.as_binary(), int_of(data), bool_of(data)) {
                (Some(bits), ..) => bits.to_bytes().into_owned(),
                (_, Some(number), _) => number.to_ne_bytes().to_vec(),
                (.., Some(value)) => i32::from(value).to_ne_bytes().to_vec(),
                _ => return None,
            };
            Some(ControlMessage { level, kind, data })
        }
        _ => None,
    }
}

fn value_of(form: Form, value: Term) -> Option<Vec<u8>> {
    match form {
        Form::Int => int_of(value).map(|n| n.to_ne_bytes().to_vec()),
        Form::Tos => tos_of(value).map(|n| n.to_ne_bytes().to_vec()),
        Form::Time => {
            let [seconds, micros] = ["sec", "usec"].map(|key| field(value, key).and_then(Term::as_i64));
            Some([seconds?.to_ne_bytes(), micros?.to_ne_bytes()].concat())
        }
        _ => None,
    }
}
