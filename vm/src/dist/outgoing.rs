//! Signals to other nodes.

use super::channel::Channel;
use super::control as op;
use super::relations::{Link, Watching};
use super::{flags, peer, spawn, token};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::Arc;
use crate::heap::{Build, Fragments};
use crate::process::signal::RefNumber;
use crate::process::{Own, Parcel, Party, Process, Signal};
use crate::table::route::{self, How, Remotes, Sent};
use crate::term::Term;
use crate::term::node::this_node;

/// Other nodes, as the floor of the tables sees them.
pub(super) struct AllRemotes;

/// Bytes of a message for one reduction.
const BYTES_PER_REDUCTION: usize = 128;

/// Sends a control message with its payload; the bytes it took.
pub(super) fn control(channel: &Channel, parts: impl FnOnce(&mut Fragments) -> Vec<Term>, payload: Option<Term>) -> usize {
    let mut place = Fragments::default();
    let parts = parts(&mut place);
    let control = place.tuple(&parts);
    channel.send(control, payload)
}

/// A control message whose last part is a term of any size: beside it as a payload, or within it for nodes that do not
/// know that.
pub(super) fn with_reason(channel: &Channel, plain: i64, beside: i64, parts: &[Term], reason: Term) {
    let place = &mut Fragments::default();
    if channel.is_pending() || channel.flags() & flags::EXIT_PAYLOAD != 0 {
        let control = place.tuple(&[&[Term::small(beside)], parts].concat());
        channel.send(control, Some(reason));
    } else {
        let control = place.tuple(&[&[Term::small(plain)], parts, &[reason]].concat());
        channel.send(control, None);
    }
}

/// What a message to another node begins with.
fn header(channel: &Channel, from: Term, to: Term, token: Term) -> Option<Vec<Term>> {
    let token = token::readable(channel, token);
    let knows = |flag| channel.is_pending() || channel.flags() & flag != 0;
    let number = |plain| token::number(plain, token);
    let mut parts = if let Some([name, _]) = to.as_tuple_of::<2>() {
        vec![number(op::REG_SEND), from, am::empty, name]
    } else if to.is_ref() {
        if !knows(flags::ALIAS) {
            return None;
        }
        vec![number(op::ALIAS_SEND), from, to]
    } else if knows(flags::SEND_SENDER) {
        vec![number(op::SEND_SENDER), from, to]
    } else {
        vec![number(op::SEND), am::empty, to]
    };
    if !token.is_nil() {
        parts.push(token);
    }
    Some(parts)
}

/// The node that a message goes to.
fn node_of(to: Term) -> Option<Atom> {
    match to.as_tuple_of::<2>() {
        Some([_, node]) => node.as_atom(),
        None => to.as_external().map(|external| external.node().name),
    }
}

/// The connection with a node, if it is up or coming up and no other is to be made.
pub(super) fn existing(node: Atom) -> Option<Arc<Channel>> {
    peer::find(node)?.channel()
}

/// Suspends a process whose signal has gone out, if others had better wait.
pub(super) fn wait_for_room(channel: &Channel, from: &Process, own: &mut Own) {
    if !own.async_dist && channel.suspend(from) {
        // The slice ends at the next call.
        own.reductions_left = own.reductions_left.min(0);
    }
}

impl Remotes for AllRemotes {
    fn message(&self, from: &Process, own: &mut Own, to: Term, message: Term, token: Term, how: How) -> Sent {
        let Some(node) = node_of(to) else { return Sent::Done };
        // An attempt at a connection counts as one.
        let channel = if how.no_connect { existing(node) } else { peer::connection(node) };
        let Some(channel) = channel else { return if how.no_connect { Sent::NoConnect } else { Sent::Done } };
        if how.no_suspend && channel.is_busy() {
            return Sent::NoSuspend;
        }
        let Some(parts) = header(&channel, from.pid(), to, token) else { return Sent::Done };
        let size = control(&channel, |_| parts, Some(message));
        let reductions = i32::try_from(size / BYTES_PER_REDUCTION).unwrap_or(i32::MAX);
        own.reductions_left = own.reductions_left.saturating_sub(reductions);
        if !how.no_suspend {
            wait_for_room(&channel, from, own);
        }
        Sent::Done
    }

    fn wait_for_room(&self, from: &Process, own: &mut Own, to: Party) {
        if let Some(channel) = to.node().and_then(existing) {
            wait_for_room(&channel, from, own);
        }
    }

    fn signal(&self, to: Party, signal: Signal) {
        let Some(node) = to.node() else { return };
        match signal {
            Signal::Link(from) => link(node, from, to),
            Signal::Unlink(from, _) => unlink(node, from, to),
            Signal::LinkExit(from, reason) => link_exit(node, from, to, reason.peek(), Term::NIL),
            Signal::Exit(from, reason) => {
                if let (Some(channel), Some(from)) = (peer::connection(node), from.local()) {
                    let place = &mut Fragments::default();
                    let parts = [from, to.term(place)];
                    with_reason(&channel, op::EXIT2, op::PAYLOAD_EXIT2, &parts, reason.peek());
                }
            }
            Signal::Monitor { watcher, reference, .. } => monitor(node, watcher, reference, to),
            Signal::Demonitor(reference) => demonitor(node, reference),
            Signal::Down { reference, reason } => watched_down(node, reference, reason.peek()),
            Signal::With(both) => match both.1 {
                Signal::LinkExit(from, reason) => link_exit(node, from, to, reason.peek(), both.0.peek()),
                // No other signal takes a token along.
                other => self.signal(to, other),
            },
            Signal::Request(request) => request.dead(),
            Signal::Message(_) | Signal::AliasMessage(..) | Signal::Traced(_) | Signal::Observe(..) | Signal::UnlinkAck(..) => {}
        }
    }

    fn parent_ended(&self, node: Atom, reference: RefNumber, reason: Term) {
        spawn::parent_ended(node, reference, reason);
    }
}

/// Why nothing of another node can be reached: it is an earlier life of this one, or there is no connection.
pub fn unreachable(node: Atom) -> Term {
    if node == this_node().0 { am::noproc } else { am::noconnection }
}

fn link(node: Atom, from: Party, to: Party) {
    let Some(ours) = from.pid() else { return };
    let channel = peer::connection(node);
    let linked = channel.and_then(|channel| {
        channel.relate(|relations| relations.links.insert((ours, to), Link::Active))?;
        Some(channel)
    });
    match linked {
        Some(channel) => {
            control(&channel, |place| vec![Term::small(op::LINK), ours.term(), to.term(place)], None);
        }
        None => route::deliver(from, Signal::LinkExit(to, Parcel::new(unreachable(node)))),
    }
}

fn unlink(node: Atom, from: Party, to: Party) {
    let (Some(ours), Some(channel)) = (from.pid(), existing(node)) else { return };
    let Some(Some(id)) = channel.relate(|relations| relations.unlink(ours, to)) else { return };
    if channel.is_pending() || channel.flags() & flags::UNLINK_ID != 0 {
        control(&channel, |place| vec![Term::small(op::UNLINK_ID), place.u64(id), ours.term(), to.term(place)], None);
    } else {
        // It never says that it knows.
        channel.relate(|relations| relations.unlinked(ours, to, id));
        control(&channel, |place| vec![Term::small(op::UNLINK), ours.term(), to.term(place)], None);
    }
}

/// A process of ours has ended that was linked to one of theirs; or theirs linked to one that is not there.
pub(super) fn link_exit(node: Atom, from: Party, to: Party, reason: Term, token: Term) {
    let (Some(ours), Some(channel)) = (from.pid(), existing(node)) else { return };
    if channel.relate(|relations| relations.take_link(ours, to)) == Some(true) {
        let place = &mut Fragments::default();
        let mut parts = vec![ours.term(), to.term(place)];
        let (mut plain, mut beside) = (op::EXIT, op::PAYLOAD_EXIT);
        let token = token::readable(&channel, token);
        if !token.is_nil() {
            parts.push(token);
            (plain, beside) = (op::EXIT_TT, op::PAYLOAD_EXIT_TT);
        }
        with_reason(&channel, plain, beside, &parts, reason);
    }
}

/// What is watched, in a control message.
fn watched_term(target: Party, place: &mut Fragments) -> Term {
    match target {
        Party::Named { name, .. } => Term::from_atom(name),
        Party::Local(_) | Party::Remote(..) => target.term(place),
    }
}

fn monitor(node: Atom, watcher: Party, reference: RefNumber, target: Party) {
    let Some(ours) = watcher.pid() else { return };
    let channel = peer::connection(node);
    let watched = channel.and_then(|channel| {
        channel.relate(|relations| relations.watching.insert(reference, Watching { watcher: ours, target }))?;
        Some(channel)
    });
    match watched {
        Some(channel) => {
            let parts = |place: &mut Fragments| {
                let target = watched_term(target, place);
                vec![Term::small(op::MONITOR_P), ours.term(), target, place.reference(reference)]
            };
            control(&channel, parts, None);
        }
        None => {
            route::deliver(watcher, Signal::Down { reference, reason: Parcel::new(unreachable(node)) });
        }
    }
}

pub(super) fn demonitor(node: Atom, reference: RefNumber) {
    let Some(channel) = existing(node) else { return };
    let Some(Some(watching)) = channel.relate(|relations| relations.watching.remove(&reference)) else { return };
    let parts = |place: &mut Fragments| {
        let target = watched_term(watching.target, place);
        vec![Term::small(op::DEMONITOR_P), watching.watcher.term(), target, place.reference(reference)]
    };
    control(&channel, parts, None);
}

/// A process of ours that one of theirs watches has ended.
fn watched_down(node: Atom, number: RefNumber, reason: Term) {
    let Some(channel) = existing(node) else { return };
    if channel.output.lock().controller_monitor == Some(number) {
        channel.ended(reason);
        return channel.work_off();
    }
    let Some(Some((reference, watch))) = channel.relate(|relations| relations.take_watch_of(number)) else { return };
    let place = &mut Fragments::default();
    let watched = watch.name.map_or(watch.target.term(), Term::from_atom);
    let parts = [watched, watch.watcher.term(place), reference.term(place)];
    with_reason(&channel, op::MONITOR_P_EXIT, op::PAYLOAD_MONITOR_P_EXIT, &parts, reason);
}

/// Gives a process of another node a group leader.
pub fn set_group_leader(leader: Term, member: Term) {
    let Some(channel) = node_of(member).and_then(peer::connection) else { return };
    control(&channel, |_| vec![Term::small(op::GROUP_LEADER), leader, member], None);
}
