//! Text given as a term.

use crate::term::{Term, View};

/// The text of a string (list of characters), a UTF-8 binary or an atom.
pub fn text_of(term: Term) -> Option<String> {
    match term.view() {
        View::Atom(atom) => Some(atom.name().to_owned()),
        View::Bits(bits) => String::from_utf8(bits.as_bytes()?.to_vec()).ok(),
        View::Nil | View::Cons(_) => {
            let mut list = term.list();
            let text = list
                .by_ref()
                .map(|c| c.as_small().and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32))
                .collect::<Option<String>>()?;
            list.rest().is_nil().then_some(text)
        }
        _ => None,
    }
}
