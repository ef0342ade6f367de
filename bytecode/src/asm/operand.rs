//! Operands of instructions in text.

use super::Assembler;
use super::scan::{Fault, Scan, hex};
use crate::disas::takes_count;
use crate::isa::{AllocList, BigInt, Kind, Operand};

impl Assembler {
    pub(super) fn operand(&mut self, scan: &mut Scan<'_>, kind: Kind) -> Result<Operand, Fault> {
        if scan.take("[]") {
            return Ok(Operand::Nil);
        }
        if scan.take("(") {
            let mut list = Vec::new();
            while !scan.take(")") {
                list.push(self.operand(scan, Kind::Src)?);
            }
            return Ok(Operand::List(list.into()));
        }
        if kind == Kind::Import
            && let Some(number) = self.named_import(scan)?
        {
            return Ok(Operand::Unsigned(number));
        }
        if scan.sees_quote() {
            let name = scan.atom()?;
            return Ok(Operand::Atom(self.atom(&name)));
        }
        let word = scan.word()?;
        if word == "alloc" && scan.take("(") {
            let words = scan.number()?;
            let floats = scan.number()?;
            let alloc = AllocList {
                words,
                floats,
                funs: scan.number()?,
            };
            scan.expect(")")?;
            return Ok(Operand::Alloc(Box::new(alloc)));
        }
        let operand = number(word, kind).or_else(|| named(word));
        match operand {
            Some(Operand::X(n)) if scan.take(":") => Ok(Operand::TypedX(n, type_index(scan)?)),
            Some(Operand::Y(n)) if scan.take(":") => Ok(Operand::TypedY(n, type_index(scan)?)),
            Some(operand) => Ok(operand),
            None if word.starts_with(|c: char| c.is_ascii_lowercase()) => {
                Ok(Operand::Atom(self.atom(word)))
            }
            None => big(word).ok_or_else(|| format!("not an operand: {word}")),
        }
    }

    /// `module:name/arity` at the place of an import, which is added if need be.
    fn named_import(&mut self, scan: &mut Scan<'_>) -> Result<Option<u64>, Fault> {
        let mut ahead = scan.clone();
        if ahead.atom().is_err() || !ahead.take(":") {
            return Ok(None);
        }
        let import = self.import(scan)?;
        let known = self.imports.iter().position(|other| *other == import);
        let number = known.unwrap_or_else(|| {
            self.imports.push(import);
            self.imports.len() - 1
        });
        Ok(Some(number as u64))
    }
}

fn type_index(scan: &mut Scan<'_>) -> Result<u32, Fault> {
    let word = scan.word()?;
    let digits = word
        .strip_prefix('t')
        .and_then(|digits| digits.parse().ok());
    digits.ok_or_else(|| format!("not a type: {word}"))
}

/// A number, marked as count or value or plain.
fn number(word: &str, kind: Kind) -> Option<Operand> {
    if let Some(count) = word.strip_prefix('#') {
        return count.parse().ok().map(Operand::Unsigned);
    }
    if let Some(value) = word.strip_prefix('=') {
        return value.parse().ok().map(Operand::Integer);
    }
    if let Some(code) = word.strip_prefix('$') {
        return code.parse().ok().map(Operand::Char);
    }
    if takes_count(kind) {
        word.parse().ok().map(Operand::Unsigned)
    } else {
        word.parse().ok().map(Operand::Integer)
    }
}

/// A register, label or literal.
fn named(word: &str) -> Option<Operand> {
    let digits = |prefix: &str| {
        let digits = word.strip_prefix(prefix)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse::<u32>().ok())?
    };
    let register = |prefix: &str| digits(prefix).filter(|n| *n < Operand::REGISTERS.into());
    register("x")
        .map(|n| Operand::X(n as u16))
        .or_else(|| register("y").map(|n| Operand::Y(n as u16)))
        .or_else(|| register("fr").map(|n| Operand::FloatReg(n as u16)))
        .or_else(|| digits("lit").map(Operand::Literal))
        .or_else(|| digits("L").map(Operand::Label))
}

/// An integer beyond 64 bits, in hexadecimal.
fn big(word: &str) -> Option<Operand> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, word),
    };
    let mut magnitude = hex(digits.strip_prefix("0x")?).ok()?;
    magnitude.reverse();
    while magnitude.last() == Some(&0) {
        magnitude.pop();
    }
    Some(Operand::BigInteger(Box::new(BigInt {
        negative,
        magnitude: magnitude.into(),
    })))
}
