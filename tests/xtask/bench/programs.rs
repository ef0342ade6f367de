//! The programs of bench/programs: `programs.tsv` says their kinds, sizes and sets.

use std::path::Path;

#[derive(Clone, Debug)]
pub struct Program {
    /// `sequential`, `concurrent`, `memory`, `elixir` or `whole`.
    pub kind: String,
    pub name: String,
    pub size: u64,
    pub quick: bool,
    /// Written in the languages of bench/compare as well.
    pub ported: bool,
}

/// The kinds, each a directory of bench/programs.
pub const KINDS: &[&str] = &["sequential", "concurrent", "memory", "elixir", "whole"];

impl Program {
    pub fn needs_elixir(&self) -> bool {
        self.kind == "elixir" || self.name.starts_with("elixir")
    }

    fn parse(line: &str) -> Option<Program> {
        let mut fields = line.split('\t');
        let (kind, name, size, quick, ported) =
            (fields.next()?, fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some(Program {
            kind: kind.into(),
            name: name.into(),
            size: size.parse().ok()?,
            quick: quick == "yes",
            ported: ported == "yes",
        })
    }
}

/// All programs, in the order of the table.
pub fn all(root: &Path) -> Result<Vec<Program>, String> {
    let path = root.join("bench/programs/programs.tsv");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    text.lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
        .map(|l| Program::parse(l).ok_or(format!("{}: cannot read: {l}", path.display())))
        .collect()
}

/// Those that the words of the command line name: programs, kinds, `quick`, `ported`, `all`; without a word, `quick`.
pub fn chosen(root: &Path, words: &[String]) -> Result<Vec<Program>, String> {
    let all = all(root)?;
    let quick = [String::from("quick")];
    let words = if words.is_empty() { &quick[..] } else { words };
    for word in words {
        if !all.iter().any(|p| fits(p, word)) {
            return Err(format!("no program or set is named {word}"));
        }
    }
    Ok(all.into_iter().filter(|p| words.iter().any(|w| fits(p, w))).collect())
}

fn fits(program: &Program, word: &str) -> bool {
    match word {
        "all" => true,
        "quick" => program.quick,
        "ported" => program.ported,
        _ => word == program.name || word == program.kind,
    }
}
