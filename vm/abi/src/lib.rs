#![no_std]
#![forbid(unsafe_code)]
//! The binary interface between the runtime and plugins.
//!
//! A plugin is a shared library with one symbol, `glulam_plugin` (`ENTRY`): a function that gives a
//! [`Plugin`]. The runtime calls its natives, and they call the functions of a [`Table`]. The list in
//! `functions.rs` yields the table, the runtime's check that it has every function, the C header
//! (`include/glulam.h`) and the page of the documentation. Functions are added at its end, and nothing
//! in it ever changes: a plugin runs with every runtime whose table is at least as long as its own.

mod functions;
pub mod text;

use core::ffi::c_void;

pub use functions::{FUNCTIONS, Function, Table};

/// The version of everything but the length of the table: types, meaning of constants. A plugin and a
/// runtime of different versions do not go together.
pub const VERSION: u32 = 1;

/// The symbol that a plugin exports, a function of type [`Entry`].
pub const ENTRY: &str = "glulam_plugin";

/// What the plugin is; the same each time.
pub type Entry = extern "C" fn() -> *const Plugin;

/// A term: valid within the call, or within the message, that it was made in or given to.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term(pub u64);

impl Term {
    /// No term: what a function gives that has failed.
    pub const NONE: Term = Term(0x17);
}

/// A call of a native, or a message that is being built. Opaque.
#[repr(C)]
pub struct Call {
    _opaque: [u8; 0],
}

/// A type of resources. Opaque, valid as long as the plugin is loaded.
#[repr(C)]
pub struct ResourceType {
    _opaque: [u8; 0],
}

/// Bytes that outlive a call. Opaque.
#[repr(C)]
pub struct Held {
    _opaque: [u8; 0],
}

/// Borrowed bytes; where they are text, UTF-8.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

impl Bytes {
    pub const EMPTY: Bytes = Bytes { data: core::ptr::null(), size: 0 };

    pub const fn of(text: &'static str) -> Bytes {
        Bytes { data: text.as_ptr(), size: text.len() }
    }
}

/// Borrowed terms.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Terms {
    pub data: *const Term,
    pub count: usize,
}

impl Terms {
    pub const EMPTY: Terms = Terms { data: core::ptr::null(), count: 0 };
}

/// A native: what it gives counts unless it has raised or asked for more time (`again`).
pub type Native = unsafe extern "C" fn(call: *mut Call, count: i32, args: *const Term) -> Term;
/// A step of long work; `state` is what `again` was given.
pub type Step = unsafe extern "C" fn(call: *mut Call, state: *mut c_void) -> Term;
/// Frees something of the plugin's. May be called on any thread.
pub type Drop = unsafe extern "C" fn(value: *mut c_void);

/// What a plugin's state begins with, so that the version that comes after can ask for what it is to
/// know of it.
#[repr(C)]
pub struct State {
    /// Bytes of this structure.
    pub size: usize,
    /// What is to be known, in a form that the next version reads; null: nothing. It is given back to `free`.
    pub save: unsafe extern "C" fn(state: *mut State, to: *mut Bytes) -> *mut c_void,
    pub free: Drop,
}

/// What `kind` answers.
pub mod kind {
    pub const ATOM: u32 = 1;
    pub const BITSTRING: u32 = 2;
    pub const FLOAT: u32 = 3;
    pub const FUN: u32 = 4;
    pub const INTEGER: u32 = 5;
    pub const LIST: u32 = 6;
    pub const MAP: u32 = 7;
    pub const PID: u32 = 8;
    pub const PORT: u32 = 9;
    pub const REFERENCE: u32 = 10;
    pub const TUPLE: u32 = 11;
}

/// What `send` answers.
pub mod sent {
    pub const SENT: u32 = 0;
    /// There is no such process.
    pub const DEAD: u32 = 1;
    /// So many messages wait in its queue already.
    pub const FULL: u32 = 2;
}

/// How long a native's calls take, as far as its author knows. Only where it begins: the runtime
/// measures.
pub mod class {
    /// Microseconds.
    pub const QUICK: u32 = 0;
    /// It computes for longer.
    pub const LONG: u32 = 1;
    /// It waits for something outside. Such a native always runs on the threads for that.
    pub const BLOCKING: u32 = 2;
}

/// One native of a plugin.
#[repr(C)]
pub struct NativeEntry {
    pub name: Bytes,
    pub arity: u32,
    /// A `class`.
    pub class: u32,
    pub run: Native,
}

/// What a plugin is.
#[repr(C)]
pub struct Plugin {
    /// Bytes of this structure.
    pub size: u32,
    /// [`VERSION`] as the plugin was built with.
    pub version: u32,
    /// Bytes of the table that it needs.
    pub table_size: u32,
    /// Spare, 0.
    pub flags: u32,
    /// The Erlang module that its natives stand in for functions of.
    pub module: Bytes,
    /// For people, in one line: what it does that reaches beyond its arguments ("none", "files", ...).
    pub capabilities: Bytes,
    /// What it was built with, for people.
    pub built_with: Bytes,
    pub natives: *const NativeEntry,
    pub native_count: usize,
    /// Gives the plugin its table, before anything else is called.
    pub init: extern "C" fn(table: *const Table),
    /// Begins: `info` is what `erlang:load_nif/2` was given; `before` is the state of the plugin whose
    /// code this one's replaces, or null. It stores its own state. Anything but 0, or an exception,
    /// means that it can't begin; then `before` must be as it was.
    pub load: unsafe extern "C" fn(call: *mut Call, info: Term, before: *mut State, state: *mut *mut State) -> i32,
    /// Ends: its code is gone, and nothing calls it any more.
    pub unload: unsafe extern "C" fn(state: *mut State),
}
