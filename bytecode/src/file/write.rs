//! Writing `.beam` files: the inverse of the parser.

use std::io::Write;

use super::reader::tag;
use super::{BeamFile, Export};
use crate::isa::{BigInt, Instr, Op, Operand};

/// The chunks of a module, in the order to write them, with their data.
pub(crate) type RawChunks = Vec<([u8; 4], Vec<u8>)>;

impl BeamFile {
    /// The file again. Tables and code are encoded anew; every other chunk is copied.
    pub fn to_bytes(&self) -> Vec<u8> {
        let copy = |chunk: &super::Chunk| (chunk.id, self.bytes[chunk.range.clone()].to_vec());
        write(self, self.chunks.iter().map(copy).collect())
    }
}

/// Writes a module whose tables and code come from `file` and whose other chunks are given.
/// Chunks that the tables need and that are not listed go first.
pub(crate) fn write(file: &BeamFile, mut chunks: RawChunks) -> Vec<u8> {
    let empty = |present: bool| if present { Some(Vec::new()) } else { None };
    let needed = [
        (*b"AtU8", empty(true)),
        (*b"Code", empty(true)),
        (*b"StrT", empty(true)),
        (*b"ImpT", empty(true)),
        (*b"ExpT", empty(true)),
        (*b"FunT", empty(!file.lambdas.is_empty())),
        (*b"LitT", empty(!file.literals.is_empty())),
        (*b"LocT", empty(!file.locals.is_empty())),
        (*b"Line", empty(file.lines.items.len() > 1)),
    ];
    let mut at = 0;
    for (id, data) in needed {
        if let Some(data) = data
            && !chunks.iter().any(|(other, _)| *other == id)
        {
            chunks.insert(at, (id, data));
            at += 1;
        }
    }
    let mut form = b"BEAM".to_vec();
    for (id, data) in &chunks {
        let encoded = match id {
            b"AtU8" | b"Atom" => atoms(file),
            b"Code" => code(file),
            b"StrT" => file.strings.to_vec(),
            b"ImpT" => imports(file),
            b"ExpT" => exports(&file.exports),
            b"LocT" => exports(&file.locals),
            b"FunT" => lambdas(file),
            b"LitT" => literals(file),
            // A format we do not read has its data copied.
            b"Line" if data.iter().take(4).all(|byte| *byte == 0) => lines(file),
            _ => data.clone(),
        };
        form.extend(if id == b"Atom" { b"AtU8" } else { id });
        word(&mut form, encoded.len());
        form.extend(&encoded);
        form.resize(form.len().next_multiple_of(4), 0);
    }
    let mut bytes = b"FOR1".to_vec();
    word(&mut bytes, form.len());
    bytes.extend(form);
    bytes
}

fn word(out: &mut Vec<u8>, n: usize) {
    out.extend((n as u32).to_be_bytes());
}

fn atoms(file: &BeamFile) -> Vec<u8> {
    let atoms = file.atoms.get(1..).unwrap_or_default();
    let long = atoms.iter().any(|atom| atom.len() > 255);
    let mut out = Vec::new();
    word(
        &mut out,
        if long {
            atoms.len().wrapping_neg()
        } else {
            atoms.len()
        },
    );
    for atom in atoms {
        if long {
            compact(&mut out, tag::UNSIGNED, atom.len() as u64);
        } else {
            out.push(atom.len() as u8);
        }
        out.extend(atom.as_bytes());
    }
    out
}

fn imports(file: &BeamFile) -> Vec<u8> {
    let mut out = Vec::new();
    word(&mut out, file.imports.len());
    for import in &file.imports {
        word(&mut out, import.module.0 as usize);
        word(&mut out, import.function.0 as usize);
        word(&mut out, import.arity.into());
    }
    out
}

fn exports(table: &[Export]) -> Vec<u8> {
    let mut out = Vec::new();
    word(&mut out, table.len());
    for export in table {
        word(&mut out, export.function.0 as usize);
        word(&mut out, export.arity.into());
        word(&mut out, export.label as usize);
    }
    out
}

fn lambdas(file: &BeamFile) -> Vec<u8> {
    let mut out = Vec::new();
    word(&mut out, file.lambdas.len());
    for lambda in &file.lambdas {
        word(&mut out, lambda.function.0 as usize);
        word(&mut out, lambda.arity.into());
        word(&mut out, lambda.label as usize);
        word(&mut out, lambda.index as usize);
        word(&mut out, lambda.num_free.into());
        word(&mut out, lambda.old_uniq as usize);
    }
    out
}

/// Deflated, as releases before OTP 28 want it.
fn literals(file: &BeamFile) -> Vec<u8> {
    let mut plain = Vec::new();
    word(&mut plain, file.literals.len());
    for literal in &file.literals {
        word(&mut plain, literal.len());
        plain.extend(&**literal);
    }
    let mut out = Vec::new();
    word(&mut out, plain.len());
    let mut zlib = flate2::write::ZlibEncoder::new(out, flate2::Compression::default());
    match zlib.write_all(&plain).and_then(|()| zlib.finish()) {
        Ok(out) => out,
        // Writing to memory does not fail; the form without compression serves as well.
        Err(_) => [&[0; 4], &plain[..]].concat(),
    }
}

fn lines(file: &BeamFile) -> Vec<u8> {
    let table = &file.lines;
    let (items, files) = (&table.items[1..], table.files.get(1..).unwrap_or_default());
    let mut out = Vec::new();
    for n in [
        0,
        table.flags,
        table.instruction_count,
        items.len() as u32,
        files.len() as u32,
    ] {
        word(&mut out, n as usize);
    }
    let mut current = 0;
    for &(file, line) in items {
        if file != current {
            compact(&mut out, tag::ATOM, file.into());
            current = file;
        }
        integer(&mut out, line.into());
    }
    for name in files {
        out.extend((name.len() as u16).to_be_bytes());
        out.extend(name.as_bytes());
    }
    out
}

fn code(file: &BeamFile) -> Vec<u8> {
    let code = &file.code;
    let mut out = Vec::new();
    for n in [
        16,
        0,
        code.max_opcode,
        code.label_count,
        code.function_count,
    ] {
        word(&mut out, n as usize);
    }
    for instr in &code.instrs {
        out.push(instr.op as u8);
        for arg in args(file, instr) {
            operand(&mut out, arg);
        }
    }
    if code
        .instrs
        .last()
        .is_none_or(|last| last.op != Op::IntCodeEnd)
    {
        out.push(Op::IntCodeEnd as u8);
    }
    out
}

fn args<'a>(file: &'a BeamFile, instr: &Instr) -> &'a [Operand] {
    file.code.args(instr)
}

fn operand(out: &mut Vec<u8>, arg: &Operand) {
    let extended = |out: &mut Vec<u8>, sort: u8| out.push(sort << 4 | tag::EXTENDED);
    match arg {
        Operand::Unsigned(n) => compact(out, tag::UNSIGNED, *n),
        Operand::Integer(n) => integer(out, *n),
        Operand::BigInteger(n) => big_integer(out, n),
        Operand::Atom(n) => compact(out, tag::ATOM, n.0.into()),
        Operand::Nil => compact(out, tag::ATOM, 0),
        Operand::X(n) => compact(out, tag::X, u64::from(*n)),
        Operand::Y(n) => compact(out, tag::Y, u64::from(*n)),
        Operand::Label(n) => compact(out, tag::LABEL, u64::from(*n)),
        Operand::Char(n) => compact(out, tag::CHAR, u64::from(*n)),
        Operand::FloatReg(n) => {
            extended(out, 2);
            compact(out, tag::UNSIGNED, u64::from(*n));
        }
        Operand::Literal(n) => {
            extended(out, 4);
            compact(out, tag::UNSIGNED, u64::from(*n));
        }
        Operand::Alloc(alloc) => {
            extended(out, 3);
            // Compilers before OTP 24 know no funs here.
            let parts = [alloc.words, alloc.floats, alloc.funs];
            let parts = &parts[..if alloc.funs == 0 { 2 } else { 3 }];
            compact(out, tag::UNSIGNED, parts.len() as u64);
            for (sort, &n) in parts.iter().enumerate() {
                compact(out, tag::UNSIGNED, sort as u64);
                compact(out, tag::UNSIGNED, n.into());
            }
        }
        Operand::List(list) => {
            extended(out, 1);
            compact(out, tag::UNSIGNED, list.len() as u64);
            for arg in list {
                operand(out, arg);
            }
        }
        Operand::TypedX(n, of) | Operand::TypedY(n, of) => {
            extended(out, 5);
            let tag = if matches!(arg, Operand::TypedX(..)) {
                tag::X
            } else {
                tag::Y
            };
            compact(out, tag, u64::from(*n));
            compact(out, tag::UNSIGNED, u64::from(*of));
        }
    }
}

/// A number that is not negative, as short as it goes.
fn compact(out: &mut Vec<u8>, tag: u8, n: u64) {
    if n < 16 {
        out.push((n as u8) << 4 | tag);
    } else if n < 0x800 {
        out.push(((n >> 8) as u8) << 5 | 0x08 | tag);
        out.push(n as u8);
    } else {
        // The top bit would read as a sign.
        let bytes = [&[0], &n.to_be_bytes()[..]].concat();
        let start = (0..8)
            .find(|at| bytes[*at] != 0 || bytes[at + 1] >= 0x80)
            .unwrap_or(7);
        long(out, tag, &bytes[start.min(7)..]);
    }
}

fn integer(out: &mut Vec<u8>, n: i64) {
    if n >= 0 {
        return compact(out, tag::INTEGER, n as u64);
    }
    let bytes = n.to_be_bytes();
    let start = (0..6)
        .find(|at| bytes[*at] != 0xff || bytes[at + 1] < 0x80)
        .unwrap_or(6);
    long(out, tag::INTEGER, &bytes[start..]);
}

fn big_integer(out: &mut Vec<u8>, n: &BigInt) {
    let mut bytes: Vec<u8> = n.magnitude.to_vec();
    bytes.resize(bytes.len().max(8) + 1, 0);
    if n.negative {
        let mut carry = true;
        for byte in &mut bytes {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    bytes.reverse();
    let filler = if n.negative { 0xff } else { 0 };
    let redundant = |at: &usize| bytes[*at] != filler || bytes[at + 1] ^ filler >= 0x80;
    let start = (0..bytes.len() - 2)
        .find(redundant)
        .unwrap_or(bytes.len() - 2);
    long(out, tag::INTEGER, &bytes[start..]);
}

/// The form with a length: two bytes or more, most significant first.
fn long(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    if bytes.len() <= 8 {
        out.push((bytes.len() as u8 - 2) << 5 | 0x18 | tag);
    } else {
        out.push(0xf8 | tag);
        compact(out, tag::UNSIGNED, bytes.len() as u64 - 9);
    }
    out.extend(bytes);
}
