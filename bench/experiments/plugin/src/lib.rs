#![forbid(unsafe_code)]
//! The heavy work of cpu_heavy.erl. Nothing here says that it takes long: the runtime measures.

use glulam_plugin::plugin;

fn fib(n: i64) -> i64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

plugin! {
    module: "heavy_plugin",
    capabilities: "none",
    natives: {
        "fib"/1 => fib;
    }
}
