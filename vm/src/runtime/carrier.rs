//! Ports and processes as carriers of connections between nodes: the one place that knows both.

use crate::am;
use crate::atom::Atom;
use crate::base::sync::Arc;
use crate::dist::peer::{self, Refused};
use crate::dist::{Carrier, Channel};
use crate::port::{self, Port, PortId, Receiver};
use crate::process::relations::MonitorIn;
use crate::process::{Own, Parcel, Party, Pid, Process, Signal, fresh_ref};
use crate::table::{processes, route};
use crate::term::Term;

struct ByPort(Arc<Port>);

impl Carrier for ByPort {
    fn send(&self, packet: Vec<u8>) {
        self.0.transmit(packet);
    }
    fn is_busy(&self) -> bool {
        self.0.is_open() && self.0.is_busy()
    }
    fn announce(&self) {}
    fn close(&self, reason: Term) {
        self.0.end(reason);
    }
    fn identifier(&self) -> Term {
        self.0.id.term()
    }
    fn fetches(&self) -> bool {
        false
    }
}

struct ToChannel(Arc<Channel>);

impl Receiver for ToChannel {
    fn bring(&self, packet: Vec<u8>) {
        self.0.bring(packet);
    }
    fn ended(&self, reason: Term) {
        self.0.ended(reason);
    }
    fn work_off(&self) {
        self.0.work_off();
    }
    fn drained(&self) {
        self.0.flush();
    }
}

/// A process fetches what goes out, and brings what comes in.
struct ByProcess(Pid);

impl Carrier for ByProcess {
    fn send(&self, _: Vec<u8>) {}
    fn is_busy(&self) -> bool {
        false
    }
    fn announce(&self) {
        route::send_parcel(self.0.term(), Parcel::new(am::dist_data));
    }
    fn close(&self, reason: Term) {
        let from = Party::Local(self.0.term().bits());
        let reason = if reason == am::killed { am::kill } else { reason };
        route::deliver(from, Signal::Exit(from, Parcel::new(reason)));
    }
    fn identifier(&self) -> Term {
        self.0.term()
    }
    fn fetches(&self) -> bool {
        true
    }
}

/// What the other node said of itself, and who set the connection up.
#[derive(Clone, Copy)]
pub struct Other {
    pub name: Atom,
    pub flags: u64,
    pub creation: u32,
    pub setup: Pid,
}

/// Has a port carry the connection with a node that is being set up.
pub fn connect_port(other: Other, port: Term) -> Result<Arc<Channel>, Refused> {
    let port = PortId::of(port).and_then(port::find).ok_or(Refused::BadArg)?;
    let channel = peer::pending(other.name)?;
    if !port.give_to(Arc::new(ToChannel(channel.clone()))) {
        return Err(Refused::BadArg);
    }
    peer::set_up(&channel, other.flags, other.creation, other.setup, Arc::new(ByPort(port)))?;
    Ok(channel)
}

/// Has a process, whose owned side this is, carry it.
pub fn connect_process(other: Other, process: &Process, own: &mut Own) -> Result<Arc<Channel>, Refused> {
    let channel = peer::pending(other.name)?;
    let number = fresh_ref();
    peer::set_up(&channel, other.flags, other.creation, other.setup, Arc::new(ByProcess(process.id())))?;
    channel.watch_controller(number);
    // Its end comes as that of a process which a nameless one of the other node watches.
    let watcher = Party::Named { node: other.name, name: am::empty.atom() };
    own.relations().monitored_by.insert(number, MonitorIn { watcher, as_name: None });
    Ok(channel)
}

/// Whether a process is there to carry a connection.
pub fn is_there(process: Pid) -> bool {
    processes::with(process, |_| ()).is_some()
}
