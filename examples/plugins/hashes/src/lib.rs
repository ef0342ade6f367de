#![forbid(unsafe_code)]
//! SHA-256 of large binaries. The binaries are read where they lie, and nobody has to say that a call may
//! take long: the runtime moves it to other threads when it does.

use glulam_plugin::{Cx, Error, Long, Progress, Step, plugin};
use sha2::{Digest, Sha256};

fn sha256(data: &[u8]) -> Vec<u8> {
    Sha256::digest(data).to_vec()
}

fn digest(data: &[u8]) -> glulam_plugin::Binary {
    glulam_plugin::Binary(sha256(data))
}

/// The same in steps on the scheduler: other processes run in between.
struct Stepwise {
    data: glulam_plugin::Bytes,
    done: usize,
    state: Sha256,
}

impl Step for Stepwise {
    type Output = glulam_plugin::Binary;
    fn step(&mut self, cx: Cx<'_>) -> Result<Progress<Self::Output>, Error> {
        const PIECE: usize = 16 * 1024;
        while self.done < self.data.len() {
            if cx.is_spent() {
                return Ok(Progress::Again);
            }
            let end = (self.done + PIECE).min(self.data.len());
            self.state.update(&self.data[self.done..end]);
            self.done = end;
            cx.charge(40);
        }
        Ok(Progress::Done(glulam_plugin::Binary(self.state.finalize_reset().to_vec())))
    }
}

fn stepwise(data: glulam_plugin::Bytes) -> Long<Stepwise> {
    Long(Stepwise { data, done: 0, state: Sha256::new() })
}

/// Works for so many microseconds: something to measure with.
fn spin(microseconds: u64) -> u64 {
    let start = std::time::Instant::now();
    let mut rounds = 0u64;
    while start.elapsed().as_micros() < u128::from(microseconds) {
        for _ in 0..64 {
            rounds = std::hint::black_box(rounds + 1);
        }
    }
    rounds
}

fn increment(n: i64) -> i64 {
    n.wrapping_add(1)
}

plugin! {
    module: "hashes",
    capabilities: "none",
    natives: {
        "sha256"/1 => digest;
        "sha256_stepwise"/1 => stepwise;
        "spin"/1 => spin;
        "increment"/1 => increment;
    }
}
