//! Unit tests in Miri, an interpreter of Rust that checks every access of memory: of the crates that keep
//! terms, heaps and signals.
//! Start reading at: `run`.

use crate::command::{self, End};
use crate::known::Totals;
use crate::options::Options;
use crate::subject::target_dir;
use crate::test::unit_test_totals;
use std::path::Path;
use std::time::Duration;

const CRATES: [&str; 2] = ["glulam-bytecode", "glulam-vm"];
/// Terms are numbers that hold addresses, so addresses come from numbers; some tests read the clock.
const FLAGS: &str = "-Zmiri-permissive-provenance -Zmiri-disable-isolation";

/// What it cannot run, and why.
const SKIPPED: [(&str, &str); 5] = [
    ("base::allocator", "calls mimalloc, which is C"),
    ("base::pcre::tests", "calls PCRE, which is C"),
    ("base::ticks", "reads the processor's counter"),
    ("base::zstream", "calls zlib, which is C"),
    ("integers_of_every_size", "takes hours"),
];

/// `cargo xtask miri [FILTER]`.
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let mut totals = Totals::default();
    if !command::has_nightly(root, &["miri"]) {
        println!("SKIPPED: NO NIGHTLY COMPILER WITH MIRI");
        println!("  rustup toolchain install nightly --component miri --component rust-src");
        totals.skipped = CRATES.len();
        return Ok(totals);
    }
    let directory = target_dir(root).join("miri");
    std::fs::create_dir_all(&directory).map_err(|e| format!("{}: {e}", directory.display()))?;
    for (tests, why) in SKIPPED {
        println!("SKIPPED {tests}: {why}");
        totals.skipped += 1;
    }
    for name in CRATES {
        let mut tests = command::nightly_cargo(root);
        tests.args(["miri", "test", "-p", name, "--lib", "--target-dir"]).arg(&directory).args(&options.words).arg("--");
        tests.args(SKIPPED.iter().flat_map(|(skipped, _)| ["--skip", skipped]));
        let out = command::run(&mut tests.env("MIRIFLAGS", FLAGS), &directory.join(name), Duration::from_secs(4 * 3600));
        let telling = |line: &&str| line.starts_with("test ") || line.contains("panicked");
        out.stdout.lines().filter(telling).for_each(|line| println!("{line}"));
        let mut done = unit_test_totals(&out.stdout);
        if out.end != End::Exit(0) {
            println!("{name}: {}", out.end);
            out.stderr.lines().filter(|l| l.contains("error")).take(10).for_each(|line| println!("  {line}"));
            done.failed = done.failed.max(1);
        }
        totals.add(done);
    }
    Ok(totals)
}
