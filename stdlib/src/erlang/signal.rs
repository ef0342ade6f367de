//! Sending messages, and aliases to send them to.

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::process::reference;
use glulam_vm::process::relations::AliasEnd;
use glulam_vm::table::route::{self, How, Sent};
use glulam_vm::{Term, am};

glulam_vm::bifs! {
    /// `To ! Message`
    erlang:"!"/2      Normal => send;
    erlang:send/2     Normal => send;
    /// The same with options: `ok`, where the others give the message.
    erlang:send/3     Normal => send_with;
    /// A reference that messages can be sent to.
    erlang:alias/1    Normal => alias;
    /// Ends an alias.
    erlang:unalias/1  Normal => unalias;
}

fn send(cx: &mut Cx<'_>) -> Outcome {
    let [to, message] = cx.take();
    cx.charge(4);
    match route::send(cx.process, cx.own, to, message) {
        Ok(()) => Ok(message),
        Err(_) => cx.badarg(),
    }
}

fn send_with(cx: &mut Cx<'_>) -> Outcome {
    let [to, message, options] = cx.take();
    let mut rest = options.list();
    let mut how = How::default();
    let known = rest.by_ref().all(|option| {
        how.no_connect |= option == am::noconnect;
        how.no_suspend |= option == am::nosuspend;
        matches!(option, am::noconnect | am::nosuspend)
    });
    if !known || !rest.rest().is_nil() {
        return cx.badarg_because(am::badopt);
    }
    cx.charge(4);
    match route::send_with(cx.process, cx.own, to, message, how) {
        Ok(Sent::Done) => Ok(am::ok),
        Ok(Sent::NoConnect) => Ok(am::noconnect),
        Ok(Sent::NoSuspend) => Ok(am::nosuspend),
        Err(_) => cx.badarg(),
    }
}

fn alias(cx: &mut Cx<'_>) -> Outcome {
    let mut end = AliasEnd::Explicit;
    let mut options = cx.arg(0).list();
    for option in options.by_ref() {
        end = match option {
            am::explicit_unalias => AliasEnd::Explicit,
            am::reply => AliasEnd::Reply,
            _ => return cx.badarg(),
        };
    }
    if !options.rest().is_nil() {
        return cx.badarg();
    }
    let number = reference::fresh_owned(cx.process.id());
    cx.own.relations().aliases.insert(number, end);
    Ok(cx.reference(number))
}

fn unalias(cx: &mut Cx<'_>) -> Outcome {
    let alias = cx.arg(0);
    if !alias.is_ref() {
        return cx.badarg();
    }
    let active = match (alias.as_local_ref(), &mut cx.own.relations) {
        (Some(number), Some(relations)) => relations.aliases.remove(&number).is_some(),
        _ => false,
    };
    Ok(Term::from_bool(active))
}
