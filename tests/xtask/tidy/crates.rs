//! The order of crates: `bytecode` < `vm` < `stdlib` < `cli` < `bench`, `tests`; `vm/abi` is a leaf
//! under `vm` and `vm/plugin`, and `vm/plugin` sees nothing else.

use super::Finding;
use std::path::Path;

/// Crate, directory, and the crates of ours it may name.
const ORDER: &[(&str, &str, &[&str])] = &[
    ("glulam-abi", "vm/abi", &[]),
    ("glulam-plugin", "vm/plugin", &["glulam-abi"]),
    ("glulam-bytecode", "bytecode", &[]),
    ("glulam-vm", "vm", &["glulam-abi", "glulam-bytecode"]),
    ("glulam-stdlib", "stdlib", &["glulam-abi", "glulam-bytecode", "glulam-vm"]),
    ("glulam", "cli", &["glulam-abi", "glulam-bytecode", "glulam-vm", "glulam-stdlib"]),
    ("glulam-bench", "bench", &["glulam-abi", "glulam-bytecode", "glulam-vm", "glulam-stdlib", "glulam"]),
    (
        "glulam-tests",
        "tests",
        &["glulam-abi", "glulam-plugin", "glulam-bytecode", "glulam-vm", "glulam-stdlib", "glulam"],
    ),
];

pub fn check(root: &Path, found: &mut Vec<Finding>) {
    for (name, dir, may) in ORDER {
        let path = format!("{dir}/Cargo.toml");
        let Ok(text) = std::fs::read_to_string(root.join(&path)) else { continue };
        let mut section = String::new();
        for (i, line) in text.lines().map(str::trim).enumerate() {
            if line.starts_with('[') {
                section = line.to_string();
                // `[dependencies.glulam-vm]` names the crate in the header
                if let Some(dep) = line.split("dependencies.").nth(1) {
                    one(name, may, dep.trim_end_matches(']'), &path, i + 1, found);
                }
            } else if section.contains("dependencies]")
                && let Some((dep, _)) = line.split_once(['=', '.'])
            {
                one(name, may, dep.trim(), &path, i + 1, found);
            }
        }
    }
}

fn one(name: &str, may: &[&str], dep: &str, path: &str, line: usize, found: &mut Vec<Finding>) {
    let ours = ORDER.iter().any(|(n, _, _)| *n == dep);
    if ours && !may.contains(&dep) {
        found.push(Finding::new("crates", path, line, format!("{name} stands below {dep} and may not use it")));
    }
}
