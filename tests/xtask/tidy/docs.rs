//! References in `docs/*.md`, `docs/benchmarks/*.md` and `README.md` name things that exist: `` `exec/ops/message.rs::send` ``,
//! `` `heap::Heap` ``, `` `vm/src/heap/copy.rs` ``.

use super::{Finding, Source, has_word};
use std::path::Path;

pub fn check(root: &Path, sources: &[Source], found: &mut Vec<Finding>) {
    let mut pages = vec!["README.md".to_string()];
    for folder in ["docs", "docs/benchmarks"] {
        let Ok(dir) = std::fs::read_dir(root.join(folder)) else { continue };
        let names = dir.flatten().map(|e| e.file_name().to_string_lossy().into_owned());
        pages.extend(names.filter(|n| n.ends_with(".md")).map(|n| format!("{folder}/{n}")));
    }
    pages.sort();
    for page in pages {
        let Ok(text) = std::fs::read_to_string(root.join(&page)) else { continue };
        let mut fenced = false;
        for (i, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            }
            if fenced {
                continue;
            }
            for quoted in line.split('`').skip(1).step_by(2) {
                if let Some(why) = broken(root, sources, quoted) {
                    found.push(Finding::new("docs", &page, i + 1, format!("`{quoted}`: {why}")));
                }
            }
        }
    }
}

/// Why a quoted reference leads nowhere; `None` for what leads somewhere or is no reference.
fn broken(root: &Path, sources: &[Source], quoted: &str) -> Option<String> {
    let path_like = |c: char| c.is_alphanumeric() || "_-/.:".contains(c);
    let quoted = quoted.trim_end_matches("()");
    if quoted.is_empty() || !quoted.chars().all(path_like) {
        return None;
    }
    // `stdlib/src/MODULE.rs` stands for any such file
    let placeholder = |part: &str| part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase());
    if quoted.split(['/', '.', ':']).any(placeholder) {
        return None;
    }
    match quoted.split_once("::") {
        Some((file, item)) if file.ends_with(".rs") => {
            let last = item.rsplit("::").next().unwrap_or(item);
            let files: Vec<&Source> = sources.iter().filter(|s| ends_with_path(&s.path, file)).collect();
            match files.len() {
                0 => Some(format!("no file {file}")),
                _ if files.iter().any(|s| has_word(&s.code, last)) => None,
                _ => Some(format!("{file} has no `{last}`")),
            }
        }
        Some((first, _)) if ["std", "core", "alloc"].contains(&first) => None,
        Some(_) => {
            let missing = quoted.split("::").find(|part| {
                !sources.iter().any(|s| has_word(&s.code, part) || s.path.split(['/', '.']).any(|p| p == *part))
            });
            missing.map(|part| format!("nothing is called `{part}`"))
        }
        None if quoted.ends_with(".rs") && !quoted.contains(':') => {
            let known = sources.iter().any(|s| ends_with_path(&s.path, quoted));
            (!known && !root.join(quoted).exists()).then(|| "no such file".into())
        }
        None => None,
    }
}

fn ends_with_path(path: &str, tail: &str) -> bool {
    path == tail || path.ends_with(&format!("/{tail}"))
}
