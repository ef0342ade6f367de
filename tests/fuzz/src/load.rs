//! Any bytes, as a module: refused or loaded, and what is loaded survives being written as text and
//! as bytes.

use glulam_bytecode::{BeamFile, asm, disas};

/// One input.
pub fn run(bytes: &[u8]) {
    let Ok(file) = BeamFile::parse("input", bytes) else { return };
    let text = disas::text(&file);
    let again = asm::assemble(&text).map(|bytes| BeamFile::parse("assembled", &bytes));
    match again {
        Ok(Ok(again)) => {
            // Chunks that every file must have are added.
            let again = disas::text(&again);
            let rows = |text: &str| -> Vec<String> {
                let rows = text.lines().filter(|line| !line.starts_with("chunk "));
                rows.map(str::to_owned).collect()
            };
            assert_eq!(rows(&text), rows(&again));
        }
        Ok(Err(why)) => panic!("{why}"),
        Err(why) => panic!("{why}"),
    }
    if let Ok((file, verified)) = glulam_bytecode::load("input", bytes) {
        assert_eq!(file.code.instrs.len(), verified.frames.len());
        if let Err(why) = glulam_bytecode::load("written", &file.to_bytes()) {
            panic!("{why}");
        }
    }
}
