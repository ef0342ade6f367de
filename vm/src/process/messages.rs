//! The message queue of a process, as its receives see it.

use std::collections::VecDeque;

use super::signal::{Parcel, RefNumber};
use crate::heap::gc::Which;
use crate::heap::{Fragment, Heap};
use crate::term::Term;
use crate::term::node::Node;

/// A message: on the heap already (looked at before), or still in its fragment.
struct Message {
    term: Term,
    fragment: Option<Fragment>,
    place: Place,
}

/// A word, so that a message has no padding: its words are copied as they were written.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Place {
    Fragment,
    /// On the heap: a root.
    Heap,
    /// The same; the term is `{Token, Message}`.
    WithToken,
}

impl Message {
    fn on_heap(&self) -> bool {
        self.place != Place::Fragment
    }

    /// What the receiver sees of a message on the heap.
    fn shown(&self) -> Term {
        match (self.place, self.term.as_tuple()) {
            (Place::WithToken, Some(both)) => both.at(1),
            _ => self.term,
        }
    }
}

/// Messages in order of arrival, and where the current receive has got to.
#[derive(Default)]
pub struct Messages {
    queue: VecDeque<Message>,
    /// Index of the message that the receive looks at next.
    save: usize,
    /// No message from this index on is on the heap: a collection need not look at a long queue.
    heap_end: usize,
    /// No message before this index points into the young part of the heap: a minor collection
    /// need not look at a long queue again. At most `heap_end`.
    settled: usize,
    /// Markers: a reference, and how many messages there were when it was made. The number of a
    /// marker not bound to a reference yet is its own.
    markers: Vec<(RefNumber, usize)>,
    next_marker: u64,
}

/// At most so many markers; older ones are dropped, which only costs time.
const MAX_MARKERS: usize = 8;

impl Messages {
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        let fragments: usize = self.queue.iter().map(|m| m.fragment.as_ref().map_or(0, |f| f.capacity() * 8)).sum();
        self.queue.capacity() * std::mem::size_of::<Message>() + fragments
    }

    /// Calls `found` with the node of each identifier of another node in messages that are not on the heap yet.
    pub fn each_node(&self, found: &mut dyn FnMut(&'static Node)) {
        self.queue.iter().filter_map(|message| message.fragment.as_ref()).for_each(|fragment| fragment.each_node(found));
    }

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn push(&mut self, parcel: Parcel) {
        let (term, fragment) = parcel.into_parts();
        self.queue.push_back(Message { term, fragment, place: Place::Fragment });
    }

    /// A message made by the process itself, on its own heap.
    pub(super) fn push_local(&mut self, term: Term) {
        self.queue.push_back(Message { term, fragment: None, place: Place::Heap });
        self.heap_end = self.queue.len();
    }

    /// A message with a token: `{Token, Message}` on the heap.
    pub(super) fn push_with_token(&mut self, both: Term) {
        self.queue.push_back(Message { term: both, fragment: None, place: Place::WithToken });
        self.heap_end = self.queue.len();
    }

    /// The message at the save pointer, if it is on the heap and as it was sent.
    #[inline(always)]
    pub fn peek_on_heap(&self) -> Option<Term> {
        let message = self.queue.get(self.save)?;
        (message.place == Place::Heap).then_some(message.term)
    }

    /// The message at the save pointer, moved to the heap.
    #[inline]
    pub fn peek(&mut self, heap: &mut Heap) -> Option<Term> {
        let message = self.queue.get_mut(self.save)?;
        match message.place {
            Place::Heap => {}
            Place::Fragment => {
                message.term = heap.receive(message.term, message.fragment.take());
                message.place = Place::Heap;
                self.heap_end = self.heap_end.max(self.save + 1);
                self.settled = self.settled.min(self.save);
            }
            Place::WithToken => return Some(message.shown()),
        }
        Some(message.term)
    }

    /// On to the next message.
    #[inline]
    pub fn advance(&mut self) {
        self.save += 1;
    }

    /// Whether the receive has looked at every message there is.
    pub fn at_end(&self) -> bool {
        self.save >= self.queue.len()
    }

    /// Takes the current message out; the next receive starts at the beginning. One with a token is
    /// given, as `{Token, Message}`.
    #[inline]
    pub(super) fn remove(&mut self) -> Option<Term> {
        let at = self.save;
        let with_token = match self.queue.get_mut(at) {
            Some(message) => {
                drop(message.fragment.take());
                (message.place == Place::WithToken).then_some(message.term)
            }
            None => None,
        };
        // Nothing is left in it to drop, so that it need not be copied out.
        std::mem::forget(if at == 0 { self.queue.pop_front() } else { self.queue.remove(at) });
        self.save = 0;
        if at < self.heap_end {
            self.heap_end -= 1;
        }
        if at < self.settled {
            self.settled -= 1;
        }
        for marker in &mut self.markers {
            if marker.1 > at {
                marker.1 -= 1;
            }
        }
        if self.queue.is_empty() && self.queue.capacity() > 64 {
            self.queue.shrink_to(16);
        }
        with_token
    }

    /// The next receive starts at the beginning.
    pub(super) fn rewind(&mut self) {
        self.save = 0;
    }

    /// The receive that follows starts behind every message.
    pub(super) fn start_at_end(&mut self) {
        self.save = self.queue.len();
    }

    /// A marker at the end of the queue.
    pub(super) fn reserve_marker(&mut self) -> Term {
        self.next_marker += 1;
        let id = self.next_marker & ((1 << 60) - 1);
        self.add_marker([id, u64::MAX]);
        Term::small(id as i64)
    }

    fn add_marker(&mut self, number: RefNumber) {
        if self.markers.len() == MAX_MARKERS {
            self.markers.remove(0);
        }
        self.markers.push((number, self.queue.len()));
    }

    /// Ties a marker to a reference.
    pub fn bind_marker(&mut self, marker: Term, reference: Term) {
        let (Some(id), Some(number)) = (marker.as_small(), reference.as_local_ref()) else { return };
        if let Some(found) = self.markers.iter_mut().find(|m| m.0 == [id as u64, u64::MAX]) {
            found.0 = number;
        }
    }

    /// Drops a marker, given itself or its reference.
    pub fn clear_marker(&mut self, which: Term) {
        let number = match which.as_small() {
            Some(id) => [id as u64, u64::MAX],
            None => match which.as_local_ref() {
                Some(number) => number,
                None => return,
            },
        };
        self.markers.retain(|m| m.0 != number);
    }

    /// Starts the receive at the marker of a reference: no message before it can hold that.
    pub fn use_marker(&mut self, reference: Term) {
        if let Some(number) = reference.as_local_ref()
            && let Some(marker) = self.markers.iter().find(|m| m.0 == number)
        {
            self.save = self.save.max(marker.1);
        }
    }

    /// Every message on the heap is a root.
    pub(super) fn roots(&mut self, which: Which, visit: &mut dyn FnMut(&mut Term)) {
        if which == Which::All {
            // They may all become young.
            self.settled = 0;
        }
        for message in self.queue.range_mut(self.settled..self.heap_end).filter(|m| m.on_heap() && m.term.is_pointer()) {
            visit(&mut message.term);
        }
    }

    /// After a collection: finds how far messages stay out of the next minor ones.
    pub(super) fn settle(&mut self, heap: &Heap) {
        let settles = |m: &&Message| !m.on_heap() || !m.term.is_pointer() || !heap.is_young(m.term);
        self.settled += self.queue.range(self.settled..self.heap_end).take_while(settles).count();
    }

    /// The messages, moved to the heap (`process_info(_, messages)`).
    pub fn all(&mut self, heap: &mut Heap) -> Vec<Term> {
        for message in self.queue.iter_mut().filter(|m| !m.on_heap()) {
            message.term = heap.receive(message.term, message.fragment.take());
            message.place = Place::Heap;
        }
        (self.heap_end, self.settled) = (self.queue.len(), 0);
        self.queue.iter().map(Message::shown).collect()
    }
}
