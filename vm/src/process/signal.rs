//! Signals: what processes do to each other.

use super::relations::Observer;
use super::{Aside, Own, Pid, Process};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::Arc;
use crate::heap::{Build, Fragment, copy};
use crate::term::node::{Node, NodeIndex, this_node};
use crate::term::{Kind, Term};

/// A term on its way to another process: in a fragment of its own, or an immediate or literal.
pub struct Parcel {
    bits: u64,
    fragment: Option<Fragment>,
}

impl Parcel {
    /// A copy of `term`.
    #[inline]
    pub fn new(term: Term) -> Parcel {
        if !term.is_pointer() {
            return Parcel { bits: term.bits(), fragment: None };
        }
        let (term, fragment) = Fragment::copy_of(term);
        Parcel { bits: term.bits(), fragment }
    }

    /// A copy of `term`, which takes so many words.
    #[inline]
    pub fn sized(term: Term, words: usize) -> Parcel {
        let (term, fragment) = Fragment::copy_of_sized(term, words);
        Parcel { bits: term.bits(), fragment }
    }

    /// A term built in `fragment`.
    pub fn in_fragment(term: Term, fragment: Fragment) -> Parcel {
        Parcel { bits: term.bits(), fragment: Some(fragment) }
    }

    /// Words outside the term itself.
    pub fn words(&self) -> usize {
        self.fragment.as_ref().map_or(0, Fragment::used)
    }

    /// The term, for as long as the parcel lives.
    pub fn peek(&self) -> Term {
        Term::raw(self.bits)
    }

    /// Puts the term on a process's heap.
    pub fn unpack(self, own: &mut Own) -> Term {
        own.heap.receive(Term::raw(self.bits), self.fragment)
    }

    /// The parcel, moved out word by word.
    ///
    /// # Safety
    /// The one read from is forgotten.
    #[inline(always)]
    pub(super) unsafe fn by_words(&self) -> Parcel {
        // SAFETY: fields of our own; the caller's promise.
        unsafe {
            Parcel { bits: (&raw const self.bits).read_volatile(), fragment: (&raw const self.fragment).read_volatile() }
        }
    }

    #[inline(always)]
    pub(super) fn into_parts(self) -> (Term, Option<Fragment>) {
        (Term::raw(self.bits), self.fragment)
    }

    /// Calls `found` with the node of each identifier of another node.
    pub fn each_node(&self, found: &mut dyn FnMut(&'static Node)) {
        if let Some(fragment) = &self.fragment {
            fragment.each_node(found);
        }
    }

    /// Another copy.
    pub fn duplicate(&self) -> Parcel {
        Parcel::new(self.peek())
    }
}

/// A number that names a reference.
pub type RefNumber = [u64; 2];

/// Another party to a signal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Party {
    /// A process or port of this node: the bits of its identifier.
    Local(u64),
    /// A process of another node: number and serial, as identifiers hold them.
    Remote(NodeIndex, u64),
    /// Whoever has a name on another node.
    Named { node: Atom, name: Atom },
}

impl Party {
    /// A pid or port of this node.
    pub fn of(term: Term) -> Option<Party> {
        (term.is_local_pid() || term.is_local_port()).then_some(Party::Local(term.bits()))
    }

    /// A pid of another node.
    pub fn remote(term: Term) -> Option<Party> {
        let external = term.as_external().filter(|_| term.is_pid())?;
        Some(Party::Remote(external.node().index(), external.numbers()[0]))
    }

    /// The identifier of a party of this node.
    pub fn local(self) -> Option<Term> {
        match self {
            Party::Local(bits) => Some(Term::raw(bits)),
            Party::Remote(..) | Party::Named { .. } => None,
        }
    }

    /// The process, if it is one of this node.
    pub fn pid(self) -> Option<Pid> {
        self.local().and_then(Pid::of)
    }

    /// The node of a party that is not of this one.
    pub fn node(self) -> Option<Atom> {
        match self {
            Party::Local(_) => None,
            Party::Remote(node, _) => Some(Node::at(node).name),
            Party::Named { node, .. } => Some(node),
        }
    }

    /// As messages and `process_info/2` show it.
    pub fn term(self, heap: &mut (impl Build + ?Sized)) -> Term {
        match self {
            Party::Local(bits) => Term::raw(bits),
            Party::Remote(node, number) => heap.raw_box(Kind::ExternalPid, &[Node::at(node).address(), number]),
            Party::Named { node, name } => heap.tuple(&[Term::from_atom(name), Term::from_atom(node)]),
        }
    }
}

/// What a process watches by a monitor, as `'DOWN'` names it.
pub enum Watched {
    Party(Party),
    /// A registered name on this node.
    Name(Atom),
    /// A port of an earlier life of this node.
    Lost(Parcel),
}

impl Watched {
    /// As messages and `process_info/2` name it.
    pub fn term(&self, heap: &mut impl Build) -> Term {
        match self {
            Watched::Party(party) => party.term(heap),
            Watched::Name(name) => heap.tuple(&[Term::from_atom(*name), Term::from_atom(this_node().0)]),
            Watched::Lost(item) => copy::copy_into(item.peek(), heap),
        }
    }
}

/// Who sent a message, as patterns of receive traces see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    /// A process or port.
    Party(Party),
    /// A timer.
    Clock,
    /// The runtime itself.
    System,
}

impl Sender {
    /// The node and the process, as a pattern gets them.
    pub fn terms(self, heap: &mut impl Build) -> [Term; 2] {
        match self {
            Sender::Party(party) => match party.local() {
                Some(port) if port.is_local_port() => [port, am::undefined],
                _ => {
                    let node = party.node().unwrap_or_else(|| this_node().0);
                    [Term::from_atom(node), party.term(heap)]
                }
            },
            Sender::Clock => [am::clock_service, am::undefined],
            Sender::System => [am::system, am::undefined],
        }
    }
}

/// A signal.
pub enum Signal {
    Message(Parcel),
    /// A message to an alias: it counts if the alias is active when it arrives.
    AliasMessage(RefNumber, Parcel),
    Link(Party),
    /// By a number that `UnlinkAck` answers; 0: there is no answer to it.
    Unlink(Party, u64),
    /// A process knows that the link has ended: what it says of links from here on is of a new one.
    UnlinkAck(Party, u64),
    /// From a linked party that ended.
    LinkExit(Party, Parcel),
    /// `exit/2`
    Exit(Party, Parcel),
    Monitor { watcher: Party, reference: RefNumber, as_name: Option<Atom> },
    /// The same by something that is no party; `Demonitor` ends it.
    Observe(RefNumber, Arc<dyn Observer>),
    Demonitor(RefNumber),
    Down { reference: RefNumber, reason: Parcel },
    /// A signal with a `seq_trace` token.
    With(Box<(Parcel, Signal)>),
    /// A message, with who sent it: the receiver's messages are traced.
    Traced(Box<(Sender, Signal)>),
    /// Anything else: runs in the receiver's context.
    Request(Box<dyn Request>),
}

impl Signal {
    /// A message with who sent it.
    pub fn sent_by(self, sender: Sender) -> Signal {
        Signal::Traced(Box::new((sender, self)))
    }
}

/// Work for another process to do on itself.
pub trait Request: Send {
    /// The process lives: in its own context.
    fn run(self: Box<Self>, process: &Process, own: &mut Own);
    /// The process is in a dirty native: whether what was put aside was enough to do the work now.
    fn in_native(&mut self, _process: &Process, _aside: &mut Aside) -> bool {
        false
    }
    /// The process ended before it could.
    fn dead(self: Box<Self>);
}
