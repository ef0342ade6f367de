//! Links.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::process::signal::Request;
use glulam_vm::process::trace::{self, flag};
use glulam_vm::process::{Own, Parcel, Party, Pid, Process, Sender, Signal};
use glulam_vm::table::{processes, route};
use glulam_vm::term::node::this_node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// Links the calling process with a process or port.
    erlang:link/1    Normal => link;
    /// Ends a link: an exit signal by it has no effect any more.
    erlang:unlink/1  Normal => unlink;
}

fn link(cx: &mut Cx<'_>) -> Outcome {
    let other = cx.arg(0);
    let me = cx.process.party();
    if let Some(party) = Party::remote(other) {
        if party.node() == Some(this_node().0) {
            return nobody(cx, party);
        }
        if cx.own.relations().link(party) {
            route::deliver(party, Signal::Link(me));
            route::wait_for_room(cx.process, cx.own, party);
        }
        return Ok(am::true_);
    }
    let Some(party) = Party::of(other) else {
        // A port of an earlier life of this node.
        if other.is_port() && other.node_of().is_some_and(|(node, _)| node == this_node().0) {
            return lost(cx, other);
        }
        return cx.badarg();
    };
    if party == me {
        return Ok(am::true_);
    }
    if !is_there(other) {
        return nobody(cx, party);
    }
    if cx.own.relations().link(party) {
        route::deliver(party, Signal::Link(me));
        trace::tell(cx.process, cx.own, flag::PROCS, am::link, &[other]);
        if cx.process.traced.has(flag::SET_ON_LINK | flag::SET_ON_FIRST_LINK)
            && let Some(tracing) = trace::tracing()
        {
            tracing.linked(cx.process, party);
        }
    }
    Ok(am::true_)
}

/// What a link with a port that is gone comes to: an exit signal from it.
struct Lost(Parcel);

impl Request for Lost {
    fn run(self: Box<Self>, process: &Process, own: &mut Own) {
        let from = self.0.unpack(own);
        own.exit_signal(process, from, Parcel::new(am::noproc), false);
    }
    fn dead(self: Box<Self>) {}
}

fn lost(cx: &mut Cx<'_>, port: Term) -> Outcome {
    if !cx.own.trap_exit {
        return cx.error(am::noproc);
    }
    route::deliver(cx.process.party(), Signal::Request(Box::new(Lost(Parcel::new(port)))));
    Ok(am::true_)
}

fn is_there(other: Term) -> bool {
    match Pid::of(other) {
        Some(pid) => processes::with(pid, |_| ()).is_some(),
        None => route::ports().is_some_and(|ports| ports.is_open(other)),
    }
}

/// The other side is gone: an exit signal for one that traps them, else an error.
fn nobody(cx: &mut Cx<'_>, party: Party) -> Outcome {
    if !cx.own.trap_exit {
        return cx.error(am::noproc);
    }
    let signal = route::told_of(cx.process, Sender::System, Signal::Exit(party, Parcel::new(am::noproc)));
    route::deliver(cx.process.party(), signal);
    Ok(am::true_)
}

fn unlink(cx: &mut Cx<'_>) -> Outcome {
    let other = cx.arg(0);
    let Some(party) = Party::of(other).or_else(|| Party::remote(other)) else { return cx.badarg() };
    let ended = cx.own.relations.as_mut().and_then(|relations| relations.begin_unlink(party));
    if let Some(number) = ended {
        route::deliver(party, Signal::Unlink(cx.process.party(), number));
        route::wait_for_room(cx.process, cx.own, party);
    }
    trace::tell(cx.process, cx.own, flag::PROCS, am::unlink, &[other]);
    Ok(am::true_)
}
