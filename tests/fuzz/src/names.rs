//! Bytes as character data: names of files and of variables, and what `unicode` makes of the same data,
//! beside models that know nothing of terms.

use glulam_vm::am;
use glulam_vm::base::filename::{self, Encoding, OnInvalid};
use glulam_vm::bif::Stop;
use glulam_vm::heap::Build;
use glulam_vm::term::{Term, cmp, print};
use glulam_vm::Atom;

use super::native::Caller;

/// Names of atoms: those that could be names, and those that could not.
const ATOMS: [&str; 5] = ["a", "", "å", "Ω", "a\0"];

/// Data that is a name or not.
enum Data {
    Integer(i64),
    Atom(&'static str),
    /// Bytes that start at this bit of a byte.
    Binary(Vec<u8>, usize),
    /// A list, and what stands in place of `[]` at its end; of an empty list nothing does.
    List(Vec<Data>, Option<Box<Data>>),
    /// So many lists of one element around it, at least one.
    Deep(usize, Box<Data>),
    Bits,
    Big,
    Float,
}

/// The input, read from its front; zeros behind its end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken.to_vec()
    }

    fn integer(&mut self) -> i64 {
        let low = i64::from(self.byte());
        match self.byte() % 8 {
            0..4 => low,
            4 => low << 8 | i64::from(self.byte()),
            // surrogates, and the ends of planes
            5 => 0xd7f0 + low * 9,
            6 => 0x10_ff80 + low,
            _ => i64::from_le_bytes([0; 8].map(|_| self.byte())) >> 8,
        }
    }

    fn data(&mut self, depth: usize) -> Data {
        match self.byte() % 16 {
            _ if self.0.is_empty() => Data::List(Vec::new(), None),
            0..4 => Data::Integer(self.integer()),
            4..7 => {
                let size = usize::from(self.byte() % 24);
                let skew = usize::from(self.byte()).saturating_sub(247);
                Data::Binary(self.bytes(size), skew.min(7))
            }
            7 => match self.byte() % 8 {
                0 => Data::Bits,
                1 => Data::Big,
                2 => Data::Float,
                choice => Data::Atom(ATOMS[usize::from(choice) - 3]),
            },
            8 if depth > 0 => {
                let times = usize::from(self.byte()) * usize::from(self.byte() % 16);
                Data::Deep(times.max(1), Box::new(self.data(depth - 1)))
            }
            // characters in a row, as most names are
            9..12 => {
                let size = usize::from(self.byte() % 32);
                let all = self.bytes(size).into_iter().map(|b| Data::Integer(b.into()));
                Data::List(all.collect(), None)
            }
            _ if depth > 0 => {
                let size = self.byte() % 6;
                let elements = (0..size).map(|_| self.data(depth - 1)).collect();
                let end = if size > 0 && self.byte() % 8 == 7 { Some(Box::new(self.data(depth - 1))) } else { None };
                Data::List(elements, end)
            }
            _ => Data::List(Vec::new(), None),
        }
    }
}

impl Data {
    fn build(&self, heap: &mut impl Build) -> Term {
        match self {
            Data::Integer(n) => heap.i64(*n),
            Data::Atom(name) => Term::from_atom(Atom::known(name)),
            Data::Binary(bytes, skew) => {
                let ends = bytes.iter().copied().chain([0]);
                let befores = [0].into_iter().chain(bytes.iter().copied());
                let shifted = befores.zip(ends).map(|(before, byte)| {
                    ((u16::from(before) << 8 | u16::from(byte)) >> skew) as u8
                });
                let shifted: Vec<u8> = shifted.collect();
                let whole = heap.binary(&shifted);
                heap.part(whole, *skew, bytes.len() * 8)
            }
            Data::List(elements, end) => {
                let elements: Vec<Term> = elements.iter().map(|e| e.build(heap)).collect();
                let end = end.as_ref().map_or(Term::NIL, |end| end.build(heap));
                heap.list_with_tail(&elements, end)
            }
            Data::Deep(times, inner) => {
                let inner = inner.build(heap);
                (0..*times).fold(inner, |inner, _| heap.list(&[inner]))
            }
            Data::Bits => heap.bitstring(&[0x60], 3),
            Data::Big => heap.big(false, &[5, 7]),
            Data::Float => heap.float(1.5),
        }
    }

    /// The model of `internal_name2native`, without the NUL at the end.
    fn native(&self, encoding: Encoding) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        match self {
            Data::Binary(bytes, _) => out.extend_from_slice(bytes),
            Data::List(..) | Data::Deep(..) => self.characters(encoding, &mut out)?,
            _ => return None,
        }
        (!out.contains(&0)).then_some(out)
    }

    fn characters(&self, encoding: Encoding, out: &mut Vec<u8>) -> Option<()> {
        match self {
            Data::Integer(n) if encoding == Encoding::Latin1 => out.push(u8::try_from(*n).ok()?),
            Data::Integer(n) => {
                let c = char::from_u32(u32::try_from(*n).ok()?)?;
                out.extend_from_slice(c.to_string().as_bytes());
            }
            Data::Deep(_, inner) => inner.characters(encoding, out)?,
            Data::List(elements, end) => {
                elements.iter().try_for_each(|e| e.characters(encoding, out))?;
                match end.as_deref() {
                    None => {}
                    Some(end) if end.is_list() => end.characters(encoding, out)?,
                    Some(_) => return None,
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn is_list(&self) -> bool {
        matches!(self, Data::List(..) | Data::Deep(..))
    }

    /// Appends what `unicode` has to read; `false` if it is no character data.
    fn pieces(&self, within: bool, out: &mut Vec<Piece>) -> bool {
        match self {
            Data::Integer(n) => out.push(Piece::Integer(Some(*n))),
            Data::Big => out.push(Piece::Integer(None)),
            Data::Binary(bytes, _) => out.extend(bytes.iter().map(|&b| Piece::Byte(b))),
            Data::Deep(_, inner) => return inner.pieces(true, out),
            Data::List(elements, end) => {
                let all = elements.iter().all(|e| e.pieces(true, out));
                return all && end.as_ref().is_none_or(|end| end.pieces(false, out));
            }
            Data::Atom(_) | Data::Bits | Data::Float => return false,
        }
        within || matches!(self, Data::Binary(..))
    }
}

/// What character data is made of, without its shape.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Piece {
    Byte(u8),
    /// None: one of many words.
    Integer(Option<i64>),
}

/// The pieces of a term that is what is left of character data.
fn pieces_of(term: Term) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut pending = vec![term];
    while let Some(term) = pending.pop() {
        if let Some(cell) = term.as_cons() {
            pending.push(cell.tail());
            pending.push(cell.head());
        } else if let Some(bits) = term.as_binary() {
            out.extend(bits.to_bytes().iter().map(|&b| Piece::Byte(b)));
        } else if term.is_integer() {
            out.push(Piece::Integer(term.as_i64()));
        }
    }
    out
}

/// The characters that pieces begin with, and how many pieces they are.
fn decoded(pieces: &[Piece], latin1: bool) -> (String, usize) {
    let mut text = String::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let (c, size) = match *piece {
            Piece::Byte(byte) if latin1 => (Some(char::from(byte)), 1),
            Piece::Integer(n) if latin1 => (n.and_then(|n| u8::try_from(n).ok()).map(char::from), 1),
            Piece::Integer(n) => (n.and_then(|n| u32::try_from(n).ok()).and_then(char::from_u32), 1),
            Piece::Byte(_) => {
                let byte = |piece: &Piece| if let Piece::Byte(byte) = piece { Some(*byte) } else { None };
                let bytes: Vec<u8> = pieces[at..].iter().take(4).map_while(byte).collect();
                let of = |size: usize| std::str::from_utf8(bytes.get(..size)?).ok()?.chars().next();
                match (1..=4).find_map(|size| Some((of(size)?, size))) {
                    Some((c, size)) => (Some(c), size),
                    None => (None, 1),
                }
            }
        };
        let Some(c) = c else { break };
        text.push(c);
        at += size;
    }
    (text, at)
}

/// One input.
pub fn run(bytes: &[u8]) {
    super::start();
    let mut input = Input(bytes);
    let choice = input.byte();
    let encoding = if choice & 1 == 1 { Encoding::Latin1 } else { Encoding::Utf8 };
    let (on_invalid, told) = match choice >> 1 & 3 {
        0 => (OnInvalid::Error, am::error),
        1 => (OnInvalid::Ignore, am::ignore),
        _ => (OnInvalid::Warning, am::warning),
    };
    filename::set(encoding, on_invalid);
    let mut caller = Caller::start();
    let data = input.data(5);
    let term = data.build(&mut caller.own.heap);
    let native = data.native(encoding);

    match (caller.call("prim_file", "internal_name2native", &[term]), &native) {
        (Ok(made), Some(name)) => {
            let whole = [&name[..], &[0]].concat();
            assert_eq!(made.as_binary().map(|b| b.to_bytes().into_owned()), Some(whole));
            path(&mut caller, made);
        }
        (Err(Stop::Raise), None) => {}
        (made, name) => panic!("{} gives {made:?}, not {name:?}", print::print(term, 1000)),
    }
    if let Some(name) = native {
        read(&mut caller, &name, encoding, told);
    }
    let name = input.bytes(64);
    read(&mut caller, &name, encoding, told);
    let any = caller.own.heap.binary(&name);
    path(&mut caller, any);
    variable(&mut caller, &data, &input.data(2), encoding);
    for latin1 in [true, false] {
        convert(&mut caller, &data, term, latin1);
    }
}

/// Whatever is in a path, asking about it is answered.
fn path(caller: &mut Caller, path: Term) {
    for (function, args) in [("read_link_nif", vec![path]), ("read_info_nif", vec![path, Term::ZERO])] {
        let told = caller.call("prim_file", function, &args);
        assert!(told.is_ok_and(|told| told.as_tuple().is_some()), "{function}");
    }
}

/// Bytes as the name of a file that is there.
fn read(caller: &mut Caller, name: &[u8], encoding: Encoding, told: Term) {
    let native = caller.own.heap.binary(name);
    let text = match encoding {
        Encoding::Latin1 => Some(name.iter().map(|&b| char::from(b)).collect()),
        Encoding::Utf8 => String::from_utf8(name.to_vec()).ok(),
    };
    let Ok(read) = caller.call("prim_file", "internal_native2name", &[native]) else { panic!("{name:?}") };
    let expected = match &text {
        Some(text) => caller.own.heap.string(text),
        None => caller.own.heap.tuple(&[am::error, told]),
    };
    assert!(cmp::eq_exact(read, expected), "{name:?} is read as {}", print::print(read, 1000));
    let translatable = caller.call("prim_file", "is_translatable", &[native]);
    assert_eq!(translatable, Ok(Term::from_bool(text.is_some())));
    if text.is_some() && !name.contains(&0) {
        // written again it is the same name
        let again = caller.call("prim_file", "internal_name2native", &[read]).ok().and_then(Term::as_binary);
        assert_eq!(again.map(|b| b.to_bytes().into_owned()), Some([name, &[0]].concat()));
    }
    let normal = caller.call("prim_file", "internal_normalize_utf8", &[native]);
    let Ok(text) = std::str::from_utf8(name) else { return assert_eq!(normal, Err(Stop::Raise)) };
    let Ok(normal) = normal else { panic!("{text:?} has no normal form") };
    let characters: Vec<Piece> = pieces_of(normal);
    let (composed, count) = decoded(&characters, false);
    assert_eq!(count, characters.len());
    assert!(composed.is_ascii() || !text.is_ascii(), "{text:?} {composed:?}");
    let again = caller.own.heap.binary(composed.as_bytes());
    let again = caller.call("prim_file", "internal_normalize_utf8", &[again]);
    assert!(again.is_ok_and(|again| cmp::eq_exact(again, normal)), "{text:?}");
}

/// Names and values of variables.
fn variable(caller: &mut Caller, key: &Data, value: &Data, encoding: Encoding) {
    let encoded = |data: &Data| if data.is_list() { data.native(encoding) } else { None };
    let terms = [key.build(&mut caller.own.heap), value.build(&mut caller.own.heap)];
    let key = encoded(key).filter(|key| !key.contains(&b'='));
    let before = caller.call("os", "getenv", &terms[..1]);
    assert_eq!(before.is_ok(), key.is_some());
    let put = caller.call("os", "putenv", &terms);
    let (Some(_), Some(value)) = (key, encoded(value)) else { return assert_eq!(put, Err(Stop::Raise)) };
    assert_eq!(put, Ok(am::true_));
    let Ok(got) = caller.call("os", "getenv", &terms[..1]) else { panic!("not set") };
    let expected = match (encoding, std::str::from_utf8(&value)) {
        (Encoding::Latin1, _) => caller.own.heap.byte_list(&value),
        (_, Ok(text)) => caller.own.heap.string(text),
        (_, Err(_)) => caller.own.heap.binary(&value),
    };
    assert!(cmp::eq_exact(got, expected), "{value:?} is read as {}", print::print(got, 1000));
    assert_eq!(caller.call("os", "unsetenv", &terms[..1]), Ok(am::true_));
    assert_eq!(caller.call("os", "getenv", &terms[..1]), Ok(am::false_));
}

/// `unicode:characters_to_list` and `..._to_binary`.
fn convert(caller: &mut Caller, data: &Data, term: Term, latin1: bool) {
    let mut pieces = Vec::new();
    let is_characters = data.pieces(false, &mut pieces);
    let args = [term, if latin1 { am::latin1 } else { am::utf8 }];
    let (text, read) = decoded(&pieces, latin1);
    for (function, long) in
        [("characters_to_list", "long_characters_to_list"), ("characters_to_binary", "long_characters_to_binary")]
    {
        let made = match caller.call("unicode", function, &args) {
            Err(Stop::TailCall) => caller.call("erts_internal", long, &args),
            made => made,
        };
        let shown = || format!("{function} of {} {latin1}", print::print(term, 2000));
        let made = match made {
            Ok(made) => made,
            Err(Stop::Raise) => {
                assert!(!is_characters, "{}", shown());
                continue;
            }
            Err(other) => panic!("{} {other:?}", shown()),
        };
        let mut same = |done: Term| {
            let expected = match function {
                "characters_to_list" => caller.own.heap.string(&text),
                _ => caller.own.heap.binary(text.as_bytes()),
            };
            cmp::eq_exact(done, expected)
        };
        let Some([kind, done, rest]) = made.as_tuple_of::<3>() else {
            assert!(is_characters && read == pieces.len() && same(made), "{}", shown());
            continue;
        };
        assert!(same(done), "{}: {}", shown(), print::print(made, 2000));
        // what is no character data, if there is such, was not looked at yet
        let left = pieces_of(rest);
        assert!(left.starts_with(&pieces[read..]), "{}: {}", shown(), print::print(made, 2000));
        assert!(read < pieces.len(), "{}", shown());
        if is_characters {
            assert_eq!(left.len(), pieces.len() - read, "{}", shown());
        }
        if kind == am::incomplete {
            let bytes = left.iter().all(|piece| matches!(piece, Piece::Byte(_)));
            assert!(bytes && !latin1 && left.len() < 4, "{}", shown());
        } else {
            assert_eq!(kind, am::error);
        }
    }
}
