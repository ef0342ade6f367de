//! Monitors of nodes by one process: `monitor_node/2`.

use super::{outgoing, peer};
use crate::atom::Atom;
use crate::process::{Pid, exit_hook};

/// The process wants to hear once more when the node is down; `false`: there is no way to it.
pub fn monitor_node(node: Atom, pid: Pid) -> bool {
    let Some(channel) = peer::connection(node) else { return false };
    let added = channel.relate(|relations| {
        let count = relations.node_monitors.entry(pid).or_insert(0);
        *count += 1;
        *count == 1
    });
    if added == Some(true) {
        exit_hook::add(pid, move |pid| {
            if let Some(channel) = outgoing::existing(node) {
                channel.relate(|relations| relations.node_monitors.remove(&pid));
            }
        });
    }
    added.is_some()
}

/// Once less.
pub fn demonitor_node(node: Atom, pid: Pid) {
    let Some(channel) = outgoing::existing(node) else { return };
    channel.relate(|relations| {
        if let Some(count) = relations.node_monitors.get_mut(&pid) {
            *count -= 1;
            if *count == 0 {
                relations.node_monitors.remove(&pid);
            }
        }
    });
}
