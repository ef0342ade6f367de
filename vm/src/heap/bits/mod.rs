//! The bit syntax below the engine: bits in memory, match contexts, building binaries.
//! Floor: heap
//! Invariants: N1 bits count from the most significant bit of the first byte; N2 the bits of a
//! buffer's last byte behind its used bits belong to nobody and may be written by the next
//! claimant; N3 a match context is the one box that changes after it was built (its position): it
//! is never seen by Erlang code and never leaves its process.
//! Locks: none.
//! Start reading at: `matching::Context`, `create::create`.
//!
//! For the engine:
//! - matching: `context` (5 words) makes or passes on a context; `Context::of` is one; its methods
//!   read a value and move on, or give `None`/`false` and stay where they are (the match fails).
//! - building, all at once (`bs_create_bin`): `create(count, segment_by_index, heap)`; a `Failure`
//!   names reason and cause.
//! - building, step by step (`bs_init2`, `bs_append`, `bs_put_...`): `new_binary`, `append`,
//!   `writable` give the term and a `Builder`, which the put instructions fill. Nothing may be
//!   collected in between.
//! - none of it collects: words come from `Alloc`, from a fragment if need be.

mod build;
mod copy;
mod create;
mod float;
mod integer;
mod matching;
mod utf;

pub(crate) use build::character;
pub use build::{Builder, TooLarge, append, new_binary, writable};
pub use copy::{copy_bits, equal_bits};
pub use create::{Failure, Problem, Segment, SegmentType, create, field_bits};
pub use matching::{CONTEXT_WORDS, Context, SUB_BINARY_WORDS, context, parts, without_context};
pub use utf::{encode_utf8_size, encode_utf16_size};

/// Flags of a segment, as numbered in files.
pub const LITTLE: u64 = 2;
pub const SIGNED: u64 = 4;
pub const NATIVE: u64 = 16;

/// Whether a segment with these flags is little-endian.
pub(crate) fn is_little(flags: u64) -> bool {
    flags & LITTLE != 0 || (flags & NATIVE != 0 && cfg!(target_endian = "little"))
}

#[cfg(test)]
mod tests;
