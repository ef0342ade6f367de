//! Terms as text the way the runtime itself shows them: `erlang:display/1`, messages about errors,
//! identifiers as lists. (Not the way `io:format/2` does; that is Erlang code.)

use std::fmt::Write;

use super::node::this_node;
use super::{Kind, Term, View};

/// The whole term.
pub fn to_string(term: Term) -> String {
    print(term, usize::MAX)
}

/// The term, cut after about so many elements and characters.
pub fn print(term: Term, limit: usize) -> String {
    let mut printer = Printer { out: String::new(), left: limit, pending: vec![Part::Term(term)] };
    while let Some(part) = printer.pending.pop() {
        match part {
            Part::Text(text) => printer.out.push_str(text),
            Part::Term(term) => {
                if printer.left == 0 {
                    break;
                }
                printer.left -= 1;
                printer.term(term);
            }
            Part::Tail(_) if printer.left == 0 => break,
            Part::Tail(list) => printer.tail(list),
        }
    }
    if printer.left == 0 {
        printer.out.push_str("...");
    }
    printer.out
}

enum Part {
    Text(&'static str),
    Term(Term),
    /// What follows the head of a cell.
    Tail(Term),
}

struct Printer {
    out: String,
    left: usize,
    pending: Vec<Part>,
}

impl Printer {
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(text);
    }

    /// Elements with commas between them.
    fn elements(&mut self, elements: impl DoubleEndedIterator<Item = Term>) {
        let at = self.pending.len();
        for element in elements.rev() {
            if self.pending.len() > at {
                self.pending.push(Part::Text(","));
            }
            self.pending.push(Part::Term(element));
        }
    }

    fn tail(&mut self, list: Term) {
        match list.as_cons() {
            Some(cell) => {
                self.out.push(',');
                self.pending.push(Part::Tail(cell.tail()));
                self.pending.push(Part::Term(cell.head()));
            }
            None if list.is_nil() => {}
            None => {
                self.out.push('|');
                self.pending.push(Part::Term(list));
            }
        }
    }

    fn term(&mut self, term: Term) {
        match term.view() {
            View::Nil => self.out.push_str("[]"),
            View::Atom(atom) => self.atom(atom.name()),
            View::Small(n) => self.add(format_args!("{n}")),
            View::Big(big) => {
                let digits = dashu_int::UBig::from_words(big.limbs());
                self.add(format_args!("{}{digits}", if big.is_negative() { "-" } else { "" }));
            }
            View::Float(f) => {
                if let Some(text) = super::float::scientific(f, 6) {
                    self.out.push_str(&text);
                }
            }
            View::Cons(cell) => match printable(term) {
                Some(text) => self.string(&text),
                None => {
                    self.out.push('[');
                    self.pending.push(Part::Text("]"));
                    self.pending.push(Part::Tail(cell.tail()));
                    self.pending.push(Part::Term(cell.head()));
                }
            },
            View::Tuple(tuple) => {
                self.out.push('{');
                self.pending.push(Part::Text("}"));
                self.elements(tuple.iter());
            }
            View::Record => {
                self.out.push_str("#{");
                self.pending.push(Part::Text("}"));
                self.elements((1..=term.header().size()).map(|i| term.slot(i)));
            }
            View::Map(map) if map.is_flat() => {
                self.out.push_str("#{");
                self.pending.push(Part::Text("}"));
                let at = self.pending.len();
                for (&key, &value) in map.flat_keys().iter().zip(map.flat_values()).rev() {
                    if self.pending.len() > at {
                        self.pending.push(Part::Text(","));
                    }
                    self.pending.extend([Part::Term(value), Part::Text("=>"), Part::Term(key)]);
                }
            }
            View::Map(_) => self.node(term, 2),
            View::Internal if term.kind() == Some(Kind::HashNode) => self.node(term, 1),
            View::Fun(fun) => {
                let parts = fun.parts();
                if fun.is_external() {
                    self.out.push_str("fun ");
                    self.atom(parts.module.name());
                    self.out.push(':');
                    self.atom(parts.function.name());
                    self.add(format_args!("/{}", parts.arity));
                } else {
                    self.add(format_args!("#Fun<{}.{}.{}>", parts.module.name(), parts.index, parts.old_uniq));
                }
            }
            View::Bits(bits) => self.bits(&bits),
            View::LocalPid | View::ExternalPid => {
                let (number, serial) = term.pid_parts().unwrap_or_default();
                self.add(format_args!("<{}.{number}.{serial}>", channel(term)));
            }
            View::LocalPort | View::ExternalPort => {
                let number = term.port_number().unwrap_or_default();
                self.add(format_args!("#Port<{}.{number}>", channel(term)));
            }
            View::Ref | View::ExternalRef => {
                self.add(format_args!("#Ref<{}", channel(term)));
                for number in term.ref_numbers().unwrap_or_default().iter().rev() {
                    self.add(format_args!(".{number}"));
                }
                self.out.push('>');
            }
            View::MatchContext => self.out.push_str("#MatchState"),
            View::Internal => self.out.push_str("<TNV>"),
        }
    }

    /// A node of a hashed map: its bitmap and children.
    fn node(&mut self, node: Term, bitmap: usize) {
        self.out.push_str(if bitmap == 2 { "#<" } else { "<" });
        self.add(format_args!("{:x}>{{", node.slot(bitmap).small_value()));
        self.pending.push(Part::Text("}"));
        self.elements((bitmap + 1..=node.header().size()).map(|i| node.slot(i)));
    }

    fn string(&mut self, text: &[u8]) {
        self.out.push('"');
        for &byte in text {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            match byte {
                b'\n' => self.out.push_str("\\n"),
                b'"' => self.out.push_str("\\\""),
                _ => self.out.push(byte.into()),
            }
        }
        self.out.push('"');
    }

    fn bits(&mut self, bits: &super::Bits) {
        let bytes = bits.to_bytes();
        let (last, count) = bits.last_bits();
        self.out.push_str("<<");
        if count == 0 && !bytes.is_empty() && bytes.iter().all(|b| (b' '..127).contains(b)) {
            self.out.push('"');
            for &byte in bytes.iter() {
                if byte == b'"' {
                    self.out.push('\\');
                }
                self.out.push(byte.into());
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
            }
            self.out.push_str("\">>");
            return;
        }
        for (i, byte) in bytes.iter().enumerate() {
            self.add(format_args!("{}{byte}", if i > 0 { "," } else { "" }));
            if self.left == 0 {
                return;
            }
            self.left -= 1;
        }
        if count > 0 {
            self.add(format_args!("{}{}:{count}", if bytes.is_empty() { "" } else { "," }, last >> (8 - count)));
        }
        self.out.push_str(">>");
    }

    fn atom(&mut self, name: &str) {
        self.left = self.left.saturating_sub(name.len());
        quote_atom(name, &mut self.out);
    }
}

/// An atom's name, quoted where it must be.
pub fn quote_atom(name: &str, out: &mut String) {
    let lower = |c: char| c.is_ascii_lowercase() || ('\u{df}'..='\u{ff}').contains(&c) && c != '\u{f7}';
    let upper = |c: char| c.is_ascii_uppercase() || ('\u{c0}'..='\u{de}').contains(&c) && c != '\u{d7}';
    let plain = name.starts_with(lower) && name.chars().all(|c| lower(c) || upper(c) || c.is_ascii_digit() || c == '_');
    if plain {
        out.push_str(name);
        return;
    }
    out.push('\'');
    for c in name.chars() {
        match c {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{b}' => out.push_str("\\v"),
            '\0'..=' ' if c != ' ' => {
                let _ = write!(out, "\\{:03o}", c as u32);
            }
            '\u{80}'..='\u{9f}' => {
                let _ = write!(out, "\\{:03o}", c as u32);
            }
            _ => out.push(c),
        }
    }
    out.push('\'');
}

/// The number that stands for a node in text: 0 for this one, in whatever life.
fn channel(term: Term) -> u32 {
    match term.as_external() {
        Some(external) if external.node().name != this_node().0 => external.node().name.index(),
        _ => 0,
    }
}

/// The bytes of a proper list of printable ASCII characters and white space.
fn printable(list: Term) -> Option<Vec<u8>> {
    let mut elements = list.list();
    let byte = |t: Term| match t.as_small() {
        Some(c @ (32..=126 | 9 | 10 | 13)) => Some(c as u8),
        _ => None,
    };
    let text = elements.by_ref().map(byte).collect::<Option<Vec<u8>>>()?;
    elements.rest().is_nil().then_some(text)
}

impl std::fmt::Debug for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print(*self, 1000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::am;
    use crate::heap::{Build, Fragment, map};

    #[test]
    fn terms_look_as_in_otp() {
        let mut f = Fragment::new(10_000);
        let text = f.string("a\"b\n");
        let binary = f.binary(b"hi\"");
        let bits = f.bitstring(&[1, 2, 0b1010_0000], 19);
        let float = f.float(-1.5);
        let improper = f.list_with_tail(&[Term::small(1), text], am::ok);
        let big = f.big(true, &[0, 1]);
        let reference = f.reference([1 | 2 << 32, 3]);
        let flat = map::from_pairs(&[(am::ok, text), (Term::small(1), Term::NIL)], &mut f);
        let odd = Term::from_atom(crate::atom::Atom::intern("Odd' atom\n").unwrap());
        let all = [improper, binary, bits, float, big, reference, flat, odd, f.binary(b"")];
        let tuple = f.tuple(&all);
        assert_eq!(
            to_string(tuple),
            "{[1,\"a\\\"b\\n\"|ok],<<\"hi\\\"\">>,<<1,2,5:3>>,-1.500000e+00,-18446744073709551616,#Ref<0.3.2.1>,\
             #{1=>[],ok=>\"a\\\"b\\n\"},'Odd\\' atom\\n',<<>>}"
        );
        assert_eq!(print(improper, 4), "[1,\"a...");
        assert_eq!(print(Term::NIL, 5), "[]");
    }
}
