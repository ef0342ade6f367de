//! The distribution header: a message's atoms by their place in a cache that both ends of a connection keep.
//!
//! ```text
//! [ N | flags, half a byte for each atom and one more | one entry for each atom ]
//!   flag: 8 new entry, 0-7 segment of the cache; the last one: 1 lengths take two bytes
//!   entry: place in the segment, and of a new one: length, text
//! ```

use crate::atom::Atom;

/// Places in a cache: 8 segments of 256.
const PLACES: usize = 2048;
const NEW: u8 = 8;
const LONG: u8 = 1;

/// The bytes are no header.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// One direction's cache.
pub struct Cache(Box<[Option<Atom>]>);

impl Default for Cache {
    fn default() -> Cache {
        Cache(vec![None; PLACES].into())
    }
}

impl Cache {
    /// The header that lists these atoms; places of the cache are given to new ones.
    pub fn write(&mut self, atoms: &[Atom]) -> Vec<u8> {
        let count = atoms.len().min(usize::from(u8::MAX));
        let mut header = vec![count as u8];
        if count == 0 {
            return header;
        }
        let long = atoms.iter().any(|atom| atom.name().len() > usize::from(u8::MAX));
        header.resize(1 + count / 2 + 1, 0);
        for (i, &atom) in atoms[..count].iter().enumerate() {
            let place = atom.index() as usize % PLACES;
            let is_new = self.0[place] != Some(atom);
            let flag = (place >> 8) as u8 | if is_new { NEW } else { 0 };
            header[1 + i / 2] |= flag << (4 * (i % 2));
            header.push(place as u8);
            if is_new {
                self.0[place] = Some(atom);
                let text = atom.name().as_bytes();
                if long {
                    header.extend_from_slice(&(text.len() as u16).to_be_bytes());
                } else {
                    header.push(text.len() as u8);
                }
                header.extend_from_slice(text);
            }
        }
        if long {
            header[1 + count / 2] |= LONG << (4 * (count % 2));
        }
        header
    }

    /// Reads a header: the atoms it lists, and how many bytes it took.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(Vec<Atom>, usize), Malformed> {
        let (&count, rest) = bytes.split_first().ok_or(Malformed)?;
        let count = usize::from(count);
        if count == 0 {
            return Ok((Vec::new(), 1));
        }
        let (flags, mut rest) = rest.split_at_checked(count / 2 + 1).ok_or(Malformed)?;
        let flag = |i: usize| flags[i / 2] >> (4 * (i % 2)) & 15;
        let long = flag(count) & LONG != 0;
        let mut atoms = Vec::with_capacity(count);
        for i in 0..count {
            let place = usize::from(flag(i) & 7) << 8 | usize::from(take(&mut rest, 1)?[0]);
            if flag(i) & NEW != 0 {
                let size = take(&mut rest, if long { 2 } else { 1 })?;
                let size = size.iter().fold(0, |size, &byte| size << 8 | usize::from(byte));
                let text = std::str::from_utf8(take(&mut rest, size)?).map_err(|_| Malformed)?;
                self.0[place] = Some(Atom::intern(text).map_err(|_| Malformed)?);
            }
            atoms.push(self.0[place].ok_or(Malformed)?);
        }
        Ok((atoms, bytes.len() - rest.len()))
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or(Malformed)?;
    *bytes = rest;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(text: &str) -> Atom {
        Atom::intern(text).unwrap()
    }

    #[test]
    fn what_one_end_writes_the_other_reads() {
        let (mut out, mut input) = (Cache::default(), Cache::default());
        let long = "å".repeat(200);
        for atoms in [vec![], vec![atom("one")], vec![atom("one"), atom("two"), atom(&long)], vec![atom(&long)]] {
            let header = out.write(&atoms);
            let (read, used) = input.read(&header).unwrap();
            assert_eq!((read, used), (atoms, header.len()));
        }
        // Known ones take one byte each, beside the flags.
        assert_eq!(out.write(&[atom("one"), atom("two")]).len(), 1 + 2 + 2);
    }

    #[test]
    fn as_many_as_a_header_holds() {
        let (mut out, mut input) = (Cache::default(), Cache::default());
        let atoms: Vec<Atom> = (0..255).map(|n| atom(&format!("cached_{n}"))).collect();
        for _ in 0..2 {
            assert_eq!(input.read(&out.write(&atoms)).unwrap().0, atoms);
        }
    }

    #[test]
    fn cut_off_and_unknown_entries_are_malformed() {
        let header = Cache::default().write(&[atom("one"), atom("two"), atom("three")]);
        for size in 0..header.len() {
            assert_eq!(Cache::default().read(&header[..size]), Err(Malformed));
        }
        let again = { let mut out = Cache::default(); out.write(&[atom("one")]); out.write(&[atom("one")]) };
        assert_eq!(Cache::default().read(&again), Err(Malformed));
        assert_eq!(Cache::default().read(&[1, 8, 7, 1, 0xff]), Err(Malformed));
    }
}
