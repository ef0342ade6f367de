//! News of nodes: who wants to hear when one comes and goes.

use crate::am;
use crate::atom::Atom;
use crate::base::sync::Mutex;
use crate::heap::{Build, Fragment, copy, map};
use crate::process::exit_hook::{self, HookId};
use crate::process::{Parcel, Pid};
use crate::table::route;
use crate::term::Term;

/// What a subscription wants to hear, and how (`net_kernel:monitor_nodes/2`).
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Of these kinds only; neither: of visible ones, without the kind being told.
    pub visible: bool,
    pub hidden: bool,
    pub reason: bool,
    pub connection: bool,
    /// The particulars as a map, not as a list.
    pub map: bool,
}

struct Subscription {
    pid: Pid,
    wish: Wish,
    /// How often it was asked for: told as often.
    count: usize,
    /// The end of the process ends it.
    hook: HookId,
}

static SUBSCRIPTIONS: Mutex<Vec<Subscription>> = Mutex::new(Vec::new());

/// One more subscription of the calling process; how many of the same there were.
pub fn subscribe(pid: Pid, wish: Wish) -> usize {
    let mut all = SUBSCRIPTIONS.lock();
    if let Some(same) = all.iter_mut().find(|s| s.pid == pid && s.wish == wish) {
        same.count += 1;
        return same.count - 1;
    }
    let hook = exit_hook::add(pid, move |pid| SUBSCRIPTIONS.lock().retain(|s| s.pid != pid || s.wish != wish));
    all.push(Subscription { pid, wish, count: 1, hook });
    0
}

/// Ends all subscriptions of a process that are the same; how many there were.
pub fn unsubscribe(pid: Pid, wish: Wish) -> usize {
    let mut all = SUBSCRIPTIONS.lock();
    let Some(at) = all.iter().position(|s| s.pid == pid && s.wish == wish) else { return 0 };
    let ended = all.remove(at);
    drop(all);
    exit_hook::remove(ended.hook);
    ended.count
}

/// Tells everybody that a node came or went. `connection` is its number; this node has none.
pub(super) fn tell(what: Term, node: Atom, connection: Option<u32>, kind: Term, reason: Term) {
    let subscriptions: Vec<_> = SUBSCRIPTIONS.lock().iter().map(|s| (s.pid, s.wish, s.count)).collect();
    for (pid, wish, count) in subscriptions {
        let wanted = if kind == am::hidden { wish.hidden } else { wish.visible || !wish.hidden };
        if !wanted {
            continue;
        }
        let mut place = Fragment::new(copy::size_of(reason) + 40);
        let message = message(&mut place, what, node, connection, kind, reason, wish);
        let parcel = Parcel::in_fragment(message, place);
        for _ in 1..count {
            route::send_parcel(pid.term(), parcel.duplicate());
        }
        route::send_parcel(pid.term(), parcel);
    }
}

fn message(
    place: &mut Fragment,
    what: Term,
    node: Atom,
    connection: Option<u32>,
    kind: Term,
    reason: Term,
    wish: Wish,
) -> Term {
    let node = Term::from_atom(node);
    if wish == Wish::default() {
        return place.tuple(&[what, node]);
    }
    // In the order of the keys.
    let mut pairs = Vec::new();
    if wish.connection {
        pairs.push((am::connection_id, connection.map_or(am::undefined, |number| Term::small(number.into()))));
    }
    if wish.visible || wish.hidden {
        pairs.push((am::node_type, kind));
    }
    if wish.reason && what == am::nodedown {
        pairs.push((am::nodedown_reason, copy::copy_into(reason, place)));
    }
    let info = if wish.map {
        let (keys, values): (Vec<Term>, Vec<Term>) = pairs.into_iter().unzip();
        map::from_sorted(&keys, &values, place)
    } else {
        // The reason before the kind: each stands before those that came earlier.
        pairs.sort_by_key(|pair| [am::connection_id, am::nodedown_reason, am::node_type].iter().position(|key| *key == pair.0));
        let pairs: Vec<Term> = pairs.into_iter().map(|(key, value)| place.tuple(&[key, value])).collect();
        place.list(&pairs)
    };
    place.tuple(&[what, node, info])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::print::to_string;

    #[test]
    fn particulars_as_asked_for() {
        let mut place = Fragment::new(400);
        let node = Atom::intern("n@h").unwrap();
        let mut show = |what, wish| to_string(message(&mut place, what, node, Some(7), am::hidden, am::killed, wish));
        assert_eq!(show(am::nodeup, Wish::default()), "{nodeup,'n@h'}");
        let all = Wish { visible: true, hidden: true, reason: true, connection: true, map: false };
        assert_eq!(
            show(am::nodedown, all),
            "{nodedown,'n@h',[{connection_id,7},{nodedown_reason,killed},{node_type,hidden}]}"
        );
        assert_eq!(show(am::nodeup, Wish { map: true, ..Wish::default() }), "{nodeup,'n@h',#{}}");
        assert_eq!(show(am::nodeup, Wish { map: true, connection: false, ..all }), "{nodeup,'n@h',#{node_type=>hidden}}");
    }
}
