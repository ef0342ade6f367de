//! Atoms to and from text.

use glulam_vm::atom::{Atom, AtomError, MAX_ATOM_CHARACTERS};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::{Term, am, bifs};

bifs! {
    erlang:atom_to_list/1              Normal => atom_to_list;
    erlang:atom_to_binary/2            Normal => atom_to_binary;
    erlang:list_to_atom/1              Normal => list_to_atom;
    erlang:list_to_existing_atom/1     Normal => list_to_existing_atom;
    erlang:binary_to_atom/2            Normal => binary_to_atom;
    erlang:binary_to_existing_atom/2   Normal => binary_to_existing_atom;
}

fn atom_to_list(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).as_atom() {
        Some(atom) => Ok(cx.string(atom.name())),
        None => cx.badarg(),
    }
}

/// Whether an encoding is Latin-1, or else UTF-8.
fn is_latin1(encoding: Term) -> Option<bool> {
    match encoding {
        am::latin1 => Some(true),
        am::utf8 | am::unicode => Some(false),
        _ => None,
    }
}

fn atom_to_binary(cx: &mut Cx<'_>) -> Outcome {
    let [atom, encoding] = cx.take();
    let (Some(atom), Some(latin1)) = (atom.as_atom(), is_latin1(encoding)) else { return cx.badarg() };
    if !latin1 {
        return Ok(cx.binary(atom.name().as_bytes()));
    }
    match atom.name().chars().map(|c| u8::try_from(c).ok()).collect::<Option<Vec<u8>>>() {
        Some(bytes) => Ok(cx.binary(&bytes)),
        None => cx.badarg(),
    }
}

fn make(cx: &mut Cx<'_>, name: &str) -> Outcome {
    match Atom::intern(name) {
        Ok(atom) => Ok(Term::from_atom(atom)),
        Err(AtomError::TooLong | AtomError::TableFull) => cx.system_limit(),
    }
}

fn find(cx: &mut Cx<'_>, name: &str) -> Outcome {
    match Atom::existing(name) {
        Some(atom) => Ok(Term::from_atom(atom)),
        None => cx.badarg(),
    }
}

/// The characters of a proper list of them.
fn characters(list: Term) -> Option<String> {
    let mut elements = list.list();
    let character = |t: Term| t.as_small().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32);
    let text = elements.by_ref().map(character).collect::<Option<String>>()?;
    elements.rest().is_nil().then_some(text)
}

fn list_to_atom(cx: &mut Cx<'_>) -> Outcome {
    match characters(cx.arg(0)) {
        Some(name) => make(cx, &name),
        None if is_long(cx.arg(0)) => cx.system_limit(),
        None => cx.badarg(),
    }
}

/// Whether a list, whatever else is wrong with it, starts with more characters than an atom has.
fn is_long(list: Term) -> bool {
    let is_character = |t: &Term| t.as_small().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32).is_some();
    list.list().take_while(is_character).nth(MAX_ATOM_CHARACTERS).is_some()
}

fn list_to_existing_atom(cx: &mut Cx<'_>) -> Outcome {
    match characters(cx.arg(0)) {
        Some(name) => find(cx, &name),
        None => cx.badarg(),
    }
}

fn name_in_binary(cx: &Cx<'_>) -> Option<String> {
    let [binary, encoding] = cx.take();
    let bits = binary.as_binary()?;
    let bytes = bits.to_bytes();
    if is_latin1(encoding)? {
        return Some(bytes.iter().map(|&byte| char::from(byte)).collect());
    }
    std::str::from_utf8(&bytes).ok().map(str::to_owned)
}

/// Whether a UTF-8 binary, whatever else is wrong with it, starts with more characters than an atom has.
fn is_long_utf8(term: Term) -> bool {
    let Some(bits) = term.as_binary() else { return false };
    let bytes = bits.to_bytes();
    let good = std::str::from_utf8(&bytes).map_or_else(|e| e.valid_up_to(), str::len);
    std::str::from_utf8(&bytes[..good]).is_ok_and(|text| text.chars().nth(MAX_ATOM_CHARACTERS).is_some())
}

fn binary_to_atom(cx: &mut Cx<'_>) -> Outcome {
    match name_in_binary(cx) {
        Some(name) => make(cx, &name),
        None if is_latin1(cx.arg(1)) == Some(false) && is_long_utf8(cx.arg(0)) => cx.system_limit(),
        None => cx.badarg(),
    }
}

fn binary_to_existing_atom(cx: &mut Cx<'_>) -> Outcome {
    match name_in_binary(cx) {
        Some(name) => find(cx, &name),
        None => cx.badarg(),
    }
}
