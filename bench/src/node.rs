//! A node in this process that does jobs: `micro.erl` asks for one, does it, and says how long it took.
//! Start reading at: [`start`].

use glulam_vm::base::environ;
use glulam_vm::bif::{Cx, Decl, Outcome};
use glulam_vm::heap::Build;
use glulam_vm::runtime::{self, Config};
use glulam_vm::{Atom, Term, am, bifs};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

bifs! {
    /// Waits for a job: `{Name, Times}`.
    micro_host:next/0   DirtyIo => next;
    /// Its nanoseconds.
    micro_host:done/1   Normal => done;
}

/// The ends of both channels that the natives hold.
struct Ends {
    jobs: Mutex<Receiver<(&'static str, u64)>>,
    done: Mutex<Sender<u64>>,
}

static ENDS: OnceLock<Ends> = OnceLock::new();

fn next(cx: &mut Cx<'_>) -> Outcome {
    let job = ENDS.get().and_then(|ends| ends.jobs.lock().ok()?.recv().ok());
    let Some((name, times)) = job else { return cx.badarg() };
    let times = cx.u64(times);
    Ok(cx.tuple(&[Term::from_atom(Atom::known(name)), times]))
}

fn done(cx: &mut Cx<'_>) -> Outcome {
    let [nanoseconds] = cx.take();
    let told = ENDS.get().zip(nanoseconds.as_u64()).and_then(|(ends, n)| ends.done.lock().ok()?.send(n).ok());
    if told.is_some() { Ok(am::ok) } else { cx.badarg() }
}

/// A node that waits for jobs.
pub struct Node {
    jobs: Sender<(&'static str, u64)>,
    done: Receiver<u64>,
}

impl Node {
    /// Does the job so many times.
    pub fn time(&self, job: &'static str, times: u64) -> Duration {
        let told = self.jobs.send((job, times)).ok().and_then(|()| self.done.recv().ok());
        Duration::from_nanos(told.expect("the node ended"))
    }
}

/// Boots the installed OTP in this process with `micro.erl`, compiled into `scratch`; why not, if it can't.
pub fn start(source: &Path, scratch: &Path) -> Result<Node, String> {
    std::fs::create_dir_all(scratch).map_err(|e| e.to_string())?;
    let compiled = Command::new("erlc").arg("-o").arg(scratch).arg(source).status();
    if !compiled.is_ok_and(|status| status.success()) {
        return Err("no `erlc` that compiles it".into());
    }
    let told = "io:put_chars([code:root_dir(),10,\"erts-\",erlang:system_info(version)]),halt()";
    let told = Command::new("erl").args(["-noshell", "-eval", told]).output().map_err(|e| format!("erl: {e}"))?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let (root, erts) = told.split_once('\n').ok_or("no `erl` that says where OTP is")?;
    let (root, bindir) = (PathBuf::from(root), Path::new(root).join(erts).join("bin"));
    environ::set(b"ROOTDIR".to_vec(), root.to_string_lossy().as_bytes().to_vec());
    environ::set(b"BINDIR".to_vec(), bindir.to_string_lossy().as_bytes().to_vec());

    let (jobs, ours) = channel();
    let (theirs, done) = channel();
    ENDS.set(Ends { jobs: Mutex::new(ours), done: Mutex::new(theirs) }).map_err(|_| "a node runs already")?;
    // for ever: the runtime keeps it
    let natives: &'static [&'static [Decl]] = [glulam_stdlib::NATIVES, &[BIFS]].concat().leak();
    let mut config = Config::new(root.clone(), bindir.clone(), natives);
    let (root, bindir, scratch) = (root.to_string_lossy(), bindir.to_string_lossy(), scratch.to_string_lossy());
    let words = [
        "--", "-root", &root, "-bindir", &bindir, "-progname", "erl", "--", "-home", "/", "--", "-noshell", "-noinput",
        "-pa", &scratch, "-run", "micro", "start",
    ];
    config.args = words.iter().map(|word| word.as_bytes().to_vec()).collect();
    std::thread::spawn(move || match runtime::run(config) {
        Ok(status) => eprintln!("the node ended with status {status}"),
        Err(e) => eprintln!("the node did not start: {e}"),
    });
    Ok(Node { jobs, done })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn a_node_does_its_job() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("micro/micro.erl");
        let scratch = std::env::temp_dir().join(format!("glulam-micro-{}", std::process::id()));
        match super::start(&source, &scratch) {
            Ok(node) => assert!(node.time("round_trip", 100) > node.time("receive_after_0", 1)),
            Err(why) => eprintln!("skipped: {why}"),
        }
        let _ = std::fs::remove_dir_all(scratch);
    }
}
