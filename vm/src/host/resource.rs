//! Resources: memory of a library's own that Erlang holds through references.
//!
//! A resource is one block, `[ magic | size ][ the library's bytes ]`, and counted by its `Magic`:
//! what the library holds and what terms hold alike.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ffi::{c_int, c_void};

use super::Env;
use super::library::Library;
use crate::atom::Atom;
use crate::base::sync::{Arc, Mutex, RwLock};
use crate::heap::Magic;
use crate::process::reference;

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
}

struct Owner {
    callbacks: Callbacks,
    /// Keeps the library open as long as there are resources that it is to destroy.
    library: Option<Arc<Library>>,
}

/// A type of resources.
pub(crate) struct Type {
    module: Atom,
    name: Box<[u8]>,
    owner: RwLock<Owner>,
}

/// A type that a library asked for while it is being loaded.
pub(super) struct Opening {
    ty: Arc<Type>,
    callbacks: Callbacks,
}

static TYPES: Mutex<Vec<Arc<Type>>> = Mutex::new(Vec::new());

/// Asks for a type: one that exists with `TAKEOVER` (2), a new one with `CREATE` (1). The type, and
/// which of the two it is.
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
        Some(_) => return Err(2),
        None if flags & 1 != 0 => {
            let owner = RwLock::new(Owner { callbacks: Callbacks::default(), library: None });
            (Arc::new(Type { module, name: name.into(), owner }), 1)
        }
        None => return Err(1),
    };
    let at = Arc::as_ptr(&ty);
    opening.push(Opening { ty, callbacks });
    Ok((at, how))
}

/// A library was loaded: the types that it asked for are its own.
pub(super) fn take_over(opened: Vec<Opening>, library: &Arc<Library>) {
    let mut types = TYPES.lock();
    for Opening { ty, callbacks } in opened {
        let before = {
            let mut owner = ty.owner.write();
            owner.callbacks = callbacks;
            owner.library.replace(library.clone())
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
    let (gone, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut *types)
        .into_iter()
        .partition(|t| t.owner.read().library.as_ref().is_some_and(|l| Arc::ptr_eq(l, library)));
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

/// The value of a resource's `Magic`.
pub(super) struct Resource {
    ty: Arc<Type>,
    head: *mut Head,
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
        // SAFETY: behind the head.
        unsafe { self.head.add(1).cast::<c_void>() }
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let (destroy, library) = {
            let owner = self.ty.owner.read();
            (owner.callbacks.destroy, owner.library.clone())
        };
        if let Some(destroy) = destroy {
            let mut env = Env::of_library(library.as_ref().map_or(std::ptr::null(), Arc::as_ptr));
            // SAFETY: declared with this type; nobody else has the block any more.
            unsafe { destroy(&mut env, self.data()) };
        }
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.head.cast::<u8>(), layout((*self.head).size)) };
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
    // SAFETY: N1: a type that was opened, alive as long as its library.
    let ty = unsafe {
        Arc::increment_strong_count(ty);
        Arc::from_raw(ty)
    };
    let magic = Magic::new(reference::fresh(), Box::new(Resource { ty, head }));
    // SAFETY: a fresh block.
    unsafe {
        head.write(Head { magic, size });
        head.add(1).cast::<c_void>()
    }
}

/// The object and size of a resource from the library's bytes.
pub(super) unsafe fn of_data(data: *mut c_void) -> (*const Magic, usize) {
    // SAFETY: N1: what `new` gave.
    let head = unsafe { &*data.cast::<Head>().sub(1) };
    (head.magic, head.size)
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
