//! Floors inside `vm/src`: a file uses `crate::<floor>` only for its own floor and those below.

use super::{Finding, Source};
use std::collections::BTreeMap;

/// Lowest first; floors of equal rank do not see each other.
const FLOORS: &[&[&str]] = &[
    &["base"],
    &["atom"],
    &["term"],
    &["heap"],
    &["code"],
    &["process"],
    &["table"],
    &["bif"],
    &["exec"],
    &["sched"],
    &["port", "dist", "trace", "host"],
    &["runtime"],
];

/// What opens each floor's `mod.rs`.
const HEADER: &[&str] = &["Floor:", "Invariants:", "Locks:", "Start reading at:"];

fn rank(floor: &str) -> Option<usize> {
    FLOORS.iter().position(|names| names.contains(&floor))
}

pub fn check(sources: &[Source], found: &mut Vec<Finding>) {
    let names = reexports(sources);
    for s in sources {
        let Some(inner) = s.path.strip_prefix("vm/src/") else { continue };
        let floor = inner.split(['/', '.']).next().unwrap_or_default();
        if inner == "lib.rs" {
            continue;
        }
        let Some(own) = rank(floor) else {
            found.push(Finding::new("floors", &s.path, 1, format!("`{floor}` is no floor")));
            continue;
        };
        if inner == format!("{floor}/mod.rs") || inner == format!("{floor}.rs") {
            header(s, floor, found);
        }
        for (line, name) in crate_paths(&s.shipped) {
            let target = names.get(name.as_str()).map_or(name.as_str(), String::as_str);
            match rank(target) {
                Some(r) if r > own || (r == own && target != floor) => {
                    let text = format!("floor {floor} uses `crate::{name}`, which is not below it");
                    found.push(Finding::new("floors", &s.path, line, text));
                }
                _ => {}
            }
        }
    }
}

fn header(s: &Source, floor: &str, found: &mut Vec<Finding>) {
    let doc: Vec<&str> = s.text.lines().take_while(|l| l.starts_with("//!")).collect();
    for part in HEADER {
        if !doc.iter().any(|l| l.starts_with(&format!("//! {part}"))) {
            found.push(Finding::new("headers", &s.path, 1, format!("the opening comment lacks `{part}`")));
        }
    }
    if !doc.iter().any(|l| l.trim_end() == format!("//! Floor: {floor}")) {
        found.push(Finding::new("headers", &s.path, 1, format!("expected the line `//! Floor: {floor}`")));
    }
}

/// Names that `lib.rs` lifts to the crate's root, with the floor each comes from.
fn reexports(sources: &[Source]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let Some(lib) = sources.iter().find(|s| s.path == "vm/src/lib.rs") else { return out };
    for statement in lib.code.split(';') {
        let Some(path) = statement.trim().strip_prefix("pub use ") else { continue };
        let path = path.trim_start_matches("crate::");
        let floor = path.split("::").next().unwrap_or_default().to_string();
        for name in path.rsplit("::").next().unwrap_or_default().split([',', '{', '}']) {
            let name = name.split(" as ").last().unwrap_or_default().trim();
            if !name.is_empty() && name != floor {
                out.insert(name.to_string(), floor.clone());
            }
        }
    }
    out
}

/// The first name after each `crate::`, groups opened, with its line.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut start = true;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                let part = c.is_alphanumeric() || c == '_';
                if depth == 1 && start && part {
                    name.push(c);
                } else if !name.is_empty() && !part {
                    out.push((line, std::mem::take(&mut name)));
                    start = false;
                }
                if depth == 1 && c == ',' {
                    start = true;
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            out.push((line, name));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Finding, Source};

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        let lib = Source::new("vm/src/lib.rs".into(), "pub use heap::{Heap, build::Build};".into());
        let mut found = Vec::new();
        super::check(&[lib, Source::new(path.into(), text.into())], &mut found);
        found
    }

    #[test]
    fn upward_uses_are_found() {
        assert_eq!(findings("vm/src/term/a.rs", "use crate::heap::x;").len(), 1);
        assert_eq!(findings("vm/src/term/a.rs", "use crate::{atom::y, process::{self, P}, base};").len(), 1);
        assert_eq!(findings("vm/src/term/a.rs", "fn f(b: crate::Build) {}").len(), 1);
        assert_eq!(findings("vm/src/port/a.rs", "use crate::dist::x;").len(), 1);
    }

    #[test]
    fn downward_uses_and_tests_pass() {
        assert!(findings("vm/src/heap/a.rs", "use crate::{term::Term, Heap};").is_empty());
        assert!(findings("vm/src/term/a.rs", "#[cfg(test)]\nmod tests { use crate::heap::x; }").is_empty());
    }
}
