//! Reading `.beam` files.
//!
//! - Floor: bytecode.
//! - Invariants: every index and register in a [`BeamFile`] is within its table; nothing is
//!   allocated on the word of a count that the bytes do not bear out.
//! - Locks: none.
//! - Start reading at: [`BeamFile::parse`].

mod code;
mod container;
mod lines;
mod literals;
mod reader;
mod tables;
mod types;
pub(crate) mod write;

pub use code::Code;
pub use container::Chunk;
pub use lines::LineTable;
pub use tables::{Export, Import, Lambda, MAX_ARITY};
pub use types::{TypeEntry, TypeUnion};

use crate::error::{Fault, LoadError, Reason};
use crate::isa::AtomIx;
use crate::md5::Md5;

/// A parsed module. What its code does is not checked yet: see [`crate::verify()`].
#[derive(Clone, PartialEq, Debug)]
pub struct BeamFile {
    /// The name it was loaded under, for messages.
    pub file_name: Box<str>,
    /// Its name.
    pub module: AtomIx,
    /// Atoms; entry 0 is unused.
    pub atoms: Vec<Box<str>>,
    /// Functions it calls elsewhere.
    pub imports: Vec<Import>,
    /// Functions others may call.
    pub exports: Vec<Export>,
    /// Functions only it may call.
    pub locals: Vec<Export>,
    /// Functions that funs are made of.
    pub lambdas: Vec<Lambda>,
    /// Constant terms in the external term format, version byte included.
    pub literals: Vec<Box<[u8]>>,
    /// Bytes that binary construction and matching refer to.
    pub strings: Box<[u8]>,
    /// Source positions.
    pub lines: LineTable,
    /// Types of registers; empty if the file has none.
    pub types: Vec<TypeEntry>,
    /// `module_info(attributes)` in the external term format.
    pub attributes: Option<Box<[u8]>>,
    /// `module_info(compile)` in the external term format.
    pub compile_info: Option<Box<[u8]>>,
    /// The instructions.
    pub code: Code,
    /// Every chunk, in order.
    pub chunks: Vec<Chunk>,
    /// The file, inflated.
    pub bytes: Box<[u8]>,
    /// `module_info(md5)`.
    pub module_md5: [u8; 16],
}

impl BeamFile {
    /// Reads a file, gzip-compressed or plain.
    pub fn parse(file_name: &str, bytes: &[u8]) -> Result<BeamFile, LoadError> {
        parse(file_name, bytes).map_err(|fault| fault.within(file_name))
    }

    /// The data of a chunk. If several have the name, the last one counts.
    pub fn chunk(&self, id: &[u8; 4]) -> Option<&[u8]> {
        find(&self.chunks, &self.bytes, id)
    }

    /// The text of an atom.
    pub fn atom(&self, atom: AtomIx) -> &str {
        &self.atoms[atom.0 as usize]
    }
}

fn find<'a>(chunks: &[Chunk], bytes: &'a [u8], id: &[u8; 4]) -> Option<&'a [u8]> {
    let chunk = chunks.iter().rfind(|chunk| chunk.id == *id)?;
    Some(&bytes[chunk.range.clone()])
}

fn parse(file_name: &str, bytes: &[u8]) -> Result<BeamFile, Fault> {
    let bytes = container::unwrap(bytes)?;
    let chunks = container::chunks(&bytes)?;
    let get = |id: &[u8; 4]| find(&chunks, &bytes, id).filter(|data| !data.is_empty());
    let need = |id: &[u8; 4]| {
        get(id).ok_or(Fault {
            chunk: None,
            offset: 0,
            reason: Reason::MissingChunk(*id),
        })
    };
    let atoms = match get(b"AtU8") {
        Some(data) => tables::atoms(*b"AtU8", data)?,
        None => tables::atoms(*b"Atom", get(b"Atom").map_or_else(|| need(b"AtU8"), Ok)?)?,
    };
    let some = atoms.len();
    let imports = tables::imports(need(b"ImpT")?, some)?;
    let exports = tables::exports(*b"ExpT", need(b"ExpT")?, some)?;
    let locals =
        get(b"LocT").map_or(Ok(Vec::new()), |data| tables::exports(*b"LocT", data, some))?;
    let lambdas = get(b"FunT").map_or(Ok(Vec::new()), |data| tables::lambdas(data, some))?;
    let literals = get(b"LitT").map_or(Ok(Vec::new()), literals::literals)?;
    let lines = get(b"Line").map_or_else(
        || Ok(LineTable::of_nothing(&atoms[1])),
        |data| lines::lines(data, &atoms[1]),
    )?;
    let (types, understood) = get(b"Type").map_or(Ok((Vec::new(), false)), types::types)?;
    let limits = code::Limits {
        atoms: some,
        literals: literals.len(),
        types: understood.then_some(types.len()),
    };
    let code = code::code(need(b"Code")?, &limits)?;
    Ok(BeamFile {
        file_name: file_name.into(),
        module: AtomIx(1),
        atoms,
        imports,
        exports,
        locals,
        lambdas,
        literals,
        strings: get(b"StrT").unwrap_or_default().into(),
        lines,
        types,
        attributes: get(b"Attr").map(Into::into),
        compile_info: get(b"CInf").map(Into::into),
        code,
        module_md5: digest(&get),
        chunks,
        bytes: bytes.into_owned().into(),
    })
}

/// The digest that identifies a version of a module: over the chunks that decide what it does,
/// with the `old_uniq` fields of lambdas taken as zero.
fn digest<'a>(get: &impl Fn(&[u8; 4]) -> Option<&'a [u8]>) -> [u8; 16] {
    let mut md5 = Md5::default();
    let ids = [
        b"Atom", b"AtU8", b"Code", b"StrT", b"ImpT", b"ExpT", b"FunT", b"LitT", b"Meta", b"Recs",
        b"DbgB",
    ];
    for id in ids {
        match get(id) {
            Some(data) if id == b"FunT" => {
                let (count, entries) = data.split_at(data.len().min(4));
                md5.update(count);
                for entry in entries.chunks(24) {
                    md5.update(&entry[..entry.len().min(20)]);
                    md5.update(&[0; 4][..entry.len().saturating_sub(20)]);
                }
            }
            Some(data) => md5.update(data),
            None => {}
        }
    }
    md5.finish()
}
