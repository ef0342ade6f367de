//! The runtime as the command line sees it: configure, start, wait for the end.
//! Floor: runtime
//! Invariants: one runtime for each process of the operating system, started once.
//! Locks: none of its own.
//! Start reading at: `run`.

pub mod boot;
pub mod carrier;
pub mod config;
pub mod crash_dump;
pub mod menu;

pub use boot::BootError;
pub use config::{Config, OnInterrupt};

use crate::atom::{self, Atom};
use crate::heap::{Build, Fragment, gc};
use crate::process::{Pid, Priority, settings};
use crate::sched;
use crate::table::{processes, spawn, spawn_options};
use crate::term::Term;

/// The modules that are there before boot, in the order they are loaded.
pub const PRELOADED: [&str; 21] = [
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

/// Starts the node and waits for its end: the exit status.
pub fn run(config: Config) -> Result<i32, BootError> {
    crate::base::fd::keep_inherited();
    let config = config::set(config);
    if let Some(seed) = config.seed {
        sched::seeded::start(seed);
    }
    crate::base::time::start();
    atom::set_atom_limit(config.atom_limit);
    processes::set_limit(config.process_limit);
    crate::port::slot_limit(config.port_limit);
    gc::set_default_min_heap_size(config.min_heap_size);
    gc::set_default_fullsweep_after(config.fullsweep_after);
    crate::heap::external::set_code_hooks(crate::code::external_hooks());
    spawn_options::set_limits(spawn_options::Limits {
        schedulers: config.schedulers,
        off_heap: config.off_heap_messages,
    });
    boot::prepare(&config.root, config.natives, &PRELOADED)?;
    sched::install(config.schedulers);
    crate::dist::install();
    crate::dist::set_busy_limit(config.dist_busy_limit);
    crate::trace::install();
    crate::port::os_signal::start();
    match config.on_interrupt {
        OnInterrupt::Ask => crate::port::os_signal::on_interrupt(menu::interrupted),
        OnInterrupt::Ignore => crate::port::os_signal::ignore_keys(),
        OnInterrupt::Character => crate::base::terminal::without_interrupt_key(),
        OnInterrupt::End => {}
    }
    system_processes(&config.args);
    sched::start(sched::Threads {
        schedulers: config.schedulers,
        online: config.schedulers_online,
        dirty_cpu: config.dirty_cpu,
        dirty_cpu_online: config.dirty_cpu_online,
        dirty_io: config.dirty_io,
        time_warp: config.time_warp,
    });
    let status = sched::wait();
    crate::base::terminal::restore();
    Ok(status)
}

/// The processes of the runtime's own: init and those that serve code and signals.
fn system_processes(args: &[Vec<u8>]) {
    let size: usize = args.iter().map(|a| a.len() / 8 + 8).sum();
    let mut heap = Fragment::new(size + 16);
    let binaries: Vec<Term> = args.iter().map(|arg| heap.binary(arg)).collect();
    let list = heap.list(&binaries);
    let init = heap.list(&[Term::from_atom(Atom::known("init")), list]);
    start_system("erl_init", "start", init, Priority::Normal);
    start_system("erts_code_purger", "start", Term::NIL, Priority::High);
    let collector = start_system("erts_literal_area_collector", "start", Term::NIL, Priority::High);
    settings::LITERAL_COLLECTOR.replace(collector.0 as usize);
    for priority in [Priority::Normal, Priority::High, Priority::Max] {
        start_system("erts_dirty_process_signal_handler", "start", Term::NIL, priority);
    }
}

fn start_system(module: &'static str, function: &'static str, args: Term, priority: Priority) -> Pid {
    match spawn::spawn_system(Atom::known(module), Atom::known(function), args, priority) {
        Some(process) => process.id(),
        None => crate::bug!("no room for {module}"),
    }
}
