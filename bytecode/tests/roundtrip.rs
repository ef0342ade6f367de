//! Text and bytes must lead back to the same module.

mod common;

use glulam_bytecode::file::Code;
use glulam_bytecode::{BeamFile, asm, disas};

/// What must survive: everything but offsets and the encoding of chunks.
fn assert_same(name: &str, mine: &BeamFile, other: &BeamFile) {
    let instrs = |code: &Code| -> Vec<_> {
        code.instrs
            .iter()
            .map(|instr| (instr.op, code.args(instr).to_vec()))
            .collect()
    };
    assert_eq!(instrs(&mine.code), instrs(&other.code), "{name}");
    assert_eq!(mine.code.max_opcode, other.code.max_opcode, "{name}");
    assert_eq!(mine.code.label_count, other.code.label_count, "{name}");
    assert_eq!(
        mine.code.function_count, other.code.function_count,
        "{name}"
    );
    assert_eq!(mine.atoms, other.atoms, "{name}");
    assert_eq!(mine.imports, other.imports, "{name}");
    assert_eq!(mine.exports, other.exports, "{name}");
    assert_eq!(mine.locals, other.locals, "{name}");
    assert_eq!(mine.lambdas, other.lambdas, "{name}");
    assert_eq!(mine.literals, other.literals, "{name}");
    assert_eq!(mine.strings, other.strings, "{name}");
    assert_eq!(mine.lines, other.lines, "{name}");
    assert_eq!(mine.types, other.types, "{name}");
    assert_eq!(mine.attributes, other.attributes, "{name}");
    assert_eq!(mine.compile_info, other.compile_info, "{name}");
    let ids = |file: &BeamFile| file.chunks.iter().map(|chunk| chunk.id).collect::<Vec<_>>();
    assert_eq!(ids(mine), ids(other), "{name}");
    for id in [b"Dbgi", b"Docs", b"ExCk", b"Meta"] {
        assert_eq!(mine.chunk(id), other.chunk(id), "{name}");
    }
}

#[test]
fn disassembled_modules_assemble_again() {
    for (name, bytes) in common::sample(7) {
        let file = BeamFile::parse(&name, &bytes).unwrap();
        let text = disas::text(&file);
        let again = asm::assemble(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_same(&name, &file, &BeamFile::parse(&name, &again).unwrap());
    }
}

#[test]
fn written_modules_parse_again() {
    for (name, bytes) in common::sample(7) {
        let file = BeamFile::parse(&name, &bytes).unwrap();
        let again = BeamFile::parse(&name, &file.to_bytes()).unwrap();
        assert_same(&name, &file, &again);
        let offsets = |file: &BeamFile| file.code.instrs.last().map(|instr| instr.offset);
        assert!(
            offsets(&again) <= offsets(&file),
            "{name}: our encoding is longer"
        );
    }
}

#[test]
fn a_module_by_hand() {
    let text = "
        module sample
        export double/1 L2
        literal 0 836100
        lambda 0 double/1 L2 index 0 free 0 uniq 0
        L1:
          func_info sample double 1
        L2:
          gc_bif2 L0 1 erlang:'+'/2 x0 x0 x0
          is_eq_exact L3 x0 -0x010000000000000000
          is_eq_exact L3 x0 0x8000000000000000
          is_eq_exact L3 x0 -9223372036854775808
          is_eq_exact L3 x0 'x0'        ; an atom in spite of its name
          is_eq_exact L3 x0 'a; \\'b\\x{a}'
          return
        L3:
          select_val x0 L1 (ok L1 [] L1 lit0 L1 =7 L1)
        chunk Attr 836a
    ";
    let bytes = asm::assemble(text).unwrap();
    let (file, verified) = glulam_bytecode::load("sample", &bytes).unwrap();
    assert_eq!(file.atom(file.module), "sample");
    assert_eq!(file.imports.len(), 1);
    assert_eq!(file.attributes.as_deref(), Some(&[131, 106][..]));
    assert!(file.atoms.iter().any(|atom| **atom == *"a; 'b\n"));
    assert_eq!(
        (verified.functions.len(), verified.functions[0].arity),
        (1, 1)
    );
    let again = asm::assemble(&disas::text(&file)).unwrap();
    assert_same("sample", &file, &BeamFile::parse("sample", &again).unwrap());
}

#[test]
fn numbers_keep_their_value() {
    let edges = [
        0,
        1,
        15,
        16,
        127,
        128,
        255,
        256,
        2047,
        2048,
        32767,
        32768,
        65535,
        1 << 31,
        1 << 40,
    ];
    let mut values: Vec<i64> = edges
        .iter()
        .flat_map(|n| [*n, -*n, *n - 1, -*n - 1])
        .collect();
    values.extend([i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1]);
    let mut text = "module numbers\nL1:\n func_info numbers f 0\nL2:\n".to_owned();
    for value in &values {
        text += &format!(" move {value} x0\n");
    }
    text += " return\n";
    let file = BeamFile::parse("numbers", &asm::assemble(&text).unwrap()).unwrap();
    let read: Vec<i64> = file
        .code
        .instrs
        .iter()
        .filter_map(|instr| match file.code.args(instr) {
            [glulam_bytecode::Operand::Integer(n), _] => Some(*n),
            _ => None,
        })
        .collect();
    assert_eq!(read, values);
}
