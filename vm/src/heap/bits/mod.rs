//! The bit syntax below the engine: bits in memory, matching, building.
//!
//! Bits count from the most significant bit of the first byte. A little-endian value of a size
//! that is no multiple of 8 keeps its highest, partial byte last, in that byte's upper bits.

mod build;
mod copy;
mod matching;
mod utf;

pub(crate) use build::character;
pub use build::{Builder, append, new_binary, writable};
pub use copy::{copy_bits, equal_bits};
pub use matching::{Context, context};
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
