//! Events of the external format into terms.

use glulam_bytecode::etf::{self, Fault, FunHead, Sink};

use super::{FunIdentity, hooks};
use crate::atom::{Atom, AtomError};
use crate::heap::{Alloc, Build, map};
use crate::term::node::{Node, this_node};
use crate::term::repr::IMM_SHIFT;
use crate::term::{Kind, Term};

/// Decodes a term with its version byte onto a heap; gives the bytes used too. `safe`: nothing that
/// is never freed comes to be, no atom and no export.
pub fn decode<H: Alloc + ?Sized>(bytes: &[u8], heap: &mut H, safe: bool) -> Result<(Term, usize), Fault> {
    let mut decoder = Decoder::new(heap, safe);
    let used = etf::decode_with_version(bytes, &mut decoder)?;
    Ok((decoder.finish()?, used))
}

/// Decodes the next term of a message between nodes: with a version byte, or with atoms by their place in a list.
pub fn decode_next<H: Alloc + ?Sized>(
    bytes: &[u8],
    atoms: Option<&[&str]>,
    heap: &mut H,
) -> Result<(Term, usize), Fault> {
    let mut decoder = Decoder::new(heap, false);
    let used = match atoms {
        Some(atoms) => etf::decode_with_atoms(bytes, atoms, &mut decoder)?,
        None => etf::decode_with_version(bytes, &mut decoder)?,
    };
    Ok((decoder.finish()?, used))
}

/// A sink that builds a term.
pub struct Decoder<'h, H: Alloc + ?Sized> {
    heap: &'h mut H,
    stack: Vec<Term>,
    safe: bool,
}

impl<'h, H: Alloc + ?Sized> Decoder<'h, H> {
    pub fn new(heap: &'h mut H, safe: bool) -> Decoder<'h, H> {
        Decoder { heap, stack: Vec::new(), safe }
    }

    /// The term, once all its events came.
    pub fn finish(mut self) -> Result<Term, Fault> {
        self.stack.pop().ok_or(Fault::Malformed)
    }

    fn push(&mut self, term: Term) -> Result<(), Fault> {
        self.stack.push(term);
        Ok(())
    }

    fn name(&self, name: &str) -> Result<Atom, Fault> {
        if self.safe {
            return Atom::existing(name).ok_or(Fault::Refused);
        }
        Atom::intern(name).map_err(|error| match error {
            AtomError::TooLong => Fault::Malformed,
            AtomError::TableFull => Fault::Limit,
        })
    }

    /// Where the last `n` terms begin.
    fn last(&self, n: usize) -> Result<usize, Fault> {
        self.stack.len().checked_sub(n).ok_or(Fault::Malformed)
    }

    /// The entry of another node; `None` for this one.
    fn node(&self, name: &str, creation: u32) -> Result<Option<u64>, Fault> {
        let name = self.name(name)?;
        let (this, now) = this_node();
        // Creation 0 is whatever life it has now.
        if name == this && (creation == now || creation == 0) {
            return Ok(None);
        }
        Ok(Some(std::ptr::from_ref(Node::of(name, creation)) as u64))
    }
}

impl<H: Alloc + ?Sized> Sink for Decoder<'_, H> {
    fn integer(&mut self, value: i64) -> Result<(), Fault> {
        let term = self.heap.i64(value);
        self.push(term)
    }

    fn big(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), Fault> {
        let limb = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |limb, &b| limb << 8 | u64::from(b));
        let limbs: Vec<u64> = magnitude.chunks(8).map(limb).collect();
        let term = self.heap.big(negative, &limbs);
        self.push(term)
    }

    fn float(&mut self, value: f64) -> Result<(), Fault> {
        let term = self.heap.float(value);
        self.push(term)
    }

    fn atom(&mut self, name: &str) -> Result<(), Fault> {
        let atom = self.name(name)?;
        self.push(Term::from_atom(atom))
    }

    fn nil(&mut self) -> Result<(), Fault> {
        self.push(Term::NIL)
    }

    fn binary(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let term = self.heap.binary(bytes);
        self.push(term)
    }

    fn bitstring(&mut self, bytes: &[u8], last_bits: u8) -> Result<(), Fault> {
        let term = self.heap.bitstring(bytes, (bytes.len() - 1) * 8 + usize::from(last_bits));
        self.push(term)
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let term = self.heap.byte_list(bytes);
        self.push(term)
    }

    fn tuple(&mut self, arity: usize) -> Result<(), Fault> {
        let at = self.last(arity)?;
        let term = self.heap.tuple(&self.stack[at..]);
        self.stack.truncate(at);
        self.push(term)
    }

    fn list(&mut self, elements: usize) -> Result<(), Fault> {
        let at = self.last(elements + 1)?;
        let tail = self.stack[at + elements];
        let term = self.heap.list_with_tail(&self.stack[at..at + elements], tail);
        self.stack.truncate(at);
        self.push(term)
    }

    fn map(&mut self, pairs: usize) -> Result<(), Fault> {
        let at = self.last(2 * pairs)?;
        let pairs: Vec<map::Pair> = self.stack[at..].chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let term = map::from_unique_pairs(&pairs, self.heap).ok_or(Fault::Refused)?;
        self.stack.truncate(at);
        self.push(term)
    }

    fn pid(&mut self, node: &str, number: u32, serial: u32, creation: u32) -> Result<(), Fault> {
        let all = u64::from(serial) << 32 | u64::from(number);
        let term = match self.node(node, creation)? {
            Some(node) => self.heap.raw_box(Kind::ExternalPid, &[node, all]),
            // A local pid's number has 28 bits, its serial what is left of the word.
            None if number >> 28 != 0 || u64::from(serial) >> (64 - IMM_SHIFT - 28) != 0 => {
                return Err(Fault::Malformed);
            }
            None => Term::from_pid_number(u64::from(serial) << 28 | u64::from(number)),
        };
        self.push(term)
    }

    fn port(&mut self, node: &str, number: u64, creation: u32) -> Result<(), Fault> {
        let term = match self.node(node, creation)? {
            Some(node) => self.heap.raw_box(Kind::ExternalPort, &[node, number]),
            None if number >> (64 - IMM_SHIFT) != 0 => return Err(Fault::Malformed),
            None => Term::from_port_number(number),
        };
        self.push(term)
    }

    fn reference(&mut self, node: &str, creation: u32, numbers: &[u32]) -> Result<(), Fault> {
        let word = |pair: &[u32]| u64::from(pair.get(1).copied().unwrap_or(0)) << 32 | u64::from(pair[0]);
        let mut words: Vec<u64> = numbers.chunks(2).map(word).collect();
        // Equal references have equal words: two at least, and of more no zeros at the end.
        let last = words.iter().rposition(|&word| word != 0).map_or(0, |at| at + 1);
        words.resize(last.max(2), 0);
        let term = match self.node(node, creation)? {
            Some(node) => self.heap.raw_box(Kind::ExternalRef, &[&[node], &words[..]].concat()),
            None => match words[..] {
                [a, b] => self.heap.reference([a, b]),
                _ => return Err(Fault::Malformed),
            },
        };
        self.push(term)
    }

    fn export(&mut self, module: &str, function: &str, arity: u8) -> Result<(), Fault> {
        let (module, function) = (self.name(module)?, self.name(function)?);
        let address = if self.safe {
            (hooks().existing_export)(module, function, arity).ok_or(Fault::Refused)?
        } else {
            (hooks().export)(module, function, arity)
        };
        let term = self.heap.raw_box(Kind::Export, &[address]);
        self.push(term)
    }

    fn fun(&mut self, head: FunHead<'_>) -> Result<(), Fault> {
        let at = self.last(head.free + 1)?;
        let identity = FunIdentity {
            module: self.name(&head.module)?,
            index: head.index,
            uniq: head.uniq,
            old_uniq: head.old_uniq as u32,
            arity: head.arity,
            free: head.free as u32,
        };
        let entry = Term::raw((hooks().fun)(identity));
        // The maker's pid and the free variables follow the entry, as they came.
        let words: Vec<Term> = std::iter::once(entry).chain(self.stack[at..].iter().copied()).collect();
        let term = self.heap.boxed(Kind::Fun, &words);
        self.stack.truncate(at);
        self.push(term)
    }
}
