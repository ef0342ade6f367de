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

/// Functions by name, with their addresses.
struct Kept(&'static [(&'static str, *const c_void)]);

// SAFETY: addresses of code.
unsafe impl Sync for Kept {}

/// The functions of a file: named once more, so that the linker keeps what only libraries call.
macro_rules! kept {
    ($($name:ident)*) => {
        pub(super) static KEPT: super::Kept = super::Kept(&[$((stringify!($name), $name as *const std::ffi::c_void)),*]);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// What the installed `erl_nif.h` declares, this has.
    #[test]
    fn every_function_of_the_header_is_there() {
        let places = ["/usr/lib/erlang/usr/include", "/usr/local/lib/erlang/usr/include"];
        let header = places.iter().find_map(|dir| std::fs::read_to_string(format!("{dir}/erl_nif_api_funcs.h")).ok());
        let Some(header) = header else {
            eprintln!("skipped: no erl_nif_api_funcs.h is installed");
            return;
        };
        let declared: BTreeSet<&str> = header
            .split("ERL_NIF_API_FUNC_DECL(")
            .skip(1)
            .filter_map(|rest| rest.split(',').nth(1))
            .map(str::trim)
            .filter(|name| name.starts_with("enif_"))
            .collect();
        assert!(declared.len() > 150, "{} functions in the header", declared.len());
        let ours: BTreeSet<&str> = super::ALL.iter().flat_map(|kept| kept.0).map(|(name, _)| *name).collect();
        let missing: Vec<_> = declared.difference(&ours).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
    }
}
