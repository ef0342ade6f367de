//! What comes from other nodes: packets into messages, messages into signals.

use std::cell::Cell;

use super::atoms::Malformed;
use super::channel::{Arrival, Channel};
use super::down::connection_down;
use super::control as op;
use super::packet::Message;
use super::relations::{Link, Watch};
use super::remote_ref::RemoteRef;
use super::{outgoing, peer, spawn, token};
use crate::am;
use crate::heap::external::decode_next;
use crate::heap::{Build, Fragments};
use crate::process::signal::Request;
use crate::process::{Own, Parcel, Party, Pid, Process, Sender, Signal, fresh_ref, reference};
use crate::base::sync::Ordering;
use crate::table::{names, processes, route};
use crate::term::Term;
use crate::term::node::this_node;

/// Bytes of packets that may wait for the thread that is at the input.
const MOST_WAITING: usize = 1 << 20;

thread_local! {
    /// The thread turns packets of some connection into signals.
    static WORKING_OFF: Cell<bool> = const { Cell::new(false) };
}

impl Channel {
    /// A packet has come. Whoever brings one may find itself turning others' packets into signals, too; the order
    /// is kept.
    pub fn receive(&self, packet: Vec<u8>) {
        self.bring(packet);
        self.work_off();
    }

    /// Leaves a packet for `work_off`.
    pub fn bring(&self, packet: Vec<u8>) {
        self.received.fetch_add(1, Ordering::Relaxed);
        // An empty one says that the other node lives.
        if !packet.is_empty() {
            let mut input = self.input.lock();
            input.bytes += packet.len();
            input.arrivals.push_back(Arrival::Packet(packet));
        }
    }

    /// The carrier has ended: left for `work_off`, behind what came before.
    pub fn ended(&self, reason: Term) {
        self.input.lock().arrivals.push_back(Arrival::End(Parcel::new(reason)));
    }

    /// Turns what came into signals, unless another thread is at it. Who brings packets faster than that one can
    /// turn them waits for it, so that they don't pile up: the other node then finds the connection busy.
    pub fn work_off(&self) {
        // Signals may lead back to here. Who is at some input does not wait for others, who might wait for him.
        let is_within = WORKING_OFF.get();
        loop {
            let arrival = {
                let mut input = self.input.lock();
                while input.busy {
                    if is_within || input.bytes <= MOST_WAITING {
                        return;
                    }
                    self.worked_off.wait(&mut input);
                }
                let Some(arrival) = input.arrivals.pop_front() else { return };
                if let Arrival::Packet(packet) = &arrival {
                    input.bytes -= packet.len();
                }
                input.busy = true;
                arrival
            };
            WORKING_OFF.set(true);
            let done = match arrival {
                Arrival::Packet(packet) => self.packet(packet),
                Arrival::End(reason) => {
                    connection_down(self, reason.peek());
                    Ok(())
                }
            };
            WORKING_OFF.set(is_within);
            let mut input = self.input.lock();
            input.busy = false;
            self.worked_off.notify_all();
            if done.is_err() {
                input.arrivals.retain(|arrival| matches!(arrival, Arrival::End(_)));
                input.bytes = 0;
                drop(input);
                self.kill();
            }
        }
    }

    fn packet(&self, packet: Vec<u8>) -> Result<(), Malformed> {
        if !peer::is_alive() || !self.is_connected() {
            return Ok(());
        }
        let message = self.assembly.lock().add(packet)?;
        match message {
            Some(message) => self.message(&message),
            None => Ok(()),
        }
    }

    fn message(&self, message: &Message) -> Result<(), Malformed> {
        let names: Option<Vec<&str>> = message.atoms.as_ref().map(|atoms| atoms.iter().map(|atom| atom.name()).collect());
        let bytes = &message.bytes[message.start..];
        let mut place = Fragments::default();
        let (control, used) = decode_next(bytes, names.as_deref(), &mut place).map_err(|_| Malformed)?;
        let payload = Payload { bytes: &bytes[used..], names: names.as_deref() };
        self.obey(control, payload)
    }
}

/// The second term of a message, still in bytes.
#[derive(Clone, Copy)]
struct Payload<'a> {
    bytes: &'a [u8],
    names: Option<&'a [&'a str]>,
}

impl Payload<'_> {
    fn parcel(self) -> Result<Parcel, Malformed> {
        // A list of bytes takes most: two words for each.
        let mut place = Fragments::with_room(self.bytes.len() / 4 + 16);
        let (term, _) = decode_next(self.bytes, self.names, &mut place).map_err(|_| Malformed)?;
        Ok(match place.into_one(term) {
            (term, Some(fragment)) => Parcel::in_fragment(term, fragment),
            (term, None) => Parcel::new(term),
        })
    }
}

/// Whom a signal is for.
enum Receiver {
    Here(Pid),
    /// A process of an earlier life of this node.
    Gone,
}

fn receiver(to: Term) -> Result<Receiver, Malformed> {
    match Pid::of(to) {
        Some(pid) => Ok(Receiver::Here(pid)),
        None if to.is_pid() && to.node_of().is_some_and(|(node, _)| node == this_node().0) => Ok(Receiver::Gone),
        None => Err(Malformed),
    }
}

struct SetGroupLeader(Parcel);

impl Request for SetGroupLeader {
    fn run(self: Box<Self>, _: &Process, own: &mut Own) {
        own.group_leader = self.0.unpack(own);
    }
    fn dead(self: Box<Self>) {}
}

impl Channel {
    /// A process of the other node.
    fn sender(&self, from: Term) -> Result<Party, Malformed> {
        Party::remote(from).filter(|party| party.node() == Some(self.peer)).ok_or(Malformed)
    }

    fn obey(&self, control: Term, payload: Payload<'_>) -> Result<(), Malformed> {
        let tuple = control.as_tuple().ok_or(Malformed)?;
        let parts = tuple.as_slice();
        let (number, parts) = parts.split_first().ok_or(Malformed)?;
        let (number, parts, token) = token::taken_out(number.as_small().ok_or(Malformed)?, parts)?;
        match (number, &parts[..]) {
            (op::SEND | op::SEND_SENDER, &[from, to]) => {
                if !to.is_pid() {
                    return Err(Malformed);
                }
                match Pid::of(to).filter(|&pid| processes::with(pid, |_| ()).is_some()) {
                    Some(pid) => deliver_message(from, pid, payload.parcel()?, token),
                    None => {}
                }
            }
            (op::REG_SEND, &[from, _, name]) => {
                let name = name.as_atom().filter(|_| from.is_pid()).ok_or(Malformed)?;
                if let Some(pid) = names::whereis(name).and_then(Party::pid) {
                    deliver_message(from, pid, payload.parcel()?, token);
                }
            }
            (op::ALIAS_SEND, &[_, alias]) => {
                if !alias.is_ref() {
                    return Err(Malformed);
                }
                let number = alias.as_local_ref();
                if let Some((number, owner)) = number.and_then(|number| Some((number, reference::owner_of(number)?))) {
                    let signal = Signal::AliasMessage(number, payload.parcel()?);
                    route::deliver(owner.party(), token::with(token, signal));
                }
            }
            (op::LINK, &[from, to]) => self.link(from, to)?,
            (op::UNLINK_ID, &[id, from, to]) => {
                let id = id.as_u64().filter(|&id| id != 0).ok_or(Malformed)?;
                self.unlink(from, to, Some(id))?;
            }
            (op::UNLINK, &[from, to]) => self.unlink(from, to, None)?,
            (op::UNLINK_ID_ACK, &[id, from, to]) => {
                let id = id.as_u64().ok_or(Malformed)?;
                let from = self.sender(from)?;
                if let Receiver::Here(ours) = receiver(to)? {
                    self.relate(|relations| relations.unlinked(ours, from, id));
                }
            }
            (op::EXIT, &[from, to, reason]) => self.link_exit(from, to, token, || Ok(Parcel::new(reason)))?,
            (op::PAYLOAD_EXIT, &[from, to]) => self.link_exit(from, to, token, || payload.parcel())?,
            (op::EXIT2, &[from, to, reason]) => self.exit(from, to, token, || Ok(Parcel::new(reason)))?,
            (op::PAYLOAD_EXIT2, &[from, to]) => self.exit(from, to, token, || payload.parcel())?,
            (op::GROUP_LEADER, &[leader, member]) => {
                if !leader.is_pid() || !member.is_pid() {
                    return Err(Malformed);
                }
                if let Some(member) = Pid::of(member) {
                    let request = SetGroupLeader(Parcel::new(leader));
                    route::deliver(member.party(), Signal::Request(Box::new(request)));
                }
            }
            (op::MONITOR_P, &[watcher, watched, reference]) => self.monitor(watcher, watched, reference)?,
            (op::DEMONITOR_P, &[watcher, _, reference]) => {
                self.sender(watcher)?;
                if !reference.is_ref() {
                    return Err(Malformed);
                }
                if let Some(reference) = RemoteRef::of(reference)
                    && let Some(Some(watch)) = self.relate(|relations| relations.take_watch(&reference))
                {
                    route::deliver(watch.target.party(), Signal::Demonitor(watch.number));
                }
            }
            (op::MONITOR_P_EXIT, &[watched, watcher, reference, reason]) => {
                self.watched_ended(watched, watcher, reference, || Ok(Parcel::new(reason)))?;
            }
            (op::PAYLOAD_MONITOR_P_EXIT, &[watched, watcher, reference]) => {
                self.watched_ended(watched, watcher, reference, || payload.parcel())?;
            }
            (op::SPAWN_REQUEST, &[reference, parent, leader, call, options]) => {
                if !leader.is_pid() {
                    return Err(Malformed);
                }
                let args = payload.parcel()?;
                if !spawn::make(self, [reference, parent, leader, call, options], args, token) {
                    return Err(Malformed);
                }
            }
            (op::SPAWN_REPLY, &[reference, parent, flags, result]) => {
                let flags = flags.as_small().filter(|flags| (0..1 << 27).contains(flags)).ok_or(Malformed)?;
                if !result.is_atom() && Party::remote(result).is_none() {
                    return Err(Malformed);
                }
                if let Receiver::Here(_) = receiver(parent)?
                    && let Some(reference) = reference.as_local_ref()
                {
                    spawn::replied(self, reference, flags, result, token);
                }
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn link(&self, from: Term, to: Term) -> Result<(), Malformed> {
        let from_party = self.sender(from)?;
        if let Receiver::Here(ours) = receiver(to)? {
            // Till the other side knows of our unlink, its links belong to the time before.
            let new = self.relate(|relations| {
                let link = relations.links.entry((ours, from_party)).or_insert(Link::Active);
                *link == Link::Active
            });
            if new == Some(true) {
                // One that has ended answers by an exit signal.
                route::deliver(ours.party(), Signal::Link(from_party));
            }
        } else {
            outgoing::with_reason(self, op::EXIT, op::PAYLOAD_EXIT, &[to, from], am::noproc);
        }
        Ok(())
    }

    fn unlink(&self, from: Term, to: Term, id: Option<u64>) -> Result<(), Malformed> {
        let party = self.sender(from)?;
        let Receiver::Here(ours) = receiver(to)? else { return Ok(()) };
        let linked = self.relate(|relations| relations.take_link(ours, party));
        if linked == Some(true) {
            route::deliver(ours.party(), Signal::Unlink(party, 0));
        }
        if let Some(id) = id {
            let parts = |place: &mut Fragments| vec![Term::small(op::UNLINK_ID_ACK), place.u64(id), to, from];
            outgoing::control(self, parts, None);
        }
        Ok(())
    }

    fn link_exit(
        &self,
        from: Term,
        to: Term,
        token: Term,
        reason: impl FnOnce() -> Result<Parcel, Malformed>,
    ) -> Result<(), Malformed> {
        let party = self.sender(from)?;
        let ours = Pid::of(to).ok_or(Malformed)?;
        let active = self.relate(|relations| {
            let active = relations.take_link(ours, party);
            if !active {
                // The other process is gone: no answer to an unlink follows.
                relations.links.remove(&(ours, party));
            }
            active
        });
        if active == Some(true) {
            route::deliver(ours.party(), token::with(token, Signal::LinkExit(party, reason()?)));
        }
        Ok(())
    }

    fn exit(
        &self,
        from: Term,
        to: Term,
        token: Term,
        reason: impl FnOnce() -> Result<Parcel, Malformed>,
    ) -> Result<(), Malformed> {
        let party = self.sender(from)?;
        if let Receiver::Here(ours) = receiver(to)? {
            route::deliver(ours.party(), token::with(token, Signal::Exit(party, reason()?)));
        }
        Ok(())
    }

    fn monitor(&self, watcher: Term, watched: Term, reference: Term) -> Result<(), Malformed> {
        let party = self.sender(watcher)?;
        let reference_term = reference;
        let reference = RemoteRef::of(reference).ok_or(Malformed)?;
        let name = watched.as_atom();
        let target = match name {
            Some(name) => names::whereis(name).and_then(Party::pid),
            None => match receiver(watched)? {
                Receiver::Here(pid) => Some(pid),
                Receiver::Gone => None,
            },
        };
        match target {
            Some(target) => {
                let number = fresh_ref();
                let watch = Watch { watcher: party, target, name, number };
                self.relate(|relations| relations.add_watch(reference, watch));
                // One that has ended answers that it is down.
                route::deliver(target.party(), Signal::Monitor { watcher: party, reference: number, as_name: name });
            }
            None => {
                let parts = [watched, watcher, reference_term];
                outgoing::with_reason(self, op::MONITOR_P_EXIT, op::PAYLOAD_MONITOR_P_EXIT, &parts, am::noproc);
            }
        }
        Ok(())
    }

    fn watched_ended(
        &self,
        watched: Term,
        watcher: Term,
        reference: Term,
        reason: impl FnOnce() -> Result<Parcel, Malformed>,
    ) -> Result<(), Malformed> {
        if !watched.is_atom() && Party::remote(watched).is_none() || !reference.is_ref() {
            return Err(Malformed);
        }
        let (Receiver::Here(_), Some(reference)) = (receiver(watcher)?, reference.as_local_ref()) else { return Ok(()) };
        if let Some(Some(watching)) = self.relate(|relations| relations.watching.remove(&reference)) {
            route::deliver(watching.watcher.party(), Signal::Down { reference, reason: reason()? });
        }
        Ok(())
    }
}

/// `from` is a process of the other node, or nothing that is one.
fn deliver_message(from: Term, to: Pid, message: Parcel, token: Term) {
    let sender = || Party::remote(from).map_or(Sender::System, Sender::Party);
    if token.is_nil() {
        processes::with(to, |process| process.message_from(sender, message));
    } else {
        let signal = token::with(token, Signal::Message(message));
        processes::with(to, |process| process.signal(route::told_of(process, sender(), signal)).is_ok());
    }
}
