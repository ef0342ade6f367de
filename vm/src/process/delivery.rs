//! The short way of a message: onto the heap of a receiver that waits.
//!
//! Most messages find their receiver waiting, with nothing in its inbox. Its sender then takes hold of
//! it, as a scheduler would, copies the message to where a collection would bring it anyway, and hands
//! the receiver on to run. That saves a fragment, a place in the inbox, and copying twice. Signals keep
//! their order (P3): what came before has been handled, or else stands in the inbox and closes this way.

use super::signal::RefNumber;
use super::trace::{self, flag, watch};
use super::{Own, Process, Signal, host};
use crate::heap::{STACK_RESERVE, copy};
use crate::term::Term;

/// Larger messages go the long way: while a message is copied nobody else can run its receiver.
const MOST_WORDS: usize = 64;

/// A process that does not run and has no signals, held to be given something.
struct Held<'a> {
    process: &'a Process,
    own: &'a mut Own,
    /// It is the next to run on this thread, which has held it since it became so.
    is_next: bool,
}

impl Held<'_> {
    /// It has something to do.
    #[inline(always)]
    fn hand_on(self) {
        if !self.is_next {
            host::host().enqueue_held(self.process);
        }
    }

    /// It has no more to do than before.
    fn let_go(self) {
        if !self.is_next {
            self.process.release();
        }
    }

    #[inline(always)]
    fn give(self, message: Term, words: usize) {
        let copy = if words == 0 { message } else { copy::copy_sized(message, words, &mut self.own.heap) };
        self.own.messages.push_local(copy);
        self.hand_on();
    }
}

impl Process {
    /// Holds a process that does not run, has no signals, and has room for so many words.
    #[inline(always)]
    fn hold_idle(&self, words: usize) -> Option<Held<'_>> {
        if words > MOST_WORDS || cfg!(feature = "zeal-fragments") || trace::watches(watch::RUNNABLE_PROCS) {
            return None;
        }
        let is_next = host::host().is_next(self);
        if !is_next && !(self.state.seems_idle() && self.state.hold()) {
            return None;
        }
        // SAFETY: P1: held.
        let held = Held { process: self, own: unsafe { self.own() }, is_next };
        if self.has_signals() || self.traced.has(flag::RECEIVE | flag::TOKEN) || !held.own.takes(words) {
            held.let_go();
            return None;
        }
        Some(held)
    }

    /// Gives a copy of `message`, which takes so many words, to a process that does not run. `false`:
    /// that is not possible, and nothing was done.
    #[inline]
    pub fn hand_over(&self, message: Term, words: usize) -> bool {
        match self.hold_idle(words) {
            Some(held) => {
                held.give(message, words);
                true
            }
            None => false,
        }
    }

    /// The same through an alias.
    pub fn hand_over_to_alias(&self, number: RefNumber, message: Term, words: usize) -> bool {
        let Some(held) = self.hold_idle(words) else { return false };
        if held.own.alias_takes(number) { held.give(message, words) } else { held.let_go() }
        true
    }

    /// A signal about a monitor, or the answer to an unlink: one that does not run need not run for it, unless
    /// a message comes of it. The signal comes back if the process has ended.
    pub fn small_signal(&self, signal: Signal) -> Result<(), Signal> {
        let Some(held) = self.hold_idle(0) else { return self.signal(signal) };
        held.own.handle(self, signal);
        if held.own.messages.at_end() { held.let_go() } else { held.hand_on() }
        Ok(())
    }

    /// Lets a new process run.
    pub fn start(&self) {
        if !trace::watches(watch::RUNNABLE_PROCS) && self.state.hold() {
            host::host().enqueue_held(self);
        } else {
            self.wake();
        }
    }
}

impl Own {
    /// Whether it may be given a message of so many words while it does not run.
    #[inline]
    fn takes(&self, words: usize) -> bool {
        !self.hibernating
            && !self.exit_pending
            && !self.message_queue_off_heap
            && self.heap.room() >= words + STACK_RESERVE
    }
}
