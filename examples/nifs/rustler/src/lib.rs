//! Natives by way of Rustler: text, maps, binaries, resources, messages from a thread, long natives.

use std::collections::HashMap;
use std::sync::Mutex;

use rustler::{Atom, Binary, Encoder, Env, LocalPid, NewBinary, OwnedEnv, Resource, ResourceArc};

mod atoms {
    rustler::atoms! { ok, counted, panicked }
}

struct Tally(Mutex<HashMap<String, u64>>);

#[rustler::resource_impl]
impl Resource for Tally {}

#[rustler::nif]
fn count(text: &str) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

#[rustler::nif]
fn reversed<'a>(env: Env<'a>, bytes: Binary) -> Binary<'a> {
    let mut out = NewBinary::new(env, bytes.len());
    for (to, from) in out.as_mut_slice().iter_mut().zip(bytes.as_slice().iter().rev()) {
        *to = *from;
    }
    out.into()
}

#[rustler::nif]
fn tally() -> ResourceArc<Tally> {
    ResourceArc::new(Tally(Mutex::new(HashMap::new())))
}

#[rustler::nif]
fn tally_add(tally: ResourceArc<Tally>, word: String) -> u64 {
    let mut counts = tally.0.lock().unwrap();
    let count = counts.entry(word).or_insert(0);
    *count += 1;
    *count
}

#[rustler::nif]
fn count_later(env: Env, text: String) -> Atom {
    let pid: LocalPid = env.pid();
    std::thread::spawn(move || {
        let words = text.split_whitespace().count();
        let _ = OwnedEnv::new().send_and_clear(&pid, |env| (atoms::counted(), words).encode(env));
    });
    atoms::ok()
}

#[rustler::nif(schedule = "DirtyCpu")]
fn primes(below: u32) -> Vec<u32> {
    (2..below).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect()
}

#[rustler::nif]
fn fail(how: Atom) -> Result<u32, Atom> {
    if how == atoms::panicked() {
        panic!("as asked for");
    }
    Err(how)
}

rustler::init!("rustler_words");
