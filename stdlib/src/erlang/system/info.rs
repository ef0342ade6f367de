//! `erlang:system_info/1`.

use glulam_vm::trace::token;
use glulam_vm::base::time;
use glulam_vm::bif::{self, Cx, Decl, Outcome};
use glulam_vm::code;
use glulam_vm::dist::peer;
use glulam_vm::heap::gc::{self, MaxHeapSize};
use glulam_vm::heap::{Build, map};
use glulam_vm::host::library;
use glulam_vm::process::settings::{self, SystemLogger};
use glulam_vm::process::Pid;
use glulam_vm::sched::clock::{self, TimeOffset};
use glulam_vm::runtime::config::{Config, OnInterrupt, TimeWarp, current};
use glulam_vm::runtime::menu;
use glulam_vm::sched::online::{self, Block};
use glulam_vm::{Atom, Term, am};

use super::{flag, memory, topology};
use crate::release;

glulam_vm::bifs! {
    erlang:system_info/1                Normal => system_info;
    erts_internal:time_unit/0           Normal => nanoseconds;
    erts_internal:no_aux_work_threads/0 Normal => memory::no_aux_work_threads;
    erts_internal:system_check/1        Normal => system_check;
}

/// Parts of a second in the `native` unit.
fn nanoseconds(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::small(1_000_000_000))
}

fn system_check(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0) == am::schedulers { Ok(am::ok) } else { cx.badarg() }
}

fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

fn number(n: usize) -> Term {
    Term::small(n as i64)
}

fn pair(cx: &mut Cx<'_>, key: Term, value: Term) -> Term {
    cx.tuple(&[key, value])
}

/// `#{error_logger => _, kill => _, size => _}`
pub(crate) fn max_heap_size(cx: &mut Cx<'_>, max: MaxHeapSize) -> Term {
    let keys = [am::error_logger, am::kill, am::size];
    let values = [Term::from_bool(max.error_logger), Term::from_bool(max.kill), number(max.size)];
    map::from_sorted(&keys, &values, cx)
}

fn system_info(cx: &mut Cx<'_>) -> Outcome {
    let [key] = cx.take();
    // Gathered by the Erlang half, which asks in `memory::request`.
    match key.as_tuple_of() {
        Some([am::allocator, names]) => return cx.tail_call(am::erlang, am::alloc_info, &[names]),
        Some([am::allocator_sizes, names]) => return cx.tail_call(am::erlang, am::alloc_sizes, &[names]),
        _ => {}
    }
    let found = match key.as_atom() {
        Some(name) => {
            let name = name.name();
            let found = of_emulator(cx, name).or_else(|| of_limits(cx, name));
            found.or_else(|| of_scheduling(cx, name)).or_else(|| of_heaps(cx, name))
        }
        None => of_tuple(cx, key),
    };
    found.map_or_else(|| cx.badarg(), Ok)
}

fn of_tuple(cx: &mut Cx<'_>, key: Term) -> Option<Term> {
    if let Some([what, reference, names]) = key.as_tuple_of::<3>() {
        return memory::request(cx, what, reference, names);
    }
    match key.as_tuple_of::<2>()? {
        [am::wordsize, am::internal | am::external] => Some(number(8)),
        [am::cpu_topology, am::used | am::detected] => Some(topology::detected(cx)),
        [am::cpu_topology, am::defined] => Some(am::undefined),
        _ => None,
    }
}

/// The banner: what the shell prints when it starts.
pub(crate) fn system_version(config: &Config) -> String {
    format!(
        "Erlang/OTP {} [erts-{}] [glulam {}] [64-bit] [smp:{}:{}] [ds:{}:{}:{}] [async-threads:{}]\n",
        release::OTP_RELEASE,
        release::erts_version(),
        env!("CARGO_PKG_VERSION"),
        config.schedulers,
        online::online(),
        config.dirty_cpu,
        online::dirty_cpu(),
        config.dirty_io,
        config.async_threads,
    )
}

/// Which atomics the processor has: `[{What, "rust" | "no", []}]`.
fn atomics(cx: &mut Cx<'_>) -> Term {
    let native = [
        ("32-bit native atomics", cfg!(target_has_atomic = "32")),
        ("64-bit native atomics", cfg!(target_has_atomic = "64")),
        ("Double word native atomics", false),
    ];
    let rows = native.map(|(what, native)| {
        let (what, by) = (cx.string(what), cx.string(if native { "rust" } else { "no" }));
        cx.tuple(&[what, by, Term::NIL])
    });
    cx.list(&rows)
}

/// The emulator, the operating system, versions.
fn of_emulator(cx: &mut Cx<'_>, name: &str) -> Option<Term> {
    let config = current();
    Some(match name {
        "os_type" => cx.tuple(&[atom("unix"), Term::from_atom(Atom::intern(std::env::consts::OS).ok()?)]),
        "os_version" => os_version(cx),
        "otp_release" => cx.string(release::OTP_RELEASE),
        "version" => cx.string(release::erts_version()),
        "system_version" => cx.string(&system_version(config)),
        "system_architecture" => {
            let vendor = if cfg!(target_os = "linux") { "pc-linux-gnu" } else { std::env::consts::OS };
            cx.string(&format!("{}-{vendor}", std::env::consts::ARCH))
        }
        "machine" => cx.string("BEAM"),
        "compat_rel" => Term::small(release::COMPAT_RELEASE),
        "driver_version" => cx.string(release::DRIVER_VERSION),
        "nif_version" => cx.string(release::NIF_VERSION),
        "emu_type" | "build_type" => atom("opt"),
        "emu_flavor" => atom("emu"),
        "wordsize" => number(8),
        "endian" => if cfg!(target_endian = "little") { am::little } else { am::big },
        "c_compiler_used" => {
            let version = cx.tuple(&[number(0), number(0), number(0)]);
            cx.tuple(&[atom("rustc"), version])
        }
        "info" => told(cx, menu::info),
        "procs" => told(cx, menu::processes),
        "loaded" => told(cx, menu::loaded),
        "debug_compiled" => Term::from_bool(cfg!(debug_assertions)),
        "beam_jump_table" | "constant_pool_support" | "kernel_poll" | "threads" | "smp_support"
        | "eager_check_io" => am::true_,
        "dynamic_trace" => am::none,
        "break_ignored" => Term::from_bool(config.on_interrupt == OnInterrupt::Ignore),
        "lock_checking" | "dynamic_trace_probes" | "ets_realloc_moves" | "ets_always_compress" => am::false_,
        "hipe_architecture" | "modified_timing_level" => am::undefined,
        "literal_test" => atom("range"),
        "heap_type" => atom("private"),
        "taints" => {
            let tainted: Vec<Term> = library::taints().into_iter().map(Term::from_atom).collect();
            cx.list(&tainted)
        }
        "snifs" => {
            // Some natives help others: the modules of OTP don't know of them.
            let stands = |native: &&Decl| {
                let loaded = code::module::current(Atom::known(native.module));
                loaded.is_none_or(|loaded| loaded.defines(Atom::known(native.function), native.arity))
            };
            let otp = |native: &&Decl| !native.nif && native.module != "glulam";
            let natives = bif::declared().filter(otp).filter(stands);
            let rows: Vec<Term> = natives
                .map(|native| {
                    cx.tuple(&[atom(native.module), atom(native.function), Term::small(native.arity.into())])
                })
                .collect();
            cx.list(&rows)
        }
        "check_io" => Term::NIL,
        "ethread_info" => atomics(cx),
        // A place to sleep for each thread.
        "ethread_used_tse" => {
            number(config.schedulers + config.dirty_cpu + config.dirty_io)
        }
        "memory_checker" | "instruction_counts" => return None,
        "creation" => cx.u64(glulam_vm::term::node::this_node().1.into()),
        "dist" => cx.binary(glulam_vm::dist::described().as_bytes()),
        "dist_ctrl" => {
            let carried = peer::all().into_iter().filter_map(|peer| Some((peer.name, peer.channel()?.carrier()?)));
            let rows: Vec<Term> =
                carried.map(|(name, carrier)| cx.tuple(&[Term::from_atom(name), carrier])).collect();
            cx.list(&rows)
        }
        "dist_buf_busy_limit" => number(glulam_vm::dist::busy_limit()),
        "delayed_node_table_gc" => cx.u64(config.delayed_node_table_gc),
        "emu_args" => {
            let program = std::env::args_os().next().unwrap_or_default();
            let program = cx.string(&program.to_string_lossy());
            let mut args = vec![program];
            args.extend(config.args.iter().map(|arg| cx.string(&String::from_utf8_lossy(arg))));
            cx.list(&args)
        }
        "system_logger" => system_logger(settings::system_logger()),
        "sequential_tracer" => {
            let tracer = token::system_tracer();
            let tracer = token::system_tracer_term(tracer.as_ref(), cx);
            pair(cx, am::sequential_tracer, tracer)
        }
        "trace_control_word" => number(settings::TRACE_CONTROL_WORD.get()),
        "tolerant_timeofday" => if config.time_correction { am::enabled } else { am::disabled },
        "time_correction" => Term::from_bool(config.time_correction),
        "time_warp_mode" => match config.time_warp {
            TimeWarp::No => atom("no_time_warp"),
            TimeWarp::Single => atom("single_time_warp"),
            TimeWarp::Multi => atom("multi_time_warp"),
        },
        "time_offset" => time_offset(clock::time_offset()),
        "start_time" => cx.i64(time::started()),
        // As far as monotonic time goes.
        "end_time" => cx.i64(i64::MAX),
        "os_monotonic_time_source" => clock(cx, "CLOCK_MONOTONIC"),
        "os_system_time_source" => clock(cx, "CLOCK_REALTIME"),
        "allocated_areas" => memory::allocated_areas(cx),
        "alloc_util_allocators" => memory::allocators(cx),
        "allocator" => memory::allocator(cx),
        "update_cpu_info" => atom("unchanged"),
        "logical_processors" | "logical_processors_online" => number(topology::online()),
        "logical_processors_available" => number(glulam_vm::runtime::config::available_cores()),
        "cpu_quota" => number(glulam_vm::runtime::config::available_cores()),
        "cpu_topology" => topology::detected(cx),
        _ => return None,
    })
}

/// A text of the menu behind the interrupt key.
fn told(cx: &mut Cx<'_>, write: fn(&mut String) -> std::fmt::Result) -> Term {
    let mut text = String::new();
    // A `String` takes everything.
    let _ = write(&mut text);
    cx.binary(text.as_bytes())
}

fn os_version(cx: &mut Cx<'_>) -> Term {
    let release = rustix::system::uname();
    let text = release.release().to_string_lossy();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|s| !s.is_empty());
    let parts: [Term; 3] =
        std::array::from_fn(|_| Term::small(numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0)));
    cx.tuple(&parts)
}

/// One of the operating system's clocks, as a property list.
fn clock(cx: &mut Cx<'_>, id: &'static str) -> Term {
    use rustix::time::{ClockId, clock_getres, clock_gettime};
    let is_monotonic = id == "CLOCK_MONOTONIC";
    let clock = if is_monotonic { ClockId::Monotonic } else { ClockId::Realtime };
    let now = clock_gettime(clock);
    let time = cx.i64(now.tv_sec * 1_000_000_000 + now.tv_nsec);
    let resolution = 1_000_000_000 / clock_getres(clock).tv_nsec.max(1);
    let mut rows = vec![
        (atom("function"), atom("clock_gettime")),
        (atom("clock_id"), atom(id)),
        (atom("resolution"), Term::small(resolution)),
    ];
    if is_monotonic {
        rows.push((atom("extended"), atom("no")));
    }
    rows.push((atom("parallel"), atom("yes")));
    rows.push((am::time, time));
    let rows: Vec<Term> = rows.into_iter().map(|(key, value)| cx.tuple(&[key, value])).collect();
    cx.list(&rows)
}

/// How much there may be, and how much there is, of what other floors count.
fn of_limits(_: &mut Cx<'_>, name: &str) -> Option<Term> {
    let config = current();
    Some(match name {
        "atom_count" => number(glulam_vm::atom::atom_count()),
        "atom_limit" => number(glulam_vm::atom::atom_limit()),
        "process_count" => number(glulam_vm::table::processes::count()),
        "port_count" => number(glulam_vm::port::all().len()),
        "process_limit" => number(config.process_limit),
        "port_limit" => number(config.port_limit),
        "ets_count" => number(glulam_vm::table::ets::all().len()),
        "ets_limit" => number(config.ets_limit),
        "outstanding_system_requests_limit" => number(settings::OUTSTANDING_REQUESTS.get()),
        "thread_pool_size" => number(config.async_threads),
        "port_parallelism" => Term::from_bool(config.port_parallelism),
        "context_reductions" => number(4000),
        _ => return None,
    })
}

fn of_scheduling(cx: &mut Cx<'_>, name: &str) -> Option<Term> {
    let config = current();
    let blocked = online::blocked();
    // Those that may run processes now.
    let active = if blocked.is_some() { 1 } else { online::online() };
    Some(match name {
        "schedulers" => number(config.schedulers),
        "schedulers_online" => number(online::online()),
        "dirty_cpu_schedulers" => number(config.dirty_cpu),
        "dirty_cpu_schedulers_online" => number(online::dirty_cpu()),
        "dirty_io_schedulers" => number(config.dirty_io),
        "schedulers_active" => number(active),
        // One for each scheduler.
        "run_queues" => number(config.schedulers),
        "schedulers_state" => {
            cx.tuple(&[config.schedulers, online::online(), active].map(number))
        }
        "all_schedulers_state" => {
            let alone = blocked == Some(Block::All);
            let (dirty, io) = (online::dirty_cpu(), config.dirty_io);
            let (dirty_active, io_active) = if alone { (0, 0) } else { (dirty, io) };
            let rows = [
                [atom("normal"), number(config.schedulers), number(online::online()), number(active)],
                [atom("dirty_cpu"), number(config.dirty_cpu), number(dirty), number(dirty_active)],
                [atom("dirty_io"), number(io), number(io), number(io_active)],
            ];
            let rows = rows.map(|row| cx.tuple(&row));
            cx.list(&rows)
        }
        "multi_scheduling" => flag::multi_scheduling_state(),
        "multi_scheduling_blockers" => pids(cx, &online::who_blocks(Block::All)),
        "normal_multi_scheduling_blockers" => pids(cx, &online::who_blocks(Block::Normal)),
        "scheduler_id" => number(glulam_vm::sched::current_scheduler()),
        "scheduler_bind_type" => atom("unbound"),
        "scheduler_bindings" => {
            let unbound = vec![atom("unbound"); config.schedulers];
            cx.tuple(&unbound)
        }
        _ => return None,
    })
}

fn pids(cx: &mut Cx<'_>, pids: &[Pid]) -> Term {
    let pids: Vec<Term> = pids.iter().map(|pid| pid.term()).collect();
    cx.list(&pids)
}

/// Defaults of new processes.
fn of_heaps(cx: &mut Cx<'_>, name: &str) -> Option<Term> {
    let defaults = gc::defaults();
    let fullsweep = number(defaults.fullsweep_after as usize);
    Some(match name {
        "fullsweep_after" => pair(cx, am::fullsweep_after, fullsweep),
        "min_heap_size" => pair(cx, am::min_heap_size, number(defaults.min_size)),
        "min_bin_vheap_size" => pair(cx, am::min_bin_vheap_size, number(defaults.min_virtual)),
        "max_heap_size" => max_heap_size(cx, defaults.max_size),
        "message_queue_data" => if current().off_heap_messages { am::off_heap } else { am::on_heap },
        "garbage_collection" => {
            let rows = [
                (am::max_heap_size, number(defaults.max_size.size)),
                (am::min_bin_vheap_size, number(defaults.min_virtual)),
                (am::min_heap_size, number(defaults.min_size)),
                (am::fullsweep_after, fullsweep),
            ];
            let rows = rows.map(|(key, value)| cx.tuple(&[key, value]));
            cx.list(&rows)
        }
        "heap_sizes" => {
            let mut sizes = Vec::new();
            let mut size = 0;
            while size < gc::LARGEST {
                size = gc::at_least(size + 1);
                sizes.push(number(size));
            }
            cx.list(&sizes)
        }
        _ => return None,
    })
}

/// Who gets the runtime's messages, as OTP says it.
pub(super) fn system_logger(logger: SystemLogger) -> Term {
    match logger {
        SystemLogger::ByName => am::logger,
        SystemLogger::Nobody => am::undefined,
        SystemLogger::Process(pid) => pid.term(),
    }
}

/// What may become of the time offset, as `system_info` and `system_flag` name it.
pub fn time_offset(offset: TimeOffset) -> Term {
    Term::from_atom(Atom::known(match offset {
        TimeOffset::Final => "final",
        TimeOffset::Preliminary => "preliminary",
        TimeOffset::Volatile => "volatile",
    }))
}
