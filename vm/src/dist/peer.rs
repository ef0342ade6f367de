//! The other nodes that this one knows, and this one's own life as a node.

use rustc_hash::FxHashMap as HashMap;

use super::channel::{Carrier, Channel};
use super::{down, nodes};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, Mutex, OnceLock, Ordering, RwLock};
use crate::heap::{Build, Fragment};
use crate::process::signal::RefNumber;
use crate::process::{Parcel, Pid, exit_hook, reference};
use crate::table::{names, processes, route};
use crate::term::Term;
use crate::term::node::{set_this_node, this_node};

/// Another node, by name. Never forgotten.
pub struct Peer {
    pub name: Atom,
    /// The second part of handles: nobody can make one up.
    handle: RefNumber,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// From the first attempt to its end.
    channel: Option<Arc<Channel>>,
    /// The number of the last one.
    last: u32,
    /// What depended on the last one still hears of its end: none comes up meanwhile.
    ending: bool,
}

#[derive(Default)]
struct Peers {
    by_name: HashMap<Atom, Arc<Peer>>,
    by_handle: HashMap<RefNumber, Arc<Peer>>,
}

fn peers() -> &'static RwLock<Peers> {
    static PEERS: OnceLock<RwLock<Peers>> = OnceLock::new();
    PEERS.get_or_init(RwLock::default)
}

/// The node of this name, if it is known.
pub fn find(name: Atom) -> Option<Arc<Peer>> {
    peers().read().by_name.get(&name).cloned()
}

fn find_or_insert(name: Atom) -> Arc<Peer> {
    if let Some(peer) = find(name) {
        return peer;
    }
    let mut peers = peers().write();
    if let Some(peer) = peers.by_name.get(&name) {
        return peer.clone();
    }
    let peer = Arc::new(Peer { name, handle: reference::fresh(), state: Mutex::default() });
    peers.by_name.insert(name, peer.clone());
    peers.by_handle.insert(peer.handle, peer.clone());
    peer
}

/// Every other node that is known.
pub fn all() -> Vec<Arc<Peer>> {
    peers().read().by_name.values().cloned().collect()
}

impl Peer {
    /// The connection, or the attempt at one.
    pub fn channel(&self) -> Option<Arc<Channel>> {
        self.state.lock().channel.clone()
    }

    /// The connection, or the one that begins now; whether it begins.
    fn channel_or_new(&self) -> (Arc<Channel>, bool) {
        let mut state = self.state.lock();
        if let Some(channel) = &state.channel {
            return (channel.clone(), false);
        }
        state.last = state.last.wrapping_add(1).max(1);
        let channel = Arc::new(Channel::new(self.name, state.last));
        state.channel = Some(channel.clone());
        (channel, true)
    }

    /// `{Number, Reference}`: the connection as `net_kernel` knows it.
    fn handle(&self, number: u32, place: &mut impl Build) -> Term {
        let reference = place.reference(self.handle);
        place.tuple(&[Term::small(number.into()), reference])
    }

    /// The connection `channel` is over. Until `settled`, no other comes up.
    pub(super) fn forget(&self, channel: &Channel) {
        let mut state = self.state.lock();
        if state.channel.as_ref().is_some_and(|current| std::ptr::eq(&**current, channel)) {
            state.channel = None;
            state.ending = true;
        }
    }

    pub(super) fn settled(&self) {
        self.state.lock().ending = false;
    }

    pub fn is_ending(&self) -> bool {
        self.state.lock().ending
    }
}

/// The node and the connection's number that a handle stands for.
pub fn of_handle(handle: Term) -> Option<(Arc<Peer>, u32)> {
    let [number, reference] = handle.as_tuple_of::<2>()?;
    let number = u32::try_from(number.as_small()?).ok()?;
    let peer = peers().read().by_handle.get(&reference.as_local_ref()?).cloned()?;
    Some((peer, number))
}

/// The connection that a handle stands for, if it is still the one.
pub fn channel_of_handle(handle: Term) -> Option<Arc<Channel>> {
    let (peer, number) = of_handle(handle)?;
    peer.channel().filter(|channel| channel.id == number)
}

/// Whether a name looks like a node's.
pub fn is_node_name(name: Atom) -> bool {
    matches!(name.name().split_once('@'), Some((first, host)) if !first.is_empty() && !host.is_empty() && !host.contains('@'))
}

static ALIVE: AtomicBool = AtomicBool::new(false);

/// Whether this node is one among others.
pub fn is_alive() -> bool {
    ALIVE.load(Ordering::Acquire)
}

fn net_kernel() -> Option<Pid> {
    names::whereis(am::net_kernel.atom())?.pid()
}

/// Gives this node its name, until `net_kernel` ends; `false`: it has one, or there is no `net_kernel`.
pub fn set_node(name: Atom, creation: u32) -> bool {
    let Some(kernel) = net_kernel().filter(|_| !ALIVE.swap(true, Ordering::AcqRel)) else { return false };
    set_this_node(name, creation);
    exit_hook::add(kernel, |_| leave());
    if processes::with(kernel, |_| ()).is_none() {
        leave();
        return false;
    }
    nodes::tell(am::nodeup, name, None, am::visible, Term::NIL);
    true
}

/// `net_kernel` has ended: the node has no name any more, and no connections.
fn leave() {
    if !ALIVE.swap(false, Ordering::AcqRel) {
        return;
    }
    let (name, _) = this_node();
    set_this_node(am::nonode_nohost.atom(), 0);
    for peer in all() {
        if let Some(channel) = peer.channel() {
            let carrier = channel.output.lock().carrier.clone();
            down::connection_down(&channel, am::net_kernel_terminated);
            if let Some(carrier) = carrier {
                carrier.close(am::net_kernel_terminated);
            }
        }
    }
    nodes::tell(am::nodedown, name, None, am::visible, am::net_kernel_terminated);
}

/// The connection with a node for whoever has something to send; `net_kernel` is asked to set it up if there is none.
/// `None`: there is no way.
pub(super) fn connection(name: Atom) -> Option<Arc<Channel>> {
    if !is_alive() || name == this_node().0 {
        return None;
    }
    let peer = find_or_insert(name);
    let (channel, begins) = peer.channel_or_new();
    if begins {
        let asked = net_kernel().is_some_and(|kernel| {
            let mut place = Fragment::new(12);
            let handle = peer.handle(channel.id, &mut place);
            let message = place.tuple(&[am::auto_connect, Term::from_atom(name), handle]);
            route::send_parcel(kernel.term(), Parcel::in_fragment(message, place))
        });
        if !asked {
            down::connection_down(&channel, am::noconnection);
            return None;
        }
    }
    Some(channel)
}

/// The handle of the connection with a node, or of the attempt that begins now.
pub fn new_connection(name: Atom, place: &mut impl Build) -> Option<Term> {
    if name == this_node().0 {
        return None;
    }
    let peer = find_or_insert(name);
    let (channel, _) = peer.channel_or_new();
    Some(peer.handle(channel.id, place))
}

/// Gives an attempt up; `false`: it is connected already.
pub fn abort_pending(peer: &Peer, number: u32) -> bool {
    let Some(channel) = peer.channel().filter(|channel| channel.id == number) else { return true };
    if channel.is_connected() {
        return false;
    }
    down::connection_down(&channel, am::noconnection);
    true
}

/// Why a channel is not set up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    BadArg,
    /// The end of the last one is not settled yet.
    Later,
}

/// The attempt at a connection with a node.
pub fn pending(name: Atom) -> Result<Arc<Channel>, Refused> {
    if !is_alive() {
        return Err(Refused::BadArg);
    }
    let peer = find(name).ok_or(Refused::BadArg)?;
    if peer.is_ending() {
        return Err(Refused::Later);
    }
    peer.channel().filter(|channel| channel.is_pending()).ok_or(Refused::BadArg)
}

/// An attempt has come to a connection, carried by `carrier`.
pub fn set_up(
    channel: &Channel,
    flags: u64,
    creation: u32,
    setup: Pid,
    carrier: Arc<dyn Carrier>,
) -> Result<(), Refused> {
    let kernel = net_kernel().ok_or(Refused::BadArg)?;
    let (controller, node) = (carrier.identifier(), Term::from_atom(channel.peer));
    let mut place = Fragment::new(5);
    let message = place.tuple(&[am::dist_ctrlr, controller, node, setup.term()]);
    if !route::send_parcel(kernel.term(), Parcel::in_fragment(message, place)) {
        return Err(Refused::BadArg);
    }
    if !channel.connect(flags, creation, carrier) {
        return Err(Refused::BadArg);
    }
    let kind = if channel.is_visible() { am::visible } else { am::hidden };
    nodes::tell(am::nodeup, channel.peer, Some(channel.id), kind, Term::NIL);
    channel.flush();
    Ok(())
}

/// The handle of a connection.
pub fn handle_of(channel: &Channel, place: &mut impl Build) -> Term {
    find_or_insert(channel.peer).handle(channel.id, place)
}
