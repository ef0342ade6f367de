#![forbid(unsafe_code)]
//! The BEAM file format and the external term format.
