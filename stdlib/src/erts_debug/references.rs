//! `get_internal_state(node_and_dist_references)`: what refers to other nodes.
//!
//! Entries of nodes are never freed and have no counts of their own: everything that may hold one is looked at.
//! A process that waits is looked at as it is, any other looks at itself when it gets to it, so that the
//! whole is no snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glulam_vm::base::sync::Mutex;
use glulam_vm::bif::{Cx, Outcome, Resume, Stop};
use glulam_vm::dist::listing;
use glulam_vm::heap::{Build, each_node};
use glulam_vm::process::signal::Request;
use glulam_vm::process::{Own, Party, Pid, Process, Signal};
use glulam_vm::sched::timer;
use glulam_vm::table::{ets, processes, route};
use glulam_vm::term::node::Node;
use glulam_vm::{Atom, Term, am};

use crate::persistent_term;

/// Who refers: a kind, and which one of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Referrer {
    Process(Pid),
    Table(u32),
    System(&'static str),
}

impl Referrer {
    fn term(self, cx: &mut Cx<'_>) -> Term {
        let (kind, which) = match self {
            Referrer::Process(pid) => (am::process, pid.term()),
            Referrer::Table(name) => (atom("ets"), Atom::from_index(name).map_or(am::undefined, Term::from_atom)),
            Referrer::System(name) => (am::system, atom(name)),
        };
        cx.tuple(&[kind, which])
    }
}

fn atom(name: &'static str) -> Term {
    Term::from_atom(Atom::known(name))
}

/// Of each life of a node: who refers to it, in which way, how often.
#[derive(Default)]
struct Counts(BTreeMap<(u32, u32), BTreeMap<Referrer, BTreeMap<&'static str, usize>>>);

impl Counts {
    fn add(&mut self, node: &Node, referrer: Referrer, kind: &'static str) {
        let of_node = self.0.entry((node.name.index(), node.creation)).or_default();
        *of_node.entry(referrer).or_default().entry(kind).or_default() += 1;
    }

    fn add_process(&mut self, process: &Process, own: &Own) {
        let me = Referrer::Process(process.id());
        own.heap.each_node(&mut |node| self.add(node, me, "heap"));
        own.messages.each_node(&mut |node| self.add(node, me, "message"));
        let Some(relations) = &own.relations else { return };
        let mut add_party = |party: Party, kind: &'static str| {
            if let Party::Remote(node, _) = party {
                self.add(Node::at(node), me, kind);
            }
        };
        relations.links.iter().for_each(|party| add_party(party, "link"));
        relations.monitors.values().filter_map(|monitor| monitor.target).for_each(|party| add_party(party, "monitor"));
        for monitor in relations.monitored_by.values() {
            add_party(monitor.watcher, "monitor");
            // The reference by which the other node knows it.
            add_party(monitor.watcher, "monitor");
        }
    }

    fn add_tables(&mut self) {
        for table in ets::all() {
            let referrer = Referrer::Table(table.name().index());
            table.store.each_kept(|object| object.each_node(&mut |node| self.add(node, referrer, "ets")));
        }
    }

    fn add_others(&mut self) {
        timer::each_node(&mut |node| self.add(node, Referrer::System("bif_timers"), "timer"));
        persistent_term::each(&mut |term| {
            each_node(term, &mut |node| self.add(node, Referrer::System("persistent_terms"), "persistent_term"));
        });
    }
}

/// What is counted so far, and how many processes have not been looked at yet.
struct Gathering {
    counts: Mutex<Counts>,
    left: AtomicUsize,
}

/// One process looks at itself.
struct Look(Arc<Gathering>);

impl Request for Look {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        self.0.counts.lock().add_process(process, own);
        self.dead();
    }
    fn dead(self: Box<Self>) {
        self.0.left.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Waits until every process has been looked at.
struct Gather(Arc<Gathering>);

impl Resume for Gather {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if self.0.left.load(Ordering::Acquire) > 0 {
            cx.own.give_up_slice();
            return Ok(None);
        }
        let mut counts = std::mem::take(&mut *self.0.counts.lock());
        counts.add_process(cx.process, cx.own);
        counts.add_tables();
        counts.add_others();
        Ok(Some(told(cx, &counts)))
    }
}

pub(super) fn of_nodes(cx: &mut Cx<'_>) -> Outcome {
    let gathering = Arc::new(Gathering { counts: Mutex::default(), left: AtomicUsize::new(0) });
    let others = processes::all().into_iter().filter(|process| process.id() != cx.process.id());
    for process in others {
        let looked = process.visit(|own| gathering.counts.lock().add_process(&process, own));
        if looked.is_none() {
            gathering.left.fetch_add(1, Ordering::AcqRel);
            route::deliver(process.party(), Signal::Request(Box::new(Look(gathering.clone()))));
        }
    }
    cx.run(Gather(gathering))
}

/// `{Entry, Count, [{Referrer, [{Kind, Count}]}]}`
fn entry(cx: &mut Cx<'_>, entry: Term, referrers: Vec<(Term, Vec<(&'static str, usize)>)>) -> Term {
    let number = |n: usize| Term::small(n as i64);
    let total: usize = referrers.iter().flat_map(|(_, kinds)| kinds).map(|(_, n)| n).sum();
    let rows: Vec<Term> = referrers
        .into_iter()
        .map(|(referrer, kinds)| {
            let kinds: Vec<Term> = kinds.into_iter().map(|(kind, n)| cx.tuple(&[atom(kind), number(n)])).collect();
            let kinds = cx.list(&kinds);
            cx.tuple(&[referrer, kinds])
        })
        .collect();
    let rows = cx.list(&rows);
    cx.tuple(&[entry, number(total), rows])
}

/// `{{node_references, [...]}, {dist_references, [...]}}`: to lives of nodes, and to what is known of a node by name.
fn told(cx: &mut Cx<'_>, counts: &Counts) -> Term {
    let life = |cx: &mut Cx<'_>, (name, creation): (u32, u32)| {
        let name = Atom::from_index(name).map_or(am::undefined, Term::from_atom);
        cx.tuple(&[name, Term::small(creation.into())])
    };
    let mut nodes = Vec::new();
    // To a node by its name: from its lives, from the one that carries the connection, from node monitors.
    let mut peers: BTreeMap<u32, Vec<(Term, Vec<(&'static str, usize)>)>> = BTreeMap::new();
    for (&node, referrers) in &counts.0 {
        let rows = referrers.iter().map(|(referrer, kinds)| {
            (referrer.term(cx), kinds.iter().map(|(&kind, &n)| (kind, n)).collect())
        });
        let rows = rows.collect();
        let of = life(cx, node);
        nodes.push(entry(cx, of, rows));
        let of = cx.tuple(&[am::node, of]);
        peers.entry(node.0).or_default().push((of, vec![("node", 1)]));
    }
    for name in listing::names() {
        if let Some(carrier) = listing::carrier(name) {
            let kind = if carrier.is_pid() { am::process } else { am::port };
            let carrier = cx.tuple(&[kind, carrier]);
            peers.entry(name.index()).or_default().push((carrier, vec![("control", 1)]));
        }
        for (pid, count) in listing::node_monitors(name) {
            let watcher = cx.tuple(&[am::process, pid.term()]);
            peers.entry(name.index()).or_default().push((watcher, vec![("node_monitor", count as usize)]));
        }
    }
    let peers: Vec<Term> = peers
        .into_iter()
        .map(|(name, referrers)| {
            let name = Atom::from_index(name).map_or(am::undefined, Term::from_atom);
            entry(cx, name, referrers)
        })
        .collect();
    let lists = [("node_references", nodes), ("dist_references", peers)].map(|(name, rows)| {
        let rows = cx.list(&rows);
        cx.tuple(&[atom(name), rows])
    });
    cx.tuple(&lists)
}
