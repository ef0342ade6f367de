//! `process_flag`, group leaders.

use glulam_vm::process::trace::flag;
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::dist::nodes::{self, Wish};
use glulam_vm::dist;
use glulam_vm::heap::gc;
use glulam_vm::process::signal::Request;
use glulam_vm::process::{Aside, Own, Parcel, Party, Pid, Priority, Process, Signal};
use glulam_vm::runtime::config::current;
use glulam_vm::table::{processes, route};
use glulam_vm::{Term, am};

use super::process::{Asker, ask};
use super::system::info;

glulam_vm::bifs! {
    /// Sets a flag of the calling process; what it was.
    erlang:process_flag/2          Normal => process_flag;
    /// Sets a flag of any process: what it was, or why not as an atom.
    erts_internal:process_flag/3   Normal => process_flag_of;
    erlang:group_leader/0          Normal => group_leader;
    /// `true`, `badarg`, or `false` if the process itself has to do it.
    erts_internal:group_leader/2   Normal => set_group_leader;
    /// Has the process do it, which answers by message.
    erts_internal:group_leader/3   Normal => ask_group_leader;
}

/// Why a flag is not set.
enum Bad {
    Flag,
    Value,
    SavedCalls,
}

fn process_flag(cx: &mut Cx<'_>) -> Outcome {
    let [flag, value] = cx.take();
    match set(cx, flag, value) {
        Ok(old) => Ok(old),
        Err(Bad::Value) => cx.badarg(),
        Err(Bad::Flag) => cx.badarg_because(am::badopt),
        Err(Bad::SavedCalls) => cx.badarg_because(am::none),
    }
}

fn set(cx: &mut Cx<'_>, flag: Term, value: Term) -> Result<Term, Bad> {
    let truth = value.as_bool().ok_or(Bad::Value);
    let count = value.as_usize().filter(|_| value.is_small()).ok_or(Bad::Value);
    let number = |n: usize| Term::small(n as i64);
    Ok(match flag {
        am::trap_exit => Term::from_bool(std::mem::replace(&mut cx.own.trap_exit, truth?)),
        am::error_handler => {
            let module = value.as_atom().ok_or(Bad::Value)?;
            Term::from_atom(std::mem::replace(&mut cx.own.error_handler, module))
        }
        am::priority => {
            let new = Priority::of(value).ok_or(Bad::Value)?;
            cx.own.set_priority(cx.process, new).term()
        }
        am::fullsweep_after => {
            let new = u32::try_from(count?).unwrap_or(u32::MAX);
            number(std::mem::replace(&mut cx.own.heap.fullsweep_after, new) as usize)
        }
        am::min_heap_size => {
            let new = gc::round_min_heap_size(count?).ok_or(Bad::Value)?;
            number(std::mem::replace(&mut cx.own.heap.min_size, new))
        }
        am::min_bin_vheap_size => {
            let least = gc::defaults().min_virtual;
            let wanted = count?;
            let new = if wanted < least { least } else { gc::at_least(wanted) };
            number(std::mem::replace(&mut cx.own.heap.min_virtual, new))
        }
        am::max_heap_size => {
            let new = gc::MaxHeapSize::of(value, gc::default_max_heap_size()).ok_or(Bad::Value)?;
            if new.size != 0 && new.size < cx.own.heap.min_size {
                return Err(Bad::Value);
            }
            let old = std::mem::replace(&mut cx.own.heap.max_size, new);
            info::max_heap_size(cx, old)
        }
        am::message_queue_data => {
            let new = match value {
                am::off_heap => true,
                am::on_heap => false,
                _ => return Err(Bad::Value),
            };
            let old = std::mem::replace(&mut cx.own.message_queue_off_heap, new);
            if old { am::off_heap } else { am::on_heap }
        }
        am::sensitive => {
            let new = truth?;
            if new {
                // What is told of the slice ends here.
                cx.own.reductions_left = 0;
                cx.process.traced.set(flag::SENSITIVE);
            } else {
                cx.process.traced.clear(flag::SENSITIVE);
            }
            Term::from_bool(std::mem::replace(&mut cx.own.sensitive, new))
        }
        // A wish: any scheduler may run it.
        am::scheduler => {
            let new = count?;
            if new > current().schedulers {
                return Err(Bad::Value);
            }
            number(std::mem::replace(&mut cx.own.bound_to, new as u32) as usize)
        }
        am::monitor_nodes => monitor_nodes(cx.process.id(), Wish::default(), truth?),
        _ => match flag.as_tuple_of::<2>() {
            Some([am::monitor_nodes, options]) => {
                let wish = wish_of(options).ok_or(Bad::Value)?;
                monitor_nodes(cx.process.id(), wish, truth?)
            }
            _ => return saved_calls(cx.own, flag, value),
        },
    })
}

/// The options of `net_kernel:monitor_nodes/2`: a map, or none.
fn wish_of(options: Term) -> Option<Wish> {
    if options.is_nil() {
        return Some(Wish::default());
    }
    let options = options.as_map().filter(|map| map.is_flat())?;
    let mut wish = Wish { map: true, ..Wish::default() };
    for (&key, &value) in options.flat_keys().iter().zip(options.flat_values()) {
        match (key, value) {
            (am::list, am::true_) => wish.map = false,
            (am::connection_id, _) => wish.connection = value.as_bool()?,
            (am::nodedown_reason, _) => wish.reason = value.as_bool()?,
            (am::node_type, am::visible) => wish.visible = true,
            (am::node_type, am::hidden) => wish.hidden = true,
            (am::node_type, am::all) => (wish.visible, wish.hidden) = (true, true),
            _ => return None,
        }
    }
    Some(wish)
}

/// Subscribes to news of nodes once more, or ends all such subscriptions; how many there were.
fn monitor_nodes(pid: Pid, wish: Wish, on: bool) -> Term {
    let before = if on { nodes::subscribe(pid, wish) } else { nodes::unsubscribe(pid, wish) };
    Term::small(before as i64)
}

/// `save_calls`, the flag that may be set from outside.
fn saved_calls(own: &mut Own, flag: Term, value: Term) -> Result<Term, Bad> {
    if flag != am::save_calls {
        return Err(Bad::Flag);
    }
    match value.as_small() {
        Some(n @ 0..=10_000) => Ok(Term::small(std::mem::replace(&mut own.save_calls, n as usize) as i64)),
        _ => Err(Bad::SavedCalls),
    }
}

struct SetSavedCalls {
    value: Option<i64>,
    is_flag: bool,
    asker: Asker,
}

impl Request for SetSavedCalls {
    fn run(self: Box<Self>, _: &Process, own: &mut Own) {
        let flag = if self.is_flag { am::save_calls } else { am::undefined };
        let value = self.value.map_or(am::undefined, Term::small);
        let result = if own.exit_pending { Err(Bad::Flag) } else { saved_calls(own, flag, value) };
        self.asker.answer_plain(result.unwrap_or(am::badarg));
    }
    fn dead(self: Box<Self>) {
        self.asker.answer_plain(am::badtype);
    }
}

fn process_flag_of(cx: &mut Cx<'_>) -> Outcome {
    let [pid, flag, value] = cx.take();
    if pid == cx.self_pid() {
        return Ok(saved_calls(cx.own, flag, value).unwrap_or(am::badarg));
    }
    let Some(party) = Party::of(pid).filter(|_| processes::of_term(pid).is_some()) else {
        return Ok(am::badtype);
    };
    let asker = Asker::new(cx);
    let number = asker.reference;
    let request = SetSavedCalls { value: value.as_small(), is_flag: flag == am::save_calls, asker };
    ask(cx, party, number, Box::new(request))
}

fn group_leader(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.own.group_leader)
}

fn set_group_leader(cx: &mut Cx<'_>) -> Outcome {
    let [leader, pid] = cx.take();
    if !leader.is_pid() {
        return Ok(am::badarg);
    }
    if pid == cx.self_pid() {
        cx.own.group_leader = leader;
        return Ok(am::true_);
    }
    if pid.is_pid() && !pid.is_local_pid() {
        dist::set_group_leader(leader, pid);
        return Ok(am::true_);
    }
    Ok(if processes::of_term(pid).is_some() { am::false_ } else { am::badarg })
}

struct SetGroupLeader(Parcel, Asker);

impl Request for SetGroupLeader {
    fn run(self: Box<Self>, _: &Process, own: &mut Own) {
        if own.exit_pending {
            return self.dead();
        }
        let SetGroupLeader(leader, asker) = *self;
        own.group_leader = leader.unpack(own);
        asker.answer_plain(am::true_);
    }
    fn in_native(&mut self, _: &Process, aside: &mut Aside) -> bool {
        aside.set_group_leader(self.0.duplicate());
        self.1.answer_plain(am::true_);
        true
    }
    fn dead(self: Box<Self>) {
        self.1.answer_plain(am::badarg);
    }
}

fn ask_group_leader(cx: &mut Cx<'_>) -> Outcome {
    let [leader, pid, reference] = cx.take();
    let (Some(party), Some(reference)) = (Party::of(pid).filter(|_| pid.is_local_pid()), reference.as_local_ref())
    else {
        return cx.badarg();
    };
    if !leader.is_pid() {
        return cx.badarg();
    }
    let asker = Asker { to: cx.process.id(), reference };
    let request = Box::new(SetGroupLeader(Parcel::new(leader), asker));
    route::deliver_for(party, Signal::Request(request), cx.own.priority);
    Ok(am::ok)
}
