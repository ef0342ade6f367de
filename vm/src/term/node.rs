//! Nodes, as identifiers of other nodes name them: entries that are never freed.
//!
//! ```text
//! [ ExternalPid  | node entry | number (low 32 bits), serial (high 32 bits) ]
//! [ ExternalPort | node entry | number ]
//! [ ExternalRef  | node entry | two numbers of 32 bits a word, least significant first .. ]
//! ```
//! A local reference has its numbers in the same way, in two words. An odd count of numbers is made
//! even with a zero, which changes neither order nor equality.

use std::collections::HashMap;

use super::Term;
use crate::atom::Atom;
use crate::base::sync::{AtomicU64, OnceLock, Ordering, RwLock};

/// A node: its name and which of its lives is meant. One entry for each pair: compare addresses.
pub struct Node {
    pub name: Atom,
    pub creation: u32,
    /// Its place among all entries.
    index: u32,
}

/// An entry in half a word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NodeIndex(u32);

#[derive(Default)]
struct Entries {
    by_life: HashMap<(Atom, u32), &'static Node>,
    all: Vec<&'static Node>,
}

fn table() -> &'static RwLock<Entries> {
    static TABLE: OnceLock<RwLock<Entries>> = OnceLock::new();
    TABLE.get_or_init(RwLock::default)
}

impl Node {
    /// The entry of a node, made if it is new.
    pub fn of(name: Atom, creation: u32) -> &'static Node {
        if let Some(found) = table().read().by_life.get(&(name, creation)) {
            return found;
        }
        let mut table = table().write();
        let Entries { by_life, all } = &mut *table;
        by_life.entry((name, creation)).or_insert_with(|| {
            let node: &'static Node = Box::leak(Box::new(Node { name, creation, index: all.len() as u32 }));
            all.push(node);
            node
        })
    }

    pub fn index(&self) -> NodeIndex {
        NodeIndex(self.index)
    }

    /// The entry of an index that `index` gave.
    pub fn at(index: NodeIndex) -> &'static Node {
        table().read().all[index.0 as usize]
    }

    /// The address that identifiers hold.
    pub fn address(&'static self) -> u64 {
        std::ptr::from_ref(self) as u64
    }

    /// Every entry.
    pub fn all() -> Vec<&'static Node> {
        table().read().all.clone()
    }
}

/// Name (low 32 bits: index) and creation of this node; all ones before it was set.
static THIS: AtomicU64 = AtomicU64::new(u64::MAX);

/// This node: `nonode@nohost` with creation 0 until it is given a name.
pub fn this_node() -> (Atom, u32) {
    let bits = THIS.load(Ordering::Acquire);
    if bits == u64::MAX {
        return (crate::atom::predefined::am::nonode_nohost.atom(), 0);
    }
    (Atom(bits as u32), (bits >> 32) as u32)
}

/// Names this node. Local identifiers are then its own.
pub fn set_this_node(name: Atom, creation: u32) {
    THIS.store(u64::from(creation) << 32 | u64::from(name.0), Ordering::Release);
}

/// An identifier of another node.
#[derive(Clone, Copy)]
pub struct External(Term);

impl External {
    pub fn node(self) -> &'static Node {
        // SAFETY: T1, word 1 is the address of an entry, which is never freed.
        unsafe { &*(self.0.word(1) as *const Node) }
    }
    /// Words of number behind the node.
    pub fn numbers(&self) -> &[u64] {
        // SAFETY: T1, T2: a node, then only numbers.
        unsafe { std::slice::from_raw_parts(self.0.address().add(2), self.0.header().size() - 1) }
    }
}

impl Term {
    /// A pid, port or reference of another node.
    pub fn as_external(self) -> Option<External> {
        use super::Kind;
        if !self.is_boxed() {
            return None;
        }
        match self.header().kind() {
            Kind::ExternalPid | Kind::ExternalPort | Kind::ExternalRef => Some(External(self)),
            _ => None,
        }
    }

    /// Number and serial of a pid, as `<Node.Number.Serial>` shows them.
    pub fn pid_parts(self) -> Option<(u32, u32)> {
        /// A local pid has its serial above so many bits (see `process::Pid`).
        const SLOT_BITS: u32 = 28;
        if let Some(n) = self.as_pid_number() {
            return Some(((n & ((1 << SLOT_BITS) - 1)) as u32, (n >> SLOT_BITS) as u32));
        }
        let external = self.as_external().filter(|_| self.is_pid())?;
        let n = external.numbers()[0];
        Some((n as u32, (n >> 32) as u32))
    }

    /// Number of a port.
    pub fn port_number(self) -> Option<u64> {
        self.as_port_number()
            .or_else(|| self.as_external().filter(|_| self.is_port()).map(|e| e.numbers()[0]))
    }

    /// The numbers of a reference, 32 bits each, least significant first, as many as the external
    /// format gives them: three, more if those are not zero.
    pub fn ref_numbers(self) -> Option<Vec<u32>> {
        let words = match self.as_local_ref() {
            Some(words) => words.to_vec(),
            None => self.as_external().filter(|_| self.is_ref())?.numbers().to_vec(),
        };
        let mut numbers: Vec<u32> = words.iter().flat_map(|&w| [w as u32, (w >> 32) as u32]).collect();
        while numbers.len() > 3 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(numbers)
    }

    /// Name and creation of the node that an identifier belongs to; this node's for local ones.
    pub fn node_of(self) -> Option<(Atom, u32)> {
        if let Some(external) = self.as_external() {
            let node = external.node();
            return Some((node.name, node.creation));
        }
        (self.is_local_pid() || self.is_local_port() || self.is_local_ref()).then(this_node)
    }
}
