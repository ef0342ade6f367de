//! The way of a signal: to a process, a name, a port, an alias. Everything that sends enters here.

use super::{names, processes};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::heap::copy;
use crate::process::trace::{self, flag};
use crate::process::{Own, Parcel, Party, Pid, Priority, Process, Sender, Signal};
use crate::process::signal::RefNumber;
use crate::term::Term;
use crate::term::node::this_node;

/// Why nothing was sent: `badarg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadDestination;

/// The ports, a floor above.
pub trait Ports: Sync {
    /// `Port ! Message` by a process; a message of the wrong form is `badsig` for the sender.
    fn message(&self, from: &Process, own: &mut Own, port: Term, message: Term);
    /// A link, monitor, exit or the like; given back if there is no such port.
    fn signal(&self, port: Term, signal: Signal) -> Result<(), Signal>;
    /// `port_command(Port, Data)` by any process or thread; `false`: there is no such port.
    fn command(&self, port: Term, data: Vec<u8>) -> bool;
    /// Whether a port is open.
    fn is_open(&self, port: Term) -> bool;
}

static PORTS: OnceLock<&'static dyn Ports> = OnceLock::new();

/// Sets the ports. Once, at start.
pub fn set_ports(ports: &'static dyn Ports) {
    let _ = PORTS.set(ports);
}

/// The ports, once there are any.
pub fn ports() -> Option<&'static dyn Ports> {
    PORTS.get().copied()
}

/// Other nodes, a floor above.
pub trait Remotes: Sync {
    /// A message from a process to a process, alias or `{Name, Node}` of another node.
    /// `token` is a token of `seq_trace` or `[]`.
    fn message(&self, from: &Process, own: &mut Own, to: Term, message: Term, token: Term, how: How) -> Sent;
    /// Any other signal. What can't be reached answers as if it had ended.
    fn signal(&self, to: Party, signal: Signal);
    /// Has a process wait that has just made such a signal, if the connection with `to` is busy.
    fn wait_for_room(&self, from: &Process, own: &mut Own, to: Party);
    /// A process has ended that waits for a spawn on another node.
    fn parent_ended(&self, node: Atom, reference: RefNumber, reason: Term);
}

static REMOTES: OnceLock<&'static dyn Remotes> = OnceLock::new();

/// Sets the other nodes. Once, at start.
pub fn set_remotes(remotes: &'static dyn Remotes) {
    let _ = REMOTES.set(remotes);
}

/// The other nodes, once there can be any.
pub(super) fn remotes() -> Option<&'static dyn Remotes> {
    REMOTES.get().copied()
}

/// How a message is sent to another node.
#[derive(Clone, Copy, Default)]
pub struct How {
    /// Only if there is a connection.
    pub no_connect: bool,
    /// Only if the sender needs not wait for room.
    pub no_suspend: bool,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    Done,
    /// Not sent, as `How` asks.
    NoConnect,
    NoSuspend,
}

/// Where a message goes.
enum Destination {
    Party(Party),
    Alias(Pid, RefNumber),
    /// Something of another node.
    Remote,
    /// Nobody: the message is lost.
    Nowhere,
}

fn destination(to: Term) -> Result<Destination, BadDestination> {
    if let Some(party) = Party::of(to) {
        return Ok(Destination::Party(party));
    }
    if let Some(name) = to.as_atom() {
        return named(name);
    }
    if let Some(number) = to.as_local_ref() {
        return Ok(match crate::process::reference::owner_of(number) {
            Some(pid) => Destination::Alias(pid, number),
            None => Destination::Nowhere,
        });
    }
    if let Some([name, node]) = to.as_tuple_of()
        && let (Some(name), Some(node)) = (name.as_atom(), node.as_atom())
    {
        if node == this_node().0 {
            return Ok(named(name).unwrap_or(Destination::Nowhere));
        }
        return Ok(Destination::Remote);
    }
    match to.as_external() {
        // An earlier life of this node.
        Some(external) if external.node().name == this_node().0 => Ok(Destination::Nowhere),
        Some(_) if to.is_pid() || to.is_ref() => Ok(Destination::Remote),
        _ => Err(BadDestination),
    }
}

fn named(name: Atom) -> Result<Destination, BadDestination> {
    names::whereis(name).map(Destination::Party).ok_or(BadDestination)
}

const WORDS_COPIED_PER_REDUCTION: usize = 64;

/// Sends a message.
#[inline]
pub fn send(from: &Process, own: &mut Own, to: Term, message: Term) -> Result<(), BadDestination> {
    send_with(from, own, to, message, How::default()).map(|_| ())
}

/// The same in the way that `how` says.
#[inline]
pub fn send_with(from: &Process, own: &mut Own, to: Term, message: Term, how: How) -> Result<Sent, BadDestination> {
    if let Some(pid) = Pid::of(to)
        && pid != from.id()
        && !from.traced.has(flag::SEND | flag::TOKEN)
    {
        send_to_process(from, own, pid, message);
        return Ok(Sent::Done);
    }
    send_anywhere(from, own, to, message, how)
}

/// A message to a process of this node: what most are.
#[inline]
fn send_to_process(from: &Process, own: &mut Own, to: Pid, message: Term) {
    let words = copy::size_of(message);
    own.charge_words(words, WORDS_COPIED_PER_REDUCTION);
    processes::with(to, |to| {
        to.hand_over(message, words) || to.message_from(|| Sender::Party(from.party()), Parcel::sized(message, words))
    });
}

#[inline(never)]
fn send_anywhere(from: &Process, own: &mut Own, to: Term, message: Term, how: How) -> Result<Sent, BadDestination> {
    let destination = destination(to)?;
    if from.traced.has(flag::SEND | flag::TOKEN) {
        return Ok(send_told(from, own, to, destination, message, how));
    }
    Ok(send_there(from, own, to, destination, message, how))
}

/// Sends a message, tells of it, and gives it the sender's token.
#[cold]
fn send_told(from: &Process, own: &mut Own, to: Term, destination: Destination, message: Term, how: How) -> Sent {
    let Some(tracing) = trace::tracing() else { return send_there(from, own, to, destination, message, how) };
    let mut token = Term::NIL;
    let exists = match &destination {
        Destination::Party(party) => match party.pid() {
            Some(pid) => processes::with(pid, |_| ()).is_some(),
            None => true,
        },
        Destination::Alias(pid, _) => processes::with(*pid, |_| ()).is_some(),
        Destination::Remote => true,
        Destination::Nowhere => to.is_ref() || to.as_external().is_some(),
    };
    if from.traced.has(flag::TOKEN) {
        let receiver = match &destination {
            Destination::Party(party) => party.local().unwrap_or(to),
            _ => to,
        };
        token = tracing.token_for(from, own, receiver, message);
    }
    if from.traced.has(flag::SEND) {
        tracing.send(from, own, to, message, exists);
    }
    let (party, signal) = match destination {
        _ if token.is_nil() => return send_there(from, own, to, destination, message, how),
        Destination::Remote => match remotes() {
            Some(remotes) => return remotes.message(from, own, to, message, token, how),
            None => return Sent::Done,
        },
        Destination::Party(party) if party.pid().is_some() => (party, Signal::Message(Parcel::new(message))),
        Destination::Alias(pid, number) => match Party::of(pid.term()) {
            Some(party) => (party, Signal::AliasMessage(number, Parcel::new(message))),
            None => return Sent::Done,
        },
        _ => return send_there(from, own, to, destination, message, how),
    };
    let signal = Signal::With(Box::new((Parcel::new(token), signal)));
    deliver(party, signal.sent_by(Sender::Party(from.party())));
    Sent::Done
}

/// The signal with the token of the process that sends it, if it has one: for signals that tell of
/// themselves when they come (exits).
pub fn with_token(from: &Process, own: &mut Own, to: Term, told: Term, signal: Signal) -> Signal {
    if !from.traced.has(flag::TOKEN) {
        return signal;
    }
    // What is sensitive is the receiver: it would get the message.
    let is_told = Pid::of(to).is_none_or(|to| processes::with(to, |to| !to.traced.has(flag::SENSITIVE)) == Some(true));
    let token = match trace::tracing() {
        Some(tracing) if is_told => tracing.token_for(from, own, to, told),
        Some(tracing) => tracing.next_token(from, own),
        None => Term::NIL,
    };
    if token.is_nil() { signal } else { Signal::With(Box::new((Parcel::new(token), signal))) }
}

#[inline]
fn send_there(from: &Process, own: &mut Own, to: Term, destination: Destination, message: Term, how: How) -> Sent {
    match destination {
        Destination::Party(party) => {
            if party == from.party() {
                if from.is_dirty() {
                    // Its signals are not handled before the native returns.
                    from.message(Parcel::new(message));
                    return Sent::Done;
                }
                // To itself: nothing is copied, but what came before comes first.
                own.fetch_messages(from);
                own.message_to_self(from, message);
                return Sent::Done;
            }
            if let Some(pid) = party.pid() {
                send_to_process(from, own, pid, message);
            } else if let (Some(ports), Some(port)) = (ports(), party.local()) {
                ports.message(from, own, port, message);
            }
        }
        Destination::Alias(pid, number) => {
            let words = copy::size_of(message);
            own.charge_words(words, WORDS_COPIED_PER_REDUCTION);
            processes::with(pid, |to| {
                if !to.hand_over_to_alias(number, message, words) {
                    let signal = Signal::AliasMessage(number, Parcel::sized(message, words));
                    let _ = to.signal(told_of(to, Sender::Party(from.party()), signal));
                }
            });
        }
        Destination::Remote => {
            if let Some(remotes) = remotes() {
                return remotes.message(from, own, to, message, Term::NIL, how);
            }
        }
        Destination::Nowhere => {}
    }
    Sent::Done
}

/// Sends a message of the runtime, or of a native thread. `false`: nobody is there.
pub fn send_parcel(to: Term, parcel: Parcel) -> bool {
    send_parcel_from(Sender::System, to, parcel)
}

/// Sends a message that is on its way already: from a timer, a port. `false`: nobody is there.
pub fn send_parcel_from(from: Sender, to: Term, parcel: Parcel) -> bool {
    let (pid, signal) = match destination(to) {
        Ok(Destination::Party(party)) => match party.pid() {
            Some(pid) => (pid, Signal::Message(parcel)),
            None => return false,
        },
        Ok(Destination::Alias(pid, number)) => (pid, Signal::AliasMessage(number, parcel)),
        _ => return false,
    };
    let signal = if trace::tokens_in_use() { Signal::With(Box::new((trace::no_token(), signal))) } else { signal };
    processes::with(pid, |to| to.signal(told_of(to, from, signal)).is_ok()) == Some(true)
}

/// A message as `to` gets it: with its sender where messages are traced.
pub fn told_of(to: &Process, from: Sender, message: Signal) -> Signal {
    if to.traced.has(flag::RECEIVE) { message.sent_by(from) } else { message }
}

/// Delivers any signal; if the party has ended, what follows from that happens.
pub fn deliver(to: Party, signal: Signal) {
    let returned = match (to.pid(), to.local()) {
        (Some(pid), _) => {
            let mut signal = Some(signal);
            let delivered = processes::with(pid, |process| match signal.take() {
                Some(small @ (Signal::Down { .. } | Signal::Monitor { .. } | Signal::Demonitor(_) | Signal::UnlinkAck(..))) => {
                    process.small_signal(small)
                }
                Some(signal) => process.signal(signal),
                None => Ok(()),
            });
            match signal {
                Some(signal) => Err(signal),
                None => delivered.unwrap_or(Ok(())),
            }
        }
        (None, Some(port)) => match ports() {
            Some(ports) => ports.signal(port, signal),
            None => Err(signal),
        },
        (None, None) => match remotes() {
            Some(remotes) => return remotes.signal(to, signal),
            None => Err(signal),
        },
    };
    if let Err(signal) = returned {
        to_the_dead(to, signal);
    }
}

/// Has a process wait that has just made a signal for `to`, if that goes by a connection which is busy.
pub fn wait_for_room(from: &Process, own: &mut Own, to: Party) {
    if to.node().is_some()
        && let Some(remotes) = remotes()
    {
        remotes.wait_for_room(from, own, to);
    }
}

/// Delivers a signal whose answer somebody of this priority waits for.
pub fn deliver_for(to: Party, signal: Signal, priority: Priority) {
    deliver(to, signal);
    if let Some(pid) = to.pid() {
        processes::with(pid, |process| process.elevate(priority));
    }
}

/// A signal to a party that has ended.
pub(crate) fn to_the_dead(to: Party, signal: Signal) {
    match signal {
        Signal::Link(from) => deliver(from, Signal::LinkExit(to, Parcel::new(am::noproc))),
        Signal::Monitor { watcher, reference, .. } => {
            deliver(watcher, Signal::Down { reference, reason: Parcel::new(am::noproc) });
        }
        Signal::Observe(reference, observer) => {
            if let Some(pid) = to.pid() {
                observer.down(reference, pid);
            }
        }
        Signal::Unlink(from, number) if number != 0 => deliver(from, Signal::UnlinkAck(to, number)),
        Signal::Request(request) => request.dead(),
        Signal::With(both) => to_the_dead(to, both.1),
        Signal::Traced(both) => to_the_dead(to, both.1),
        _ => {}
    }
}
