//! Monitors.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::relations::{AliasEnd, MonitorKind, MonitorOut};
use glulam_vm::process::{Parcel, Party, Signal, Watched, reference};
use glulam_vm::table::{names, route};
use glulam_vm::term::node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// Watches a process, a port, or the time offset; a reference.
    erlang:monitor/2    Normal => monitor;
    erlang:monitor/3    Normal => monitor_with;
    /// Ends a monitor of the calling process.
    erlang:demonitor/1  Normal => demonitor;
    erlang:demonitor/2  Normal => demonitor_with;
}

/// `[{alias, How}, {tag, Term}]`
#[derive(Default)]
pub(super) struct MonitorOptions {
    pub alias: Option<AliasEnd>,
    pub tag: Option<Term>,
}

impl MonitorOptions {
    pub(super) fn parse(options: Term) -> Option<MonitorOptions> {
        let mut found = MonitorOptions::default();
        let mut rest = options.list();
        for option in rest.by_ref() {
            match option.as_tuple_of::<2>()? {
                [am::alias, how] => {
                    found.alias = Some(match how {
                        am::explicit_unalias => AliasEnd::Explicit,
                        am::demonitor => AliasEnd::Demonitor,
                        am::reply_demonitor => AliasEnd::Reply,
                        _ => return None,
                    });
                }
                [am::tag, tag] => found.tag = Some(tag),
                _ => return None,
            }
        }
        rest.rest().is_nil().then_some(found)
    }
}

fn monitor(cx: &mut Cx<'_>) -> Outcome {
    let [kind, item] = cx.take();
    start(cx, kind, item, MonitorOptions::default())
}

fn monitor_with(cx: &mut Cx<'_>) -> Outcome {
    let [kind, item, options] = cx.take();
    match MonitorOptions::parse(options) {
        Some(options) => start(cx, kind, item, options),
        None => cx.badarg_because(am::badopt),
    }
}

fn start(cx: &mut Cx<'_>, kind: Term, item: Term, options: MonitorOptions) -> Outcome {
    match kind {
        am::process => {
            let is_kind = |term: Term| term.is_local_pid();
            if item.is_pid() && !item.is_local_pid() {
                return Ok(watch_remote(cx, MonitorKind::Process, item, options));
            }
            watch(cx, MonitorKind::Process, item, is_kind, options)
        }
        am::port if item.is_port() && !item.is_local_port() => match item.node_of() {
            Some((name, _)) if name == node::this_node().0 => Ok(watch_remote(cx, MonitorKind::Port, item, options)),
            // Ports of other nodes can't be watched.
            _ => cx.badarg(),
        },
        am::port => watch(cx, MonitorKind::Port, item, |term| term.is_local_port(), options),
        am::time_offset if item == am::clock_service => {
            let reference = new_reference(cx, &options);
            add(cx, reference, MonitorKind::TimeOffset, Watched::Party(cx.process.party()), None, options);
            Ok(cx.reference(reference))
        }
        am::time_offset => cx.badarg(),
        _ => cx.badarg_because(am::badtype),
    }
}

/// The local name in `Name` or `{Name, Node}`.
fn local_name(item: Term) -> Option<glulam_vm::Atom> {
    if let Some(name) = item.as_atom() {
        return Some(name);
    }
    let [name, node] = item.as_tuple_of()?;
    if node == am::nonode_nohost { name.as_atom() } else { None }
}

fn watch(
    cx: &mut Cx<'_>,
    kind: MonitorKind,
    item: Term,
    is_kind: impl Fn(Term) -> bool,
    options: MonitorOptions,
) -> Outcome {
    let (watched, target) = if is_kind(item) {
        let Some(party) = Party::of(item) else { return cx.badarg() };
        (Watched::Party(party), Some(party))
    } else {
        let Some(name) = local_name(item) else { return cx.badarg() };
        (Watched::Name(name), names::whereis(name).filter(|party| is_kind(party.term())))
    };
    let number = new_reference(cx, &options);
    let me = cx.process.party();
    if target != Some(me) {
        let as_name = match watched {
            Watched::Name(name) => Some(name),
            Watched::Party(_) | Watched::Remote(_) => None,
        };
        add(cx, number, kind, watched, target, options);
        match target {
            Some(party) => route::deliver(party, Signal::Monitor { watcher: me, reference: number, as_name }),
            None => route::deliver(me, Signal::Down { reference: number, reason: Parcel::new(am::noproc) }),
        }
    }
    Ok(cx.reference(number))
}

/// Why a process or port of another node can't be reached: an earlier life of this node is over, and
/// there is no connection to others.
pub(super) fn unreachable(item: Term) -> Term {
    match item.node_of() {
        Some((name, _)) if name == node::this_node().0 => am::noproc,
        _ => am::noconnection,
    }
}

/// Told at once.
fn watch_remote(cx: &mut Cx<'_>, kind: MonitorKind, item: Term, options: MonitorOptions) -> Term {
    let number = new_reference(cx, &options);
    add(cx, number, kind, Watched::Remote(Parcel::new(item)), None, options);
    let down = Signal::Down { reference: number, reason: Parcel::new(unreachable(item)) };
    route::deliver(cx.process.party(), down);
    cx.reference(number)
}

fn new_reference(cx: &Cx<'_>, options: &MonitorOptions) -> [u64; 2] {
    match options.alias {
        Some(_) => reference::fresh_owned(cx.process.id()),
        None => reference::fresh(),
    }
}

fn add(
    cx: &mut Cx<'_>,
    number: [u64; 2],
    kind: MonitorKind,
    watched: Watched,
    target: Option<Party>,
    options: MonitorOptions,
) {
    let monitor = MonitorOut {
        watched,
        target,
        tag: options.tag.map(Parcel::new),
        time_offset: kind == MonitorKind::TimeOffset,
        kind,
    };
    let relations = cx.own.relations();
    relations.monitors.insert(number, monitor);
    if let Some(end) = options.alias {
        relations.aliases.insert(number, end);
    }
}

fn demonitor(cx: &mut Cx<'_>) -> Outcome {
    let reference = cx.arg(0);
    stop(cx, reference).map_or_else(|| cx.badarg(), |_| Ok(am::true_))
}

fn demonitor_with(cx: &mut Cx<'_>) -> Outcome {
    let [reference, options] = cx.take();
    let (mut flush, mut info) = (false, false);
    let mut rest = options.list();
    for option in rest.by_ref() {
        match option {
            am::flush => flush = true,
            am::info => info = true,
            _ => return cx.badarg(),
        }
    }
    if !rest.rest().is_nil() {
        return cx.badarg();
    }
    let Some(was_active) = stop(cx, reference) else { return cx.badarg() };
    let result = Term::from_bool(was_active || !info);
    if !was_active && flush {
        return cx.tail_call(am::erts_internal, am::flush_monitor_messages, &[reference, am::false_, result]);
    }
    Ok(result)
}

/// Ends the monitor; whether there was one. `None`: not a reference of this node.
fn stop(cx: &mut Cx<'_>, reference: Term) -> Option<bool> {
    let number = reference.as_local_ref()?;
    let Some(monitor) = cx.own.relations.as_mut().and_then(|r| r.remove_monitor(number)) else {
        return Some(false);
    };
    if let Some(target) = monitor.target {
        route::deliver(target, Signal::Demonitor(number));
    }
    Some(true)
}
