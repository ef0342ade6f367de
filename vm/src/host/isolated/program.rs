//! The program that runs an isolated plugin: no Erlang, only the plugin and what it calls.

use std::fs::OpenOptions;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustc_hash::FxHashMap as HashMap;

use super::wire::{self, Frame, Kind};
use super::{encoded, setting};
use crate::atom::Atom;
use crate::base::sync::{Mutex, OnceLock};
use crate::heap::external;
use crate::heap::{Build, Magic};
use crate::host::Env;
use crate::host::library::{self, Library};
use crate::process::reference;
use crate::term::Term;

/// The way to the node, for messages that any thread sends.
static NODE: OnceLock<Mutex<UnixStream>> = OnceLock::new();

struct Object(*const Magic);

// SAFETY: counts are atomic; what is held is made for all threads.
unsafe impl Send for Object {}

/// Resources that the node may refer to, by the number of their references. They live as long as the
/// program: nobody tells it when the node has forgotten one.
static RESOURCES: Mutex<Option<HashMap<[u64; 2], Object>>> = Mutex::new(None);

/// In such a program: keeps a resource that may be named to the node.
pub(in crate::host) fn hold(magic: *const Magic) {
    if NODE.get().is_some() {
        // SAFETY: the caller holds it; one count more.
        let number = unsafe {
            Magic::retain(magic);
            (*magic).number
        };
        RESOURCES.lock().get_or_insert_default().insert(number, Object(magic));
    }
}

/// In such a program: the resource that a reference of the node names.
pub(in crate::host) fn held(term: Term) -> Option<*const Magic> {
    NODE.get()?;
    let number = term.as_local_ref()?;
    RESOURCES.lock().as_ref()?.get(&number).map(|object| object.0)
}

/// In such a program: has the node send a message. `None`: this is none.
pub(in crate::host) fn forward(to: Term, message: Term) -> Option<bool> {
    let node = NODE.get()?;
    let frame = Frame { kind: Kind::Send, numbers: [to.bits(), 0], contents: encoded(message) };
    Some(wire::write(&mut node.lock(), None, &frame).is_ok())
}

/// Runs the plugin of a file until the node ends the connection, which is standard input.
pub fn serve(path: &Path, module: &str, requests: &Path, answers: &Path) -> i32 {
    // SAFETY: standard input is the socket that the node gave; nothing else uses it.
    let mut socket = unsafe { UnixStream::from_raw_fd(0) };
    let open = |path: &Path| OpenOptions::new().read(true).write(true).open(path);
    let (Ok(requests), Ok(answers), Ok(node)) = (open(requests), open(answers), socket.try_clone()) else { return 1 };
    let _ = NODE.set(Mutex::new(node));
    limit_memory();
    // Numbers of its own: none that the node gives out.
    reference::begin_at(1 << 40 | u64::from(std::process::id()) << 8);
    external::set_code_hooks(crate::code::external_hooks());
    crate::host::api::keep();
    let (Ok(hello), Ok(module)) = (wire::read(&mut socket, &requests), Atom::intern(module)) else { return 1 };
    let say = |frame: Frame| match NODE.get() {
        Some(node) => wire::write(&mut node.lock(), Some(&answers), &frame).is_ok(),
        None => false,
    };
    let mut env = Env::of_library(std::ptr::null());
    let info = external::decode(&hello.contents, &mut env, false).map_or(Term::NIL, |(term, _)| term);
    let library = match library::open_isolated(path.as_os_str().as_bytes(), module, info) {
        Ok(library) => library,
        Err((word, text)) => {
            let text = env.string(&text);
            let contents = encoded(env.tuple(&[word, text]));
            say(Frame { kind: Kind::Refused, numbers: [0; 2], contents });
            return 0;
        }
    };
    let natives = library.plugin_natives();
    let rows: Vec<Term> = natives
        .iter()
        .map(|native| {
            let name = Atom::intern(&native.name).map_or(Term::NIL, Term::from_atom);
            env.tuple(&[name, Term::small(native.arity.into())])
        })
        .collect();
    let contents = encoded(env.list(&rows));
    say(Frame { kind: Kind::Ready, numbers: [0; 2], contents });
    drop(env);
    while let Ok(call) = wire::read(&mut socket, &requests) {
        let Some(native) = natives.get(call.numbers[0] as usize) else { return 1 };
        let (kind, contents) = answer(&library, native.run, &call);
        if !say(Frame { kind, numbers: [0; 2], contents }) {
            break;
        }
    }
    0
}

fn answer(library: &Library, run: glulam_abi::Native, call: &Frame) -> (Kind, Vec<u8>) {
    let mut env = Env::of_library(library);
    env.set_caller(Term::raw(call.numbers[1]));
    let args = external::decode(&call.contents, &mut env, false).ok().and_then(|(args, _)| args.proper_list());
    let Some(args) = args else { return (Kind::Raised, encoded(crate::am::badarg)) };
    // SAFETY: N1: declared with this type.
    let value = unsafe { run(std::ptr::from_mut(&mut env).cast(), args.len() as i32, args.as_ptr().cast()) };
    let value = super::super::plugin::steps_through(&mut env, Term::raw(value.0));
    if env.raised.is_none() { (Kind::Value, encoded(value)) } else { (Kind::Raised, encoded(env.raised)) }
}

/// A plugin that leaks ends itself before it takes the memory of others. What the program has reserved
/// by now does not count.
fn limit_memory() {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(5).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    let most = (setting("GLULAM_ISOLATED_MEMORY_MB", 1024) << 20) + pages * rustix::param::page_size() as u64;
    let limit = rustix::process::Rlimit { current: Some(most), maximum: Some(most) };
    let _ = rustix::process::setrlimit(rustix::process::Resource::Data, limit);
}
