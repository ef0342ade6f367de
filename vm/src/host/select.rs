//! `enif_select`: messages when a descriptor becomes ready.
//!
//! Each request is for one message. A descriptor belongs to the resource that selected it last, which
//! is held until the descriptor is stopped.

use std::ffi::c_int;
use std::os::fd::RawFd;

use rustc_hash::FxHashMap as HashMap;

use super::resource::{Hold, Resource};
use crate::am;
use crate::base::sync::{Arc, Mutex, OnceLock};
use crate::heap::{Build, Fragment, Magic, copy};
use crate::process::Parcel;
use crate::sched::ready::{self, Events};
use crate::sched::system;
use crate::table::route;
use crate::term::Term;

pub(super) const READ: c_int = 1;
pub(super) const WRITE: c_int = 2;
pub(super) const STOP: c_int = 4;
pub(super) const CANCEL: c_int = 8;
pub(super) const CUSTOM: c_int = 16;
pub(super) const ERROR: c_int = 32;

const STOP_CALLED: c_int = 1;
const INVALID_EVENT: c_int = 4;
const FAILED: c_int = 8;
/// `READ_CANCELLED` and so on, by kind of event.
const CANCELLED: [c_int; 3] = [16, 32, 64];
const FLAGS: [c_int; 3] = [READ, WRITE, ERROR];

/// A message that waits for an event.
struct Waiting {
    to: Term,
    message: Parcel,
}

// SAFETY: `to` is a local pid, an immediate.
unsafe impl Send for Waiting {}

struct Selected {
    watch: usize,
    resource: Hold,
    /// For reading, writing, errors.
    waiting: [Option<Waiting>; 3],
}

impl Selected {
    fn wanted(&self) -> Events {
        let [read, write, error] = [0, 1, 2].map(|k| self.waiting[k].is_some());
        Events { read, write, error }
    }
}

type All = Mutex<HashMap<RawFd, Selected>>;

fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(Mutex::default)
}

/// What is asked for by one call.
pub(super) struct Request {
    pub mode: c_int,
    pub resource: *const Magic,
    /// Who gets the message.
    pub to: Term,
    /// The whole message (`CUSTOM`), or the reference within it.
    pub message: Term,
}

/// `enif_select`: 0 or a set of flags, negative if it failed.
pub(super) fn select(fd: RawFd, request: &Request) -> c_int {
    if fd < 0 {
        return c_int::MIN | INVALID_EVENT;
    }
    if request.mode & STOP != 0 {
        return stop(fd, request);
    }
    if request.mode & CANCEL != 0 { cancel(fd, request) } else { want(fd, request) }
}

fn of_magic<'a>(magic: *const Magic) -> Option<&'a Resource> {
    // SAFETY: N1: the library holds the resource.
    unsafe { (*magic).value.downcast_ref() }
}

fn want(fd: RawFd, request: &Request) -> c_int {
    let Some(poll) = ready::poll() else { return c_int::MIN | FAILED };
    let messages = [0, 1, 2].map(|k| (request.mode & FLAGS[k] != 0).then(|| waiting(request, k)));
    let mut all = all().lock();
    let mut dropped = Vec::new();
    if let Some(selected) = all.get_mut(&fd) {
        if selected.resource.0 != request.resource {
            report_steal(fd, request.resource, selected.resource.0);
            // SAFETY: N1: the library holds it.
            unsafe { Magic::retain(request.resource) };
            dropped.push(std::mem::replace(&mut selected.resource, Hold(request.resource)));
            selected.waiting = [None, None, None];
        }
        for (place, message) in selected.waiting.iter_mut().zip(messages) {
            if message.is_some() {
                *place = message;
            }
        }
        let (watch, wanted) = (selected.watch, selected.wanted());
        if poll.change(watch, wanted).is_err() {
            let gone = all.remove(&fd);
            drop(all);
            poll.unwatch(watch);
            drop(gone);
            return c_int::MIN | FAILED;
        }
        drop(all);
        drop(dropped);
        return 0;
    }
    let wanted = Events { read: messages[0].is_some(), write: messages[1].is_some(), error: messages[2].is_some() };
    // An event that comes before the entry is there waits for the lock.
    let Ok(watch) = poll.watch(fd, wanted, Arc::new(move |events| tell(fd, events))) else {
        return c_int::MIN | FAILED;
    };
    // SAFETY: N1: the library holds it.
    unsafe { Magic::retain(request.resource) };
    all.insert(fd, Selected { watch, resource: Hold(request.resource), waiting: messages });
    0
}

/// `{select, Resource, Ref, ready_input}`, or the message of the library's own.
fn waiting(request: &Request, kind: usize) -> Waiting {
    let message = if request.mode & CUSTOM != 0 {
        Parcel::new(request.message)
    } else {
        let mut words = Fragment::new(16 + copy::size_of(request.message));
        // SAFETY: N1: the library holds it; the term takes over a count.
        unsafe { Magic::retain(request.resource) };
        let resource = words.magic_ref(request.resource);
        let reference = copy::copy_into(request.message, &mut words);
        let what = [am::ready_input, am::ready_output, am::ready_error][kind];
        let message = words.tuple(&[am::select, resource, reference, what]);
        Parcel::in_fragment(message, words)
    };
    Waiting { to: request.to, message }
}

/// On the poll thread: sends what waits for these events.
fn tell(fd: RawFd, events: Events) {
    let mut ready = Vec::new();
    {
        let mut all = all().lock();
        let Some(selected) = all.get_mut(&fd) else { return };
        // Who did not ask for errors finds them by reading or writing.
        let errors = events.error && selected.waiting[2].is_some();
        let happened = [events.read && !errors, events.write && !errors, errors];
        for (place, happened) in selected.waiting.iter_mut().zip(happened) {
            if happened {
                ready.extend(place.take());
            }
        }
    }
    for Waiting { to, message } in ready {
        route::send_parcel(to, message);
    }
}

fn cancel(fd: RawFd, request: &Request) -> c_int {
    let mut cancelled = Vec::new();
    let mut answer = 0;
    let mut all = all().lock();
    if let Some(selected) = all.get_mut(&fd) {
        for (kind, place) in selected.waiting.iter_mut().enumerate() {
            if request.mode & FLAGS[kind] != 0 && place.is_some() {
                cancelled.extend(place.take());
                answer |= CANCELLED[kind];
            }
        }
        if let Some(poll) = ready::poll().filter(|_| answer != 0) {
            let _ = poll.change(selected.watch, selected.wanted());
        }
    }
    drop(all);
    drop(cancelled);
    answer
}

/// The descriptor is out of the poll at once, so that the callback can be, too.
fn stop(fd: RawFd, request: &Request) -> c_int {
    let selected = all().lock().remove(&fd);
    let mut answer = STOP_CALLED;
    if let (Some(selected), Some(poll)) = (&selected, ready::poll()) {
        poll.unwatch(selected.watch);
        for (kind, flag) in CANCELLED.iter().enumerate() {
            answer |= if selected.waiting[kind].is_some() { *flag } else { 0 };
        }
    }
    if let Some(resource) = of_magic(request.resource) {
        resource.stop(fd, true);
    }
    drop(selected);
    answer
}

fn report_steal(fd: RawFd, new: *const Magic, before: *const Magic) {
    let shown = |magic| of_magic(magic).map_or_else(String::new, |r| r.ty().shown());
    system::report(&format!(
        "enif_select: a resource of type {} takes over fd={fd} from another of type {}",
        shown(new),
        shown(before)
    ));
}
