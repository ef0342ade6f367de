//! Resources: memory of a library's own that Erlang holds through references.
//!
//! A resource is one block, `[ magic | size ][ the library's bytes ]`, and counted by its `Magic`:
//! what the library holds and what terms hold alike.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::{c_int, c_void};

use super::Env;
use super::library::Library;
use super::watch::Watch;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicUsize, Mutex, OnceLock, Ordering, RwLock};
use crate::heap::{BinaryBuffer, Magic};
use crate::process::reference;
use crate::term::{Kind, Term};

pub(crate) type Destroy = unsafe extern "C" fn(*mut Env, *mut c_void);
pub(crate) type StopEvent = unsafe extern "C" fn(*mut Env, *mut c_void, c_int, c_int);
pub(crate) type Down = unsafe extern "C" fn(*mut Env, *mut c_void, *mut c_void, *mut c_void);
pub(crate) type DynamicCall = unsafe extern "C" fn(*mut Env, *mut c_void, *mut c_void);

/// What a library wants to be called for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Callbacks {
    pub destroy: Option<Destroy>,
    pub stop: Option<StopEvent>,
    pub down: Option<Down>,
    pub dynamic: Option<DynamicCall>,
    /// Of a plugin's resources, in place of `destroy`.
    pub free: Option<glulam_abi::Drop>,
}

impl Callbacks {
    fn any(&self) -> bool {
        self.free.is_some() || self.destroy.is_some() || self.stop.is_some() || self.down.is_some() || self.dynamic.is_some()
    }
}

struct Owner {
    callbacks: Callbacks,
    /// Whose code is called. It stays open as long as there are resources that may need that.
    library: Option<Arc<Library>>,
}

/// A type of resources.
pub(crate) struct Type {
    module: Atom,
    name: Box<[u8]>,
    /// Address of the library that it belongs to.
    owned_by: AtomicUsize,
    owner: RwLock<Owner>,
}

fn address(library: &Arc<Library>) -> usize {
    Arc::as_ptr(library) as usize
}

impl Type {
    /// Its callbacks, and the library to be kept open while one runs.
    fn owner(&self) -> (Callbacks, Option<Arc<Library>>) {
        let owner = self.owner.read();
        (owner.callbacks, owner.library.clone())
    }

    pub(super) fn is_named(&self, module: Atom, name: Atom) -> bool {
        self.module == module && name.name().chars().map(u32::from).eq(self.name.iter().map(|&b| u32::from(b)))
    }

    /// For messages: "module name".
    pub(super) fn shown(&self) -> String {
        format!("{} {}", self.module.name(), String::from_utf8_lossy(&self.name))
    }
}

/// A type that a library asked for while it is being loaded.
pub(super) struct Opening {
    ty: Arc<Type>,
    callbacks: Callbacks,
}

static TYPES: Mutex<Vec<Arc<Type>>> = Mutex::new(Vec::new());

/// Asks for a type: one that exists with `TAKEOVER` (2), a new one with `CREATE` (1). The type, and
/// which of the two it is; or the flags as they were.
pub(super) fn open(
    opening: &mut Vec<Opening>,
    module: Atom,
    name: &[u8],
    callbacks: Callbacks,
    flags: c_int,
) -> Result<(*const Type, c_int), c_int> {
    let existing = TYPES.lock().iter().find(|t| t.module == module && &*t.name == name).cloned();
    let (ty, how) = match existing {
        Some(ty) if flags & 2 != 0 => (ty, 2),
        Some(_) => return Err(flags),
        None if flags & 1 != 0 => {
            let owner = RwLock::new(Owner { callbacks: Callbacks::default(), library: None });
            (Arc::new(Type { module, name: name.into(), owned_by: AtomicUsize::new(0), owner }), 1)
        }
        None => return Err(flags),
    };
    let at = Arc::as_ptr(&ty);
    opening.push(Opening { ty, callbacks });
    Ok((at, how))
}

/// A library was loaded: the types that it asked for are its own.
pub(super) fn take_over(opened: Vec<Opening>, library: &Arc<Library>) {
    let mut types = TYPES.lock();
    for Opening { ty, callbacks } in opened {
        ty.owned_by.store(address(library), Ordering::Release);
        let before = {
            let mut owner = ty.owner.write();
            owner.callbacks = callbacks;
            std::mem::replace(&mut owner.library, callbacks.any().then(|| library.clone()))
        };
        drop(before);
        if !types.iter().any(|t| Arc::ptr_eq(t, &ty)) {
            types.push(ty);
        }
    }
}

/// A library's code is gone: its types are known no longer. Resources keep theirs.
pub(super) fn forget(library: &Arc<Library>) {
    let mut types = TYPES.lock();
    let (gone, stay): (Vec<_>, Vec<_>) =
        std::mem::take(&mut *types).into_iter().partition(|t| t.owned_by.load(Ordering::Acquire) == address(library));
    *types = stay;
    drop(types);
    drop(gone);
}

#[repr(C, align(16))]
struct Head {
    magic: *const Magic,
    size: usize,
}

fn layout(size: usize) -> Layout {
    match Layout::from_size_align(size.saturating_add(std::mem::size_of::<Head>()), 16) {
        Ok(layout) => layout,
        Err(_) => crate::bug!("a resource of {size} bytes"),
    }
}

/// Where what a resource holds is.
enum Place {
    /// Behind a head, in a block of the resource's own.
    Block(*mut Head),
    /// Wherever a plugin put it.
    Plugin(*mut c_void),
}

/// The value of a resource's `Magic`.
pub(super) struct Resource {
    ty: Arc<Type>,
    place: Place,
    /// The monitors that it has, once there was one.
    watch: OnceLock<Arc<Watch>>,
}

// SAFETY: the block is the resource's own; what C does with its bytes is its affair (N1).
unsafe impl Send for Resource {}
// SAFETY: as above.
unsafe impl Sync for Resource {}

impl Resource {
    pub(super) fn is_of(&self, ty: *const Type) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.ty), ty)
    }

    /// The library's bytes.
    pub(super) fn data(&self) -> *mut c_void {
        match self.place {
            // SAFETY: behind the head.
            Place::Block(head) => unsafe { head.add(1).cast::<c_void>() },
            Place::Plugin(value) => value,
        }
    }
}

impl Resource {
    /// Calls a callback, if the type has it; whether it has.
    fn call<F>(&self, which: impl FnOnce(Callbacks) -> Option<F>, call: impl FnOnce(F, &mut Env)) -> bool {
        let (callbacks, library) = self.ty.owner();
        let Some(callback) = which(callbacks) else { return false };
        let mut env = Env::of_library(library.as_ref().map_or(std::ptr::null(), Arc::as_ptr));
        call(callback, &mut env);
        true
    }

    /// A process that it monitors has ended.
    pub(super) fn down(&self, process: Term, monitor: &mut super::watch::NifMonitor) {
        let mut pid = process;
        let (pid, monitor) = ((&raw mut pid).cast::<c_void>(), std::ptr::from_mut(monitor).cast::<c_void>());
        // SAFETY: declared with this type.
        self.call(|c| c.down, |down, env| unsafe { down(env, self.data(), pid, monitor) });
    }

    /// A descriptor is no longer selected: it may be closed.
    pub(super) fn stop(&self, event: c_int, direct: bool) {
        // SAFETY: declared with this type.
        self.call(|c| c.stop, |stop, env| unsafe { stop(env, self.data(), event, direct.into()) });
    }

    /// A call from another library, in the environment of that; `false`: the type has no such callback.
    pub(super) fn dynamic(&self, env: &mut Env, data: *mut c_void) -> bool {
        let (callbacks, _library) = self.ty.owner();
        let Some(dynamic) = callbacks.dynamic else { return false };
        // SAFETY: declared with this type.
        unsafe { dynamic(env, self.data(), data) };
        true
    }

    pub(super) fn ty(&self) -> &Type {
        &self.ty
    }

    pub(super) fn has_down(&self) -> bool {
        self.ty.owner.read().callbacks.down.is_some()
    }

    pub(super) fn watch(&self, magic: *const Magic) -> &Arc<Watch> {
        self.watch.get_or_init(|| Arc::new(Watch::new(magic)))
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        if let Some(watch) = self.watch.get() {
            watch.end();
        }
        // SAFETY: declared with this type; nobody else has the block any more.
        self.call(|c| c.destroy, |destroy, env| unsafe { destroy(env, self.data()) });
        match self.place {
            // SAFETY: allocated in `new` with this layout.
            Place::Block(head) => unsafe { dealloc(head.cast::<u8>(), layout((*head).size)) },
            // SAFETY: declared with this type; once.
            Place::Plugin(value) => {
                self.call(|c| c.free, |free, _| unsafe { free(value) });
            }
        }
    }
}

/// A new resource, held once: the library's bytes.
pub(super) unsafe fn new(ty: *const Type, size: usize) -> *mut c_void {
    let layout = layout(size);
    // SAFETY: the layout is not empty.
    let head = unsafe { alloc(layout) }.cast::<Head>();
    if head.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: as the caller says.
    let magic = unsafe { wrap(ty, Place::Block(head), None) };
    // SAFETY: a fresh block.
    unsafe {
        head.write(Head { magic, size });
        head.add(1).cast::<c_void>()
    }
}

unsafe fn wrap(ty: *const Type, place: Place, size: Option<usize>) -> *const Magic {
    // SAFETY: N1: a type that was opened, alive as long as its library.
    let ty = unsafe {
        Arc::increment_strong_count(ty);
        Arc::from_raw(ty)
    };
    let value = Box::new(Resource { ty, place, watch: OnceLock::new() });
    match size {
        Some(size) => Magic::sized(reference::fresh(), value, size),
        None => Magic::new(reference::fresh(), value),
    }
}

/// A new resource, held once, of what a plugin made.
pub(super) unsafe fn holding(ty: *const Type, value: *mut c_void, size: usize) -> *const Magic {
    // SAFETY: as the caller says.
    unsafe { wrap(ty, Place::Plugin(value), Some(size)) }
}

/// The object and size of a resource from the library's bytes.
pub(super) unsafe fn of_data(data: *mut c_void) -> (*const Magic, usize) {
    // SAFETY: N1: what `new` gave.
    let head = unsafe { &*data.cast::<Head>().sub(1) };
    (head.magic, head.size)
}

/// The resource that a term refers to, or keeps as the owner of a binary's bytes.
pub(super) fn of_term(term: &Term) -> Option<&Resource> {
    if let Some(bits) = term.as_bits().filter(|bits| bits.base.header().is(Kind::RefcBinary)) {
        // SAFETY: T1: word 1 of the handle is its buffer.
        let owner = unsafe { (*(bits.base.word(1) as *const BinaryBuffer)).owner() }?;
        // SAFETY: held by the buffer, which the term keeps.
        return unsafe { (*owner.downcast_ref::<Hold>()?.0).value.downcast_ref() };
    }
    Magic::value_of(term)
}

/// The resource of a library's bytes.
pub(super) unsafe fn at<'a>(data: *mut c_void) -> &'a Resource {
    // SAFETY: N1: the library holds it.
    match unsafe { (*of_data(data).0).value.downcast_ref::<Resource>() } {
        Some(resource) => resource,
        None => crate::bug!("a resource is none"),
    }
}

/// Holds a resource until it is dropped.
pub(super) struct Hold(pub *const Magic);

// SAFETY: counts are atomic.
unsafe impl Send for Hold {}
// SAFETY: as above.
unsafe impl Sync for Hold {}

impl Drop for Hold {
    fn drop(&mut self) {
        // SAFETY: a count of its own.
        unsafe { Magic::release(self.0) };
    }
}
