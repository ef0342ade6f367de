//! The way of a signal: to a process, a name, a port, an alias. Everything that sends enters here.

use super::{names, processes};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::process::trace::{self, flag};
use crate::process::{Own, Parcel, Party, Pid, Priority, Process, Signal};
use crate::process::signal::RefNumber;
use crate::term::Term;

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

/// Where a message goes.
enum Destination {
    Party(Party),
    Alias(Pid, RefNumber),
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
        if node == am::nonode_nohost.atom() {
            return Ok(named(name).unwrap_or(Destination::Nowhere));
        }
        return Ok(Destination::Nowhere);
    }
    if to.is_pid() || to.is_ref() || to.is_port() {
        return Ok(Destination::Nowhere);
    }
    Err(BadDestination)
}

fn named(name: Atom) -> Result<Destination, BadDestination> {
    names::whereis(name).map(Destination::Party).ok_or(BadDestination)
}

const WORDS_COPIED_PER_REDUCTION: usize = 64;

/// Sends a message.
#[inline]
pub fn send(from: &Process, own: &mut Own, to: Term, message: Term) -> Result<(), BadDestination> {
    let destination = destination(to)?;
    if from.traced.has(flag::SEND | flag::TOKEN) {
        return send_told(from, own, to, destination, message);
    }
    send_there(from, own, destination, message)
}

/// Sends a message, tells of it, and gives it the sender's token.
#[cold]
fn send_told(
    from: &Process,
    own: &mut Own,
    to: Term,
    destination: Destination,
    message: Term,
) -> Result<(), BadDestination> {
    let Some(tracing) = trace::tracing() else { return send_there(from, own, destination, message) };
    let mut token = Term::NIL;
    let exists = match &destination {
        Destination::Party(party) => match Pid::of(party.term()) {
            Some(pid) => processes::with(pid, |_| ()).is_some(),
            None => true,
        },
        Destination::Alias(pid, _) => processes::with(*pid, |_| ()).is_some(),
        Destination::Nowhere => to.is_ref() || to.as_external().is_some(),
    };
    if from.traced.has(flag::TOKEN) {
        let receiver = match &destination {
            Destination::Party(party) => party.term(),
            _ => to,
        };
        token = tracing.token_for(from, own, receiver, message);
    }
    if from.traced.has(flag::SEND) {
        tracing.send(from, own, to, message, exists);
    }
    let (party, signal) = match destination {
        _ if token.is_nil() => return send_there(from, own, destination, message),
        Destination::Party(party) if Pid::of(party.term()).is_some() => (party, Signal::Message(Parcel::new(message))),
        Destination::Alias(pid, number) => match Party::of(pid.term()) {
            Some(party) => (party, Signal::AliasMessage(number, Parcel::new(message))),
            None => return Ok(()),
        },
        _ => return send_there(from, own, destination, message),
    };
    deliver(party, Signal::With(Box::new((Parcel::new(token), signal))));
    Ok(())
}

/// The signal with the token of the process that sends it, if it has one: for signals that tell of
/// themselves when they come (exits).
pub fn with_token(from: &Process, own: &mut Own, to: Term, told: Term, signal: Signal) -> Signal {
    if !from.traced.has(flag::TOKEN) {
        return signal;
    }
    let token = match trace::tracing() {
        Some(tracing) => tracing.token_for(from, own, to, told),
        None => Term::NIL,
    };
    if token.is_nil() { signal } else { Signal::With(Box::new((Parcel::new(token), signal))) }
}

fn send_there(from: &Process, own: &mut Own, to: Destination, message: Term) -> Result<(), BadDestination> {
    match to {
        Destination::Party(party) => {
            if party == from.party() {
                // To itself: nothing is copied, but what came before comes first.
                own.fetch_messages(from);
                own.message_to_self(from, message);
                return Ok(());
            }
            if let Some(pid) = Pid::of(party.term()) {
                let parcel = Parcel::new(message);
                own.charge_words(parcel.words(), WORDS_COPIED_PER_REDUCTION);
                processes::with(pid, |to| to.message(parcel));
            } else if let Some(ports) = ports() {
                ports.message(from, own, party.term(), message);
            }
        }
        Destination::Alias(pid, number) => {
            processes::with(pid, |to| to.signal(Signal::AliasMessage(number, Parcel::new(message))));
        }
        Destination::Nowhere => {}
    }
    Ok(())
}

/// Sends a message that is on its way already: from a timer, a port, a native thread. `false`:
/// nobody is there.
pub fn send_parcel(to: Term, parcel: Parcel) -> bool {
    let delivered = match destination(to) {
        Ok(Destination::Party(party)) => {
            Pid::of(party.term()).and_then(|pid| processes::with(pid, |to| to.signal(Signal::Message(parcel)).is_ok()))
        }
        Ok(Destination::Alias(pid, number)) => {
            processes::with(pid, |to| to.signal(Signal::AliasMessage(number, parcel)).is_ok())
        }
        _ => None,
    };
    delivered == Some(true)
}

/// Delivers any signal; if the party has ended, what follows from that happens.
pub fn deliver(to: Party, signal: Signal) {
    let returned = match Pid::of(to.term()) {
        Some(pid) => match processes::get(pid) {
            Some(process) => process.signal(signal),
            None => Err(signal),
        },
        None => match ports() {
            Some(ports) => ports.signal(to.term(), signal),
            None => Err(signal),
        },
    };
    if let Err(signal) = returned {
        to_the_dead(to, signal);
    }
}

/// Delivers a signal whose answer somebody of this priority waits for.
pub fn deliver_for(to: Party, signal: Signal, priority: Priority) {
    deliver(to, signal);
    if let Some(pid) = Pid::of(to.term()) {
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
            if let Some(pid) = Pid::of(to.term()) {
                observer.down(reference, pid);
            }
        }
        Signal::Request(request) => request.dead(),
        Signal::With(both) => to_the_dead(to, both.1),
        _ => {}
    }
}
