//! Opening sockets.

use std::ffi::CString;
use std::os::fd::AsFd;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::port::socket as system;
use glulam_vm::process::{Parcel, Pid};
use glulam_vm::{Term, am};

use super::failure::{Answer, Failure, answer, int, int_of, ok};
use super::option;
use super::state::{Handle, Made, Settings, Socket};
use super::{address, atom, bool_of, field, info};

const READ_SIZE: usize = 8192;
const CONTROL_SIZE: usize = 1024;

impl Settings {
    /// Of a new socket, as the options it is opened with want it.
    fn of(options: Term) -> Settings {
        let wanted = |key, usual| field(options, key).and_then(bool_of).unwrap_or(usual);
        Settings {
            read_size: READ_SIZE,
            reads: 0,
            read_control: CONTROL_SIZE,
            write_control: CONTROL_SIZE,
            iow: false,
            debug: wanted("debug", info::debugs_sockets()),
            registry: wanted("use_registry", info::uses_registry()),
        }
    }
}

/// A reference to a new socket, which the calling process owns.
pub(super) fn new_socket(cx: &mut Cx<'_>, made: Made) -> Result<Term, Failure> {
    let owner = Pid::of(cx.self_pid()).ok_or(Failure::BadArg)?;
    let registry = made.settings.registry;
    let socket = Socket::new(made, owner);
    let number = crate::new_reference(cx);
    let reference = cx.magic_ref(Magic::new(number, Box::new(Handle(socket.clone()))));
    if registry {
        let added = registry_message(cx, "add", reference);
        let obituary = registry_message(cx, "del", reference);
        socket.with(|state, after| {
            after.register(added);
            state.obituary = Some(obituary);
        });
    }
    Ok(reference)
}

/// `{'$socket', What, {'$socket', Ref}}`
pub(super) fn registry_message(cx: &mut Cx<'_>, what: &'static str, reference: Term) -> Parcel {
    let tag = atom("$socket");
    let socket = cx.tuple(&[tag, reference]);
    Parcel::new(cx.tuple(&[tag, atom(what), socket]))
}

fn domain_of(term: Term) -> Result<i32, Failure> {
    address::domain_of(term).ok_or(Failure::Invalid(atom("domain")))
}

fn kind_of(term: Term) -> Result<i32, Failure> {
    address::kind_of(term).ok_or(Failure::Invalid(am::type_))
}

/// `nif_open(Domain, Type, Protocol, Options)`
pub(super) fn open(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [domain, kind, protocol, options] = cx.take();
        let protocol = int(cx, protocol)?;
        if options.as_map().is_none() {
            return Err(Failure::BadArg);
        }
        let (domain, kind) = (domain_of(domain)?, kind_of(kind)?);
        let namespace = field(options, "netns").and_then(Term::as_binary);
        let fd = match namespace.and_then(|name| CString::new(name.to_bytes()).ok()) {
            Some(name) => system::in_namespace(&name, || system::open(domain, kind, protocol))?,
            None => system::open(domain, kind, protocol)?,
        };
        let real = if protocol == 0 { system::get_int(fd.as_fd(), option::SO_PROTOCOL).ok() } else { None };
        let protocol = real.unwrap_or(protocol);
        let made = Made { fd, domain, kind, protocol, origin: 0, owned: true, settings: Settings::of(options) };
        let socket = new_socket(cx, made)?;
        ok(cx, socket)
    })
}

/// `nif_open(FD, Options)`: a socket that something else opened.
pub(super) fn from_descriptor(cx: &mut Cx<'_>) -> Outcome {
    answer(cx, |cx| {
        let [number, options] = cx.take();
        let number = int(cx, number)?;
        if options.as_map().is_none() {
            return Err(Failure::BadArg);
        }
        of_descriptor(cx, number, options)
    })
}

fn of_descriptor(cx: &mut Cx<'_>, number: i32, options: Term) -> Answer {
    let duplicate = field(options, "dup").and_then(bool_of).unwrap_or(true);
    // What the system doesn't tell of it, the options have to.
    let ask = |name| system::int_of_number(number, name);
    let domain = match (ask(option::SO_DOMAIN), field(options, "domain")) {
        (Some(domain), _) => domain,
        (None, Some(domain)) => domain_of(domain)?,
        (None, None) => return Err(Failure::Invalid(atom("domain"))),
    };
    let kind = match (ask(option::SO_TYPE), field(options, "type")) {
        (Some(kind), _) => kind,
        (None, Some(kind)) => kind_of(kind)?,
        (None, None) => return Err(Failure::Invalid(am::type_)),
    };
    let protocol = ask(option::SO_PROTOCOL).or_else(|| field(options, "protocol").and_then(int_of)).unwrap_or(0);
    let fd = if duplicate { system::duplicate(number)? } else { system::adopt(number)? };
    let is_connected = system::peer_name(fd.as_fd()).is_ok();
    let settings = Settings::of(options);
    let socket = new_socket(cx, Made { fd, domain, kind, protocol, origin: number, owned: duplicate, settings })?;
    if let Some(handle) = Magic::value_of::<Handle>(&socket) {
        handle.0.with(|state, _| state.write.connected = is_connected);
    }
    ok(cx, socket)
}
