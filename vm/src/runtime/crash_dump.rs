//! The crash dump: what the node was doing when it ended with a slogan, as a text of sections that
//! OTP's viewer reads.
//!
//! Other threads go on meanwhile. Processes that wait are held for ever and read; of those that run
//! only what is shared is told. The parts are also what the menu behind the interrupt key shows.

use std::fmt::Write;
use std::os::unix::ffi::OsStringExt;

use crate::base::calendar::DateTime;
use crate::base::environ;
use crate::base::sync::Arc;
use crate::base::time;
use crate::code::module;
use crate::exec::stacktrace;
use crate::heap::Fragments;
use crate::process::{Own, Party, Process, SpawnInfo};
use crate::table::{ets, processes};
use crate::term::{Term, print};
use crate::{atom, port, sched};

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Characters of a term that is shown.
const TERM_LIMIT: usize = 4000;
/// Calls of a process that are shown.
const DEPTH: usize = 64;

/// Says on standard error that a dump is written, and writes it: the environment, as `os:putenv/2` has
/// left it, tells where, how large, and whether at all. `me` is the process that ends the node, if one does.
pub fn write(slogan: &str, version: &str, me: Option<(&Process, &Own)>) {
    let number = |name: &str| String::from_utf8(environ::get(name.as_bytes())?).ok()?.trim().parse::<i64>().ok();
    if number("ERL_CRASH_DUMP_SECONDS") == Some(0) || number("ERL_CRASH_DUMP_BYTES") == Some(0) {
        return;
    }
    let path = environ::get(b"ERL_CRASH_DUMP").filter(|path| !path.is_empty());
    let path = path.map_or_else(|| "erl_crash.dump".into(), std::ffi::OsString::from_vec);
    sched::say_part(&format!("\nCrash dump is being written to: {}...", path.to_string_lossy()));
    let mut text = String::new();
    // A `String` takes everything.
    let _ = compose(&mut text, slogan, version, me);
    if let Some(limit) = number("ERL_CRASH_DUMP_BYTES").and_then(|n| usize::try_from(n).ok())
        && text.len() > limit
    {
        let end = (0..=limit).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n=abort:CRASH_DUMP_SIZE_LIMIT_REACHED\n");
    }
    if save(&path, text.as_bytes()).is_ok() {
        sched::say_part("done\n");
    }
}

fn save(path: &std::ffi::OsStr, text: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o640).open(path)?;
    std::io::Write::write_all(&mut file, text)
}

fn compose(out: &mut String, slogan: &str, version: &str, me: Option<(&Process, &Own)>) -> std::fmt::Result {
    writeln!(out, "=erl_crash_dump:0.5\n{}\nSlogan: {slogan}\nSystem version: {version}", date())?;
    writeln!(out, "Taints: \nAtoms: {}\nCalling Thread: scheduler:0", atom::atom_count())?;
    for (number, length) in sched::run_queue_lengths().into_iter().enumerate() {
        writeln!(out, "=scheduler:{}\nRun Queue Normal Length: {length}\nCurrent Process: ", number + 1)?;
    }
    memory(out)?;
    for process in in_order() {
        match me {
            Some((me, own)) if me.id() == process.id() => told(out, &process, own, "Running")?,
            _ => self::process(out, &process, false)?,
        }
    }
    ports(out)?;
    tables(out)?;
    code(out)?;
    writeln!(out, "{}=atoms", crate::dist::described())?;
    for index in (0..atom::atom_count() as u32).rev() {
        if let Some(atom) = atom::Atom::from_index(index) {
            writeln!(out, "{}", print::to_string(Term::from_atom(atom)))?;
        }
    }
    writeln!(out, "=end")
}

/// All processes, the oldest first.
pub(super) fn in_order() -> Vec<Arc<Process>> {
    let mut all = processes::all();
    all.sort_by_key(|process| process.id());
    all
}

/// Tells of a process: in full of one that waits, which is held meanwhile, and ever after unless it `goes_on`.
pub(super) fn process(out: &mut String, process: &Process, goes_on: bool) -> std::fmt::Result {
    let Some(own) = process.hold() else {
        return head(out, process, if process.state.is_queued() { "Scheduled" } else { "Running" });
    };
    let result = told(out, process, own, "Waiting");
    if goes_on {
        process.release();
    }
    result
}

pub(super) fn ports(out: &mut String) -> std::fmt::Result {
    for id in port::all() {
        let Some(port) = port::find(id) else { continue };
        let info = port.info();
        writeln!(out, "=port:{}\nState: CONNECTED", print::to_string(id.term()))?;
        writeln!(out, "Connected: {}", print::to_string(info.connected.term()))?;
        writeln!(out, "Port controls external process: {}", String::from_utf8_lossy(&info.name))?;
        writeln!(out, "Input: {}\nOutput: {}\nQueue: {}", info.input, info.output, info.queue_size)?;
    }
    Ok(())
}

pub(super) fn tables(out: &mut String) -> std::fmt::Result {
    for table in ets::all() {
        let (name, memory) = (table.name().name(), table.memory());
        writeln!(out, "=ets:{}\nSlot: {}", print::to_string(table.owner().term()), table.number[1])?;
        writeln!(out, "Table: {name}\nName: {name}\nObjects: {}\nWords: {}", table.size(), memory)?;
        writeln!(out, "Type: {}\nProtection: {}", print::to_string(table.kind.term()), print::to_string(table.protection().term()))?;
    }
    Ok(())
}

/// As `ctime` writes it.
fn date() -> String {
    let seconds = time::system().div_euclid(1_000_000_000);
    let Some(t) = DateTime::local_of_posix(seconds) else { return String::new() };
    let day_number = DateTime { hour: 0, minute: 0, second: 0, ..t }.posix().unwrap_or(0) / 86_400;
    let day = DAYS[day_number.rem_euclid(7) as usize];
    let month = MONTHS[(t.month - 1).rem_euclid(12) as usize];
    format!("{day} {month} {:2} {:02}:{:02}:{:02} {}", t.day, t.hour, t.minute, t.second, t.year)
}

pub(super) fn memory(out: &mut String) -> std::fmt::Result {
    let atoms = atom::memory_used();
    let binary = crate::heap::BinaryBuffer::total_bytes();
    let code = crate::heap::literal::bytes_used();
    let ets: usize = ets::all().iter().map(|table| table.memory() * 8).sum();
    writeln!(out, "=memory\natom: {atoms}\natom_used: {atoms}\nbinary: {binary}\ncode: {code}\nets: {ets}")
}

/// What is shared of a process.
fn head(out: &mut String, process: &Process, state: &str) -> std::fmt::Result {
    writeln!(out, "=proc:{}\nState: {state}", print::to_string(process.pid()))?;
    match process.registered_name() {
        Some(name) => writeln!(out, "Name: {}", print::to_string(Term::from_atom(name))),
        None => Ok(()),
    }
}

fn told(out: &mut String, process: &Process, own: &Own, state: &str) -> std::fmt::Result {
    head(out, process, state)?;
    let SpawnInfo { module, function, arity, parent } = own.spawned;
    let named = |atom: atom::Atom| print::to_string(Term::from_atom(atom));
    let party = |party: Party| print::to_string(party.term(&mut Fragments::default()));
    let parent = parent.map_or("[]".into(), party);
    writeln!(out, "Spawned as: {}:{}/{arity}\nSpawned by: {parent}", named(module), named(function))?;
    writeln!(out, "Message queue length: {}", own.messages.len())?;
    if let Some(relations) = &own.relations
        && !relations.links.is_empty()
    {
        let links: Vec<String> = relations.links.iter().map(party).collect();
        writeln!(out, "Link list: [{}]", links.join(", "))?;
    }
    let heap = &own.heap;
    writeln!(out, "Reductions: {}\nStack+heap: {}", own.reductions_so_far(), heap.size())?;
    writeln!(out, "OldHeap: {}\nHeap unused: {}", heap.old_size(), heap.size().saturating_sub(heap.used()))?;
    writeln!(out, "OldHeap unused: {}", heap.old_size().saturating_sub(heap.old_used()))?;
    writeln!(out, "Memory: {}", own.memory())?;
    let calls = stacktrace::places(own, DEPTH);
    let show = |place: &crate::code::Place| {
        let function = format!("{}:{}/{}", named(place.module), named(place.function), place.arity);
        match &place.file {
            Some(file) => format!("{function} ({file}:{})", place.line),
            None => function,
        }
    };
    if let Some(first) = calls.first() {
        writeln!(out, "Program counter: 0x{:016x} ({})", 0, show(first))?;
    }
    if let Some(dictionary) = &own.dictionary
        && !own.sensitive
        && !dictionary.entries().is_empty()
    {
        let entry = |(key, value): &(Term, Term)| {
            format!("{{{},{}}}", print::print(*key, TERM_LIMIT), print::print(*value, TERM_LIMIT))
        };
        let entries: Vec<String> = dictionary.entries().iter().map(entry).collect();
        writeln!(out, "Dictionary: [{}]", entries.join(","))?;
    }
    writeln!(out, "=proc_stack:{}", print::to_string(process.pid()))?;
    for (number, place) in calls.iter().enumerate().skip(1) {
        writeln!(out, "0x{:016x}:SReturn addr 0x{number:X} ({})", number, show(place))?;
    }
    Ok(())
}

fn code(out: &mut String) -> std::fmt::Result {
    let modules = module::all_loaded();
    let loaded: Vec<_> = modules.iter().filter_map(|&name| module::current(name)).collect();
    let size: usize = loaded.iter().map(|code| code.code_words() * 8).sum();
    writeln!(out, "=loaded_modules\nCurrent code: {size}\nOld code: 0")?;
    for code in loaded {
        let name = print::to_string(Term::from_atom(code.module));
        writeln!(out, "=mod:{name}\nCurrent size: {}", code.code_words() * 8)?;
    }
    Ok(())
}
