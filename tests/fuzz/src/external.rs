//! Any bytes, in the external format: refused, or a term that is equal to what it is decoded to again
//! after it was encoded, that can be compared, hashed, printed, copied and collected.

use glulam_vm::heap::external::{Fixed, decode, encode};
use glulam_vm::heap::{Fragment, Heap};
use glulam_vm::term::{cmp, hash, portable, print};
use std::cmp::Ordering;

/// One input.
pub fn run(bytes: &[u8]) {
    super::start();
    let mut heap = Heap::new(Heap::FIRST_WORDS);
    let safe = bytes.len() % 4 == 3;
    let Ok((term, used)) = decode(bytes, &mut heap, safe) else { return };
    assert!(used <= bytes.len());
    let text = print::print(term, 10_000);
    for minor in 0..3 {
        let options = Fixed { minor_version: minor, deterministic: minor == 1 };
        let written = encode(term, options);
        let mut other = Heap::new(Heap::FIRST_WORDS);
        match decode(&written, &mut other, false) {
            Ok((again, used)) => {
                assert_eq!(used, written.len());
                assert!(cmp::eq_exact(term, again), "{text}");
                assert_eq!(cmp::compare(term, again), Ordering::Equal, "{text}");
                assert_eq!(hash::internal(term, 1), hash::internal(again, 1), "{text}");
                assert_eq!(portable::phash2(term), portable::phash2(again), "{text}");
            }
            Err(why) => panic!("{text} was written as {written:?}: {why:?}"),
        }
    }
    let (copy, fragment) = Fragment::copy_of(term);
    let before = (hash::internal(term, 7), portable::phash(term));
    let mut roots = [term, heap.receive(copy, fragment)];
    for major in [false, false, true] {
        heap.request_collection(major);
        heap.collect(9, &mut |_, visit| roots.iter_mut().for_each(&mut *visit));
        assert!(cmp::eq_exact(roots[0], roots[1]), "{text}");
        assert_eq!(before, (hash::internal(roots[0], 7), portable::phash(roots[0])), "{text}");
    }
}
