//! `binary`: the natives of OTP's binary module.

pub mod matching;
mod search;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::term::Bits;
use glulam_vm::term::iolist::MAX_BINARY_BYTES;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    binary:at/2                     Normal => at;
    binary:first/1                  Normal => first;
    binary:last/1                   Normal => last;
    /// A binary of its own: it shares no bytes.
    binary:copy/1                   Normal => copy_1;
    binary:copy/2                   Normal => copy_2;
    binary:decode_unsigned/1        Normal => decode_1;
    binary:decode_unsigned/2        Normal => decode_2;
    binary:encode_unsigned/1        Normal => encode_1;
    binary:encode_unsigned/2        Normal => encode_2;
    binary:longest_common_prefix/1  Normal => prefix;
    binary:longest_common_suffix/1  Normal => suffix;
    /// Bytes of the buffer that the binary keeps alive.
    binary:referenced_byte_size/1   Normal => referenced_byte_size;
}

/// Bytes handled for one reduction.
const BYTES_PER_REDUCTION: usize = 4096;

fn byte_at(cx: &mut Cx<'_>, pick: impl Fn(&[u8]) -> Option<u8>) -> Outcome {
    let Some(bits) = cx.arg(0).as_binary() else { return cx.badarg() };
    match pick(&bits.to_bytes()) {
        Some(byte) => Ok(Term::small(byte.into())),
        None => cx.badarg(),
    }
}

fn at(cx: &mut Cx<'_>) -> Outcome {
    let index = cx.arg(1).as_usize();
    byte_at(cx, |bytes| bytes.get(index?).copied())
}

fn first(cx: &mut Cx<'_>) -> Outcome {
    byte_at(cx, |bytes| bytes.first().copied())
}

fn last(cx: &mut Cx<'_>) -> Outcome {
    byte_at(cx, |bytes| bytes.last().copied())
}

fn copy_1(cx: &mut Cx<'_>) -> Outcome {
    copies(cx, 1)
}

fn copy_2(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(1).as_usize() {
        Some(n) => copies(cx, n),
        None => cx.badarg(),
    }
}

fn copies(cx: &mut Cx<'_>, n: usize) -> Outcome {
    if n == 0 && cx.arg(0).as_bits().is_some() {
        return Ok(cx.binary(&[]));
    }
    let Some(bits) = cx.arg(0).as_binary() else { return cx.badarg() };
    let bytes = bits.to_bytes();
    match bytes.len().checked_mul(n) {
        Some(size) if size <= MAX_BINARY_BYTES => {
            cx.long(size / BYTES_PER_REDUCTION)?;
            cx.charge(size / BYTES_PER_REDUCTION);
            Ok(cx.binary_from(bytes.repeat(if bytes.is_empty() { 0 } else { n })))
        }
        _ => cx.system_limit(),
    }
}

/// Whether an endianness argument says little.
fn is_little(endianness: Term) -> Option<bool> {
    match endianness {
        am::little => Some(true),
        am::big => Some(false),
        _ => None,
    }
}

fn decode_1(cx: &mut Cx<'_>) -> Outcome {
    decode(cx, Some(false))
}

fn decode_2(cx: &mut Cx<'_>) -> Outcome {
    let little = is_little(cx.arg(1));
    decode(cx, little)
}

fn decode(cx: &mut Cx<'_>, little: Option<bool>) -> Outcome {
    let (Some(bits), Some(little)) = (cx.arg(0).as_binary(), little) else { return cx.badarg() };
    let bytes = bits.to_bytes();
    if bytes.len() > MAX_INTEGER_BYTES {
        return cx.system_limit();
    }
    let limb = |chunk: &mut dyn Iterator<Item = &u8>| {
        chunk.enumerate().fold(0, |limb, (i, &byte)| limb | u64::from(byte) << (8 * i))
    };
    let limbs: Vec<u64> = if little {
        bytes.chunks(8).map(|chunk| limb(&mut chunk.iter())).collect()
    } else {
        bytes.rchunks(8).map(|chunk| limb(&mut chunk.iter().rev())).collect()
    };
    cx.charge(bytes.len() / BYTES_PER_REDUCTION);
    Ok(cx.big(false, &limbs))
}

/// Bytes of the largest integers.
const MAX_INTEGER_BYTES: usize = 1 << 23;

fn encode_1(cx: &mut Cx<'_>) -> Outcome {
    encode(cx, Some(false))
}

fn encode_2(cx: &mut Cx<'_>) -> Outcome {
    let little = is_little(cx.arg(1));
    encode(cx, little)
}

fn encode(cx: &mut Cx<'_>, little: Option<bool>) -> Outcome {
    let integer = cx.arg(0);
    let Some(little) = little else { return cx.badarg() };
    let mut bytes: Vec<u8> = match (integer.as_small(), integer.as_big()) {
        (Some(n @ 0..), _) => n.to_le_bytes().to_vec(),
        (_, Some(big)) if !big.is_negative() => big.limbs().iter().flat_map(|limb| limb.to_le_bytes()).collect(),
        _ => return cx.badarg(),
    };
    let used = bytes.iter().rposition(|&byte| byte != 0).map_or(1, |last| last + 1);
    bytes.truncate(used);
    if !little {
        bytes.reverse();
    }
    Ok(cx.binary_from(bytes))
}

fn prefix(cx: &mut Cx<'_>) -> Outcome {
    longest_common(cx, |a, b| a.iter().zip(b).take_while(|(a, b)| a == b).count())
}

fn suffix(cx: &mut Cx<'_>) -> Outcome {
    longest_common(cx, |a, b| a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count())
}

fn longest_common(cx: &mut Cx<'_>, common: impl Fn(&[u8], &[u8]) -> usize) -> Outcome {
    let binaries: Option<Vec<Bits>> =
        cx.arg(0).proper_list().and_then(|list| list.into_iter().map(Term::as_binary).collect());
    let Some([first, others @ ..]) = binaries.as_deref() else { return cx.badarg() };
    let first = first.to_bytes();
    let length = others.iter().map(|bits| common(&first, &bits.to_bytes())).min().unwrap_or(first.len());
    cx.charge(length * (others.len() + 1) / BYTES_PER_REDUCTION);
    Ok(cx.usize(length))
}

fn referenced_byte_size(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_bits() {
        Some(bits) => Ok(cx.usize(bits.referenced_bytes())),
        None => cx.badarg(),
    }
}
