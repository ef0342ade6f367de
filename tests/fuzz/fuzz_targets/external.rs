//! See `glulam_fuzz::external`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| glulam_fuzz::external::run(bytes));
