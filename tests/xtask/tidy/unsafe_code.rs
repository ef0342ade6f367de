//! `unsafe` stands only where `unsafe.tsv` lets it, one `path or directory TAB reason` a line, and
//! every block or impl has a `SAFETY` comment near.

use super::{Finding, Source, has_word, lines_with_word, rows};
use std::path::Path;

const LIST: &str = "tests/xtask/tidy/unsafe.tsv";
/// Crates that shut `unsafe` out altogether.
const FORBID: &[&str] = &["bytecode/src/lib.rs", "stdlib/src/lib.rs", "tests/xtask/main.rs"];
/// How far above an `unsafe` block its `SAFETY` comment may begin.
const REACH: usize = 12;

pub fn check(root: &Path, sources: &[Source], found: &mut Vec<Finding>) {
    let permitted = rows(root, LIST, 2, found);
    let mut used = vec![false; permitted.len()];
    for s in sources {
        let lines = lines_with_word(&s.code, "unsafe");
        if lines.is_empty() {
            continue;
        }
        match permitted.iter().position(|row| s.path == row[0] || s.path.starts_with(&format!("{}/", row[0]))) {
            Some(i) => used[i] = true,
            None => {
                let text = format!("`unsafe` outside the files of {LIST} ({} lines)", lines.len());
                found.push(Finding::new("unsafe", &s.path, lines[0], text));
            }
        }
        uncommented(s, &lines, found);
    }
    for (row, used) in permitted.iter().zip(used) {
        if !used && !sources.iter().any(|s| s.path.starts_with(&row[0])) {
            continue; // the floor is not built yet
        }
        if !used {
            found.push(Finding::warn("unsafe", LIST, 0, format!("{} holds no `unsafe`", row[0])));
        }
    }
    for path in FORBID {
        if let Some(s) = sources.iter().find(|s| s.path == *path)
            && !s.code.contains("#![forbid(unsafe_code)]")
        {
            found.push(Finding::new("unsafe", path, 1, "must open with `#![forbid(unsafe_code)]`".into()));
        }
    }
}

/// Blocks without a reason. A function that is itself `unsafe` states its contract in its docs.
fn uncommented(s: &Source, lines: &[usize], found: &mut Vec<Finding>) {
    let text: Vec<&str> = s.text.lines().collect();
    let code: Vec<&str> = s.code.lines().collect();
    for &line in lines {
        let at = line - 1;
        if has_word(code[at], "fn") || has_word(code[at], "extern") || code[at].contains("unsafe_op") {
            continue;
        }
        let from = at.saturating_sub(REACH);
        if !text[from..=at].iter().any(|l| l.contains("SAFETY")) {
            found.push(Finding::warn("safety", &s.path, line, "no `SAFETY:` comment names the invariant".into()));
        }
    }
}
