//! Functions of C's: with a variable number of arguments, and of threads (`shim.c`).

use std::ffi::c_char;

use crate::term::{Term, print};

/// Declares what `shim.c` defines; only the addresses are of interest here.
macro_rules! of_c {
    ($($name:ident)*) => {
        unsafe extern "C" {
            $(fn $name();)*
        }
        super::kept! { $($name)* }
    };
}

of_c! {
    enif_make_tuple enif_make_list enif_snprintf enif_vsnprintf enif_fprintf enif_vfprintf
    enif_thread_create enif_thread_self enif_equal_tids enif_thread_exit enif_thread_join enif_thread_name
}

/// The text of a term into a buffer of C's, cut off to fit, with a zero behind it; the length that
/// it has in full.
#[unsafe(no_mangle)]
unsafe extern "C" fn glulam_format_term(to: *mut c_char, room: usize, term: Term) -> i32 {
    let text = if term.is_none() { "<the non-value>".to_owned() } else { print::to_string(term) };
    if room > 0 {
        let fits = text.len().min(room - 1);
        std::ptr::copy_nonoverlapping(text.as_ptr(), to.cast::<u8>(), fits);
        *to.add(fits) = 0;
    }
    text.len() as i32
}
