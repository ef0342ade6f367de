//! Reads and checks the given files and says how long that took.

use std::time::Instant;

fn main() {
    let (mut instrs, mut faults) = (0, 0);
    let files: Vec<_> = std::env::args()
        .skip(1)
        .map(|p| (std::fs::read(&p), p))
        .collect();
    let start = Instant::now();
    for (bytes, path) in files {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(why) => {
                eprintln!("{path}: {why}");
                continue;
            }
        };
        match glulam_bytecode::load(&path, &bytes) {
            Ok((file, _)) => instrs += file.code.instrs.len(),
            Err(why) => {
                faults += 1;
                println!("{why}");
            }
        }
    }
    println!(
        "{instrs} instructions, {faults} faults, {:?}",
        start.elapsed()
    );
}
