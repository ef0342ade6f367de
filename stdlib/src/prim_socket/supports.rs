//! What is supported here, and the numbers of the system's that go with it.

use std::ffi::CString;

use glulam_vm::bif::{Cx, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::port::socket::{self as system, constant as c};
use glulam_vm::{Atom, Term};

use super::message::{FLAGS, level_term};
use super::option::table::{LEVELS, Level};
use super::{atom, bool_term, ioctl, name_of};

/// `nif_supports()`
pub(super) fn features(cx: &mut Cx<'_>) -> Outcome {
    let pairs: Vec<Term> = ["sctp", "ipv6", "local", "netns", "sendfile"]
        .map(|feature| cx.tuple(&[atom(feature), bool_term(true)]))
        .to_vec();
    Ok(cx.list(&pairs))
}

/// `{Name, Number}` of each.
fn numbers(cx: &mut Cx<'_>, table: &[(&'static str, i64)]) -> Term {
    let pairs: Vec<Term> = table.iter().map(|row| cx.tuple(&[atom(row.0), Term::small(row.1)])).collect();
    cx.list(&pairs)
}

/// `nif_supports(Key)`
pub(super) fn table(cx: &mut Cx<'_>) -> Outcome {
    Ok(match name_of(cx.arg(0)) {
        "msg_flags" => numbers(cx, &FLAGS.map(|(name, bit)| (name, bit.into()))),
        "protocols" => protocols(cx),
        "ioctl_requests" => numbers(cx, &ioctl::REQUESTS.map(|(name, number)| (name, number as i64))),
        "ioctl_flags" => numbers(cx, &ioctl::FLAGS.map(|(name, bit)| (name, bit.into()))),
        "options" => {
            let levels: Vec<Term> = LEVELS.iter().map(|level| options(cx, level)).collect();
            cx.list(&levels)
        }
        _ => Term::NIL,
    })
}

/// `{[Name], Number}` of each protocol: those that OTP itself names, then the system's, which count
/// for more.
fn protocols(cx: &mut Cx<'_>) -> Term {
    let known = [
        ("sctp", c::IPPROTO_SCTP),
        ("udp", c::IPPROTO_UDP),
        ("tcp", c::IPPROTO_TCP),
        ("ipv6", c::IPPROTO_IPV6),
        ("ip", c::IPPROTO_IP),
    ];
    let mut terms = Vec::new();
    for (name, number) in known {
        let names = cx.list(&[atom(name)]);
        terms.push(cx.tuple(&[names, Term::small(number.into())]));
    }
    // Where two have one number, the system's first counts.
    for (names, number) in system::protocols().into_iter().rev() {
        let names: Vec<Term> = names.iter().filter_map(protocol_name).collect();
        if !names.is_empty() {
            let names = cx.list(&names);
            terms.push(cx.tuple(&[names, Term::small(number.into())]));
        }
    }
    cx.list(&terms)
}

fn protocol_name(name: &CString) -> Option<Term> {
    Atom::intern(name.to_str().ok()?).ok().map(Term::from_atom)
}

/// `{Level, [{Name, Number} | Name]}`: a name alone is an option that is not supported.
fn options(cx: &mut Cx<'_>, level: &Level) -> Term {
    let mut terms = Vec::new();
    for option in level.options {
        terms.push(cx.tuple(&[atom(option.name), Term::small(option.number.into())]));
    }
    terms.extend(level.unsupported.iter().map(|name| atom(name)));
    let options = cx.list(&terms);
    cx.tuple(&[level_term(level.number), options])
}
