//! Breakpoints: functions whose first instruction is replaced by one that tells the tracing floor.
//!
//! A local breakpoint stands in the loaded code and meets every call. A global one stands in the stub
//! of an export, to which its address then points: it meets calls through the export. That of a
//! native is in its stub, too.

use std::any::Any;

use rustc_hash::FxHashMap as HashMap;

use super::{Export, Loaded};
use crate::base::sync::{Arc, AtomicU64, AtomicUsize, OnceLock, Ordering, RwLock};

/// Loaded op of a breakpoint.
pub const BREAKPOINT: u64 = 2;

/// A function that is traced.
pub struct Breakpoint {
    /// Names the function: also one that is not exported.
    pub function: &'static Export,
    /// In the export's stub, not in the code.
    pub is_global: bool,
    /// The instruction's first word without the breakpoint.
    original: u64,
    /// What is traced: the tracing floor knows.
    pub what: Arc<dyn Any + Send + Sync>,
}

impl Breakpoint {
    /// The word of the instruction that it replaces.
    pub fn original(&self) -> u64 {
        self.original
    }
}

type Table = RwLock<HashMap<usize, Arc<Breakpoint>>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

/// Breakpoints in natives.
static NATIVES: AtomicUsize = AtomicUsize::new(0);

/// Whether any native has a breakpoint.
#[inline(always)]
pub fn any_native() -> bool {
    NATIVES.load(Ordering::Relaxed) != 0
}

/// Where the breakpoint of a function is.
#[derive(Clone, Copy)]
pub enum Spot<'a> {
    /// An instruction of a module's code, by its offset.
    Code(&'a Loaded, u32),
    /// The stub of an export.
    Stub,
}

fn word<'a>(spot: Spot<'a>, function: &'a Export) -> &'a AtomicU64 {
    match spot {
        // SAFETY: an instruction of the code; words of instructions are written whole (C4).
        Spot::Code(loaded, offset) => unsafe { &*loaded.address_of(offset).cast::<AtomicU64>() },
        Spot::Stub => function.stub_word(),
    }
}

/// Has calls of a function tell `what`, from now on.
pub fn set(spot: Spot<'_>, function: &'static Export, what: Arc<dyn Any + Send + Sync>) {
    let word = word(spot, function);
    let is_global = matches!(spot, Spot::Stub);
    let mut table = table().write();
    let key = std::ptr::from_ref(word) as usize;
    let (original, is_new) = match table.get(&key) {
        Some(old) => (old.original, false),
        None => (word.load(Ordering::Relaxed), true),
    };
    table.insert(key, Arc::new(Breakpoint { function, is_global, original, what }));
    if !is_new {
        return;
    }
    word.store(original & !0xffff | BREAKPOINT, Ordering::Release);
    if is_global {
        if function.is_native() {
            NATIVES.fetch_add(1, Ordering::Relaxed);
        }
        function.redirect();
    }
}

/// Ends a breakpoint; what it told.
pub fn clear(spot: Spot<'_>, function: &'static Export) -> Option<Arc<dyn Any + Send + Sync>> {
    let word = word(spot, function);
    let mut table = table().write();
    let old = table.remove(&(std::ptr::from_ref(word) as usize))?;
    if old.is_global {
        if function.is_native() {
            NATIVES.fetch_sub(1, Ordering::Relaxed);
        }
        function.direct();
    }
    word.store(old.original, Ordering::Release);
    Some(old.what.clone())
}

/// The breakpoint of a spot.
pub fn get(spot: Spot<'_>, function: &'static Export) -> Option<Arc<Breakpoint>> {
    at(word(spot, function).as_ptr())
}

/// The breakpoint at an address.
pub fn at(pc: *const u64) -> Option<Arc<Breakpoint>> {
    table().read().get(&(pc as usize)).cloned()
}

/// The op of the instruction at an address, whatever breakpoint stands there.
///
/// # Safety
/// An instruction is there.
pub(crate) unsafe fn op_at(pc: *const u64) -> u16 {
    // SAFETY: the caller's.
    let op = unsafe { *pc } as u16;
    if u64::from(op) != BREAKPOINT {
        return op;
    }
    at(pc).map_or(op, |breakpoint| breakpoint.original as u16)
}

/// Ends every breakpoint in code that is replaced or deleted, and those of its exports.
pub fn clear_code(loaded: &Loaded) {
    if table().read().is_empty() {
        return;
    }
    for f in &loaded.functions {
        let function = Export::existing(loaded.module, f.name, f.arity);
        let Some(function) = function else { continue };
        clear(Spot::Code(loaded, f.entry), function);
        if !function.is_native() {
            clear(Spot::Stub, function);
        }
    }
}
