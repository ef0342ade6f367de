//! `erts_internal` and `erlang`: connections with other nodes, as `net_kernel` and what carries them handle them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use glulam_vm::bif::{Cx, Outcome, Resume, Stop};
use glulam_vm::dist::peer::{self, Refused};
use glulam_vm::dist::{Channel, flags};
use glulam_vm::heap::{Build, Fragment};
use glulam_vm::process::signal::{Request, RefNumber};
use glulam_vm::process::{Own, Parcel, Party, Pid, Process, Signal, reference};
use glulam_vm::runtime::carrier::{self, Other};
use glulam_vm::table::route;
use glulam_vm::term::node::this_node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// The number of this life of the node, or `undefined`.
    erts_internal:get_creation/0             Normal => creation;
    /// The flags of the protocol: default, mandatory, added, rejected, strict.
    erts_internal:get_dflags/0               Normal => dflags;
    /// The connection with a node, or the attempt that begins now: its handle.
    erts_internal:new_connection/1           Normal => new_connection;
    /// Gives an attempt up; `false`: it is connected by now.
    erts_internal:abort_pending_connection/2 Normal => abort_pending_connection;
    /// A port or process carries the connection from now on.
    erts_internal:create_dist_channel/3      Yielding => create_channel;
    /// Another process brings what the other node sent.
    erlang:dist_ctrl_input_handler/2         Normal => input_handler;
    /// What the other node sent.
    erlang:dist_ctrl_put_data/2              Normal => put_data;
    /// A packet for the other node, or `none`.
    erlang:dist_ctrl_get_data/1              Normal => get_data;
    /// Has `dist_data` sent to the caller once there is a packet.
    erlang:dist_ctrl_get_data_notification/1 Normal => get_data_notification;
    erlang:dist_ctrl_set_opt/3               Normal => set_option;
    erlang:dist_ctrl_get_opt/2               Normal => get_option;
    /// Packets that came and went, and bytes that wait.
    erlang:dist_get_stat/1                   Normal => statistics;
}

fn creation(cx: &mut Cx<'_>) -> Outcome {
    Ok(match this_node() {
        (_, 0) => am::undefined,
        (_, creation) => cx.u64(creation.into()),
    })
}

fn dflags(cx: &mut Cx<'_>) -> Outcome {
    let numbers = [flags::DEFAULT, flags::MANDATORY, flags::ADDABLE, flags::REJECTABLE, flags::STRICT_ORDER];
    let [default, mandatory, added, rejected, strict] = numbers.map(|number| cx.u64(number));
    Ok(cx.tuple(&[am::erts_dflags, default, mandatory, added, rejected, strict]))
}

fn new_connection(cx: &mut Cx<'_>) -> Outcome {
    let name = cx.arg(0).as_atom().filter(|&name| peer::is_node_name(name));
    match name.and_then(|name| peer::new_connection(name, cx)) {
        Some(handle) => Ok(handle),
        None => cx.badarg(),
    }
}

fn abort_pending_connection(cx: &mut Cx<'_>) -> Outcome {
    let [node, handle] = cx.take();
    match peer::of_handle(handle) {
        Some((peer, number)) if Some(peer.name) == node.as_atom() => Ok(Term::from_bool(peer::abort_pending(&peer, number))),
        _ => cx.badarg(),
    }
}

/// Sets the connection up as soon as the end of the one before is settled.
struct Create {
    other: Other,
    controller: Party,
}

impl Resume for Create {
    fn step(&mut self, cx: &mut Cx<'_>) -> Result<Option<Term>, Stop> {
        let done = if self.controller == cx.process.party() {
            carrier::connect_process(self.other, cx.process, cx.own)
        } else {
            self.controller.local().ok_or(Refused::BadArg).and_then(|port| carrier::connect_port(self.other, port))
        };
        match done {
            Ok(channel) => {
                let handle = peer::handle_of(&channel, cx);
                Ok(Some(cx.tuple(&[am::ok, handle])))
            }
            Err(Refused::BadArg) => Ok(Some(am::badarg)),
            Err(Refused::Later) => {
                cx.own.reductions_left = 0;
                Ok(None)
            }
        }
    }
}

fn create_channel(cx: &mut Cx<'_>) -> Outcome {
    let [node, controller, about] = cx.take();
    let name = node.as_atom().filter(|&name| peer::is_node_name(name) && name != this_node().0);
    let (Some(name), Some(party), Some([flags, creation])) = (name, Party::of(controller), about.as_tuple_of()) else {
        return Ok(am::badarg);
    };
    let creation = creation.as_u64().and_then(|creation| u32::try_from(creation).ok());
    let (Some(flags), Some(creation)) = (flags.as_u64(), creation) else { return Ok(am::badarg) };
    if !flags & flags::MANDATORY != 0 || !peer::is_alive() {
        return Ok(am::badarg);
    }
    let other = Other { name, flags, creation, setup: cx.process.id() };
    match Pid::of(controller).filter(|&pid| pid != cx.process.id()) {
        None => cx.run(Create { other, controller: party }),
        Some(pid) if carrier::is_there(pid) => {
            let reference = reference::fresh();
            let request = CreateFor { other, asker: cx.process.id(), reference };
            route::deliver(party, Signal::Request(Box::new(request)));
            let reference = cx.reference(reference);
            Ok(cx.tuple(&[am::message, reference]))
        }
        Some(_) => Ok(am::badarg),
    }
}

/// The same done by the process that is to carry the connection.
struct CreateFor {
    other: Other,
    asker: Pid,
    reference: RefNumber,
}

impl CreateFor {
    /// `{Reference, Result}`
    fn answer(&self, result: impl FnOnce(&mut Fragment) -> Term) {
        let mut place = Fragment::new(16);
        let result = result(&mut place);
        let reference = place.reference(self.reference);
        let message = place.tuple(&[reference, result]);
        route::send_parcel(self.asker.term(), Parcel::in_fragment(message, place));
    }
}

impl Request for CreateFor {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        if own.exit_pending {
            return self.dead();
        }
        match carrier::connect_process(self.other, process, own) {
            Ok(channel) => self.answer(|place| peer::handle_of(&channel, place)),
            Err(Refused::BadArg) => self.answer(|_| am::badarg),
            Err(Refused::Later) => route::deliver(process.party(), Signal::Request(self)),
        }
    }
    fn dead(self: Box<Self>) {
        self.answer(|_| am::badarg);
    }
}

/// The connection of a handle that the calling process carries.
fn carried(cx: &Cx<'_>, handle: Term) -> Option<Arc<Channel>> {
    peer::channel_of_handle(handle).filter(|channel| channel.carrier() == Some(cx.self_pid()))
}

fn input_handler(cx: &mut Cx<'_>) -> Outcome {
    let [handle, handler] = cx.take();
    let Some(channel) = carried(cx, handle) else { return cx.badarg() };
    let Some(handler) = Pid::of(handler).filter(|&pid| carrier::is_there(pid)) else { return cx.badarg() };
    channel.set_input_handler(handler);
    Ok(am::ok)
}

/// Bytes that are turned into signals for one reduction.
const BYTES_PER_REDUCTION: usize = 64;

fn put_data(cx: &mut Cx<'_>) -> Outcome {
    let [handle, data] = cx.take();
    let Some((peer, number)) = peer::of_handle(handle) else { return cx.badarg() };
    if data.is_list() {
        return cx.tail_call(am::erts_internal, am::dist_ctrl_put_data, &[handle, data]);
    }
    let Some(bytes) = data.as_bits().filter(|bits| bits.is_binary()) else { return cx.badarg() };
    // What comes over a connection that has ended meanwhile is of no interest.
    let Some(channel) = peer.channel().filter(|channel| channel.id == number) else { return Ok(am::ok) };
    if !channel.takes_input_from(cx.process.id()) {
        return cx.badarg();
    }
    let bytes = bytes.to_bytes();
    cx.long(bytes.len() / BYTES_PER_REDUCTION)?;
    cx.charge(bytes.len() / BYTES_PER_REDUCTION);
    channel.receive(bytes.into_owned());
    Ok(am::ok)
}

fn get_data(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    let Some(channel) = carried(cx, handle) else { return cx.badarg() };
    let Some(packet) = channel.fetch() else { return Ok(am::none) };
    let size = packet.len();
    let packet = cx.binary_from(packet);
    if !channel.with_size.load(Ordering::Relaxed) {
        return Ok(packet);
    }
    Ok(cx.tuple(&[Term::small(size as i64), packet]))
}

fn get_data_notification(cx: &mut Cx<'_>) -> Outcome {
    let [handle] = cx.take();
    let Some(channel) = carried(cx, handle) else { return cx.badarg() };
    channel.announce_next();
    Ok(am::ok)
}

fn set_option(cx: &mut Cx<'_>) -> Outcome {
    let [handle, option, value] = cx.take();
    let (Some(channel), am::get_size, Some(on)) = (carried(cx, handle), option, value.as_bool()) else {
        return cx.badarg();
    };
    Ok(Term::from_bool(channel.with_size.swap(on, Ordering::Relaxed)))
}

fn get_option(cx: &mut Cx<'_>) -> Outcome {
    let [handle, option] = cx.take();
    let (Some(channel), am::get_size) = (carried(cx, handle), option) else { return cx.badarg() };
    Ok(Term::from_bool(channel.with_size.load(Ordering::Relaxed)))
}

fn statistics(cx: &mut Cx<'_>) -> Outcome {
    let Some(channel) = peer::channel_of_handle(cx.arg(0)) else { return cx.badarg() };
    let (received, sent, waiting) = channel.statistics();
    let [received, sent] = [received, sent].map(|number| cx.u64(number));
    let waiting = cx.usize(waiting);
    Ok(cx.tuple(&[am::ok, received, sent, waiting]))
}
