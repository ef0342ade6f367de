//! See `glulam_fuzz::pattern`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| glulam_fuzz::pattern::run(bytes));
