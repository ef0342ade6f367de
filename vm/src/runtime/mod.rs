//! Wiring: what is configured, started and stopped.
//! Floor: runtime
//! Invariants: R1 the configuration is set once, before the first native runs.
//! Locks: none.
//! Start reading at: `config::Config`.

pub mod config;
