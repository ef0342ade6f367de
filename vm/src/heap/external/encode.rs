//! Terms into the external format.

use std::cell::Cell;

use glulam_bytecode::bytes::append;
use glulam_bytecode::etf::{AtomForm, Encoder, Name};
use rustc_hash::FxHashMap;

use super::hooks;
use crate::atom::Atom;
use crate::term::cmp::cmp_exact;
use crate::term::node::this_node;
use crate::term::{Kind, Term, View};

/// The options of an encoding.
#[derive(Clone, Copy, Default)]
pub struct Fixed {
    /// 0: floats as text; 1; 2: atoms in UTF-8.
    pub minor_version: u8,
    /// Equal terms give equal bytes: large maps in key order.
    pub deterministic: bool,
}

/// The bytes of a term, with the version byte.
pub fn encode(term: Term, options: Fixed) -> Vec<u8> {
    let mut encoding = Encoding::new(term, options);
    encoding.run(usize::MAX);
    encoding.take_bytes()
}

/// The atoms of a message between nodes, in the order of their first use: its header lists them once, its terms
/// name them by place. What has no room in it is written out.
#[derive(Default)]
pub struct AtomList {
    atoms: Vec<Atom>,
    places: FxHashMap<Atom, u8>,
}

impl AtomList {
    /// As many as a header can list.
    const MOST: usize = 255;

    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    fn place(&mut self, atom: Atom) -> Option<u8> {
        if let Some(&place) = self.places.get(&atom) {
            return Some(place);
        }
        let place = u8::try_from(self.atoms.len()).ok().filter(|&place| usize::from(place) < AtomList::MOST)?;
        self.atoms.push(atom);
        self.places.insert(atom, place);
        Some(place)
    }
}

/// The bytes of the terms of a message between nodes, one behind the other: with their atoms in a list, or each
/// with a version byte.
pub fn encode_message(terms: &[Term], listed: bool) -> (Vec<u8>, AtomList) {
    let mut encoding = Encoding::empty(Fixed { minor_version: 2, deterministic: false });
    encoding.listed = listed.then(AtomList::default);
    for &term in terms {
        if !listed {
            encoding.encoder.version();
        }
        encoding.rest.push(Rest::Term(term));
        encoding.run(usize::MAX);
    }
    (encoding.take_bytes(), encoding.listed.take().unwrap_or_default())
}

/// What is still to be written, next last.
enum Rest {
    Term(Term),
    /// The rest of a list.
    Tail(Term),
    /// A fun ends here that began there.
    FunEnd(usize),
}

/// Where in the bytes a binary belongs whose own bytes are not copied there.
struct Held {
    at: usize,
    binary: Term,
}

/// An encoding under way.
pub struct Encoding {
    pub encoder: Encoder,
    rest: Vec<Rest>,
    deterministic: bool,
    /// Binaries from this size on are left where they are.
    hold: usize,
    held: Vec<Held>,
    /// The atoms, if terms name them by place.
    listed: Option<AtomList>,
    /// What `external_size` says beyond the bytes written.
    counted_beyond: usize,
}

/// Room for the next encoding of this thread.
#[derive(Default)]
struct Spare {
    bytes: Vec<u8>,
    rest: Vec<Rest>,
}

thread_local! {
    static SPARE: Cell<Option<Spare>> = const { Cell::new(None) };
}

impl Drop for Encoding {
    fn drop(&mut self) {
        /// More than this is not kept.
        const MOST: usize = 64 * 1024;
        let mut spare = Spare { bytes: self.take_bytes(), rest: std::mem::take(&mut self.rest) };
        if spare.bytes.capacity() <= MOST && spare.rest.capacity() <= MOST / size_of::<Rest>() {
            spare.bytes.clear();
            spare.rest.clear();
            SPARE.set(Some(spare));
        }
    }
}

/// Whether nothing is left to be done for a term once it is written: it has no parts.
#[inline]
fn is_simple(term: Term) -> bool {
    if term.is_boxed() {
        let header = term.header();
        header.is_between(Kind::Float, Kind::BigNegative) || header.is_between(Kind::HeapBinary, Kind::SubBinary)
    } else {
        !term.is_cons()
    }
}

/// A part of an encoded term.
pub enum Part {
    Bytes(Vec<u8>),
    /// The bytes of a binary that is part of the term.
    Binary(Term),
}

/// Binaries from so many bytes on are not copied by `encode_chunks`.
const HOLD: usize = 65;

/// The bytes of a term in parts: large binaries are shared, not copied. `None` if there are more
/// than `most` terms in it.
pub fn encode_chunks(term: Term, options: Fixed, most: usize) -> Option<Vec<Part>> {
    let mut encoding = Encoding::new(term, options);
    encoding.hold = HOLD;
    if !encoding.run(most) {
        return None;
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for held in &encoding.held {
        parts.push(Part::Bytes(encoding.encoder.bytes[from..held.at].to_vec()));
        parts.push(Part::Binary(held.binary));
        from = held.at;
    }
    parts.push(Part::Bytes(encoding.encoder.bytes[from..].to_vec()));
    parts.retain(|part| !matches!(part, Part::Bytes(bytes) if bytes.is_empty()));
    Some(parts)
}

/// What `erlang:external_size/2` says: how many bytes the term takes at most. `None` as above.
pub fn size(term: Term, options: Fixed, most: usize) -> Option<usize> {
    let mut encoding = Encoding::new(term, options);
    encoding.hold = HOLD;
    if !encoding.run(most) {
        return None;
    }
    let held = encoding.held.iter().map(|held| held.binary.as_bits().map_or(0, |bits| bits.byte_size()));
    Some(encoding.encoder.bytes.len() + held.sum::<usize>() + encoding.counted_beyond)
}

impl Encoding {
    /// Before the term; the version byte is written.
    pub fn new(term: Term, options: Fixed) -> Encoding {
        let mut encoding = Encoding::empty(options);
        encoding.encoder.version();
        encoding.rest.push(Rest::Term(term));
        encoding
    }

    fn empty(options: Fixed) -> Encoding {
        let spare = SPARE.take().unwrap_or_default();
        let mut encoder = Encoder::new();
        encoder.bytes = spare.bytes;
        encoder.float_text = options.minor_version == 0;
        encoder.atoms = if options.minor_version < 2 { AtomForm::Latin1 } else { AtomForm::Utf8 };
        Encoding {
            encoder,
            rest: spare.rest,
            deterministic: options.deterministic,
            hold: usize::MAX,
            held: Vec::new(),
            listed: None,
            counted_beyond: 0,
        }
    }

    /// The bytes so far.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.encoder.bytes)
    }

    /// How an atom is written.
    fn name(&mut self, atom: Atom) -> Name<'static> {
        match self.listed.as_mut().and_then(|listed| listed.place(atom)) {
            Some(place) => Name::Listed(place),
            None => Name::Text(atom.name()),
        }
    }

    /// Writes so many terms more at most; whether that was all.
    pub fn run(&mut self, mut fuel: usize) -> bool {
        while let Some(rest) = self.rest.pop() {
            match rest {
                Rest::FunEnd(start) => self.encoder.fun_end(start),
                Rest::Term(term) => self.term(term),
                Rest::Tail(mut tail) => {
                    while let Some(cell) = tail.as_cons()
                        && is_simple(cell.head())
                        && fuel > 1
                    {
                        self.term(cell.head());
                        tail = cell.tail();
                        fuel -= 1;
                    }
                    match tail.as_cons() {
                        Some(cell) => {
                            self.rest.push(Rest::Tail(cell.tail()));
                            self.term(cell.head());
                        }
                        None => self.term(tail),
                    }
                }
            }
            fuel -= 1;
            if fuel == 0 {
                break;
            }
        }
        self.rest.is_empty()
    }

    fn terms(&mut self, terms: &[Term]) {
        // Those at the start that have no parts are written at once.
        let simple = terms.iter().take_while(|term| is_simple(**term)).count();
        let (simple, terms) = terms.split_at(simple);
        simple.iter().for_each(|&term| self.term(term));
        self.rest.extend(terms.iter().rev().map(|&term| Rest::Term(term)));
    }

    fn pairs(&mut self, mut pairs: impl Iterator<Item = (Term, Term)>) {
        // Those at the start that have no parts are written at once.
        while let Some((key, value)) = pairs.next() {
            if is_simple(key) && is_simple(value) {
                self.term(key);
                self.term(value);
                continue;
            }
            let at = self.rest.len();
            self.rest.extend([Rest::Term(key), Rest::Term(value)]);
            self.rest.extend(pairs.flat_map(|(k, v)| [Rest::Term(k), Rest::Term(v)]));
            self.rest[at..].reverse();
            return;
        }
    }

    fn term(&mut self, term: Term) {
        match term.view() {
            View::Small(n) => self.encoder.integer(n),
            View::Big(big) => match term.as_i64() {
                Some(n) => self.encoder.integer(n),
                None => self.encoder.big(big.is_negative(), big.limbs()),
            },
            View::Float(f) => self.encoder.float(f),
            View::Atom(atom) => {
                let name = self.name(atom);
                self.encoder.atom(name);
            }
            View::Nil => self.encoder.nil(),
            View::Cons(_) => self.list(term),
            View::Tuple(tuple) => {
                self.encoder.tuple(tuple.arity());
                self.terms(tuple.as_slice());
            }
            View::Map(map) => {
                self.encoder.map(map.size());
                if map.is_flat() {
                    self.pairs(map.iter());
                    return;
                }
                let mut pairs: Vec<(Term, Term)> = map.iter().collect();
                if self.deterministic {
                    pairs.sort_by(|a, b| cmp_exact(a.0, b.0));
                } else {
                    // As `maps:to_list/1` has them.
                    pairs.reverse();
                }
                self.pairs(pairs.into_iter());
            }
            View::Bits(bits) => {
                let whole = bits.to_bytes();
                match bits.last_bits() {
                    (_, 0) => {
                        self.encoder.binary(whole.len());
                        if whole.len() >= self.hold {
                            self.held.push(Held { at: self.encoder.bytes.len(), binary: term });
                        } else {
                            append(&mut self.encoder.bytes, &whole);
                        }
                    }
                    (last, count) => {
                        self.encoder.bitstring(whole.len() + 1, count as u8);
                        append(&mut self.encoder.bytes, &whole);
                        self.encoder.bytes.push(last);
                    }
                }
            }
            View::Fun(fun) => self.fun(fun),
            View::LocalPid | View::ExternalPid | View::LocalPort | View::ExternalPort | View::Ref | View::ExternalRef => {
                self.identifier(term);
            }
            View::Record | View::MatchContext | View::Internal => crate::bug!("{:#x} in an external term", term.bits()),
        }
    }

    fn list(&mut self, list: Term) {
        let mut elements = list.list();
        let (mut count, mut bytes) = (0, true);
        for element in elements.by_ref() {
            count += 1;
            bytes &= matches!(element.as_small(), Some(0..=255));
        }
        if bytes && elements.rest().is_nil() && count <= usize::from(u16::MAX) {
            self.encoder.string(count, list.list().map(|element| element.small_value() as u8));
            return;
        }
        self.encoder.list(count);
        self.rest.push(Rest::Tail(list));
    }

    fn fun(&mut self, fun: crate::term::Fun) {
        if fun.is_external() {
            let (module, function, arity) = (hooks().export_parts)(fun.entry_address());
            let (module, function) = (self.name(module), self.name(function));
            self.encoder.export(module, function, arity);
            return;
        }
        let id = (hooks().fun_parts)(fun.entry_address());
        let environment = fun.environment();
        let module = self.name(id.module);
        let start = self.encoder.fun(
            id.arity,
            &id.uniq,
            id.index,
            environment.len(),
            module,
            id.index.into(),
            id.old_uniq.into(),
        );
        // The two integers take five bytes each to `external_size`, two of them if they are small.
        let small = [id.index, id.old_uniq].into_iter().filter(|&n| n < 256).count();
        self.counted_beyond += 3 * small;
        self.rest.push(Rest::FunEnd(start));
        // An identifier, which is written at once: it stands before the free variables, some of which are, too.
        self.term(fun.creator());
        self.terms(environment);
    }

    fn identifier(&mut self, term: Term) {
        let (node, creation) = term.node_of().unwrap_or_else(this_node);
        let node = self.name(node);
        if let Some((number, serial)) = term.pid_parts() {
            self.encoder.pid(node, number, serial, creation);
        } else if let Some(numbers) = term.ref_numbers() {
            self.encoder.reference(node, creation, &numbers);
        } else if let Some(number) = term.port_number() {
            self.encoder.port(node, number, creation);
        } else {
            crate::bug!("{:#x} is no identifier", term.bits());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::am;
    use crate::heap::external::decode;
    use crate::heap::{Build, Fragment, map};
    use crate::term::cmp::eq_exact;

    fn round_trip(term: Term, options: Fixed) {
        let bytes = encode(term, options);
        let mut f = Fragment::new(100_000);
        let (copy, used) = decode(&bytes, &mut f, false).unwrap();
        assert_eq!(used, bytes.len());
        assert!(eq_exact(term, copy));
        let parts = encode_chunks(term, options, usize::MAX).unwrap();
        let joined: Vec<u8> = parts
            .into_iter()
            .flat_map(|part| match part {
                Part::Bytes(bytes) => bytes,
                Part::Binary(binary) => binary.as_bits().unwrap().to_bytes().into_owned(),
            })
            .collect();
        assert_eq!(joined, bytes);
    }

    #[test]
    fn references_of_other_nodes_have_one_form() {
        // as many zeros at the end as may be, found by fuzzing
        let forms = (1..6).map(|n| {
            let mut bytes = vec![131, 90, 0, n, 119, 4, b'x', b'@', b'h', b'i', 0, 0, 0, 9, 0, 0, 0, 7];
            bytes.resize(bytes.len() + (usize::from(n) - 1) * 4, 0);
            bytes
        });
        let mut f = Fragment::new(1000);
        let terms: Vec<Term> = forms.map(|bytes| decode(&bytes, &mut f, false).unwrap().0).collect();
        for term in &terms {
            assert!(eq_exact(*term, terms[0]));
            assert_eq!(crate::term::hash::internal(*term, 0), crate::term::hash::internal(terms[0], 0));
            round_trip(*term, Fixed { minor_version: 2, deterministic: false });
        }
    }

    #[test]
    fn what_is_encoded_decodes() {
        let mut f = Fragment::new(100_000);
        let long = f.binary(&[7; 300]);
        let many: Vec<_> = (0..100).map(|n| (Term::small(n), long)).collect();
        let terms = [
            Term::small(-1),
            f.i64(i64::MIN),
            f.u64(u64::MAX),
            f.big(true, &[0, 0, 1 << 63]),
            f.float(-0.1),
            am::ok,
            f.string("a list"),
            f.list_with_tail(&[am::ok, long], am::ok),
            f.bitstring(&[0xff, 0x80], 9),
            f.part(long, 3, 800),
            f.tuple(&[]),
            f.reference([1 << 40, 7]),
            Term::from_pid_number(5 << 28 | 77),
            Term::from_port_number(3),
            map::from_pairs(&many, &mut f),
            map::from_pairs(&many[..5], &mut f),
        ];
        let all = f.tuple(&terms);
        for minor_version in [1, 2] {
            for deterministic in [false, true] {
                round_trip(all, Fixed { minor_version, deterministic });
            }
        }
        let deep = (0..1000).fold(Term::NIL, |deep, _| f.list(&[deep]));
        round_trip(deep, Fixed { minor_version: 1, deterministic: false });
        let float = f.tuple(&[am::ok]);
        round_trip(float, Fixed::default());
    }

    #[test]
    fn repeated_keys_and_new_atoms_are_refused() {
        let mut f = Fragment::new(1000);
        let twice = [131, 116, 0, 0, 0, 2, 97, 1, 97, 1, 97, 1, 97, 2];
        assert!(decode(&twice, &mut f, false).is_err());
        let atom = b"\x83\x77\x0enobody has this";
        assert!(decode(&atom[..], &mut f, true).is_err());
        assert!(decode(b"\x83\x77\x02ok", &mut f, true).is_ok());
    }
}
