//! `prim_socket`: sockets, as the `socket` module calls them.
//!
//! A socket is a reference to a `state::Socket`. No native waits: one that finds nothing to do has
//! its caller told by a message once there is, and answers `select`. Results and errors are those
//! of OTP's own library; `failure` has their forms.

mod address;
mod cancel;
mod close;
mod connect;
mod counters;
mod failure;
mod info;
mod ioctl;
mod line;
mod message;
mod open;
mod option;
mod receive;
mod select;
mod send;
mod sendfile;
mod state;
mod supports;

use glulam_vm::heap::Build;
use glulam_vm::{Atom, Term};

pub(crate) use address::{address_term, decode as decode_address, domain_term, kind_term};
pub(crate) use failure::{Answer, Failure, answer, ok};

glulam_vm::bifs! {
    prim_socket:nif_info/0            Normal nif  => info::of_all;
    prim_socket:nif_info/1            Normal nif  => info::of_socket;
    prim_socket:nif_command/1         Normal nif  => info::command;
    prim_socket:nif_supports/0        Normal nif  => supports::features;
    prim_socket:nif_supports/1        Normal nif  => supports::table;
    prim_socket:nif_open/2            Normal nif  => open::from_descriptor;
    prim_socket:nif_open/4            Normal nif  => open::open;
    prim_socket:nif_bind/2            Normal nif  => connect::bind;
    prim_socket:nif_connect/1         Normal nif  => connect::connect_end;
    prim_socket:nif_connect/3         Normal nif  => connect::connect;
    prim_socket:nif_listen/2          Normal nif  => connect::listen;
    prim_socket:nif_accept/2          Normal nif  => connect::accept;
    prim_socket:nif_send/4            Normal nif  => send::send;
    prim_socket:nif_sendto/5          Normal nif  => send::sendto;
    prim_socket:nif_sendmsg/5         Normal nif  => send::sendmsg;
    prim_socket:nif_sendfile/5        DirtyIo nif => sendfile::start;
    prim_socket:nif_sendfile/4        DirtyIo nif => sendfile::go_on;
    prim_socket:nif_sendfile/1        DirtyIo nif => sendfile::deferred_close;
    prim_socket:nif_recv/4            Normal nif  => receive::recv;
    prim_socket:nif_recvfrom/4        Normal nif  => receive::recvfrom;
    prim_socket:nif_recvmsg/5         Normal nif  => receive::recvmsg;
    prim_socket:nif_close/1           Normal nif  => close::close;
    prim_socket:nif_finalize_close/1  DirtyIo nif => close::finalize_close;
    prim_socket:nif_shutdown/2        Normal nif  => close::shutdown;
    prim_socket:nif_setopt/5          Normal nif  => option::set;
    prim_socket:nif_getopt/3          Normal nif  => option::get;
    prim_socket:nif_getopt/4          Normal nif  => option::get_native;
    prim_socket:nif_sockname/1        Normal nif  => connect::sockname;
    prim_socket:nif_peername/1        Normal nif  => connect::peername;
    prim_socket:nif_ioctl/2           DirtyIo nif => ioctl::list;
    prim_socket:nif_ioctl/3           DirtyIo nif => ioctl::get;
    prim_socket:nif_ioctl/4           DirtyIo nif => ioctl::set;
    prim_socket:nif_cancel/3          Normal nif  => cancel::cancel;
}

/// An atom by its name.
pub(crate) fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

/// The name of an atom, or nothing.
pub(crate) fn name_of(term: Term) -> &'static str {
    term.as_atom().map_or("", Atom::name)
}

/// A map with atoms as keys.
pub(crate) fn map_of(heap: &mut impl Build, pairs: &[(&'static str, Term)]) -> Term {
    let pairs: Vec<(Term, Term)> = pairs.iter().map(|&(key, value)| (atom(key), value)).collect();
    glulam_vm::heap::map::from_pairs(&pairs, heap)
}

/// The value of a key in a map, if it is one and has it.
pub(crate) fn field(map: Term, key: &'static str) -> Option<Term> {
    map.as_map()?.get(atom(key))
}

/// A boolean.
pub(crate) fn bool_of(term: Term) -> Option<bool> {
    match name_of(term) {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

pub(crate) fn bool_term(value: bool) -> Term {
    atom(if value { "true" } else { "false" })
}
