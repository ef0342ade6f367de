//! Packets: what goes over a connection at once. A message is one packet, or several fragments if it is long.
//!
//! ```text
//! [ 131 68 | header | control, payload ]                         a message
//! [ 131 69 | sequence, number | header | first part ]            the first fragment, with the highest number
//! [ 131 70 | sequence, number | part ]                           the others; the last has number 1
//! [ 112 | 131 control | 131 payload ]                            a message without a header
//! ```

use rustc_hash::FxHashMap as HashMap;

use super::atoms::{Cache, Malformed};
use crate::atom::Atom;

const VERSION: u8 = 131;
const MESSAGE: u8 = 68;
const FIRST: u8 = 69;
const FURTHER: u8 = 70;
const PASS_THROUGH: u8 = 112;

/// Bytes of terms in one fragment.
pub const FRAGMENT: usize = 64 << 10;
/// Fragments of one sequence that are believed to come.
const MOST_FRAGMENTS: u64 = 1 << 32;

/// The packets of a message: `terms` are its encoded terms, `atoms` what they list. `sequence` names the message
/// among those in fragments; `None`: the other node does not know fragments.
pub fn split(terms: &[u8], atoms: &[Atom], cache: &mut Cache, sequence: Option<u64>) -> Vec<Vec<u8>> {
    let header = cache.write(atoms);
    let Some(sequence) = sequence.filter(|_| terms.len() > FRAGMENT) else {
        return vec![[&[VERSION, MESSAGE], &header[..], terms].concat()];
    };
    let count = terms.len().div_ceil(FRAGMENT) as u64;
    let parts = terms.chunks(FRAGMENT).zip((1..=count).rev());
    parts
        .map(|(part, number)| {
            let (tag, header) = if number == count { (FIRST, &header[..]) } else { (FURTHER, &[][..]) };
            [&[VERSION, tag], &sequence.to_be_bytes()[..], &number.to_be_bytes(), header, part].concat()
        })
        .collect()
}

/// The packet of a message without a header.
pub fn plain(terms: &[u8]) -> Vec<u8> {
    [&[PASS_THROUGH], terms].concat()
}

/// A whole message: its encoded terms.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// The atoms they list; `None`: each term has a version byte.
    pub atoms: Option<Vec<Atom>>,
    pub bytes: Vec<u8>,
    /// Where in `bytes` the terms begin.
    pub start: usize,
}

/// A message of which fragments are still to come.
struct Partial {
    message: Message,
    next: u64,
}

/// Packets into messages.
#[derive(Default)]
pub struct Assembly {
    cache: Cache,
    partial: HashMap<u64, Partial>,
}

impl Assembly {
    /// The message that a packet completes, if it does.
    pub fn add(&mut self, packet: Vec<u8>) -> Result<Option<Message>, Malformed> {
        match packet[..] {
            [PASS_THROUGH, ..] => Ok(Some(Message { atoms: None, bytes: packet, start: 1 })),
            [VERSION, MESSAGE, ..] => {
                let (atoms, used) = self.cache.read(&packet[2..])?;
                Ok(Some(Message { atoms: Some(atoms), bytes: packet, start: 2 + used }))
            }
            [VERSION, FIRST, ..] => {
                let (sequence, number) = numbers(&packet)?;
                let (atoms, used) = self.cache.read(&packet[18..])?;
                let message = Message { atoms: Some(atoms), bytes: packet, start: 18 + used };
                if number == 1 {
                    return Ok(Some(message));
                }
                let before = self.partial.insert(sequence, Partial { message, next: number - 1 });
                if before.is_some() { Err(Malformed) } else { Ok(None) }
            }
            [VERSION, FURTHER, ..] => {
                let (sequence, number) = numbers(&packet)?;
                let partial = self.partial.get_mut(&sequence).filter(|partial| partial.next == number);
                let partial = partial.ok_or(Malformed)?;
                partial.message.bytes.extend_from_slice(&packet[18..]);
                partial.next -= 1;
                if number > 1 {
                    return Ok(None);
                }
                Ok(self.partial.remove(&sequence).map(|partial| partial.message))
            }
            _ => Err(Malformed),
        }
    }
}

/// Sequence and number of a fragment.
fn numbers(packet: &[u8]) -> Result<(u64, u64), Malformed> {
    let rest = packet.get(2..).ok_or(Malformed)?;
    let (sequence, rest) = rest.split_first_chunk().ok_or(Malformed)?;
    let number = u64::from_be_bytes(*rest.first_chunk().ok_or(Malformed)?);
    if (1..=MOST_FRAGMENTS).contains(&number) { Ok((u64::from_be_bytes(*sequence), number)) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(message: &Message) -> &[u8] {
        &message.bytes[message.start..]
    }

    #[test]
    fn long_messages_come_together_again() {
        let atom = Atom::intern("fragmented").unwrap();
        let (mut cache, mut assembly) = (Cache::default(), Assembly::default());
        for size in [0, 1, FRAGMENT, FRAGMENT + 1, 3 * FRAGMENT, 3 * FRAGMENT + 7] {
            let bytes: Vec<u8> = (0..size).map(|n| (n / 7) as u8).collect();
            let mut packets = split(&bytes, &[atom], &mut cache, Some(9));
            assert_eq!(packets.len(), size.div_ceil(FRAGMENT).max(1));
            let last = packets.pop().unwrap();
            for packet in packets {
                assert_eq!(assembly.add(packet), Ok(None));
            }
            let message = assembly.add(last).unwrap().unwrap();
            assert_eq!((message.atoms.clone(), terms(&message)), (Some(vec![atom]), &bytes[..]));
        }
    }

    #[test]
    fn sequences_may_mix() {
        let (mut cache, mut assembly) = (Cache::default(), Assembly::default());
        let long = |byte: u8| vec![byte; 2 * FRAGMENT];
        let (one, two) = (split(&long(1), &[], &mut cache, Some(1)), split(&long(2), &[], &mut cache, Some(2)));
        assert_eq!(assembly.add(one[0].clone()), Ok(None));
        assert_eq!(assembly.add(two[0].clone()), Ok(None));
        assert_eq!(terms(&assembly.add(one[1].clone()).unwrap().unwrap()), long(1));
        assert_eq!(terms(&assembly.add(two[1].clone()).unwrap().unwrap()), long(2));
    }

    #[test]
    fn what_no_sender_makes_is_malformed() {
        let three = || split(&vec![0; 3 * FRAGMENT], &[], &mut Cache::default(), Some(1));
        let mut assembly = Assembly::default();
        assert_eq!(assembly.add(three()[1].clone()), Err(Malformed));
        assert_eq!(assembly.add(three()[0].clone()), Ok(None));
        assert_eq!(assembly.add(three()[2].clone()), Err(Malformed));
        assert_eq!(assembly.add(three()[0].clone()), Err(Malformed));
        for bytes in [&[][..], &[131], &[131, 68], &[131, 70, 0], &[131, 69, 0, 0, 0, 0, 0, 0, 0, 1], &[7, 7]] {
            assert_eq!(Assembly::default().add(bytes.to_vec()), Err(Malformed));
        }
        let mut none = three()[0].clone();
        none[10..18].fill(0);
        assert_eq!(Assembly::default().add(none), Err(Malformed));
    }

    #[test]
    fn without_a_header() {
        let message = Assembly::default().add(plain(b"\x83a\x01")).unwrap().unwrap();
        assert_eq!((message.atoms.as_ref(), terms(&message)), (None, &b"\x83a\x01"[..]));
    }
}
