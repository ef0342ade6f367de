//! Natives that fail in every way, and give back what they are given by every conversion.

use std::collections::BTreeMap;

use glulam_plugin::serde::Serde;
use glulam_plugin::{Atom, Binary, Bytes, Cx, Error, Long, Pid, Progress, Ref, Resource, SendError, Sender, Step, Term, atom, plugin};
use serde::{Deserialize, Serialize};

/// Writes where nothing is.
fn crash() -> bool {
    // SAFETY: none: this is the fault that isolation is for.
    unsafe { std::ptr::null_mut::<u8>().wrapping_add(64).write_volatile(1) };
    true
}

fn forever() -> bool {
    loop {
        std::hint::spin_loop();
    }
}

fn leak() -> u64 {
    let mut all = 0u64;
    loop {
        let piece = vec![1u8; 16 << 20];
        all += piece.len() as u64;
        std::mem::forget(std::hint::black_box(piece));
        if all > 1 << 40 {
            return all;
        }
    }
}

fn panics(message: String) -> bool {
    panic!("{message}")
}

fn panics_when_dropped(cx: Cx<'_>) -> Result<Term<'_>, Error> {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let _bad = Bad;
    Ok(cx.make(true))
}

fn integers(all: (i8, u8, i64, u64, i128)) -> (i8, u8, i64, u64, i128) {
    all
}

fn texts(borrowed: &str, owned: String, bytes: &[u8], held: Bytes) -> (String, String, Binary, Bytes) {
    (borrowed.to_owned(), owned, Binary(bytes.to_vec()), held)
}

fn others(flag: bool, float: f64, name: Atom, maybe: Option<i64>, list: Vec<f32>) -> (bool, f64, Atom, Option<i64>, Vec<f32>) {
    (flag, float, name, maybe, list)
}

fn maps(map: BTreeMap<String, Vec<i64>>) -> BTreeMap<String, Vec<i64>> {
    map
}

#[derive(Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Box { width: u32, height: u32 },
    Line(i64, i64),
}

#[derive(Serialize, Deserialize)]
struct Drawing {
    name: String,
    shapes: Vec<Shape>,
    visible: Option<bool>,
    tags: BTreeMap<String, i64>,
}

fn drawing(drawing: Serde<Drawing>) -> Serde<Drawing> {
    drawing
}

struct Count {
    at: u64,
    to: u64,
}

impl Step for Count {
    type Output = u64;
    fn step(&mut self, cx: Cx<'_>) -> Result<Progress<u64>, Error> {
        if self.to == 13 {
            return Err(Error::new((atom("unlucky"), self.to)));
        }
        while self.at < self.to {
            if cx.is_spent() {
                return Ok(Progress::Again);
            }
            self.at += 1;
            cx.charge(1);
        }
        Ok(Progress::Done(self.at))
    }
}

fn count(to: u64) -> Long<Count> {
    Long(Count { at: 0, to })
}

struct Cell {
    value: std::sync::atomic::AtomicI64,
    owner: Sender<(Atom, i64)>,
    bytes: usize,
}

impl Resource for Cell {
    const NAME: &'static str = "cell";
    fn size(&self) -> usize {
        self.bytes
    }
}

impl Drop for Cell {
    fn drop(&mut self) {
        let _ = self.owner.send((atom("dropped"), self.value.load(std::sync::atomic::Ordering::Relaxed)));
    }
}

fn cell(owner: Pid, bytes: usize) -> Ref<Cell> {
    Ref::new(Cell { value: 0.into(), owner: Sender::new(owner), bytes })
}

fn cell_add(cell: &Cell, more: i64) -> i64 {
    cell.value.fetch_add(more, std::sync::atomic::Ordering::Relaxed) + more
}

/// Sends until the process does not keep up: how many were taken. `dead`: there is none.
fn flood(to: Pid, most: u32) -> Result<u32, Atom> {
    let sender = Sender::new(to).at_most(most);
    for sent in 0.. {
        match sender.send((atom("flood"), sent)) {
            Ok(()) => {}
            Err(SendError::Full) => return Ok(sent),
            Err(SendError::Dead) => return Ok(u32::MAX),
        }
    }
    Ok(0)
}

fn from_thread(to: Pid) {
    std::thread::spawn(move || Sender::new(to).send((atom("from"), String::from("a thread"))));
}

fn whole(term: Term<'_>) -> Term<'_> {
    term
}

plugin! {
    module: "faults",
    capabilities: "crashes",
    resources: [Cell],
    natives: {
        "crash"/0 => crash;
        "forever"/0 => forever;
        "leak"/0 => leak;
        "panics"/1 => panics;
        "panics_when_dropped"/0 cx => panics_when_dropped;
        "integers"/1 => integers;
        "texts"/4 => texts;
        "others"/5 => others;
        "maps"/1 => maps;
        "drawing"/1 => drawing;
        "count"/1 => count;
        "cell"/2 => cell;
        "cell_add"/2 => cell_add;
        "flood"/2 => flood_or;
        "from_thread"/1 => from_thread;
        "whole"/1 => whole;
    }
}

fn flood_or(to: Pid, most: u32) -> Result<u32, Error> {
    flood(to, most).map_err(Error::new)
}
