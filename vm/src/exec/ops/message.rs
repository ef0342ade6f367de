//! Sending and receiving.

use crate::exec::RunEnd;
use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
use crate::exec::ops::call::leave;
use crate::process::{Class, Exception};
use crate::table::route;
use crate::term::Term;
use crate::am;

/// The message that the receive looks at, brought to the heap.
#[inline(always)]
fn peek(m: &mut Machine) -> Option<Term> {
    m.save();
    let message = m.own().peek_message();
    m.load();
    message
}

outlined! {
    /// x0 destination, x1 message; the message becomes x0.
    pub(crate) fn send(m: &mut Machine, _i: Ins) -> Flow {
        let (to, message) = (m.x(0), m.x(1));
        m.reductions -= 4;
        m.save();
        let sent = route::send(m.process(), m.own(), to, message);
        m.load();
        match sent {
            Ok(()) => {
                m.set_x(0, message);
                m.next(1)
            }
            Err(_) => {
                m.own().exception = Exception::new(Class::Error, am::badarg);
                m.own().exception.native =
                    Some(crate::code::Export::of(am::erlang.atom(), am::send.atom(), 2));
                Flow::Raise
            }
        }
    }
}

/// `a` destination; word 1: where to wait.
#[inline(always)]
pub(crate) fn loop_rec<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if let Some(message) = m.own().messages.peek_on_heap() {
        m.set(i.a(), message);
        return m.next(2);
    }
    seldom!(FAST, fetch(m, i))
}

outlined! {
    /// The message that the receive looks at is not on the heap, or has not been taken from the inbox.
    fn fetch(m: &mut Machine, i: Ins) -> Flow {
        if let Some(message) = peek(m) {
            m.set(i.a(), message);
            return m.next(2);
        }
        m.save();
        let more = m.own().fetch_messages(m.process());
        m.load();
        if m.own().exit_pending {
            return leave(m, 0, RunEnd::Exited);
        }
        if more && let Some(message) = peek(m) {
            m.set(i.a(), message);
            return m.next(2);
        }
        m.jump(1)
    }
}

/// The message does not match: on to the next. Word 1: the `loop_rec`.
#[inline(always)]
pub(crate) fn loop_rec_end<const FAST: bool>(m: &mut Machine, _i: Ins) -> Flow {
    if m.reductions <= 1 {
        seldom!(FAST, next_in_turn(m))
    }
    m.own().messages.advance();
    m.reductions -= 1;
    m.jump(1)
}

outlined! {
    /// The same at the end of a turn.
    fn next_in_turn(m: &mut Machine) -> Flow {
        m.own().messages.advance();
        m.reductions -= 1;
        m.jump(1);
        leave(m, 0, RunEnd::Yielded)
    }
}

outlined! {
    /// The message matches.
    pub(crate) fn remove_message(m: &mut Machine, _i: Ins) -> Flow {
        m.save();
        m.own().accept_message(m.process());
        m.load();
        m.next(1)
    }
}

/// Whether messages have come that the receive in word 1 is to look at. One without clauses
/// (`receive after T -> ... end`) is its own address, and looks at none.
#[inline(always)]
fn has_more(m: &mut Machine) -> bool {
    let looks = m.word(1) != m.pc as u64;
    m.save();
    let more = m.own().fetch_messages(m.process());
    m.load();
    more && looks
}

outlined! {
    /// Word 1: the `loop_rec`, which has looked, and where the process goes on. One that has been sent
    /// something since then is run again at once.
    pub(crate) fn wait(m: &mut Machine, _i: Ins) -> Flow {
        if m.own().exit_pending {
            return leave(m, 0, RunEnd::Exited);
        }
        if m.own().heap.needs_collection() && !m.collect(0, 0) {
            return super::raise::killed(m);
        }
        m.jump(1);
        leave(m, 0, RunEnd::Waiting)
    }
}

outlined! {
    /// `a` timeout; word 1: the `loop_rec`. As `wait`; goes on behind itself when time is up. The
    /// timeout is read once, before the timer runs.
    pub(crate) fn wait_timeout(m: &mut Machine, i: Ins) -> Flow {
        let words = 2 + (i.a() >> 15) as usize;
        if !m.own().receive_timer_set() {
            let timeout = m.src(i.a());
            let known = if timeout == am::infinity {
                Some(None)
            } else {
                timeout.as_u64().filter(|&ms| ms <= u64::from(u32::MAX)).map(Some)
            };
            let Some(timeout) = known else {
                // The receive is over: the next one looks at the queue from its start.
                m.own().leave_receive();
                m.own().exception = Exception::new(Class::Error, am::timeout_value);
                return Flow::Raise;
            };
            if timeout == Some(0) {
                let more = has_more(m);
                if m.own().exit_pending {
                    return leave(m, 0, RunEnd::Exited);
                }
                return if more { m.jump(1) } else { m.next(words) };
            }
            m.save();
            m.own().set_receive_timer(m.process(), timeout);
            m.load();
        }
        if has_more(m) {
            if i.a() & (crate::exec::isa::SRC_CONST | crate::exec::isa::SRC_Y) == 0 {
                m.set(i.a(), Term::NIL);
            }
            return m.jump(1);
        }
        if m.own().exit_pending {
            return leave(m, 0, RunEnd::Exited);
        }
        if m.own().receive_timed_out() {
            return m.next(words);
        }
        if m.own().heap.needs_collection() && !m.collect(0, 0) {
            return super::raise::killed(m);
        }
        leave(m, 0, RunEnd::Waiting)
    }
}

outlined! {
    /// Time is up: the receive ends, the queue is looked at from its start again next time.
    pub(crate) fn timeout(m: &mut Machine, _i: Ins) -> Flow {
        m.save();
        m.own().end_receive(m.process());
        m.load();
        m.next(1)
    }
}

outlined! {
    pub(crate) fn recv_marker_reserve(m: &mut Machine, i: Ins) -> Flow {
        m.save();
        let marker = m.own().reserve_marker(m.process());
        m.load();
        m.set(i.a(), marker);
        m.next(1)
    }
}

outlined! {
    pub(crate) fn recv_marker_bind(m: &mut Machine, i: Ins) -> Flow {
        let (marker, reference) = (m.src(i.a()), m.src(i.b()));
        m.own().messages.bind_marker(marker, reference);
        m.next(1)
    }
}

outlined! {
    pub(crate) fn recv_marker_clear(m: &mut Machine, i: Ins) -> Flow {
        let which = m.src(i.a());
        m.own().messages.clear_marker(which);
        m.next(1)
    }
}

outlined! {
    pub(crate) fn recv_marker_use(m: &mut Machine, i: Ins) -> Flow {
        let reference = m.src(i.a());
        m.own().messages.use_marker(reference);
        m.next(1)
    }
}
