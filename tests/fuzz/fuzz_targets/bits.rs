//! See `glulam_fuzz::bits`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| glulam_fuzz::bits::run(bytes));
