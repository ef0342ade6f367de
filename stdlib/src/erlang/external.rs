//! `erlang`: terms to and from the external format.

use glulam_vm::base::zstream::{self, ZStream};
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::Build;
use glulam_vm::heap::external::{self, Encoding, Fault, Fixed, Part};
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:term_to_binary/1  Normal => to_binary_1;
    erlang:term_to_binary/2  Normal => to_binary_2;
    /// As term_to_binary, in parts: large binaries are shared, not copied.
    erlang:term_to_iovec/1   Normal => to_iovec_1;
    erlang:term_to_iovec/2   Normal => to_iovec_2;
    /// Bytes that term_to_binary gives.
    erlang:external_size/1   Normal => external_size_1;
    erlang:external_size/2   Normal => external_size_2;
    erlang:binary_to_term/1  Normal => to_term_1;
    erlang:binary_to_term/2  Normal => to_term_2;
    /// The same for large terms, where they may take their time.
    erts_internal:long_term_to_binary/2  DirtyCpu => long_to_binary;
    erts_internal:long_term_to_iovec/2   DirtyCpu => long_to_iovec;
    erts_internal:long_external_size/2   DirtyCpu => long_external_size;
    erts_internal:long_binary_to_term/2  DirtyCpu => long_to_term;
}

/// Terms within a term from which on it goes to a dirty thread.
const MANY: usize = 50_000;
/// As `MANY`, in bytes of encoded terms.
const LARGE: usize = 256 * 1024;
/// Encoded terms shorter than that are copied out of the room they were written in.
const COPIED: usize = 16 * 1024;
/// Terms or tens of bytes handled for one reduction.
const PER_REDUCTION: usize = 16;

/// The options of term_to_binary and its like.
#[derive(Clone, Copy)]
struct Options {
    fixed: Fixed,
    /// Compression level of zlib's, -1 for its default.
    compressed: Option<i32>,
}

fn options(list: Term) -> Option<Options> {
    let mut options =
        Options { fixed: Fixed { minor_version: 1, deterministic: false }, compressed: None };
    for option in list.proper_list()? {
        match (option, option.as_tuple_of::<2>()) {
            (am::compressed, _) => options.compressed = Some(-1),
            (am::deterministic, _) => options.fixed.deterministic = true,
            (_, Some([am::compressed, level])) => {
                options.compressed = Some(level.as_small().filter(|l| (0..=9).contains(l))? as i32);
            }
            (_, Some([am::minor_version, version])) => {
                options.fixed.minor_version = version.as_small().filter(|v| (0..=2).contains(v))? as u8;
            }
            _ => return None,
        }
    }
    Some(options)
}

/// The encoded term, plain or compressed if that makes it smaller, as a binary; `None` if it takes longer
/// than `most` terms.
fn encoded(cx: &mut Cx<'_>, term: Term, options: Options, most: usize) -> Option<Term> {
    let mut encoding = Encoding::new(term, options.fixed);
    if !encoding.run(most) {
        return None;
    }
    let bytes = &encoding.encoder.bytes;
    if bytes.len() > LARGE && most != usize::MAX {
        return None;
    }
    cx.charge(bytes.len() / (10 * PER_REDUCTION));
    if let Some(level) = options.compressed
        && let Some(bytes) = compressed(bytes, level)
    {
        return Some(cx.binary_from(bytes));
    }
    // The room is for the next one, unless it is a lot.
    Some(if bytes.len() < COPIED { cx.binary(bytes) } else { cx.binary_from(encoding.take_bytes()) })
}

/// `131, 80, Size, Deflated`, if that is shorter than the plain bytes.
fn compressed(bytes: &[u8], level: i32) -> Option<Vec<u8>> {
    let plain = bytes.get(1..)?;
    let size = u32::try_from(plain.len()).ok()?;
    let mut out = Vec::with_capacity(bytes.len());
    out.extend_from_slice(&[131, 80]);
    out.extend_from_slice(&size.to_be_bytes());
    // What doesn't fit in the room of the plain bytes is not shorter.
    let mut stream = ZStream::deflate(level, 8, 15, 8, 0).ok()?;
    let mut input = plain;
    loop {
        let step = stream.run(input, &mut out, zstream::FINISH);
        input = &input[step.consumed..];
        match step.code {
            zstream::code::STREAM_END => return (out.len() < bytes.len()).then_some(out),
            zstream::code::OK if step.produced > 0 => {}
            _ => return None,
        }
    }
}

fn to_binary_1(cx: &mut Cx<'_>) -> Outcome {
    to_binary(cx, Term::NIL, MANY)
}

fn to_binary_2(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_binary(cx, options, MANY)
}

fn long_to_binary(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_binary(cx, options, usize::MAX)
}

fn to_binary(cx: &mut Cx<'_>, list: Term, most: usize) -> Outcome {
    let term = cx.arg(0);
    let Some(options) = options(list) else { return cx.badarg() };
    match encoded(cx, term, options, most) {
        Some(binary) => Ok(binary),
        None => cx.tail_call(am::erts_internal, am::long_term_to_binary, &[term, list]),
    }
}

fn to_iovec_1(cx: &mut Cx<'_>) -> Outcome {
    to_iovec(cx, Term::NIL, MANY)
}

fn to_iovec_2(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_iovec(cx, options, MANY)
}

fn long_to_iovec(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_iovec(cx, options, usize::MAX)
}

fn to_iovec(cx: &mut Cx<'_>, list: Term, most: usize) -> Outcome {
    let term = cx.arg(0);
    let Some(options) = options(list) else { return cx.badarg() };
    let again = |cx: &mut Cx<'_>| cx.tail_call(am::erts_internal, am::long_term_to_iovec, &[term, list]);
    if options.compressed.is_some() {
        return match encoded(cx, term, options, most) {
            // One binary, and not in a list: that is what OTP gives.
            Some(binary) => Ok(binary),
            None => again(cx),
        };
    }
    let Some(parts) = external::encode_chunks(term, options.fixed, most) else { return again(cx) };
    let parts: Vec<Term> = parts
        .into_iter()
        .map(|part| match part {
            Part::Bytes(bytes) => cx.binary_from(bytes),
            Part::Binary(binary) => binary,
        })
        .collect();
    Ok(cx.list(&parts))
}

fn external_size_1(cx: &mut Cx<'_>) -> Outcome {
    external_size(cx, Term::NIL, MANY)
}

fn external_size_2(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    external_size(cx, options, MANY)
}

fn long_external_size(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    external_size(cx, options, usize::MAX)
}

fn external_size(cx: &mut Cx<'_>, list: Term, most: usize) -> Outcome {
    let term = cx.arg(0);
    let mut minor_version = 1;
    let Some(elements) = list.proper_list() else { return cx.badarg() };
    for option in elements {
        match option.as_tuple_of::<2>() {
            Some([am::minor_version, version]) if matches!(version.as_small(), Some(0 | 1)) => {
                minor_version = version.small_value() as u8;
            }
            _ => return cx.badarg(),
        }
    }
    match external::size(term, Fixed { minor_version, deterministic: false }, most) {
        Some(size) => Ok(cx.usize(size)),
        None => cx.tail_call(am::erts_internal, am::long_external_size, &[term, list]),
    }
}

fn to_term_1(cx: &mut Cx<'_>) -> Outcome {
    to_term(cx, Term::NIL, LARGE)
}

fn to_term_2(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_term(cx, options, LARGE)
}

fn long_to_term(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    to_term(cx, options, usize::MAX)
}

fn to_term(cx: &mut Cx<'_>, list: Term, most: usize) -> Outcome {
    let binary = cx.arg(0);
    let (mut safe, mut used) = (false, false);
    let Some(options) = list.proper_list() else { return cx.badarg_because(am::badopt) };
    for option in options {
        match option {
            am::safe => safe = true,
            am::used => used = true,
            _ => return cx.badarg_because(am::badopt),
        }
    }
    let Some(bits) = binary.as_binary() else { return cx.badarg() };
    let bytes = bits.to_bytes();
    if claimed_size(&bytes) > most {
        return cx.tail_call(am::erts_internal, am::long_binary_to_term, &[binary, list]);
    }
    match external::decode(&bytes, cx, safe) {
        Ok((term, n)) => {
            cx.charge(n / (10 * PER_REDUCTION));
            Ok(if used { cx.tuple(&[term, Term::small(n as i64)]) } else { term })
        }
        Err(fault) => fail(cx, fault),
    }
}

/// How large the encoded term is at most, inflated.
fn claimed_size(bytes: &[u8]) -> usize {
    match bytes {
        [131, 80, a, b, c, d, ..] => u32::from_be_bytes([*a, *b, *c, *d]) as usize,
        _ => bytes.len(),
    }
}

#[cold]
fn fail(cx: &mut Cx<'_>, fault: Fault) -> Result<Term, Stop> {
    match fault {
        Fault::Malformed | Fault::Refused => cx.badarg(),
        Fault::Limit => cx.system_limit(),
    }
}
