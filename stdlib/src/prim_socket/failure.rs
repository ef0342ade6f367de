//! How the natives answer, and take their arguments.

use glulam_vm::base::errno;
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::{Build, Magic};
use glulam_vm::{Atom, Term, am};
use std::sync::Arc;

use super::atom;
use super::state::{Handle, Socket};

/// What a native gives in place of its result.
pub(crate) enum Failure {
    /// An exception that stands in the process.
    Stop(Stop),
    /// `{error, Name}` of an error of the system.
    Errno(i32),
    /// `{error, Reason}`
    Error(Term),
    /// `{invalid, What}`, which `prim_socket` completes.
    Invalid(Term),
    /// `{error, {invalid, What}}`
    ErrorInvalid(Term),
    /// The exception `{invalid, What}`
    RaiseInvalid(Term),
    BadArg,
}

pub(crate) type Answer = Result<Term, Failure>;

impl From<i32> for Failure {
    fn from(number: i32) -> Failure {
        Failure::Errno(number)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Failure {
        Failure::Stop(stop)
    }
}

impl Failure {
    /// The socket is closed.
    pub fn closed() -> Failure {
        Failure::Error(am::closed)
    }

    /// `{error, {invalid, state}}`: something else goes on with the socket.
    pub fn state() -> Failure {
        Failure::ErrorInvalid(atom("state"))
    }
}

/// The name of an error of the system.
pub(crate) fn errno_term(number: i32) -> Term {
    Term::from_atom(Atom::known(errno::name(number)))
}

/// Runs a native's body and puts its answer into its form.
pub(crate) fn answer(cx: &mut Cx<'_>, body: impl FnOnce(&mut Cx<'_>) -> Answer) -> Outcome {
    let failure = match body(cx) {
        Ok(term) => return Ok(term),
        Err(failure) => failure,
    };
    match failure {
        Failure::Stop(stop) => Err(stop),
        Failure::Errno(number) => Ok(cx.tuple(&[am::error, errno_term(number)])),
        Failure::Error(reason) => Ok(cx.tuple(&[am::error, reason])),
        Failure::Invalid(what) => Ok(cx.tuple(&[am::invalid, what])),
        Failure::ErrorInvalid(what) => {
            let reason = cx.tuple(&[am::invalid, what]);
            Ok(cx.tuple(&[am::error, reason]))
        }
        Failure::RaiseInvalid(what) => {
            let reason = cx.tuple(&[am::invalid, what]);
            cx.error(reason)
        }
        Failure::BadArg => cx.badarg(),
    }
}

/// `{ok, Value}`
pub(crate) fn ok(cx: &mut Cx<'_>, value: Term) -> Answer {
    Ok(cx.tuple(&[am::ok, value]))
}

/// The socket that an argument refers to.
pub(super) fn socket_of(term: Term) -> Result<Arc<Socket>, Failure> {
    Magic::value_of::<Handle>(&term).map(|handle| handle.0.clone()).ok_or(Failure::BadArg)
}

/// A number that another type than the argument's can't hold: `{invalid, {integer_range, N}}`.
fn out_of_range(cx: &mut Cx<'_>, term: Term) -> Failure {
    if term.is_integer() {
        let what = cx.tuple(&[atom("integer_range"), term]);
        return Failure::Invalid(what);
    }
    Failure::BadArg
}

/// An `int`.
pub(crate) fn int(cx: &mut Cx<'_>, term: Term) -> Result<i32, Failure> {
    int_of(term).ok_or_else(|| out_of_range(cx, term))
}

/// An `int`, or nothing.
pub(crate) fn int_of(term: Term) -> Option<i32> {
    term.as_i64().and_then(|n| i32::try_from(n).ok())
}

/// A size.
pub(super) fn size(cx: &mut Cx<'_>, term: Term) -> Result<usize, Failure> {
    let size = term.as_u64().and_then(|n| isize::try_from(n).ok()).map(|n| n as usize);
    size.ok_or_else(|| out_of_range(cx, term))
}

/// An offset within a file.
pub(super) fn offset(cx: &mut Cx<'_>, term: Term) -> Result<i64, Failure> {
    term.as_i64().ok_or_else(|| out_of_range(cx, term))
}

/// A reference.
pub(super) fn reference(term: Term) -> Result<Term, Failure> {
    if term.is_ref() { Ok(term) } else { Err(Failure::BadArg) }
}

/// A reference, or `zero`: who gives that does not want to be told.
pub(super) fn reference_or_zero(term: Term) -> Result<Option<Term>, Failure> {
    if term == atom("zero") { Ok(None) } else { reference(term).map(Some) }
}
