#![forbid(unsafe_code)]
//! The natives that OTP's libraries call: bodies, one file for each Erlang module.

/// Declares the files and joins their tables.
macro_rules! natives {
    ($($($path:ident)::+;)*) => {
        /// Every native, file by file.
        pub const NATIVES: &[&[glulam_vm::bif::Decl]] = &[$($($path)::+::BIFS),*];
    };
}

pub mod binary;
pub mod erl_ddll;
pub mod erl_tracer;
pub mod erlang;
pub mod atomics;
pub mod ets;
pub mod persistent_term;
pub mod erts_debug;
pub mod erts_internal;
pub mod maps;
pub mod glulam;
pub mod limits;
pub mod lists;
pub mod math;
pub mod re;
pub mod unicode;
pub mod os;
pub mod prim_buffer;
pub mod prim_net;
pub mod prim_socket;
pub mod release;
pub mod prim_file;
pub mod zlib;

// One line for each file that has a table of natives.
natives! {
    maps;
    erts_debug;
    erts_debug::dirty;
    re;
    persistent_term;
    atomics;
    erlang::checksum;
    erlang::hash;
    unicode;
    binary;
    binary::matching;
    erlang::atom;
    erlang::display;
    erlang::identifier;
    erlang::list;
    erlang::number;
    lists;
    erlang::kind;
    erlang::operator;
    erlang::tuple;
    math;
    erlang::map;
    ets;
    erlang::binary;
    erlang::packet;
    erlang::external;
    erlang::fun;
    erlang::exception;
    erlang::code;
    erlang::dt;
    glulam;
    erl_ddll;
    erl_tracer;
    erlang::seq_trace;
    erlang::trace;
    erlang::calendar;
    erlang::dictionary;
    erlang::flags;
    erlang::info;
    erlang::link;
    erlang::monitor;
    erlang::process;
    erlang::register;
    erlang::scheduler;
    erlang::signal;
    erlang::spawn;
    erlang::suspend;
    erlang::time;
    erlang::timer;
    erlang::node;
    erlang::system::flag;
    erlang::system::info;
    os;
    prim_buffer;
    prim_file;
    prim_net;
    prim_socket;
    zlib;
    erts_internal::dist;
    erts_internal::map;
    erts_internal::task;
    erts_internal::port;
}

/// The number of a reference that no other has, for an object of ours.
pub(crate) fn new_reference(_: &mut glulam_vm::bif::Cx<'_>) -> [u64; 2] {
    glulam_vm::process::reference::fresh()
}
