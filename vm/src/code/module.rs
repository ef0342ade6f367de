//! Modules: loaded code with its tables, current and old, and the search by address.

use rustc_hash::FxHashMap as HashMap;

use crate::atom::Atom;
use crate::base::sync::{Arc, Mutex, OnceLock, RwLock, AtomicU64, Ordering};
use crate::code::{Export, FunEntry};
use crate::term::Term;

/// A function within the code of a module, by word offsets.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRange {
    /// Offset of its `func_info`.
    pub start: u32,
    /// Offset of its first instruction.
    pub entry: u32,
    pub name: Atom,
    pub arity: u8,
}

/// File index and line of code from `offset` on.
#[derive(Clone, Copy, Debug)]
pub struct LineEntry {
    pub offset: u32,
    pub file: u16,
    /// 0: unknown.
    pub line: u32,
}

/// The code of a module as loaded once.
pub struct Loaded {
    pub module: Atom,
    pub(crate) code: Box<[u64]>,
    /// In the order of their offsets.
    pub functions: Vec<FunctionRange>,
    /// Frame size (stack slots, -1: no frame) from each offset on, in order.
    pub(crate) frames: Vec<(u32, i32)>,
    pub(crate) lines: Vec<LineEntry>,
    pub(crate) files: Vec<Arc<str>>,
    /// Exported functions with the offset of their first instruction.
    pub exports: Vec<(&'static Export, u32)>,
    pub locals: Vec<(Atom, u8)>,
    pub funs: Vec<(&'static FunEntry, u32)>,
    /// Literals: the module's attributes and compile information, decoded.
    pub attributes: Term,
    pub compile_info: Term,
    pub md5: [u8; 16],
    /// Offset of the on_load function.
    pub on_load: Option<u32>,
    /// Functions begin with a `NifEntry`, for `erlang:load_nif/2`: all of them, or those that the
    /// module declares with `-nifs`.
    pub replaceable: bool,
    /// The library whose natives replaced some, until the code is purged.
    pub library: Mutex<Option<Arc<dyn std::any::Any + Send + Sync>>>,
    /// Bytes that instructions of the bit syntax refer to by address.
    /// Never read by this name.
    pub(crate) _strings: Box<[u8]>,
}

// SAFETY: its terms are literals, never freed before the code.
unsafe impl Send for Loaded {}
// SAFETY: as above; nothing in it changes but through atomics.
unsafe impl Sync for Loaded {}

/// Where an address is: function and source position.
#[derive(Clone)]
pub struct Place {
    pub module: Atom,
    pub function: Atom,
    pub arity: u8,
    pub file: Option<Arc<str>>,
    pub line: u32,
}

fn last_at_or_before<T>(table: &[T], offset: u32, key: impl Fn(&T) -> u32) -> Option<&T> {
    table[..table.partition_point(|e| key(e) <= offset)].last()
}

impl Loaded {
    pub(crate) fn base(&self) -> *const u64 {
        self.code.as_ptr()
    }

    pub(crate) fn address_of(&self, offset: u32) -> *const u64 {
        // SAFETY: offsets of our own tables lie within the code.
        unsafe { self.code.as_ptr().add(offset as usize) }
    }

    /// Offset of an address in this code.
    pub(crate) fn offset_of(&self, pc: *const u64) -> Option<u32> {
        let n = (pc as usize).wrapping_sub(self.code.as_ptr() as usize) / 8;
        (n < self.code.len()).then_some(n as u32)
    }

    pub(crate) fn function_at(&self, offset: u32) -> Option<&FunctionRange> {
        last_at_or_before(&self.functions, offset, |f| f.start)
    }

    /// Stack slots of the frame at an offset; `None`: no frame.
    pub(crate) fn frame_at(&self, offset: u32) -> Option<usize> {
        last_at_or_before(&self.frames, offset, |f| f.0).and_then(|f| usize::try_from(f.1).ok())
    }

    pub(crate) fn place_at(&self, offset: u32) -> Option<Place> {
        let f = self.function_at(offset)?;
        let line = last_at_or_before(&self.lines, offset, |l| l.offset)
            .filter(|l| l.offset >= f.start && l.line > 0);
        Some(Place {
            module: self.module,
            function: f.name,
            arity: f.arity,
            file: line.and_then(|l| self.files.get(l.file as usize).cloned()),
            line: line.map_or(0, |l| l.line),
        })
    }

    /// Whether it has a function, exported or not.
    pub fn defines(&self, function: Atom, arity: u8) -> bool {
        self.functions.iter().any(|f| f.name == function && f.arity == arity)
    }

    pub fn code_words(&self) -> usize {
        self.code.len()
    }
}

/// A module: the code that calls reach, and the code before it.
#[derive(Default, Clone)]
pub struct Entry {
    pub current: Option<Arc<Loaded>>,
    pub old: Option<Arc<Loaded>>,
    /// Loaded, but its on_load function has not finished.
    pub on_load: Option<Arc<Loaded>>,
    /// Its on_load function failed: waits for a purge.
    pub refused: Option<Arc<Loaded>>,
    /// What a purge that has begun is to take away: `old` or `refused`.
    pub purging: Option<Arc<Loaded>>,
}

#[derive(Default)]
struct Modules {
    entries: HashMap<Atom, Entry>,
    /// All code by address, with where it begins.
    ranges: Vec<(usize, Arc<Loaded>)>,
}

fn modules() -> &'static RwLock<Modules> {
    static MODULES: OnceLock<RwLock<Modules>> = OnceLock::new();
    MODULES.get_or_init(RwLock::default)
}

/// The entry of a module.
pub fn get(module: Atom) -> Option<Entry> {
    modules().read().entries.get(&module).cloned()
}

/// The current code of a module.
pub fn current(module: Atom) -> Option<Arc<Loaded>> {
    modules().read().entries.get(&module)?.current.clone()
}

/// Every module with current code.
pub fn all_loaded() -> Vec<Atom> {
    let modules = modules().read();
    modules.entries.iter().filter(|(_, e)| e.current.is_some()).map(|(&m, _)| m).collect()
}

/// How often what stands at addresses has changed.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// What was known of an address of code at one number holds as long as the number stays. Whoever has the address
/// of new code has it from somebody who knows of the change.
pub(crate) fn changes() -> u64 {
    CHANGES.load(Ordering::Relaxed)
}

/// Changes the entry of a module; code that an entry newly holds becomes searchable, code that no
/// entry holds any more stops being so. Whoever asks for the entry meanwhile waits: what `f` points at
/// the code is there for all who find it.
pub fn change<R>(module: Atom, f: impl FnOnce(&mut Entry) -> R) -> R {
    let mut modules = modules().write();
    let modules = &mut *modules;
    let entry = modules.entries.entry(module).or_default();
    let before = held(entry);
    // Before anybody can get to the code.
    CHANGES.fetch_add(1, Ordering::Relaxed);
    let result = f(entry);
    let after = held(entry);
    for gone in before.iter().filter(|b| !after.iter().any(|a| Arc::ptr_eq(a, b))) {
        modules.ranges.retain(|(_, r)| !Arc::ptr_eq(r, gone));
    }
    for new in after.iter().filter(|a| !before.iter().any(|b| Arc::ptr_eq(a, b))) {
        let base = new.base() as usize;
        let at = modules.ranges.partition_point(|r| r.0 < base);
        modules.ranges.insert(at, (base, new.clone()));
    }
    result
}

fn held(entry: &Entry) -> Vec<Arc<Loaded>> {
    let mut all: Vec<_> = [&entry.current, &entry.old, &entry.on_load, &entry.refused].into_iter().flatten().cloned().collect();
    all.dedup_by(|a, b| Arc::ptr_eq(a, b));
    all
}

/// The code that an address belongs to, with the offset in it.
pub fn find(pc: *const u64) -> Option<(Arc<Loaded>, u32)> {
    let modules = modules().read();
    let at = modules.ranges.partition_point(|r| r.0 <= pc as usize);
    let (_, loaded) = modules.ranges[..at].last()?;
    loaded.offset_of(pc).map(|offset| (loaded.clone(), offset))
}
