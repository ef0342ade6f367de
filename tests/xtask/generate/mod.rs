//! Pages that follow from the tables of the code: `docs/generated`. `cargo xtask tidy` fails when one is not
//! what `cargo xtask gen` would write.
//! Start reading at: `pages`.

mod natives;
mod opcodes;

use crate::tidy::Finding;
use std::path::Path;

/// A page and its text.
struct Page {
    path: &'static str,
    text: String,
}

fn pages(root: &Path, found: &mut Vec<Finding>) -> Vec<Page> {
    let rows = natives::rows(root);
    vec![
        Page { path: "docs/generated/bifs.md", text: natives::list(&rows) },
        Page { path: natives::MISSING_PAGE, text: natives::missing(root, &rows, found) },
        Page { path: "docs/generated/opcodes.md", text: opcodes::list(root) },
    ]
}

/// Writes the pages; with `natives` the reference's list first.
pub fn run(root: &Path, natives: bool) -> Result<(), String> {
    if natives {
        natives::ask_erl(root)?;
    }
    let mut found = Vec::new();
    std::fs::create_dir_all(root.join("docs/generated")).map_err(|e| e.to_string())?;
    for page in pages(root, &mut found) {
        std::fs::write(root.join(page.path), page.text).map_err(|e| format!("{}: {e}", page.path))?;
        println!("{}", page.path);
    }
    match found.first() {
        None => Ok(()),
        Some(first) => Err(format!("{}:{}: {}", first.path, first.line, first.text)),
    }
}

/// Whether every page is up to date.
pub fn check(root: &Path, found: &mut Vec<Finding>) {
    for page in pages(root, found) {
        if std::fs::read_to_string(root.join(page.path)).unwrap_or_default() != page.text {
            found.push(Finding::new("generated", page.path, 0, "not what `cargo xtask gen` writes".into()));
        }
    }
}
