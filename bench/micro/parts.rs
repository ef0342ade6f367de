//! Parts that need no node: maps, copying, comparing, long integers, external terms, the collector, loading.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use glulam_vm::exec::load;
use glulam_vm::heap::external::{Fixed, decode, encode};
use glulam_vm::heap::{Build, Fragment, Heap, copy, map, number};
use glulam_vm::term::cmp;
use glulam_vm::{Atom, Term, bif};
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A list of records of many kinds of terms.
fn records(count: usize, heap: &mut Fragment) -> Term {
    let tag = Term::from_atom(Atom::known("item"));
    let all: Vec<Term> = (0..count)
        .map(|i| {
            let text = heap.binary(b"some binary text");
            let number = heap.float(i as f64 * 1.5);
            let tags = heap.string("abc");
            heap.tuple(&[tag, Term::small(i as i64), number, text, tags])
        })
        .collect();
    heap.list(&all)
}

fn copies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("copy");
    for count in [1, 100, 10_000] {
        let mut heap = Fragment::new(count * 40);
        let term = records(count, &mut heap);
        let words = copy::size_of(term);
        group.throughput(Throughput::Bytes(words as u64 * 8));
        group.bench_with_input(BenchmarkId::new("message", count), &term, |bencher, term| {
            bencher.iter(|| Fragment::copy_of(black_box(*term)));
        });
        let other = Fragment::copy_of(term);
        group.bench_with_input(BenchmarkId::new("compare", count), &term, |bencher, term| {
            bencher.iter(|| cmp::eq_exact(black_box(*term), other.0));
        });
    }
    group.finish();
}

fn external(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("external terms");
    let mut heap = Fragment::new(8000);
    let term = records(200, &mut heap);
    let options = Fixed { minor_version: 1, deterministic: false };
    let bytes = encode(term, options);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("encode", |bencher| bencher.iter(|| encode(black_box(term), options)));
    group.bench_function("decode", |bencher| {
        bencher.iter(|| {
            let mut heap = Fragment::new(8000);
            decode(black_box(&bytes), &mut heap, false).is_ok()
        });
    });
    group.finish();
}

fn maps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("map");
    for size in [8, 32, 1_000, 100_000] {
        let pairs: Vec<map::Pair> =
            (0..size).map(|i| (Term::small(i * 2_654_435_761 % 1_000_003), Term::small(i))).collect();
        let mut heap = Fragment::new(size as usize * 12 + 64);
        let whole = map::from_pairs(&pairs, &mut heap);
        let key = pairs[size as usize / 2].0;
        let missing = Term::small(-1);
        group.bench_function(BenchmarkId::new("build", size), |bencher| {
            bencher.iter(|| {
                let mut heap = Fragment::new(size as usize * 12 + 64);
                map::from_pairs(black_box(&pairs), &mut heap);
                heap
            });
        });
        group.bench_function(BenchmarkId::new("get", size), |bencher| {
            bencher.iter(|| glulam_vm::term::map::get(black_box(whole), black_box(key)));
        });
        group.bench_function(BenchmarkId::new("put", size), |bencher| {
            bencher.iter(|| {
                let mut heap = Fragment::new(256);
                map::put(black_box(whole), black_box(missing), missing, &mut heap);
                heap
            });
        });
    }
    group.finish();
}

fn bignums(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bignum");
    for limbs in [2, 16, 256, 4096] {
        let mut heap = Fragment::new(limbs * 4 + 16);
        let value = |seed: u64| (1..=limbs as u64).map(|i| i.wrapping_mul(seed | 1)).collect::<Vec<u64>>();
        let a = heap.big(false, &value(0x9e37_79b9_7f4a_7c15));
        let b = heap.big(false, &value(0xc2b2_ae3d_27d4_eb4f)[..limbs / 2 + 1]);
        type Operation = fn(Term, Term, &mut Fragment) -> number::Number;
        let operations: [(&str, Operation); 3] = [
            ("add", |a, b, heap| number::add(a, b, heap)),
            ("multiply", |a, b, heap| number::mul(a, b, heap)),
            ("divide", |a, b, heap| number::div(a, b, heap)),
        ];
        for (name, operation) in operations {
            group.bench_function(BenchmarkId::new(name, limbs), |bencher| {
                bencher.iter(|| {
                    let mut heap = Fragment::new(limbs * 2 + 8);
                    let _ = operation(black_box(a), black_box(b), &mut heap);
                    heap
                });
            });
        }
    }
    group.finish();
}

/// A heap full of cells of which some live: a collection's cost is that of the living.
fn collector(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collector");
    for live in [100, 10_000, 1_000_000] {
        group.throughput(Throughput::Bytes(live as u64 * 16));
        group.bench_function(BenchmarkId::new("major, live cells", live), |bencher| {
            let mut heap = Heap::new(live * 4 + 1000);
            let cells: Vec<Term> = (0..live as i64).map(Term::small).collect();
            let mut root = heap.list(&cells);
            bencher.iter(|| heap.collect_major(0, &mut |_, visit| visit(&mut root)));
        });
    }
    group.finish();
}

fn loading(criterion: &mut Criterion) {
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-eval", "io:put_chars(code:lib_dir(stdlib)),halt()"]);
    let Some(lib) = erl.output().ok().map(|o| String::from_utf8_lossy(&o.stdout).into_owned()) else {
        eprintln!("nothing is loaded: no `erl` that says where stdlib is");
        return;
    };
    glulam_vm::heap::external::set_code_hooks(glulam_vm::code::external_hooks());
    bif::install(glulam_stdlib::NATIVES);
    glulam_vm::exec::start::install();
    let mut group = criterion.benchmark_group("loading");
    for module in ["lists", "gen_server", "erl_parse"] {
        let path = Path::new(&lib).join("ebin").join(format!("{module}.beam"));
        let Ok(bytes) = std::fs::read(&path) else { continue };
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(BenchmarkId::new("verify", module), |bencher| {
            bencher.iter(|| glulam_bytecode::verify::load(module, black_box(&bytes)).is_ok());
        });
        group.bench_function(BenchmarkId::new("verify and lower", module), |bencher| {
            bencher.iter(|| load::prepare(module, black_box(&bytes)).is_ok());
        });
    }
    group.finish();
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = copies, external, maps, bignums, collector, loading
}
criterion_main!(all);
