//! Plugins that run in a program of their own: what goes wrong there ends that program, and the
//! callers get an error.
//!
//! The program is this executable once more (`glulam native-host`). It is started when the module is
//! loaded, ended when its code is purged, and started again with the next call after it has died.

mod program;
mod wire;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub use program::serve;
pub(super) use program::{forward, held, hold};

use super::Env;
use super::library::Refused;
use crate::am;
use crate::atom::Atom;
use crate::base::sync::{Arc, Condvar, Mutex, OnceLock};
use crate::bif::{Class, Cx, Decl, Outcome};
use crate::heap::external::{self, Fixed};
use crate::heap::Build;
use crate::process::Parcel;
use crate::sched::meter::{self, Meter};
use crate::sched::{self, system};
use crate::table::route;
use crate::term::Term;
use wire::{Frame, Kind};

static CHOSEN: Mutex<Vec<Atom>> = Mutex::new(Vec::new());

/// The plugin of this module is to be isolated when it is loaded.
pub fn choose(module: Atom) {
    let mut chosen = CHOSEN.lock();
    if !chosen.contains(&module) {
        chosen.push(module);
    }
}

/// Whether that was said, or `GLULAM_ISOLATE` names the module ("one,two", or "all").
pub(super) fn is_chosen(module: Atom) -> bool {
    let named = std::env::var("GLULAM_ISOLATE").unwrap_or_default();
    named.split(',').any(|name| name == module.name() || name == "all") || CHOSEN.lock().contains(&module)
}

/// A number of the environment's.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn encoded(term: Term) -> Vec<u8> {
    external::encode(term, Fixed { minor_version: 2, deterministic: false })
}

/// What callers and the thread that reads share.
#[derive(Default)]
struct Answers {
    state: Mutex<Answer>,
    come: Condvar,
}

#[derive(Default)]
struct Answer {
    frame: Option<Frame>,
    /// How the program ended.
    ended: Option<String>,
}

/// The program, while it runs.
struct Running {
    process: u32,
    socket: UnixStream,
    /// The window for what is sent to it.
    window: File,
    answers: Arc<Answers>,
}

/// A plugin in a program of its own.
pub(super) struct Isolated {
    module: Atom,
    path: Vec<u8>,
    /// What `erlang:load_nif/2` was given.
    info: Vec<u8>,
    /// One call at a time.
    running: Mutex<Option<Running>>,
}

/// A native of an isolated plugin: what `Decl::data` leads to. Never freed.
struct Remote {
    of: Arc<Isolated>,
    number: u64,
    meter: &'static Meter,
}

/// A native as the program names it.
pub(super) struct Named {
    pub name: String,
    pub arity: u32,
    number: u64,
}

impl Isolated {
    /// Starts the program with the plugin: its natives.
    pub(super) fn open(path: &[u8], module: Atom, info: Term) -> Result<(Arc<Isolated>, Vec<Named>), Refused> {
        let path = [path, b".so"].concat();
        let isolated = Arc::new(Isolated { module, path, info: encoded(info), running: Mutex::new(None) });
        let (running, natives) = isolated.start()?;
        *isolated.running.lock() = Some(running);
        Ok((isolated, natives))
    }

    fn start(&self) -> Result<(Running, Vec<Named>), Refused> {
        let failed = |what: String| (am::load_failed, format!("Failed to isolate NIF library: '{what}'"));
        let parts = || -> std::io::Result<_> {
            let (ours, theirs) = UnixStream::pair()?;
            let window = || rustix::fs::memfd_create("glulam", rustix::fs::MemfdFlags::CLOEXEC);
            let (to, from) = (File::from(window()?), File::from(window()?));
            let place = |file: &File| format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
            let child = Command::new(std::env::current_exe()?)
                .arg0("glulam")
                .arg("native-host")
                .arg(std::ffi::OsString::from_vec(self.path.clone()))
                .args([&self.module.name().to_owned(), &place(&to), &place(&from)])
                .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
                .stdout(Stdio::inherit())
                .spawn()?;
            Ok((ours, to, from, child))
        };
        let (mut socket, window, from, mut child) = parts().map_err(|e| failed(e.to_string()))?;
        let limit = Duration::from_millis(setting("GLULAM_ISOLATED_LIMIT_MS", 30_000));
        let mut hello = || -> std::io::Result<Frame> {
            wire::write(&mut socket, None, &Frame { kind: Kind::Call, numbers: [0; 2], contents: self.info.clone() })?;
            socket.set_read_timeout(Some(limit))?;
            let frame = wire::read(&mut socket, &from)?;
            socket.set_read_timeout(None)?;
            Ok(frame)
        };
        let frame = match hello() {
            Ok(frame) => frame,
            Err(_) => {
                let _ = child.kill();
                let how = child.wait().map_or_else(|e| e.to_string(), ending);
                return Err(failed(format!("the program that was to run it {how}")));
            }
        };
        let mut words = Env::of_library(std::ptr::null());
        let term = external::decode(&frame.contents, &mut words, false).map_or(Term::NIL, |(term, _)| term);
        if frame.kind == Kind::Refused {
            let _ = child.wait();
            let [word, text] = term.as_tuple_of().unwrap_or([am::load_failed, Term::NIL]);
            return Err((word, crate::heap::text_of(text).unwrap_or_default()));
        }
        let mut natives = Vec::new();
        for (row, number) in term.list().zip(0..) {
            let Some([name, arity]) = row.as_tuple_of() else { continue };
            let name = name.as_atom().map_or_else(String::new, |name| name.name().to_owned());
            natives.push(Named { name, arity: arity.as_i64().unwrap_or(-1) as u32, number });
        }
        let answers = Arc::new(Answers::default());
        let reader = socket.try_clone().map_err(|e| failed(e.to_string()))?;
        let (shared, process, module) = (answers.clone(), child.id(), self.module);
        system::thread("native_host", move || listen(module, child, reader, &from, &shared));
        Ok((Running { process, socket, window, answers }, natives))
    }

    /// Calls a native; `Err` says how the program ended.
    fn call(&self, number: u64, caller: Term, contents: Vec<u8>) -> Result<Frame, String> {
        let mut place = self.running.lock();
        let running = match &mut *place {
            Some(running) => running,
            None => place.insert(self.start().map_err(|(_, text)| text)?.0),
        };
        let frame = Frame { kind: Kind::Call, numbers: [number, caller.bits()], contents };
        let limit = Duration::from_millis(setting("GLULAM_ISOLATED_LIMIT_MS", 30_000));
        let until = Instant::now() + limit;
        // A program that is gone takes nothing: how it ended comes by the other way.
        let _ = wire::write(&mut running.socket, Some(&running.window), &frame);
        let mut state = running.answers.state.lock();
        loop {
            if let Some(frame) = state.frame.take() {
                return Ok(frame);
            }
            if let Some(how) = state.ended.take() {
                drop(state);
                *place = None;
                return Err(how);
            }
            if running.answers.come.wait_until(&mut state, until).timed_out() {
                kill(running.process);
                drop(state);
                *place = None;
                return Err(format!("did not answer within {} ms", limit.as_millis()));
            }
        }
    }
}

impl Drop for Isolated {
    fn drop(&mut self) {
        if let Some(running) = self.running.get_mut() {
            running.answers.state.lock().ended = Some(String::new());
            kill(running.process);
        }
    }
}

/// A program that has not been waited for: its thread does that, once the socket is closed.
fn kill(process: u32) {
    if let Some(process) = rustix::process::Pid::from_raw(process as i32) {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
    }
}

fn ending(status: std::process::ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("was ended by signal {signal}"),
        (_, Some(code)) => format!("ended with status {code}"),
        _ => "ended".into(),
    }
}

/// Takes what the program says until it ends.
fn listen(module: Atom, mut child: std::process::Child, mut socket: UnixStream, window: &File, answers: &Answers) {
    while let Ok(frame) = wire::read(&mut socket, window) {
        if frame.kind == Kind::Send {
            let mut words = Env::of_library(std::ptr::null());
            let to = Term::raw(frame.numbers[0]);
            if let Ok((message, _)) = external::decode(&frame.contents, &mut words, false)
                && !to.is_pointer()
            {
                route::send_parcel(to, Parcel::new(message));
            }
            continue;
        }
        answers.state.lock().frame = Some(frame);
        answers.come.notify_one();
    }
    let _ = child.kill();
    let how = child.wait().map_or_else(|e| e.to_string(), ending);
    let mut state = answers.state.lock();
    // Ended on purpose: nobody is told.
    if state.ended.is_none() {
        state.ended = Some(how.clone());
        drop(state);
        answers.come.notify_one();
        system::report(&format!(
            "The program of the isolated plugin '{}' {how}. The next call starts it again.",
            module.name()
        ));
    }
}

/// The declaration of an isolated plugin's native; never freed.
pub(super) fn declare(isolated: &Arc<Isolated>, native: &Named, function: Atom, arity: u8) -> &'static Decl {
    let meter = Meter::new(isolated.module.name(), function.name(), arity, Class::DirtyIo);
    let remote: &'static Remote =
        Box::leak(Box::new(Remote { of: isolated.clone(), number: native.number, meter }));
    Box::leak(Box::new(Decl {
        module: isolated.module.name(),
        function: function.name(),
        arity,
        class: Class::DirtyIo,
        guard: false,
        nif: true,
        run,
        direct: None,
        data: std::ptr::from_ref(remote) as usize,
    }))
}

/// Ends the program of a plugin whose code is gone.
pub(super) fn end(isolated: &Isolated) {
    if let Some(running) = isolated.running.lock().take() {
        running.answers.state.lock().ended = Some(String::new());
        kill(running.process);
    }
}

fn run(cx: &mut Cx<'_>) -> Outcome {
    // SAFETY: set by `declare`, never freed.
    let remote: &'static Remote = unsafe { &*(cx.data as *const Remote) };
    let args = cx.list(cx.args());
    let contents = encoded(args);
    let begun = meter::enter(remote.meter, cx.process);
    let caller = cx.self_pid();
    let answer = sched::blocking(|| remote.of.call(remote.number, caller, contents));
    if begun.is_timed() {
        meter::leave(remote.meter, &begun);
    }
    let (kind, contents) = match answer {
        Ok(frame) => (frame.kind, frame.contents),
        Err(how) => {
            let how = cx.string(&how);
            let reason = cx.tuple(&[Term::from_atom(died()), how]);
            return cx.error(reason);
        }
    };
    let Ok((term, _)) = external::decode(&contents, cx, false) else { return cx.badarg() };
    if kind == Kind::Value { Ok(term) } else { cx.error(term) }
}

/// `native_died`
fn died() -> Atom {
    static DIED: OnceLock<Atom> = OnceLock::new();
    *DIED.get_or_init(|| Atom::known("native_died"))
}
