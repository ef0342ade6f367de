//! Processes as wholes: which there are, ending them, letting them rest.

use glulam_vm::bif::{Cx, Outcome, Resume, Stop};
use glulam_vm::heap::{Build, Fragment};
use glulam_vm::process::signal::{RefNumber, Request};
use glulam_vm::process::{Aside, Own, Parcel, Party, Pid, Process, Sender, Signal};
use glulam_vm::table::{processes, route};
use glulam_vm::term::node::this_node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// The process that calls.
    erlang:self/0                    Normal guard => self_;
    /// All processes.
    erlang:processes/0               Normal => processes_;
    erlang:is_process_alive/1        Normal => is_process_alive;
    /// The same, told by message as `{Ref, Answer}`.
    erts_internal:is_process_alive/2 Normal => is_process_alive_told;
    /// Sends an exit signal.
    erlang:exit/2                    Yielding => exit;
    /// The same, without the particular treatment of the process itself.
    erlang:exit_signal/2             Normal => exit_signal;
    /// Empties the stack and waits for a message.
    erlang:hibernate/3               Normal => hibernate;
    /// Spends reductions.
    erlang:bump_reductions/1         Normal => bump_reductions;
    erlang:yield/0                   Normal => yield_;
    /// Collects the calling process's garbage.
    erts_internal:garbage_collect/1  Normal => garbage_collect;
}

fn self_(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.self_pid())
}

fn processes_(cx: &mut Cx<'_>) -> Outcome {
    let all: Vec<Term> = processes::all().iter().map(|process| process.pid()).collect();
    cx.charge(all.len() / 16);
    Ok(cx.list(&all))
}

/// Where the answer to a request goes: a message `{Ref, Answer}`.
pub(crate) struct Asker {
    pub to: Pid,
    pub reference: RefNumber,
}

impl Asker {
    /// The calling process, with a new reference.
    pub(crate) fn new(cx: &Cx<'_>) -> Asker {
        Asker { to: cx.process.id(), reference: glulam_vm::process::fresh_ref() }
    }

    /// The answer, built on the heap of the process that gives it.
    pub(crate) fn answer(&self, process: &Process, own: &mut Own, answer: Term) {
        let reference = own.heap.reference(self.reference);
        let message = own.heap.tuple(&[reference, answer]);
        route::send_parcel_from(Sender::Party(process.party()), self.to.term(), Parcel::new(message));
    }

    /// An answer that is an immediate.
    pub(crate) fn answer_plain(&self, answer: Term) {
        self.answer_with(|_| answer, 0);
    }

    /// An answer of at most so many words, built outside any heap.
    pub(crate) fn answer_with(&self, build: impl FnOnce(&mut Fragment) -> Term, words: usize) {
        let mut fragment = Fragment::new(words + 12);
        let answer = build(&mut fragment);
        let reference = fragment.reference(self.reference);
        let message = fragment.tuple(&[reference, answer]);
        route::send_parcel(self.to.term(), Parcel::in_fragment(message, fragment));
    }
}

/// Sends a request; the native goes on as the Erlang function that waits for the answer.
pub(crate) fn ask(cx: &mut Cx<'_>, party: Party, asker_reference: RefNumber, request: Box<dyn Request>) -> Outcome {
    cx.own.start_at_end(cx.process);
    route::deliver_for(party, Signal::Request(request), cx.own.priority);
    let reference = cx.reference(asker_reference);
    cx.tail_call(am::erts_internal, am::await_result, &[reference])
}

struct IsAlive(Asker);

impl Request for IsAlive {
    fn run(self: Box<Self>, _: &Process, own: &mut Own) {
        self.0.answer_plain(Term::from_bool(!own.exit_pending));
    }
    fn in_native(&mut self, _: &Process, _: &mut Aside) -> bool {
        self.0.answer_plain(am::true_);
        true
    }
    fn dead(self: Box<Self>) {
        self.0.answer_plain(am::false_);
    }
}

/// What the caller sent before counts: the process itself answers, if it may have signals.
fn is_process_alive(cx: &mut Cx<'_>) -> Outcome {
    let Some(pid) = Pid::of(cx.arg(0)) else { return cx.badarg() };
    if pid == cx.process.id() {
        return Ok(am::true_);
    }
    match processes::with(pid, |process| process.is_quiet()) {
        None => Ok(am::false_),
        Some(true) => Ok(am::true_),
        Some(false) => {
            let asker = Asker::new(cx);
            let Some(party) = Party::of(pid.term()) else { return cx.badarg() };
            ask(cx, party, asker.reference, Box::new(IsAlive(asker)))
        }
    }
}

fn is_process_alive_told(cx: &mut Cx<'_>) -> Outcome {
    let [pid, reference] = cx.take();
    let (Some(party), Some(reference)) = (Party::of(pid).filter(|_| pid.is_local_pid()), reference.as_local_ref())
    else {
        return cx.badarg();
    };
    let asker = Asker { to: cx.process.id(), reference };
    route::deliver_for(party, Signal::Request(Box::new(IsAlive(asker))), cx.own.priority);
    Ok(am::ok)
}

/// Work that never ends: the process is about to.
struct Ending;

impl Resume for Ending {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        cx.own.reductions_left = 0;
        Ok(None)
    }
}

/// Never gives control back to the caller.
pub(crate) fn never(cx: &mut Cx<'_>) -> Outcome {
    cx.run(Ending)
}

fn exit(cx: &mut Cx<'_>) -> Outcome {
    let [who, reason] = cx.take();
    if Pid::of(who) == Some(cx.process.id()) && (reason == am::kill || !cx.own.trap_exit) {
        // What came before comes first; then this process ends, whatever the reason.
        cx.own.fetch_messages(cx.process);
        cx.own.end_self(reason);
        return never(cx);
    }
    send_exit(cx, who, reason)
}

fn exit_signal(cx: &mut Cx<'_>) -> Outcome {
    let [who, reason] = cx.take();
    send_exit(cx, who, reason)
}

fn send_exit(cx: &mut Cx<'_>, who: Term, reason: Term) -> Outcome {
    match Party::of(who).or_else(|| Party::remote(who)) {
        Some(party) => {
            route::deliver(party, Signal::Exit(cx.process.party(), Parcel::new(reason)));
            route::wait_for_room(cx.process, cx.own, party);
            Ok(am::true_)
        }
        // A port of an earlier life of this node.
        None if who.is_port() && who.node_of().is_some_and(|(node, _)| node == this_node().0) => Ok(am::true_),
        None => cx.badarg(),
    }
}

fn hibernate(cx: &mut Cx<'_>) -> Outcome {
    let [module, function, args] = cx.take();
    if !module.is_atom() || !function.is_atom() {
        return cx.badarg();
    }
    match args.proper_list() {
        Some(args) if args.len() <= 255 => cx.hibernate(module, function, &args),
        Some(_) => cx.system_limit(),
        None => cx.badarg(),
    }
}

fn bump_reductions(cx: &mut Cx<'_>) -> Outcome {
    let count = cx.arg(0);
    if !count.is_small() && count.as_big().is_none_or(|big| big.is_negative()) {
        return cx.badarg();
    }
    match count.as_small() {
        Some(n) if n < 0 => return cx.badarg(),
        Some(n) => cx.charge(n.min(4000) as usize),
        None => cx.charge(4000),
    }
    Ok(am::true_)
}

/// Ends the slice within the call.
struct Yield {
    done: bool,
}

impl Resume for Yield {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(Some(am::true_));
        }
        cx.own.give_up_slice();
        Ok(None)
    }
}

fn yield_(cx: &mut Cx<'_>) -> Outcome {
    cx.run(Yield { done: false })
}

/// The engine collects at the instruction behind the call.
fn garbage_collect(cx: &mut Cx<'_>) -> Outcome {
    let major = match cx.arg(0) {
        am::major => true,
        am::minor => false,
        _ => return cx.badarg(),
    };
    cx.own.heap.request_collection(major);
    Ok(am::true_)
}
