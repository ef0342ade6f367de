//! Plugins: libraries built for our own interface (`glulam_abi`). What they are told, and the
//! functions that they call.

mod step;
mod table;

use std::ffi::c_void;

use glulam_abi as abi;

use super::Env;
use crate::atom::Atom;
use crate::bif::Class;
use crate::term::Term;

pub(super) use step::{Stepping, steps_through};
pub(super) use table::TABLE;

// A term of the interface is one of ours.
const _: () = assert!(abi::Term::NONE.0 == Term::NONE.bits() && size_of::<abi::Term>() == size_of::<Term>());

/// Text that a plugin names.
///
/// # Safety
/// N1: the bytes are there.
pub(super) unsafe fn text(bytes: abi::Bytes) -> String {
    // SAFETY: the caller's promise.
    String::from_utf8_lossy(unsafe { table::slice(bytes) }).into_owned()
}

/// What is wrong with a plugin for a module, if anything is.
///
/// # Safety
/// N1: what the entry function gave.
pub(super) unsafe fn fault(plugin: *const abi::Plugin, module: Atom) -> Option<String> {
    let name = module.name();
    // SAFETY: N1: size and version are there in every version of the interface.
    let (size, version) = unsafe { ((*plugin).size, (*plugin).version) };
    if version != abi::VERSION || (size as usize) < size_of::<abi::Plugin>() {
        return Some(format!(
            "That '{name}' plugin is built for version {version} of the interface; this runtime has version {}. \
             Build it again.",
            abi::VERSION
        ));
    }
    // SAFETY: N1, of this version.
    let plugin = unsafe { &*plugin };
    let ours = size_of::<abi::Table>();
    if plugin.table_size as usize > ours {
        let functions = |size: usize| (size - 8) / 8;
        return Some(format!(
            "That '{name}' plugin calls {} functions of the runtime, and this runtime has {}. Use a newer one.",
            functions(plugin.table_size as usize),
            functions(ours)
        ));
    }
    // SAFETY: N1.
    let own = unsafe { text(plugin.module) };
    (own != name).then(|| format!("Library module name '{own}' does not match calling module '{name}'"))
}

/// A native of a plugin, as the loader needs it.
pub(super) struct Native {
    pub name: String,
    pub arity: u32,
    /// As declared, and whether it begins on a dirty thread; `None`: there is no such class.
    pub class: Option<(Class, bool)>,
    pub run: abi::Native,
}

/// The natives of a plugin.
///
/// # Safety
/// N1: a plugin without a fault.
pub(super) unsafe fn natives(plugin: &abi::Plugin) -> Vec<Native> {
    // SAFETY: N1.
    let entries = unsafe { table::array(plugin.natives, plugin.native_count) };
    let class = |class| match class {
        abi::class::QUICK => Some((Class::Normal, false)),
        abi::class::LONG => Some((Class::Normal, true)),
        abi::class::BLOCKING => Some((Class::DirtyIo, false)),
        _ => None,
    };
    entries
        .iter()
        // SAFETY: N1.
        .map(|e| Native { name: unsafe { text(e.name) }, arity: e.arity, class: class(e.class), run: e.run })
        .collect()
}

/// Has a plugin begin; why it does not.
///
/// # Safety
/// N1: a plugin without a fault.
pub(super) unsafe fn begin(
    plugin: &abi::Plugin,
    env: &mut Env,
    info: Term,
    before: *mut c_void,
    state: *mut *mut c_void,
) -> Result<(), String> {
    (plugin.init)(&raw const TABLE);
    // SAFETY: N1.
    let veto = unsafe { (plugin.load)(std::ptr::from_mut(env).cast(), abi::Term(info.bits()), before.cast(), state.cast()) };
    if !env.raised.is_none() {
        return Err(format!("Plugin can't begin: {}", crate::term::print::to_string(env.raised)));
    }
    if veto == 0 { Ok(()) } else { Err(format!("Library load-call unsuccessful ({veto}).")) }
}
