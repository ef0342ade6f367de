//! What an operand of a generic instruction may be.

/// The role of one operand. The verifier accepts only encodings that fit the role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// The number a `label` instruction defines.
    Lbl,
    /// A label of the same function.
    Jump,
    /// A label of the same function, or 0: raise an exception.
    Fail,
    /// The entry label of a function of this module.
    Entry,
    /// `Jump`, or the atoms `no_fail` and `resume`.
    Mode,
    /// A value: register, literal or immediate constant.
    Src,
    /// An x or y register that is written.
    Dst,
    /// A y register that is not an ordinary source or destination (clear, catch, try).
    Slot,
    /// A float register.
    FloatReg,
    /// A value or a float register.
    FloatSrc,
    /// An x, y or float register that is written.
    FloatDst,
    /// A plain number below 2^32.
    Num,
    /// A count of stack slots.
    Slots,
    /// Words of heap to reserve, plain or as an allocation list.
    Heap,
    /// A count of x registers that survive a collection.
    Live,
    /// A count of arguments, at most 255.
    Arity,
    /// The size of a binary: a value or a plain number.
    Size,
    /// An index into the import table.
    Import,
    /// An index into the lambda table.
    Lambda,
    /// An offset into the string table.
    Str,
    /// An index into the line table.
    Line,
    /// An atom.
    Atom,
    /// The first operand of `call_fun2`: `safe`, `unsafe` or a lambda index.
    FunTag,
    /// A list whose shape depends on the op.
    List,
    /// An operand of an op no longer accepted.
    Gone,
}
