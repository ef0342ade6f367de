//! What the engine asks of a process's signals: handling them, and the receive expression.

use super::own::ReceiveTimer;
use super::relations::{AliasEnd, MonitorKind};
use super::signal::{Parcel, Party, RefNumber, Sender, Signal, Watched};
use super::trace::{self, flag};
use super::{Own, Process, host};
use crate::am;
use crate::base::time;
use crate::heap::{Build, Heap, copy};
use crate::term::Term;

impl Own {
    /// Handles every signal in the inbox; whether there are messages that the receive has not
    /// looked at.
    #[inline]
    pub fn fetch_messages(&mut self, process: &Process) -> bool {
        if process.has_signals() {
            self.take_signals(process);
        }
        !self.messages.at_end()
    }

    fn take_signals(&mut self, process: &Process) {
        let mut signals = process.inbox.take();
        if !self.exit_pending && !process.traced.has(flag::RECEIVE) {
            while let Some(parcel) = signals.next_message() {
                self.messages.push(parcel);
            }
        }
        if !signals.is_empty() {
            self.handle_all(process, signals);
        }
    }

    /// Handles signals that were kept while the process was in a dirty native.
    pub(super) fn handle_kept(&mut self, process: &Process, signals: Vec<Signal>) {
        self.handle_all(process, signals);
    }

    #[cold]
    #[inline(never)]
    fn handle_all(&mut self, process: &Process, signals: impl IntoIterator<Item = Signal>) {
        for signal in signals {
            if self.exit_pending {
                self.relations().late.push(signal);
            } else {
                self.handle(process, signal);
            }
        }
    }

    pub(super) fn handle(&mut self, process: &Process, signal: Signal) {
        match signal {
            Signal::Message(parcel) => self.message(process, parcel),
            Signal::AliasMessage(number, parcel) => self.alias_message(process, number, parcel),
            Signal::Link(party) => {
                if self.relations().linked_by(party) {
                    let from = party.term(&mut self.heap);
                    trace::tell(process, self, flag::PROCS, am::getting_linked, &[from]);
                }
            }
            Signal::Unlink(party, number) => {
                if self.relations().unlink(party) {
                    let from = party.term(&mut self.heap);
                    trace::tell(process, self, flag::PROCS, am::getting_unlinked, &[from]);
                }
                if number != 0 {
                    deliver(party, Signal::UnlinkAck(process.party(), number));
                }
            }
            Signal::UnlinkAck(party, number) => self.relations().unlink_known(party, number),
            Signal::LinkExit(party, reason) => {
                if self.relations().unlink(party) {
                    let from = party.term(&mut self.heap);
                    trace::tell(process, self, flag::PROCS, am::getting_unlinked, &[from]);
                    // Nobody was there.
                    let sender = if reason.peek() == am::noproc { Sender::System } else { Sender::Party(party) };
                    self.sent_by(process, sender, |own| own.exit_signal(process, from, reason, false));
                }
            }
            Signal::Exit(party, reason) => {
                let kills = reason.peek() == am::kill;
                let from = party.term(&mut self.heap);
                self.sent_by(process, Sender::Party(party), |own| own.exit_signal(process, from, reason, kills));
            }
            Signal::With(both) => {
                let (token, signal) = *both;
                self.progress().arriving = Some(token);
                self.handle(process, signal);
                self.progress().arriving = None;
            }
            Signal::Traced(both) => {
                let (sender, signal) = *both;
                self.sent_by(process, sender, |own| own.handle(process, signal));
            }
            Signal::Monitor { watcher, reference, as_name } => {
                self.relations().monitored_by.insert(reference, super::relations::MonitorIn { watcher, as_name });
            }
            Signal::Observe(reference, observer) => {
                self.relations().observers.insert(reference, observer);
            }
            Signal::Demonitor(reference) => {
                let relations = self.relations();
                if relations.monitored_by.remove(&reference).is_none() {
                    relations.observers.remove(&reference);
                }
            }
            Signal::Down { reference, reason } => self.down(process, reference, reason),
            Signal::Request(request) => request.run(process, self),
        }
    }

    /// An exit signal: a message, the end, or nothing. `from` is on this heap if it is no immediate.
    pub fn exit_signal(&mut self, process: &Process, from: Term, reason: Parcel, kills: bool) {
        if self.exit_pending {
            return;
        }
        if kills {
            self.exit_pending = true;
            self.exit_reason = am::killed;
            return;
        }
        if self.trap_exit {
            let reason = reason.unpack(self);
            let message = self.heap.tuple(&[am::EXIT, from, reason]);
            self.message_here(process, message);
            return;
        }
        if reason.peek() != am::normal {
            self.exit_pending = true;
            self.exit_reason = reason.unpack(self);
        }
    }

    /// `exit(self(), Reason)`: the process ends before the call comes back.
    pub fn end_self(&mut self, reason: Term) {
        if !self.exit_pending {
            self.exit_pending = true;
            self.exit_reason = if reason == am::kill { am::killed } else { reason };
        }
    }

    /// The next receive starts behind every message that has come so far: what it waits for
    /// holds a reference that is made only now.
    pub fn start_at_end(&mut self, process: &Process) {
        self.fetch_messages(process);
        self.messages.start_at_end();
    }

    fn alias_message(&mut self, process: &Process, number: RefNumber, parcel: Parcel) {
        if self.alias_takes(number) {
            self.message(process, parcel);
        }
    }

    /// Whether a message through an alias counts; what ends with that message.
    pub(super) fn alias_takes(&mut self, number: RefNumber) -> bool {
        let Some(end) = self.relations().aliases.get(&number).copied() else { return false };
        if end == AliasEnd::Reply {
            self.relations().aliases.remove(&number);
            if let Some(monitor) = self.relations().monitors.remove(&number)
                && let Some(target) = monitor.target
            {
                deliver(target, Signal::Demonitor(number));
            }
        }
        true
    }

    /// Handles what has come; `sender` is who sent the message that may come of it, if that is not known yet.
    pub fn sent_by(&mut self, process: &Process, sender: Sender, handle: impl FnOnce(&mut Own)) {
        if !process.traced.has(flag::RECEIVE) {
            return handle(self);
        }
        let before = self.progress().sender;
        self.progress().sender = before.or(Some(sender));
        handle(self);
        self.progress().sender = before;
    }

    /// A message has come.
    fn message(&mut self, process: &Process, parcel: Parcel) {
        if self.is_told_of_messages(process) {
            self.message_told(process, parcel);
        } else {
            self.messages.push(parcel);
        }
    }

    /// The same, of one that is on this heap.
    fn message_here(&mut self, process: &Process, message: Term) {
        if self.is_told_of_messages(process) {
            self.message_told(process, Parcel::new(message));
        } else {
            self.messages.push_local(message);
        }
    }

    /// The same, of one that no process sends: the token of who receives it stays as it is.
    pub fn message_of_system(&mut self, process: &Process, message: Term) {
        if trace::tokens_in_use() {
            let before = self.progress().arriving.replace(trace::no_token());
            self.message_told(process, Parcel::new(message));
            self.progress().arriving = before;
        } else {
            self.message_here(process, message);
        }
    }

    fn is_told_of_messages(&self, process: &Process) -> bool {
        process.traced.has(flag::RECEIVE) || self.progress.as_ref().is_some_and(|p| p.arriving.is_some())
    }

    #[cold]
    fn message_told(&mut self, process: &Process, parcel: Parcel) {
        if process.traced.has(flag::RECEIVE)
            && let Some(tracing) = trace::tracing()
        {
            let sender = self.progress().sender.unwrap_or(Sender::System);
            tracing.receive(process, self, sender, parcel.peek());
        }
        match self.progress.as_ref().and_then(|p| p.arriving.as_ref()).map(Parcel::duplicate) {
            None => self.messages.push(parcel),
            Some(token) => {
                let token = token.unpack(self);
                let message = parcel.unpack(self);
                let both = self.heap.tuple(&[token, message]);
                self.messages.push_with_token(both);
            }
        }
    }

    fn down(&mut self, process: &Process, number: RefNumber, reason: Parcel) {
        let Some(monitor) = self.relations().remove_monitor(number) else { return };
        let reason = reason.unpack(self);
        let tag = match monitor.tag {
            Some(tag) => tag.unpack(self),
            None => am::DOWN,
        };
        let heap = &mut self.heap;
        let reference = heap.reference(number);
        let kind = match monitor.kind {
            MonitorKind::Process => am::process,
            MonitorKind::Port => am::port,
            MonitorKind::TimeOffset => am::clock_service,
        };
        let object = monitor.watched.term(heap);
        let message = heap.tuple(&[tag, reference, kind, object, reason]);
        let sender = match monitor.watched {
            // Nobody was there.
            _ if reason == am::noproc => Sender::System,
            Watched::Party(party) => Sender::Party(party),
            Watched::Name(_) | Watched::Lost(_) => Sender::System,
        };
        self.sent_by(process, sender, |own| own.message_of_system(process, message));
    }

    /// Sends the process what its monitors on the clock service are told; false if it has none.
    pub fn time_offset_changed(&mut self, process: &Process, offset: i64) -> bool {
        let monitors = self.relations().monitors.iter();
        let of_clock = monitors.filter(|(_, monitor)| monitor.kind == MonitorKind::TimeOffset);
        let told: Vec<_> = of_clock.map(|(number, m)| (*number, m.tag.as_ref().map(Parcel::duplicate))).collect();
        for (number, tag) in &told {
            let heap = &mut self.heap;
            let tag = tag.as_ref().map_or(am::change, |tag| copy::copy_into(tag.peek(), heap));
            let reference = heap.reference(*number);
            let offset = heap.i64(offset);
            let message = heap.tuple(&[tag, reference, am::time_offset, am::clock_service, offset]);
            self.message_of_system(process, message);
        }
        !told.is_empty()
    }

    /// The current message matched: it leaves the queue, the receive is over.
    pub fn accept_message(&mut self, process: &Process) {
        let with_token = self.messages.remove();
        if with_token.is_some() || process.traced.has(flag::TOKEN) {
            self.take_token(process, with_token);
        }
        self.cancel_receive_timer(process);
    }

    /// The token of the message that was received, `{Token, Message}`, becomes the process's; without
    /// one, its own is gone. `undefined` leaves its own.
    #[cold]
    fn take_token(&mut self, process: &Process, with_token: Option<Term>) {
        let Some([token, message]) = with_token.and_then(Term::as_tuple_of) else {
            self.sequential_trace_token = Term::NIL;
            process.traced.clear(flag::TOKEN);
            return;
        };
        if token == am::undefined {
            return;
        }
        self.sequential_trace_token = token;
        process.traced.set(flag::TOKEN);
        if let Some(tracing) = trace::tracing() {
            tracing.token_received(process, self, token, message);
        }
    }

    /// The receive failed before its timer ran.
    pub fn leave_receive(&mut self) {
        self.messages.rewind();
    }

    /// The receive's time is up.
    pub fn end_receive(&mut self, process: &Process) {
        if process.traced.has(flag::RECEIVE)
            && let Some(tracing) = trace::tracing()
        {
            tracing.receive(process, self, Sender::Clock, am::timeout);
        }
        self.messages.rewind();
        self.cancel_receive_timer(process);
    }

    fn cancel_receive_timer(&mut self, _process: &Process) {
        if let Some(timer) = self.receive_timer.take()
            && timer.deadline.is_some()
        {
            host::host().cancel_wake(timer.timer);
        }
    }

    pub fn receive_timer_set(&self) -> bool {
        self.receive_timer.is_some()
    }

    /// Sets the time, in milliseconds from now, at which the receive ends; `None`: never.
    pub fn set_receive_timer(&mut self, process: &Process, milliseconds: Option<u64>) {
        let deadline = milliseconds.map(|ms| time::monotonic().saturating_add(ms as i64 * 1_000_000));
        let timer = deadline.map_or(0, |deadline| host::host().wake_at(process, deadline));
        self.receive_timer = Some(Box::new(ReceiveTimer { deadline, timer }));
    }

    pub fn receive_timed_out(&self) -> bool {
        let deadline = self.receive_timer.as_ref().and_then(|t| t.deadline);
        deadline.is_some_and(|deadline| time::monotonic() >= deadline)
    }

    /// A marker behind every message that has come so far.
    pub fn reserve_marker(&mut self, process: &Process) -> Term {
        self.fetch_messages(process);
        self.messages.reserve_marker()
    }

    /// The message that the receive looks at.
    #[inline]
    pub fn peek_message(&mut self) -> Option<Term> {
        let heap: &mut Heap = &mut self.heap;
        self.messages.peek(heap)
    }

    /// A message from the process to itself.
    pub fn message_to_self(&mut self, process: &Process, term: Term) {
        self.sent_by(process, Sender::Party(process.party()), |own| own.message_here(process, term));
    }
}

/// Delivers a signal to another party.
pub(crate) type DeliverHook = fn(Party, Signal);
static DELIVER: crate::base::sync::OnceLock<DeliverHook> = crate::base::sync::OnceLock::new();

/// Sets how a signal reaches another party: the table is a floor above.
pub(crate) fn set_deliver(hook: DeliverHook) {
    let _ = DELIVER.set(hook);
}

pub(super) fn deliver(to: Party, signal: Signal) {
    if let Some(hook) = DELIVER.get() {
        hook(to, signal);
    }
}
