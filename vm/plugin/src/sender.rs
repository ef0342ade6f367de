//! Sending messages from any thread.

use std::marker::PhantomData;

use glulam_abi::sent;

use crate::glue::table;
use crate::{Cx, Error, FromTerm, IntoTerm, Pid, Term};

/// Why nothing was sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SendError {
    /// The process has ended.
    Dead,
    /// So many messages wait for it that it gets no more until it has caught up.
    Full,
}

impl std::fmt::Display for SendError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SendError::Dead => "the process has ended",
            SendError::Full => "the process does not keep up",
        })
    }
}

impl std::error::Error for SendError {}

/// Sends messages of one type to a process.
pub struct Sender<T> {
    to: Pid,
    most: u32,
    of: PhantomData<fn(T)>,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { ..*self }
    }
}

impl<T: IntoTerm> Sender<T> {
    /// To a process, however many messages wait for it.
    pub fn new(to: Pid) -> Sender<T> {
        Sender { to, most: 0, of: PhantomData }
    }

    /// The same, but `Full` when so many messages wait.
    #[must_use]
    pub fn at_most(self, messages: u32) -> Sender<T> {
        Sender { most: messages.max(1), ..self }
    }

    pub fn send(&self, message: T) -> Result<(), SendError> {
        // SAFETY: P4: a message is built and sent by one thread; `send` ends it unless it is full.
        unsafe {
            let call = (table().message_new)();
            let term = message.into_term(Cx::new(call)).raw;
            match (table().send)(self.to.0, call, term, self.most) {
                sent::SENT => Ok(()),
                sent::FULL => {
                    (table().message_free)(call);
                    Err(SendError::Full)
                }
                _ => Err(SendError::Dead),
            }
        }
    }
}

/// From a pid.
impl<'a, T: IntoTerm> FromTerm<'a> for Sender<T> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        term.get().map(Sender::new)
    }
}
