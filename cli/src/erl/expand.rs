//! More words than the user typed: from the environment, and from files of arguments.
//!
//! In this order: `ERL_OTP25_FLAGS`, `ERL_AFLAGS`, the command line, `ERL_FLAGS`, `ERL_ZFLAGS`. Each
//! source ends with `--`, and what stands behind an `-extra` goes to the end of everything.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::failure::Failure;

/// Files may name files: no deeper than this.
const DEPTH: usize = 64;

#[derive(Default)]
struct Words {
    words: Vec<OsString>,
    /// Behind `-extra`.
    extra: Vec<OsString>,
    has_extra: bool,
}

/// All words. `variable` reads the environment.
pub fn all(typed: Vec<OsString>, variable: impl Fn(&str) -> Option<OsString>) -> Result<Vec<OsString>, Failure> {
    let from = |name: &str| variable(name).map(|value| words_of(value.as_bytes(), false)).filter(|w| !w.is_empty());
    let sources = [from("ERL_OTP25_FLAGS"), from("ERL_AFLAGS"), None, from("ERL_FLAGS"), from("ERL_ZFLAGS")];
    let before_extra = typed.iter().take_while(|word| *word != "-extra");
    let mut before_extra = before_extra.filter(|word| *word == "-args_file");
    if sources.iter().all(Option::is_none) && before_extra.next().is_none() {
        return Ok(typed);
    }
    let mut all = Words::default();
    for (place, source) in sources.into_iter().enumerate() {
        if place == 2 && !typed.is_empty() {
            all.add(typed.clone(), DEPTH)?;
            all.words.push("--".into());
        } else if let Some(words) = source {
            all.add(words, DEPTH)?;
            all.words.push("--".into());
        }
    }
    if all.has_extra {
        all.words.push("-extra".into());
        all.words.append(&mut all.extra);
    }
    Ok(all.words)
}

impl Words {
    fn add(&mut self, words: Vec<OsString>, depth: usize) -> Result<(), Failure> {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "-args_file" {
                let Some(file) = words.next() else {
                    return Err(Failure::Erl("Missing argument(s) for '-args_file'.".into()));
                };
                self.add_file(file, depth)?;
            } else if word == "-extra" {
                self.has_extra = true;
                self.extra.extend(words);
                return Ok(());
            } else {
                self.words.push(word);
            }
        }
        Ok(())
    }

    fn add_file(&mut self, file: OsString, depth: usize) -> Result<(), Failure> {
        if depth == 0 {
            return Err(Failure::Erl("Possibly a cyclic inclusion of arguments files.".into()));
        }
        let bytes = std::fs::read(&file).map_err(|e| {
            let here = std::env::current_dir().unwrap_or_default();
            let why = e.to_string();
            let why = why.split(" (os error").next().unwrap_or_default();
            Failure::Erl(format!(
                "Failed to open arguments file \"{}\" at \"{}\": {why}",
                file.to_string_lossy(),
                here.display()
            ))
        })?;
        self.add(words_of(&bytes, true), depth - 1)?;
        self.words.push("--".into());
        Ok(())
    }
}

/// Words of a line as the launcher cuts it: white space between them, quotes and backslashes for
/// white space within. With `comments`, `#` starts one.
fn words_of(text: &[u8], comments: bool) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            b'\'' | b'"' => {
                let word = word.get_or_insert_default();
                while let Some(inner) = bytes.next().filter(|&inner| inner != byte) {
                    match inner {
                        b'\\' => word.extend(bytes.next()),
                        inner => word.push(inner),
                    }
                }
            }
            b'#' if comments && word.is_none() => while bytes.next().is_some_and(|byte| byte != b'\n') {},
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => words.extend(word.take().map(OsString::from_vec)),
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word.map(OsString::from_vec));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(typed: &str, env: &[(&str, &str)]) -> String {
        let typed = typed.split_whitespace().map(OsString::from).collect();
        let variable = |name: &str| env.iter().find(|row| row.0 == name).map(|row| OsString::from(row.1));
        let words = all(typed, variable).unwrap();
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn as_the_launcher_does() {
        assert_eq!(expand("-noshell -extra a", &[]), "-noshell|-extra|a");
        let env = [("ERL_AFLAGS", "-a1 +A 5"), ("ERL_FLAGS", "-f1 'x y' a\\ b"), ("ERL_ZFLAGS", "-z1 -extra k")];
        assert_eq!(expand("-cl 1", &env), "-a1|+A|5|--|-cl|1|--|-f1|x y|a b|--|-z1|--|-extra|k");
    }

    #[test]
    fn comments_in_files() {
        let words = words_of(b"-x 1 # note\n+S 1\n-y 'a b'\n", true);
        assert_eq!(words, ["-x", "1", "+S", "1", "-y", "a b"]);
    }
}
