//! Processors as `system_info(cpu_topology)` tells them.

use glulam_vm::bif::Cx;
use glulam_vm::heap::Build;
use glulam_vm::runtime::config::available_cores;
use glulam_vm::{Term, am};

/// Logical processors of the machine that are switched on.
pub(super) fn online() -> usize {
    let listed = std::fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_default();
    // Ranges: 0-3,6
    let count: usize = listed
        .trim()
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let (first, last) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
            Some(last.checked_sub(first)? + 1)
        })
        .sum();
    if count == 0 { available_cores() } else { count }
}

fn number_in(path: String) -> Option<i64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// Package, core and logical processor, sorted.
fn processors() -> Vec<(i64, i64, i64)> {
    let mut found: Vec<(i64, i64, i64)> = (0..online() as i64)
        .map(|cpu| {
            let of = |what: &str| number_in(format!("/sys/devices/system/cpu/cpu{cpu}/topology/{what}"));
            (of("physical_package_id").unwrap_or(0), of("core_id").unwrap_or(cpu), cpu)
        })
        .collect();
    found.sort_unstable();
    found
}

/// `[{processor, [{core, [{thread, {logical, 0}}, ...]}, ...]}]`
pub(super) fn detected(cx: &mut Cx<'_>) -> Term {
    let processors = processors();
    let mut packages = Vec::new();
    for package in processors.chunk_by(|a, b| a.0 == b.0) {
        let mut cores = Vec::new();
        for core in package.chunk_by(|a, b| a.1 == b.1) {
            let threads: Vec<Term> =
                core.iter().map(|cpu| cx.tuple(&[am::logical, Term::small(cpu.2)])).collect();
            let inside = match threads[..] {
                [one] => one,
                _ => {
                    let threads: Vec<Term> =
                        threads.into_iter().map(|thread| cx.tuple(&[am::thread, thread])).collect();
                    cx.list(&threads)
                }
            };
            cores.push(cx.tuple(&[am::core, inside]));
        }
        let cores = cx.list(&cores);
        packages.push(cx.tuple(&[am::processor, cores]));
    }
    cx.list(&packages)
}
