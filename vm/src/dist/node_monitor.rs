//! Monitors of nodes by one process: `monitor_node/2`.

use super::relations::NodeMonitor;
use super::{outgoing, peer};
use crate::atom::Atom;
use crate::process::{Pid, exit_hook};

/// The calling process wants to hear once more when the node is down; `false`: there is no way to it.
pub fn monitor_node(node: Atom, pid: Pid) -> bool {
    let Some(channel) = peer::connection(node) else { return false };
    let counted = channel.relate(|relations| {
        let monitor = relations.node_monitors.get_mut(&pid)?;
        monitor.count += 1;
        Some(())
    });
    match counted {
        None => false,
        Some(Some(())) => true,
        Some(None) => {
            let hook = exit_hook::add(pid, move |pid| {
                if let Some(channel) = outgoing::existing(node) {
                    channel.relate(|relations| relations.node_monitors.remove(&pid));
                }
            });
            let added = channel.relate(|relations| relations.node_monitors.insert(pid, NodeMonitor { count: 1, hook }));
            if added.is_none() {
                exit_hook::remove(hook);
            }
            added.is_some()
        }
    }
}

/// Once less.
pub fn demonitor_node(node: Atom, pid: Pid) {
    let Some(channel) = outgoing::existing(node) else { return };
    let last = channel.relate(|relations| {
        let monitor = relations.node_monitors.get_mut(&pid)?;
        monitor.count -= 1;
        if monitor.count == 0 { relations.node_monitors.remove(&pid) } else { None }
    });
    if let Some(Some(last)) = last {
        exit_hook::remove(last.hook);
    }
}
