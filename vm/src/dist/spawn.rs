//! Processes made for other nodes, and by other nodes.

use super::channel::Channel;
use super::control as op;
use super::outgoing::{self, control, existing};
use super::relations::{Link, SpawnRequest, Watch, Watching};
use super::remote_ref::RemoteRef;
use super::{peer, token};
use crate::am;
use crate::atom::Atom;
use crate::heap::{Build, Fragments, Stored};
use crate::process::relations::{MonitorKind, MonitorOut};
use crate::process::signal::{Request, RefNumber, Watched};
use crate::process::trace::{self, flag};
use crate::process::{Own, Parcel, Party, Pid, Process, Signal, fresh_ref};
use crate::table::spawn::{Origin, make_for};
use crate::table::spawn_options::{Refused, Wanted};
use crate::table::route;
use crate::term::Term;
use crate::term::node::this_node;

/// What another node is asked to make.
pub struct Asked {
    pub module: Term,
    pub function: Term,
    pub args: Term,
    pub options: Term,
    pub group_leader: Term,
}

/// Asks a node for a process; the answer comes as a message. `false`: there is no way to it.
pub fn request(node: Atom, parent: (&Process, &mut Own), reference: RefNumber, asked: &Asked) -> bool {
    let (parent, own) = parent;
    let Some(channel) = peer::connection(node) else { return false };
    let request = SpawnRequest { parent: parent.id(), ended: None };
    if channel.relate(|relations| relations.spawn_requests.insert(reference, request)).is_none() {
        return false;
    }
    let place = &mut Fragments::default();
    let count = Term::small(asked.args.list().count() as i64);
    let call = place.tuple(&[asked.module, asked.function, count]);
    let reference = place.reference(reference);
    let what = [reference, parent.pid(), asked.group_leader, call, asked.options];
    let mut token = Term::NIL;
    if parent.traced.has(flag::TOKEN)
        && let Some(tracing) = trace::tracing()
    {
        let request = place.tuple(&[&[am::spawn_request], &what[..]].concat());
        token = tracing.spawn_requested(parent, own, Term::from_atom(node), request, asked.args);
        token = token::readable(&channel, token);
    }
    control(&channel, |_| parts(op::SPAWN_REQUEST, &what, token), Some(asked.args));
    outgoing::wait_for_room(&channel, parent, own);
    true
}

/// The parts of a control message, with a token if there is one.
fn parts(plain: i64, parts: &[Term], token: Term) -> Vec<Term> {
    let mut all = vec![token::number(plain, token)];
    all.extend(parts);
    if !token.is_nil() {
        all.push(token);
    }
    all
}

/// A process has ended that waits for a spawn: the child, if it comes about, hears of it.
pub(super) fn parent_ended(node: Atom, reference: RefNumber, reason: Term) {
    let Some(channel) = existing(node) else { return };
    channel.relate(|relations| {
        if let Some(request) = relations.spawn_requests.get_mut(&reference) {
            request.ended = Some(Stored::new(reason));
        }
    });
}

/// What became of a request, for the parent to take note of.
struct Outcome {
    node: Atom,
    parent: Pid,
    reference: RefNumber,
    /// The child, or why there is none.
    result: Result<Party, Parcel>,
    flags: i64,
}

impl Request for Outcome {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        let Some(pending) = own.relations().pending_spawns.remove(&self.reference) else {
            return self.unwanted(am::abandoned);
        };
        match self.result {
            Ok(child) => {
                if self.flags & op::SPAWNED_LINK != 0 {
                    own.relations().link(child);
                }
                if self.flags & op::SPAWNED_MONITOR != 0 {
                    let monitor = MonitorOut {
                        watched: Watched::Party(child),
                        target: Some(child),
                        tag: pending.monitor_tag,
                        kind: MonitorKind::Process,
                    };
                    own.relations().monitors.insert(self.reference, monitor);
                }
                if pending.reply_success {
                    let child = child.term(&mut own.heap);
                    told(process, own, pending.tag, self.reference, am::ok, child);
                }
            }
            Err(reason) => {
                own.relations().aliases.remove(&self.reference);
                if pending.reply_error {
                    let reason = reason.unpack(own);
                    told(process, own, pending.tag, self.reference, am::error, reason);
                }
            }
        }
    }

    fn dead(self: Box<Self>) {
        self.unwanted(am::noproc);
    }
}

/// `{Tag, Reference, Result, Value}`
fn told(process: &Process, own: &mut Own, tag: Parcel, reference: RefNumber, result: Term, value: Term) {
    let tag = tag.unpack(own);
    let reference = own.heap.reference(reference);
    let message = own.heap.tuple(&[tag, reference, result, value]);
    own.message_to_self(process, message);
}

impl Outcome {
    /// Nobody waits for the child: what ties it to the parent ends.
    fn unwanted(&self, reason: Term) {
        if let Ok(child) = self.result {
            outgoing::demonitor(self.node, self.reference);
            outgoing::link_exit(self.node, self.parent.party(), child, reason, Term::NIL);
        }
    }
}

/// A request comes to nothing.
pub(super) fn failed(node: Atom, parent: Pid, reference: RefNumber, reason: Term) {
    let outcome = Outcome { node, parent, reference, result: Err(Parcel::new(reason)), flags: 0 };
    route::deliver(parent.party(), Signal::Request(Box::new(outcome)));
}

/// Whether a control message asks for a process.
pub(super) fn is_request(control: Term) -> bool {
    control.as_tuple().and_then(|tuple| tuple.get(0)?.as_small()).is_some_and(|what| {
        what == op::SPAWN_REQUEST || what == op::SPAWN_REQUEST_TT
    })
}

/// The node that a request is for can't make processes for others.
pub(super) fn not_supported(channel: &Channel, control: Term) {
    let reference = control.as_tuple().and_then(|tuple| tuple.get(1)?.as_local_ref());
    let request = channel.relate(|relations| relations.spawn_requests.remove(&reference?));
    if let (Some(reference), Some(Some(request))) = (reference, request) {
        failed(channel.peer, request.parent, reference, am::notsup);
    }
}

/// The answer to a request.
pub(super) fn replied(channel: &Channel, reference: RefNumber, flags: i64, result: Term, token: Term) {
    let child = Party::remote(result);
    let request = channel.relate(|relations| {
        let request = relations.spawn_requests.remove(&reference)?;
        if let Some(child) = child {
            if flags & op::SPAWNED_LINK != 0 {
                relations.links.insert((request.parent, child), Link::Active);
            }
            if flags & op::SPAWNED_MONITOR != 0 {
                relations.watching.insert(reference, Watching { watcher: request.parent, target: child });
            }
        }
        Some(request)
    });
    let Some(Some(SpawnRequest { parent, ended })) = request else { return };
    let result = child.ok_or_else(|| Parcel::new(result));
    let outcome = Outcome { node: channel.peer, parent, reference, result, flags };
    match ended {
        Some(reason) => reason.peek(|reason| outcome.unwanted(reason)),
        None => route::deliver(parent.party(), token::with(token, Signal::Request(Box::new(outcome)))),
    }
}

/// A request of the other node.
struct Requested<'a> {
    channel: &'a Channel,
    reference: RemoteRef,
    /// Reference, parent, group leader, call and options, as they came.
    parts: [Term; 5],
    /// The token that came with it, or `[]`.
    token: Term,
}

impl Requested<'_> {
    /// Answers it. Where it has a token the answer has one, and both are told.
    fn reply(&self, flags: i64, result: Term) {
        let [reference, parent, ..] = self.parts;
        let place = &mut Fragments::default();
        let mut token = Term::NIL;
        if let Some(tracing) = trace::tracing().filter(|_| !self.token.is_nil()) {
            let request = place.tuple(&[&[am::spawn_request], &self.parts[..]].concat());
            let (outcome, receiver) = match result.is_pid() {
                true => (am::ok, result),
                false => (am::error, Term::from_atom(this_node().0)),
            };
            let reply = place.tuple(&[am::spawn_reply, reference, outcome, result]);
            let asked = token::of_first(self.token, place);
            token = tracing.spawn_answered(asked, receiver, request, reply, place);
        }
        let what = [self.reference.term(place), parent, Term::small(flags), result];
        control(self.channel, |_| parts(op::SPAWN_REPLY, &what, token), None);
    }
}

/// Makes a process for the other node; `false`: what it asks for is none.
pub(super) fn make(channel: &Channel, parts: [Term; 5], args: Parcel, token: Term) -> bool {
    let [reference, parent, leader, call, options] = parts;
    let (Some(reference), Some(party)) = (RemoteRef::of(reference), Party::remote(parent)) else { return false };
    let Some([module, function, count]) = call.as_tuple_of::<3>() else { return false };
    let (Some(module), Some(function), Some(count)) = (module.as_atom(), function.as_atom(), count.as_small()) else {
        return false;
    };
    let (wanted, read) = Wanted::parse(options, false);
    let requested = Requested { channel, reference, parts, token };
    match read {
        Err(Refused::NoList) => return false,
        Err(Refused::Option) => {
            requested.reply(0, am::badopt);
            return true;
        }
        Ok(()) => {}
    }
    let is_watched = wanted.monitor.is_some();
    let mut options = wanted.into_options(Pid::new(0, 0));
    options.monitor = is_watched.then(fresh_ref);
    options.initial_call = Some((module, function, count.clamp(0, 255) as u8));
    let mut place = Fragments::default();
    let asked = token::of_first(token, &mut place);
    let origin = Origin { parent: Some(party), group_leader: Some(leader), token: asked };
    let call = place.list(&[call]);
    let (init, of) = (am::erts_internal.atom(), am::dist_spawn_init.atom());
    let Some(child) = make_for(&origin, init, of, call, &options) else {
        requested.reply(0, am::system_limit);
        return true;
    };
    let mut flags = 0;
    channel.relate(|relations| {
        if options.link {
            relations.links.insert((child.id(), party), Link::Active);
            flags |= op::SPAWNED_LINK;
        }
        if let Some(number) = options.monitor {
            let watch = Watch { watcher: party, target: child.id(), name: None, number };
            relations.add_watch(requested.reference.clone(), watch);
            flags |= op::SPAWNED_MONITOR;
        }
    });
    requested.reply(flags, child.pid());
    // The arguments are its first message, and it runs.
    route::deliver(child.party(), token::with(token, Signal::Message(args)));
    true
}
