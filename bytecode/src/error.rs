//! Why a file was refused.

use std::fmt;

/// A file that cannot be loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadError {
    /// The file, as named by the caller.
    pub file: Box<str>,
    /// The chunk in which the fault lies, if it lies in one.
    pub chunk: Option<[u8; 4]>,
    /// Distance from the start of the chunk, or of the file when there is no chunk.
    pub offset: u32,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(id) = &self.chunk {
            write!(f, "chunk {}, ", id.escape_ascii())?;
        }
        write!(f, "offset {}: {}", self.offset, self.reason)
    }
}

impl std::error::Error for LoadError {}

/// What is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// Neither a BEAM file nor a compressed one.
    NotBeam,
    /// The bytes end before the structure does.
    Truncated,
    /// Compressed data that does not inflate, or not to the size it states.
    BadCompression,
    /// Larger than any sensible file: what, and the limit.
    TooLarge(&'static str, u64),
    /// A chunk that every module has is missing.
    MissingChunk([u8; 4]),
    /// The instruction format version is not 0.
    BadFormat(u32),
    /// An opcode that is not known; the highest known follows.
    UnknownOpcode(u32, u8),
    /// The file says it needs opcodes beyond the highest known.
    TooNew(u32, u8),
    /// An opcode that compilers stopped producing long ago.
    RetiredOpcode(&'static str),
    /// A string that is not UTF-8.
    BadUtf8,
    /// A number out of its range: what it counts or indexes, its value, and the first value
    /// that is too high.
    OutOfRange(&'static str, u64, u64),
    /// An operand encoding that does not exist.
    BadTag(u8),
    /// An operand that does not suit its place: op, position from 0, what was expected.
    BadOperand(&'static str, u8, &'static str),
    /// The list operand of an op has a wrong shape.
    BadList(&'static str),
    /// A label is defined twice.
    DuplicateLabel(u32),
    /// A label is used but not defined.
    UndefinedLabel(u32),
    /// A jump leaves its function.
    ForeignLabel(u32),
    /// A call to something that is not the entry of a function with that arity.
    BadEntry(u32),
    /// Code outside of any function, or a function without an entry label.
    BadFunction(&'static str),
    /// A number of arguments that differs from the table's.
    BadArity(&'static str),
    /// Running off the end of a function.
    FallsThrough,
    /// An x register that may hold nothing valid.
    UndefinedX(u16),
    /// A y register beyond the frame, or without one.
    UndefinedY(u16),
    /// A y register that may hold a catch is used as a value.
    CatchSlot(u16),
    /// A y register that cannot hold a catch is ended as one.
    NoCatch(u16),
    /// An op that does not go with the stack frame at this point.
    BadFrame(&'static str),
    /// Heap used that was not reserved.
    HeapOverrun(&'static str),
    /// `set_tuple_element` on a tuple that was not made just before.
    OldTuple,
    /// Anything else.
    Malformed(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotBeam => write!(f, "not a BEAM file"),
            Reason::Truncated => write!(f, "unexpected end of data"),
            Reason::BadCompression => write!(f, "compressed data is damaged"),
            Reason::TooLarge(what, max) => write!(f, "{what} is larger than {max}"),
            Reason::MissingChunk(id) => write!(f, "chunk {} is missing", id.escape_ascii()),
            Reason::BadFormat(v) => write!(f, "instruction format {v} is not supported"),
            Reason::UnknownOpcode(n, max) => {
                write!(f, "opcode {n} is unknown (the highest known is {max})")
            }
            Reason::TooNew(n, max) => {
                write!(
                    f,
                    "opcodes up to {n} are needed (the highest known is {max})"
                )
            }
            Reason::RetiredOpcode(name) => {
                write!(f, "{name} was retired before OTP 24; recompile the module")
            }
            Reason::BadUtf8 => write!(f, "text is not UTF-8"),
            Reason::OutOfRange(what, value, end) => {
                write!(f, "{what} {value} is not below {end}")
            }
            Reason::BadTag(tag) => write!(f, "operand encoding {tag:#04x} does not exist"),
            Reason::BadOperand(op, at, wanted) => {
                write!(f, "{op}: operand {at} must be {wanted}")
            }
            Reason::BadList(op) => write!(f, "{op}: the list operand is malformed"),
            Reason::DuplicateLabel(l) => write!(f, "label {l} is defined twice"),
            Reason::UndefinedLabel(l) => write!(f, "label {l} is not defined"),
            Reason::ForeignLabel(l) => write!(f, "label {l} belongs to another function"),
            Reason::BadEntry(l) => write!(f, "label {l} is not the entry of such a function"),
            Reason::BadFunction(why) => write!(f, "malformed function: {why}"),
            Reason::BadArity(what) => write!(f, "wrong number of arguments for {what}"),
            Reason::FallsThrough => write!(f, "code runs off the end of its function"),
            Reason::UndefinedX(n) => write!(f, "x{n} is read but may be undefined"),
            Reason::UndefinedY(n) => write!(f, "y{n} is not within a stack frame"),
            Reason::CatchSlot(n) => write!(f, "y{n} holds a catch and is used as a value"),
            Reason::NoCatch(n) => write!(f, "y{n} holds no catch to end"),
            Reason::BadFrame(op) => write!(f, "{op} does not fit the stack frame"),
            Reason::HeapOverrun(op) => write!(f, "{op} uses heap that was not reserved"),
            Reason::OldTuple => write!(
                f,
                "set_tuple_element on a tuple that was not made just before"
            ),
            Reason::Malformed(why) => write!(f, "{why}"),
        }
    }
}

/// A fault before the file's name is known.
#[derive(Debug)]
pub(crate) struct Fault {
    pub chunk: Option<[u8; 4]>,
    pub offset: usize,
    pub reason: Reason,
}

impl Fault {
    /// Names the file.
    pub fn within(self, file: &str) -> LoadError {
        LoadError {
            file: file.into(),
            chunk: self.chunk,
            offset: u32::try_from(self.offset).unwrap_or(u32::MAX),
            reason: self.reason,
        }
    }
}
