//! What differs between releases of OTP, in one place. Today's is 25.

/// `erlang:system_info(otp_release)`
pub const OTP_RELEASE: &str = "25";
/// The release's number as an integer: `compat_rel`.
pub const COMPAT_RELEASE: i64 = 25;
/// `erlang:system_info(version)`: the erts that the preloaded modules are from.
pub const ERTS_VERSION: &str = "13.1.5";
/// Versions of the interfaces of drivers and NIFs.
pub const DRIVER_VERSION: &str = "3.3";
pub const NIF_VERSION: &str = "2.16";

/// The modules loaded before any other, in this order.
pub const PRELOADED: &[&str] = &[
    "erts_code_purger",
    "erl_init",
    "init",
    "prim_buffer",
    "prim_eval",
    "prim_inet",
    "prim_file",
    "zlib",
    "socket_registry",
    "prim_socket",
    "prim_net",
    "prim_zip",
    "erl_prim_loader",
    "erlang",
    "erts_internal",
    "erl_tracer",
    "erts_literal_area_collector",
    "erts_dirty_process_signal_handler",
    "atomics",
    "counters",
    "persistent_term",
];

/// The erts of the installation that runs, or the one known.
pub fn erts_version() -> &'static str {
    let found = &glulam_vm::runtime::config::current().erts_version;
    if found.is_empty() { ERTS_VERSION } else { found }
}
