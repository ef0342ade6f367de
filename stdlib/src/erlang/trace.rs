//! `erlang`: tracing of processes and functions.

use glulam_vm::bif::match_spec::{Dialect, MatchSpec};
use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port;
use glulam_vm::process::Parcel;
use glulam_vm::process::trace::{Tracer, flag};
use glulam_vm::table::{processes, route};
use glulam_vm::trace::flags::{self, Wanted};
use glulam_vm::trace::pattern::{self, Change, Functions, Kind, Pattern};
use glulam_vm::trace::{self, tracee};
use glulam_vm::{Atom, Term, am};

glulam_vm::bifs! {
    erlang:trace_delivered/1        Normal => trace_delivered;
    erlang:trace_info/2             Normal => trace_info;
    erts_internal:trace/3           Normal => trace;
    erts_internal:trace_pattern/3   Normal => trace_pattern;
    erlang:match_spec_test/3        Normal => match_spec_test;
}

/// `{trace_delivered, Tracee, Ref}` comes at once: a tracer is told as soon as something happens.
fn trace_delivered(cx: &mut Cx<'_>) -> Outcome {
    let tracee = cx.arg(0);
    if tracee != am::all && !tracee.is_local_pid() {
        return cx.badarg();
    }
    let number = crate::new_reference(cx);
    let reference = cx.reference(number);
    let message = cx.tuple(&[am::trace_delivered, tracee, reference]);
    route::send_parcel(cx.self_pid(), Parcel::new(message));
    Ok(reference)
}

fn trace_info(cx: &mut Cx<'_>) -> Outcome {
    let [what, item] = cx.take();
    let value = match what {
        am::on_load => function_item(cx, &pattern::of_on_load(), item),
        am::send | am::receive => event_item(cx, what == am::receive, item),
        am::new | am::new_processes | am::new_ports => tracee::info(item, tracee::new_ones(what == am::new_ports), cx),
        _ if what.as_tuple().is_some() => return trace_info_function(cx, what, item),
        _ if what.is_local_pid() && matches!(item, am::flags | am::tracer) => {
            let state = if what == cx.self_pid() {
                Some(tracee::state(&cx.process.traced, what, Some((cx.process, cx.own))))
            } else {
                processes::of_term(what).map(|process| tracee::state(&process.traced, what, None))
            };
            match state {
                Some(state) => tracee::info(item, state, cx),
                None => Some(am::undefined),
            }
        }
        _ if what.is_local_port() && matches!(item, am::flags | am::tracer) => match port_of(what) {
            Some(port) => tracee::info(item, tracee::state(&port.traced, what, None), cx),
            None => Some(am::undefined),
        },
        _ => None,
    };
    match value {
        Some(value) => Ok(cx.tuple(&[item, value])),
        None => cx.badarg(),
    }
}

fn port_of(term: Term) -> Option<std::sync::Arc<port::Port>> {
    port::find(port::PortId::of(term)?)
}

fn trace_info_function(cx: &mut Cx<'_>, what: Term, item: Term) -> Outcome {
    let function = what.as_tuple_of::<3>().and_then(|[m, f, a]| Some((m.as_atom()?, f.as_atom()?, a.as_small()?)));
    let Some((module, function, arity)) = function else { return cx.badarg() };
    let traced = u8::try_from(arity).ok().and_then(|arity| pattern::of_function(module, function, arity));
    let value = match traced {
        // Whatever the item.
        None => am::undefined,
        Some(traced) if traced.is_nothing() => am::false_,
        Some(traced) => match function_item(cx, &traced, item) {
            Some(value) => value,
            None => return cx.badarg(),
        },
    };
    Ok(cx.tuple(&[item, value]))
}

fn function_item(cx: &mut Cx<'_>, traced: &pattern::Traced, item: Term) -> Option<Term> {
    Some(match item {
        am::traced if traced.global => am::global,
        am::traced if traced.local => am::local,
        am::traced => am::false_,
        am::match_spec => traced.pattern.as_ref().map_or(am::false_, |p| p.source(cx)),
        am::meta => match &traced.meta {
            Some((_, tracer)) if trace::is_there(tracer) => flags::tracer_term(tracer, cx),
            Some(_) => Term::NIL,
            None => am::false_,
        },
        am::meta_match_spec => traced.meta.as_ref().map_or(am::false_, |(p, _)| p.source(cx)),
        am::call_count => match traced.count {
            Some(count) => cx.u64(count),
            None => am::false_,
        },
        am::call_time => match &traced.times {
            Some(times) => call_times(cx, times),
            None => am::false_,
        },
        am::all => {
            if traced.is_nothing() {
                return Some(am::false_);
            }
            const ITEMS: [Term; 6] =
                [am::traced, am::match_spec, am::meta, am::meta_match_spec, am::call_time, am::call_count];
            let mut rows = Vec::new();
            for item in ITEMS {
                let value = function_item(cx, traced, item)?;
                rows.push(cx.tuple(&[item, value]));
            }
            cx.list(&rows)
        }
        _ => return None,
    })
}

/// `[{Pid, Calls, Seconds, Microseconds}]`
fn call_times(cx: &mut Cx<'_>, times: &[(glulam_vm::process::Pid, u64, i64)]) -> Term {
    let mut rows = Vec::new();
    for (pid, calls, nanoseconds) in times {
        let micros = nanoseconds / 1000;
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let calls = cx.u64(*calls);
        rows.push(cx.tuple(&[pid.term(), calls, Term::small(seconds), Term::small(micros)]));
    }
    cx.list(&rows)
}

fn event_item(cx: &mut Cx<'_>, receive: bool, item: Term) -> Option<Term> {
    if item != am::match_spec {
        return None;
    }
    Some(match pattern::of_event(receive) {
        None => am::false_,
        Some(pattern) => match pattern.source(cx) {
            Term::NIL => am::true_,
            source => source,
        },
    })
}

/// Sets or clears flags of processes and ports: how many there are.
fn trace(cx: &mut Cx<'_>) -> Outcome {
    let [what, on, list] = cx.take();
    let Some(wanted) = Wanted::of(list) else { return cx.badarg_because(am::badopt) };
    let Some(on) = on.as_bool() else { return cx.badarg() };
    let me = Tracer::Process(cx.process.id());
    let tracer = if on { Some(wanted.tracer.clone().unwrap_or(me)) } else { None };
    if wanted.cpu_timestamp {
        if what != am::all {
            return cx.badarg();
        }
        flags::set_cpu_timestamp(on);
    }
    if what.is_local_pid() || what.is_local_port() {
        let started = if let Some(process) = processes::of_term(what) {
            tracee::start(&process.traced, what, on, wanted.flags, tracer.as_ref())
        } else if let Some(port) = port_of(what) {
            tracee::start(&port.traced, what, on, wanted.flags, tracer.as_ref())
        } else {
            return cx.badarg();
        };
        if started.is_err() {
            glulam_vm::sched::system::report("** can only have one tracer per process **\n");
            return cx.badarg();
        }
        return Ok(Term::small(1));
    }
    many(cx, what, on, &wanted, tracer.as_ref())
}

/// Flags that say something about processes, and about ports.
const OF_PROCESSES: u32 = flag::SEND
    | flag::RECEIVE
    | flag::CALL
    | flag::PROCS
    | flag::RUNNING
    | flag::RUNNING_PROCS
    | flag::EXITING
    | flag::GARBAGE_COLLECTION
    | flag::SET_ON_SPAWN
    | flag::SET_ON_FIRST_SPAWN
    | flag::SET_ON_LINK
    | flag::SET_ON_FIRST_LINK
    | flag::RETURN_TO;
const OF_PORTS: u32 = flag::SEND | flag::RECEIVE | flag::PORTS | flag::RUNNING | flag::RUNNING_PORTS;

fn many(cx: &mut Cx<'_>, what: Term, on: bool, wanted: &Wanted, tracer: Option<&Tracer>) -> Outcome {
    let (processes, ports) = match what {
        am::all | am::existing | am::new => (true, true),
        am::processes | am::existing_processes | am::new_processes => (true, false),
        am::ports | am::existing_ports | am::new_ports => (false, true),
        _ => return cx.badarg(),
    };
    let only_other = |of: u32, other: u32| wanted.flags & of == 0 && wanted.flags & other != 0;
    let (processes, ports) = (
        processes && !only_other(OF_PROCESSES, OF_PORTS),
        ports && !only_other(OF_PORTS, OF_PROCESSES),
    );
    let existing = !matches!(what, am::new | am::new_processes | am::new_ports);
    let later = matches!(what, am::all | am::processes | am::ports | am::new | am::new_processes | am::new_ports);
    let mut count = 0;
    if existing && processes {
        for process in processes::all() {
            let pid = process.pid();
            count += usize::from(tracee::start(&process.traced, pid, on, wanted.flags, tracer).is_ok());
        }
    }
    if existing && ports {
        for id in port::all() {
            if let Some(port) = port::find(id) {
                count += usize::from(tracee::start(&port.traced, id.term(), on, wanted.flags, tracer).is_ok());
            }
        }
    }
    if later {
        if processes {
            tracee::start_new(false, on, wanted.flags, tracer);
        }
        if ports {
            tracee::start_new(true, on, wanted.flags, tracer);
        }
    }
    Ok(cx.usize(count))
}

/// Which sorts of tracing the flags of a pattern ask for.
fn kind_of(cx: &Cx<'_>, list: Term) -> Option<Kind> {
    let mut kind = Kind::default();
    let mut global = false;
    let mut rest = list.list();
    for item in rest.by_ref() {
        match item {
            am::global => global = true,
            am::local => kind.local = true,
            am::call_count => kind.call_count = true,
            am::call_time => kind.call_time = true,
            am::meta => {
                kind.is_meta = true;
                kind.meta.get_or_insert(Tracer::Process(cx.process.id()));
            }
            _ => {
                kind.meta = flags::tagged_tracer(item, am::meta)?;
                kind.is_meta = true;
            }
        }
        if global && !kind.is_global() {
            return None;
        }
    }
    rest.rest().is_nil().then_some(kind)
}

fn trace_pattern(cx: &mut Cx<'_>) -> Outcome {
    let [functions, spec, list] = cx.take();
    let is_event = matches!(functions, am::send | am::receive);
    let dialect = if is_event { Dialect::Event } else { Dialect::Call };
    let change = match spec {
        am::false_ => Change::Off,
        am::true_ | Term::NIL => Change::On(Pattern::any(dialect)),
        am::restart => Change::Restart,
        am::pause => Change::Pause,
        _ => match Pattern::of_spec(spec, dialect) {
            Ok(pattern) => Change::On(pattern),
            Err(bad) if bad.too_deep => return cx.system_limit(),
            Err(_) => return cx.badarg_because(am::match_spec),
        },
    };
    let Some(kind) = kind_of(cx, list) else { return cx.badarg_because(am::badopt) };
    let has_spec = spec.is_cons();
    if has_spec && !kind.local && !kind.is_meta && (kind.call_count || kind.call_time) {
        return cx.badarg_because(am::call_count);
    }
    if is_event {
        if !list.is_nil() {
            return cx.badarg_because(am::none);
        }
        let pattern = match change {
            Change::Off => None,
            Change::On(pattern) => Some(pattern),
            Change::Restart | Change::Pause => return cx.badarg_because(am::none),
        };
        pattern::change_event(functions == am::receive, pattern);
        return Ok(Term::small(1));
    }
    if functions == am::on_load {
        pattern::change_on_load(&kind, &change);
        return Ok(Term::ZERO);
    }
    match functions_of(functions) {
        Some(functions) => Ok(cx.usize(pattern::change(functions, &kind, &change))),
        None => cx.badarg_because(am::none),
    }
}

/// `{Module, Function, Arity}`, of which the last ones may be `'_'`.
fn functions_of(term: Term) -> Option<Functions> {
    let [module, function, arity] = term.as_tuple_of::<3>()?;
    let any = |term: Term| term == am::underscore;
    let name = |term: Term| -> Option<Option<Atom>> { if any(term) { Some(None) } else { term.as_atom().map(Some) } };
    let (m, f) = (name(module)?, name(function)?);
    let a = if any(arity) { None } else { Some(arity.as_small()?) };
    let sound = (m.is_some() || f.is_none()) && (f.is_some() || a.is_none());
    sound.then_some(Functions { module: m, function: f, arity: a })
}

/// `{ok, Result, Flags, Warnings} | {error, Errors}`
fn match_spec_test(cx: &mut Cx<'_>) -> Outcome {
    let [against, spec, kind] = cx.take();
    let tested = match kind {
        am::trace => {
            if !against.is_list() {
                return cx.badarg();
            }
            trace::test(cx, against, spec)
        }
        am::table => MatchSpec::compile_for(spec, Dialect::Table)
            .map(|spec| (spec.run_in_place(cx, against).unwrap_or(am::false_), Vec::new())),
        _ => return cx.badarg(),
    };
    match tested {
        Ok((result, flags)) => {
            let flags = cx.list(&flags);
            Ok(cx.tuple(&[am::ok, result, flags, Term::NIL]))
        }
        Err(bad) => {
            let mut errors = Vec::new();
            for fault in bad.faults {
                let text = cx.string(&fault);
                errors.push(cx.tuple(&[am::error, text]));
            }
            let errors = cx.list(&errors);
            Ok(cx.tuple(&[am::error, errors]))
        }
    }
}
