//! `erlang`: this node and the others, as processes see them.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::dist::{self, flags, peer};
use glulam_vm::heap::{Build, map};
use glulam_vm::term::node::{Node, this_node};
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    erlang:node/0                   Normal guard => node;
    erlang:node/1                   Normal guard => node_of;
    erlang:nodes/0                  Normal => nodes;
    erlang:nodes/1                  Normal => nodes_of_kind;
    erlang:nodes/2                  Normal => nodes_with_options;
    erlang:setnode/2                Normal => set_node;
    erlang:monitor_node/2           Normal => monitor_node;
    erlang:monitor_node/3           Normal => monitor_node_with;
    net_kernel:dflag_unicode_io/1   Normal => unicode_io;
    error_logger:warning_map/0      Normal => warning_map;
    io:printable_range/0            Normal => printable_range;
}

fn node(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::from_atom(this_node().0))
}

fn node_of(cx: &mut Cx<'_>) -> Outcome {
    match cx.arg(0).node_of() {
        Some((name, _)) => Ok(Term::from_atom(name)),
        None => cx.badarg(),
    }
}

/// Which nodes are asked for.
#[derive(Default)]
struct Kinds {
    this: bool,
    visible: bool,
    hidden: bool,
    /// Also those without a connection.
    known: bool,
}

impl Kinds {
    /// One kind or a list of them.
    fn of(kinds: Term) -> Option<Kinds> {
        let mut wanted = Kinds::default();
        if kinds.is_list() {
            kinds.proper_list()?.into_iter().try_for_each(|kind| wanted.add(kind))?;
        } else {
            wanted.add(kinds)?;
        }
        Some(wanted)
    }

    fn add(&mut self, kind: Term) -> Option<()> {
        match kind {
            am::this => self.this = true,
            am::visible => self.visible = true,
            am::hidden => self.hidden = true,
            am::connected => (self.visible, self.hidden) = (true, true),
            am::known => *self = Kinds { this: true, visible: true, hidden: true, known: true },
            _ => return None,
        }
        Some(())
    }

    /// The nodes: name, what sort it is, the number of its connection.
    fn nodes(&self) -> Vec<(Atom, Term, Option<u32>)> {
        let mut found = Vec::new();
        let this = this_node().0;
        if self.this {
            found.push((this, am::this, None));
        }
        for peer in peer::all() {
            let channel = peer.channel().filter(|channel| channel.is_connected());
            match channel {
                Some(channel) if channel.is_visible() && self.visible => {
                    found.push((peer.name, am::visible, Some(channel.id)));
                }
                Some(channel) if !channel.is_visible() && self.hidden => {
                    found.push((peer.name, am::hidden, Some(channel.id)));
                }
                _ => {}
            }
        }
        if self.known {
            // Others that an identifier names, or that were connected once.
            let others = peer::all().into_iter().map(|peer| peer.name).chain(Node::all().into_iter().map(|node| node.name));
            for name in others {
                if found.iter().all(|row| row.0 != name) {
                    found.push((name, am::known, None));
                }
            }
        }
        found
    }
}

fn names(cx: &mut Cx<'_>, kinds: &Kinds) -> Term {
    let names: Vec<Term> = kinds.nodes().into_iter().map(|(name, ..)| Term::from_atom(name)).collect();
    cx.list(&names)
}

fn nodes(cx: &mut Cx<'_>) -> Outcome {
    Ok(names(cx, &Kinds { visible: true, ..Kinds::default() }))
}

fn nodes_of_kind(cx: &mut Cx<'_>) -> Outcome {
    match Kinds::of(cx.arg(0)) {
        Some(kinds) => Ok(names(cx, &kinds)),
        None => cx.badarg(),
    }
}

fn nodes_with_options(cx: &mut Cx<'_>) -> Outcome {
    let [kinds, options] = cx.take();
    let (Some(kinds), Some(options)) = (Kinds::of(kinds), options.as_map()) else { return cx.badarg() };
    // Hashed maps have more keys than there are options.
    if !options.is_flat() {
        return cx.badarg();
    }
    let (mut with_type, mut with_id) = (false, false);
    for (&key, &value) in options.flat_keys().iter().zip(options.flat_values()) {
        match (key, value.as_bool()) {
            (am::node_type, Some(on)) => with_type = on,
            (am::connection_id, Some(on)) => with_id = on,
            _ => return cx.badarg(),
        }
    }
    let mut rows = Vec::new();
    for (name, kind, connection) in kinds.nodes() {
        // Keys in term order: connection_id before node_type.
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        if with_id {
            keys.push(am::connection_id);
            values.push(connection.map_or(am::undefined, |number| Term::small(number.into())));
        }
        if with_type {
            keys.push(am::node_type);
            values.push(kind);
        }
        let info = map::from_sorted(&keys, &values, cx);
        rows.push(cx.tuple(&[Term::from_atom(name), info]));
    }
    Ok(cx.list(&rows))
}

fn set_node(cx: &mut Cx<'_>) -> Outcome {
    let [name, creation] = cx.take();
    let name = name.as_atom().filter(|&name| peer::is_node_name(name) && name != am::nonode_nohost.atom());
    let creation = creation.as_u64().and_then(|creation| u32::try_from(creation).ok());
    match (name, creation) {
        (Some(name), Some(creation)) if peer::set_node(name, creation) => Ok(am::true_),
        _ => cx.badarg(),
    }
}

fn monitor_node(cx: &mut Cx<'_>) -> Outcome {
    let [node, on] = cx.take();
    start_or_stop(cx, node, on, Term::NIL)
}

fn monitor_node_with(cx: &mut Cx<'_>) -> Outcome {
    let [node, on, options] = cx.take();
    let mut rest = options.list();
    if !rest.by_ref().all(|option| option == am::allow_passive_connect) || !rest.rest().is_nil() {
        return cx.badarg_because(am::badopt);
    }
    start_or_stop(cx, node, on, options)
}

fn start_or_stop(cx: &mut Cx<'_>, node: Term, on: Term, options: Term) -> Outcome {
    let Some(name) = node.as_atom() else { return cx.badarg() };
    if node != am::nonode_nohost && !peer::is_alive() {
        return cx.error(am::notalive);
    }
    let pid = cx.process.id();
    match on {
        am::false_ => dist::demonitor_node(name, pid),
        am::true_ if name == this_node().0 => {}
        am::true_ => {
            let passive = !options.is_nil();
            let up = peer::find(name).and_then(|peer| peer.channel()).is_some_and(|channel| channel.is_connected());
            if passive && !up || !dist::monitor_node(name, pid) {
                return cx.tail_call(am::erlang, am::dmonitor_node, &[node, on, options]);
            }
        }
        _ => return cx.badarg(),
    }
    Ok(am::true_)
}

/// Whether the node of a process takes characters beyond Latin-1.
fn unicode_io(cx: &mut Cx<'_>) -> Outcome {
    let pid = cx.arg(0);
    let Some((name, _)) = pid.node_of().filter(|_| pid.is_pid()) else { return cx.badarg() };
    if name == this_node().0 {
        return Ok(am::true_);
    }
    let channel = peer::find(name).and_then(|peer| peer.channel());
    Ok(Term::from_bool(channel.is_some_and(|channel| channel.flags() & flags::UNICODE_IO != 0)))
}

fn warning_map(_: &mut Cx<'_>) -> Outcome {
    use glulam_vm::runtime::config::{Warnings, current};
    Ok(match current().warnings {
        Warnings::Error => am::error,
        Warnings::Warning => am::warning,
        Warnings::Info => am::info,
    })
}

fn printable_range(_: &mut Cx<'_>) -> Outcome {
    Ok(if glulam_vm::runtime::config::current().printable_unicode { am::unicode } else { am::latin1 })
}
