//! `erl_ddll`: the drivers there are. All are part of the runtime: none can be loaded or unloaded.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::{Build, text_of};
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    erl_ddll:loaded_drivers/0   Normal => loaded_drivers;
    erl_ddll:try_load/3         Normal => try_load;
    erl_ddll:try_unload/2       Normal => try_unload;
    erl_ddll:info/2             Normal => info;
    erl_ddll:format_error_int/1 Normal => format_error;
    erl_ddll:monitor/2          Normal => monitor;
    erl_ddll:demonitor/1        Normal => demonitor;
}

/// Codes of what can't be opened: there is no such file; or there is, which makes no difference.
const NO_FILE: i64 = -10;
const NO_LOADING: i64 = -11;

fn loaded_drivers(cx: &mut Cx<'_>) -> Outcome {
    let names: Vec<Term> = glulam_vm::port::DRIVERS.iter().map(|name| cx.string(name)).collect();
    let names = cx.list(&names);
    Ok(cx.tuple(&[am::ok, names]))
}

/// The name of a driver: an atom or characters.
fn name_of(term: Term) -> Option<String> {
    text_of(term).or_else(|| term.as_atom().map(|name| name.name().to_string()))
}

fn is_linked_in(name: &str) -> bool {
    glulam_vm::port::DRIVERS.contains(&name)
}

fn error(cx: &mut Cx<'_>, reason: Term) -> Outcome {
    Ok(cx.tuple(&[am::error, reason]))
}

fn try_load(cx: &mut Cx<'_>) -> Outcome {
    let [path, name, options] = cx.take();
    let (Some(path), Some(name)) = (name_of(path), name_of(name)) else { return cx.badarg() };
    if options.proper_list().is_none() {
        return cx.badarg();
    }
    if is_linked_in(&name) {
        return error(cx, am::linked_in_driver);
    }
    let is_there = std::path::Path::new(&path).join(format!("{name}.so")).exists();
    let reason = cx.tuple(&[am::open_error, Term::small(if is_there { NO_LOADING } else { NO_FILE })]);
    error(cx, reason)
}

fn try_unload(cx: &mut Cx<'_>) -> Outcome {
    let [name, options] = cx.take();
    let (Some(name), Some(_)) = (name_of(name), options.proper_list()) else { return cx.badarg() };
    let reason = if is_linked_in(&name) { am::linked_in_driver } else { am::not_loaded };
    error(cx, reason)
}

fn info(cx: &mut Cx<'_>) -> Outcome {
    let [name, item] = cx.take();
    let Some(name) = name_of(name).filter(|name| is_linked_in(name)) else { return cx.badarg() };
    let ports = glulam_vm::port::all().into_iter().filter_map(glulam_vm::port::find);
    match item.as_atom().map(|item| item.name()) {
        Some("processes") => Ok(Term::NIL),
        Some("port_count") => Ok(cx.usize(ports.filter(|port| port.info().name == name.as_bytes()).count())),
        Some("linked_in_driver" | "permanent") => Ok(am::true_),
        Some("driver_options" | "awaiting_load" | "awaiting_unload") => Ok(Term::NIL),
        _ => cx.badarg(),
    }
}

fn format_error(cx: &mut Cx<'_>) -> Outcome {
    let reason = cx.arg(0);
    let text = match reason.as_tuple_of::<2>() {
        Some([am::open_error, code]) => match code.as_small() {
            Some(NO_FILE) => "No such file or directory",
            Some(NO_LOADING) => "This runtime loads no drivers from libraries",
            _ => return cx.badarg(),
        },
        _ => match reason.as_atom().map(|reason| reason.name()) {
            Some("linked_in_driver") => "Driver is part of the runtime",
            Some("not_loaded") => "No driver of that name is loaded",
            _ => return cx.badarg(),
        },
    };
    Ok(cx.string(text))
}

/// Nothing ever loads or unloads: only what holds already could be told.
fn monitor(cx: &mut Cx<'_>) -> Outcome {
    cx.badarg()
}

fn demonitor(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0).is_ref() { Ok(am::true_) } else { cx.badarg() }
}
