use crate::sequential::{MASK, next};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

const CUBE_ROOTS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

pub fn sha256(n: usize) -> u64 {
    let phrase = "The quick brown fox jumps over the lazy dog; pack my box with fiv";
    let mut data = phrase.repeat(n).into_bytes();
    data.truncate(n * 64);
    data.push(0x80);
    data.resize(n * 64 + 56, 0);
    data.extend((n as u64 * 512).to_be_bytes());
    let mut state =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
    data.chunks_exact(64).for_each(|block| mix(&mut state, block));
    u64::from(state[0]) << 32 | u64::from(state[7])
}

fn mix(state: &mut [u32; 8], data: &[u8]) {
    let mut w = [0u32; 64];
    for (w, bytes) in w.iter_mut().zip(data.chunks_exact(4)) {
        *w = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    for i in 16..64 {
        let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ w[i - 15] >> 3;
        let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (k, w) in CUBE_ROOTS.into_iter().zip(w) {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h.wrapping_add(s1).wrapping_add(e & f ^ !e & g).wrapping_add(k).wrapping_add(w);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add(a & b ^ a & c ^ b & c);
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (state, x) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *state = state.wrapping_add(x);
    }
}

#[derive(Serialize, Deserialize)]
struct Place {
    city: String,
    code: i64,
}

#[derive(Serialize, Deserialize)]
struct Record {
    active: bool,
    id: i64,
    name: String,
    note: Option<String>,
    place: Place,
    score: f64,
    tags: Vec<String>,
}

fn document(n: i64) -> Vec<Record> {
    (1..=n)
        .map(|id| Record {
            active: id % 3 == 0,
            id,
            name: format!("user {id}"),
            note: None,
            place: Place { city: "Zürich".into(), code: 8000 + id % 100 },
            score: id as f64 * 2.0 + 0.25,
            tags: vec!["alpha".into(), "be\"ta".into(), "line\nbreak".into()],
        })
        .collect()
}

fn fold(sum: i64, x: i64) -> i64 {
    (sum * 31 + x) & MASK
}

pub fn json_encode(n: i64) -> i64 {
    let records = document(20);
    (0..n).fold(0, |sum, _| {
        let text = serde_json::to_vec(&records).expect("serializable");
        fold(sum, i64::from(crc32fast::hash(&text)))
    })
}

pub fn json_decode(n: i64) -> i64 {
    let text = serde_json::to_vec(&document(20)).expect("serializable");
    let weigh = |r: &Record| {
        r.id + r.name.len() as i64 + (r.score * 4.0) as i64 + r.tags.iter().map(|t| t.len() as i64).sum::<i64>()
    };
    (0..n).fold(0, |sum, _| {
        let records: Vec<Record> = serde_json::from_slice(&text).expect("JSON");
        fold(sum, records.iter().map(weigh).sum())
    })
}

pub fn strings(n: i64) -> i64 {
    (1..=n).rev().fold(0, |sum, n| {
        let line = format!("  key{} = some value, another ; and the rest  ", n % 1000);
        let (key, values) = line.trim().split_once(" = ").expect("a pair");
        let upper = values.to_uppercase();
        let words = upper.split([' ', ',', ';']).filter(|w| !w.is_empty());
        let joined = words.map(|w| format!("{w:.<8}")).collect::<Vec<_>>().join("-");
        let parts: Vec<&str> = joined.split('-').collect();
        let replaced = joined.replace('.', "__");
        fold(sum, (key.len() + parts.len() * 3 + replaced.len()) as i64)
    })
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Name(&'static str),
    Number(i64),
}

#[derive(PartialEq)]
enum Value {
    Text(&'static str),
    Number(i64),
}

impl Value {
    fn number(&self) -> i64 {
        if let Value::Number(n) = self { *n } else { 1 }
    }
}

pub fn maps_small(n: i64) -> i64 {
    let numbers = [("count", 0), ("a", 1), ("b", 2), ("c", 3), ("d", 4)];
    let mut map: HashMap<Key, Value> = numbers.map(|(k, v)| (Key::Name(k), Value::Number(v))).into();
    map.insert(Key::Name("name"), Value::Text("x"));
    let mut sum = 0;
    for n in (1..=n).rev() {
        let get = |key| map[&Key::Name(key)].number();
        let (count, a, b) = (get("count"), get("a"), get("b"));
        map.insert(Key::Name("count"), Value::Number(count + 1));
        map.insert(Key::Name("a"), Value::Number(b));
        map.insert(Key::Name("b"), Value::Number(a + 1));
        map.insert(Key::Name("extra"), Value::Number(n));
        map.insert(Key::Number(n & 3), Value::Text("more"));
        let mut here: i64 = map.values().map(Value::number).sum();
        if map[&Key::Number(n & 3)] == Value::Text("more") && map.contains_key(&Key::Name("c")) {
            here += 1;
        }
        map.remove(&Key::Name("extra"));
        here += map.len() as i64;
        map.remove(&Key::Number(n & 3));
        sum = (sum + here) & 0xff_ffff;
    }
    map[&Key::Name("count")].number() + sum
}

pub fn maps_large(n: i64) -> i64 {
    let keys = |count: i64| std::iter::successors(Some(next(1)), |seed| Some(next(*seed))).take(count as usize);
    let map: HashMap<i64, i64> = keys(n).zip((1..=n).rev()).collect();
    let read: i64 = keys(n).map(|key| map[&key]).sum();
    let mut updated: HashMap<i64, i64> = map.iter().map(|(k, v)| (*k, v + 1)).collect();
    let sum: i64 = updated.values().sum();
    for key in keys(n / 2) {
        updated.remove(&key);
    }
    let mut merged = map.clone();
    merged.extend(&updated);
    (read + sum + updated.len() as i64 * 7 + merged.len() as i64) & MASK
}
