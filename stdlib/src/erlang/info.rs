//! `process_info`.

use glulam_vm::process::trace::flag;
use glulam_vm::trace::token;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::code::Place;
use glulam_vm::exec::stacktrace;
use glulam_vm::heap::gc::{HeapInfo, MaxHeapSize};
use glulam_vm::heap::{Build, Fragment, Heap, copy, map};
use glulam_vm::process::relations::{MonitorKind, Relations};
use glulam_vm::process::signal::Request;
use glulam_vm::process::{Activity, Aside, Own, Party, Pid, Process};
use glulam_vm::table::processes;
use glulam_vm::{Atom, Term, am};

use super::process::{Asker, ask};

glulam_vm::bifs! {
    erlang:process_info/1  Normal => process_info;
    erlang:process_info/2  Normal => process_info_of;
}

/// What `process_info/1` tells, in order.
const ALL: &[Term] = &[
    am::registered_name,
    am::current_function,
    am::initial_call,
    am::status,
    am::message_queue_len,
    am::links,
    am::dictionary,
    am::trap_exit,
    am::error_handler,
    am::priority,
    am::group_leader,
    am::total_heap_size,
    am::heap_size,
    am::stack_size,
    am::reductions,
    am::garbage_collection,
    am::suspending,
];

/// The other items that there are.
const MORE: &[Term] = &[
    am::backtrace,
    am::binary,
    am::catchlevel,
    am::current_location,
    am::current_stacktrace,
    am::fullsweep_after,
    am::garbage_collection_info,
    am::last_calls,
    am::max_heap_size,
    am::memory,
    am::message_queue_data,
    am::messages,
    am::min_bin_vheap_size,
    am::min_heap_size,
    am::monitored_by,
    am::monitors,
    am::parent,
    am::sequential_trace_token,
    am::trace,
];

/// Every item.
pub fn items() -> impl Iterator<Item = Term> {
    ALL.iter().chain(MORE).copied()
}

/// What is asked for.
#[derive(Clone)]
enum Question {
    /// Everything that `process_info/1` tells.
    Usual,
    One(Atom),
    Some(Vec<Atom>),
}

impl Question {
    fn of(item: Term) -> Option<Question> {
        let known = |item: Term| item.as_atom().filter(|_| ALL.contains(&item) || MORE.contains(&item));
        if item.is_atom() {
            return known(item).map(Question::One);
        }
        let mut items = item.list();
        let found: Option<Vec<Atom>> = items.by_ref().map(known).collect();
        found.filter(|_| items.rest().is_nil()).map(Question::Some)
    }

    /// Whether the answer is the native objects that watch the process, which keeps them alive.
    fn tells_observers(&self, own: &Own) -> bool {
        matches!(self, Question::One(item) if *item == am::monitored_by.atom())
            && own.relations.as_ref().is_some_and(|relations| !relations.observers.is_empty())
    }

    /// The answer, on the process's own heap.
    fn answer(&self, process: &Process, own: &mut Own) -> Term {
        let sizes = Sizes { info: own.heap.info(), total: own.heap.total_size(), memory: own.memory() };
        let items: Vec<Term> = match self {
            Question::Usual => {
                let unnamed = process.registered_name().is_none();
                ALL.iter().copied().filter(|&item| !(unnamed && item == am::registered_name)).collect()
            }
            Question::One(am) => {
                let item = Term::from_atom(*am);
                if item == am::registered_name && process.registered_name().is_none() {
                    return Term::NIL;
                }
                return pair(process, own, &sizes, item);
            }
            Question::Some(items) => items.iter().map(|&item| Term::from_atom(item)).collect(),
        };
        let pairs: Vec<Term> = items.into_iter().map(|item| pair(process, own, &sizes, item)).collect();
        own.heap.list(&pairs)
    }
}

/// Sizes as they were before the answer was built.
struct Sizes {
    info: HeapInfo,
    total: usize,
    memory: usize,
}

fn pair(process: &Process, own: &mut Own, sizes: &Sizes, item: Term) -> Term {
    let value = value(process, own, sizes, item);
    own.heap.tuple(&[item, value])
}

struct Tell(Question, Asker);

impl Request for Tell {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        if own.exit_pending {
            return self.dead();
        }
        if self.0.tells_observers(own)
            && let Some(relations) = &own.relations
        {
            // On this heap it would keep the objects alive until the next collection.
            return self.1.answer_with(|place| {
                let watchers = watchers(relations, place);
                let watchers = place.list(&watchers);
                place.tuple(&[am::monitored_by, watchers])
            }, relations.monitored_by.len() * 5 + relations.observers.len() * 8);
        }
        let answer = self.0.answer(process, own);
        self.1.answer(process, own, answer);
        // One that waits and is asked again and again would keep every answer.
        if own.activity == Activity::Waiting && !own.hibernating && own.heap.has_fragments() {
            own.collect_at_rest(process, false);
        }
    }
    fn in_native(&mut self, process: &Process, aside: &mut Aside) -> bool {
        let asked = match &self.0 {
            Question::Usual => return false,
            Question::One(item) => std::slice::from_ref(item),
            Question::Some(items) => items,
        };
        let items: Vec<Term> = asked.iter().map(|&item| Term::from_atom(item)).collect();
        if !items.iter().all(|item| IN_NATIVE.contains(item)) {
            return false;
        }
        let one = matches!(self.0, Question::One(_));
        let unnamed = process.registered_name().is_none();
        let words = items.len() * (10 + copy::size_of(aside.group_leader()));
        self.1.answer_with(|place| {
            if one && items[0] == am::registered_name && unnamed {
                return Term::NIL;
            }
            let mut pairs = items.iter().map(|&item| {
                let value = value_in_native(process, aside, item, place);
                place.tuple(&[item, value])
            });
            if one {
                return pairs.next().unwrap_or(Term::NIL);
            }
            let pairs: Vec<Term> = pairs.collect();
            place.list(&pairs)
        }, words);
        true
    }
    fn dead(self: Box<Self>) {
        self.1.answer_plain(am::undefined);
    }
}

/// What is told of a process while it is in a dirty native; for the rest it has to come out of it.
const IN_NATIVE: &[Term] = &[
    am::current_function,
    am::group_leader,
    am::initial_call,
    am::priority,
    am::registered_name,
    am::status,
    am::trap_exit,
];

/// One of `IN_NATIVE`.
fn value_in_native(process: &Process, aside: &Aside, item: Term, place: &mut Fragment) -> Term {
    let s = aside.spawned;
    let mut function = |module, function, arity: u8| {
        place.tuple(&[Term::from_atom(module), Term::from_atom(function), Term::small(arity.into())])
    };
    match item {
        am::current_function if aside.sensitive => am::undefined,
        am::current_function => match stacktrace::place_in_native(aside) {
            Some(at) => function(at.module, at.function, at.arity),
            None => function(s.module, s.function, s.arity),
        },
        am::initial_call => function(s.module, s.function, s.arity),
        am::registered_name => process.registered_name().map_or(Term::NIL, Term::from_atom),
        am::group_leader => copy::copy_into(aside.group_leader(), place),
        am::priority => process.priority().term(),
        am::trap_exit => Term::from_bool(aside.trap_exit()),
        _ if aside.begun => am::running,
        _ => am::runnable,
    }
}

fn process_info(cx: &mut Cx<'_>) -> Outcome {
    about(cx, Question::Usual)
}

fn process_info_of(cx: &mut Cx<'_>) -> Outcome {
    match Question::of(cx.arg(1)) {
        Some(question) => about(cx, question),
        None => cx.badarg(),
    }
}

fn about(cx: &mut Cx<'_>, question: Question) -> Outcome {
    let who = cx.arg(0);
    let Some(pid) = Pid::of(who) else { return cx.badarg() };
    if pid == cx.process.id() {
        cx.own.fetch_messages(cx.process);
        return Ok(question.answer(cx.process, cx.own));
    }
    match processes::with(pid, |process| answer_at_rest(cx, process, &question)) {
        None => return Ok(am::undefined),
        Some(Some(answer)) => return Ok(answer),
        Some(None) => {}
    }
    let Some(party) = Party::of(who) else { return cx.badarg() };
    cx.charge(10);
    let asker = Asker::new(cx);
    let number = asker.reference;
    ask(cx, party, number, Box::new(Tell(question, asker)))
}

/// The answer of a process that waits, without its being run; `None`: it has to be asked.
fn answer_at_rest(cx: &mut Cx<'_>, process: &Process, question: &Question) -> Option<Term> {
    process.visit(|own| {
        if own.hibernating || own.heap.has_fragments() || question.tells_observers(own) {
            return None;
        }
        let answer = question.answer(process, own);
        Some(cx.copy(answer))
    })?
}

fn number(n: usize) -> Term {
    Term::small(n as i64)
}

fn value(process: &Process, own: &mut Own, sizes: &Sizes, item: Term) -> Term {
    match item {
        am::registered_name => process.registered_name().map_or(Term::NIL, Term::from_atom),
        am::initial_call => {
            let s = own.spawned;
            own.heap.tuple(&[Term::from_atom(s.module), Term::from_atom(s.function), Term::small(s.arity.into())])
        }
        am::parent => own.spawned.parent.map_or(am::undefined, |parent| parent.term(&mut own.heap)),
        am::status => status(process, own),
        am::message_queue_len => number(own.messages.len()),
        am::message_queue_data => if own.message_queue_off_heap { am::off_heap } else { am::on_heap },
        am::messages => {
            if own.sensitive {
                return Term::NIL;
            }
            let messages = own.all_messages();
            own.heap.list(&messages)
        }
        am::dictionary => {
            if own.sensitive {
                return Term::NIL;
            }
            let entries = own.dictionary.as_ref().map_or_else(Vec::new, |d| d.entries().to_vec());
            let pairs: Vec<Term> = entries.iter().map(|&(key, value)| own.heap.tuple(&[key, value])).collect();
            own.heap.list(&pairs)
        }
        am::links | am::monitors | am::monitored_by | am::suspending => relations(own, item),
        am::trap_exit => Term::from_bool(own.trap_exit),
        am::error_handler => Term::from_atom(own.error_handler),
        am::priority => process.priority().term(),
        am::group_leader => own.group_leader,
        am::reductions => {
            let done = own.reductions_so_far();
            own.heap.u64(done)
        }
        am::catchlevel => number(own.catch_level()),
        am::last_calls => if own.save_calls == 0 { am::false_ } else { Term::NIL },
        am::trace => Term::small((process.traced.flags() & flag::ALL).into()),
        am::sequential_trace_token => token::get(process, own),
        am::current_function | am::current_location | am::current_stacktrace | am::backtrace => {
            location(process, own, item)
        }
        _ => memory(own, sizes, item),
    }
}

fn status(process: &Process, own: &Own) -> Term {
    if own.exit_pending {
        am::exiting
    } else if process.suspended.load(std::sync::atomic::Ordering::SeqCst) > 0 {
        am::suspended
    } else {
        match own.activity {
            Activity::Running => am::running,
            Activity::Waiting if own.messages.at_end() && !own.receive_timed_out() => am::waiting,
            // It would look at its messages now, had it not been asked.
            Activity::Waiting => am::running,
            Activity::Ready => am::runnable,
        }
    }
}

/// Who monitors the process. What carries a connection is watched by one that has no identifier.
fn watchers(relations: &Relations, place: &mut impl Build) -> Vec<Term> {
    let watchers = relations.monitored_by.values().map(|monitor| monitor.watcher);
    let watchers = watchers.filter(|watcher| !matches!(watcher, Party::Named { .. }));
    let mut terms: Vec<Term> = watchers.map(|watcher| watcher.term(place)).collect();
    let objects = relations.observers.values().filter_map(|observer| observer.hold());
    terms.extend(objects.map(|object| place.magic_ref(object)));
    terms
}

fn relations(own: &mut Own, item: Term) -> Term {
    let Some(relations) = &own.relations else { return Term::NIL };
    let heap = &mut own.heap;
    let items: Vec<Term> = match item {
        am::links => relations.links.iter().map(|party| party.term(heap)).collect(),
        am::monitored_by => watchers(relations, heap),
        am::suspending => relations
            .suspending
            .iter()
            .map(|(pid, count)| heap.tuple(&[pid.term(), Term::small((*count).into()), Term::ZERO]))
            .collect(),
        _ => relations
            .monitors
            .values()
            .map(|monitor| {
                let kind = match monitor.kind {
                    MonitorKind::Process => am::process,
                    MonitorKind::Port => am::port,
                    MonitorKind::TimeOffset => return heap.tuple(&[am::time_offset, am::clock_service]),
                };
                let watched = monitor.watched.term(heap);
                heap.tuple(&[kind, watched])
            })
            .collect(),
    };
    own.heap.list(&items)
}

/// The calls that a process is in, as text; none of one that is sensitive.
pub(super) fn backtrace(process: &Process, own: &Own) -> String {
    if own.sensitive {
        return String::new();
    }
    let mut text = format!("Program counter of {}\n", glulam_vm::term::print::to_string(process.pid()));
    for (depth, place) in places(own, usize::MAX).iter().enumerate() {
        let (module, function) = (place.module.name(), place.function.name());
        text += &format!("y({depth}) {module}:{function}/{}\n", place.arity);
    }
    text
}

/// Where it is: the innermost calls.
fn places(own: &Own, limit: usize) -> Vec<Place> {
    if own.hibernating {
        let (module, function) = (am::erlang.atom(), am::hibernate.atom());
        return vec![Place { module, function, arity: 3, file: None, line: 0 }];
    }
    let found = stacktrace::places(own, limit);
    if !found.is_empty() {
        return found;
    }
    // Not begun yet.
    let s = own.spawned;
    vec![Place { module: s.module, function: s.function, arity: s.arity, file: None, line: 0 }]
}

fn location(process: &Process, own: &mut Own, item: Term) -> Term {
    if item == am::backtrace {
        let text = backtrace(process, own);
        return own.heap.binary(text.as_bytes());
    }
    if own.sensitive {
        return if item == am::current_stacktrace { Term::NIL } else { am::undefined };
    }
    match item {
        am::current_stacktrace if stacktrace::depth() == 0 => Term::NIL,
        am::current_stacktrace => {
            let places = places(own, stacktrace::depth());
            let entries: Vec<Term> = places.iter().map(|place| entry(own, place, true)).collect();
            own.heap.list(&entries)
        }
        _ => match places(own, 1).first() {
            Some(place) => entry(own, place, item == am::current_location),
            None => am::undefined,
        },
    }
}

fn entry(own: &mut Own, place: &Place, with_line: bool) -> Term {
    let call = [Term::from_atom(place.module), Term::from_atom(place.function), Term::small(place.arity.into())];
    if !with_line {
        return own.heap.tuple(&call);
    }
    let line = stacktrace::location(own, place);
    let [module, function, arity] = call;
    own.heap.tuple(&[module, function, arity, line])
}

/// `#{error_logger => _, kill => _, size => _}`
fn max_heap_size(heap: &mut Heap, max: MaxHeapSize) -> Term {
    let keys = [am::error_logger, am::kill, am::size];
    map::from_sorted(&keys, &[Term::from_bool(max.error_logger), Term::from_bool(max.kill), number(max.size)], heap)
}

fn memory(own: &mut Own, sizes: &Sizes, item: Term) -> Term {
    let heap = &mut own.heap;
    match item {
        am::heap_size => number(heap.size()),
        am::total_heap_size => number(sizes.total),
        am::stack_size => number(heap.stack_used()),
        am::min_heap_size => number(heap.min_size),
        am::min_bin_vheap_size => number(heap.min_virtual),
        am::fullsweep_after => number(heap.fullsweep_after as usize),
        am::max_heap_size => max_heap_size(heap, heap.max_size),
        am::memory => number(sizes.memory),
        am::binary => {
            let binaries = heap.binaries();
            let rows: Vec<Term> = binaries
                .into_iter()
                .map(|(address, bytes, references)| {
                    let address = heap.usize(address);
                    heap.tuple(&[address, number(bytes), number(references)])
                })
                .collect();
            heap.list(&rows)
        }
        am::garbage_collection => {
            let max = max_heap_size(heap, heap.max_size);
            let rows = [
                (am::max_heap_size, max),
                (am::min_bin_vheap_size, number(heap.min_virtual)),
                (am::min_heap_size, number(heap.min_size)),
                (am::fullsweep_after, number(heap.fullsweep_after as usize)),
                (am::minor_gcs, number(heap.minor_collections() as usize)),
            ];
            let rows = rows.map(|(key, value)| heap.tuple(&[key, value]));
            heap.list(&rows)
        }
        _ => {
            let rows = sizes.info.rows();
            let rows = rows.map(|(key, value)| heap.tuple(&[key, number(value)]));
            heap.list(&rows)
        }
    }
}
