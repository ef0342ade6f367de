//! One row declares a native. The rows of a module's file become its table; `install` makes the
//! joined table known to the loader.

use std::collections::HashMap;

use super::{Cx, Outcome};
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::process::{Own, Process};
use crate::term::Term;

/// The body of a native.
pub type NativeFn = fn(&mut Cx<'_>) -> Outcome;

/// A native without a `Cx` around it: process, declaration, arguments; its value. `Term::NONE`: it gave no
/// value, and what came of it stands where a dirty thread would have left it, or it has not begun.
pub type Direct = fn(&Process, &mut Own, &'static Decl, Arguments) -> Term;

/// The arguments of a direct call: registers.
#[derive(Clone, Copy)]
pub struct Arguments(*const Term);

impl Arguments {
    /// The registers from this one on.
    ///
    /// # Safety
    /// They hold the arguments of the native that these are given to, and go on doing so while it runs.
    #[inline(always)]
    pub(crate) unsafe fn new(first: *const Term) -> Arguments {
        Arguments(first)
    }

    #[inline(always)]
    pub(crate) fn first(self) -> *const Term {
        self.0
    }

    /// All of them, as many as the row of the native says.
    #[inline(always)]
    pub fn take<const N: usize>(self, decl: &Decl) -> [Term; N] {
        if usize::from(decl.arity) != N {
            crate::bug!("native with {} arguments takes {N}", decl.arity);
        }
        // SAFETY: E1: so many registers hold arguments (`new`).
        unsafe { *self.0.cast::<[Term; N]>() }
    }
}

/// On which threads a native runs, and whether it may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Short, on the scheduler.
    Normal,
    /// On the scheduler, in steps (`Resume`).
    Yielding,
    /// Long computation, on the dirty CPU pool.
    DirtyCpu,
    /// Blocking system calls, on the dirty I/O pool.
    DirtyIo,
}

impl Class {
    /// Whether dirty threads run it.
    #[inline]
    pub fn is_dirty(self) -> bool {
        matches!(self, Class::DirtyCpu | Class::DirtyIo)
    }
}

/// One native.
pub struct Decl {
    pub module: &'static str,
    pub function: &'static str,
    pub arity: u8,
    pub class: Class,
    /// Allowed in guards: pure, and its failure only fails the guard.
    pub guard: bool,
    /// A native of a library that `erlang:load_nif/2` puts in place, not a BIF.
    pub nif: bool,
    pub run: NativeFn,
    /// The short way to call it, where it may be taken.
    pub direct: Option<Direct>,
    /// What `run` finds in `Cx::data`: of a library's native, the address of what it is.
    pub data: usize,
}

/// Declares the natives of one file:
/// ```text
/// bifs! {
///     /// Size of a binary in whole bytes, rounded up.
///     erlang:byte_size/1     Normal guard => byte_size;
///     erlang:"+"/2           Normal guard => plus;
///     prim_file:read_nif/2   DirtyIo nif  => read;
///     ets:member/2           Normal       => member, short member_short;
/// }
/// ```
/// The short way of a native takes the process, its owned side and an array of the arguments, and gives a
/// value, or `Term::NONE` if it has done nothing. It makes `pub const BIFS: &[Decl]`.
#[macro_export]
macro_rules! bifs {
    ($($(#[$doc:meta])* $module:ident : $function:tt / $arity:literal $class:ident $($flag:ident)* => $body:path $(, short $short:path)?;)*) => {
        /// The natives of this file.
        pub const BIFS: &[$crate::bif::Decl] = &[$($crate::bif::Decl {
            module: stringify!($module),
            function: $crate::bif_name!($function),
            arity: $arity,
            class: $crate::bif::Class::$class,
            guard: $crate::bif_flag!(guard $($flag)*),
            nif: $crate::bif_flag!(nif $($flag)*),
            run: $body,
            direct: $crate::bif_direct!($($short)?),
            data: 0,
        }),*];
    };
}

/// A function name in a row: a word, or a string for operators.
#[doc(hidden)]
#[macro_export]
macro_rules! bif_name {
    ($name:literal) => { $name };
    ($name:tt) => { stringify!($name) };
}

/// `Decl::direct` of a row.
#[doc(hidden)]
#[macro_export]
macro_rules! bif_direct {
    () => {
        None
    };
    ($short:path) => {{
        fn direct(
            process: &$crate::process::Process,
            own: &mut $crate::process::Own,
            decl: &'static $crate::bif::Decl,
            arguments: $crate::bif::Arguments,
        ) -> $crate::Term {
            $short(process, own, arguments.take(decl))
        }
        Some(direct)
    }};
}

/// Whether a flag stands in a row.
#[doc(hidden)]
#[macro_export]
macro_rules! bif_flag {
    (guard guard $($rest:ident)*) => { true };
    (nif nif $($rest:ident)*) => { true };
    ($want:ident $other:ident $($rest:ident)*) => { $crate::bif_flag!($want $($rest)*) };
    ($want:ident) => { false };
}

type Table = HashMap<(Atom, Atom, u8), &'static Decl>;
static TABLE: OnceLock<Table> = OnceLock::new();

/// Makes the natives known. Once, before anything is loaded.
pub fn install(groups: &[&'static [Decl]]) {
    let mut table = Table::new();
    for decl in groups.iter().flat_map(|group| group.iter()) {
        let key = (Atom::known(decl.module), Atom::known(decl.function), decl.arity);
        if table.insert(key, decl).is_some() {
            crate::bug!("{}:{}/{} is declared twice", decl.module, decl.function, decl.arity);
        }
    }
    if TABLE.set(table).is_err() {
        crate::bug!("natives are installed twice");
    }
}

/// The native of this name.
pub fn lookup(module: Atom, function: Atom, arity: u8) -> Option<&'static Decl> {
    TABLE.get()?.get(&(module, function, arity)).copied()
}

/// Every native installed.
pub fn declared() -> impl Iterator<Item = &'static Decl> {
    TABLE.get().into_iter().flat_map(|table| table.values().copied())
}
