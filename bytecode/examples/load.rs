//! Reads and checks the given files and says how long that took.

use std::time::{Duration, Instant};

fn main() {
    let mut time = [Duration::ZERO; 2];
    let (mut instrs, mut faults) = (0, 0);
    for path in std::env::args().skip(1) {
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(why) => {
                eprintln!("{path}: {why}");
                continue;
            }
        };
        let start = Instant::now();
        let parsed = glulam_bytecode::BeamFile::parse(&path, &bytes);
        time[0] += start.elapsed();
        match parsed {
            Ok(file) => {
                instrs += file.code.instrs.len();
                let start = Instant::now();
                let verified = glulam_bytecode::verify(&file);
                time[1] += start.elapsed();
                if let Err(why) = verified {
                    faults += 1;
                    println!("{why}");
                }
            }
            Err(why) => {
                faults += 1;
                println!("{why}");
            }
        }
    }
    println!(
        "{instrs} instructions, {faults} faults, parse {:?}, verify {:?}",
        time[0], time[1]
    );
}
