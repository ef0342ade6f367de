//! Monitors.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::relations::{MonitorKind, MonitorOut};
use glulam_vm::process::{Parcel, Party, Signal, Watched, reference};
use glulam_vm::sched;
use glulam_vm::table::spawn_options::MonitorOptions;
use glulam_vm::table::{names, route};
use glulam_vm::term::node::this_node;
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    /// Watches a process, a port, or the time offset; a reference.
    erlang:monitor/2    Normal => monitor;
    erlang:monitor/3    Normal => monitor_with;
    /// Ends a monitor of the calling process.
    erlang:demonitor/1  Normal => demonitor;
    erlang:demonitor/2  Normal => demonitor_with;
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
        am::process => match Party::remote(item) {
            Some(party) => Ok(watch_remote(cx, MonitorKind::Process, party, options)),
            None => watch(cx, MonitorKind::Process, item, |term| term.is_local_pid(), options),
        },
        am::port => watch(cx, MonitorKind::Port, item, |term| term.is_local_port(), options),
        am::time_offset if item == am::clock_service => {
            let reference = new_reference(cx, &options);
            add(cx, reference, MonitorKind::TimeOffset, Watched::Party(cx.process.party()), None, options);
            sched::clock::watch(cx.process.id());
            Ok(cx.reference(reference))
        }
        am::time_offset => cx.badarg(),
        _ => cx.badarg_because(am::badtype),
    }
}

/// A name, here or on another node.
enum Named {
    Here(Atom),
    There(Party),
}

/// What `Name` or `{Name, Node}` stands for.
fn named(item: Term) -> Option<Named> {
    if let Some(name) = item.as_atom() {
        return Some(Named::Here(name));
    }
    let [name, node] = item.as_tuple_of()?;
    let (name, node) = (name.as_atom()?, node.as_atom()?);
    Some(if node == this_node().0 { Named::Here(name) } else { Named::There(Party::Named { node, name }) })
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
        match named(item) {
            Some(Named::Here(name)) => {
                let target = names::whereis(name).filter(|party| party.local().is_some_and(&is_kind));
                (Watched::Name(name), target)
            }
            Some(Named::There(party)) if kind == MonitorKind::Process => return Ok(watch_remote(cx, kind, party, options)),
            // A port of an earlier life of this node.
            None if kind == MonitorKind::Port
                && item.is_port()
                && item.node_of().is_some_and(|(node, _)| node == this_node().0) =>
            {
                return Ok(watch_lost_port(cx, item, options));
            }
            _ => return cx.badarg(),
        }
    };
    let number = new_reference(cx, &options);
    let me = cx.process.party();
    if target != Some(me) {
        let as_name = match watched {
            Watched::Name(name) => Some(name),
            Watched::Party(_) | Watched::Lost(_) => None,
        };
        add(cx, number, kind, watched, target, options);
        match target {
            Some(party) => route::deliver(party, Signal::Monitor { watcher: me, reference: number, as_name }),
            None => route::deliver(me, Signal::Down { reference: number, reason: Parcel::new(am::noproc) }),
        }
    }
    Ok(cx.reference(number))
}

/// A process of another node, or who has a name there.
fn watch_remote(cx: &mut Cx<'_>, kind: MonitorKind, party: Party, options: MonitorOptions) -> Term {
    let number = new_reference(cx, &options);
    add(cx, number, kind, Watched::Party(party), Some(party), options);
    route::deliver(party, Signal::Monitor { watcher: cx.process.party(), reference: number, as_name: None });
    route::wait_for_room(cx.process, cx.own, party);
    cx.reference(number)
}

fn watch_lost_port(cx: &mut Cx<'_>, port: Term, options: MonitorOptions) -> Term {
    let number = new_reference(cx, &options);
    add(cx, number, MonitorKind::Port, Watched::Lost(Parcel::new(port)), None, options);
    route::deliver(cx.process.party(), Signal::Down { reference: number, reason: Parcel::new(am::noproc) });
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
        route::wait_for_room(cx.process, cx.own, target);
    }
    Some(true)
}
