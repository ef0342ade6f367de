//! The inputs that fuzzing once found something with, in the ordinary test run: `tests/fuzz/found/TARGET/NAME`,
//! the name saying what was wrong.

#[path = "src/lib.rs"]
mod targets;

use std::path::Path;

#[test]
fn inputs_that_found_something() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/found");
    let mut done = 0;
    for target in std::fs::read_dir(&found).unwrap() {
        let target = target.unwrap().path();
        let run = match target.file_name().and_then(|name| name.to_str()) {
            Some("bits") => targets::bits::run,
            Some("external") => targets::external::run,
            Some("load") => targets::load::run,
            Some("names") => targets::names::run,
            Some("packet") => targets::packet::run,
            Some("pattern") => targets::pattern::run,
            other => panic!("no target {other:?}"),
        };
        for input in std::fs::read_dir(&target).unwrap() {
            let input = input.unwrap().path();
            println!("{}", input.display());
            run(&std::fs::read(&input).unwrap());
            done += 1;
        }
    }
    assert!(done > 0);
}
