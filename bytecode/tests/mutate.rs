//! Damaged files must be refused or accepted, and nothing else: no panic, no endless work.

mod common;

use common::Random;

/// Changes a few bytes.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at.max(12)),
            3 => bytes.insert(at, random.next() as u8),
            4 => {
                bytes.remove(at);
            }
            _ => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill([0, 0xff, 0x7f, 0x80][random.below(4)]);
            }
        }
        if bytes.len() < 16 {
            return;
        }
    }
}

/// The text of a file can be damaged where its bytes hide behind compression and lengths.
#[test]
fn damaged_bytes_do_no_harm() {
    let mut random = Random(1);
    for (name, bytes) in common::sample(29) {
        if bytes.len() > 100_000 {
            continue;
        }
        for _ in 0..60 {
            let mut bytes = bytes.clone();
            damage(&mut bytes, &mut random);
            let _ = glulam_bytecode::load(&name, &bytes);
        }
    }
}

/// Damage to the code alone gets past the parser more often.
#[test]
fn damaged_code_does_no_harm() {
    let mut random = Random(2);
    let mut loaded = 0;
    for (name, bytes) in common::sample(29) {
        let file = glulam_bytecode::BeamFile::parse(&name, &bytes).unwrap();
        let code = file
            .chunks
            .iter()
            .find(|chunk| chunk.id == *b"Code")
            .unwrap()
            .range
            .clone();
        if code.len() > 30_000 {
            continue;
        }
        for _ in 0..200 {
            let mut bytes = file.bytes.to_vec();
            for _ in 0..1 + random.below(3) {
                let at = code.start + 20 + random.below(code.len() - 20);
                bytes[at] = match random.below(3) {
                    0 => bytes[at] ^ 1 << random.below(8),
                    1 => bytes[at].wrapping_add(16),
                    _ => random.next() as u8,
                };
            }
            loaded += usize::from(glulam_bytecode::load(&name, &bytes).is_ok());
        }
    }
    eprintln!("{loaded} damaged modules were still acceptable");
}
