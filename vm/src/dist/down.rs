//! The end of a connection: everybody who depends on it hears of it.

use super::channel::Channel;
use super::{nodes, peer, spawn};
use crate::am;
use crate::heap::{Build, Fragment};
use crate::process::{Parcel, Pid, Signal, exit_hook};
use crate::table::route;
use crate::term::Term;

fn no_connection() -> Parcel {
    Parcel::new(am::noconnection)
}

/// The connection, or the attempt at one, is over: links, monitors and requests across it end with `noconnection`,
/// then those who watch nodes hear `reason`. Does no harm when repeated.
pub fn connection_down(channel: &Channel, reason: Term) {
    let Some((_, was_up)) = channel.close() else { return };
    let peer = peer::find(channel.peer);
    if let Some(peer) = &peer {
        peer.forget(channel);
    }
    let relations = channel.relations.lock().take();
    if let Some(mut relations) = relations {
        for ((ours, theirs), link) in relations.links.drain() {
            if link == super::relations::Link::Active {
                route::deliver(ours.party(), Signal::LinkExit(theirs, no_connection()));
            }
        }
        for (reference, watching) in relations.watching.drain() {
            route::deliver(watching.watcher.party(), Signal::Down { reference, reason: no_connection() });
        }
        for watch in relations.take_all_watches() {
            route::deliver(watch.target.party(), Signal::Demonitor(watch.number));
        }
        for (reference, request) in relations.spawn_requests.drain() {
            spawn::failed(channel.peer, request.parent, reference, am::noconnection);
        }
        for (pid, monitor) in std::mem::take(&mut relations.node_monitors) {
            exit_hook::remove(monitor.hook);
            (0..monitor.count).for_each(|_| node_is_down(pid, Term::from_atom(channel.peer)));
        }
    }
    if was_up {
        let kind = if channel.is_visible() { am::visible } else { am::hidden };
        let reason = if reason == am::normal { am::connection_closed } else { reason };
        nodes::tell(am::nodedown, channel.peer, Some(channel.id), kind, reason);
    }
    if let Some(peer) = peer {
        peer.settled();
    }
}

/// `{nodedown, Node}`
fn node_is_down(pid: Pid, node: Term) {
    let mut place = Fragment::new(3);
    let message = place.tuple(&[am::nodedown, node]);
    route::send_parcel(pid.term(), Parcel::in_fragment(message, place));
}
