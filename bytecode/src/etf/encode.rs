//! Terms into bytes. The caller walks the term, and says what comes next.

use super::tag;

/// How atoms are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AtomForm {
    /// As ISO 8859-1 in the old tag where that can express the name (`minor_version` 0 and 1).
    Latin1,
    Utf8,
}

/// An atom to be written: its text, or its place in the list that goes with the bytes.
#[derive(Clone, Copy)]
pub enum Name<'a> {
    Text(&'a str),
    Listed(u8),
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Name<'a> {
        Name::Text(text)
    }
}

/// An encoder: the bytes so far, and how it writes what can be written in two ways.
pub struct Encoder {
    pub bytes: Vec<u8>,
    pub atoms: AtomForm,
    /// Floats as text (`minor_version` 0).
    pub float_text: bool,
}

impl Encoder {
    pub fn new() -> Encoder {
        Encoder { bytes: Vec::new(), atoms: AtomForm::Latin1, float_text: false }
    }

    #[inline]
    fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }
    #[inline]
    fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }
    #[inline]
    fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    #[inline]
    fn tagged(&mut self, tag: u8, value: u32) {
        let [a, b, c, d] = value.to_be_bytes();
        self.bytes.extend_from_slice(&[tag, a, b, c, d]);
    }

    /// The byte before the first term.
    pub fn version(&mut self) {
        self.u8(super::VERSION);
    }

    #[inline]
    pub fn integer(&mut self, value: i64) {
        if let Ok(byte) = u8::try_from(value) {
            self.bytes.extend_from_slice(&[tag::SMALL_INTEGER, byte]);
        } else if let Ok(word) = i32::try_from(value) {
            self.tagged(tag::INTEGER, word as u32);
        } else {
            self.big(value < 0, &[value.unsigned_abs()]);
        }
    }

    /// A magnitude in limbs, least significant first, the highest not zero.
    pub fn big(&mut self, negative: bool, limbs: &[u64]) {
        let last = limbs.last().copied().unwrap_or(0);
        let n = limbs.len() * 8 - last.leading_zeros() as usize / 8;
        match u8::try_from(n) {
            Ok(n) => self.bytes.extend_from_slice(&[tag::SMALL_BIG, n]),
            Err(_) => {
                self.u8(tag::LARGE_BIG);
                self.u32(n as u32);
            }
        }
        self.u8(negative.into());
        let start = self.bytes.len();
        self.bytes.extend(limbs.iter().flat_map(|limb| limb.to_le_bytes()));
        self.bytes.truncate(start + n);
    }

    pub fn float(&mut self, value: f64) {
        if !self.float_text {
            self.u8(tag::NEW_FLOAT);
            self.bytes.extend_from_slice(&value.to_be_bytes());
            return;
        }
        self.u8(tag::FLOAT);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(scientific(value).as_bytes());
        self.bytes.resize(start + 31, 0);
    }

    pub fn atom<'a>(&mut self, name: impl Into<Name<'a>>) {
        let name = match name.into() {
            Name::Text(text) => text,
            Name::Listed(place) => {
                self.bytes.extend_from_slice(&[tag::ATOM_CACHE_REF, place]);
                return;
            }
        };
        if self.atoms == AtomForm::Latin1 {
            if name.is_ascii() {
                self.old_atom(name.as_bytes());
                return;
            }
            if name.chars().all(|c| u32::from(c) < 256) {
                let name: Vec<u8> = name.chars().map(|c| c as u8).collect();
                self.old_atom(&name);
                return;
            }
        }
        match u8::try_from(name.len()) {
            Ok(n) => self.bytes.extend_from_slice(&[tag::SMALL_ATOM_UTF8, n]),
            Err(_) => {
                self.u8(tag::ATOM_UTF8);
                self.u16(name.len() as u16);
            }
        }
        self.bytes.extend_from_slice(name.as_bytes());
    }

    fn old_atom(&mut self, name: &[u8]) {
        let [high, low] = (name.len() as u16).to_be_bytes();
        self.bytes.extend_from_slice(&[tag::ATOM, high, low]);
        self.bytes.extend_from_slice(name);
    }

    pub fn nil(&mut self) {
        self.u8(tag::NIL);
    }

    /// Before a binary's bytes.
    pub fn binary(&mut self, size: usize) {
        self.tagged(tag::BINARY, size as u32);
    }

    /// Before a bitstring's bytes, of the last of which so many bits count (1 to 7).
    pub fn bitstring(&mut self, size: usize, last_bits: u8) {
        self.u8(tag::BIT_BINARY);
        self.u32(size as u32);
        self.u8(last_bits);
    }

    /// A list of so many bytes, at most 65535.
    pub fn string(&mut self, count: usize, bytes: impl Iterator<Item = u8>) {
        let [high, low] = (count as u16).to_be_bytes();
        self.bytes.reserve(3 + count);
        self.bytes.extend_from_slice(&[tag::STRING, high, low]);
        self.bytes.extend(bytes.take(count));
    }

    /// Before a tuple's elements.
    pub fn tuple(&mut self, arity: usize) {
        match u8::try_from(arity) {
            Ok(n) => self.bytes.extend_from_slice(&[tag::SMALL_TUPLE, n]),
            Err(_) => {
                self.tagged(tag::LARGE_TUPLE, arity as u32);
            }
        }
    }

    /// Before a list's elements, which the tail follows.
    pub fn list(&mut self, elements: usize) {
        self.tagged(tag::LIST, elements as u32);
    }

    /// Before a map's pairs.
    pub fn map(&mut self, pairs: usize) {
        self.tagged(tag::MAP, pairs as u32);
    }

    pub fn pid<'a>(&mut self, node: impl Into<Name<'a>>, number: u32, serial: u32, creation: u32) {
        self.u8(tag::NEW_PID);
        self.atom(node);
        let mut numbers = [0; 12];
        for (bytes, n) in numbers.chunks_exact_mut(4).zip([number, serial, creation]) {
            bytes.copy_from_slice(&n.to_be_bytes());
        }
        self.bytes.extend_from_slice(&numbers);
    }

    pub fn port<'a>(&mut self, node: impl Into<Name<'a>>, number: u64, creation: u32) {
        match u32::try_from(number) {
            Ok(small) if small >> 28 == 0 => {
                self.u8(tag::NEW_PORT);
                self.atom(node);
                self.u32(small);
            }
            _ => {
                self.u8(tag::V4_PORT);
                self.atom(node);
                self.bytes.extend_from_slice(&number.to_be_bytes());
            }
        }
        self.u32(creation);
    }

    pub fn reference<'a>(&mut self, node: impl Into<Name<'a>>, creation: u32, numbers: &[u32]) {
        self.u8(tag::NEWER_REFERENCE);
        self.u16(numbers.len() as u16);
        self.atom(node);
        self.u32(creation);
        numbers.iter().for_each(|&n| self.u32(n));
    }

    pub fn export<'a>(&mut self, module: impl Into<Name<'a>>, function: impl Into<Name<'a>>, arity: u8) {
        self.u8(tag::EXPORT);
        self.atom(module);
        self.atom(function);
        self.integer(arity.into());
    }

    /// The fixed part of a fun; its maker's pid and the free variables follow, then
    /// `fun_end` with what this gave.
    #[allow(clippy::too_many_arguments, reason = "the fields of the format, in its order")]
    pub fn fun<'a>(
        &mut self,
        arity: u8,
        uniq: &[u8; 16],
        index: u32,
        free: usize,
        module: impl Into<Name<'a>>,
        old_index: i64,
        old_uniq: i64,
    ) -> usize {
        self.u8(tag::NEW_FUN);
        let start = self.bytes.len();
        self.u32(0);
        self.u8(arity);
        self.bytes.extend_from_slice(uniq);
        self.u32(index);
        self.u32(free as u32);
        self.atom(module);
        self.integer(old_index);
        self.integer(old_uniq);
        start
    }

    /// Fills in the size of a fun that is written now.
    pub fn fun_end(&mut self, start: usize) {
        let size = (self.bytes.len() - start) as u32;
        self.bytes[start..start + 4].copy_from_slice(&size.to_be_bytes());
    }
}

impl Default for Encoder {
    fn default() -> Encoder {
        Encoder::new()
    }
}

/// A float as C's `%.20e` writes it.
fn scientific(value: f64) -> String {
    let text = format!("{value:.20e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}
