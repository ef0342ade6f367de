//! The generic instructions: a page from their table.

use std::fmt::Write;
use std::path::Path;

const TABLE: &str = "bytecode/src/isa/generic.rs";

pub fn list(root: &Path) -> String {
    let mut out = format!(
        "# Generic instructions\n\nMade by `cargo xtask gen` from `{TABLE}`: the instructions of `.beam` files. *Since* is \
         the release that brought one in (16: or before; 0: no compiler since OTP 24 makes it, and no file with it is \
         loaded).\n\n| number | instruction | operands | since | what |\n|--:|---|---|--:|---|\n"
    );
    let text = std::fs::read_to_string(root.join(TABLE)).unwrap_or_default();
    let mut doc = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(more) = line.strip_prefix("///") {
            doc.push_str(more);
        } else if let Some((number, name, operands, since)) = row(line) {
            let _ = writeln!(out, "| {number} | `{name}` | {operands} | {since} | {} |", doc.trim().replace('|', "\\|"));
            doc.clear();
        } else {
            doc.clear();
        }
    }
    out
}

/// `Variant = number, "name", [operand kinds], since release;`
fn row(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (_, rest) = line.strip_suffix(';')?.split_once(" = ")?;
    let (number, rest) = rest.split_once(", \"")?;
    let (name, rest) = rest.split_once("\", [")?;
    let (operands, since) = rest.split_once("], since ")?;
    number.parse::<u16>().ok()?;
    Some((number, name, operands, since))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_instruction_has_a_line() {
        let text = super::list(&crate::root());
        assert!(text.contains("| 64 | `move` |"), "{}", &text[..600]);
        assert!(text.lines().filter(|line| line.starts_with("| ")).count() > 150);
    }
}
