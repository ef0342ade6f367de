//! Defects planted on purpose: each patch of `tests/planted` changes one line of the sources so that it is
//! wrong, and says which part of the tests finds that. A copy of the tree gets one after the other, is built
//! and tested: a defect that nothing finds is a hole in the tests.
//!
//! A patch begins with `Defect: WHAT` and `Caught by: PART [FILTER...]`; the parts are `unit` (tests of `vm` and
//! `bytecode`), `loom`, and `diff`.
//! Start reading at: `run`.

use crate::command::{self, End};
use crate::diff;
use crate::known::{Totals, Verdict};
use crate::options::Options;
use crate::subject::target_dir;
use crate::test::{heading, unit_test_totals};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const HERE: &str = "tests/planted";
/// A defect may make the tests hang.
const LIMIT: Duration = Duration::from_secs(1200);

struct Defect {
    name: String,
    patch: PathBuf,
    what: String,
    part: String,
    filters: Vec<String>,
}

/// `cargo xtask planted [NAME...]`: all of them without any.
pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let defects = collect(&root.join(HERE), &options.words)?;
    let place = Place::new(root)?;
    let mut totals = Totals::default();
    for defect in &defects {
        heading(&format!("{}: {}", defect.name, defect.what));
        place.copy(root)?;
        place.apply(&defect.patch)?;
        let found = place.found_by(root, defect, options)?;
        let by = format!("{} {}", defect.part, defect.filters.join(" "));
        println!("{} {} by {}", if found { "CAUGHT" } else { "NOT CAUGHT" }, defect.name, by.trim_end());
        totals.count(if found { Verdict::Passed } else { Verdict::Failed });
    }
    Ok(totals)
}

fn collect(dir: &Path, names: &[String]) -> Result<Vec<Defect>, String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut patches: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    patches.retain(|p| p.extension().is_some_and(|e| e == "patch"));
    patches.sort();
    let mut defects = Vec::new();
    for patch in patches {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !names.is_empty() && !names.iter().any(|wanted| name.contains(wanted.as_str())) {
            continue;
        }
        let text = std::fs::read_to_string(&patch).map_err(|e| format!("{}: {e}", patch.display()))?;
        let head = |word: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(word)).map(|rest| rest.trim().to_string());
            line.ok_or(format!("{}: no line '{word}'", patch.display()))
        };
        let (what, by) = (head("Defect:")?, head("Caught by:")?);
        let mut words = by.split_whitespace().map(String::from);
        let part = words.next().unwrap_or_default();
        defects.push(Defect { name, what, part, filters: words.collect(), patch: patch.clone() });
    }
    Ok(defects)
}

/// The copy of the tree, and what is built from it.
struct Place {
    tree: PathBuf,
    built: PathBuf,
}

impl Place {
    fn new(root: &Path) -> Result<Place, String> {
        let here = target_dir(root).join("planted");
        let place = Place { tree: here.join("tree"), built: here.join("built") };
        std::fs::create_dir_all(&place.tree).map_err(|e| format!("{}: {e}", place.tree.display()))?;
        Ok(place)
    }

    /// Brings every file back to what it is in the repository; what is unchanged keeps its time, so that it
    /// is not built again.
    fn copy(&self, root: &Path) -> Result<(), String> {
        let listed = Command::new("git").current_dir(root).args(["ls-files", "-z"]).output().map_err(|e| format!("git: {e}"))?;
        for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|name| !name.is_empty()) {
            let (from, to) = (root.join(name), self.tree.join(name));
            let Ok(wanted) = std::fs::read(&from) else { continue };
            if std::fs::read(&to).is_ok_and(|there| there == wanted) {
                continue;
            }
            let dir = to.parent().unwrap_or(&self.tree);
            std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&to, wanted)).map_err(|e| format!("{}: {e}", to.display()))?;
        }
        Ok(())
    }

    fn apply(&self, patch: &Path) -> Result<(), String> {
        let mut apply = Command::new("patch");
        apply.current_dir(&self.tree).args(["-p1", "--no-backup-if-mismatch", "--fuzz=0", "-i"]).arg(patch);
        let out = command::run(&mut apply, &self.built.with_extension("patch"), LIMIT);
        if out.end == End::Exit(0) { Ok(()) } else { Err(format!("{} does not apply: {}{}", patch.display(), out.stdout, out.stderr)) }
    }

    fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.tree).args(words).args(["--profile", "planted", "--target-dir"]).arg(&self.built);
        command
    }

    /// Whether the part of the tests that a defect names fails.
    fn found_by(&self, root: &Path, defect: &Defect, options: &Options) -> Result<bool, String> {
        match defect.part.as_str() {
            "unit" => self.tests_fail(&["test", "-p", "glulam-vm", "-p", "glulam-bytecode", "--lib"], &defect.filters),
            "loom" => self.tests_fail(&["test", "-p", "glulam-tests", "--test", "loom"], &defect.filters),
            "diff" => {
                let mut build = self.cargo(&["build", "-q", "-p", "glulam"]);
                if !build.status().map_err(|e| format!("cargo: {e}"))?.success() {
                    return Err(format!("with {} glulam does not build", defect.name));
                }
                let binary = self.built.join("planted/glulam");
                let filters: Vec<&str> = defect.filters.iter().map(String::as_str).collect();
                let inner = Options::default()
                    .with("binary", &binary.to_string_lossy())
                    .with("tag", "planted")
                    .with("jobs", &options.jobs().to_string())
                    .with_words(&filters);
                Ok(diff::run(root, &inner)?.failed > 0)
            }
            other => Err(format!("{}: no part {other}: there are unit, loom, diff", defect.patch.display())),
        }
    }

    fn tests_fail(&self, words: &[&str], filters: &[String]) -> Result<bool, String> {
        let mut command = self.cargo(words);
        let built = command::run(self.cargo(words).arg("--no-run"), &self.built.with_extension("build"), LIMIT);
        if built.end != End::Exit(0) {
            return Err(format!("the tests do not build: {}", built.stderr));
        }
        command.arg("--no-fail-fast").arg("--").args(filters);
        let out = command::run(&mut command, &self.built.with_extension("tests"), LIMIT);
        let failed = |l: &&str| l.ends_with("FAILED") || l.contains("panicked");
        out.stdout.lines().filter(failed).take(5).for_each(|l| println!("  {l}"));
        if out.end == End::Exit(0) && unit_test_totals(&out.stdout).passed == 0 {
            return Err(format!("no test has a name with {}", filters.join(" ")));
        }
        Ok(out.end != End::Exit(0))
    }
}
