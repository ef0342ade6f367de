//! `erts_internal` and `erlang`: natives of ports.
//!
//! Those of `erts_internal` give their faults as values (`badarg`, `badopt`, the name of an error
//! number); Erlang code above raises them. A reference means: the answer comes as a message.

mod open;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::{self, Fault, Info, Port, PortId, deliver};
use glulam_vm::process::Pid;
use glulam_vm::table::names;
use glulam_vm::term::iolist;
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    erts_internal:open_port/2    Normal => open::open_port;
    erts_internal:port_command/3 Normal => command;
    erts_internal:port_control/3 Normal => control;
    erts_internal:port_call/3    Normal => call;
    erts_internal:port_close/1   Normal => close;
    erts_internal:port_connect/2 Normal => connect;
    erts_internal:port_info/1    Normal => info;
    erts_internal:port_info/2    Normal => info_item;
    erlang:ports/0               Normal => ports;
    erlang:port_set_data/2       Normal => set_data;
    erlang:port_get_data/1       Normal => get_data;
}

/// Bytes handled for one reduction.
const BYTES_PER_REDUCTION: usize = 1024;

/// The open port that a port identifier or a registered name stands for.
fn find(port: Term) -> Option<Arc<Port>> {
    let port = match port.as_atom() {
        Some(name) => names::whereis(name)?.local()?,
        None => port,
    };
    port::find(PortId::of(port)?)
}

/// What a fault is called.
fn fault(fault: Fault) -> Term {
    match fault {
        Fault::BadArg | Fault::Unsupported => am::badarg,
        Fault::Posix(number) => Term::from_atom(Atom::known(glulam_vm::base::errno::name(number))),
    }
}

fn command(cx: &mut Cx<'_>) -> Outcome {
    let [port, data, options] = cx.take();
    let (mut force, mut nosuspend) = (false, false);
    let Some(options) = options.proper_list() else { return Ok(am::badopt) };
    for option in options {
        match option {
            am::force => force = true,
            am::nosuspend => nosuspend = true,
            _ => return Ok(am::badopt),
        }
    }
    let (Some(port), Some(caller)) = (find(port), Pid::of(cx.self_pid())) else { return Ok(am::badarg) };
    let Ok(data) = port::Data::of(data) else { return Ok(am::badarg) };
    cx.charge(data.len() / BYTES_PER_REDUCTION);
    if port.is_busy() && !force {
        if nosuspend {
            return Ok(am::false_);
        }
        let number = glulam_vm::process::reference::fresh();
        // Until it is told; its slice ends at the next call.
        cx.process.suspended.fetch_add(1, Ordering::SeqCst);
        cx.own.reductions_left = cx.own.reductions_left.min(0);
        port.command_later(caller, number, data);
        return Ok(cx.reference(number));
    }
    // What goes wrong outside ends the port; the caller has done its part.
    Ok(match port.command(Some(caller), data) {
        Ok(()) | Err(Fault::Posix(_)) => am::true_,
        Err(Fault::BadArg | Fault::Unsupported) => am::badarg,
    })
}

/// Port, operation and data of `port_control/3` and `port_call/3`.
fn operation(cx: &mut Cx<'_>) -> Option<(Arc<Port>, Pid, u32)> {
    let port = find(cx.arg(0))?;
    let operation = u32::try_from(cx.arg(1).as_u64()?).ok()?;
    Some((port, Pid::of(cx.self_pid())?, operation))
}

fn control(cx: &mut Cx<'_>) -> Outcome {
    let Some((port, caller, operation)) = operation(cx) else { return Ok(am::badarg) };
    let Ok(data) = iolist::to_vec(cx.arg(2)) else { return Ok(am::badarg) };
    cx.charge(data.len() / BYTES_PER_REDUCTION);
    Ok(match port.control(caller, operation, &data) {
        Ok(bytes) if port.controls_give_binaries() => cx.binary_from(bytes),
        Ok(bytes) => cx.byte_list(&bytes),
        Err(_) => am::badarg,
    })
}

/// No driver here takes terms.
fn call(cx: &mut Cx<'_>) -> Outcome {
    let Some((port, caller, operation)) = operation(cx) else { return Ok(am::badarg) };
    Ok(match port.call(caller, operation, &[]) {
        Ok(_) => am::badarg,
        Err(reason) => fault(reason),
    })
}

fn close(cx: &mut Cx<'_>) -> Outcome {
    let Some(port) = find(cx.arg(0)) else { return Ok(am::badarg) };
    port.close();
    Ok(am::true_)
}

fn connect(cx: &mut Cx<'_>) -> Outcome {
    let [port, owner] = cx.take();
    let owner = Pid::of(owner).filter(|&owner| owner.term() == cx.self_pid() || deliver::is_alive(owner));
    let (Some(port), Some(owner)) = (find(port), owner) else { return Ok(am::badarg) };
    port.connect(owner);
    Ok(am::true_)
}

fn ports(cx: &mut Cx<'_>) -> Outcome {
    let ports: Vec<Term> = port::all().into_iter().map(PortId::term).collect();
    Ok(cx.list(&ports))
}

fn set_data(cx: &mut Cx<'_>) -> Outcome {
    let [port, data] = cx.take();
    let Some(port) = find(port) else { return cx.badarg() };
    port.set_data(data);
    Ok(am::true_)
}

fn get_data(cx: &mut Cx<'_>) -> Outcome {
    match find(cx.arg(0)) {
        Some(port) => Ok(port.data(cx)),
        None => cx.badarg(),
    }
}

/// What `port_info/1` lists, in its order.
const ITEMS: &[&str] = &["registered_name", "name", "links", "id", "connected", "input", "output", "os_pid"];

fn info(cx: &mut Cx<'_>) -> Outcome {
    let [id] = cx.take();
    if !id.is_atom() && !id.is_local_port() {
        return Ok(am::badarg);
    }
    let Some(port) = find(id) else { return Ok(am::undefined) };
    let info = port.info();
    let mut rows = Vec::new();
    for item in ITEMS {
        if *item == "registered_name" && port.registered_name().is_none() {
            continue;
        }
        rows.extend(item_of(cx, &port, &info, item));
    }
    Ok(cx.list(&rows))
}

fn info_item(cx: &mut Cx<'_>) -> Outcome {
    let [id, item] = cx.take();
    if !id.is_atom() && !id.is_local_port() {
        return Ok(am::badarg);
    }
    let Some(item) = item.as_atom() else { return Ok(am::badtype) };
    let Some(port) = find(id) else {
        return Ok(if is_item(item.name()) { am::undefined } else { am::badtype });
    };
    let info = port.info();
    if item.name() == "registered_name" && port.registered_name().is_none() {
        return Ok(Term::NIL);
    }
    Ok(item_of(cx, &port, &info, item.name()).unwrap_or(am::badtype))
}

fn is_item(name: &str) -> bool {
    const MORE: &[&str] = &["monitors", "monitored_by", "memory", "queue_size", "parallelism", "locking"];
    ITEMS.contains(&name) || MORE.contains(&name)
}

/// `{Item, Value}`
fn item_of(cx: &mut Cx<'_>, port: &Port, info: &Info, item: &str) -> Option<Term> {
    let pids = |cx: &mut Cx<'_>, pids: &[Pid]| {
        let pids: Vec<Term> = pids.iter().map(|pid| pid.term()).collect();
        cx.list(&pids)
    };
    let value = match item {
        "registered_name" => Term::from_atom(port.registered_name()?),
        "name" => cx.string(&String::from_utf8_lossy(&info.name)),
        "links" => pids(cx, &info.links),
        "monitored_by" => pids(cx, &info.monitored_by),
        "monitors" => Term::NIL,
        "id" => cx.u64(port.id.0),
        "connected" => info.connected.term(),
        "input" => cx.u64(info.input),
        "output" => cx.u64(info.output),
        "os_pid" => info.os_pid.map_or(am::undefined, |pid| Term::small(pid.into())),
        "queue_size" => cx.usize(info.queue_size),
        "memory" => cx.usize(std::mem::size_of::<Port>() + info.queue_size),
        "parallelism" => Term::from_bool(info.parallelism),
        "locking" => am::port_level,
        _ => return None,
    };
    let item = Term::from_atom(Atom::existing(item)?);
    Some(cx.tuple(&[item, value]))
}
