//! Does on `beamr` what bench/programs/timed.erl does: runs Module:run(N) in a process and times it.
//!
//!     programs DIR STDLIB NAME SIZE RUNS    STDLIB holds OTP's own lists.beam and so on
//!     programs DIR STDLIB list              the modules it can load

use beamr::atom::AtomTable;
use beamr::loader::load_module;
use beamr::module::ModuleRegistry;
use beamr::native::{
    BifRegistryImpl, bifs::register_gate1_bifs, gate3_bifs::register_gate3_bifs, gleam_ffi::register_gleam_ffi_bifs,
    otp_stubs::init_otp_atoms, otp_stubs::register_otp_stubs, process_bifs::register_gate2_bifs,
    stdlib_stubs::register_stdlib_stubs,
};
use beamr::process::ExitReason;
use beamr::scheduler::{Scheduler, SchedulerConfig, SchedulerServices};
use beamr::term::{Term, format::format_term};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

struct Machine {
    atoms: Arc<AtomTable>,
    natives: Arc<BifRegistryImpl>,
    modules: ModuleRegistry,
}

impl Machine {
    fn new() -> Machine {
        let atoms = Arc::new(AtomTable::with_common_atoms());
        let natives = Arc::new(BifRegistryImpl::new());
        let all = [
            register_gate1_bifs(&natives, &atoms),
            register_gate2_bifs(&natives, &atoms),
            register_gate3_bifs(&natives, &atoms),
            register_stdlib_stubs(&natives, &atoms),
            register_gleam_ffi_bifs(&natives, &atoms),
        ];
        init_otp_atoms(&atoms);
        for registered in all.into_iter().chain([register_otp_stubs(&natives, &atoms)]) {
            registered.unwrap_or_else(|e| fail(&format!("natives: {e}")));
        }
        Machine { atoms, natives, modules: ModuleRegistry::new() }
    }

    /// The modules of OTP that the programs call, as far as they can be loaded.
    fn load_library(&self, stdlib: &Path) {
        for name in ["lists", "maps", "queue", "gb_sets", "ordsets", "string", "binary"] {
            let _ = self.load(&stdlib.join(format!("{name}.beam")));
        }
    }

    /// Loads a module; what it lacks if not all of its imports are there.
    fn load(&self, path: &Path) -> Result<(), String> {
        let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
        match load_module(&bytes, &self.atoms, &self.modules, &*self.natives) {
            Ok((_, missing)) if missing.is_empty() => Ok(()),
            Ok(_) => Err("some of its imports are missing".into()),
            Err(e) => Err(e.to_string()),
        }
    }
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [dir, _, "list"] => list(Path::new(dir)),
        [dir, stdlib, name, size, runs] => {
            let number = |text: &str| text.parse::<u32>().unwrap_or_else(|_| fail("not a number"));
            time(Path::new(dir), Path::new(stdlib), name, number(size).into(), number(runs));
        }
        _ => fail("programs DIR STDLIB NAME SIZE RUNS"),
    }
}

fn list(dir: &Path) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|e| e == "beam") && Machine::new().load(&path).is_ok() {
            println!("{name}");
        }
    }
}

fn time(dir: &Path, stdlib: &Path, name: &str, size: i64, runs: u32) {
    let machine = Machine::new();
    machine.load_library(stdlib);
    machine.load(&dir.join(format!("{name}.beam"))).unwrap_or_else(|why| fail(&why));
    let Machine { atoms, natives, modules } = machine;
    let config = SchedulerConfig {
        thread_count: std::env::var("BENCH_CORES").ok().and_then(|c| c.parse().ok()),
        ..SchedulerConfig::default()
    };
    let services = SchedulerServices::from_config();
    let scheduler =
        Scheduler::with_services_and_code_server(config, services, Arc::new(modules), Arc::clone(&atoms), natives)
            .unwrap_or_else(|e| fail(&format!("{e:?}")));
    for _ in 0..runs {
        let cpu = cpu_milliseconds();
        let start = Instant::now();
        let run = scheduler.spawn(atoms.intern(name), atoms.intern("run"), vec![Term::small_int(size)]);
        let (reason, result) = scheduler.run_until_exit(run.unwrap_or_else(|e| fail(&format!("{e:?}"))));
        let elapsed = start.elapsed().as_micros();
        if reason != ExitReason::Normal {
            fail(&format!("ended: {reason:?}"));
        }
        println!("run {elapsed} {} {}", cpu_milliseconds() - cpu, format_term(result.root(), &atoms));
    }
    println!("peak {}", peak());
    std::process::exit(0);
}

/// User and system time, from the 14th and 15th field of /proc/self/stat, which are hundredths of a second.
fn cpu_milliseconds() -> i64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind = stat.rsplit(") ").next().unwrap_or_default();
    behind.split(' ').skip(11).take(2).filter_map(|f| f.parse::<i64>().ok()).sum::<i64>() * 10
}

/// Kilobytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|k| k.parse().ok()).unwrap_or(0)
}
