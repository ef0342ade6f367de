//! Natives for Erlang in safe Rust: plugins for glulam.
//!
//! A plugin is a `cdylib` that calls [`plugin!`] once. Its natives are plain functions: arguments and
//! results convert by [`FromTerm`] and [`IntoTerm`]. A native that panics raises
//! `error:{panic, Message, Place}`; one that takes long runs on other threads by itself, since the
//! runtime measures. Work that should give way to other processes in between is a [`Step`].
//!
//! ```
//! use glulam_plugin::{plugin, Binary, Error};
//!
//! fn add(a: i64, b: i64) -> Result<i64, Error> {
//!     a.checked_add(b).ok_or_else(Error::badarg)
//! }
//!
//! fn upper(text: &str) -> String {
//!     text.to_uppercase()
//! }
//!
//! fn doubled(bytes: &[u8]) -> Binary {
//!     Binary([bytes, bytes].concat())
//! }
//!
//! plugin! {
//!     module: "sums",
//!     capabilities: "none",
//!     natives: {
//!         "add"/2 => add;
//!         "upper"/1 => upper;
//!         "doubled"/1 long => doubled;
//!     }
//! }
//! ```

mod binary;
mod convert;
mod cx;
mod error;
#[doc(hidden)]
pub mod glue;
mod resource;
mod sender;
#[cfg(feature = "serde")]
pub mod serde;
mod step;

pub use binary::{Binary, Bytes};
pub use convert::{Atom, FromTerm, IntoTerm, Pid, atom};
pub use cx::{Cx, Kind, Term};
pub use error::Error;
pub use resource::{Ref, Resource};
pub use sender::{SendError, Sender};
pub use step::{Long, Outcome, Progress, Step};

/// What a plugin keeps while it is loaded. `()` keeps nothing.
pub trait State: Sized + Send + Sync + 'static {
    /// The plugin begins: with what `erlang:load_nif/2` was given, and with what the version before
    /// saved if this one replaces it.
    fn load(cx: Cx<'_>, info: Term<'_>, before: Option<&[u8]>) -> Result<Self, Error>;
    /// What the next version is to know, in a form that it can read.
    fn save(&self) -> Option<Vec<u8>> {
        None
    }
}

impl State for () {
    fn load(_: Cx<'_>, _: Term<'_>, _: Option<&[u8]>) -> Result<(), Error> {
        Ok(())
    }
}

/// Makes the library a plugin. Once in a crate.
///
/// - `module`: the Erlang module whose functions the natives stand in for.
/// - `capabilities`: for people, what it does that reaches beyond its arguments: "none", "files", ...
/// - `state: Type` (may be left out): a [`State`]; natives reach it with [`Cx::state`].
/// - `resources: [Type, ...]` (may be left out): the types of its resources.
/// - `natives`: rows `"name"/arity => function;`. `cx` before the arrow gives the function a [`Cx`] as
///   its first argument. `long` says that it computes for more than a millisecond, `blocking` that it
///   waits for something outside.
#[macro_export]
macro_rules! plugin {
    (module: $module:literal, capabilities: $capabilities:literal, natives: $natives:tt) => {
        $crate::plugin! { module: $module, capabilities: $capabilities, state: (), resources: [], natives: $natives }
    };
    (module: $module:literal, capabilities: $capabilities:literal, state: $state:ty, natives: $natives:tt) => {
        $crate::plugin! { module: $module, capabilities: $capabilities, state: $state, resources: [], natives: $natives }
    };
    (module: $module:literal, capabilities: $capabilities:literal, resources: $resources:tt, natives: $natives:tt) => {
        $crate::plugin! { module: $module, capabilities: $capabilities, state: (), resources: $resources, natives: $natives }
    };
    (module: $module:literal, capabilities: $capabilities:literal, state: $state:ty,
     resources: [$($resource:ty),* $(,)?],
     natives: { $($name:literal / $arity:tt $($flag:ident)* => $function:path;)* }) => {
        const _: () = {
            static GLULAM_NATIVES: $crate::glue::Natives<{ $crate::glue::count(&[$($name),*]) }> = $crate::glue::Natives([
                $($crate::glue::entry($name, $arity, $crate::native_class!($($flag)*), {
                    unsafe extern "C" fn glulam_run(
                        call: *mut $crate::glue::abi::Call,
                        count: i32,
                        args: *const $crate::glue::abi::Term,
                    ) -> $crate::glue::abi::Term {
                        $crate::glue::run(call, count, args, |cx, args| {
                            Ok($crate::native_call!(cx, args, $function, $arity, $($flag)*))
                        })
                    }
                    glulam_run
                })),*
            ]);
            static GLULAM_PLUGIN: $crate::glue::Whole =
                $crate::glue::whole::<$state>($module, $capabilities, &GLULAM_NATIVES.0, glulam_load);
            fn glulam_open(cx: $crate::Cx<'_>) -> bool {
                let _ = &cx;
                true $(&& $crate::glue::open::<$resource>(cx))*
            }
            unsafe extern "C" fn glulam_load(
                call: *mut $crate::glue::abi::Call,
                info: $crate::glue::abi::Term,
                before: *mut $crate::glue::abi::State,
                state: *mut *mut $crate::glue::abi::State,
            ) -> i32 {
                $crate::glue::load::<$state>(call, info, before, state, glulam_open)
            }
            #[unsafe(no_mangle)]
            extern "C" fn glulam_plugin() -> *const $crate::glue::abi::Plugin {
                GLULAM_PLUGIN.address()
            }
        };
    };
}

/// The class that the flags of a row stand for.
#[doc(hidden)]
#[macro_export]
macro_rules! native_class {
    () => { $crate::glue::abi::class::QUICK };
    (cx $($rest:ident)*) => { $crate::native_class!($($rest)*) };
    (long $($rest:ident)*) => { $crate::glue::abi::class::LONG };
    (blocking $($rest:ident)*) => { $crate::glue::abi::class::BLOCKING };
}

/// The call of a row's function, with its arguments converted.
#[doc(hidden)]
#[macro_export]
macro_rules! native_call {
    ($cx:ident, $args:ident, $function:path, $arity:tt, cx $($rest:ident)*) => {
        $crate::native_call!(@ $cx, $args, $function, ($cx), $arity)
    };
    ($cx:ident, $args:ident, $function:path, $arity:tt, long $($rest:ident)*) => {
        $crate::native_call!($cx, $args, $function, $arity, $($rest)*)
    };
    ($cx:ident, $args:ident, $function:path, $arity:tt, blocking $($rest:ident)*) => {
        $crate::native_call!($cx, $args, $function, $arity, $($rest)*)
    };
    ($cx:ident, $args:ident, $function:path, $arity:tt,) => {
        $crate::native_call!(@ $cx, $args, $function, (), $arity)
    };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 0) => { $f($($first)?) };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 1) => { $f($($first,)? $args.get(0)?) };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 2) => { $f($($first,)? $args.get(0)?, $args.get(1)?) };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 3) => {
        $f($($first,)? $args.get(0)?, $args.get(1)?, $args.get(2)?)
    };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 4) => {
        $f($($first,)? $args.get(0)?, $args.get(1)?, $args.get(2)?, $args.get(3)?)
    };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 5) => {
        $f($($first,)? $args.get(0)?, $args.get(1)?, $args.get(2)?, $args.get(3)?, $args.get(4)?)
    };
    (@ $cx:ident, $args:ident, $f:path, ($($first:expr)?), 6) => {
        $f($($first,)? $args.get(0)?, $args.get(1)?, $args.get(2)?, $args.get(3)?, $args.get(4)?, $args.get(5)?)
    };
}
