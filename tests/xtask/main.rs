//! `cargo xtask`: everything the project does to itself.
#![forbid(unsafe_code)]

mod bench;
mod command;
mod conformance;
mod diff;
mod elixir;
mod experiment;
mod fuzz;
mod generate;
mod known;
mod miri;
mod natives;
mod options;
mod planted;
mod random;
mod recompile;
mod scripts;
mod seeds;
mod source;
mod subject;
mod test;
mod tidy;
mod zeal;

use known::Totals;
use options::Options;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  test                      everything below, and the unit tests of all crates; one sum at the end
  tidy                      rules of the repository: floors, file sizes, unsafe, words, references in docs
  diff [FILTER...]          programs of tests/diff on `erl` and on glulam, compared
       --erl CMD            test this command instead of target/release/glulam
       --reference CMD      compare with this command instead of the installed erl
       --jobs N  --verbose
       --run-seed N         glulam's runs are seeded ones
  random                    random programs, compared in the same way
       --seed N  --count N  the first seed (1) and how many (20); the rest as above
       --bytecode           programs of instructions, which no compiler has written
  seeds [FILTER...]         seeded runs: that a seed gives one interleaving, and diff under each seed
       --seed N  --count N  the first seed (1) and how many (3)
  conformance [SUITE...]    OTP's own suites on glulam, compared with what they do on `erl`; a SUITE is a
                            name, area/name, an area (emulator, stdlib, kernel, compiler) or a list in a
                            .txt file; without any: tests/conformance/otp/chosen.txt
       --erl CMD            as above
       --only CASE,CASE     just these cases
       --case-timeout MS  --suite-timeout SECONDS
       --no-dist            start the emulator without a name
       --fresh              compile the suites again
       --results FILE       write every result
       --page               run nothing: write docs/conformance.md and target/conformance/results.json from the
                            last whole run of each suite
       --jobs N  --verbose
  gen                       write docs/generated from the tables of the code
       --natives            ask the installed erl again which natives it has (tests/conformance/otp/natives.tsv)
  faults [FILTER...]        what happens when descriptors, memory, disk space, tables or peers fail (tests/faults)
       --quick              those that `test` runs
       --verbose
  terminal [FILTER...]      what is shown when keys are typed at a terminal (tests/terminal); flags as faults
  packages [FILTER...]      programs of others: mix, rebar3, dialyzer, RabbitMQ, ... (tests/packages); flags as faults
  zeal [MODE...]            unit tests, diff, random and the foundations of conformance with an emulator that
                            collects always (gc), yields at every call (preempt), allocates in fragments
                            (fragments), or checks its own sums (checked); if named, one with Rust's sanitizers
                            (address, thread), which want the nightly compiler
       --part PART,PART     just these of unit, diff, random, foundations
       --jobs N
  miri [FILTER]             unit tests of bytecode and vm in Miri, which checks every access of memory
  fuzz [TARGET...]          the fuzz targets of tests/fuzz (bits, external, load, names, packet, pattern)
       --seconds N          each of them for so long (120); or --hours N
       --jobs N             so many of them at once
  elixir [PATTERN]          Elixir's own tests, of all files or those that PATTERN (kernel_test.exs, ...) fits
  bench [NAME...]           programs of bench/programs, timed on glulam and on others; a NAME is a program, a kind
                            (sequential, concurrent, memory, elixir, whole), `quick`, `ported` or `all`
       --quick              the quick set, which is taken as well if nothing is named
       --against X,X        others: erl (any command that takes its flags), go, node, java, tokio, beamr
       --rounds N  --runs N 5 rounds of 3 runs if not said (2 runs in the quick set); --limit SECONDS for one start (120)
       --scaling            the concurrent ones on 1, 2, ... cores as well
       --json FILE  --page FILE
       --readme FILE.json   put the table of such results into README.md, and measure nothing
       --agree A.json B.json  whether the geometric means of two results are within 5 % of each other
  experiment NAME           one of the questions of docs/benchmarks: saturation, latency, overload, many, hot, heavy, web
       --short              in little time: to see that it works
       --against X,X        as above
       --write              put the results into the page
  natives [MEASURE]         builds the libraries of examples/ and tests/plugins and a fresh project, and tests each
                            from Erlang; or measures `overhead`, `wake [CALLS TICKS]` or `scaling`
       --erl CMD            as above
  planted [NAME...]         plants the defects of tests/planted into a copy of the tree, one at a time: does the part
                            of the tests that each names find it?
       --jobs N
  recompile [APPLICATION]   every module of stdlib (or another) by `erlc` on both; the chunks must be equal
";

/// The repository this binary was built from.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from).unwrap_or_default()
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> Result<bool, String> {
    let (command, rest) = args.split_first().ok_or(USAGE)?;
    match command.as_str() {
        "tidy" => Ok(tidy::print(&root())),
        "test" => {
            let options = Options::parse(rest, &["verbose"], &["jobs"])?;
            Ok(closing(test::run(&root(), &options)?))
        }
        "diff" => {
            let options = Options::parse(rest, &["verbose"], &["erl", "binary", "tag", "slowness", "reference", "jobs", "run-seed"])?;
            Ok(closing(diff::run(&root(), &options)?))
        }
        "random" => {
            let options = Options::parse(rest, &["bytecode"], &["erl", "reference", "jobs", "seed", "count"])?;
            Ok(closing(random::run(&root(), &options)?))
        }
        "gen" => {
            let options = Options::parse(rest, &["natives"], &[])?;
            generate::run(&root(), options.flag("natives")).map(|()| true)
        }
        "seeds" => {
            let options = Options::parse(rest, &["verbose"], &["binary", "slowness", "jobs", "seed", "count"])?;
            Ok(closing(seeds::run(&root(), &options)?))
        }
        "faults" | "terminal" | "packages" => {
            let options = Options::parse(rest, &["verbose", "quick"], &["erl", "binary", "slowness", "reference"])?;
            Ok(closing(scripts::run(&root(), command, &options)?))
        }
        "zeal" => {
            let options = Options::parse(rest, &[], &["part", "jobs"])?;
            Ok(closing(zeal::run(&root(), &options)?))
        }
        "miri" => Ok(closing(miri::run(&root(), &Options::parse(rest, &[], &[])?)?)),
        "fuzz" => Ok(closing(fuzz::run(&root(), &Options::parse(rest, &[], &["seconds", "hours", "jobs"])?)?)),
        "elixir" => {
            let options = Options::parse(rest, &[], &["binary", "slowness"])?;
            Ok(closing(elixir::run(&root(), &options)?))
        }
        "bench" => {
            let values =
                ["against", "rounds", "runs", "limit", "json", "page", "erl", "binary", "readme", "agree"];
            bench::run(&root(), &Options::parse(rest, &["scaling", "quick"], &values)?)
        }
        "experiment" => {
            let options = Options::parse(rest, &["short", "write"], &["against", "erl", "binary"])?;
            experiment::run(&root(), &options)
        }
        "natives" => natives::run(&root(), &Options::parse(rest, &[], &["erl", "binary"])?),
        "planted" => {
            let options = Options::parse(rest, &[], &["jobs"])?;
            Ok(closing(planted::run(&root(), &options)?))
        }
        "recompile" => {
            let options = Options::parse(rest, &[], &["jobs"])?;
            Ok(closing(recompile::run(&root(), &options)?))
        }
        "conformance" => {
            let values = ["erl", "binary", "slowness", "only", "case-timeout", "suite-timeout", "results", "jobs"];
            let options = Options::parse(rest, &["no-dist", "fresh", "verbose", "page"], &values)?;
            Ok(closing(conformance::run(&root(), &options)?))
        }
        _ => Err(USAGE.to_string()),
    }
}

/// Prints the totals as the last line; true if nothing failed.
fn closing(totals: Totals) -> bool {
    println!("{totals}");
    totals.failed == 0
}
