//! Regular expressions: PCRE2 made to behave as the PCRE 8 that `re` documents.
//! Floor: base
//! Invariants: R1 a compiled code never changes after it was made, so threads share it; R2 match
//! data and JIT stacks belong to one thread.
//! Locks: one per shard of the cache of compiled patterns, never held while matching.
//! Start reading at: `Source`, `Code::run`.
//!
//! A compiled pattern that Erlang holds is its source and options in a few bytes (`Source`), valid
//! in any process, node or file; the code it stands for is kept in a cache and remade at need.

mod cache;
mod code;
mod errors;
mod rewrite;
mod tables;

pub use code::{Code, Found, Limits, RunFlags, version};
pub use errors::CompileError;

/// Options of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Flags(pub u32);

impl Flags {
    pub const CASELESS: u32 = 1;
    pub const MULTILINE: u32 = 1 << 1;
    pub const DOTALL: u32 = 1 << 2;
    pub const EXTENDED: u32 = 1 << 3;
    pub const ANCHORED: u32 = 1 << 4;
    pub const DOLLAR_ENDONLY: u32 = 1 << 5;
    pub const UNGREEDY: u32 = 1 << 6;
    pub const UNICODE: u32 = 1 << 7;
    pub const NO_AUTO_CAPTURE: u32 = 1 << 8;
    pub const DUPNAMES: u32 = 1 << 9;
    pub const FIRSTLINE: u32 = 1 << 10;
    pub const UCP: u32 = 1 << 11;
    pub const NEVER_UTF: u32 = 1 << 12;
    pub const NO_START_OPTIMIZE: u32 = 1 << 13;
    pub const BSR_ANYCRLF: u32 = 1 << 14;
    pub const BSR_UNICODE: u32 = 1 << 15;
    /// Three bits of newline kind; given several times they add up, CR and LF to CRLF.
    pub const NEWLINE_SHIFT: u32 = 16;
    pub const NEWLINE_CR: u32 = 1 << 16;
    pub const NEWLINE_LF: u32 = 2 << 16;
    pub const NEWLINE_CRLF: u32 = 3 << 16;
    pub const NEWLINE_ANY: u32 = 4 << 16;
    pub const NEWLINE_ANYCRLF: u32 = 5 << 16;
    pub const NEWLINE: u32 = 7 << 16;
    pub const BSR: u32 = Flags::BSR_ANYCRLF | Flags::BSR_UNICODE;

    pub const fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }
}

/// A pattern and its options as bytes.
///
/// ```text
/// [ "glulamRE" | options: 4 bytes, little-endian | pattern .. ]
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Source(Box<[u8]>);

const MAGIC: &[u8; 8] = b"glulamRE";
const HEAD: usize = MAGIC.len() + 4;

impl Source {
    pub fn new(pattern: &[u8], flags: Flags) -> Source {
        Source([MAGIC, &flags.0.to_le_bytes()[..], pattern].concat().into())
    }

    /// From bytes that `bytes` gave.
    pub fn from_bytes(bytes: &[u8]) -> Option<Source> {
        (bytes.len() >= HEAD && bytes.starts_with(MAGIC)).then(|| Source(bytes.into()))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn flags(&self) -> Flags {
        flags_of(&self.0)
    }

    /// The same pattern with other options.
    pub fn with_flags(&self, flags: Flags) -> Source {
        Source::new(pattern_of(&self.0), flags)
    }

    /// The compiled code, from the cache if it is there.
    pub fn compile(&self) -> Result<std::sync::Arc<Code>, CompileError> {
        cache::get(&self.0)
    }
}

fn flags_of(source: &[u8]) -> Flags {
    let bytes = source.get(MAGIC.len()..HEAD).and_then(|b| b.try_into().ok());
    Flags(u32::from_le_bytes(bytes.unwrap_or_default()))
}

fn pattern_of(source: &[u8]) -> &[u8] {
    &source[HEAD..]
}

/// The code of a source's bytes, if they are a source.
pub fn compiled(source: &[u8]) -> Option<Result<std::sync::Arc<Code>, CompileError>> {
    (source.len() >= HEAD && source.starts_with(MAGIC)).then(|| cache::get(source))
}
#[cfg(test)]
mod tests;
