//! What a connection keeps track of, one by one, for those who look for what is left over.

use super::relations::Link;
use super::{outgoing, peer};
use crate::atom::Atom;
use crate::heap::Build;
use crate::process::signal::RefNumber;
use crate::process::{Party, Pid};
use crate::term::Term;

fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

/// A link between a process of ours and one of theirs.
pub struct LinkRow {
    pub ours: Pid,
    pub theirs: Party,
    /// Not ended by us.
    pub active: bool,
}

/// The links across the connection with a node.
pub fn links(node: Atom) -> Vec<LinkRow> {
    let Some(channel) = outgoing::existing(node) else { return Vec::new() };
    let rows = channel.relate(|relations| {
        let rows = relations.links.iter();
        rows.map(|(&(ours, theirs), &link)| LinkRow { ours, theirs, active: link == Link::Active }).collect()
    });
    rows.unwrap_or_default()
}

/// A monitor as the connection has it: who watches is the `target` of a monitor that goes out.
pub struct MonitorRow {
    /// `origin` or `target`.
    pub direction: Term,
    pub reference: Term,
    /// The process of ours.
    pub ours: Pid,
    /// The registered name that is watched, or `[]`.
    pub name: Term,
}

/// The monitors of processes across the connection with a node.
pub fn monitors(node: Atom, place: &mut impl Build) -> Vec<MonitorRow> {
    let Some(channel) = outgoing::existing(node) else { return Vec::new() };
    let rows = channel.relate(|relations| {
        let mut rows = Vec::new();
        for (&number, watching) in &relations.watching {
            let name = match watching.target {
                Party::Named { name, .. } => Term::from_atom(name),
                Party::Local(_) | Party::Remote(..) => Term::NIL,
            };
            let reference = place.reference(number);
            rows.push(MonitorRow { direction: atom("target"), reference, ours: watching.watcher, name });
        }
        for (reference, watch) in relations.watches() {
            let name = watch.name.map_or(Term::NIL, Term::from_atom);
            let reference = reference.term(place);
            rows.push(MonitorRow { direction: atom("origin"), reference, ours: watch.target, name });
        }
        rows
    });
    rows.unwrap_or_default()
}

/// What the other node knows a monitor on a process of ours by.
pub fn reference_of(node: Atom, number: RefNumber, place: &mut impl Build) -> Option<Term> {
    let channel = outgoing::existing(node)?;
    channel.relate(|relations| {
        let found = relations.watches().find(|(_, watch)| watch.number == number);
        found.map(|(reference, _)| reference.term(place))
    })?
}

/// Who wants to hear when a node is down, and how often.
pub fn node_monitors(node: Atom) -> Vec<(Pid, u32)> {
    let Some(channel) = outgoing::existing(node) else { return Vec::new() };
    let rows = channel.relate(|relations| {
        relations.node_monitors.iter().map(|(&pid, monitor)| (pid, monitor.count)).collect()
    });
    rows.unwrap_or_default()
}

/// The port or process that carries the connection with a node.
pub fn carrier(node: Atom) -> Option<Term> {
    outgoing::existing(node)?.carrier()
}

/// The name of every other node that is known.
pub fn names() -> Vec<Atom> {
    peer::all().iter().map(|peer| peer.name).collect()
}
