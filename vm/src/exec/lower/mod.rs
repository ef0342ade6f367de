//! Lowering: from verified generic code to loaded code.
//!
//! Each generic instruction becomes one loaded instruction or none; neighbours that often stand
//! together become one (`rules`). Positions (frames, lines, functions) are recorded by offset.

mod bits;
mod emit;
mod form;
mod operand;
mod rules;
mod select;

use glulam_bytecode::file::BeamFile;
use glulam_bytecode::isa::{Instr, Operand};
use glulam_bytecode::verify::{Frame, Verified};

use crate::atom::Atom;
use crate::code::fun::FunEntryParts;
use crate::code::{Export, FunEntry, FunctionRange, LineEntry, Loaded};
use crate::exec::isa::Op;
use crate::term::Term;
use crate::am;
use emit::Emitter;

/// Why verified code can't be lowered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LowerError {
    /// A name that can't become an atom.
    Atom(Box<str>),
    /// A literal that can't be decoded.
    Literal(u32),
    /// The attributes or compile information can't be decoded.
    Chunk(&'static str),
    /// A guard BIF that this runtime does not have.
    NoSuchBif(Atom, Atom, u8),
    /// An instruction with more operands than fit.
    TooLong(Atom),
    /// An instruction this runtime can't run.
    Unsupported(&'static str),
}

impl std::fmt::Display for LowerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LowerError::Atom(name) => write!(f, "the atom table has no room for {name:?}"),
            LowerError::Literal(n) => write!(f, "literal {n} is malformed"),
            LowerError::Chunk(id) => write!(f, "chunk {id} holds no term"),
            LowerError::NoSuchBif(m, name, a) => {
                write!(f, "{}:{}/{a} is no guard BIF of this runtime", m.name(), name.name())
            }
            LowerError::TooLong(function) => {
                write!(f, "an instruction of {} has too many operands", function.name())
            }
            LowerError::Unsupported(op) => write!(f, "instruction {op} is not supported"),
        }
    }
}

impl std::error::Error for LowerError {}

/// Everything the rules need to know of the module.
pub(super) struct Context<'a> {
    file: &'a BeamFile,
    verified: &'a Verified,
    atoms: Vec<Atom>,
    literals: Vec<Term>,
    imports: Vec<&'static Export>,
    funs: Vec<&'static FunEntry>,
    e: Emitter,
    lines: Vec<LineEntry>,
    frames: Vec<(u32, i32)>,
    /// A library may replace functions: each begins with a `NifEntry`.
    replaceable: bool,
    /// The module says which functions those are.
    declares_nifs: bool,
    strings: Box<[u8]>,
}

/// Lowers a module. The result is not reachable yet: `load` makes it so.
pub fn lower(file: &BeamFile, verified: &Verified) -> Result<Loaded, LowerError> {
    let atoms = file.atoms.iter().map(|name| Atom::intern(name).map_err(|_| LowerError::Atom(name.clone())));
    let atoms = atoms.collect::<Result<Vec<_>, _>>()?;
    let at = |ix: glulam_bytecode::isa::AtomIx| atoms[ix.0 as usize];
    let module = at(file.module);
    let literals = (0u32..).zip(&file.literals).map(|(n, bytes)| {
        crate::heap::external::decode_literal(bytes).map_err(|_| LowerError::Literal(n))
    });
    let literals = literals.collect::<Result<Vec<_>, _>>()?;
    let imports: Vec<_> = file.imports.iter().map(|i| Export::of(at(i.module), at(i.function), i.arity)).collect();
    let replaceable = imports.iter().any(|e| e.module == am::erlang.atom() && e.function == am::load_nif.atom());
    let funs = file.lambdas.iter().map(|l| {
        FunEntry::of(FunEntryParts {
            module,
            index: l.index,
            uniq: file.module_md5,
            old_uniq: l.old_uniq,
            arity: l.arity - l.num_free,
            free: l.num_free.into(),
            function: at(l.function),
        })
    });
    let funs: Vec<_> = funs.collect();
    let decode_chunk = |bytes: &Option<Box<[u8]>>, id| match bytes {
        Some(bytes) => crate::heap::external::decode_literal(bytes).map_err(|_| LowerError::Chunk(id)),
        None => Ok(Term::NIL),
    };
    let attributes = decode_chunk(&file.attributes, "Attr")?;
    let compile_info = decode_chunk(&file.compile_info, "CInf")?;
    let e = Emitter::new(file.code.label_count as usize + 1, file.code.instrs.len() * 2);
    let mut cx = Context {
        file,
        verified,
        atoms,
        literals,
        imports,
        funs,
        e,
        lines: Vec::new(),
        frames: vec![(0, -1)],
        replaceable,
        declares_nifs: file.code.instrs.iter().any(|i| i.op == glulam_bytecode::isa::Op::NifStart),
        strings: file.strings.clone(),
    };
    let mut functions = Vec::with_capacity(verified.functions.len());
    for function in &verified.functions {
        functions.push(cx.function(function)?);
    }
    let Context { atoms, funs, e, lines, frames, strings, .. } = cx;
    let (code, fixups, labels) = e.finish();
    let mut code = code.into_boxed_slice();
    let base = code.as_ptr();
    for at in fixups {
        let label = code[at as usize] as usize;
        code[at as usize] = base.wrapping_add(labels[label] as usize) as u64;
    }
    let entry_of = |label: u32| labels[label as usize];
    let at = |ix: glulam_bytecode::isa::AtomIx| atoms[ix.0 as usize];
    Ok(Loaded {
        module,
        on_load: verified.on_load.map(|f| functions[f as usize].entry),
        functions,
        frames,
        lines,
        files: file.lines.files.iter().map(|name| crate::base::sync::Arc::from(&**name)).collect(),
        exports: file
            .exports
            .iter()
            .map(|x| (Export::of(module, at(x.function), x.arity), entry_of(x.label)))
            .collect(),
        locals: file.locals.iter().map(|l| (at(l.function), l.arity)).collect(),
        funs: funs.iter().zip(&file.lambdas).map(|(f, l)| (*f, entry_of(l.label))).collect(),
        attributes,
        compile_info,
        md5: file.module_md5,
        replaceable,
        library: Default::default(),
        _strings: strings,
        code,
    })
}

impl<'a> Context<'a> {
    fn atom(&self, operand: &Operand) -> Atom {
        match operand {
            Operand::Atom(ix) => self.atoms[ix.0 as usize],
            _ => crate::bug!("verified operand {operand:?} is no atom"),
        }
    }

    fn instr(&self, index: usize) -> (&'a Instr, &'a [Operand]) {
        let instr = &self.file.code.instrs[index];
        (instr, self.file.code.args(instr))
    }

    /// Lowers the instructions of one function.
    fn function(&mut self, f: &glulam_bytecode::verify::Function) -> Result<FunctionRange, LowerError> {
        let start_at = f.func_info as usize;
        let name = self.atoms[f.name.0 as usize];
        let mut range = FunctionRange { start: self.e.offset(), entry: 0, name, arity: f.arity };
        let mut index = f.start as usize;
        let mut dead = false;
        while index < f.end as usize {
            let (instr, args) = self.instr(index);
            if index == start_at {
                range.start = self.e.offset();
            }
            match self.verified.frames[index] {
                // The line of a function's head stands before its `func_info`, where nothing gets to.
                Frame::Unreached
                    if !matches!(instr.op, glulam_bytecode::isa::Op::Label | glulam_bytecode::isa::Op::Line)
                        && index != start_at =>
                {
                    if !dead {
                        let invalid = self.e.begin(Op::Invalid).end();
                        invalid.map_err(|_| LowerError::TooLong(name))?;
                    }
                    dead = true;
                    index += 1;
                    continue;
                }
                frame => {
                    dead = false;
                    let slots = frame.slots().map_or(-1, i32::from);
                    if self.frames.last().is_none_or(|last| last.1 != slots) {
                        self.frames.push((self.e.offset(), slots));
                    }
                }
            }
            if self.verified.cleared.binary_search(&(index as u32)).is_ok() {
                let result = self.clear_result(args);
                result.map_err(|_| LowerError::TooLong(name))?;
            }
            index += self.rule(index, instr.op, args).map_err(|e| match e {
                rules::Fault::TooLong => LowerError::TooLong(name),
                rules::Fault::Lower(e) => e,
            })?;
        }
        let invalid = self.e.begin(Op::Invalid).end();
        invalid.map_err(|_| LowerError::TooLong(name))?;
        range.entry = self.e.label_offset(f.entry).unwrap_or(range.start);
        Ok(range)
    }
}
