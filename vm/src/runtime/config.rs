//! What the command line decides before the runtime starts.

pub use crate::sched::clock::TimeWarp;
use std::path::PathBuf;

use crate::base::sync::OnceLock;
use crate::bif::Decl;

/// How the emulator is set up. `args` is what Erlang sees; the rest are emulator flags.
#[derive(Clone)]
pub struct Config {
    /// The installed OTP (`lib/`, `releases/`, `bin/start.boot`).
    pub root: PathBuf,
    /// Its programs: `inet_gethost`, `epmd`, `heart`.
    pub bindir: PathBuf,
    /// The second argument of `erl_init:start/2`: `--`, `-root`, ... as binaries.
    pub args: Vec<Vec<u8>>,
    /// `+S`: scheduler threads, and how many of them run.
    pub schedulers: usize,
    pub schedulers_online: usize,
    /// `+SDcpu`
    pub dirty_cpu: usize,
    pub dirty_cpu_online: usize,
    /// `+SDio`
    pub dirty_io: usize,
    /// `+A`: asynchronous threads, as reported; no native uses them.
    pub async_threads: usize,
    /// `+P`, `+Q`, `+t`, `+e`
    pub process_limit: usize,
    pub port_limit: usize,
    pub atom_limit: usize,
    pub ets_limit: usize,
    /// Defaults for new processes: `+hms`, `+hmbs`, `+hmax`, `+hmaxk`, `+hmaxel`, `+hmqd`.
    pub min_heap_size: usize,
    pub min_bin_vheap_size: usize,
    pub max_heap_size: usize,
    pub max_heap_kill: bool,
    pub max_heap_log: bool,
    pub off_heap_messages: bool,
    /// `ERL_FULLSWEEP_AFTER`
    pub fullsweep_after: u32,
    /// `+pc unicode`: which characters are printed as they are.
    pub printable_unicode: bool,
    /// `+Bi`, `+Bc`, `+Bd`, `+B`: what the interrupt key does.
    pub on_interrupt: OnInterrupt,
    /// `+c`, `+C`: time correction and warp mode.
    pub time_correction: bool,
    pub time_warp: TimeWarp,
    /// `+r`, `+d`: write no crash dump, end with a core dump.
    pub core_dump: bool,
    /// `+W`: what `warning_msg` reports as.
    pub warnings: Warnings,
    /// `+zdntgc` seconds and `+zebwt` are accepted and only reported.
    pub delayed_node_table_gc: u64,
    /// `+zdbbl`: bytes of output to another node from which on senders wait.
    pub dist_busy_limit: usize,
    /// `+spp`: `{parallelism, true}` is the default of ports.
    pub port_parallelism: bool,
    /// `+zseed`: makes the run a seeded one (`sched::seeded`).
    pub seed: Option<u64>,
    /// The version of erts that stands under `root`.
    pub erts_version: String,
    /// The program that the user started: `argv[0]` as Erlang's `-progname`.
    pub progname: String,
    /// Groups of natives, in the order their modules stand.
    pub natives: &'static [&'static [Decl]],
}

/// What the interrupt key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInterrupt {
    /// Shows a menu.
    Ask,
    /// Ends the node at once.
    End,
    /// Nothing, like the other keys that make signals.
    Ignore,
    /// It is a character like others, for the shell.
    Character,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warnings {
    Error,
    Warning,
    Info,
}

impl Config {
    /// The defaults of an installation.
    pub fn new(root: PathBuf, bindir: PathBuf, natives: &'static [&'static [Decl]]) -> Config {
        let cores = available_cores();
        Config {
            root,
            bindir,
            args: Vec::new(),
            schedulers: cores,
            schedulers_online: cores,
            dirty_cpu: cores,
            dirty_cpu_online: cores,
            dirty_io: 10,
            async_threads: 1,
            process_limit: 1 << 18,
            port_limit: 65_536,
            atom_limit: 1_048_576,
            ets_limit: 8192,
            min_heap_size: 233,
            min_bin_vheap_size: 46_422,
            max_heap_size: 0,
            max_heap_kill: true,
            max_heap_log: true,
            off_heap_messages: false,
            fullsweep_after: 65_535,
            printable_unicode: false,
            on_interrupt: OnInterrupt::Ask,
            time_correction: true,
            time_warp: TimeWarp::No,
            core_dump: true,
            warnings: Warnings::Warning,
            delayed_node_table_gc: 60,
            dist_busy_limit: 1 << 20,
            port_parallelism: false,
            seed: None,
            erts_version: String::new(),
            progname: "erl".into(),
            natives,
        }
    }
}

/// Cores that this process may use: the affinity mask and the control group's quota.
pub fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

static CURRENT: OnceLock<Config> = OnceLock::new();

/// Makes the configuration known to everything. Once, first of all.
pub fn set(config: Config) -> &'static Config {
    if CURRENT.set(config).is_err() {
        crate::bug!("the runtime is configured twice");
    }
    current()
}

/// The configuration in force.
pub fn current() -> &'static Config {
    // Unit tests of natives run without a boot.
    CURRENT.get_or_init(|| Config::new("/".into(), "/".into(), &[]))
}
