//! Words and file names that mean unfinished or unnamed work.

use super::{Finding, Source, lines_with_word};

// Written in pieces, so that this file passes its own rule.
const IN_TEXT: &[&str] = &[concat!("FIX", "ME"), concat!("X", "XX"), concat!("TO", "DO")];
const IN_CODE: &[&str] = &[concat!("to", "do!"), concat!("unimple", "mented!"), concat!("d", "bg!")];
const FILE_NAMES: &[&str] = &["utils.rs", "util.rs", "misc.rs", "helper.rs", "helpers.rs", "common.rs", "new.rs"];

pub fn check(sources: &[Source], found: &mut Vec<Finding>) {
    for s in sources {
        let name = s.path.rsplit('/').next().unwrap_or_default();
        if FILE_NAMES.contains(&name) {
            found.push(Finding::new("words", &s.path, 1, format!("`{name}` says nothing: name the file by its subject")));
        }
        for word in IN_TEXT {
            for line in lines_with_word(&s.text, word) {
                found.push(Finding::new("words", &s.path, line, format!("`{word}`: do it or open an issue")));
            }
        }
        for word in IN_CODE {
            for line in code_lines(&s.code, word) {
                found.push(Finding::new("words", &s.path, line, format!("`{word}` can end the VM")));
            }
        }
    }
}

fn code_lines(code: &str, word: &str) -> Vec<usize> {
    code.lines().enumerate().filter(|(_, l)| l.contains(word)).map(|(i, _)| i + 1).collect()
}
