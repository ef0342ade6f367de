//! Rules of the repository, checked as text. Run by `cargo xtask tidy` and as a plain test.
//! Start reading at: `check`.

mod crates;
mod docs;
mod floors;
mod sizes;
mod source;
mod unsafe_code;
mod words;

pub use source::rust_files;
use source::Source;
use std::path::Path;

/// One broken rule at one place.
pub struct Finding {
    pub rule: &'static str,
    pub path: String,
    pub line: usize,
    pub text: String,
    /// A warning is printed but fails nothing.
    pub warning: bool,
}

impl Finding {
    pub fn new(rule: &'static str, path: &str, line: usize, text: String) -> Finding {
        Finding { rule, path: path.to_string(), line, text, warning: false }
    }
    fn warn(rule: &'static str, path: &str, line: usize, text: String) -> Finding {
        Finding { warning: true, ..Finding::new(rule, path, line, text) }
    }
}

/// A finding that is allowed to stand: `exceptions.tsv`, one `rule TAB path TAB reason` a line.
struct Exception {
    rule: String,
    path: String,
}

/// Checks the repository at `root`; the exceptions are already taken off, and one that covers
/// nothing is a finding itself.
pub fn check(root: &Path) -> Vec<Finding> {
    let sources = source::rust_files(root);
    let mut found = Vec::new();
    crates::check(root, &mut found);
    floors::check(&sources, &mut found);
    sizes::check(&sources, &mut found);
    words::check(&sources, &mut found);
    unsafe_code::check(root, &sources, &mut found);
    docs::check(root, &sources, &mut found);
    crate::generate::check(root, &mut found);

    const LIST: &str = "tests/xtask/tidy/exceptions.tsv";
    let mut used = Vec::new();
    let exceptions: Vec<Exception> = rows(root, LIST, 3, &mut found)
        .into_iter()
        .map(|r| Exception { rule: r[0].clone(), path: r[1].clone() })
        .collect();
    found.retain(|f| {
        let hit = exceptions.iter().position(|e| e.rule == f.rule && e.path == f.path);
        used.extend(hit);
        hit.is_none()
    });
    for (i, e) in exceptions.iter().enumerate() {
        if !used.contains(&i) {
            let text = format!("`{}` of {} is excepted but nothing breaks it: remove the line", e.rule, e.path);
            found.push(Finding::new("exceptions", LIST, 0, text));
        }
    }
    found
}

/// Prints what `check` finds; true if nothing but warnings.
pub fn print(root: &Path) -> bool {
    let found = check(root);
    let mut errors = 0;
    for f in &found {
        let kind = if f.warning { "warning" } else { "error" };
        errors += usize::from(!f.warning);
        println!("{kind}[{}] {}:{}: {}", f.rule, f.path, f.line, f.text);
    }
    println!("tidy: {} errors, {} warnings", errors, found.len() - errors);
    errors == 0
}

/// Rows of a tab-separated file with `#` comments. Each row has `columns` cells, and none is empty.
fn rows(root: &Path, path: &str, columns: usize, found: &mut Vec<Finding>) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let cells: Vec<String> = line.split('\t').map(|c| c.trim().to_string()).collect();
        if cells.len() != columns || cells.iter().any(String::is_empty) {
            found.push(Finding::new("lists", path, i + 1, format!("expected {columns} tab-separated cells")));
        } else {
            out.push(cells);
        }
    }
    out
}

/// The lines of `text` that hold `word` as a whole word, counted from 1.
fn lines_with_word(text: &str, word: &str) -> Vec<usize> {
    text.lines().enumerate().filter(|(_, l)| has_word(l, word)).map(|(i, _)| i + 1).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|c| !is_part(c));
        let after = text[at + word.len()..].chars().next().is_none_or(|c| !is_part(c));
        before && after
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        let found = super::check(&crate::root());
        let errors: Vec<String> = found
            .iter()
            .filter(|f| !f.warning)
            .map(|f| format!("[{}] {}:{}: {}", f.rule, f.path, f.line, f.text))
            .collect();
        assert!(errors.is_empty(), "\n{}", errors.join("\n"));
    }

    #[test]
    fn words_are_whole() {
        assert!(super::has_word("a unsafe{", "unsafe"));
        assert!(!super::has_word("unsafe_code", "unsafe"));
    }
}
