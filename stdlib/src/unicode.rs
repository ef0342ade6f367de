//! `unicode`: characters between lists, ISO 8859-1 and UTF-8. What has to do with UTF-16 and UTF-32
//! is done by the Erlang half of the module.

use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::Bits;
use glulam_vm::{Term, am};

use crate::limits;

glulam_vm::bifs! {
    /// Whether all bytes of a binary are below 128.
    unicode:bin_is_7bit/1           Normal => bin_is_7bit;
    unicode:characters_to_list/2    Normal => to_list;
    unicode:characters_to_binary/2  Normal => to_binary;
    /// The same for long data, where they may take their time.
    erts_internal:long_characters_to_list/2    DirtyCpu => long_to_list;
    erts_internal:long_characters_to_binary/2  DirtyCpu => long_to_binary;
}

fn bin_is_7bit(cx: &mut Cx<'_>) -> Outcome {
    let [binary] = cx.take();
    let Some(bits) = binary.as_binary() else { return Ok(am::false_) };
    cx.charge(bits.byte_size() / 1024);
    Ok(Term::from_bool(bits.to_bytes().is_ascii()))
}

const CHARACTERS_PER_REDUCTION: usize = 64;

/// What takes the characters.
trait Output: Default {
    fn characters(&mut self, text: &str);
    fn character(&mut self, c: char);
    /// The result so far, as a term.
    fn term(self, cx: &mut Cx<'_>) -> Term;
    /// How much there is, in characters of a list.
    fn size(&self) -> usize;
    /// How much so many bytes add at most.
    fn weight(bytes: usize) -> usize;
}

impl Output for String {
    fn characters(&mut self, text: &str) {
        self.push_str(text);
    }
    fn character(&mut self, c: char) {
        self.push(c);
    }
    fn term(self, cx: &mut Cx<'_>) -> Term {
        cx.binary_from(self.into_bytes())
    }
    fn size(&self) -> usize {
        self.len() / 8
    }
    fn weight(bytes: usize) -> usize {
        bytes / 8
    }
}

#[derive(Default)]
struct Characters(Vec<Term>);

impl Output for Characters {
    fn characters(&mut self, text: &str) {
        self.0.extend(text.chars().map(|c| Term::small(c as i64)));
    }
    fn character(&mut self, c: char) {
        self.0.push(Term::small(c as i64));
    }
    fn term(self, cx: &mut Cx<'_>) -> Term {
        cx.list(&self.0)
    }
    fn size(&self) -> usize {
        self.0.len()
    }
    fn weight(bytes: usize) -> usize {
        bytes
    }
}

/// How a conversion ends.
enum End {
    Done,
    /// At something that is no character; what is left, from there on.
    Error(Term),
    /// Within a character.
    Incomplete,
    /// There is more of it than a scheduler has time for.
    Long,
    /// It is no character data.
    Bad,
}

/// Character data being read.
struct Reader<'o, O> {
    latin1: bool,
    out: &'o mut O,
    /// The beginning of a character that goes on in the next binary.
    begun: Vec<u8>,
}

impl<O: Output> Reader<'_, O> {
    fn run(&mut self, cx: &mut Cx<'_>, data: Term, most: usize) -> End {
        // Tails still to come, the next one last; `[]` too, since what is left after an error keeps
        // the shape of the data.
        let mut tails: Vec<Term> = Vec::new();
        let mut at = data;
        loop {
            if self.out.size() > most {
                return End::Long;
            }
            if let Some(cell) = at.as_cons() {
                let (head, tail) = (cell.head(), cell.tail());
                if let Some(n) = head.as_small() {
                    match self.code_point(n) {
                        Some(c) => self.out.character(c),
                        None => return self.error(cx, at, &tails),
                    }
                    at = tail;
                } else if head.is_nil() {
                    at = tail;
                } else if head.is_cons() {
                    tails.push(tail);
                    at = head;
                } else if head.is_integer() {
                    // Too large for any character.
                    return self.error(cx, at, &tails);
                } else {
                    let Some(bits) = head.as_binary() else { return End::Bad };
                    if self.out.size() + O::weight(bits.byte_size()) > most {
                        return End::Long;
                    }
                    if let Some(from) = self.binary(&bits) {
                        let rest = cx.part(head, from * 8, bits.bit_size - from * 8);
                        let rest = cx.cons(rest, tail);
                        return self.error(cx, rest, &tails);
                    }
                    at = tail;
                }
                continue;
            }
            if !at.is_nil() {
                let Some(bits) = at.as_binary() else { return End::Bad };
                if self.out.size() + O::weight(bits.byte_size()) > most {
                    return End::Long;
                }
                if let Some(from) = self.binary(&bits) {
                    let rest = cx.part(at, from * 8, bits.bit_size - from * 8);
                    return self.error(cx, rest, &tails);
                }
            }
            match tails.pop() {
                Some(tail) => at = tail,
                None if self.begun.is_empty() => return End::Done,
                None if may_go_on(&self.begun) => return End::Incomplete,
                None => return End::Error(cx.binary(&self.begun)),
            }
        }
    }

    /// An integer as a character where one may stand.
    fn code_point(&self, n: i64) -> Option<char> {
        if self.latin1 {
            return u8::try_from(n).ok().map(char::from);
        }
        if !self.begun.is_empty() {
            return None;
        }
        u32::try_from(n).ok().and_then(char::from_u32)
    }

    /// Reads a binary; `Some` is where something stands that is no character.
    fn binary(&mut self, bits: &Bits) -> Option<usize> {
        let bytes = bits.to_bytes();
        if self.latin1 {
            bytes.iter().for_each(|&byte| self.out.character(char::from(byte)));
            return None;
        }
        let mut from = 0;
        if !self.begun.is_empty() && !bytes.is_empty() {
            let missing = length_of(self.begun[0]) - self.begun.len();
            if bytes.len() < missing {
                // What the bytes are is looked at when there are enough of them.
                self.begun.extend_from_slice(&bytes);
                return None;
            }
            let joined = [&self.begun[..], &bytes[..missing]].concat();
            let Ok(text) = std::str::from_utf8(&joined) else { return Some(0) };
            self.out.characters(text);
            from = missing;
            self.begun.clear();
        }
        match std::str::from_utf8(&bytes[from..]) {
            Ok(text) => self.out.characters(text),
            Err(fault) => {
                let good = from + fault.valid_up_to();
                if let Ok(text) = std::str::from_utf8(&bytes[from..good]) {
                    self.out.characters(text);
                }
                if !may_go_on(&bytes[good..]) {
                    return Some(good);
                }
                self.begun = bytes[good..].to_vec();
            }
        }
        None
    }

    /// What is left from `rest` on: around it the tails, before it the character begun.
    fn error(&self, cx: &mut Cx<'_>, rest: Term, tails: &[Term]) -> End {
        let rest = tails.iter().rev().fold(rest, |rest, &tail| cx.cons(rest, tail));
        if self.begun.is_empty() {
            return End::Error(rest);
        }
        let begun = cx.binary(&self.begun);
        End::Error(cx.list(&[begun, rest]))
    }
}

/// Bytes of a character that begins with `lead`; 1 if none of several does.
fn length_of(lead: u8) -> usize {
    match lead {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    }
}

/// Whether bytes are the beginning of a character that goes on behind them. Whether there is a
/// character of that number counts only when it is whole.
fn may_go_on(bytes: &[u8]) -> bool {
    let Some((&lead, rest)) = bytes.split_first() else { return false };
    bytes.len() < length_of(lead) && rest.iter().all(|byte| byte & 0xC0 == 0x80)
}

/// What the encoding argument says: ISO 8859-1 (`true`) or UTF-8; `None` for others.
fn is_latin1(encoding: Term) -> Option<bool> {
    match encoding {
        am::latin1 => Some(true),
        am::unicode | am::utf8 => Some(false),
        _ => None,
    }
}

fn convert<O: Output>(cx: &mut Cx<'_>, most: usize, others: Term, long: Term) -> Outcome {
    let [data, encoding] = cx.take();
    let Some(latin1) = is_latin1(encoding) else {
        return cx.tail_call(am::unicode, others, &[data, encoding]);
    };
    let mut out = O::default();
    let mut reader = Reader { latin1, out: &mut out, begun: Vec::new() };
    let end = reader.run(cx, data, most);
    let begun = std::mem::take(&mut reader.begun);
    cx.charge(out.size() / CHARACTERS_PER_REDUCTION);
    let (tag, rest) = match end {
        End::Done => return Ok(out.term(cx)),
        End::Bad => return cx.badarg(),
        End::Long => return cx.tail_call(am::erts_internal, long, &[data, encoding]),
        End::Error(rest) => (am::error, rest),
        End::Incomplete => (am::incomplete, cx.binary(&begun)),
    };
    let done = out.term(cx);
    Ok(cx.tuple(&[tag, done, rest]))
}

fn to_list(cx: &mut Cx<'_>) -> Outcome {
    convert::<Characters>(cx, limits::UNICODE.get(), am::characters_to_list_int, am::long_characters_to_list)
}

fn long_to_list(cx: &mut Cx<'_>) -> Outcome {
    convert::<Characters>(cx, usize::MAX, am::characters_to_list_int, am::long_characters_to_list)
}

fn to_binary(cx: &mut Cx<'_>) -> Outcome {
    if let Some(same) = unchanged(cx)? {
        return Ok(same);
    }
    convert::<String>(cx, limits::UNICODE.get(), am::characters_to_binary_int, am::long_characters_to_binary)
}

fn long_to_binary(cx: &mut Cx<'_>) -> Outcome {
    convert::<String>(cx, usize::MAX, am::characters_to_binary_int, am::long_characters_to_binary)
}

/// The argument itself, if it is a binary that conversion to UTF-8 would not change.
fn unchanged(cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
    let [data, encoding] = cx.take();
    let (Some(bits), Some(latin1)) = (data.as_binary(), is_latin1(encoding)) else { return Ok(None) };
    let bytes = bits.to_bytes();
    let same = if latin1 { bytes.is_ascii() } else { std::str::from_utf8(&bytes).is_ok() };
    cx.charge(bytes.len() / 1024);
    Ok(same.then_some(data))
}
