//! Modules from text, the form [`crate::disas`] writes.
//!
//! - Floor: bytecode.
//! - Invariants: none; the result is a file like any other and is checked when it is loaded.
//! - Locks: none.
//! - Start reading at: [`assemble`].
//!
//! Only `module` and instructions are required: atoms and imports that no row declares are added
//! where they are first used, and the counts of the `code` row are worked out if it is absent.

mod operand;
mod scan;

use std::collections::HashMap;
use std::fmt;

use scan::Scan;

use crate::disas::READABLE;
use crate::file::write::{RawChunks, write};
use crate::file::{BeamFile, Code, Export, Import, Lambda, LineTable};
use crate::isa::{AtomIx, Instr, Op, Operand};

/// Text that is not assembly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsmError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for AsmError {}

/// Makes a `.beam` file.
pub fn assemble(text: &str) -> Result<Vec<u8>, AsmError> {
    let mut assembler = Assembler::default();
    for (nth, line) in text.lines().enumerate() {
        let mut scan = Scan::new(line);
        if !scan.at_end() {
            let done = assembler.line(&mut scan).and_then(|()| scan.end());
            done.map_err(|reason| AsmError {
                line: nth + 1,
                reason,
            })?;
        }
    }
    let last = text.lines().count();
    assembler
        .finish()
        .map_err(|reason| AsmError { line: last, reason })
}

/// A module while its lines are read.
#[derive(Default)]
struct Assembler {
    atoms: Vec<Box<str>>,
    atom_numbers: HashMap<Box<str>, u32>,
    imports: Vec<Import>,
    exports: Vec<Export>,
    locals: Vec<Export>,
    lambdas: Vec<Lambda>,
    literals: Vec<Box<[u8]>>,
    strings: Vec<u8>,
    lines: LineTable,
    /// Highest opcode, labels, functions; as stated.
    counts: Option<(u32, u32, u32)>,
    instrs: Vec<Instr>,
    operands: Vec<Operand>,
    chunks: RawChunks,
}

impl Assembler {
    fn line(&mut self, scan: &mut Scan<'_>) -> Result<(), scan::Fault> {
        let word = scan.word()?;
        if scan.take(":") {
            let label = Scan::new(word).label()?;
            return self.push(Op::Label, vec![Operand::Unsigned(label.into())]);
        }
        match word {
            "module" => {
                let name = scan.atom()?;
                if !self.atoms.is_empty() {
                    return Err("the module's name comes first".to_owned());
                }
                self.atoms.push("".into());
                self.atom(&name);
                self.lines = LineTable::of_nothing(&name);
            }
            _ if self.atoms.is_empty() => return Err("the module's name comes first".to_owned()),
            "atom" => {
                row(scan, self.atoms.len())?;
                // Not `atom`: a table may hold an atom twice.
                let name: Box<str> = scan.atom()?.into();
                let number = self.atoms.len() as u32;
                self.atom_numbers.entry(name.clone()).or_insert(number);
                self.atoms.push(name);
            }
            "import" => {
                row(scan, self.imports.len())?;
                let import = self.import(scan)?;
                self.imports.push(import);
            }
            "export" | "local" => {
                let (function, arity) = self.name(scan)?;
                let export = Export {
                    function,
                    arity,
                    label: scan.label()?,
                };
                let table = if word == "export" {
                    &mut self.exports
                } else {
                    &mut self.locals
                };
                table.push(export);
            }
            "lambda" => self.lambda(scan)?,
            "literal" => {
                row(scan, self.literals.len())?;
                self.literals.push(scan.hex()?.into());
            }
            "strings" => self.strings = scan.hex()?,
            "lines" => {
                scan.keyword("flags")?;
                self.lines.flags = scan.number()?;
                scan.keyword("count")?;
                self.lines.instruction_count = scan.number()?;
            }
            "file" => self.lines.files.push(scan.quoted('"')?.into()),
            "at" => {
                let item = (scan.number()?, scan.number()?);
                self.lines.items.push(item);
            }
            "code" => {
                scan.keyword("max")?;
                let max = scan.number()?;
                scan.keyword("labels")?;
                let labels = scan.number()?;
                scan.keyword("functions")?;
                self.counts = Some((max, labels, scan.number()?));
            }
            "chunk" => self.chunk(scan)?,
            name => {
                let op = Op::from_name(name).ok_or_else(|| format!("no such op: {name}"))?;
                let kinds = op.kinds().iter();
                let args = kinds
                    .map(|kind| self.operand(scan, *kind))
                    .collect::<Result<_, _>>()?;
                self.push(op, args)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, op: Op, args: Vec<Operand>) -> Result<(), scan::Fault> {
        let start = u32::try_from(self.operands.len()).map_err(|_| "too much code".to_owned())?;
        self.operands.extend(args);
        self.instrs.push(Instr {
            op,
            args: start,
            offset: 0,
        });
        Ok(())
    }

    /// The number of an atom, which is added if need be.
    fn atom(&mut self, name: &str) -> AtomIx {
        if let Some(number) = self.atom_numbers.get(name) {
            return AtomIx(*number);
        }
        let number = self.atoms.len() as u32;
        self.atom_numbers.insert(name.into(), number);
        self.atoms.push(name.into());
        AtomIx(number)
    }

    /// `name/arity`.
    fn name(&mut self, scan: &mut Scan<'_>) -> Result<(AtomIx, u8), scan::Fault> {
        let name = scan.atom()?;
        scan.expect("/")?;
        Ok((self.atom(&name), scan.number()?))
    }

    /// `module:name/arity`.
    fn import(&mut self, scan: &mut Scan<'_>) -> Result<Import, scan::Fault> {
        let module = scan.atom()?;
        let module = self.atom(&module);
        scan.expect(":")?;
        let (function, arity) = self.name(scan)?;
        Ok(Import {
            module,
            function,
            arity,
        })
    }

    fn lambda(&mut self, scan: &mut Scan<'_>) -> Result<(), scan::Fault> {
        row(scan, self.lambdas.len())?;
        let (function, arity) = self.name(scan)?;
        let label = scan.label()?;
        scan.keyword("index")?;
        let index = scan.number()?;
        scan.keyword("free")?;
        let num_free = scan.number()?;
        scan.keyword("uniq")?;
        let old_uniq = scan.number()?;
        self.lambdas.push(Lambda {
            function,
            arity,
            label,
            index,
            num_free,
            old_uniq,
        });
        Ok(())
    }

    fn chunk(&mut self, scan: &mut Scan<'_>) -> Result<(), scan::Fault> {
        let word = scan.word()?;
        let id = match word.strip_prefix('#') {
            Some(digits) => scan::hex(digits)?,
            None => word.as_bytes().to_vec(),
        };
        let id: [u8; 4] = id
            .try_into()
            .map_err(|_| format!("not four letters: {word}"))?;
        let data = scan.hex()?;
        if READABLE.contains(&id) && id != *b"Line" && !data.is_empty() {
            return Err(format!("{word} is made from other lines"));
        }
        self.chunks.push((id, data));
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, scan::Fault> {
        if self.atoms.is_empty() {
            return Err("there is no module".to_owned());
        }
        if self
            .instrs
            .last()
            .is_none_or(|last| last.op != Op::IntCodeEnd)
        {
            self.push(Op::IntCodeEnd, Vec::new())?;
        }
        let counts = self.counts.unwrap_or_else(|| self.count());
        let (max_opcode, label_count, function_count) = counts;
        let file = BeamFile {
            file_name: "".into(),
            module: AtomIx(1),
            atoms: self.atoms,
            imports: self.imports,
            exports: self.exports,
            locals: self.locals,
            lambdas: self.lambdas,
            literals: self.literals,
            strings: self.strings.into(),
            lines: self.lines,
            types: Vec::new(),
            attributes: None,
            compile_info: None,
            code: Code {
                max_opcode,
                label_count,
                function_count,
                instrs: self.instrs,
                operands: self.operands,
            },
            chunks: Vec::new(),
            bytes: Box::default(),
            module_md5: [0; 16],
        };
        Ok(write(&file, self.chunks))
    }

    /// What the code header must say.
    fn count(&self) -> (u32, u32, u32) {
        let max = self
            .instrs
            .iter()
            .map(|instr| instr.op as u32)
            .max()
            .unwrap_or_default();
        let label = |instr: &Instr| self.operands[instr.args as usize].as_unsigned();
        let labels = self
            .instrs
            .iter()
            .filter(|instr| instr.op == Op::Label)
            .filter_map(label);
        let labels = labels.max().unwrap_or_default() as u32 + 1;
        let functions = self
            .instrs
            .iter()
            .filter(|instr| instr.op == Op::FuncInfo)
            .count();
        (max, labels, functions as u32)
    }
}

/// The number of a table row, which must be the next one.
fn row(scan: &mut Scan<'_>, next: usize) -> Result<(), scan::Fault> {
    let number: usize = scan.number()?;
    if number == next {
        Ok(())
    } else {
        Err(format!("this is row {next}, not {number}"))
    }
}
