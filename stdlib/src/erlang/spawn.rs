//! Making processes.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::dist;
use glulam_vm::heap::Build;
use glulam_vm::process::relations::PendingSpawn;
use glulam_vm::process::trace::flag;
use glulam_vm::process::{Parcel, Party, Sender, Signal, reference};
use glulam_vm::table::route;
use glulam_vm::trace::token;
use glulam_vm::runtime::config::current;
use glulam_vm::table::spawn::{self, Options};
use glulam_vm::table::spawn_options::{Refused, Wanted};
use glulam_vm::term::node::this_node;
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// A process that applies a function to arguments.
    erlang:spawn/3                        Normal => spawn;
    erlang:spawn_link/3                   Normal => spawn_link;
    erlang:spawn_opt/4                    Normal => spawn_opt;
    /// The same, told by message: a reference.
    erts_internal:spawn_request/4         Normal => spawn_request;
    /// The same on another node: a reference, or for `spawn_opt` that and whether it is a monitor.
    erts_internal:dist_spawn_request/4    Normal => dist_spawn_request;
    erlang:spawn_request_abandon/1        Normal => spawn_request_abandon;
    /// A process of the runtime's own.
    erts_internal:spawn_system_process/3  Normal => spawn_system_process;
    erts_internal:is_system_process/1     Normal => is_system_process;
}

/// Module, function and arguments are of the right types.
fn is_call(module: Term, function: Term, args: Term) -> bool {
    module.is_atom() && function.is_atom() && is_proper(args)
}

fn is_proper(list: Term) -> bool {
    let mut elements = list.list();
    elements.by_ref().for_each(drop);
    elements.rest().is_nil()
}

fn start(cx: &mut Cx<'_>, module: Term, function: Term, args: Term, options: Options) -> Outcome {
    if !is_call(module, function, args) {
        return cx.badarg();
    }
    cx.charge(60);
    match spawn::spawn(Some((cx.process, cx.own)), module.atom(), function.atom(), args, options) {
        Some(process) => Ok(process.pid()),
        None => cx.system_limit(),
    }
}

fn plain(cx: &mut Cx<'_>, link: bool) -> Outcome {
    let [module, function, args] = cx.take();
    let options = Options { link, message_queue_off_heap: current().off_heap_messages, ..Options::default() };
    start(cx, module, function, args, options)
}

fn spawn(cx: &mut Cx<'_>) -> Outcome {
    plain(cx, false)
}

fn spawn_link(cx: &mut Cx<'_>) -> Outcome {
    plain(cx, true)
}

fn spawn_opt(cx: &mut Cx<'_>) -> Outcome {
    let [module, function, args, options] = cx.take();
    let (wanted, result) = Wanted::parse(options, false);
    if result.is_err() {
        return cx.badarg_because(am::badopt);
    }
    let options = wanted.into_options(cx.process.id());
    let monitor = options.monitor;
    let pid = start(cx, module, function, args, options)?;
    Ok(match monitor {
        Some(number) => {
            let reference = cx.reference(number);
            cx.tuple(&[pid, reference])
        }
        None => pid,
    })
}

fn spawn_request(cx: &mut Cx<'_>) -> Outcome {
    let [module, function, args, options] = cx.take();
    if !is_call(module, function, args) {
        return Ok(am::badarg);
    }
    let (wanted, result) = Wanted::parse(options, true);
    let (tag, success, error) = (wanted.reply_tag, wanted.reply_success, wanted.reply_error);
    let number = match result {
        Err(Refused::NoList) => return Ok(am::badopt),
        Err(Refused::Option) => return refuse(cx, tag, am::badopt, error),
        Ok(()) => {
            let mut options = wanted.into_options(cx.process.id());
            let number = *options.monitor.get_or_insert_with(reference::fresh);
            if wanted_no_monitor(cx.arg(3)) {
                options.monitor = None;
            }
            options.request = Some(number);
            let arity = args.list().count() as u8;
            options.initial_call = Some((module.atom(), function.atom(), arity));
            let call = cx.tuple(&[module, function, args]);
            let args = cx.list(&[call]);
            cx.charge(60);
            let (init, of) = (am::erts_internal.atom(), am::spawn_init.atom());
            match spawn::make(Some((cx.process, cx.own)), init, of, args, options) {
                Some(process) => {
                    // Before anything that the new process sends.
                    if success {
                        reply(cx, tag, number, am::ok, process.pid());
                    }
                    process.wake();
                    number
                }
                None => return refuse(cx, tag, am::system_limit, error),
            }
        }
    };
    Ok(cx.reference(number))
}

/// Options of the process itself are the other node's affair; those of the request are not for it.
fn dist_spawn_request(cx: &mut Cx<'_>) -> Outcome {
    let [node, call, options, kind] = cx.take();
    let (Some(node), Some([module, function, args])) = (node.as_atom(), call.as_tuple_of()) else {
        return Ok(am::badarg);
    };
    let of_request = kind == am::spawn_request;
    if node == this_node().0 || !is_call(module, function, args) || !is_proper(options) {
        return Ok(am::badarg);
    }
    let mut wanted = Wanted::new();
    let mut theirs = Vec::new();
    let mut good = true;
    for option in options.list() {
        let key = option.as_tuple_of::<2>().map(|[key, _]| key);
        if matches!(key, Some(am::reply | am::reply_tag)) {
            if !of_request {
                return Ok(am::badarg);
            }
            good &= wanted.set(option, of_request).is_some();
        } else if key == Some(am::monitor) {
            good &= wanted.set(option, of_request).is_some();
            theirs.push(am::monitor);
        } else {
            if option == am::link || option == am::monitor {
                good &= wanted.set(option, of_request).is_some();
            }
            theirs.push(option);
        }
    }
    if !good && !of_request {
        return Ok(am::badarg);
    }
    let is_monitor = Term::from_bool(wanted.monitor.is_some());
    let alias = wanted.monitor.as_ref().and_then(|monitor| monitor.alias);
    let number = if alias.is_some() { reference::fresh_owned(cx.process.id()) } else { reference::fresh() };
    let asked = dist::spawn::Asked {
        module,
        function,
        args,
        options: cx.list(&theirs),
        group_leader: cx.own.group_leader,
    };
    let (tag, told) = (wanted.reply_tag, wanted.reply_error);
    let pending = PendingSpawn {
        node,
        tag: Parcel::new(tag),
        reply_success: wanted.reply_success,
        reply_error: wanted.reply_error,
        monitor_tag: wanted.monitor.and_then(|monitor| monitor.tag).map(Parcel::new),
    };
    let relations = cx.own.relations();
    if good {
        relations.pending_spawns.insert(number, pending);
        if let Some(end) = alias {
            relations.aliases.insert(number, end);
        }
    }
    if !good || !dist::spawn::request(node, (cx.process, cx.own), number, &asked) {
        let relations = cx.own.relations();
        relations.pending_spawns.remove(&number);
        relations.aliases.remove(&number);
        if told {
            reply(cx, tag, number, am::error, if good { am::noconnection } else { am::badopt });
        }
    }
    let reference = cx.reference(number);
    Ok(if of_request { reference } else { cx.tuple(&[reference, is_monitor]) })
}

fn wanted_no_monitor(options: Term) -> bool {
    let is_monitor = |option: Term| {
        option == am::monitor || option.as_tuple_of::<2>().is_some_and(|[key, _]| key == am::monitor)
    };
    !options.list().any(is_monitor)
}

/// The request fails: told by message, if at all.
fn refuse(cx: &mut Cx<'_>, tag: Term, reason: Term, told: bool) -> Outcome {
    let number = reference::fresh();
    if told {
        reply(cx, tag, number, am::error, reason);
    }
    Ok(cx.reference(number))
}

/// `{Tag, Reference, Result, Value}`, from the process to itself.
fn reply(cx: &mut Cx<'_>, tag: Term, number: [u64; 2], result: Term, value: Term) {
    let reference = cx.reference(number);
    let message = cx.tuple(&[tag, reference, result, value]);
    if result == am::ok && cx.process.traced.has(flag::TOKEN) {
        let token = token::answer(cx.process, cx.own, value, message);
        let signal = Signal::With(Box::new((Parcel::new(token), Signal::Message(Parcel::new(message)))));
        return route::deliver(cx.process.party(), signal);
    }
    cx.own.fetch_messages(cx.process);
    let sender = Party::of(value).map_or(Sender::System, Sender::Party);
    let process = cx.process;
    cx.own.sent_by(process, sender, |own| own.message_of_system(process, message));
}

/// The reply of this node to a request is there as soon as the request is made; that of another may be outstanding.
fn spawn_request_abandon(cx: &mut Cx<'_>) -> Outcome {
    let reference = cx.arg(0);
    if !reference.is_ref() {
        return cx.badarg();
    }
    cx.own.fetch_messages(cx.process);
    let (Some(number), Some(relations)) = (reference.as_local_ref(), &mut cx.own.relations) else {
        return Ok(am::false_);
    };
    let abandoned = relations.pending_spawns.remove(&number).is_some();
    if abandoned {
        relations.aliases.remove(&number);
    }
    Ok(Term::from_bool(abandoned))
}

fn spawn_system_process(cx: &mut Cx<'_>) -> Outcome {
    let [module, function, args] = cx.take();
    start(cx, module, function, args, Options { is_system: true, ..Options::default() })
}

fn is_system_process(cx: &mut Cx<'_>) -> Outcome {
    use glulam_vm::process::Pid;
    use glulam_vm::table::processes;
    match Pid::of(cx.arg(0)) {
        Some(pid) => Ok(Term::from_bool(processes::with(pid, |process| process.is_system) == Some(true))),
        None => cx.badarg(),
    }
}
