//! The tables of names: atoms, imports, exports, locals, lambdas.

use super::reader::Reader;
use crate::error::{Fault, Reason};
use crate::isa::AtomIx;

/// More arguments no function has.
pub const MAX_ARITY: usize = 255;

/// Characters an atom may have.
const MAX_ATOM: usize = 255;

/// A function of another module (or of this one, called as if it were external).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Import {
    /// Its module.
    pub module: AtomIx,
    /// Its name.
    pub function: AtomIx,
    /// Its number of arguments.
    pub arity: u8,
}

/// A function of this module that has a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Export {
    /// Its name.
    pub function: AtomIx,
    /// Its number of arguments.
    pub arity: u8,
    /// Its entry label.
    pub label: u32,
}

/// A function of this module that funs are made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lambda {
    /// Its name.
    pub function: AtomIx,
    /// Its number of arguments, those from the environment included.
    pub arity: u8,
    /// Its entry label.
    pub label: u32,
    /// Its number among the funs of the module.
    pub index: u32,
    /// How many of the arguments come from the environment.
    pub num_free: u8,
    /// A hash older releases compare.
    pub old_uniq: u32,
}

/// Atoms of the `AtU8` (or old `Atom`) chunk; entry 0 is a placeholder.
pub(super) fn atoms(id: [u8; 4], data: &[u8]) -> Result<Vec<Box<str>>, Fault> {
    let mut reader = Reader::new(Some(id), data);
    // From OTP 28 on a negative count says that lengths are compact numbers.
    let count = reader.u32()? as i32;
    let long = count < 0;
    let count = reader.check_count(0, "number of atoms", count.unsigned_abs().into(), 1)?;
    if count == 0 {
        return Err(reader.fault_at(0, Reason::Malformed("the module has no name")));
    }
    let mut atoms: Vec<Box<str>> = Vec::with_capacity(count + 1);
    atoms.push("".into());
    for _ in 0..count {
        let at = reader.pos();
        let length = if long {
            reader.unsigned()?
        } else {
            reader.u8()?.into()
        };
        let length = reader.check_count(at, "length of an atom", length, 1)?;
        let bytes = reader.bytes(length)?;
        let atom: Box<str> = if id == *b"Atom" {
            bytes.iter().map(|b| char::from(*b)).collect()
        } else {
            let text = std::str::from_utf8(bytes);
            text.map_err(|_| reader.fault_at(at, Reason::BadUtf8))?
                .into()
        };
        if atom.len() > MAX_ATOM && atom.chars().count() > MAX_ATOM {
            return Err(reader.fault_at(at, Reason::TooLarge("atom", MAX_ATOM as u64)));
        }
        atoms.push(atom);
    }
    Ok(atoms)
}

fn atom(reader: &mut Reader<'_>, atoms: usize) -> Result<AtomIx, Fault> {
    let at = reader.pos();
    match reader.below("atom", atoms)? {
        0 => Err(reader.fault_at(at, Reason::Malformed("[] where an atom is needed"))),
        n => Ok(AtomIx(n)),
    }
}

fn arity(reader: &mut Reader<'_>) -> Result<u8, Fault> {
    Ok(reader.below("arity", MAX_ARITY + 1)? as u8)
}

/// The `ImpT` chunk.
pub(super) fn imports(data: &[u8], atoms: usize) -> Result<Vec<Import>, Fault> {
    let mut reader = Reader::new(Some(*b"ImpT"), data);
    let count = reader.count("number of imports", 12)?;
    let one = |_| {
        Ok(Import {
            module: atom(&mut reader, atoms)?,
            function: atom(&mut reader, atoms)?,
            arity: arity(&mut reader)?,
        })
    };
    (0..count).map(one).collect()
}

/// The `ExpT` and `LocT` chunks.
pub(super) fn exports(id: [u8; 4], data: &[u8], atoms: usize) -> Result<Vec<Export>, Fault> {
    let mut reader = Reader::new(Some(id), data);
    let count = reader.count("number of functions", 12)?;
    let one = |_| {
        Ok(Export {
            function: atom(&mut reader, atoms)?,
            arity: arity(&mut reader)?,
            label: reader.u32()?,
        })
    };
    (0..count).map(one).collect()
}

/// The `FunT` chunk.
pub(super) fn lambdas(data: &[u8], atoms: usize) -> Result<Vec<Lambda>, Fault> {
    let mut reader = Reader::new(Some(*b"FunT"), data);
    let count = reader.count("number of lambdas", 24)?;
    let one = |_| {
        let function = atom(&mut reader, atoms)?;
        let arity = arity(&mut reader)?;
        let label = reader.u32()?;
        let index = reader.u32()?;
        let num_free = reader.below("free variables", usize::from(arity) + 1)? as u8;
        let old_uniq = reader.u32()?;
        Ok(Lambda {
            function,
            arity,
            label,
            index,
            num_free,
            old_uniq,
        })
    };
    let lambdas = (0..count).map(one).collect();
    match reader.left() {
        0 => lambdas,
        _ => Err(reader.fault(Reason::Malformed("bytes after the last lambda"))),
    }
}
