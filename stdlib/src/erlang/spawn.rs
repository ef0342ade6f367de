//! Making processes.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, gc};
use glulam_vm::process::trace::flag;
use glulam_vm::process::{Parcel, Priority, Signal, reference};
use glulam_vm::table::route;
use glulam_vm::trace::token;
use glulam_vm::runtime::config::current;
use glulam_vm::table::spawn::{self, Options};
use glulam_vm::{Term, am};

use super::monitor::MonitorOptions;
use super::system::flag::max_heap_size_of;

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

/// Options of a spawn, before anything is copied.
struct Wanted {
    link: bool,
    monitor: Option<MonitorOptions>,
    priority: Priority,
    heap: gc::HeapSettings,
    off_heap: bool,
    reply_tag: Term,
    reply_success: bool,
    reply_error: bool,
}

/// Why options are no options.
enum Refused {
    NoList,
    Option,
}

impl Wanted {
    fn new() -> Wanted {
        Wanted {
            link: false,
            monitor: None,
            priority: Priority::Normal,
            heap: gc::defaults(),
            off_heap: current().off_heap_messages,
            reply_tag: am::spawn_reply,
            reply_success: true,
            reply_error: true,
        }
    }

    /// Every option is looked at, so that what is known of the reply is known of bad ones, too.
    fn parse(options: Term, of_request: bool) -> (Wanted, Result<(), Refused>) {
        let mut wanted = Wanted::new();
        let mut good = true;
        let mut rest = options.list();
        for option in rest.by_ref() {
            good &= wanted.set(option, of_request).is_some();
        }
        let max = wanted.heap.max_size.size;
        good &= max == 0 || max >= wanted.heap.min_size;
        let result = match (rest.rest().is_nil(), good) {
            (false, _) => Err(Refused::NoList),
            (true, false) => Err(Refused::Option),
            (true, true) => Ok(()),
        };
        (wanted, result)
    }

    fn set(&mut self, option: Term, of_request: bool) -> Option<()> {
        match option {
            am::link => self.link = true,
            am::monitor => self.monitor = Some(MonitorOptions::default()),
            _ => {
                let [key, value] = option.as_tuple_of()?;
                let count = value.as_usize().filter(|_| value.is_small());
                match key {
                    am::priority => self.priority = Priority::of(value)?,
                    am::message_queue_data => {
                        self.off_heap = match value {
                            am::off_heap => true,
                            am::on_heap => false,
                            _ => return None,
                        }
                    }
                    am::min_heap_size => self.heap.min_size = gc::round_min_heap_size(count?)?,
                    am::min_bin_vheap_size => {
                        let least = gc::defaults().min_virtual;
                        let wanted = count?;
                        self.heap.min_virtual = if wanted < least { least } else { gc::at_least(wanted) };
                    }
                    am::max_heap_size => {
                        self.heap.max_size = max_heap_size_of(value, gc::default_max_heap_size())?;
                    }
                    am::fullsweep_after => self.heap.fullsweep_after = u32::try_from(count?).unwrap_or(u32::MAX),
                    // A wish: any scheduler may run it.
                    am::scheduler => drop((count? <= current().schedulers).then_some(())?),
                    am::monitor => self.monitor = Some(MonitorOptions::parse(value)?),
                    am::reply if of_request => {
                        (self.reply_success, self.reply_error) = match value {
                            am::yes => (true, true),
                            am::no => (false, false),
                            am::error_only => (false, true),
                            am::success_only => (true, false),
                            _ => return None,
                        }
                    }
                    am::reply_tag if of_request => self.reply_tag = value,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// With a reference, if the parent needs one.
    fn into_options(self, cx: &Cx<'_>) -> Options {
        let monitor = self.monitor.as_ref().map(|monitor| match monitor.alias {
            Some(_) => reference::fresh_owned(cx.process.id()),
            None => reference::fresh(),
        });
        let (alias, tag) = self.monitor.map_or((None, None), |m| (m.alias, m.tag));
        Options {
            link: self.link,
            monitor,
            monitor_tag: tag.map(Parcel::new),
            alias,
            priority: self.priority,
            heap: self.heap,
            message_queue_off_heap: self.off_heap,
            ..Options::default()
        }
    }
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
    let options = wanted.into_options(cx);
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
            let mut options = wanted.into_options(cx);
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

/// There is no connection to other nodes: the request fails at once. Options of the process itself are
/// the other node's affair.
fn dist_spawn_request(cx: &mut Cx<'_>) -> Outcome {
    let [node, call, options, kind] = cx.take();
    let Some([module, function, args]) = call.as_tuple_of() else { return Ok(am::badarg) };
    let of_request = kind == am::spawn_request;
    if !node.is_atom() || !is_call(module, function, args) || !is_proper(options) {
        return Ok(am::badarg);
    }
    let mut wanted = Wanted::new();
    let mut good = true;
    for option in options.list() {
        let own = option == am::link
            || option == am::monitor
            || option.as_tuple_of::<2>().is_some_and(|[key, _]| {
                key == am::monitor || of_request && (key == am::reply || key == am::reply_tag)
            });
        good &= !own || wanted.set(option, of_request).is_some();
    }
    let is_monitor = Term::from_bool(wanted.monitor.is_some());
    let reason = if good { am::noconnection } else { am::badopt };
    let reference = refuse(cx, wanted.reply_tag, reason, wanted.reply_error)?;
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
    cx.own.message_to_self(cx.process, message);
}

/// The reply to a request is there as soon as the request is made: none is outstanding.
fn spawn_request_abandon(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0).is_ref() { Ok(am::false_) } else { cx.badarg() }
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
