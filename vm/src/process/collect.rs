//! Collections of a process's heap: its roots, and its `max_heap_size`.

use super::{Own, Process};
use crate::base::sync::OnceLock;
use crate::heap::Heap;
use crate::heap::gc::Roots;
use crate::term::Term;

/// Tells the logger that a process has grown past its `max_heap_size`: the process, and the words
/// it would come to.
pub type MaxHeapReporter = fn(&Process, &mut Own, usize);

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
        self.with_roots(x, |heap, roots| heap.collect(need, roots));
        true
    }

    /// A collection that another process asks for; the process is not running.
    pub fn collect_at_rest(&mut self, process: &Process, major: bool) {
        debug_assert!(self.activity != super::Activity::Running);
        self.heap.request_collection(major);
        if !self.collect(process, &mut [], 0) {
            self.end_self(crate::am::kill);
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
