//! Random graphs, before and after collections of every kind.

use std::collections::HashMap;
use std::fmt::Write;

use super::verify;
use crate::am;
use crate::heap::{BinaryBuffer, Build, Fragment, Heap, literal::Literals};
use crate::term::{Header, Kind, Term};

/// A small generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % below
    }
}

/// The graph behind some roots as text: every box and cell once, by number, so that shared parts
/// show as shared.
fn describe(roots: &[Term]) -> String {
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let mut out = String::new();
    let mut pending: Vec<Term> = roots.iter().rev().copied().collect();
    while let Some(t) = pending.pop() {
        if t.is_immediate() {
            let _ = write!(out, "{:x} ", t.bits());
            continue;
        }
        let next = seen.len();
        if let Some(number) = seen.get(&t.bits()) {
            let _ = write!(out, "#{number} ");
            continue;
        }
        seen.insert(t.bits(), next);
        if t.is_cons() {
            out.push_str("[ ");
            pending.extend([t.slot(1), t.slot(0)]);
            continue;
        }
        let header = t.header();
        let _ = write!(out, "{:?}/{} ", header.kind(), header.size());
        let terms = header.term_words();
        if terms == 0 {
            let raw = if header.is_off_heap() { header.size() - 1 } else { header.size() };
            for i in 1..=raw {
                let _ = write!(out, "{:x} ", t.word(i));
            }
        }
        pending.extend((1..=terms).rev().map(|i| t.slot(i)));
    }
    out
}

/// A random term over parts that exist already.
fn build(heap: &mut Heap, random: &mut Random, parts: &[Term], buffer: *const BinaryBuffer) -> Term {
    let part = |random: &mut Random| {
        if parts.is_empty() || random.next(4) == 0 {
            Term::small(random.next(1000) as i64)
        } else {
            parts[random.next(parts.len())]
        }
    };
    match random.next(12) {
        0..=4 => {
            let (a, b) = (part(random), part(random));
            heap.cons(a, b)
        }
        5 => {
            let n = random.next(9);
            let elements: Vec<Term> = (0..n).map(|_| part(random)).collect();
            heap.tuple(&elements)
        }
        6 => heap.float(random.next(1000) as f64),
        7 => heap.big(random.next(2) == 0, &[!0, random.next(99) as u64, 7]),
        8 => {
            let bytes: Vec<u8> = (0..random.next(30)).map(|_| random.next(256) as u8).collect();
            heap.binary(&bytes)
        }
        9 => {
            // SAFETY: the caller of `build` holds a reference.
            unsafe { BinaryBuffer::retain(buffer) };
            let base = heap.refc_binary(buffer, 100);
            if random.next(2) == 0 { base } else { heap.sub_binary(base, 8, 33) }
        }
        10 => heap.reference([random.next(99) as u64, 3]),
        _ => {
            let items: Vec<Term> = (0..random.next(12)).map(|_| part(random)).collect();
            let tail = part(random);
            heap.list_with_tail(&items, tail)
        }
    }
}

fn push(heap: &mut Heap, term: Term) {
    // SAFETY: the tests leave room.
    unsafe {
        heap.stack = heap.stack.sub(1);
        *heap.stack = term.bits();
    }
}

fn run(seed: u64, rounds: usize, literals: &[Term]) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let buffer: *const BinaryBuffer = BinaryBuffer::from_bytes(&[7; 100]);
    let mut heap = Heap::new(Heap::FIRST_WORDS);
    heap.fullsweep_after = 5;
    let mut x: Vec<Term> = vec![Term::NIL; 6];
    x[..literals.len()].copy_from_slice(literals);
    for round in 0..rounds {
        for _ in 0..random.next(60) {
            let mut parts = x.clone();
            // SAFETY: slots of the stack.
            parts.extend((0..heap.stack_used()).map(|i| Term::raw(unsafe { *heap.stack.add(i) })));
            let t = build(&mut heap, &mut random, &parts, buffer);
            let n = x.len();
            x[literals.len() + random.next(n - literals.len())] = t;
        }
        if random.next(3) == 0 && heap.room() > 8 {
            push(&mut heap, Term::raw(0x1000));
            push(&mut heap, x[5]);
        }
        if random.next(5) == 0 {
            let (t, fragment) = Fragment::copy_of(x[4]);
            x[5] = heap.receive(t, fragment);
        }
        let slots = |heap: &Heap| -> Vec<Term> {
            // SAFETY: slots of the stack.
            (0..heap.stack_used()).map(|i| Term::raw(unsafe { *heap.stack.add(i) })).collect()
        };
        let before = describe(&[x.clone(), slots(&heap)].concat());
        let need = random.next(if round % 7 == 0 { 5000 } else { 40 });
        let mut each = |_, visit: &mut dyn FnMut(&mut Term)| x.iter_mut().for_each(visit);
        match random.next(8) {
            0 => heap.collect_major(need, &mut each),
            1 => heap.hibernate(&mut each),
            _ => {
                heap.collect(need, &mut each);
            }
        }
        assert_eq!(before, describe(&[x.clone(), slots(&heap)].concat()), "seed {seed} round {round}");
        // SAFETY: our own reference.
        let references = unsafe { (*buffer).references() };
        assert_eq!(references - 1, heap.binaries().len());
        if random.next(10) == 0 {
            x[literals.len()..].fill(Term::NIL);
            heap.stack = heap.end;
        }
    }
    drop(heap);
    // SAFETY: our own reference, the last one now.
    unsafe {
        assert_eq!((*buffer).references(), 1);
        BinaryBuffer::release(buffer);
    }
}

#[test]
fn graphs_survive() {
    let (seeds, rounds) = if cfg!(miri) { (3, 12) } else { (60, 60) };
    for seed in 1..=seeds {
        run(seed, rounds, &[]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "the literal area is a mapping of its own")]
fn literals_are_left_alone() {
    let mut heap = Heap::new(100);
    let inner = heap.tuple(&[am::ok, Term::small(1)]);
    let list = heap.list(&[inner, inner]);
    let literal = Literals::keep(list);
    for seed in 100..120 {
        run(seed, 40, &[literal]);
    }
    let mut x = [literal];
    heap.collect_major(0, &mut |_, visit| x.iter_mut().for_each(visit));
    assert!(x[0] == literal);
    assert_eq!(heap.used(), 0);
}

#[test]
fn generations() {
    let mut heap = Heap::new(500);
    let mut x = [heap.list(&[am::ok, am::error])];
    heap.collect(10, &mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!((heap.used(), heap.old_used()), (4, 0));
    let young = heap.cons(am::ok, x[0]);
    x[0] = young;
    heap.collect(10, &mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!((heap.used(), heap.old_used()), (2, 4));
    assert_eq!(heap.minor_collections(), 2);
    heap.collect_major(10, &mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!((heap.used(), heap.old_used(), heap.old_size()), (6, 0, 0));
    heap.hibernate(&mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!((heap.used(), heap.size()), (6, 6 + crate::heap::STACK_RESERVE));
    heap.collect(1000, &mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!(heap.size(), 1598);
}

#[test]
fn blocks_grow_and_shrink() {
    let mut heap = Heap::new(Heap::FIRST_WORDS);
    let mut x = [Term::NIL];
    let count = if cfg!(miri) { 3_000 } else { 100_000 };
    for n in 0..count {
        if heap.room() < 2 + crate::heap::STACK_RESERVE {
            heap.collect(2, &mut |_, visit| x.iter_mut().for_each(visit));
        }
        x[0] = heap.cons(Term::small(n), x[0]);
    }
    assert_eq!(x[0].list().count() as i64, count);
    assert!(heap.total_size() < 10 * count as usize + 1000, "{:?}", heap.info());
    x[0] = Term::NIL;
    heap.collect_major(0, &mut |_, visit| x.iter_mut().for_each(visit));
    heap.collect_major(0, &mut |_, visit| x.iter_mut().for_each(visit));
    assert_eq!(heap.total_size(), 233);
}

#[test]
fn binaries_alone_make_a_collection_due() {
    let mut heap = Heap::new(100_000);
    for _ in 0..100 {
        let bytes = vec![0; 10_000];
        heap.binary(&bytes);
    }
    assert!(heap.needs_collection());
    heap.collect(0, &mut |_, _| {});
    // With `zeal-gc` a collection is due at all times.
    assert!(cfg!(feature = "zeal-gc") || !heap.needs_collection());
    assert!(heap.binaries().is_empty());
}

#[test]
fn verifier_agrees_with_the_layout() {
    let mut heap = Heap::new(100);
    let t = heap.tuple(&[]);
    assert!(t.header() == Header::new(Kind::Tuple, 0));
    verify::heap(&heap, &mut |_, _| {});
}
