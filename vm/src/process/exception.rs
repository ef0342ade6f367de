//! The exception in flight of a process.

use crate::am;
use crate::term::Term;

/// Exception classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Error,
    Exit,
    Throw,
}

impl Class {
    pub const fn term(self) -> Term {
        match self {
            Class::Error => am::error,
            Class::Exit => am::exit,
            Class::Throw => am::throw,
        }
    }

    /// `error`, `exit` or `throw`.
    pub fn of(term: Term) -> Option<Class> {
        match term {
            am::error => Some(Class::Error),
            am::exit => Some(Class::Exit),
            am::throw => Some(Class::Throw),
            _ => None,
        }
    }
}

/// Class, reason and stack trace. Its terms are roots.
pub struct Exception {
    pub class: Class,
    pub reason: Term,
    /// The stack trace as a term, or `Term::NONE` while it has to be made.
    pub trace: Term,
    /// What `error_info`'s `cause` says, or `Term::NONE`.
    pub cause: Term,
    /// The arguments of the native or function that failed, or `Term::NONE`.
    pub args: Term,
    /// The native that failed: the first entry of the stack trace.
    pub native: Option<&'static crate::code::Export>,
    /// Raised on behalf of the native's caller (`erlang:error/1` and its like): the native itself
    /// does not stand in the stack trace.
    pub by_caller: bool,
    /// On its way to a handler.
    pub(crate) caught: bool,
}

impl Exception {
    pub const fn new(class: Class, reason: Term) -> Exception {
        Exception {
            class,
            reason,
            trace: Term::NONE,
            cause: Term::NONE, args: Term::NONE, native: None, by_caller: false, caught: false }
    }
}
