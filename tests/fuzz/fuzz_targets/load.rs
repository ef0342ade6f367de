//! Any bytes, as a module: refused or loaded, and what is loaded survives being written as text and
//! as bytes.
#![no_main]

use glulam_bytecode::{BeamFile, asm, disas};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = BeamFile::parse("input", bytes) else { return };
    let text = disas::text(&file);
    let again = asm::assemble(&text).map(|bytes| BeamFile::parse("assembled", &bytes));
    match again {
        Ok(Ok(again)) => assert_eq!(text.replace("chunk Atom", "chunk AtU8"), disas::text(&again)),
        Ok(Err(why)) => panic!("{why}"),
        Err(why) => panic!("{why}"),
    }
    if let Ok((file, verified)) = glulam_bytecode::load("input", bytes) {
        assert_eq!(file.code.instrs.len(), verified.frames.len());
        if let Err(why) = glulam_bytecode::load("written", &file.to_bytes()) {
            panic!("{why}");
        }
    }
});
