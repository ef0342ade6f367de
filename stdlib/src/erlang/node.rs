//! `erlang`: what a node that is not distributed says about itself and about distribution.
//!
//! `node()` is `nonode@nohost`. Becoming distributed is refused as OTP refuses it to a caller that
//! is not `net_kernel`: `badarg`.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, map};
use glulam_vm::term::node::this_node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erlang:node/0                   Normal guard => node;
    erlang:node/1                   Normal guard => node_of;
    erlang:nodes/0                  Normal => nodes;
    erlang:nodes/1                  Normal => nodes_of_kind;
    erlang:nodes/2                  Normal => nodes_with_options;
    erlang:setnode/2                Normal => refuse;
    erlang:monitor_node/2           Normal => monitor_node;
    erlang:monitor_node/3           Normal => monitor_node;
    erts_internal:get_creation/0    Normal => creation;
    /// The flags of OTP 25's protocol: default, mandatory, added, rejected, strict.
    erts_internal:get_dflags/0      Normal => dflags;
    erts_internal:create_dist_channel/3      Normal => refuse;
    erts_internal:new_connection/1           Normal => refuse;
    erts_internal:abort_pending_connection/2 Normal => refuse;
    net_kernel:dflag_unicode_io/1   Normal => unicode_io;
    error_logger:warning_map/0      Normal => warning_map;
    io:printable_range/0            Normal => printable_range;
}

fn node(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::from_atom(this_node().0))
}

fn node_of(cx: &mut Cx<'_>) -> Outcome {
    let identifier = cx.arg(0);
    if identifier.is_local_pid() || identifier.is_local_port() || identifier.is_local_ref() {
        return Ok(Term::from_atom(this_node().0));
    }
    match identifier.as_external() {
        Some(external) => Ok(Term::from_atom(external.node().name)),
        None => cx.badarg(),
    }
}

fn nodes(_: &mut Cx<'_>) -> Outcome {
    Ok(Term::NIL)
}

/// Which nodes an argument of `nodes/1` asks for: whether this one is among them.
fn has_this_node(kind: Term) -> Option<bool> {
    match kind {
        am::this | am::known => Some(true),
        am::visible | am::hidden | am::connected => Some(false),
        _ => None,
    }
}

/// The same for one kind or a list of them.
fn wants_this_node(kinds: Term) -> Option<bool> {
    if kinds.is_list() {
        let kinds = kinds.proper_list()?;
        return kinds.into_iter().try_fold(false, |found, kind| Some(has_this_node(kind)? || found));
    }
    has_this_node(kinds)
}

fn nodes_of_kind(cx: &mut Cx<'_>) -> Outcome {
    match wants_this_node(cx.arg(0)) {
        Some(true) => Ok(cx.list(&[am::nonode_nohost])),
        Some(false) => Ok(Term::NIL),
        None => cx.badarg(),
    }
}

fn nodes_with_options(cx: &mut Cx<'_>) -> Outcome {
    let [kinds, options] = cx.take();
    let (Some(this), Some(options)) = (wants_this_node(kinds), options.as_map()) else { return cx.badarg() };
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
    if !this {
        return Ok(Term::NIL);
    }
    // Keys in term order: connection_id before node_type.
    let mut keys = Vec::new();
    let mut values = Vec::new();
    if with_id {
        keys.push(am::connection_id);
        values.push(am::undefined);
    }
    if with_type {
        keys.push(am::node_type);
        values.push(am::this);
    }
    let info = map::from_sorted(&keys, &values, cx);
    let entry = cx.tuple(&[am::nonode_nohost, info]);
    Ok(cx.list(&[entry]))
}

fn refuse(cx: &mut Cx<'_>) -> Outcome {
    cx.badarg()
}

/// Without distribution there is nothing to monitor: `notalive`.
fn monitor_node(cx: &mut Cx<'_>) -> Outcome {
    let (node, on) = (cx.arg(0), cx.arg(1));
    if !node.is_atom() || !on.is_boolean() {
        return cx.badarg();
    }
    if node == am::nonode_nohost {
        return Ok(am::true_);
    }
    cx.error(am::notalive)
}

fn creation(_: &mut Cx<'_>) -> Outcome {
    Ok(am::undefined)
}

fn dflags(cx: &mut Cx<'_>) -> Outcome {
    let numbers = [55_966_662_588, 17_239_956, 55_966_662_588, 8_396_866, 8192].map(Term::small);
    let [default, mandatory, added, rejected, strict] = numbers;
    Ok(cx.tuple(&[am::erts_dflags, default, mandatory, added, rejected, strict]))
}

/// Local processes can always take characters beyond Latin-1.
fn unicode_io(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0).is_pid() { Ok(am::true_) } else { cx.badarg() }
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
