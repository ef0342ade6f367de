//! File names between Erlang and the operating system.

use glulam_vm::base::filename::{self, Encoding, OnInvalid};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Term, am};
use unicode_normalization::UnicodeNormalization;

/// Appends a name given as a deep list of characters, encoded. No character is 0. Atoms within a list are
/// characters only to `file`, which makes a flat list of them before.
fn encode_list(list: Term, encoding: Encoding, out: &mut Vec<u8>) -> Option<()> {
    let mut pending = vec![list];
    while let Some(mut at) = pending.pop() {
        while let Some(cell) = at.as_cons() {
            let (head, tail) = (cell.head(), cell.tail());
            if head.is_list() {
                pending.push(tail);
                at = head;
            } else {
                encode_character(head.as_small()?, encoding, out)?;
                at = tail;
            }
        }
        if !at.is_nil() {
            return None;
        }
    }
    Some(())
}

fn encode_character(character: i64, encoding: Encoding, out: &mut Vec<u8>) -> Option<()> {
    match encoding {
        _ if character == 0 => return None,
        Encoding::Latin1 => out.push(u8::try_from(character).ok()?),
        Encoding::Utf8 => {
            let character = char::from_u32(u32::try_from(character).ok()?)?;
            out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    Some(())
}

/// The bytes of a name given as a binary (taken as they are), a deep list of characters, or an atom.
pub(crate) fn encode(name: Term) -> Option<Vec<u8>> {
    if let Some(bits) = name.as_binary() {
        let bytes = bits.to_bytes().into_owned();
        return (!bytes.contains(&0)).then_some(bytes);
    }
    let mut out = Vec::new();
    let encoding = filename::encoding();
    match name.as_atom() {
        Some(atom) => atom.name().chars().try_for_each(|c| encode_character(c as i64, encoding, &mut out))?,
        None => encode_list(name, encoding, &mut out)?,
    }
    Some(out)
}

pub(super) fn to_native(cx: &mut Cx<'_>) -> Outcome {
    let [name] = cx.take();
    match if name.is_atom() { None } else { encode(name) } {
        Some(mut bytes) => {
            cx.charge(bytes.len() / 64);
            bytes.push(0);
            Ok(cx.binary_from(bytes))
        }
        None => cx.badarg(),
    }
}

pub(super) fn from_native(cx: &mut Cx<'_>) -> Outcome {
    let Some(bits) = cx.arg(0).as_binary() else { return cx.badarg() };
    let bytes = bits.to_bytes();
    cx.charge(bytes.len() / 64);
    if filename::encoding() == Encoding::Latin1 {
        return Ok(cx.byte_list(&bytes));
    }
    Ok(match std::str::from_utf8(&bytes) {
        Ok(name) => cx.string(name),
        Err(_) => {
            let what = match filename::on_invalid() {
                OnInvalid::Warning => am::warning,
                OnInvalid::Ignore => am::ignore,
                OnInvalid::Error => am::error,
            };
            cx.tuple(&[am::error, what])
        }
    })
}

/// The characters of an UTF-8 binary, composed where there is a composed character.
pub(super) fn normalize(cx: &mut Cx<'_>) -> Outcome {
    let Some(bits) = cx.arg(0).as_binary() else { return cx.badarg() };
    let bytes = bits.to_bytes();
    cx.charge(bytes.len() / 16);
    match std::str::from_utf8(&bytes) {
        Ok(name) => Ok(cx.string(&name.nfc().collect::<String>())),
        Err(_) => cx.badarg(),
    }
}

pub(super) fn is_translatable(cx: &mut Cx<'_>) -> Outcome {
    let Some(bits) = cx.arg(0).as_binary() else { return cx.badarg() };
    let fits = filename::encoding() == Encoding::Latin1 || std::str::from_utf8(&bits.to_bytes()).is_ok();
    Ok(Term::from_bool(fits))
}

pub(super) fn encoding(_: &mut Cx<'_>) -> Outcome {
    Ok(match filename::encoding() {
        Encoding::Latin1 => am::latin1,
        Encoding::Utf8 => am::utf8,
    })
}
