//! References of other nodes, as keys.

use crate::heap::Build;
use crate::term::node::{Node, NodeIndex};
use crate::term::{Kind, Term};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RemoteRef {
    node: NodeIndex,
    words: Box<[u64]>,
}

impl RemoteRef {
    pub fn of(term: Term) -> Option<RemoteRef> {
        let external = term.as_external().filter(|_| term.is_ref())?;
        Some(RemoteRef { node: external.node().index(), words: external.numbers().into() })
    }

    pub fn term(&self, place: &mut impl Build) -> Term {
        let words: Vec<u64> = std::iter::once(Node::at(self.node).address()).chain(self.words.iter().copied()).collect();
        place.raw_box(Kind::ExternalRef, &words)
    }
}
