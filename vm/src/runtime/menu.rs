//! The menu behind the interrupt key: end, go on, or tell what the node is doing.
//!
//! No driver is called while it is shown, so nobody else reads what is typed; processes run on.

use std::fmt::Write;
use std::io::Write as _;

use rustix::event::{PollFd, PollFlags};

use super::{config, crash_dump};
use crate::base::sync::{AtomicBool, Ordering};
use crate::base::terminal;
use crate::code::module;
use crate::port::poll;
use crate::process::{Parcel, Party, Process, Signal};
use crate::sched;
use crate::table::{names, route};
use crate::term::node::this_node;
use crate::term::{Term, print};
use crate::{am, atom};

const CHOICES: &str = "BREAK: (a)bort (A)bort with dump (c)ontinue (p)roc info (i)nfo\n       \
                       (l)oaded (v)ersion (k)ill (D)b-tables (d)istribution\n";

static SHOWN: AtomicBool = AtomicBool::new(false);

/// The interrupt key was pressed. A second time while the menu is shown it ends the node.
pub(super) fn interrupted() {
    if SHOWN.swap(true, Ordering::AcqRel) {
        return sched::halt(0);
    }
    let started = std::thread::Builder::new().name("menu".into()).spawn(|| {
        poll::paused(|| terminal::as_before(show));
        SHOWN.store(false, Ordering::Release);
    });
    if started.is_err() {
        sched::halt(0);
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.replace('\n', "\r\n").as_bytes()).and_then(|()| out.flush());
}

/// The first byte of what is typed; `None` at its end.
fn key() -> Option<u8> {
    let input = rustix::stdio::stdin();
    let mut typed = [0; 64];
    let mut fds = [PollFd::from_borrowed_fd(input, PollFlags::IN)];
    rustix::event::poll(&mut fds, None).ok()?;
    let count = rustix::io::read(input, &mut typed).ok()?;
    (count > 0).then_some(typed[0])
}

/// Ends the node: the menu stays until it has.
fn halt(status: i32) -> ! {
    sched::halt(status);
    loop {
        std::thread::park();
    }
}

fn show() {
    say(&format!("\n{CHOICES}"));
    loop {
        let mut out = String::new();
        // A `String` takes everything.
        let _ = match key() {
            None | Some(b'q' | b'a' | b'*') => halt(0),
            Some(b'A') => {
                let slogan = "Crash dump requested by user";
                sched::say(&format!("\n{slogan}"));
                crash_dump::write(slogan, &format!("glulam, erts {}", config::current().erts_version), None);
                halt(1)
            }
            Some(b'c' | b'm') => return,
            Some(b'\n') => continue,
            Some(b'p') => processes(&mut out),
            Some(b'o') => crash_dump::ports(&mut out),
            Some(b'D') => crash_dump::tables(&mut out),
            Some(b'i') => info(&mut out),
            Some(b'l') => loaded(&mut out),
            Some(b'v') => {
                let version = &config::current().erts_version;
                writeln!(out, "Erlang (BEAM) emulator version {version}")
            }
            Some(b'd') => distribution(&mut out),
            Some(b'k') => return kill(),
            Some(other) => {
                let other = char::from(other);
                say(&format!("Invalid option '{other}'. Please enter one of the following:\n{CHOICES}"));
                continue;
            }
        };
        return say(&out);
    }
}

/// Every process: what waits is read, what runs is named.
pub fn processes(out: &mut String) -> std::fmt::Result {
    crash_dump::in_order().iter().try_for_each(|one| crash_dump::process(out, one, true))
}

/// Memory and tables.
pub fn info(out: &mut String) -> std::fmt::Result {
    crash_dump::memory(out)?;
    writeln!(out, "=hash_table:atom_tab\nobjs: {}", atom::atom_count())?;
    writeln!(out, "=hash_table:module_code\nobjs: {}", module::all_loaded().len())?;
    writeln!(out, "=hash_table:process_reg\nobjs: {}", names::all().len())
}

/// The modules and the size of their code, one a line.
pub fn loaded(out: &mut String) -> std::fmt::Result {
    let modules: Vec<_> = module::all_loaded().into_iter().filter_map(module::current).collect();
    let size = |words: usize| words * 8;
    let whole: usize = modules.iter().map(|code| size(code.code_words())).sum();
    writeln!(out, "Current code: {whole}\nOld code: 0")?;
    for code in modules {
        writeln!(out, "{} {}", print::to_string(Term::from_atom(code.module)), size(code.code_words()))?;
    }
    Ok(())
}

fn distribution(out: &mut String) -> std::fmt::Result {
    let node = print::to_string(Term::from_atom(this_node().0));
    writeln!(out, "=node:{node}")
}

/// Goes through the processes, and kills those that are chosen.
fn kill() {
    say("\n\nProcess Information\n\n--------------------------------------------------\n");
    for process in crash_dump::in_order().iter().rev() {
        let mut out = String::new();
        let _ = crash_dump::process(&mut out, process, true);
        say(&format!("{out}(k)ill (n)ext (r)eturn:\n"));
        match key() {
            None => halt(0),
            Some(b'k') => kill_one(process),
            Some(b'n') => {}
            Some(_) => return,
        }
    }
}

/// Sends `kill` in the name of init.
fn kill_one(process: &Process) {
    let init = names::whereis(atom::Atom::known("init"));
    if let (Some(init), Some(to)) = (init, Party::of(process.pid())) {
        route::deliver(to, Signal::Exit(init, Parcel::new(am::kill)));
    }
}
