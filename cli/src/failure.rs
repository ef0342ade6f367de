//! Why a command fails, before any Erlang runs: one clear message, and an exit code of its own.

use std::fmt;

#[derive(Debug)]
pub enum Failure {
    /// The command line makes no sense.
    Usage(String),
    /// What `erl` itself would complain about, in its words.
    Erl(String),
    /// A file is damaged, or not what it should be.
    Data(String),
    /// A file is missing, or can't be read.
    NoInput(String),
    /// No OTP.
    NoOtp(String),
    /// A module or function is missing.
    Undefined(String),
}

impl Failure {
    pub fn code(&self) -> u8 {
        match self {
            Failure::Erl(_) => 1,
            Failure::Usage(_) => 2,
            Failure::Data(_) => 65,
            Failure::NoInput(_) => 66,
            Failure::NoOtp(_) => 69,
            Failure::Undefined(_) => 70,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Erl(text) => f.write_str(text),
            Failure::Usage(text)
            | Failure::Data(text)
            | Failure::NoInput(text)
            | Failure::NoOtp(text)
            | Failure::Undefined(text) => write!(f, "glulam: {text}"),
        }
    }
}

impl std::error::Error for Failure {}
