//! Any bytes, as a module: refused or loaded, and what is loaded survives being written as text and
//! as bytes.
#![no_main]

use glulam_bytecode::{BeamFile, asm, disas};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = BeamFile::parse("input", bytes) else { return };
    let text = disas::text(&file);
    match asm::assemble(&text).map(|bytes| BeamFile::parse("assembled", &bytes)) {
        Ok(Ok(again)) => {
            assert_eq!(file.code.operands.len(), again.code.operands.len());
            assert_eq!(file.atoms, again.atoms);
            assert_eq!(file.imports, again.imports);
            assert_eq!(file.literals, again.literals);
        }
        Ok(Err(why)) => panic!("{why}"),
        Err(why) => panic!("{why}"),
    }
    if let Ok((file, verified)) = glulam_bytecode::load("input", bytes) {
        assert_eq!(file.code.instrs.len(), verified.frames.len());
        let written = BeamFile::parse("written", &file.to_bytes());
        match written {
            Ok(written) => assert!(file.code.operands.len() >= written.code.operands.len()),
            Err(why) => panic!("{why}"),
        }
    }
});
