//! Loading modules: from the bytes of a file to code that calls reach.

use glulam_bytecode::verify;

use super::isa::Op;
use super::lower::{self, LowerError};
use super::start;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicU64, Mutex, Ordering};
use crate::bif::Decl;
use crate::code::{Export, FunEntry, Loaded, breakpoint, module};
use crate::process::{Pid, Process, host, trace};
use crate::table::suspend;

/// Why a file can't be loaded.
#[derive(Debug)]
pub enum Error {
    /// The file is no sound BEAM file.
    File(glulam_bytecode::LoadError),
    /// It is, but this runtime can't run it.
    Lower { file: Box<str>, error: LowerError },
    /// Old code of the module is still there.
    NotPurged,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::File(e) => e.fmt(f),
            Error::Lower { file, error } => write!(f, "{file}: {error}"),
            Error::NotPurged => write!(f, "old code must be purged first"),
        }
    }
}

impl std::error::Error for Error {}

/// Reads, checks and lowers a file. Nothing can reach the code yet.
pub fn prepare(file_name: &str, bytes: &[u8]) -> Result<Arc<Loaded>, Error> {
    let (file, verified) = verify::load(file_name, bytes).map_err(Error::File)?;
    let loaded = lower::lower(&file, &verified)
        .map_err(|error| Error::Lower { file: file_name.into(), error })?;
    Ok(Arc::new(loaded))
}

/// Makes prepared code the current code of its module; the code before it becomes old. Code with
/// an on_load function waits for `finish_on_load` instead.
pub fn finish(loaded: Arc<Loaded>) -> Result<(), Error> {
    if loaded.on_load.is_none() {
        end_breakpoints(loaded.module);
    }
    module::change(loaded.module, |entry| {
        if entry.current.is_some() && entry.old.is_some() {
            return Err(Error::NotPurged);
        }
        if loaded.on_load.is_some() {
            entry.on_load = Some(loaded.clone());
            return Ok(());
        }
        entry.old = entry.current.take().or(entry.old.take());
        entry.current = Some(loaded.clone());
        publish(&loaded);
        Ok(())
    })?;
    if loaded.on_load.is_none() {
        tell(&loaded);
        return Ok(());
    }
    // Funs that the on_load function makes can be called before its outcome is known.
    for (fun, offset) in loaded.funs.iter().filter(|(fun, _)| fun.address().is_null()) {
        fun.set_address(loaded.address_of(*offset));
    }
    Ok(())
}

/// The native that has replaced a function of loaded code.
pub fn replacement(loaded: &Loaded, name: Atom, arity: u8) -> Option<&'static Decl> {
    let function = loaded.functions.iter().find(|f| f.name == name && f.arity == arity)?;
    if !is_replaceable(loaded, function.entry) {
        return None;
    }
    let native = loaded.code[function.entry as usize + 1];
    // SAFETY: put there by `replace` from a static declaration.
    (native != 0).then(|| unsafe { &*(native as *const Decl) })
}

/// Code is about to be replaced or deleted: what was traced in it no longer is.
fn end_breakpoints(module: Atom) {
    if let Some(loaded) = module::current(module) {
        breakpoint::clear_code(&loaded);
    }
}

/// Points exports and fun entries at the code. Before others see that it is there: who finds that a module is
/// loaded calls it.
fn publish(loaded: &Loaded) {
    // Functions that the new code no longer exports stop existing.
    for export in Export::all() {
        if export.module == loaded.module
            && !start::is_builtin(export)
            && !loaded.exports.iter().any(|(e, _)| std::ptr::eq(*e, export))
        {
            export.clear();
        }
    }
    for (export, offset) in &loaded.exports {
        if !start::is_builtin(export) {
            export.set_address(loaded.address_of(*offset));
        }
    }
    for (fun, offset) in &loaded.funs {
        fun.set_address(loaded.address_of(*offset));
    }
}

/// Tells those who trace that there is new code.
fn tell(loaded: &Loaded) {
    if let Some(tracing) = trace::tracing() {
        tracing.loaded(loaded);
    }
}

/// Ends the loading of a module with an on_load function: keeps the code, or drops it. `false`:
/// the module is not being loaded.
pub fn finish_on_load(module: Atom, keep: bool) -> bool {
    if keep {
        end_breakpoints(module);
    }
    let waiting = module::change(module, |entry| {
        let loaded = entry.on_load.take()?;
        if keep {
            entry.old = entry.current.take().or(entry.old.take());
            entry.current = Some(loaded.clone());
            publish(&loaded);
        } else {
            // Processes that the function has spawned may run it.
            entry.refused = Some(loaded.clone());
        }
        Some(loaded)
    });
    match waiting {
        Some(loaded) => {
            if keep {
                tell(&loaded);
            }
            true
        }
        None => false,
    }
}

/// Address of the on_load function of a module that is being loaded.
pub fn on_load_address(module: Atom) -> Option<*const u64> {
    let loaded = module::get(module)?.on_load?;
    loaded.on_load.map(|offset| loaded.address_of(offset))
}

/// Makes the current code old: calls no longer find it. `None`: there never was such a module;
/// `Some(false)`: it has old code already.
pub fn delete(module: Atom) -> Option<bool> {
    if module::get(module)?.old.is_none() {
        end_breakpoints(module);
    }
    let done = module::change(module, |entry| {
        if entry.old.is_some() {
            return false;
        }
        for export in Export::all() {
            if export.module == module && !start::is_builtin(export) {
                export.clear();
            }
        }
        entry.old = entry.current.take();
        true
    });
    Some(done)
}

/// What of a module is to be purged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purge {
    Old,
    /// Code whose on_load function failed.
    Refused,
}

/// Begins a purge: from here on no fun leads into the code; calls of such funs wait for the end of
/// the purge. `false`: there is nothing to purge, or a purge is under way.
pub fn begin_purge(module: Atom, what: Purge) -> bool {
    let target = module::change(module, |entry| {
        if entry.purging.is_some() {
            return None;
        }
        entry.purging = match what {
            Purge::Old => entry.old.clone(),
            Purge::Refused => entry.refused.clone(),
        };
        entry.purging.clone()
    });
    let Some(target) = target else { return false };
    for (fun, _) in &target.funs {
        if target.offset_of(fun.address()).is_some() {
            fun.suspend();
        }
    }
    true
}

/// Processes that are suspended because they called a fun of code that is being purged.
static PENDING: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Suspends the running process until the purge is over that a fun takes part in; it may be by now.
pub(crate) fn suspend_for_purge(fun: &FunEntry, process: &Process) {
    let mut pending = PENDING.lock();
    if fun.is_suspended() {
        process.suspended.fetch_add(1, Ordering::SeqCst);
        pending.push(process.id());
    }
}

/// Ends a purge: takes the code away, or leaves it as it was. The caller has made sure that no
/// process runs code that is taken away (C2). `false`: no purge is under way.
pub fn end_purge(module: Atom, take_away: bool) -> bool {
    let target = module::change(module, |entry| {
        let target = entry.purging.take()?;
        if take_away {
            for place in [&mut entry.old, &mut entry.refused] {
                if place.as_ref().is_some_and(|code| Arc::ptr_eq(code, &target)) {
                    *place = None;
                }
            }
        }
        Some(target)
    });
    let Some(target) = target else { return false };
    for (fun, offset) in target.funs.iter().filter(|(fun, _)| fun.is_suspended()) {
        fun.resume(if take_away { std::ptr::null() } else { target.address_of(*offset) });
    }
    // Those that wait for another purge find that out, and wait again.
    let pending = std::mem::take(&mut *PENDING.lock());
    pending.into_iter().for_each(suspend::resume_now);
    if take_away {
        // Now, whoever may still hold the code itself: a reference to what was prepared, say.
        let library = target.library.lock().take();
        if let Some(library) = library {
            // A native may still run whose process has ended.
            host::host().drop_after_natives(Box::new(library));
        }
    }
    true
}

/// Whether the function with this entry may be replaced by a native.
fn is_replaceable(loaded: &Loaded, entry: u32) -> bool {
    // SAFETY: a function's first instruction.
    loaded.replaceable && unsafe { breakpoint::op_at(loaded.address_of(entry)) } == Op::NifEntry as u16
}

/// Whether `replace` would find the function and find it replaceable.
pub fn can_replace(loaded: &Loaded, name: Atom, arity: u8) -> bool {
    let function = loaded.functions.iter().find(|f| f.name == name && f.arity == arity);
    function.is_some_and(|f| is_replaceable(loaded, f.entry))
}

/// Replaces a function of loaded code by a native. `false`: there is no such function, or it can't
/// be replaced.
pub fn replace(loaded: &Loaded, name: Atom, arity: u8, native: &'static Decl) -> bool {
    let Some(function) = loaded.functions.iter().find(|f| f.name == name && f.arity == arity) else {
        return false;
    };
    if !is_replaceable(loaded, function.entry) {
        return false;
    }
    let word = loaded.address_of(function.entry + 1).cast_mut().cast::<AtomicU64>();
    // SAFETY: the entry is a `NifEntry` of two words; the second one is only ever replaced whole.
    unsafe { &*word }.store(std::ptr::from_ref(native) as u64, Ordering::Release);
    true
}

/// Functions of loaded code that natives have replaced.
pub fn replaced(loaded: &Loaded) -> Vec<(Atom, u8)> {
    let is_replaced = |f: &&crate::code::FunctionRange| {
        is_replaceable(loaded, f.entry) && loaded.code[f.entry as usize + 1] != 0
    };
    loaded.functions.iter().filter(is_replaced).map(|f| (f.name, f.arity)).collect()
}
