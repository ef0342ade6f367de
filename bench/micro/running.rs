//! What needs schedulers: dispatch, messages, spawning, timers, tables, binaries, collection in a process. Each job is
//! a clause of micro.erl.

use criterion::{Criterion, criterion_group, criterion_main};
use glulam_bench::node;
use std::path::Path;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const JOBS: &[(&str, &[&str])] = &[
    ("dispatch", &["calls", "list_build", "float_loop", "select_value", "fun_call", "exception"]),
    ("message", &["self_message", "round_trip", "round_trip_list", "selective_receive", "reference_receive"]),
    ("spawn", &["spawn_exit", "spawn_many", "hand_over"]),
    ("timer", &["timer_cancel", "timer_many", "receive_after_0"]),
    ("ets", &["ets_lookup", "ets_insert", "ets_counter", "ets_ordered_lookup", "ets_ordered_next", "ets_select"]),
    ("binary", &["binary_match", "binary_append", "binary_build", "binary_split"]),
    ("external", &["external_there_and_back"]),
    ("collector", &["collect_live"]),
];

fn jobs(criterion: &mut Criterion) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("micro/micro.erl");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("micro");
    let node = match node::start(&source, &scratch) {
        Ok(node) => node,
        Err(why) => {
            eprintln!("nothing is timed inside a node: {why}");
            return;
        }
    };
    for (name, jobs) in JOBS {
        let mut group = criterion.benchmark_group(*name);
        for job in *jobs {
            group.bench_function(*job, |bencher| bencher.iter_custom(|times| node.time(job, times)));
        }
        group.finish();
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = jobs
}
criterion_main!(all);
