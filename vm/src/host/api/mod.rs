//! The functions of `erl_nif.h`, by family. They are found by name, by the dynamic linker: the
//! command line's build script has the executable export them.

mod binary;
mod format;
mod inspect;
mod make;
mod map;
mod system;
mod process;
mod queue;
mod resource;
mod thread;

use std::ffi::c_void;

/// Addresses of functions.
struct Kept(&'static [*const c_void]);

// SAFETY: addresses of code.
unsafe impl Sync for Kept {}

/// The functions of a file: named once more, so that the linker keeps what only libraries call.
macro_rules! kept {
    ($($name:ident)*) => {
        pub(super) static KEPT: super::Kept = super::Kept(&[$($name as *const std::ffi::c_void),*]);
    };
}
use kept;

static ALL: [&Kept; 10] = [
    &binary::KEPT,
    &format::KEPT,
    &inspect::KEPT,
    &make::KEPT,
    &map::KEPT,
    &system::KEPT,
    &process::KEPT,
    &queue::KEPT,
    &resource::KEPT,
    &thread::KEPT,
];

/// Called before a library is opened: what it calls is part of the executable.
pub(super) fn keep() {
    for kept in ALL {
        std::hint::black_box(kept.0);
    }
}
