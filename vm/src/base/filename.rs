//! How the names of files are encoded: what `+fnl`, `+fnu`, `+fna` and the locale say.

use super::sync::{AtomicU8, Ordering};

/// An encoding of file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Latin1,
    Utf8,
}

/// What to do about a name in a directory that is not in the encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInvalid {
    Warning,
    Ignore,
    Error,
}

static ENCODING: AtomicU8 = AtomicU8::new(Encoding::Utf8 as u8);
static ON_INVALID: AtomicU8 = AtomicU8::new(OnInvalid::Warning as u8);

pub fn encoding() -> Encoding {
    if ENCODING.load(Ordering::Relaxed) == Encoding::Latin1 as u8 { Encoding::Latin1 } else { Encoding::Utf8 }
}

pub fn on_invalid() -> OnInvalid {
    match ON_INVALID.load(Ordering::Relaxed) {
        0 => OnInvalid::Warning,
        1 => OnInvalid::Ignore,
        _ => OnInvalid::Error,
    }
}

/// Once, before anything runs.
pub fn set(encoding: Encoding, on_invalid: OnInvalid) {
    ENCODING.store(encoding as u8, Ordering::Relaxed);
    ON_INVALID.store(on_invalid as u8, Ordering::Relaxed);
}

/// The encoding that the locale in the environment asks for.
pub fn of_locale() -> Encoding {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty())
        .unwrap_or_default();
    let locale = locale.to_string_lossy().to_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { Encoding::Utf8 } else { Encoding::Latin1 }
}
