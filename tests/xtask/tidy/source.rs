//! Rust files as the rules see them: the text as written, and the text with comments, literals and
//! test modules blanked out (line numbers stay).

use std::path::Path;

pub struct Source {
    /// Path from the repository's root, with `/`.
    pub path: String,
    pub text: String,
    /// Comments, strings and characters blanked.
    pub code: String,
    /// `code` without `#[cfg(test)]` modules.
    pub shipped: String,
}

impl Source {
    pub fn new(path: String, text: String) -> Source {
        let code = blank_comments_and_literals(&text);
        let shipped = blank_test_modules(&code);
        Source { path, text, code, shipped }
    }

    /// Whether the whole file is a test.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs" || name.ends_with("_tests.rs") || self.path.contains("/tests/")
    }
}

/// Every `.rs` file of the workspace, sorted by path.
pub fn rust_files(root: &Path) -> Vec<Source> {
    let mut paths = Vec::new();
    for top in ["bytecode", "vm", "stdlib", "cli", "bench", "tests"] {
        walk(&root.join(top), &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .filter_map(|p| {
            let text = std::fs::read_to_string(&p).ok()?;
            let path = p.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/");
            Some(Source::new(path, text))
        })
        .collect()
}

fn walk(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|n| n != "target") {
                walk(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn blank_comments_and_literals(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    let keep = |c: char| if c == '\n' { '\n' } else { ' ' };
    while i < chars.len() {
        let end = match chars[i] {
            '/' if chars.get(i + 1) == Some(&'/') => line_end(&chars, i),
            '/' if chars.get(i + 1) == Some(&'*') => block_comment_end(&chars, i),
            '"' => string_end(&chars, i),
            'r' if !word_before(&chars, i) => raw_string_end(&chars, i).unwrap_or(i),
            'b' if !word_before(&chars, i) && chars.get(i + 1) == Some(&'r') => {
                raw_string_end(&chars, i + 1).unwrap_or(i)
            }
            '\'' => char_end(&chars, i),
            _ => i,
        };
        if end > i {
            out.extend(chars[i..end].iter().map(|c| keep(*c)));
            i = end;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    out
}

fn word_before(chars: &[char], i: usize) -> bool {
    i > 0 && (chars[i - 1].is_alphanumeric() || chars[i - 1] == '_')
}

fn line_end(chars: &[char], from: usize) -> usize {
    (from..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len())
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut i) = (0, from);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) if depth == 1 => return i + 2,
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
    }
    i
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut i = from + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// The end of a raw string whose `r` stands at `from`, if it is one.
fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    let open = from + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |i: usize| chars[i] == '"' && (1..=hashes).all(|h| chars.get(i + h) == Some(&'#'));
    Some((open + 1..chars.len()).find(|&i| closes(i)).map_or(chars.len(), |i| i + 1 + hashes))
}

/// The end of a character literal; `from` itself for a lifetime.
fn char_end(chars: &[char], from: usize) -> usize {
    match chars.get(from + 1) {
        Some('\\') => (from + 3..chars.len()).find(|&i| chars[i] == '\'').map_or(from, |i| i + 1),
        Some(_) if chars.get(from + 2) == Some(&'\'') => from + 3,
        _ => from,
    }
}

fn blank_test_modules(code: &str) -> String {
    let mut out = code.to_string();
    let mut from = 0;
    while let Some(at) = out[from..].find("#[cfg(test)]").map(|n| n + from) {
        let rest = &out[at..];
        let open = rest.find('{');
        let item_end = rest.find(';');
        // `mod tests;` has no body here
        let Some(open) = open.filter(|o| item_end.is_none_or(|e| *o < e)) else {
            from = at + 1;
            continue;
        };
        let mut depth = 0;
        let mut end = rest.len();
        for (i, c) in rest.char_indices().skip_while(|(i, _)| *i < open) {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if depth == 0 {
                end = i + 1;
                break;
            }
        }
        let blank: String = rest[..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        from = at + blank.len();
        out = format!("{}{}{}", &out[..at], blank, &rest[end..]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn blanking_keeps_code_and_lines() {
        let text = "let a = \"unsafe\"; // unsafe\nlet c = '\"'; fn f<'a>() {}\nlet r = r#\"un\"safe\"#;\n";
        let s = Source::new("x.rs".into(), text.into());
        assert!(!s.code.contains("unsafe") && !s.code.contains("safe"));
        assert!(s.code.contains("fn f<'a>() {}"));
        assert_eq!(s.code.lines().count(), 3);
    }

    #[test]
    fn test_modules_are_not_shipped() {
        let s = Source::new("x.rs".into(), "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { } }\nfn c() {}\n".into());
        assert!(s.shipped.contains("fn a") && s.shipped.contains("fn c") && !s.shipped.contains("fn b"));
        assert_eq!(s.shipped.lines().count(), 4);
    }
}
