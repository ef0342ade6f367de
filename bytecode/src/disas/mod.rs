//! Modules as text.
//!
//! - Floor: bytecode.
//! - Invariants: what [`text`] writes, [`crate::asm::assemble`] reads back to an equal module.
//! - Locks: none.
//! - Start reading at: [`text`].
//!
//! The form, line by line (`;` starts a comment):
//!
//! ```text
//! module lists
//! atom 2 append                   ; rows of tables, in order
//! import 0 erlang:'++'/2
//! export append/2 L4
//! lambda 0 '-f/1-fun-0-'/2 L9 index 0 free 1 uniq 0
//! literal 0 836100
//! strings 616263
//! code max 180 functions 3
//!   func_info lists append 2
//! L4:
//!   gc_bif2 L0 2 erlang:'+'/2 x0:t1 5 x0
//! chunk Attr 836a
//! ```
//!
//! Operands: `x0`, `y0`, `fr0` registers (`:t1` a type index), `L4` labels (`L0` none), `lit0`
//! literals, `[]` the empty list, `(a b)` lists, `alloc(words floats funs)`, atoms bare or quoted,
//! `$97` characters. A bare number is a value where the op takes a value and a count where it
//! takes a count; `=5` is always a value and `#5` always a count.

use std::fmt::{self, Write};

use crate::file::{BeamFile, LineTable, TypeEntry, TypeUnion};
use crate::isa::{AtomIx, Instr, Kind, Op, Operand};

/// The text of a module.
pub fn text(file: &BeamFile) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = Writer {
        file,
        out: &mut out,
    }
    .module();
    out
}

/// Chunks that stand in the text in a readable form.
pub(crate) const READABLE: [[u8; 4]; 9] = [
    *b"AtU8", *b"Code", *b"StrT", *b"ImpT", *b"ExpT", *b"FunT", *b"LitT", *b"LocT", *b"Line",
];

/// True if the data of a chunk is of a version other than 0.
fn opaque(data: &[u8]) -> bool {
    data.iter().take(4).any(|byte| *byte != 0)
}

/// An atom as it stands in the text.
pub struct AtomText<'a>(pub &'a str);

impl fmt::Display for AtomText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_bare(self.0) {
            return f.write_str(self.0);
        }
        quoted(f, self.0, '\'')
    }
}

/// True if an atom needs no quotes: it cannot be taken for another operand either.
fn is_bare(atom: &str) -> bool {
    let mut chars = atom.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@')
        && !["x", "y", "fr", "lit", "t", "alloc"].iter().any(|prefix| {
            atom.strip_prefix(prefix)
                .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        })
}

fn quoted(f: &mut impl Write, text: &str, quote: char) -> fmt::Result {
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\\' => f.write_str("\\\\")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if c.is_control() => write!(f, "\\x{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char(quote)
}

struct Writer<'a, 'o> {
    file: &'a BeamFile,
    out: &'o mut String,
}

impl<'a> Writer<'a, '_> {
    fn module(&mut self) -> fmt::Result {
        let file = self.file;
        writeln!(self.out, "module {}", self.atom(file.module))?;
        for (nth, atom) in file.atoms.iter().enumerate().skip(2) {
            writeln!(self.out, "atom {nth} {}", AtomText(atom))?;
        }
        for (nth, import) in file.imports.iter().enumerate() {
            let (module, function) = (self.atom(import.module), self.atom(import.function));
            writeln!(
                self.out,
                "import {nth} {module}:{function}/{}",
                import.arity
            )?;
        }
        for (word, table) in [("export", &file.exports), ("local", &file.locals)] {
            for row in table {
                let name = self.atom(row.function);
                writeln!(self.out, "{word} {name}/{} L{}", row.arity, row.label)?;
            }
        }
        for (nth, row) in file.lambdas.iter().enumerate() {
            let name = self.atom(row.function);
            write!(self.out, "lambda {nth} {name}/{} L{}", row.arity, row.label)?;
            let (index, free, uniq) = (row.index, row.num_free, row.old_uniq);
            writeln!(self.out, " index {index} free {free} uniq {uniq}")?;
        }
        for (nth, literal) in file.literals.iter().enumerate() {
            write!(self.out, "literal {nth} ")?;
            self.hex(literal)?;
        }
        if !file.strings.is_empty() {
            write!(self.out, "strings ")?;
            self.hex(&file.strings)?;
        }
        self.lines()?;
        for (nth, of) in file.types.iter().enumerate() {
            write!(self.out, "; t{nth} = ")?;
            self.type_of(of)?;
        }
        let code = &file.code;
        let (max, labels, functions) = (code.max_opcode, code.label_count, code.function_count);
        writeln!(
            self.out,
            "code max {max} labels {labels} functions {functions}"
        )?;
        for instr in &code.instrs {
            self.instr(instr)?;
        }
        for chunk in &file.chunks {
            write!(self.out, "chunk ")?;
            if chunk.id.iter().all(u8::is_ascii_alphanumeric) {
                write!(self.out, "{}", chunk.id.escape_ascii())?;
            } else {
                write!(self.out, "#{:08x}", u32::from_be_bytes(chunk.id))?;
            }
            let data = &file.bytes[chunk.range.clone()];
            if READABLE.contains(&chunk.id) && !(chunk.id == *b"Line" && opaque(data))
                || chunk.id == *b"Atom"
            {
                writeln!(self.out)?;
            } else {
                write!(self.out, " ")?;
                self.hex(data)?;
            }
        }
        Ok(())
    }

    fn lines(&mut self) -> fmt::Result {
        let table = &self.file.lines;
        if *table == LineTable::of_nothing(self.file.atom(self.file.module)) {
            return Ok(());
        }
        writeln!(
            self.out,
            "lines flags {} count {}",
            table.flags, table.instruction_count
        )?;
        for name in table.files.iter().skip(1) {
            write!(self.out, "file ")?;
            quoted(self.out, name, '"')?;
            writeln!(self.out)?;
        }
        for (file, line) in table.items.iter().skip(1) {
            writeln!(self.out, "at {file} {line}")?;
        }
        Ok(())
    }

    fn type_of(&mut self, of: &TypeEntry) -> fmt::Result {
        const NAMES: [&str; 14] = [
            "atom",
            "bitstring",
            "cons",
            "float",
            "fun",
            "integer",
            "map",
            "nil",
            "pid",
            "port",
            "reference",
            "tuple",
            "record",
            "context",
        ];
        if of.union == TypeUnion::ANY {
            write!(self.out, "any")?;
        } else {
            let set = (0..NAMES.len()).filter(|bit| of.union.0 >> bit & 1 != 0);
            let set: Vec<&str> = set.map(|bit| NAMES[bit]).collect();
            write!(self.out, "{}", set.join(" | "))?;
        }
        if let Some(min) = of.min {
            write!(self.out, ", from {min}")?;
        }
        if let Some(max) = of.max {
            write!(self.out, ", up to {max}")?;
        }
        if let Some(unit) = of.unit {
            write!(self.out, ", unit {unit}")?;
        }
        writeln!(self.out)
    }

    fn instr(&mut self, instr: &Instr) -> fmt::Result {
        let args = self.file.code.args(instr);
        if let (Op::Label, [Operand::Unsigned(label)]) = (instr.op, args)
            && u32::try_from(*label).is_ok()
        {
            return writeln!(self.out, "L{label}:");
        }
        write!(self.out, "  {}", instr.op.name())?;
        for (arg, kind) in args.iter().zip(instr.op.kinds()) {
            write!(self.out, " ")?;
            self.operand(arg, *kind)?;
        }
        if let (Op::Line, [Operand::Unsigned(at)]) = (instr.op, args)
            && let Some((file, line)) = self.file.lines.get(*at as u32)
        {
            write!(self.out, " ; {}:{line}", file.escape_debug())?;
        }
        writeln!(self.out)
    }

    fn operand(&mut self, arg: &Operand, kind: Kind) -> fmt::Result {
        match arg {
            Operand::Unsigned(n) => match self.import(*n, kind) {
                Some((module, function, arity)) => {
                    write!(self.out, "{module}:{function}/{arity}")
                }
                None if takes_count(kind) => write!(self.out, "{n}"),
                None => write!(self.out, "#{n}"),
            },
            Operand::Integer(n) if takes_count(kind) => write!(self.out, "={n}"),
            Operand::Integer(n) => write!(self.out, "{n}"),
            Operand::BigInteger(n) => {
                write!(self.out, "{}0x", if n.negative { "-" } else { "" })?;
                n.magnitude
                    .iter()
                    .rev()
                    .try_for_each(|byte| write!(self.out, "{byte:02x}"))
            }
            Operand::Atom(atom) => write!(self.out, "{}", self.atom(*atom)),
            Operand::Nil => write!(self.out, "[]"),
            Operand::X(n) => write!(self.out, "x{n}"),
            Operand::Y(n) => write!(self.out, "y{n}"),
            Operand::Label(n) => write!(self.out, "L{n}"),
            Operand::Char(n) => write!(self.out, "${n}"),
            Operand::FloatReg(n) => write!(self.out, "fr{n}"),
            Operand::Literal(n) => write!(self.out, "lit{n}"),
            Operand::Alloc(a) => write!(self.out, "alloc({} {} {})", a.words, a.floats, a.funs),
            Operand::TypedX(n, of) => write!(self.out, "x{n}:t{of}"),
            Operand::TypedY(n, of) => write!(self.out, "y{n}:t{of}"),
            Operand::List(list) => {
                write!(self.out, "(")?;
                for (nth, arg) in list.iter().enumerate() {
                    if nth > 0 {
                        write!(self.out, " ")?;
                    }
                    self.operand(arg, Kind::Src)?;
                }
                write!(self.out, ")")
            }
        }
    }

    /// The name of an import, if the name finds it again.
    fn import(&self, n: u64, kind: Kind) -> Option<(AtomText<'a>, AtomText<'a>, u8)> {
        if kind != Kind::Import {
            return None;
        }
        let import = self.file.imports.get(n as usize)?;
        let first = self.file.imports.iter().position(|other| other == import);
        (first == Some(n as usize)).then(|| {
            (
                self.atom(import.module),
                self.atom(import.function),
                import.arity,
            )
        })
    }

    fn atom(&self, atom: AtomIx) -> AtomText<'a> {
        AtomText(self.file.atom(atom))
    }

    fn hex(&mut self, bytes: &[u8]) -> fmt::Result {
        bytes
            .iter()
            .try_for_each(|byte| write!(self.out, "{byte:02x}"))?;
        writeln!(self.out)
    }
}

/// True if a bare number at such an operand is a count and not a value.
pub(crate) fn takes_count(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Num
            | Kind::Lbl
            | Kind::Slots
            | Kind::Heap
            | Kind::Live
            | Kind::Arity
            | Kind::Import
            | Kind::Lambda
            | Kind::Str
            | Kind::Line
            | Kind::FunTag
    )
}
