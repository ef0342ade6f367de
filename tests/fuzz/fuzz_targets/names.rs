//! See `glulam_fuzz::names`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| glulam_fuzz::names::run(bytes));
