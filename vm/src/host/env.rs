//! Environments: where a library's terms live.

use super::library::Library;
use super::resource::Opening;
use crate::bif::Decl;
use crate::heap::{Alloc, Fragment, OffHeap};
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
    /// The native that is to go on in this one's place, with its arguments.
    pub(super) scheduled: Option<(&'static Decl, Vec<Term>)>,
    words: Option<Fragment>,
    /// Bytes that the library looks at, kept until the call ends or the environment is cleared.
    bytes: Vec<Vec<u8>>,
    /// Other memory that the library looks at, kept as long.
    objects: Vec<Box<dyn std::any::Any>>,
    /// In `load` and `upgrade`: the resource types that were asked for.
    pub(super) opening: Option<Vec<Opening>>,
}

impl Env {
    /// The environment of a call by a process.
    pub(super) fn of_call(own: *mut Own, process: &Process, library: *const Library) -> Env {
        Env { own, process, ..Env::of_library(library) }
    }

    /// The environment of a callback, or one that the library makes itself.
    pub(super) fn of_library(library: *const Library) -> Env {
        Env {
            own: std::ptr::null_mut(),
            process: std::ptr::null(),
            library,
            raised: Term::NONE,
            scheduled: None,
            words: None,
            bytes: Vec::new(),
            objects: Vec::new(),
            opening: None,
        }
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
        self.bytes.push(bytes);
        &self.bytes[self.bytes.len() - 1]
    }

    /// The same of other memory.
    pub(super) fn keep_object(&mut self, object: Box<dyn std::any::Any>) {
        self.objects.push(object);
    }

    /// Gives up all terms.
    pub(super) fn clear(&mut self) {
        self.words = None;
        self.bytes.clear();
        self.objects.clear();
        self.raised = Term::NONE;
    }

    fn grow(&mut self, words: usize) -> &mut Fragment {
        let before = self.words.take();
        let size = before.as_ref().map_or(62, |f| (f.capacity() * 2).min(1 << 16));
        let mut fragment = Fragment::new(size.max(words));
        fragment.set_next(before);
        self.words.insert(fragment)
    }
}

impl Alloc for Env {
    #[inline]
    fn alloc(&mut self, words: usize) -> *mut u64 {
        // SAFETY: N2.
        if let Some(own) = unsafe { self.own.as_mut() } {
            return own.heap.alloc(words);
        }
        match &mut self.words {
            Some(fragment) if fragment.room() >= words => fragment.alloc(words),
            _ => self.grow(words).alloc(words),
        }
    }

    fn off_heap(&mut self) -> &mut OffHeap {
        // SAFETY: N2.
        if let Some(own) = unsafe { self.own.as_mut() } {
            return own.heap.off_heap();
        }
        if self.words.is_none() {
            self.grow(0);
        }
        match &mut self.words {
            Some(fragment) => fragment.off_heap(),
            None => crate::bug!("an environment without words"),
        }
    }
}
