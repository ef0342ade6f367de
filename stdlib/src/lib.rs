#![forbid(unsafe_code)]
//! The natives that OTP's libraries call: bodies, one file for each Erlang module.

/// Declares the files and joins their tables.
macro_rules! natives {
    ($($($path:ident)::+;)*) => {
        /// Every native, file by file.
        pub const NATIVES: &[&[glulam_vm::bif::Decl]] = &[$($($path)::+::BIFS),*];
    };
}

// One line for each file that has a table of natives.
natives! {
}
