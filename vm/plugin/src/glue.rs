//! What `plugin!` expands to. Not for plugins to use.
//!
//! What the `unsafe` of this crate rests on: P1 a `Cx` is made from a call that the runtime has begun
//! and not ended, is used on that thread only, and its terms are terms of it; P2 bytes that are held
//! stay until they are released; P3 a resource's value is the raw form of an `Arc` of the type that the
//! resource type was opened for; P4 a message is one thread's; P5 a state of steps is the raw form of a
//! box of its type. The types of this crate keep them; the runtime keeps what the interface promises.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicPtr, Ordering};

pub use glulam_abi as abi;

use crate::{Cx, Error, FromTerm, Outcome, Resource, State, Term, atom};

static TABLE: AtomicPtr<abi::Table> = AtomicPtr::new(std::ptr::null_mut());
/// The state of the plugin: a `Kept` of the type that `plugin!` names.
static STATE: AtomicPtr<abi::State> = AtomicPtr::new(std::ptr::null_mut());

/// The functions of the runtime.
#[inline]
pub(crate) fn table() -> &'static abi::Table {
    let table = TABLE.load(Ordering::Acquire);
    assert!(!table.is_null(), "no runtime has loaded this plugin");
    // SAFETY: the runtime's table is there as long as the runtime.
    unsafe { &*table }
}

pub(crate) unsafe fn array<'a, T>(data: *const T, count: usize) -> &'a [T] {
    // SAFETY: the caller's promise.
    if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, count) } }
}

pub(crate) unsafe fn slice<'a>(bytes: abi::Bytes) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { array(bytes.data, bytes.size) }
}

pub(crate) fn bytes(bytes: &[u8]) -> abi::Bytes {
    abi::Bytes { data: bytes.as_ptr(), size: bytes.len() }
}

pub(crate) fn terms(terms: &[abi::Term]) -> abi::Terms {
    abi::Terms { data: terms.as_ptr(), count: terms.len() }
}

/// The arguments of a call.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    cx: Cx<'a>,
    all: &'a [abi::Term],
}

impl<'a> Args<'a> {
    #[inline]
    pub fn get<T: FromTerm<'a>>(self, index: usize) -> Result<T, Error> {
        T::from_term(self.cx.term(*self.all.get(index).ok_or_else(Error::badarg)?))
    }
}

/// Runs a native: converts its result, raises its error.
#[inline]
pub fn run<'a, O: Outcome>(
    call: *mut abi::Call,
    count: i32,
    args: *const abi::Term,
    native: impl FnOnce(Cx<'a>, Args<'a>) -> Result<O, Error>,
) -> abi::Term {
    guarded(call, |cx: Cx<'a>| {
        // SAFETY: P1: the arguments of the call.
        let all = unsafe { array(args, usize::try_from(count).unwrap_or(0)) };
        native(cx, Args { cx, all })?.finish(cx)
    })
}

thread_local! {
    /// What the last panic of this thread said, and where.
    static PANIC: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// Calls code of the plugin: its error is raised, its panic becomes an error.
#[inline]
pub(crate) fn guarded<'a>(call: *mut abi::Call, run: impl FnOnce(Cx<'a>) -> Result<Term<'a>, Error>) -> abi::Term {
    let cx = Cx::new(call);
    match catch_unwind(AssertUnwindSafe(|| run(cx))) {
        Ok(Ok(term)) => term.raw,
        Ok(Err(error)) => failed(cx, Ok(error)),
        Err(payload) => failed(cx, Err(payload)),
    }
}

/// A call of the plugin's code that gave an error, or panicked.
#[cold]
#[inline(never)]
fn failed(cx: Cx<'_>, ended: Result<Error, Box<dyn Any + Send>>) -> abi::Term {
    let error = match ended {
        Ok(error) => error,
        Err(payload) => {
            let (text, place) = PANIC
                .with_borrow_mut(Option::take)
                .unwrap_or_else(|| (message_of(&*payload), "unknown".to_owned()));
            // A payload may panic when it is dropped.
            std::mem::forget(payload);
            Error::new((atom("panic"), text, place))
        }
    };
    let reason = catch_unwind(AssertUnwindSafe(|| error.reason(cx).raw)).unwrap_or(abi::Term::NONE);
    // SAFETY: P1.
    unsafe { (table().raise)(cx.call, reason) };
    abi::Term::NONE
}

/// Calls code of the plugin that has nobody to tell of a panic.
pub(crate) fn quietly(run: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        let (text, place) = PANIC.with_borrow_mut(Option::take).unwrap_or_default();
        let text = format!("a native plugin panicked when it gave something up: {text} ({place})");
        // SAFETY: text.
        unsafe { (table().log)(bytes(text.as_bytes())) };
    }
}

extern "C" fn init(table: *const abi::Table) {
    TABLE.store(table.cast_mut(), Ordering::Release);
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "unknown".to_owned(), |l| format!("{}:{}", l.file(), l.line()));
        PANIC.set(Some((message_of(info.payload()), place)));
    }));
}

/// A state behind the head that the next version knows.
#[repr(C)]
struct Kept<S> {
    head: abi::State,
    of: TypeId,
    value: S,
}

unsafe extern "C" fn save<S: State>(state: *mut abi::State, to: *mut abi::Bytes) -> *mut c_void {
    // SAFETY: made by `load` for this type.
    let kept = unsafe { &*state.cast::<Kept<S>>() };
    let Ok(Some(saved)) = catch_unwind(AssertUnwindSafe(|| kept.value.save())) else { return std::ptr::null_mut() };
    let saved = Box::new(saved);
    // SAFETY: the caller's place.
    unsafe { *to = bytes(&saved) };
    Box::into_raw(saved).cast::<c_void>()
}

unsafe extern "C" fn free_saved(saved: *mut c_void) {
    // SAFETY: what `save` gave, once.
    drop(unsafe { Box::from_raw(saved.cast::<Vec<u8>>()) });
}

/// What a plugin's `load` does.
pub fn load<S: State>(
    call: *mut abi::Call,
    info: abi::Term,
    before: *mut abi::State,
    state: *mut *mut abi::State,
    open: fn(Cx<'_>) -> bool,
) -> i32 {
    let mut failed = 1;
    guarded(call, |cx| {
        if !open(cx) {
            return Err(Error::new(atom("resource_type")));
        }
        let (mut saved, mut owner, mut free) = (abi::Bytes::EMPTY, std::ptr::null_mut(), None);
        if !before.is_null() {
            // SAFETY: the runtime gives the state of a plugin, which begins like this.
            unsafe {
                owner = ((*before).save)(before, &mut saved);
                free = Some((*before).free);
            }
        }
        // SAFETY: the bytes stay until they are given back.
        let view = (!owner.is_null()).then(|| unsafe { slice(saved) });
        let made = catch_unwind(AssertUnwindSafe(|| S::load(cx, cx.term(info), view)));
        if let Some(free) = free.filter(|_| !owner.is_null()) {
            // SAFETY: what `save` gave, once.
            unsafe { free(owner) };
        }
        let value = match made {
            Ok(made) => made?,
            Err(payload) => std::panic::resume_unwind(payload),
        };
        let head = abi::State { size: size_of::<abi::State>(), save: save::<S>, free: free_saved };
        let kept = Box::into_raw(Box::new(Kept { head, of: TypeId::of::<S>(), value })).cast::<abi::State>();
        STATE.store(kept, Ordering::Release);
        // SAFETY: the runtime's place for it.
        unsafe { *state = kept };
        failed = 0;
        Ok(cx.term(abi::Term::NONE))
    });
    failed
}

unsafe extern "C" fn unload<S: State>(state: *mut abi::State) {
    // SAFETY: made by `load` for this type; nothing calls the plugin any more.
    let kept = unsafe { Box::from_raw(state.cast::<Kept<S>>()) };
    let _ = STATE.compare_exchange(state, std::ptr::null_mut(), Ordering::AcqRel, Ordering::Acquire);
    quietly(move || drop(kept));
    drop(std::panic::take_hook());
}

pub(crate) fn state<S: State>() -> &'static S {
    let state = STATE.load(Ordering::Acquire).cast::<Kept<S>>();
    assert!(!state.is_null(), "the plugin has no state");
    // SAFETY: made by `load`: head and type stand there whatever the type is.
    assert!(unsafe { (*state).of } == TypeId::of::<S>(), "the plugin's state is of another type");
    // SAFETY: of this type, and kept while natives run.
    unsafe { &(*state).value }
}

/// Opens a type of resources.
pub fn open<T: Resource>(cx: Cx<'_>) -> bool {
    crate::resource::open::<T>(cx)
}

pub const fn count(names: &[&str]) -> usize {
    names.len()
}

/// The natives of a plugin, in a static.
pub struct Natives<const N: usize>(pub [abi::NativeEntry; N]);

// SAFETY: text and code of the library, never written.
unsafe impl<const N: usize> Sync for Natives<N> {}

pub const fn entry(name: &'static str, arity: u32, class: u32, run: abi::Native) -> abi::NativeEntry {
    abi::NativeEntry { name: abi::Bytes::of(name), arity, class, run }
}

/// A plugin, in a static.
pub struct Whole(abi::Plugin);

// SAFETY: as for `Natives`.
unsafe impl Sync for Whole {}

impl Whole {
    pub fn address(&'static self) -> *const abi::Plugin {
        &raw const self.0
    }
}

type Load = unsafe extern "C" fn(*mut abi::Call, abi::Term, *mut abi::State, *mut *mut abi::State) -> i32;

pub const fn whole<S: State>(
    module: &'static str,
    capabilities: &'static str,
    natives: &'static [abi::NativeEntry],
    load: Load,
) -> Whole {
    Whole(abi::Plugin {
        size: size_of::<abi::Plugin>() as u32,
        version: abi::VERSION,
        table_size: size_of::<abi::Table>() as u32,
        flags: 0,
        module: abi::Bytes::of(module),
        capabilities: abi::Bytes::of(capabilities),
        built_with: abi::Bytes::of(concat!("glulam-plugin ", env!("CARGO_PKG_VERSION"))),
        natives: natives.as_ptr(),
        native_count: natives.len(),
        init,
        load,
        unload: unload::<S>,
    })
}
