//! The C part, and whether the engine's handlers may end in a jump to the next one (`exec::fast`): only optimised
//! builds turn a call in last place into a jump; elsewhere the stack would grow with every call.

fn main() {
    // What libraries of natives call and Rust can't define.
    let shim = "src/host/api/shim.c";
    println!("cargo:rerun-if-changed={shim}");
    cc::Build::new().file(shim).std("c11").define("_GNU_SOURCE", None).compile("glulam_shim");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(threaded)");
    let var = |name| std::env::var(name).unwrap_or_default();
    let optimised = matches!(var("OPT_LEVEL").as_str(), "2" | "3");
    let jumps = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64");
    if optimised && jumps && std::env::var_os("CARGO_CFG_MIRI").is_none() {
        println!("cargo:rustc-cfg=threaded");
    }
}
