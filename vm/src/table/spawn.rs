//! Making processes.

use super::processes;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicUsize, Ordering};
use crate::heap::gc::{HeapSettings, defaults};
use crate::heap::{Build, Heap, copy};
use crate::process::relations::{AliasEnd, MonitorIn, MonitorKind, MonitorOut};
use crate::process::signal::{Parcel, Party, RefNumber, Watched};
use crate::process::trace::{self, flag};
use crate::process::{Own, Priority, Process, SpawnInfo};
use crate::term::Term;

/// Where processes start: set by the engine, a floor above.
static START: AtomicUsize = AtomicUsize::new(0);

/// Sets where processes start: an instruction that applies x0:x1 to list x2, then exits.
pub fn set_start(address: *const u64) {
    START.store(address as usize, Ordering::Release);
}

/// Options of a spawn.
pub struct Options {
    pub link: bool,
    /// Monitor by the parent: its reference.
    pub monitor: Option<RefNumber>,
    pub monitor_tag: Option<Parcel>,
    pub alias: Option<AliasEnd>,
    pub priority: Priority,
    pub heap: HeapSettings,
    pub message_queue_off_heap: bool,
    pub async_dist: bool,
    pub is_system: bool,
    /// What `process_info(_, initial_call)` tells, if not the function itself.
    pub initial_call: Option<(Atom, Atom, u8)>,
    /// The reference of the request that the process is the answer to.
    pub request: Option<RefNumber>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            link: false,
            monitor: None,
            monitor_tag: None,
            alias: None,
            priority: Priority::Normal,
            heap: defaults(),
            message_queue_off_heap: false,
            async_dist: false,
            is_system: false,
            initial_call: None,
            request: None,
        }
    }
}

/// Words of the first heap beside the arguments.
const FIRST_HEAP: usize = 40;

/// Makes a process and lets it run; see `make`.
pub fn spawn(
    parent: Option<(&Process, &mut Own)>,
    module: Atom,
    function: Atom,
    args: Term,
    options: Options,
) -> Option<Arc<Process>> {
    let process = make(parent, module, function, args, options)?;
    process.start();
    Some(process)
}

/// Who has a process made: its parent, and the group leader it gets.
pub struct Origin {
    pub parent: Option<Party>,
    pub group_leader: Option<Term>,
    /// The sequential trace token that the process begins with; `[]` for none.
    pub token: Term,
}

/// Makes a process, which runs once it is woken. `parent` is the process that spawns, if any. `None`: the
/// process table is full.
pub fn make(
    parent: Option<(&Process, &mut Own)>,
    module: Atom,
    function: Atom,
    args: Term,
    options: Options,
) -> Option<Arc<Process>> {
    let mut parent = parent;
    let token = match (&mut parent, trace::tracing()) {
        (Some((parent, own)), Some(tracing)) if parent.traced.has(flag::TOKEN) => tracing.next_token(parent, own),
        _ => Term::NIL,
    };
    let origin = Origin {
        parent: parent.as_ref().map(|(process, _)| process.party()),
        group_leader: parent.as_ref().map(|(_, own)| own.group_leader),
        token,
    };
    let process = make_for(&origin, module, function, args, &options)?;
    if let Some((parent, own)) = parent {
        if let Some(tracing) = trace::tracing()
            && (parent.traced.flags() != 0 || trace::new_processes_are_traced())
        {
            let call = match options.initial_call {
                Some(_) => args.list().next().and_then(Term::as_tuple_of),
                None => Some([Term::from_atom(module), Term::from_atom(function), args]),
            };
            if let Some(call) = call {
                let how = trace::Spawn { link: options.link, request: options.request };
                tracing.spawned(parent, own, &process, call, how);
            }
        }
        relate(own, process.party(), options);
    }
    Some(process)
}

/// The same for an origin that isn't a process of this node. What links and watches is told by the caller.
pub fn make_for(origin: &Origin, module: Atom, function: Atom, args: Term, options: &Options) -> Option<Arc<Process>> {
    let initial = options.initial_call.unwrap_or_else(|| (module, function, args.list().count() as u8));
    processes::insert(|pid| {
        let leader = origin.group_leader;
        let words = copy::size_of(args) + leader.map_or(0, copy::size_of);
        let first = if options.heap.min_size > defaults().min_size { options.heap.min_size } else { FIRST_HEAP };
        let mut heap = Heap::with_settings(words + first, options.heap);
        let args = copy::copy_into(args, &mut heap);
        let leader = leader.map_or(pid.term(), |leader| copy::copy_into(leader, &mut heap));
        let registers = vec![Term::from_atom(module), Term::from_atom(function), args];
        let spawned =
            SpawnInfo { module: initial.0, function: initial.1, arity: initial.2, parent: origin.parent };
        let mut own = Own::new(heap, START.load(Ordering::Acquire) as *const u64, registers, leader, spawned);
        own.priority = options.priority;
        if let Some([flags, label, serial, ..]) = origin.token.as_tuple_of::<5>() {
            // One further: it has answered the one that made it.
            let counted = serial.as_small().unwrap_or(0);
            (own.token_progress().last_count, own.token_progress().clock) = (counted, counted + 1);
            let label = copy::copy_into(label, &mut own.heap);
            let token = [flags, label, Term::small(counted + 1), pid.term(), serial];
            own.sequential_trace_token = own.heap.tuple(&token);
        }
        own.message_queue_off_heap = options.message_queue_off_heap;
        own.async_dist = options.async_dist;
        if let Some(parent) = origin.parent {
            if options.link {
                own.relations().link(parent);
            }
            if let Some(reference) = options.monitor {
                own.relations().monitored_by.insert(reference, MonitorIn { watcher: parent, as_name: None });
            }
        }
        (own, options.is_system)
    })
}

/// The parent's side of links and monitors.
fn relate(own: &mut Own, party: Party, options: Options) {
    if options.link {
        own.relations().link(party);
    }
    let Some(reference) = options.monitor else { return };
    let monitor = MonitorOut {
        watched: Watched::Party(party),
        target: Some(party),
        tag: options.monitor_tag,
        kind: MonitorKind::Process,
    };
    own.relations().monitors.insert(reference, monitor);
    if let Some(end) = options.alias {
        own.relations().aliases.insert(reference, end);
    }
}

/// A process that nobody spawned: one of the runtime's own.
pub fn spawn_system(module: Atom, function: Atom, args: Term, priority: Priority) -> Option<Arc<Process>> {
    spawn(None, module, function, args, Options { priority, is_system: true, ..Options::default() })
}
