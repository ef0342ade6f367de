//! Loading libraries, and what happens when their code goes.

use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;

use glulam_abi as abi;
use libloading::os::unix::{Library as Linked, RTLD_GLOBAL, RTLD_LOCAL, RTLD_NOW};

use super::call::{self, Function, Target};
use super::isolated::{self, Isolated};
use super::{Env, elf, plugin, resource};
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, AtomicPtr, Mutex, OnceLock, Ordering};
use crate::bif::{Class, Decl, Direct};
use crate::code::{Loaded, module};
use crate::exec::load as code_load;
use crate::process::{Own, Process};
use crate::sched::meter::Meter;
use crate::term::Term;

/// `ErlNifFunc`
#[repr(C)]
#[derive(Clone, Copy)]
struct NifFunc {
    name: *const c_char,
    arity: c_uint,
    function: Function,
    flags: c_uint,
}

type Load = unsafe extern "C" fn(*mut Env, *mut *mut c_void, Term) -> c_int;
type Upgrade = unsafe extern "C" fn(*mut Env, *mut *mut c_void, *mut *mut c_void, Term) -> c_int;
type Unload = unsafe extern "C" fn(*mut Env, *mut c_void);

/// `ErlNifEntry`. Fields from `vm_variant` on are there from the version that its comment names.
#[repr(C)]
struct NifEntry {
    major: c_int,
    minor: c_int,
    name: *const c_char,
    function_count: c_int,
    functions: *const NifFunc,
    load: Option<Load>,
    reload: Option<Load>,
    upgrade: Option<Upgrade>,
    unload: Option<Unload>,
    /// 2.1
    vm_variant: *const c_char,
    /// 2.7
    options: c_uint,
    /// 2.12
    resource_init_size: usize,
    /// 2.14
    min_erts: *const c_char,
}

/// The version of the interface that we have.
pub(super) const VERSION: (c_int, c_int) = (2, 16);
const VARIANT: &CStr = c"beam.vanilla";

/// What a library says of itself.
#[derive(Clone, Copy)]
enum Entry {
    /// It was built for `erl_nif.h`.
    Nif(*const NifEntry),
    /// It was built for our interface.
    Plugin(*const abi::Plugin),
}

/// A library of a module's code.
pub struct Library {
    entry: Entry,
    private: AtomicPtr<c_void>,
    /// Loaded with success: `unload` is due at the end.
    in_use: AtomicBool,
    pub(super) module: Atom,
    /// Open as long as this lives: dropped last.
    _open: Linked,
}

// SAFETY: an entry is read only; what C makes of its private data is its own affair (N1).
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// The natives of a plugin.
    pub(super) fn plugin_natives(&self) -> Vec<plugin::Native> {
        match self.entry {
            // SAFETY: N1: a plugin without a fault.
            Entry::Plugin(plugin) => unsafe { plugin::natives(&*plugin) },
            Entry::Nif(_) => Vec::new(),
        }
    }

    pub(super) fn private(&self) -> *mut c_void {
        self.private.load(Ordering::Acquire)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        if !self.in_use.load(Ordering::Acquire) {
            return;
        }
        match self.entry {
            Entry::Nif(entry) => {
                // SAFETY: the entry of an open library.
                if let Some(unload) = unsafe { (*entry).unload } {
                    let mut env = Env::of_library(self);
                    // SAFETY: declared with this type.
                    unsafe { unload(&mut env, self.private()) };
                }
            }
            // SAFETY: N1: neither code nor resources lead into it any more.
            Entry::Plugin(plugin) => unsafe { ((*plugin).unload)(self.private().cast()) },
        }
    }
}

/// What loaded code holds of its library.
struct InUse(Arc<Library>);

impl Drop for InUse {
    fn drop(&mut self) {
        resource::forget(&self.0);
    }
}

/// Why a library was not loaded: a word and a text.
pub type Refused = (Term, String);

/// Loads the library `path` (without ".so") for the code that calls.
pub fn load(own: &mut Own, process: &Process, loaded: &Arc<Loaded>, path: &[u8], info: Term) -> Result<(), Refused> {
    super::api::keep();
    let name = loaded.module.name();
    let entry = module::get(loaded.module).unwrap_or_default();
    let is = |code: &Option<Arc<Loaded>>| code.as_ref().is_some_and(|code| Arc::ptr_eq(code, loaded));
    let before = if is(&entry.on_load) {
        entry.current.or(entry.old)
    } else if is(&entry.current) {
        entry.old
    } else {
        return Err((am::old_code, format!("Calling load_nif from old module '{name}' not allowed")));
    };
    if loaded.library.lock().is_some() {
        let text = "NIF library already loaded (reload disallowed since OTP 20).";
        return Err((am::reload, text.into()));
    }
    if isolated::is_chosen(loaded.module) {
        return load_isolated(loaded, path, info);
    }
    let library = open(&[path, b".so"].concat(), loaded.module)?;
    let natives = natives(&library, loaded)?;
    let before = before.as_ref().and_then(|code| code.library.lock().clone());
    let before = before.as_ref().and_then(|library| library.downcast_ref::<InUse>());
    start(own, process, &library, before.map(|b| &*b.0), info)?;
    for (function, decl) in natives {
        code_load::replace(loaded, function, decl.arity, decl);
    }
    *loaded.library.lock() = Some(Arc::new(InUse(library)));
    Ok(())
}

/// The plugin runs in a program of its own.
fn load_isolated(loaded: &Arc<Loaded>, path: &[u8], info: Term) -> Result<(), Refused> {
    let (isolated, natives) = Isolated::open(path, loaded.module, info)?;
    let mut found = Vec::new();
    for native in &natives {
        let (function, arity) = place_of(loaded, &native.name, native.arity)?;
        found.push((function, isolated::declare(&isolated, native, function, arity)));
    }
    for (function, decl) in found {
        code_load::replace(loaded, function, decl.arity, decl);
    }
    *loaded.library.lock() = Some(Arc::new(Ending(isolated)));
    Ok(())
}

/// What loaded code holds of its isolated plugin.
struct Ending(Arc<Isolated>);

impl Drop for Ending {
    fn drop(&mut self) {
        isolated::end(&self.0);
    }
}

/// In the program of an isolated plugin: opens it and has it begin.
pub(super) fn open_isolated(file: &[u8], module: Atom, info: Term) -> Result<Arc<Library>, Refused> {
    let library = open(file, module)?;
    let Entry::Plugin(plugin) = library.entry else {
        let text = "Only a plugin can be isolated, not a library for erl_nif.h.";
        return Err((am::bad_lib, text.into()));
    };
    let mut env = Env::of_library(&*library);
    env.begin_opening();
    // SAFETY: N1: a plugin without a fault.
    let begun = unsafe { plugin::begin(&*plugin, &mut env, info, std::ptr::null_mut(), library.private.as_ptr()) };
    let opened = env.take_opening();
    begun.map_err(|text| (am::load, text))?;
    resource::take_over(opened, &library);
    Ok(library)
}

/// Calls `load`, or `upgrade` if the code before has a library.
fn start(
    own: &mut Own,
    process: &Process,
    library: &Arc<Library>,
    before: Option<&Library>,
    info: Term,
) -> Result<(), Refused> {
    let mut env = Env::of_call(own, process, &**library);
    env.begin_opening();
    let refused = match library.entry {
        // SAFETY: the entry of an open library.
        Entry::Nif(entry) => start_nif(unsafe { &*entry }, &mut env, library, before, info).err(),
        Entry::Plugin(plugin) => {
            // What was not built for this interface has no state to hand over.
            let state = match before.map(|before| (before.entry, before)) {
                Some((Entry::Plugin(_), before)) => before.private(),
                _ => std::ptr::null_mut(),
            };
            // SAFETY: N1: a plugin without a fault.
            let begun = unsafe { plugin::begin(&*plugin, &mut env, info, state, library.private.as_ptr()) };
            begun.err().map(|text| (am::load, text))
        }
    };
    let opened = env.take_opening();
    if let Some(refused) = refused {
        return Err(refused);
    }
    library.in_use.store(true, Ordering::Release);
    resource::take_over(opened, library);
    Ok(())
}

static TAINTS: Mutex<Vec<Atom>> = Mutex::new(Vec::new());

fn taint(module: Atom) {
    let mut taints = TAINTS.lock();
    if !taints.contains(&module) {
        taints.push(module);
    }
}

/// Modules that foreign code was loaded for.
pub fn taints() -> Vec<Atom> {
    TAINTS.lock().clone()
}

fn start_nif(
    entry: &NifEntry,
    env: &mut Env,
    library: &Library,
    before: Option<&Library>,
    info: Term,
) -> Result<(), Refused> {
    // The library finds its data there while it is still being loaded.
    let private = library.private.as_ptr();
    match (before, entry.load, entry.upgrade) {
        (Some(_), _, None) => Err((am::upgrade, "Upgrade not supported by this NIF library.".into())),
        (Some(before), _, Some(upgrade)) => {
            let kept = before.private();
            // SAFETY: declared with this type.
            let veto = unsafe { upgrade(env, private, before.private.as_ptr(), info) };
            if veto == 0 {
                return Ok(());
            }
            before.private.store(kept, Ordering::Release);
            Err((am::upgrade, format!("Library upgrade-call unsuccessful ({veto}).")))
        }
        (None, Some(load), _) => {
            // SAFETY: declared with this type.
            let veto = unsafe { load(env, private, info) };
            if veto == 0 { Ok(()) } else { Err((am::load, format!("Library load-call unsuccessful ({veto})."))) }
        }
        (None, None, _) => Ok(()),
    }
}

/// In the dynamic linker's own words.
fn linker_text(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// What the last failure of the dynamic linker was.
pub(super) fn linker_error() -> String {
    // SAFETY: the text is copied at once.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

unsafe fn text_at(text: *const c_char) -> String {
    // SAFETY: N1: a text that ends with a zero.
    if text.is_null() { String::new() } else { unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned() }
}

/// OTP's emulator is linked with these, so some libraries of natives use them without saying so: p1_zlib's does.
fn link_what_erl_links() {
    for name in ["libz.so.1", "libstdc++.so.6", "libtinfo.so.6"] {
        // SAFETY: libraries of the system, which do nothing when they are opened.
        if let Ok(linked) = unsafe { Linked::open(Some(name), RTLD_NOW | RTLD_GLOBAL) } {
            // It stays for as long as somebody may point to what it has: for ever.
            std::mem::forget(linked);
        }
    }
}

/// `file` ends in ".so"; messages name it without that.
fn open(file: &[u8], module: Atom) -> Result<Arc<Library>, Refused> {
    let shown = String::from_utf8_lossy(file.strip_suffix(b".so").unwrap_or(file));
    let failed = |error: &str| {
        let where_ = if error.contains(&*shown) { String::new() } else { format!(" {shown}") };
        (am::load_failed, format!("Failed to load NIF library{where_}: '{error}'"))
    };
    if file.contains(&0) {
        return Err(failed("bad file name"));
    }
    let file_name = Some(OsStr::from_bytes(file));
    // SAFETY: what a library does when it is opened is its own affair (N1).
    let mut linked = unsafe { Linked::open(file_name, RTLD_NOW | RTLD_LOCAL) };
    if linked.as_ref().is_err_and(|error| linker_text(error).contains("undefined symbol")) {
        link_what_erl_links();
        // SAFETY: as above.
        linked = unsafe { Linked::open(file_name, RTLD_NOW | RTLD_LOCAL) };
    }
    let linked = linked.map_err(|error| {
        let reason = elf::mismatch(file).map_or_else(String::new, |reason| format!(" ({reason})"));
        failed(&format!("{}{reason}", linker_text(&error)))
    })?;
    // SAFETY: N1: what has this name has this type.
    let (entry, fault) = if let Ok(plugin) = unsafe { linked.get::<abi::Entry>(abi::ENTRY.as_bytes()) } {
        taint(module);
        let plugin = plugin();
        if plugin.is_null() {
            return Err((am::bad_lib, "Library init-call unsuccessful".into()));
        }
        // SAFETY: N1.
        (Entry::Plugin(plugin), unsafe { plugin::fault(plugin, module) })
    } else {
        // SAFETY: N1, as above.
        let init = unsafe { linked.get::<unsafe extern "C" fn() -> *const NifEntry>(b"nif_init") };
        // SAFETY: as above; a name with an underscore is the one that failures tell of.
        let init = init.or_else(|_| unsafe { linked.get(b"_nif_init") });
        let init =
            init.map_err(|error| (am::bad_lib, format!("Failed to find library init function: '{}'", linker_text(&error))))?;
        taint(module);
        // SAFETY: N1.
        let entry = unsafe { init() };
        if entry.is_null() {
            return Err((am::bad_lib, "Library init-call unsuccessful".into()));
        }
        // SAFETY: an entry, of which only the fields of its version are read.
        (Entry::Nif(entry), unsafe { fault(entry, module) })
    };
    if let Some(text) = fault {
        return Err((am::bad_lib, text));
    }
    let (private, in_use) = (AtomicPtr::default(), AtomicBool::new(false));
    Ok(Arc::new(Library { entry, private, in_use, module, _open: linked }))
}

/// What a library says of itself, for people: names and values.
pub fn inspect(path: &std::path::Path) -> Result<Vec<(&'static str, String)>, String> {
    super::api::keep();
    // SAFETY: N1.
    let linked = unsafe { Linked::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
    let linked = linked.map_err(|error| match elf::mismatch(path.as_os_str().as_bytes()) {
        Some(reason) => format!("{} ({reason})", linker_text(&error)),
        None => linker_text(&error),
    })?;
    let row = |name: &str, arity: u32, class: &str| {
        ("native", if class.is_empty() { format!("{name}/{arity}") } else { format!("{name}/{arity} {class}") })
    };
    // SAFETY: N1: what has this name has this type.
    if let Ok(entry) = unsafe { linked.get::<abi::Entry>(abi::ENTRY.as_bytes()) } {
        // SAFETY: N1.
        let Some(plugin) = (unsafe { entry().as_ref() }) else { return Err("the plugin says nothing".into()) };
        if plugin.version != abi::VERSION {
            return Err(format!("it is built for version {} of the interface, not {}", plugin.version, abi::VERSION));
        }
        // SAFETY: N1: a plugin of this version.
        let (module, capabilities, built, natives) = unsafe {
            let text = |bytes| plugin::text(bytes);
            (text(plugin.module), text(plugin.capabilities), text(plugin.built_with), plugin::natives(plugin))
        };
        let mut rows = vec![
            ("kind", "glulam plugin".to_owned()),
            ("module", module),
            ("interface", plugin.version.to_string()),
            ("capabilities", capabilities),
            ("built with", built),
        ];
        rows.extend(natives.iter().map(|native| {
            let class = match native.class {
                Some((Class::DirtyIo, _)) => "blocking",
                Some((_, true)) => "long",
                _ => "",
            };
            row(&native.name, native.arity, class)
        }));
        return Ok(rows);
    }
    // SAFETY: N1.
    let init = unsafe { linked.get::<unsafe extern "C" fn() -> *const NifEntry>(b"nif_init") };
    let init = init.map_err(|_| "neither a plugin nor a library for erl_nif.h".to_owned())?;
    // SAFETY: N1.
    let Some(entry) = (unsafe { init().as_ref() }) else { return Err("its init function gives nothing".into()) };
    // SAFETY: N1.
    let (module, functions) = unsafe { (text_at(entry.name), functions(entry)) };
    let mut rows = vec![
        ("kind", "library for erl_nif.h".to_owned()),
        ("module", module),
        ("interface", format!("{}.{}", entry.major, entry.minor)),
    ];
    rows.extend(functions.iter().map(|f| {
        let class = match class_of(f.flags) {
            Some(Class::DirtyCpu) => "dirty_cpu",
            Some(Class::DirtyIo) => "dirty_io",
            _ => "",
        };
        // SAFETY: N1.
        row(&unsafe { text_at(f.name) }, f.arity, class)
    }));
    Ok(rows)
}

/// What is wrong with an entry.
unsafe fn fault(entry: *const NifEntry, module: Atom) -> Option<String> {
    let (major, minor) = ((*entry).major, (*entry).minor);
    let (ours, ours_minor) = VERSION;
    let name = module.name();
    if (major, minor) > VERSION {
        let needs = text_at((*entry).min_erts);
        return Some(format!(
            "That '{name}' NIF library needs {needs} or newer. Either try to recompile the NIF lib or use a newer erts runtime."
        ));
    }
    if major < 2 || (major, minor) == (2, 5) {
        return Some(format!(
            "That old NIF library ({major}.{minor}) is not compatible with this erts runtime ({ours}.{ours_minor}). Try recompile the NIF lib."
        ));
    }
    if (major, minor) >= (2, 1) && CStr::from_ptr((*entry).vm_variant) != VARIANT {
        let variant = text_at((*entry).vm_variant);
        return Some(format!("Library ({variant}) not compiled for this vm variant (beam.vanilla)."));
    }
    let own = CStr::from_ptr((*entry).name).to_bytes();
    // Its name may be in Latin-1 or UTF-8.
    if own != name.as_bytes() && own.iter().map(|&b| char::from(b)).ne(name.chars()) {
        let own = text_at((*entry).name);
        return Some(format!("Library module name '{own}' does not match calling module '{name}'"));
    }
    None
}

/// The functions that an entry names. Before version 2.7 they had no flags.
unsafe fn functions(entry: &NifEntry) -> Vec<NifFunc> {
    #[repr(C)]
    struct Old {
        name: *const c_char,
        arity: c_uint,
        function: Function,
    }
    let count = usize::try_from(entry.function_count).unwrap_or(0);
    (0..count)
        .map(|k| {
            if (entry.major, entry.minor) >= (2, 7) {
                return *entry.functions.add(k);
            }
            let old = &*entry.functions.cast::<Old>().add(k);
            NifFunc { name: old.name, arity: old.arity, function: old.function, flags: 0 }
        })
        .collect()
}

/// The natives that a library brings, each for a function of the code.
fn natives(library: &Arc<Library>, loaded: &Loaded) -> Result<Vec<(Atom, &'static Decl)>, Refused> {
    let module = loaded.module.name();
    let mut natives: Vec<(Atom, &'static Decl)> = Vec::new();
    for f in brought(library) {
        let what = format!("{module}:{}/{}", f.name, f.arity);
        let refused = |text: String| Err((am::bad_lib, text));
        let (function, arity) = defined(loaded, &f.name, f.arity)?;
        if natives.iter().any(|(name, decl)| (*name, decl.arity) == (function, arity)) {
            return refused(format!("Duplicate NIF entry for {what}"));
        }
        let class = match f.class {
            Ok(class) => class,
            Err(flags) => return refused(format!("Illegal flags field value {flags} for NIF {what}")),
        };
        declared(loaded, function, arity)?;
        let decl = declare(loaded.module, function, arity, class, f.run, library);
        if f.away {
            call::target(decl.data).meter.begin_away();
        }
        natives.push((function, decl));
    }
    Ok(natives)
}

/// The function of the code that a native is for.
fn defined(loaded: &Loaded, name: &str, arity: u32) -> Result<(Atom, u8), Refused> {
    let found = Atom::existing(name).zip(u8::try_from(arity).ok());
    found
        .filter(|&(name, arity)| loaded.defines(name, arity))
        .ok_or_else(|| (am::bad_lib, format!("Function not found {}:{name}/{arity}", loaded.module.name())))
}

fn declared(loaded: &Loaded, function: Atom, arity: u8) -> Result<(), Refused> {
    if code_load::can_replace(loaded, function, arity) {
        return Ok(());
    }
    let what = format!("{}:{}/{arity}", loaded.module.name(), function.name());
    Err((am::bad_lib, format!("Function not declared as nif {what}")))
}

/// Both.
fn place_of(loaded: &Loaded, name: &str, arity: u32) -> Result<(Atom, u8), Refused> {
    let place = defined(loaded, name, arity)?;
    declared(loaded, place.0, place.1).map(|()| place)
}

/// A native that a library brings.
struct Brought {
    name: String,
    arity: u32,
    /// Or the flags that stand for no class.
    class: Result<Class, u32>,
    /// Begins on a dirty thread.
    away: bool,
    run: Function,
}

fn brought(library: &Library) -> Vec<Brought> {
    match library.entry {
        Entry::Nif(entry) => {
            // SAFETY: the entry of an open library names its functions.
            let functions = unsafe { functions(&*entry) };
            let class = |flags| class_of(flags).ok_or(flags);
            functions
                .iter()
                .map(|f| Brought {
                    // SAFETY: N1.
                    name: unsafe { text_at(f.name) },
                    arity: f.arity,
                    class: class(f.flags),
                    away: false,
                    run: f.function,
                })
                .collect()
        }
        // SAFETY: N1: a plugin without a fault.
        Entry::Plugin(plugin) => unsafe { plugin::natives(&*plugin) }
            .into_iter()
            .map(|n| Brought {
                name: n.name,
                arity: n.arity,
                class: n.class.map(|(class, _)| class).ok_or(u32::MAX),
                away: n.class.is_some_and(|(_, away)| away),
                // SAFETY: the two interfaces call natives alike: a pointer, a count, terms; a term.
                run: unsafe { std::mem::transmute::<abi::Native, Function>(n.run) },
            })
            .collect(),
    }
}

/// The class that flags of a function stand for.
pub(super) fn class_of(flags: c_uint) -> Option<Class> {
    match flags {
        0 => Some(Class::Normal),
        1 => Some(Class::DirtyCpu),
        2 => Some(Class::DirtyIo),
        _ => None,
    }
}

type Key = (Atom, Atom, u8, u8, usize, usize);

fn known() -> &'static Mutex<HashMap<Key, &'static Decl>> {
    static NATIVES: OnceLock<Mutex<HashMap<Key, &'static Decl>>> = OnceLock::new();
    NATIVES.get_or_init(Mutex::default)
}

/// The declaration of a library's function; one for all calls, never freed.
pub(super) fn declare(
    module: Atom,
    name: Atom,
    arity: u8,
    class: Class,
    function: Function,
    library: &Library,
) -> &'static Decl {
    let library = std::ptr::from_ref(library);
    let key = (module, name, arity, class as u8, function as usize, library as usize);
    known().lock().entry(key).or_insert_with(|| {
        let meter = Meter::new(module.name(), name.name(), arity, class);
        let target: &'static Target = Box::leak(Box::new(Target { function, library, meter }));
        Box::leak(Box::new(Decl {
            module: module.name(),
            function: name.name(),
            arity,
            class,
            guard: false,
            nif: true,
            run: call::run,
            direct: (class == Class::Normal).then_some(call::direct as Direct),
            data: std::ptr::from_ref(target) as usize,
        }))
    })
}
