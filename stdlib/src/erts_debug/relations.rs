//! `get_internal_state({link_list, _})` and `{monitor_list, _}`: links and monitors one by one, those of a process
//! or those across the connection with a node.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::dist::listing;
use glulam_vm::heap::{Build, Heap};
use glulam_vm::process::relations::{MonitorKind, MonitorOut};
use glulam_vm::process::signal::{Request, Watched};
use glulam_vm::process::{Own, Party, Pid, Process};
use glulam_vm::table::processes;
use glulam_vm::term::node::this_node;
use glulam_vm::{Atom, Term, am};

use crate::erlang::process::{Asker, ask};

fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

#[derive(Clone, Copy)]
enum What {
    Links,
    Monitors,
}

/// Has a process tell of its own.
struct Tell(What, Asker);

impl Request for Tell {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        let answer = of_process(self.0, process.id(), own);
        self.1.answer(process, own, answer);
    }
    fn dead(self: Box<Self>) {
        self.1.answer_plain(am::undefined);
    }
}

pub(super) fn links(cx: &mut Cx<'_>, of: Term) -> Outcome {
    match of.as_atom() {
        Some(node) => {
            let rows: Vec<Term> = listing::links(node)
                .into_iter()
                .map(|row| {
                    let number = link_number(row.ours, row.theirs, cx);
                    let state = atom(if row.active { "linked" } else { "unlinking" });
                    cx.tuple(&[atom("erl_link"), atom("dist_process"), row.ours.term(), state, number])
                })
                .collect();
            Ok(cx.list(&rows))
        }
        None => ask_process(cx, of, What::Links),
    }
}

pub(super) fn monitors(cx: &mut Cx<'_>, of: Term) -> Outcome {
    match of.as_atom() {
        Some(node) => {
            let rows = listing::monitors(node, cx);
            let mut rows: Vec<Term> = rows
                .into_iter()
                .map(|row| monitor(cx, [atom("dist_process"), row.direction, row.reference, row.ours.term(), row.name]))
                .collect();
            for (pid, _) in listing::node_monitors(node) {
                rows.push(monitor(cx, [am::node, atom("target"), Term::NIL, pid.term(), Term::NIL]));
            }
            Ok(cx.list(&rows))
        }
        None => ask_process(cx, of, What::Monitors),
    }
}

fn ask_process(cx: &mut Cx<'_>, of: Term, what: What) -> Outcome {
    let (Some(pid), Some(party)) = (Pid::of(of), Party::of(of)) else { return cx.badarg() };
    if pid == cx.process.id() {
        cx.own.fetch_messages(cx.process);
        return Ok(of_process(what, pid, cx.own));
    }
    if processes::with(pid, |_| ()).is_none() {
        return Ok(am::undefined);
    }
    let asker = Asker::new(cx);
    let number = asker.reference;
    ask(cx, party, number, Box::new(Tell(what, asker)))
}

fn of_process(what: What, me: Pid, own: &mut Own) -> Term {
    let rows = match what {
        What::Links => own_links(me, own),
        What::Monitors => own_monitors(me, own),
    };
    own.heap.list(&rows)
}

/// `{erl_monitor, Type, Direction, Reference, Item, Extra}`
fn monitor(place: &mut impl Build, [kind, direction, reference, item, extra]: [Term; 5]) -> Term {
    place.tuple(&[atom("erl_monitor"), kind, direction, reference, item, extra])
}

/// A number that no other link has at the same time: made of the two it ties together.
fn link_number(ours: Pid, theirs: Party, place: &mut impl Build) -> Term {
    match theirs {
        Party::Remote(..) => {
            let other = theirs.term(place);
            let numbers = other.as_external().map_or([0, 0], |other| {
                let node = other.node();
                [u64::from(node.name.index()) << 32 | u64::from(node.creation), other.numbers()[0]]
            });
            place.big(false, &[ours.term().bits(), numbers[1], numbers[0]])
        }
        Party::Local(bits) => place.big(false, &[ours.term().bits().min(bits), ours.term().bits().max(bits)]),
        Party::Named { .. } => Term::ZERO,
    }
}

fn own_links(me: Pid, own: &mut Own) -> Vec<Term> {
    let Some(relations) = &own.relations else { return Vec::new() };
    let heap = &mut own.heap;
    let row = |party: Party| {
        let other = party.term(heap);
        let kind = match party {
            Party::Local(_) if other.is_local_port() => am::port,
            Party::Local(_) => am::process,
            Party::Remote(..) | Party::Named { .. } => atom("dist_process"),
        };
        let number = link_number(me, party, heap);
        heap.tuple(&[atom("erl_link"), kind, other, atom("linked"), number])
    };
    relations.links.iter().map(row).collect()
}

fn own_monitors(me: Pid, own: &mut Own) -> Vec<Term> {
    let mut rows = Vec::new();
    let heap = &mut own.heap;
    if let Some(relations) = &own.relations {
        for (&number, out) in relations.monitors.iter() {
            rows.extend(going_out(number, out, heap));
        }
        for (&number, incoming) in relations.monitored_by.iter() {
            let name = incoming.as_name.map_or(Term::NIL, Term::from_atom);
            let reference = match incoming.watcher.node() {
                Some(node) => listing::reference_of(node, number, heap),
                None => Some(heap.reference(number)),
            };
            // Without one it is not there any more at the other side of the connection, or carries it.
            let Some(reference) = reference else { continue };
            let kind = if incoming.watcher.node().is_some() { atom("dist_process") } else { am::process };
            let watcher = incoming.watcher.term(heap);
            rows.push(monitor(heap, [kind, atom("target"), reference, watcher, name]));
        }
        for &number in relations.observers.iter().map(|(number, _)| number) {
            let reference = heap.reference(number);
            rows.push(monitor(heap, [atom("resource"), atom("target"), reference, Term::NIL, Term::NIL]));
        }
        for (pid, count) in &relations.suspending {
            let count = Term::small((*count).into());
            rows.push(monitor(heap, [atom("suspend"), atom("origin"), Term::NIL, pid.term(), count]));
        }
    }
    for node in listing::names() {
        let mine = listing::node_monitors(node).into_iter().find(|(pid, _)| *pid == me);
        if let Some((_, count)) = mine {
            let (node, count) = (Term::from_atom(node), Term::small(count.into()));
            rows.push(monitor(heap, [am::node, atom("origin"), Term::NIL, node, count]));
        }
    }
    rows
}

/// A monitor of the process on something.
fn going_out(number: [u64; 2], out: &MonitorOut, heap: &mut Heap) -> Option<Term> {
    let (kind, item, extra) = match (out.kind, &out.watched) {
        (MonitorKind::TimeOffset, _) => (am::time_offset, am::clock_service, Term::NIL),
        (_, Watched::Name(name)) => {
            let kind = if out.kind == MonitorKind::Port { am::port } else { am::process };
            (kind, out.target?.term(heap), Term::from_atom(*name))
        }
        (_, Watched::Party(Party::Named { node, name })) if *node != this_node().0 => {
            (atom("dist_process"), Term::from_atom(*node), Term::from_atom(*name))
        }
        (MonitorKind::Port, Watched::Party(party)) => (am::port, party.term(heap), Term::NIL),
        (_, Watched::Party(party)) => {
            let kind = if party.node().is_some() { atom("dist_process") } else { am::process };
            (kind, party.term(heap), Term::NIL)
        }
        (_, Watched::Lost(_)) => return None,
    };
    let reference = heap.reference(number);
    Some(monitor(heap, [kind, atom("origin"), reference, item, extra]))
}
