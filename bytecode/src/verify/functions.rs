//! Where functions begin and end.

use super::Function;
use super::shape::fault;
use crate::error::{Fault, Reason};
use crate::file::BeamFile;
use crate::isa::{Op, Operand};

/// Functions that always raise an exception, all in module `erlang`.
const RAISING: &[(&str, u8)] = &[
    ("error", 1),
    ("error", 2),
    ("error", 3),
    ("exit", 1),
    ("throw", 1),
    ("nif_error", 1),
    ("nif_error", 2),
];

pub(super) fn never_returns(file: &BeamFile) -> Vec<bool> {
    let raises = |import: &crate::file::Import| {
        file.atom(import.module) == "erlang"
            && RAISING.contains(&(file.atom(import.function), import.arity))
    };
    file.imports.iter().map(raises).collect()
}

/// Finds the functions: each begins with the labels and lines before its `func_info`, and its
/// first label after that is the entry.
pub(super) fn functions(file: &BeamFile) -> Result<Vec<Function>, Fault> {
    let code = &file.code;
    let mut functions: Vec<Function> = Vec::with_capacity(code.instrs.len() / 16);
    let mut head = None;
    for (at, instr) in code.instrs.iter().enumerate() {
        match instr.op {
            Op::Label | Op::Line => {
                head.get_or_insert(at as u32);
            }
            Op::FuncInfo => {
                let start = head.take().unwrap_or(at as u32);
                if let Some(before) = functions.last_mut() {
                    before.end = start;
                }
                let &[
                    Operand::Atom(module),
                    Operand::Atom(name),
                    Operand::Unsigned(arity),
                ] = code.args(instr)
                else {
                    return Err(fault(instr, Reason::BadFunction("func_info operands")));
                };
                if module != file.module || arity > crate::file::MAX_ARITY as u64 {
                    return Err(fault(instr, Reason::BadFunction("func_info operands")));
                }
                let entry = entry_after(file, at).ok_or_else(|| {
                    fault(
                        instr,
                        Reason::BadFunction("no entry label follows func_info"),
                    )
                })?;
                functions.push(Function {
                    name,
                    arity: arity as u8,
                    entry,
                    func_info: at as u32,
                    start,
                    end: code.instrs.len() as u32,
                });
            }
            Op::IntCodeEnd => {
                if let Some(before) = functions.last_mut() {
                    before.end = at as u32;
                }
            }
            _ if functions.is_empty() => {
                return Err(fault(
                    instr,
                    Reason::BadFunction("code before any func_info"),
                ));
            }
            _ => head = None,
        }
    }
    Ok(functions)
}

/// The label right after the `func_info` at `at`, lines aside.
fn entry_after(file: &BeamFile, at: usize) -> Option<u32> {
    for instr in &file.code.instrs[at + 1..] {
        match (instr.op, file.code.args(instr)) {
            (Op::Label, [Operand::Unsigned(label)]) => return u32::try_from(*label).ok(),
            (Op::Line, _) => {}
            _ => return None,
        }
    }
    None
}
