//! What nodes say of themselves when they connect: the flags of OTP 25's protocol.

pub const PUBLISHED: u64 = 1;
pub const UNICODE_IO: u64 = 1 << 12;
pub const DIST_HDR_ATOM_CACHE: u64 = 1 << 13;
pub const SEND_SENDER: u64 = 1 << 19;
pub const BIG_SEQUENTIAL_TRACE_LABELS: u64 = 1 << 20;
pub const EXIT_PAYLOAD: u64 = 1 << 22;
pub const FRAGMENTS: u64 = 1 << 23;
pub const UNLINK_ID: u64 = 1 << 25;
pub const SPAWN: u64 = 1 << 32;
pub const ALIAS: u64 = 1 << 35;

/// Sent by default; what another node must have; what may be added; what may be taken away; what needs the order of
/// packets kept.
pub const DEFAULT: u64 = 55_966_662_588;
pub const MANDATORY: u64 = 17_239_956;
pub const ADDABLE: u64 = DEFAULT;
pub const REJECTABLE: u64 = 8_396_866;
pub const STRICT_ORDER: u64 = DIST_HDR_ATOM_CACHE;
