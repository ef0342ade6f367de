//! OTP's compiler on glulam: every module of an application of the installed OTP is compiled by the
//! installed `erlc` and by glulam's, and what both made must be equal chunk by chunk.

use crate::command::{self, End};
use crate::known::{Totals, Verdict};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const MODULES_AT_ONCE: usize = 8;
/// Chunks that are compared whole. Literals are compared by their size before compression, since two
/// compression libraries need not agree on the bytes.
const CHUNKS: &[&str] = &["AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LocT", "Line", "Type", "Attr"];

pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let reference = Subject::reference(None).ok_or("no `erl` on the PATH to compare with")?;
    let subject = Subject::under_test(root, options)?;
    let application = options.words.first().map_or("stdlib", String::as_str);
    let source = application_dir(application)?;
    // as OTP's own build: other applications' headers by their bare names
    let includes = [application_dir("kernel")?.join("include"), application_dir("stdlib")?.join("include")];
    let mut files: Vec<PathBuf> = std::fs::read_dir(source.join("src"))
        .map_err(|e| format!("{}/src: {e} (the package erlang-src has the sources)", source.display()))?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "erl"))
        .collect();
    files.sort();
    let work = target_dir(root).join("recompile").join(application);
    let (theirs, ours) = (work.join("erl"), work.join("glulam"));
    for dir in [&theirs, &ours] {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    let groups: Vec<(usize, &[PathBuf])> = files.chunks(MODULES_AT_ONCE).enumerate().collect();
    let said = command::parallel(&groups, options.jobs(), |(number, group)| {
        let reference_said = compile(&reference, group, &includes, &theirs, *number);
        (reference_said, compile(&subject, group, &includes, &ours, *number))
    });
    let mut totals = Totals::default();
    for (group, (reference_said, said)) in groups.iter().zip(said) {
        for file in group.1 {
            let beam = PathBuf::from(file.file_name().unwrap_or_default()).with_extension("beam");
            let difference = match (chunks(&theirs.join(&beam)), chunks(&ours.join(&beam))) {
                (None, _) => {
                    println!("SKIP {}: erl's own erlc says {}", beam.display(), reference_said.lines().next().unwrap_or("nothing"));
                    totals.count(Verdict::Skipped);
                    continue;
                }
                (_, None) => Some(format!("no file; erlc said: {}", said.lines().next().unwrap_or("nothing"))),
                (Some(a), Some(b)) => difference(&a, &b),
            };
            totals.count(if difference.is_none() { Verdict::Passed } else { Verdict::Failed });
            if let Some(what) = difference {
                println!("FAIL {}: {what}", beam.display());
            }
        }
    }
    Ok(totals)
}

fn application_dir(name: &str) -> Result<PathBuf, String> {
    let mut erl = Command::new("erl");
    erl.args(["-noshell", "-eval", &format!("io:put_chars(code:lib_dir({name}))"), "-s", "init", "stop"]);
    let out = erl.output().map_err(|e| format!("erl: {e}"))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&out.stdout).trim()))
}

/// Compiles a group of modules into `out`; what the compiler said.
fn compile(subject: &Subject, files: &[PathBuf], includes: &[PathBuf], out: &Path, number: usize) -> String {
    for file in files {
        let beam = PathBuf::from(file.file_name().unwrap_or_default()).with_extension("beam");
        let _ = std::fs::remove_file(out.join(beam));
    }
    let Some(dir) = files[0].parent() else { return String::new() };
    let mut erlc = subject.program("erlc");
    erlc.arg("-W0").args(["-I", "../include", "-I", ".", "-pa", "../ebin"]);
    for dir in includes {
        erlc.arg("-I").arg(dir);
    }
    // the one macro that the compiler's own build passes on the command line
    erlc.arg("-DCOMPILER_VSN=\"none\"");
    erlc.arg("-o").arg(out).args(files.iter().filter_map(|f| f.file_name())).current_dir(dir);
    let output = command::run(&mut erlc, &out.join(format!("erlc_{number}")), Duration::from_secs(1200));
    match output.end {
        End::Exit(0) => String::new(),
        end => format!("{end}: {}{}", output.stdout, output.stderr),
    }
}

/// The chunks of a `.beam` file by name.
fn chunks(path: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let bytes = std::fs::read(path).ok()?;
    let mut rest = bytes.strip_prefix(b"FOR1")?.get(4..)?.strip_prefix(b"BEAM")?;
    let mut found = BTreeMap::new();
    while let Some((head, tail)) = rest.split_at_checked(8) {
        let size = u32::from_be_bytes(head[4..].try_into().ok()?) as usize;
        let body = tail.get(..size)?;
        found.insert(String::from_utf8_lossy(&head[..4]).into_owned(), body.to_vec());
        rest = tail.get(size.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(found)
}

fn difference(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    if let Some(name) = CHUNKS.iter().find(|n| a.get(**n) != b.get(**n)) {
        return Some(format!("chunk {name} differs"));
    }
    let literals = |c: &BTreeMap<String, Vec<u8>>| c.get("LitT").and_then(|l| l.get(..4)).map(<[u8]>::to_vec);
    (literals(a) != literals(b)).then(|| "the literals differ in size".into())
}
