//! References: numbers that no other reference of this node has.
//!
//! ```text
//!  word 0: 64-bit count, unique      word 1: spread of the start of the node
//! ```

use std::cell::Cell;

use crate::base::sync::{AtomicU64, Ordering};

static BLOCKS: AtomicU64 = AtomicU64::new(1);
/// Numbers that a thread takes at once.
const BLOCK: u64 = 1 << 12;

thread_local! {
    static NEXT: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// The number words of a new reference.
pub fn fresh() -> [u64; 2] {
    [fresh_number(), 0]
}

/// Gives out numbers from this block on: in a program beside a node, which gives out its own.
pub(crate) fn begin_at(block: u64) {
    BLOCKS.store(block, Ordering::Relaxed);
}

fn fresh_number() -> u64 {
    NEXT.with(|next| {
        let (at, end) = next.get();
        if at < end {
            next.set((at + 1, end));
            return at;
        }
        let start = BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK;
        next.set((start + 1, start + BLOCK));
        start
    })
}

use super::Pid;

/// A reference that is an alias says whose: its second word holds the pid and a mark.
const ALIAS: u64 = 1 << 63;

/// The number words of a reference that can become an alias of `owner`.
pub fn fresh_owned(owner: Pid) -> [u64; 2] {
    [fresh_number(), ALIAS | owner.0]
}

/// Whose alias a reference may be.
pub fn owner_of(number: [u64; 2]) -> Option<Pid> {
    (number[1] & ALIAS != 0).then_some(Pid(number[1] & !ALIAS))
}

/// A reference that is a table says so in its second word: in the half that references of three numbers have, as
/// those of tables are.
const TABLE: u64 = 1 << 31;

/// The number words of a new table's reference.
pub fn fresh_of_table() -> [u64; 2] {
    [fresh_number(), TABLE]
}

/// Whether a reference is, or was, a table.
pub fn is_of_table(number: [u64; 2]) -> bool {
    number[1] == TABLE
}

/// What unique integers count from: the least that is a small integer in OTP.
const LEAST: i64 = -(1 << 59);

/// An integer that no other call with the same arguments gives. Monotonic ones grow, in the order
/// of the calls.
pub fn unique_integer(positive: bool, monotonic: bool) -> i64 {
    static MONOTONIC: AtomicU64 = AtomicU64::new(0);
    let number = if monotonic { MONOTONIC.fetch_add(1, Ordering::Relaxed) } else { fresh_number() } as i64;
    if positive { number + 1 } else { LEAST + number }
}
