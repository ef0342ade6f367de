//! Resources: values of the plugin's that Erlang refers to.

use std::any::TypeId;
use std::collections::HashMap;
use std::ffi::c_void;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use glulam_abi as abi;

use crate::glue::{bytes, table};
use crate::{Cx, Error, FromTerm, IntoTerm, Term};

/// A type of resources. It is dropped when neither Erlang nor the plugin refers to it any more.
pub trait Resource: Send + Sync + Sized + 'static {
    /// For people.
    const NAME: &'static str;
    /// Bytes of memory that a process which refers to it answers for. Asked once, when it becomes a term.
    fn size(&self) -> usize {
        size_of::<Self>()
    }
}

/// A resource, held by the plugin. As a term it is a reference.
pub struct Ref<T: Resource>(Arc<T>);

impl<T: Resource> Ref<T> {
    pub fn new(value: T) -> Ref<T> {
        Ref(Arc::new(value))
    }
}

impl<T: Resource> Clone for Ref<T> {
    fn clone(&self) -> Self {
        Ref(self.0.clone())
    }
}

impl<T: Resource> Deref for Ref<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

struct Opened(*mut abi::ResourceType);

// SAFETY: P3: a type lives as long as the plugin, and is only named.
unsafe impl Send for Opened {}
// SAFETY: P3.
unsafe impl Sync for Opened {}

static TYPES: RwLock<Option<HashMap<TypeId, Opened>>> = RwLock::new(None);

/// The opened type of `T`.
fn type_of<T: Resource>() -> Option<*mut abi::ResourceType> {
    TYPES.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.get(&TypeId::of::<T>()).map(|opened| opened.0)
}

/// Opens the type of `T`, while the plugin is loaded. A version of the plugin that was built anew has
/// types of its own: what the one before made may be laid out otherwise.
pub(crate) fn open<T: Resource>(cx: Cx<'_>) -> bool {
    unsafe extern "C" fn free<T: Resource>(value: *mut c_void) {
        // SAFETY: P3: what `into_raw` gave, once.
        let value = unsafe { Arc::from_raw(value.cast_const().cast::<T>()) };
        crate::glue::quietly(move || drop(value));
    }
    let name = format!("{} {:p}", T::NAME, &raw const TYPES);
    // SAFETY: P1.
    let opened = unsafe { (table().open_type)(cx.call, bytes(name.as_bytes()), free::<T>) };
    if opened.is_null() {
        return false;
    }
    let mut types = TYPES.write().unwrap_or_else(PoisonError::into_inner);
    types.get_or_insert_default().insert(TypeId::of::<T>(), Opened(opened));
    true
}

fn value_of<T: Resource>(term: Term<'_>) -> Result<*const T, Error> {
    let ty = type_of::<T>().ok_or_else(Error::badarg)?;
    let mut value = std::ptr::null_mut();
    // SAFETY: P1, P3.
    let is = unsafe { (table().get_resource)(term.cx.call, term.raw, ty, &mut value) };
    if is == 1 { Ok(value.cast_const().cast::<T>()) } else { Err(Error::badarg()) }
}

impl<'a, T: Resource> FromTerm<'a> for &'a T {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        // SAFETY: P3: the term keeps it as long as the call.
        value_of::<T>(term).map(|value| unsafe { &*value })
    }
}

impl<'a, T: Resource> FromTerm<'a> for Ref<T> {
    fn from_term(term: Term<'a>) -> Result<Self, Error> {
        let value = value_of::<T>(term)?;
        // SAFETY: P3: from `into_raw`; the term keeps its count.
        unsafe {
            Arc::increment_strong_count(value);
            Ok(Ref(Arc::from_raw(value)))
        }
    }
}

/// A type that `plugin!` does not name in `resources` gives `undefined`.
impl<T: Resource> IntoTerm for Ref<T> {
    fn into_term(self, cx: Cx<'_>) -> Term<'_> {
        let Some(ty) = type_of::<T>() else { return cx.make(crate::atom("undefined")) };
        let size = self.0.size();
        let value = Arc::into_raw(self.0).cast_mut().cast::<c_void>();
        // SAFETY: P1, P3.
        cx.term(unsafe { (table().make_resource)(cx.call, ty, value, size) })
    }
}
