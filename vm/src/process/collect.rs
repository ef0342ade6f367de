//! Collections of a process's heap: its roots, and its `max_heap_size`.

use super::trace::{self, flag};
use super::{Own, Process};
use crate::am;
use crate::base::microstate::{self, State};
use crate::base::sync::OnceLock;
use crate::base::time;
use crate::heap::{Build, Fragment, Heap};
use crate::heap::gc::Roots;
use crate::heap::literal::Released;
use crate::term::Term;

/// Tells the logger that a process has grown past its `max_heap_size`: the process, and the words
/// it would come to.
pub type MaxHeapReporter = fn(&Process, &mut Own, usize);

/// As OTP counts.
const WORDS_MOVED_PER_REDUCTION: usize = 10;

static REPORTER: OnceLock<MaxHeapReporter> = OnceLock::new();

/// Sets the reporter. Once, at start.
pub fn set_max_heap_reporter(reporter: MaxHeapReporter) {
    let _ = REPORTER.set(reporter);
}

impl Own {
    /// Collects so that `need` words are free; `x` are the live registers. `false`: nothing was
    /// collected, the process has to end with reason `killed` because of its `max_heap_size`.
    pub(crate) fn collect(&mut self, process: &Process, x: &mut [Term], need: usize) -> bool {
        if self.heap.max_size.size != 0 && self.too_large(process, need) {
            return false;
        }
        #[cfg(feature = "zeal-gc")]
        if self.heap.zeal_spares(need) {
            return true;
        }
        let old = self.heap.old_used();
        if process.traced.has(flag::GARBAGE_COLLECTION) || trace::watches(trace::watch::COLLECTIONS) {
            self.collect_told(process, x, need);
        } else {
            microstate::within(State::Gc, || {
                self.with_roots(x, |heap, roots| {
                    heap.collect(need, roots);
                });
            });
        }
        let moved = self.heap.used() + self.heap.old_used().saturating_sub(old);
        self.charge_words(moved, WORDS_MOVED_PER_REDUCTION);
        true
    }

    /// A collection that somebody is told of: when it begins, when it ends, how long it took.
    #[cold]
    #[inline(never)]
    fn collect_told(&mut self, process: &Process, x: &mut [Term], need: usize) {
        let begun = time::monotonic();
        let major = self.heap.is_major_next();
        let (start, end) = if major {
            (am::gc_major_start, am::gc_major_end)
        } else {
            (am::gc_minor_start, am::gc_minor_end)
        };
        self.tell_heap(process, start);
        let mut minor = false;
        microstate::within(State::Gc, || self.with_roots(x, |heap, roots| minor = heap.collect(need, roots)));
        self.tell_heap(process, end);
        if !major && !minor {
            // It could not be done as a minor one.
            self.tell_heap(process, am::gc_major_start);
            self.tell_heap(process, am::gc_major_end);
        }
        if trace::watches(trace::watch::COLLECTIONS)
            && let Some(tracing) = trace::tracing()
        {
            tracing.collected(process, self, time::monotonic() - begun);
        }
    }

    fn tell_heap(&mut self, process: &Process, tag: Term) {
        if !process.traced.has(flag::GARBAGE_COLLECTION) {
            return;
        }
        let mut info = Fragment::new(11 * 5);
        let rows = self.heap.info().rows().map(|(name, words)| info.tuple(&[name, Term::small(words as i64)]));
        let rows = info.list(&rows);
        trace::tell(process, self, flag::GARBAGE_COLLECTION, tag, &[rows]);
    }

    /// Work on so many words counts as reductions: what takes long ends the slice.
    pub(crate) fn charge_words(&mut self, words: usize, per_reduction: usize) {
        let reductions = i32::try_from(words / per_reduction).unwrap_or(i32::MAX);
        self.reductions_left = self.reductions_left.saturating_sub(reductions);
    }

    /// A collection that another process asks for; the process is not running.
    pub fn collect_at_rest(&mut self, process: &Process, major: bool) {
        debug_assert!(self.activity != super::Activity::Running);
        self.heap.request_collection(major);
        if !self.collect(process, &mut [], 0) {
            self.end_self(crate::am::kill);
        }
    }

    /// Lets go of persistent terms that are to be freed; the process is not running.
    pub fn leave_persistent(&mut self, released: &Released) {
        debug_assert!(self.activity != super::Activity::Running);
        if self.reads_persistent {
            let mut others = false;
            self.with_roots(&mut [], |heap, roots| others = heap.leave(released, roots));
            self.reads_persistent = others;
        }
    }

    /// Leaves a heap without free words; the stack is empty.
    pub(crate) fn hibernate_heap(&mut self, x: &mut [Term]) {
        self.with_roots(x, |heap, roots| heap.hibernate(roots));
    }

    fn with_roots(
        &mut self,
        x: &mut [Term],
        work: impl FnOnce(&mut Heap, Roots<'_>),
    ) {
        let mut heap = self.heap.detach();
        work(&mut heap, &mut |which, visit| {
            x.iter_mut().for_each(&mut *visit);
            self.roots(which, visit);
        });
        self.messages.settle(&heap);
        self.heap = heap;
    }

    #[cold]
    fn too_large(&mut self, process: &Process, need: usize) -> bool {
        let max = self.heap.max_size;
        let Some(size) = self.heap.exceeds(max.size, need, max.include_shared_binaries) else {
            return false;
        };
        if max.error_logger
            && let Some(report) = REPORTER.get()
        {
            report(process, self, size);
        }
        max.kill
    }
}
