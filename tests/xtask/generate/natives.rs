//! Natives: what the code declares, and what the reference has besides.

use super::Finding;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

pub const MISSING_PAGE: &str = "docs/generated/natives-not-built.md";
/// What the reference has: `module TAB function TAB arity`.
const REFERENCE: &str = "tests/conformance/otp/natives.tsv";
/// Why one is not built: `module:function/arity TAB reason`; `module:*` stands for all of a module's.
const REASONS: &str = "tests/conformance/otp/natives_not_built.tsv";

type Name = (String, String, u8);

/// One row of a `bifs!` table.
pub struct Row {
    name: Name,
    class: String,
    flags: String,
    body: String,
    doc: String,
    file: String,
}

/// Every row of the code, by name.
pub fn rows(root: &Path) -> Vec<Row> {
    let mut rows = Vec::new();
    for source in crate::tidy::rust_files(root) {
        if !source.path.starts_with("stdlib/src/") {
            continue;
        }
        let mut doc = String::new();
        for line in source.text.lines().map(str::trim) {
            if let Some(more) = line.strip_prefix("///") {
                doc.push_str(more);
            } else if let Some(mut row) = row(line) {
                row.doc = std::mem::take(&mut doc).trim().to_string();
                row.file.clone_from(&source.path);
                rows.push(row);
            } else {
                doc.clear();
            }
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

/// `module:function/arity Class [flags] => body;`
fn row(line: &str) -> Option<Row> {
    let (left, body) = line.strip_suffix(';')?.split_once("=>")?;
    let mut words = left.split_whitespace();
    let name = name(words.next()?)?;
    let class = words.next().filter(|c| ["Normal", "Yielding", "DirtyCpu", "DirtyIo"].contains(c))?;
    let flags = words.collect::<Vec<_>>().join(" ");
    let (doc, file) = (String::new(), String::new());
    Some(Row { name, class: class.into(), flags, body: body.trim().into(), doc, file })
}

/// `module:function/arity`, the function perhaps in quotes.
fn name(text: &str) -> Option<Name> {
    let (module, rest) = text.split_once(':')?;
    let (function, arity) = rest.rsplit_once('/')?;
    Some((module.into(), function.trim_matches('"').into(), arity.parse().ok()?))
}

/// The table of all that are built.
pub fn list(rows: &[Row]) -> String {
    let mut out = String::from(
        "# Natives\n\nMade by `cargo xtask gen` from the tables in `stdlib/src`. The class says where a native runs \
         ([adding-a-bif.md](../adding-a-bif.md)); `guard`: allowed in guards; `nif`: put in place by \
         `erlang:load_nif/2`.\n",
    );
    let mut modules: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        modules.entry(&row.name.0).or_default().push(row);
    }
    for (module, rows) in modules {
        let _ = writeln!(out, "\n## {module} ({})\n\n| native | class | | what | file |\n|---|---|---|---|---|", rows.len());
        for Row { name: (_, function, arity), class, flags, doc, file, .. } in rows {
            let what = doc.replace('|', "\\|");
            let _ = writeln!(out, "| `{}/{arity}` | {class} | {flags} | {what} | {file} |", function.replace('|', "\\|"));
        }
    }
    out
}

/// The table of those that the reference has and that are not built, each with its reason.
pub fn missing(root: &Path, rows: &[Row], found: &mut Vec<Finding>) -> String {
    let built: BTreeSet<&Name> = rows.iter().filter(|row| !says_notsup(row)).map(|row| &row.name).collect();
    let reference = reference(root);
    let missing: Vec<&Name> = reference.iter().filter(|name| !built.contains(name)).collect();
    let text = std::fs::read_to_string(root.join(REASONS)).unwrap_or_default();
    let mut reasons = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        match line.split_once('\t') {
            Some((name, reason)) if !reason.trim().is_empty() => {
                reasons.insert(name.trim(), (number + 1, reason.trim(), false));
            }
            _ => found.push(Finding::new("natives", REASONS, number + 1, "expected `name TAB reason`".into())),
        }
    }
    let mut out = format!(
        "# Natives that are not built\n\nMade by `cargo xtask gen`: what Erlang/OTP 25 has ({REFERENCE}, {} natives) \
         less the tables in `stdlib/src`. Calling one raises `undef` or `notsup`; the reasons stand in {REASONS}.\n\n\
         {} are not built.\n\n| native | reason |\n|---|---|\n",
        reference.len(),
        missing.len()
    );
    for (module, function, arity) in missing {
        let (one, all) = (format!("{module}:{function}/{arity}"), format!("{module}:*"));
        let key = if reasons.contains_key(one.as_str()) { &one } else { &all };
        let reason = match reasons.get_mut(key.as_str()) {
            Some((_, reason, used)) => {
                *used = true;
                *reason
            }
            None => {
                found.push(Finding::new("natives", REASONS, 0, format!("{one} is not built, and no reason is given")));
                ""
            }
        };
        let _ = writeln!(out, "| `{one}` | {reason} |");
    }
    for (name, (line, _, used)) in reasons {
        if !used {
            found.push(Finding::new("natives", REASONS, line, format!("{name} is built: remove the line")));
        }
    }
    out
}

/// A row whose body does nothing but say so.
fn says_notsup(row: &Row) -> bool {
    row.body.rsplit("::").next() == Some("notsup")
}

fn reference(root: &Path) -> BTreeSet<Name> {
    let text = std::fs::read_to_string(root.join(REFERENCE)).unwrap_or_default();
    let name = |line: &str| {
        let mut cells = line.split('\t');
        Some((cells.next()?.to_string(), cells.next()?.to_string(), cells.next()?.parse().ok()?))
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(name).collect()
}

/// Asks the installed `erl` for its BIFs and for the NIFs of its own modules.
pub fn ask_erl(root: &Path) -> Result<(), String> {
    const ASK: &str = "Nifs = [{M, F, A} || M <- erlang:pre_loaded(), {F, A} <- M:module_info(nifs)], \
         All = lists:usort(erlang:system_info(snifs) ++ Nifs), \
         [io:format(\"~s\\t~s\\t~b~n\", [M, F, A]) || {M, F, A} <- All], halt().";
    let out = Command::new("erl").args(["-noshell", "-eval", ASK]).output().map_err(|e| format!("erl: {e}"))?;
    let text = String::from_utf8_lossy(&out.stdout);
    if !out.status.success() || text.is_empty() {
        return Err("erl did not tell its natives".into());
    }
    let text = format!("# The natives of Erlang/OTP 25.2.3, made by `cargo xtask gen --natives`.\n{text}");
    std::fs::write(root.join(REFERENCE), text).map_err(|e| format!("{REFERENCE}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn rows_are_told_from_other_lines() {
        let plus = row("erlang:\"+\"/2   Normal guard => plus;").expect("a row");
        assert_eq!((plus.name.1.as_str(), plus.name.2, plus.flags.as_str()), ("+", 2, "guard"));
        assert!(row("am::normal => perform(cx, Class::Normal, what, arg);").is_none());
        assert!(row("module:function/arity Class [guard] => body;").is_none());
    }
}
