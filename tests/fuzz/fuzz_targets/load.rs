//! See `glulam_fuzz::load`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| glulam_fuzz::load::run(bytes));
