//! Environments: where a library's terms live.

use super::library::Library;
use super::plugin::Stepping;
use super::resource::Opening;
use crate::bif::Decl;
use crate::heap::{Alloc, Fragments, OffHeap};
use crate::process::{Own, Process};
use crate::term::Term;

/// An `ErlNifEnv`. Terms of one that is bound to a process go to the process's heap; others have
/// fragments of their own.
pub struct Env {
    own: *mut Own,
    process: *const Process,
    library: *const Library,
    /// What was raised, or `Term::NONE`.
    pub(super) raised: Term,
    /// What most calls don't need.
    more: Option<Box<More>>,
}

#[derive(Default)]
struct More {
    /// The native that is to go on in this one's place, with its arguments.
    scheduled: Option<(&'static Decl, Vec<Term>)>,
    /// The steps that are to follow in this native's place.
    step: Option<Box<Stepping>>,
    words: Fragments,
    /// Bytes that the library looks at, kept until the call ends or the environment is cleared.
    bytes: Vec<Vec<u8>>,
    /// Other memory that the library looks at, kept as long.
    objects: Vec<Box<dyn std::any::Any>>,
    /// In `load` and `upgrade`: the resource types that were asked for.
    opening: Option<Vec<Opening>>,
}

impl Env {
    /// The environment of a call by a process.
    #[inline(always)]
    pub(super) fn of_call(own: *mut Own, process: &Process, library: *const Library) -> Env {
        Env { own, process, ..Env::of_library(library) }
    }

    /// The environment of a callback, or one that the library makes itself.
    #[inline(always)]
    pub(super) fn of_library(library: *const Library) -> Env {
        Env { own: std::ptr::null_mut(), process: std::ptr::null(), library, raised: Term::NONE, more: None }
    }

    /// Nothing was raised, and nothing has to be given up.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.raised.is_none() && self.more.is_none()
    }

    fn more(&mut self) -> &mut More {
        self.more.get_or_insert_with(Box::default)
    }

    /// A native is to go on in this one's place.
    pub(super) fn schedule(&mut self, decl: &'static Decl, args: Vec<Term>) {
        self.more().scheduled = Some((decl, args));
    }

    pub(super) fn take_scheduled(&mut self) -> Option<(&'static Decl, Vec<Term>)> {
        self.more.as_mut()?.scheduled.take()
    }

    /// Steps are to follow in this native's place.
    pub(super) fn set_step(&mut self, step: Stepping) {
        self.more().step = Some(Box::new(step));
    }

    pub(super) fn take_step(&mut self) -> Option<Box<Stepping>> {
        self.more.as_mut()?.step.take()
    }

    /// `load` or `upgrade` begins: resource types may be asked for.
    pub(super) fn begin_opening(&mut self) {
        self.more().opening = Some(Vec::new());
    }

    pub(super) fn opening(&mut self) -> Option<&mut Vec<Opening>> {
        self.more.as_mut()?.opening.as_mut()
    }

    pub(super) fn take_opening(&mut self) -> Vec<Opening> {
        self.more.as_mut().and_then(|more| more.opening.take()).unwrap_or_default()
    }

    /// The environment behind a pointer of the library's.
    ///
    /// # Safety
    /// N1.
    pub(super) unsafe fn at<'a>(env: *mut Env) -> &'a mut Env {
        // SAFETY: N1, N2.
        unsafe { &mut *env }
    }

    /// The process that it is bound to.
    pub(super) fn own(&mut self) -> Option<&mut Own> {
        // SAFETY: N2.
        unsafe { self.own.as_mut() }
    }

    pub(super) fn process(&self) -> Option<&Process> {
        // SAFETY: N2.
        unsafe { self.process.as_ref() }
    }

    pub(super) fn library(&self) -> Option<&Library> {
        // SAFETY: a library lives as long as its code or its resources can be called.
        unsafe { self.library.as_ref() }
    }

    /// Keeps bytes as long as the terms; where they are.
    pub(super) fn keep(&mut self, bytes: Vec<u8>) -> &[u8] {
        let kept = &mut self.more().bytes;
        kept.push(bytes);
        &kept[kept.len() - 1]
    }

    /// The same of other memory.
    pub(super) fn keep_object(&mut self, object: Box<dyn std::any::Any>) {
        self.more().objects.push(object);
    }

    /// Gives up all terms.
    pub(super) fn clear(&mut self) {
        self.more = None;
        self.raised = Term::NONE;
    }
}

impl Alloc for Env {
    #[inline]
    fn alloc(&mut self, words: usize) -> *mut u64 {
        // SAFETY: N2.
        if let Some(own) = unsafe { self.own.as_mut() } {
            return own.heap.alloc(words);
        }
        self.more().words.alloc(words)
    }

    fn off_heap(&mut self) -> &mut OffHeap {
        // SAFETY: N2.
        if let Some(own) = unsafe { self.own.as_mut() } {
            return own.heap.off_heap();
        }
        self.more().words.off_heap()
    }
}
