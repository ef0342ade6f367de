//! `prim_net`: names of hosts and services, and network interfaces, as the `net` module asks for them.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, Interface, constant as c};
use glulam_vm::{Term, am};

use crate::prim_socket::{
    Answer, Failure, address_term, answer, atom, bool_of, bool_term, decode_address, domain_term, field, kind_term,
    map_of, name_of, ok,
};

glulam_vm::bifs! {
    prim_net:nif_info/0                   Normal nif  => info;
    prim_net:nif_command/1                Normal nif  => command;
    prim_net:nif_gethostname/0            Normal nif  => gethostname;
    /// Both ask servers of names, which may take long.
    prim_net:nif_getnameinfo/2            DirtyIo nif => getnameinfo;
    prim_net:nif_getaddrinfo/3            DirtyIo nif => getaddrinfo;
    prim_net:nif_getifaddrs/1             DirtyIo nif => getifaddrs;
    /// These four are another system's.
    prim_net:nif_get_adapters_addresses/1 DirtyIo nif => of_another_system;
    prim_net:nif_get_if_entry/1           DirtyIo nif => of_another_system;
    prim_net:nif_get_interface_info/1     DirtyIo nif => of_another_system;
    prim_net:nif_get_ip_address_table/1   DirtyIo nif => of_another_system;
    prim_net:nif_if_name2index/1          Normal nif  => if_name2index;
    prim_net:nif_if_index2name/1          Normal nif  => if_index2name;
    prim_net:nif_if_names/0               Normal nif  => if_names;
}

fn of_another_system(cx: &mut Cx<'_>) -> Outcome {
    cx.error(atom("notsup"))
}

static DEBUG: AtomicBool = AtomicBool::new(false);

fn info(cx: &mut Cx<'_>) -> Outcome {
    Ok(map_of(cx, &[("debug", bool_term(DEBUG.load(Ordering::Relaxed)))]))
}

/// `nif_command({debug, Bool})`
fn command(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| match cx.arg(0).as_tuple_of() {
        Some([command, value]) if name_of(command) == "debug" => {
            let value = bool_of(value).ok_or_else(|| Failure::Error(atom("einval")))?;
            DEBUG.store(value, Ordering::Relaxed);
            Ok(am::ok)
        }
        _ => Err(Failure::Error(atom("einval"))),
    })
}

fn gethostname(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let name = system::host_name()?;
        let name = cx.byte_list(&name);
        ok(cx, name)
    })
}

/// The name of an error of looking names up.
fn failed(error: i32) -> Failure {
    let name = match error {
        c::EAI_AGAIN => "eagain",
        c::EAI_BADFLAGS => "ebadflags",
        c::EAI_FAIL => "efail",
        c::EAI_FAMILY => "efamily",
        c::EAI_MEMORY => "emem",
        c::EAI_NODATA => "enodata",
        c::EAI_NONAME => "enoname",
        c::EAI_OVERFLOW => "eoverflow",
        c::EAI_SERVICE => "eservice",
        c::EAI_SOCKTYPE => "esocktype",
        c::EAI_SYSTEM => "esystem",
        EAI_ADDRFAMILY => "eaddrfamily",
        _ => "einval",
    };
    Failure::Error(atom(name))
}

/// The C library's number, which its Rust face leaves out.
const EAI_ADDRFAMILY: i32 = -9;

const NAME_FLAGS: [(&str, i32); 6] = [
    ("namereqd", c::NI_NAMEREQD),
    ("dgram", c::NI_DGRAM),
    ("nofqdn", c::NI_NOFQDN),
    ("numerichost", c::NI_NUMERICHOST),
    ("numericserv", c::NI_NUMERICSERV),
    ("idn", c::NI_IDN),
];

fn name_flags(term: Term) -> Option<i32> {
    if name_of(term) == "undefined" {
        return Some(0);
    }
    let mut flags = 0;
    for flag in term.proper_list()? {
        flags |= NAME_FLAGS.iter().find(|row| row.0 == name_of(flag))?.1;
    }
    Some(flags)
}

/// `nif_getnameinfo(Address, Flags | undefined)`
fn getnameinfo(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [address, flags] = cx.take();
        let address = decode_address(address).ok_or_else(|| Failure::Error(atom("einval")))?;
        let flags = name_flags(flags).ok_or(Failure::BadArg)?;
        let found = system::name_info(&address, flags).map_err(failed)?;
        let (host, service) = (cx.byte_list(&found.host), cx.byte_list(&found.service));
        let info = map_of(cx, &[("host", host), ("service", service)]);
        ok(cx, info)
    })
}

/// The bytes of a text.
fn text(term: Term) -> Result<CString, Failure> {
    let letters = term.proper_list().ok_or(Failure::BadArg)?;
    let bytes: Option<Vec<u8>> =
        letters.into_iter().map(|letter| letter.as_small().and_then(|n| u8::try_from(n).ok())).collect();
    CString::new(bytes.ok_or(Failure::BadArg)?).map_err(|_| Failure::BadArg)
}

/// The same, or `undefined`.
fn optional_text(term: Term) -> Result<Option<CString>, Failure> {
    if name_of(term) == "undefined" { Ok(None) } else { text(term).map(Some) }
}

/// `nif_getaddrinfo(Host | undefined, Service | undefined, _)`
fn getaddrinfo(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [host, service, _] = cx.take();
        let (host, service) = (optional_text(host)?, optional_text(service)?);
        if host.is_none() && service.is_none() {
            return Err(Failure::BadArg);
        }
        let found = system::address_info(host.as_deref(), service.as_deref()).map_err(failed)?;
        let mut terms = Vec::new();
        for info in found {
            let address = address_term(cx, &info.address);
            let pairs = [
                ("family", domain_term(info.family)),
                ("type", kind_term(info.kind)),
                ("protocol", Term::small(info.protocol.into())),
                ("addr", address),
            ];
            terms.push(map_of(cx, &pairs));
        }
        let terms = cx.list(&terms);
        ok(cx, terms)
    })
}

/// The flags of interfaces that are told.
const FLAGS: [(&str, i32); 15] = [
    ("up", c::IFF_UP),
    ("broadcast", c::IFF_BROADCAST),
    ("debug", c::IFF_DEBUG),
    ("loopback", c::IFF_LOOPBACK),
    ("pointopoint", c::IFF_POINTOPOINT),
    ("notrailers", c::IFF_NOTRAILERS),
    ("running", c::IFF_RUNNING),
    ("noarp", c::IFF_NOARP),
    ("promisc", c::IFF_PROMISC),
    ("master", c::IFF_MASTER),
    ("slave", c::IFF_SLAVE),
    ("multicast", c::IFF_MULTICAST),
    ("portsel", c::IFF_PORTSEL),
    ("automedia", c::IFF_AUTOMEDIA),
    ("dynamic", c::IFF_DYNAMIC),
];

fn interface_term(cx: &mut Cx<'_>, interface: &Interface) -> Term {
    let has = |flag: i32| interface.flags & flag as u32 != 0;
    let flags: Vec<Term> = FLAGS.into_iter().filter(|flag| has(flag.1)).map(|flag| atom(flag.0)).collect();
    let (name, flags) = (cx.byte_list(&interface.name), cx.list(&flags));
    let mut pairs = vec![("name", name), ("flags", flags)];
    if let Some(address) = &interface.address {
        pairs.push(("addr", address_term(cx, address)));
    }
    if let Some(netmask) = &interface.netmask {
        pairs.push(("netmask", address_term(cx, netmask)));
    }
    if let Some(other) = &interface.other {
        let key = if has(c::IFF_POINTOPOINT) {
            Some("dstaddr")
        } else {
            has(c::IFF_BROADCAST).then_some("broadaddr")
        };
        pairs.extend(key.map(|key| (key, address_term(cx, other))));
    }
    map_of(cx, &pairs)
}

/// `nif_getifaddrs(#{netns => File})`
fn getifaddrs(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| -> Answer {
        let wanted = cx.arg(0);
        if wanted.as_map().is_none() {
            return Err(Failure::BadArg);
        }
        let found = match field(wanted, "netns") {
            Some(namespace) => system::in_namespace(&text(namespace)?, system::interfaces)?,
            None => system::interfaces()?,
        };
        let terms: Vec<Term> = found.iter().map(|interface| interface_term(cx, interface)).collect();
        let terms = cx.list(&terms);
        ok(cx, terms)
    })
}

fn if_name2index(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let name = text(cx.arg(0))?;
        let index = Term::small(system::index_of_name(&name)?.into());
        ok(cx, index)
    })
}

fn if_index2name(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let index = cx.arg(0).as_u64().and_then(|n| u32::try_from(n).ok()).ok_or(Failure::BadArg)?;
        let name = system::name_of_index(index)?;
        let name = cx.byte_list(&name);
        ok(cx, name)
    })
}

fn if_names(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let mut terms = Vec::new();
        for (index, name) in system::names()? {
            let name = cx.byte_list(&name);
            terms.push(cx.tuple(&[Term::small(index.into()), name]));
        }
        let terms = cx.list(&terms);
        ok(cx, terms)
    })
}
