#![forbid(unsafe_code)]
//! Measurements. `cargo bench -p glulam-bench` times the runtime's parts (micro/), a node that runs in the process of
//! the benchmark among them: [`node`].

pub mod node;
