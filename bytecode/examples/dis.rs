//! Prints modules as text.

fn main() {
    for path in std::env::args().skip(1) {
        match std::fs::read(&path).map(|bytes| glulam_bytecode::BeamFile::parse(&path, &bytes)) {
            Ok(Ok(file)) => print!("{}", glulam_bytecode::disas::text(&file)),
            Ok(Err(why)) => eprintln!("{why}"),
            Err(why) => eprintln!("{path}: {why}"),
        }
    }
}
