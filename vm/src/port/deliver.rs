//! Between ports and processes: what ports send, and what is sent to them.

use super::data::Data;
use super::state::PortId;
use super::{find, state::Port};
use crate::am;
use crate::heap::{Build, Fragment};
use crate::process::signal::RefNumber;
use crate::process::{Own, Parcel, Party, Pid, Process, Sender, Signal};
use crate::table::{processes, route};
use crate::term::Term;

/// The ports, as the floor of the tables sees them.
struct AllPorts;

static ALL: AllPorts = AllPorts;

/// Makes ports reachable for signals. Does no harm when repeated.
pub(super) fn install() {
    route::set_ports(&ALL);
    crate::sched::ready::set_poll(&super::poll::OfNatives);
}

/// A pid as a party to signals.
fn party(pid: Pid) -> Option<Party> {
    Party::of(pid.term())
}

impl PortId {
    pub(super) fn party(self) -> Option<Party> {
        Party::of(self.term())
    }
}

fn signal(to: Pid, signal: Signal) {
    if let Some(to) = party(to) {
        route::deliver(to, signal);
    }
}

/// A link from a port. The port's lock is not held: a dead process answers with an exit signal.
pub(super) fn link(to: Pid, port: PortId) {
    if let Some(port) = port.party() {
        signal(to, Signal::Link(port));
    }
}

/// A link from a port is over.
pub(super) fn unlink(to: Pid, port: PortId) {
    if let Some(port) = port.party() {
        signal(to, Signal::Unlink(port, 0));
    }
}

/// A linked port has ended.
pub(super) fn link_exit(to: Pid, port: PortId, reason: Term) {
    if let Some(port) = port.party() {
        signal(to, Signal::LinkExit(port, Parcel::new(reason)));
    }
}

/// A monitored port has ended.
pub(super) fn down(to: Pid, reference: RefNumber, reason: Term) {
    signal(to, Signal::Down { reference, reason: Parcel::new(reason) });
}

/// Sends a message of at most `words` words.
pub fn message(to: Pid, words: usize, build: impl FnOnce(&mut Fragment) -> Term) {
    send(Sender::System, to, words, build);
}

/// The same, as a port.
pub fn message_of(port: PortId, to: Pid, words: usize, build: impl FnOnce(&mut Fragment) -> Term) {
    send(port.party().map_or(Sender::System, Sender::Party), to, words, build);
}

fn send(sender: Sender, to: Pid, words: usize, build: impl FnOnce(&mut Fragment) -> Term) {
    let mut fragment = Fragment::new(words.max(1));
    let message = build(&mut fragment);
    route::send_parcel_from(sender, to.term(), Parcel::in_fragment(message, fragment));
}

/// Whether a process is there.
pub fn is_alive(process: Pid) -> bool {
    processes::with(process, |_| ()).is_some()
}

impl route::Ports for AllPorts {
    /// `{Owner, {command, Data}}`, `{Owner, {connect, Pid}}`, `{Owner, close}`. Anything else, and
    /// the right thing in the name of another than the owner, is `badsig` for the sender.
    fn message(&self, from: &Process, own: &mut Own, port: Term, message: Term) {
        let Some(port) = PortId::of(port).and_then(find) else { return };
        match obey(&port, message) {
            Some(bytes) => own.reductions_left = own.reductions_left.saturating_sub((bytes / 1024) as i32),
            None => {
                if let Some(sender) = port.id.party() {
                    route::deliver(from.party(), Signal::Exit(sender, Parcel::new(am::badsig)));
                }
            }
        }
    }

    fn command(&self, port: Term, data: Vec<u8>) -> bool {
        let Some(port) = PortId::of(port).and_then(find) else { return false };
        // A fault of the driver's ends the port.
        let _ = port.command(None, data.into());
        true
    }

    fn signal(&self, port: Term, signal: Signal) -> Result<(), Signal> {
        let Some(port) = PortId::of(port).and_then(find) else { return Err(signal) };
        let pid_of = Party::pid;
        match signal {
            Signal::Link(from) => match pid_of(from) {
                Some(pid) if !port.link(pid) => return Err(Signal::Link(from)),
                _ => {}
            },
            Signal::Unlink(from, _) => {
                if let Some(pid) = pid_of(from) {
                    port.unlink(pid);
                }
            }
            Signal::Exit(from, reason) => {
                if let Some(pid) = pid_of(from) {
                    port.exit(pid, reason.peek());
                }
            }
            Signal::LinkExit(from, reason) => {
                if let Some(pid) = pid_of(from) {
                    port.unlink(pid);
                    port.exit(pid, reason.peek());
                }
            }
            Signal::Monitor { watcher, reference, as_name } => match pid_of(watcher) {
                Some(pid) if !port.monitor(pid, reference) => {
                    return Err(Signal::Monitor { watcher, reference, as_name });
                }
                _ => {}
            },
            Signal::Demonitor(reference) => port.demonitor(reference),
            Signal::With(both) => return self.signal(port.id.term(), both.1),
            Signal::Request(request) => return Err(Signal::Request(request)),
            Signal::Observe(..)
            | Signal::Message(_)
            | Signal::AliasMessage(..)
            | Signal::Traced(_)
            | Signal::Down { .. }
            | Signal::UnlinkAck(..) => {}
        }
        Ok(())
    }

    fn is_open(&self, port: Term) -> bool {
        PortId::of(port).and_then(find).is_some()
    }
}

/// Does what a message asks; the bytes it took, or `None` if it asks for nothing.
fn obey(port: &Port, message: Term) -> Option<usize> {
    let [owner, what] = message.as_tuple_of::<2>()?;
    let owner = Pid::of(owner).filter(|&owner| owner == port.connected())?;
    if what == am::close {
        port.close_for(owner);
        return Some(0);
    }
    match what.as_tuple_of::<2>()? {
        [am::command, data] => {
            let data = Data::of(data).ok()?;
            let size = data.len();
            // A fault of the driver's ends the port, not the sender.
            let _ = port.command(Some(owner), data);
            Some(size)
        }
        [am::connect, new_owner] => {
            let new_owner = Pid::of(new_owner).filter(|&pid| is_alive(pid))?;
            port.connect(new_owner);
            let id = port.id;
            self::message_of(id, owner, 3, |place| place.tuple(&[id.term(), am::connected]));
            Some(0)
        }
        _ => None,
    }
}
