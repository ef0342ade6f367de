//! Tokens of `seq_trace` in control messages: each kind of message that may carry one has a number of its own for
//! then.

use super::atoms::Malformed;
use super::channel::Channel;
use super::{control as op, flags};
use crate::heap::Build;
use crate::process::{Parcel, Signal, trace};
use crate::term::Term;

/// The number of a message with a token, of the same without one, and where the token stands among the parts.
const NUMBERS: [(i64, i64, usize); 10] = [
    (op::SEND_TT, op::SEND, 2),
    (op::SEND_SENDER_TT, op::SEND_SENDER, 2),
    (op::REG_SEND_TT, op::REG_SEND, 3),
    (op::ALIAS_SEND_TT, op::ALIAS_SEND, 2),
    (op::EXIT_TT, op::EXIT, 2),
    (op::PAYLOAD_EXIT_TT, op::PAYLOAD_EXIT, 2),
    (op::EXIT2_TT, op::EXIT2, 2),
    (op::PAYLOAD_EXIT2_TT, op::PAYLOAD_EXIT2, 2),
    (op::SPAWN_REQUEST_TT, op::SPAWN_REQUEST, 5),
    (op::SPAWN_REPLY_TT, op::SPAWN_REPLY, 4),
];

/// The number of a message with or without a token.
pub(super) fn number(plain: i64, token: Term) -> Term {
    let row = NUMBERS.iter().find(|row| row.1 == plain && !token.is_nil());
    Term::small(row.map_or(plain, |row| row.0))
}

/// Takes the token out of the parts of a message: the number and parts of one without, and the token or `[]`.
pub(super) fn taken_out(number: i64, parts: &[Term]) -> Result<(i64, Vec<Term>, Term), Malformed> {
    let mut parts = parts.to_vec();
    let Some(row) = NUMBERS.iter().find(|row| row.0 == number) else { return Ok((number, parts, Term::NIL)) };
    if row.2 >= parts.len() {
        return Err(Malformed);
    }
    let token = parts.remove(row.2);
    if !is_token(token) {
        return Err(Malformed);
    }
    trace::set_tokens_in_use();
    Ok((row.1, parts, token))
}

/// Whether a term that came is a token: one whose serial numbers can be counted on from.
fn is_token(term: Term) -> bool {
    term.as_tuple_of::<5>().is_some_and(|[flags, _, serial, sender, last]| {
        let counts = |n: Term| n.as_small().is_some_and(|n| (0..1 << 58).contains(&n));
        [flags, serial, last].into_iter().all(counts) && (sender.is_pid() || sender.is_atom())
    })
}

/// The token if the other node can read it, or `[]`: old ones take nothing but small numbers as labels.
pub(super) fn readable(channel: &Channel, token: Term) -> Term {
    const OLD_SMALL: std::ops::Range<i64> = -(1 << 27)..1 << 27;
    let Some([_, label, ..]) = token.as_tuple_of::<5>() else { return Term::NIL };
    let knows_all = channel.is_pending() || channel.flags() & flags::BIG_SEQUENTIAL_TRACE_LABELS != 0;
    if knows_all || label.as_small().is_some_and(|n| OLD_SMALL.contains(&n)) { token } else { Term::NIL }
}

/// The signal with the token, if it is one.
pub(super) fn with(token: Term, signal: Signal) -> Signal {
    if token.is_nil() { signal } else { Signal::With(Box::new((Parcel::new(token), signal))) }
}

/// A request for a process stands for two messages; the token that comes is that of the other one. That of the first.
pub(super) fn of_first(token: Term, place: &mut impl Build) -> Term {
    let Some([flags, label, serial, sender, last]) = token.as_tuple_of::<5>() else { return Term::NIL };
    let serial = Term::small(serial.as_small().unwrap_or(0) - 1);
    place.tuple(&[flags, label, serial, sender, last])
}
