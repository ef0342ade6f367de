//! The arguments of a subcommand: `--name value`, `--flag`, and plain words.

use std::collections::BTreeMap;

#[derive(Default)]
pub struct Options {
    pub words: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Options {
    /// `flags` take no value; every other `--name` takes one.
    pub fn parse(args: &[String], flags: &[&str], values: &[&str]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            match arg.strip_prefix("--") {
                None => options.words.push(arg.clone()),
                Some(name) if flags.contains(&name) => {
                    options.values.insert(name.to_string(), String::new());
                }
                Some(name) if values.contains(&name) => {
                    let value = rest.next().ok_or(format!("--{name} needs a value"))?;
                    options.values.insert(name.to_string(), value.clone());
                }
                Some(name) => return Err(format!("unknown option --{name}")),
            }
        }
        Ok(options)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn number(&self, name: &str, default: u64) -> Result<u64, String> {
        match self.value(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} {text}: not a number")),
        }
    }

    /// By how much time limits are longer: the build under test may be a slow one.
    pub fn slowness(&self) -> u32 {
        self.value("slowness").and_then(|s| s.parse().ok()).unwrap_or(1)
    }

    /// The same with `--name value`.
    pub fn with(&self, name: &str, value: &str) -> Options {
        let mut values = self.values.clone();
        values.insert(name.to_string(), value.to_string());
        Options { words: self.words.clone(), values }
    }

    /// The same with these words.
    pub fn with_words(&self, words: &[&str]) -> Options {
        Options { words: words.iter().map(|w| w.to_string()).collect(), values: self.values.clone() }
    }

    /// How many programs run at once.
    pub fn jobs(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        self.value("jobs").and_then(|j| j.parse().ok()).unwrap_or(cores)
    }
}
