//! Other nodes: connections with them, and what processes do across these.
//! Floor: dist
//! Invariants: D1 signals between a pair of processes keep their order: who sends enqueues, one thread at a time takes
//! packets out and in; D2 what depends on a connection stands in its `Relations`, and hears of its end once; D3 what
//! another node sends is believed only as far as it makes sense, else the connection ends.
//! Locks: those of `Channel`, one at a time; none held while a carrier is called, whose own come before them.
//! Start reading at: `Channel`, then `outgoing`, `incoming`.

mod atoms;
mod channel;
mod control;
mod down;
pub mod flags;
mod incoming;
pub mod listing;
mod node_monitor;
pub mod nodes;
mod outgoing;
mod packet;
pub mod peer;
mod relations;
mod remote_ref;
pub mod spawn;
mod token;

pub use channel::{Carrier, Channel, busy_limit, set_busy_limit};
pub use down::connection_down;
pub use node_monitor::{monitor_node, demonitor_node};
pub use outgoing::{set_group_leader, unreachable};

/// Makes other nodes reachable. Once, at start.
pub fn install() {
    crate::table::route::set_remotes(&outgoing::AllRemotes);
}

/// The nodes as `system_info(dist)` and crash dumps list them.
pub fn described() -> String {
    use std::fmt::Write;
    let show = |term| crate::term::print::to_string(term);
    let mut text = format!("=node:{}\n", show(crate::Term::from_atom(crate::term::node::this_node().0)));
    if !peer::is_alive() {
        text += "=no_distribution\n";
    }
    for peer in peer::all() {
        let channel = peer.channel();
        let carrier = channel.as_ref().and_then(|channel| channel.carrier());
        let kind = match (&channel, carrier) {
            (Some(channel), Some(_)) if channel.is_visible() => "visible_node",
            (Some(_), Some(_)) => "hidden_node",
            _ => "not_connected",
        };
        let name = show(crate::Term::from_atom(peer.name));
        let _ = write!(text, "={kind}:{}\nName: {name}", peer.name.index());
        if let Some(carrier) = carrier {
            let _ = write!(text, "\nController: {}", show(carrier));
        }
        text.push('\n');
    }
    text
}
