//! From ports to processes. The only place here that knows how signals travel.

use super::state::PortId;
use crate::am;
use crate::base::sync::OnceLock;
use crate::heap::{Build, Fragment};
use crate::process::Pid;
use crate::term::{Term, iolist};

/// What ports ask of the floor that moves signals.
pub struct Signals {
    /// A message; the fragment owns its words.
    pub send: fn(to: Pid, message: Term, words: Option<Fragment>),
    /// A link signal from a port.
    pub link: fn(to: Pid, port: Term),
    /// An exit signal over a link between a port and a process, which breaks it.
    pub link_exit: fn(to: Pid, port: Term, reason: Term),
    /// An exit signal as `exit/2` makes it.
    pub exit: fn(to: Pid, from: Term, reason: Term),
    /// `{'DOWN', Ref, port, Item, Reason}`; `item` is the port, or `{Name, Node}`.
    pub down: fn(to: Pid, reference: [u64; 2], item: Term, reason: Term),
    /// The port a name is registered for is gone.
    pub unregister: fn(name: Term, port: Term),
    /// What a name is registered for: a pid or a port.
    pub lookup: fn(name: Term) -> Option<Term>,
    /// Whether a process is there.
    pub is_alive: fn(Pid) -> bool,
}

static SIGNALS: OnceLock<Signals> = OnceLock::new();

/// Wires ports to processes. Once, before the first port is opened.
pub fn install(signals: Signals) {
    if SIGNALS.set(signals).is_err() {
        crate::bug!("ports are wired twice");
    }
}

/// The wiring; none in unit tests of drivers, whose messages go nowhere.
pub(super) fn signals() -> Option<&'static Signals> {
    SIGNALS.get()
}

/// What a name is registered for.
pub fn lookup(name: Term) -> Option<Term> {
    signals().and_then(|signals| (signals.lookup)(name))
}

/// Whether a process is there.
pub fn is_alive(process: Pid) -> bool {
    signals().is_some_and(|signals| (signals.is_alive)(process))
}

/// A message that a process sent to a port: `{Owner, {command, Data}}`, `{Owner, {connect, Pid}}`,
/// `{Owner, close}`. Anything else, and the right thing from anyone but the owner, ends the sender
/// with `badsig` unless it traps exits.
pub fn to_port(id: PortId, sender: Pid, message: Term) {
    let Some(port) = super::find(id) else { return };
    let understood = message.as_tuple_of::<2>().and_then(|[owner, what]| {
        let owner = Pid::of(owner).filter(|&owner| owner == port.connected())?;
        if what == am::close {
            port.close_for(owner);
            return Some(());
        }
        match what.as_tuple_of::<2>()? {
            [am::command, data] => {
                let data = iolist::to_vec(data).ok()?;
                // A fault of the driver's ends the port, not the sender.
                let _ = port.command(Some(owner), data);
                Some(())
            }
            [am::connect, new_owner] => {
                let new_owner = Pid::of(new_owner).filter(|&pid| is_alive(pid))?;
                port.connect(new_owner);
                message_to_old_owner(owner, id);
                Some(())
            }
            _ => None,
        }
    });
    if understood.is_none()
        && let Some(signals) = signals()
    {
        (signals.exit)(sender, id.term(), am::badsig);
    }
}

/// `{Port, connected}`
fn message_to_old_owner(owner: Pid, id: PortId) {
    message(owner, 3, |place| place.tuple(&[id.term(), am::connected]));
}

/// Sends a message of at most `words` words.
pub fn message(to: Pid, words: usize, build: impl FnOnce(&mut Fragment) -> Term) {
    let Some(signals) = signals() else { return };
    let mut fragment = Fragment::new(words.max(1));
    let message = build(&mut fragment);
    (signals.send)(to, message, Some(fragment));
}
