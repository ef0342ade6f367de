//! Finding `.beam` files of an installed Erlang and Elixir.
#![allow(dead_code)] // each test uses its part

use std::path::{Path, PathBuf};

/// Where distributions put Erlang and Elixir, besides what `GLULAM_OTP_ROOT` names.
const PLACES: [&str; 5] = [
    "/usr/lib/erlang",
    "/usr/local/lib/erlang",
    "/usr/lib/elixir",
    "/usr/local/lib/elixir",
    "/opt/homebrew/lib/erlang",
];

/// Every `.beam` file found, in a stable order. Says so when there is none.
pub fn installed() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(root) = std::env::var_os("GLULAM_OTP_ROOT") {
        walk(Path::new(&root), &mut found);
    }
    for place in PLACES {
        walk(Path::new(place), &mut found);
    }
    found.sort();
    found.dedup();
    if found.is_empty() {
        eprintln!("SKIPPED: no Erlang is installed here, so there are no .beam files to try");
    }
    found
}

/// Every `nth` of them.
pub fn sample(nth: usize) -> Vec<(String, Vec<u8>)> {
    let files = installed().into_iter().step_by(nth);
    files
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect()
}

fn walk(at: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(at) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&path, found),
            Ok(kind) if kind.is_file() && path.extension().is_some_and(|e| e == "beam") => {
                found.push(path);
            }
            _ => {}
        }
    }
}

/// A small generator of pseudo-random numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}
