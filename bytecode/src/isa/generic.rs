//! The one table of generic instructions, and what is derived from it.
//!
//! Each row gives variant, number, name in assembly, operand kinds and the release that
//! introduced it (16 stands for "16 or before"). Rows `since 0` are ops that compilers stopped
//! producing before OTP 24: they are known by name so that an error can say what an old file
//! contains, and no file containing them passes the verifier.

use super::Kind;

/// Calls macro `$with` with every row of the instruction set.
///
/// A row reads `Variant = number, "name", [operand kinds], since release;`.
#[macro_export]
macro_rules! generic_ops {
    ($with:ident) => {
        $with! {
        /// Define a label.
        Label = 1, "label", [Lbl], since 16;
        /// Head of a function: its name; executing it raises `function_clause`.
        FuncInfo = 2, "func_info", [Atom, Atom, Arity], since 16;
        /// End of the code.
        IntCodeEnd = 3, "int_code_end", [], since 16;
        /// Call a function of this module.
        Call = 4, "call", [Arity, Entry], since 16;
        /// Drop the frame, then tail-call a function of this module.
        CallLast = 5, "call_last", [Arity, Entry, Slots], since 16;
        /// Tail-call a function of this module; there is no frame.
        CallOnly = 6, "call_only", [Arity, Entry], since 16;
        /// Call an imported function.
        CallExt = 7, "call_ext", [Arity, Import], since 16;
        /// Drop the frame, then tail-call an imported function.
        CallExtLast = 8, "call_ext_last", [Arity, Import, Slots], since 16;
        /// Call a guard BIF without arguments.
        Bif0 = 9, "bif0", [Import, Dst], since 16;
        /// Call a guard BIF of one argument that never allocates.
        Bif1 = 10, "bif1", [Fail, Import, Src, Dst], since 16;
        /// Call a guard BIF of two arguments that never allocates.
        Bif2 = 11, "bif2", [Fail, Import, Src, Src, Dst], since 16;
        /// Make a stack frame.
        Allocate = 12, "allocate", [Slots, Live], since 16;
        /// Make a stack frame and reserve heap.
        AllocateHeap = 13, "allocate_heap", [Slots, Heap, Live], since 16;
        /// Make a cleared stack frame.
        AllocateZero = 14, "allocate_zero", [Slots, Live], since 16;
        /// Make a cleared stack frame and reserve heap.
        AllocateHeapZero = 15, "allocate_heap_zero", [Slots, Heap, Live], since 16;
        /// Reserve heap.
        TestHeap = 16, "test_heap", [Heap, Live], since 16;
        /// Clear a stack slot.
        Init = 17, "init", [Slot], since 16;
        /// Drop the stack frame.
        Deallocate = 18, "deallocate", [Slots], since 16;
        /// Return x0 to the caller.
        Return = 19, "return", [], since 16;
        /// Send x1 to x0.
        Send = 20, "send", [], since 16;
        /// Take the current message out of the queue.
        RemoveMessage = 21, "remove_message", [], since 16;
        /// End a receive whose time is up.
        Timeout = 22, "timeout", [], since 16;
        /// Fetch the next message, or jump when there is none.
        LoopRec = 23, "loop_rec", [Jump, Dst], since 16;
        /// Go on to the next message.
        LoopRecEnd = 24, "loop_rec_end", [Jump], since 16;
        /// Sleep until a message arrives.
        Wait = 25, "wait", [Jump], since 16;
        /// Sleep until a message arrives or time is up.
        WaitTimeout = 26, "wait_timeout", [Jump, Src], since 16;
        MPlus = 27, "m_plus", [Gone, Gone, Gone, Gone], since 0;
        MMinus = 28, "m_minus", [Gone, Gone, Gone, Gone], since 0;
        MTimes = 29, "m_times", [Gone, Gone, Gone, Gone], since 0;
        MDiv = 30, "m_div", [Gone, Gone, Gone, Gone], since 0;
        IntDiv = 31, "int_div", [Gone, Gone, Gone, Gone], since 0;
        IntRem = 32, "int_rem", [Gone, Gone, Gone, Gone], since 0;
        IntBand = 33, "int_band", [Gone, Gone, Gone, Gone], since 0;
        IntBor = 34, "int_bor", [Gone, Gone, Gone, Gone], since 0;
        IntBxor = 35, "int_bxor", [Gone, Gone, Gone, Gone], since 0;
        IntBsl = 36, "int_bsl", [Gone, Gone, Gone, Gone], since 0;
        IntBsr = 37, "int_bsr", [Gone, Gone, Gone, Gone], since 0;
        IntBnot = 38, "int_bnot", [Gone, Gone, Gone], since 0;
        /// Jump unless a < b.
        IsLt = 39, "is_lt", [Jump, Src, Src], since 16;
        /// Jump unless a >= b.
        IsGe = 40, "is_ge", [Jump, Src, Src], since 16;
        /// Jump unless a == b.
        IsEq = 41, "is_eq", [Jump, Src, Src], since 16;
        /// Jump unless a /= b.
        IsNe = 42, "is_ne", [Jump, Src, Src], since 16;
        /// Jump unless a =:= b.
        IsEqExact = 43, "is_eq_exact", [Jump, Src, Src], since 16;
        /// Jump unless a =/= b.
        IsNeExact = 44, "is_ne_exact", [Jump, Src, Src], since 16;
        /// Jump unless an integer.
        IsInteger = 45, "is_integer", [Jump, Src], since 16;
        /// Jump unless a float.
        IsFloat = 46, "is_float", [Jump, Src], since 16;
        /// Jump unless a number.
        IsNumber = 47, "is_number", [Jump, Src], since 16;
        /// Jump unless an atom.
        IsAtom = 48, "is_atom", [Jump, Src], since 16;
        /// Jump unless a pid.
        IsPid = 49, "is_pid", [Jump, Src], since 16;
        /// Jump unless a reference.
        IsReference = 50, "is_reference", [Jump, Src], since 16;
        /// Jump unless a port.
        IsPort = 51, "is_port", [Jump, Src], since 16;
        /// Jump unless `[]`.
        IsNil = 52, "is_nil", [Jump, Src], since 16;
        /// Jump unless a binary.
        IsBinary = 53, "is_binary", [Jump, Src], since 16;
        IsConstant = 54, "is_constant", [Gone, Gone], since 0;
        /// Jump unless a list.
        IsList = 55, "is_list", [Jump, Src], since 16;
        /// Jump unless a list cell.
        IsNonemptyList = 56, "is_nonempty_list", [Jump, Src], since 16;
        /// Jump unless a tuple.
        IsTuple = 57, "is_tuple", [Jump, Src], since 16;
        /// Jump unless the tuple has the given size.
        TestArity = 58, "test_arity", [Jump, Src, Num], since 16;
        /// Jump by value.
        SelectVal = 59, "select_val", [Src, Jump, List], since 16;
        /// Jump by tuple size.
        SelectTupleArity = 60, "select_tuple_arity", [Src, Jump, List], since 16;
        /// Jump.
        Jump = 61, "jump", [Jump], since 16;
        /// Install an old-style catch in a slot.
        Catch = 62, "catch", [Slot, Jump], since 16;
        /// Remove a catch; where an exception arrives.
        CatchEnd = 63, "catch_end", [Slot], since 16;
        /// Copy a value.
        Move = 64, "move", [Src, Dst], since 16;
        /// Head and tail of a list cell.
        GetList = 65, "get_list", [Src, Dst, Dst], since 16;
        /// An element, counted from 0, of a tuple.
        GetTupleElement = 66, "get_tuple_element", [Src, Num, Dst], since 16;
        /// Overwrite an element of a tuple just made.
        SetTupleElement = 67, "set_tuple_element", [Src, Src, Num], since 16;
        PutString = 68, "put_string", [Gone, Gone, Gone], since 0;
        /// Make a list cell.
        PutList = 69, "put_list", [Src, Src, Dst], since 16;
        PutTuple = 70, "put_tuple", [Gone, Gone], since 0;
        Put = 71, "put", [Gone], since 0;
        /// Raise `{badmatch, V}`.
        Badmatch = 72, "badmatch", [Src], since 16;
        /// Raise `if_clause`.
        IfEnd = 73, "if_end", [], since 16;
        /// Raise `{case_clause, V}`.
        CaseEnd = 74, "case_end", [Src], since 16;
        /// Call the fun that follows the arguments.
        CallFun = 75, "call_fun", [Arity], since 16;
        MakeFun = 76, "make_fun", [Gone, Gone, Gone], since 0;
        /// Jump unless a function.
        IsFunction = 77, "is_function", [Jump, Src], since 16;
        /// Tail-call an imported function; there is no frame.
        CallExtOnly = 78, "call_ext_only", [Arity, Import], since 16;
        BsStartMatch = 79, "bs_start_match", [Gone, Gone], since 0;
        BsGetInteger = 80, "bs_get_integer", [Gone, Gone, Gone, Gone, Gone], since 0;
        BsGetFloat = 81, "bs_get_float", [Gone, Gone, Gone, Gone, Gone], since 0;
        BsGetBinary = 82, "bs_get_binary", [Gone, Gone, Gone, Gone, Gone], since 0;
        BsSkipBits = 83, "bs_skip_bits", [Gone, Gone, Gone, Gone], since 0;
        BsTestTail = 84, "bs_test_tail", [Gone, Gone], since 0;
        BsSave = 85, "bs_save", [Gone], since 0;
        BsRestore = 86, "bs_restore", [Gone], since 0;
        BsInit = 87, "bs_init", [Gone, Gone], since 0;
        BsFinal = 88, "bs_final", [Gone, Gone], since 0;
        /// Append an integer to the binary being built.
        BsPutInteger = 89, "bs_put_integer", [Fail, Src, Num, Num, Src], since 16;
        /// Append a binary to the binary being built.
        BsPutBinary = 90, "bs_put_binary", [Fail, Src, Num, Num, Src], since 16;
        /// Append a float to the binary being built.
        BsPutFloat = 91, "bs_put_float", [Fail, Src, Num, Num, Src], since 16;
        /// Append literal bytes to the binary being built.
        BsPutString = 92, "bs_put_string", [Num, Str], since 16;
        BsNeedBuf = 93, "bs_need_buf", [Gone], since 0;
        /// Forget float errors (does nothing).
        Fclearerror = 94, "fclearerror", [], since 16;
        /// Check for float errors (does nothing).
        Fcheckerror = 95, "fcheckerror", [Fail], since 16;
        /// Move into or out of a float register.
        Fmove = 96, "fmove", [FloatSrc, FloatDst], since 16;
        /// Convert a number to a float register.
        Fconv = 97, "fconv", [Src, FloatReg], since 16;
        /// Float addition.
        Fadd = 98, "fadd", [Fail, FloatReg, FloatReg, FloatReg], since 16;
        /// Float subtraction.
        Fsub = 99, "fsub", [Fail, FloatReg, FloatReg, FloatReg], since 16;
        /// Float multiplication.
        Fmul = 100, "fmul", [Fail, FloatReg, FloatReg, FloatReg], since 16;
        /// Float division.
        Fdiv = 101, "fdiv", [Fail, FloatReg, FloatReg, FloatReg], since 16;
        /// Float negation.
        Fnegate = 102, "fnegate", [Fail, FloatReg, FloatReg], since 16;
        /// Make a fun whose environment is in x0 and up.
        MakeFun2 = 103, "make_fun2", [Lambda], since 16;
        /// Install a try in a slot.
        Try = 104, "try", [Slot, Jump], since 16;
        /// Remove a try.
        TryEnd = 105, "try_end", [Slot], since 16;
        /// Where an exception arrives: class, reason and trace into x0, x1, x2.
        TryCase = 106, "try_case", [Slot], since 16;
        /// Raise `{try_clause, V}`.
        TryCaseEnd = 107, "try_case_end", [Src], since 16;
        /// Raise again: trace, reason.
        Raise = 108, "raise", [Src, Src], since 16;
        /// Begin a binary of some bytes.
        BsInit2 = 109, "bs_init2", [Fail, Size, Heap, Live, Num, Dst], since 16;
        BsBitsToBytes = 110, "bs_bits_to_bytes", [Gone, Gone, Gone], since 0;
        /// a + b * unit, for binary sizes.
        BsAdd = 111, "bs_add", [Fail, Src, Src, Num, Dst], since 16;
        /// Call module and function found after the arguments.
        Apply = 112, "apply", [Arity], since 16;
        /// Drop the frame, then tail-call by name.
        ApplyLast = 113, "apply_last", [Arity, Slots], since 16;
        /// Jump unless a boolean.
        IsBoolean = 114, "is_boolean", [Jump, Src], since 16;
        /// Jump unless a fun of the given arity.
        IsFunction2 = 115, "is_function2", [Jump, Src, Src], since 16;
        BsStartMatch2 = 116, "bs_start_match2", [Gone, Gone, Gone, Gone, Gone], since 0;
        /// Match an integer.
        BsGetInteger2 = 117, "bs_get_integer2", [Jump, Src, Live, Src, Num, Num, Dst], since 16;
        /// Match a float.
        BsGetFloat2 = 118, "bs_get_float2", [Jump, Src, Live, Src, Num, Num, Dst], since 16;
        /// Match a binary.
        BsGetBinary2 = 119, "bs_get_binary2", [Jump, Src, Live, Src, Num, Num, Dst], since 16;
        /// Skip bits.
        BsSkipBits2 = 120, "bs_skip_bits2", [Jump, Src, Src, Num, Num], since 16;
        /// Jump unless exactly so many bits remain.
        BsTestTail2 = 121, "bs_test_tail2", [Jump, Src, Num], since 16;
        BsSave2 = 122, "bs_save2", [Gone, Gone], since 0;
        BsRestore2 = 123, "bs_restore2", [Gone, Gone], since 0;
        /// Call a guard BIF of one argument that may collect.
        GcBif1 = 124, "gc_bif1", [Fail, Live, Import, Src, Dst], since 16;
        /// Call a guard BIF of two arguments that may collect.
        GcBif2 = 125, "gc_bif2", [Fail, Live, Import, Src, Src, Dst], since 16;
        BsFinal2 = 126, "bs_final2", [Gone, Gone], since 0;
        BsBitsToBytes2 = 127, "bs_bits_to_bytes2", [Gone, Gone], since 0;
        PutLiteral = 128, "put_literal", [Gone, Gone], since 0;
        /// Jump unless a bitstring.
        IsBitstr = 129, "is_bitstr", [Jump, Src], since 16;
        BsContextToBinary = 130, "bs_context_to_binary", [Gone], since 0;
        /// Jump unless the remaining bits divide by the unit.
        BsTestUnit = 131, "bs_test_unit", [Jump, Src, Num], since 16;
        /// Match literal bits.
        BsMatchString = 132, "bs_match_string", [Jump, Src, Num, Str], since 16;
        /// x0 becomes an appendable binary of x0 bytes of room.
        BsInitWritable = 133, "bs_init_writable", [], since 16;
        /// Begin a binary by appending to another.
        BsAppend = 134, "bs_append", [Fail, Src, Heap, Live, Num, Src, Num, Dst], since 16;
        /// Begin a binary by appending to one nobody else sees.
        BsPrivateAppend = 135, "bs_private_append", [Fail, Src, Num, Src, Num, Dst], since 16;
        /// Drop the lowest slots of the frame.
        Trim = 136, "trim", [Slots, Slots], since 16;
        /// Begin a bitstring of some bits.
        BsInitBits = 137, "bs_init_bits", [Fail, Size, Heap, Live, Num, Dst], since 16;
        /// Match a UTF-8 character.
        BsGetUtf8 = 138, "bs_get_utf8", [Jump, Src, Live, Num, Dst], since 16;
        /// Skip a UTF-8 character.
        BsSkipUtf8 = 139, "bs_skip_utf8", [Jump, Src, Live, Num], since 16;
        /// Match a UTF-16 character.
        BsGetUtf16 = 140, "bs_get_utf16", [Jump, Src, Live, Num, Dst], since 16;
        /// Skip a UTF-16 character.
        BsSkipUtf16 = 141, "bs_skip_utf16", [Jump, Src, Live, Num], since 16;
        /// Match a UTF-32 character.
        BsGetUtf32 = 142, "bs_get_utf32", [Jump, Src, Live, Num, Dst], since 16;
        /// Skip a UTF-32 character.
        BsSkipUtf32 = 143, "bs_skip_utf32", [Jump, Src, Live, Num], since 16;
        /// Bytes of a character in UTF-8.
        BsUtf8Size = 144, "bs_utf8_size", [Fail, Src, Dst], since 16;
        /// Append a UTF-8 character.
        BsPutUtf8 = 145, "bs_put_utf8", [Fail, Num, Src], since 16;
        /// Bytes of a character in UTF-16.
        BsUtf16Size = 146, "bs_utf16_size", [Fail, Src, Dst], since 16;
        /// Append a UTF-16 character.
        BsPutUtf16 = 147, "bs_put_utf16", [Fail, Num, Src], since 16;
        /// Append a UTF-32 character.
        BsPutUtf32 = 148, "bs_put_utf32", [Fail, Num, Src], since 16;
        /// Marks the on_load function.
        OnLoad = 149, "on_load", [], since 16;
        /// Superseded receive marker of OTP 23 (does nothing).
        RecvMark = 150, "recv_mark", [Jump], since 16;
        /// Superseded receive marker of OTP 23 (does nothing).
        RecvSet = 151, "recv_set", [Jump], since 16;
        /// Call a guard BIF of three arguments that may collect.
        GcBif3 = 152, "gc_bif3", [Fail, Live, Import, Src, Src, Src, Dst], since 16;
        /// Source position of what follows.
        Line = 153, "line", [Line], since 16;
        /// Map update with `=>`.
        PutMapAssoc = 154, "put_map_assoc", [Fail, Src, Dst, Live, List], since 17;
        /// Map update with `:=`.
        PutMapExact = 155, "put_map_exact", [Fail, Src, Dst, Live, List], since 17;
        /// Jump unless a map.
        IsMap = 156, "is_map", [Jump, Src], since 17;
        /// Jump unless all keys are present.
        HasMapFields = 157, "has_map_fields", [Jump, Src, List], since 17;
        /// Fetch the values of several keys.
        GetMapElements = 158, "get_map_elements", [Jump, Src, List], since 17;
        /// Jump unless a tuple of the given size with the given first element.
        IsTaggedTuple = 159, "is_tagged_tuple", [Jump, Src, Num, Atom], since 20;
        /// Turn the raw trace in x0 into a term.
        BuildStacktrace = 160, "build_stacktrace", [], since 21;
        /// `erlang:raise/3` with a raw trace; badarg goes to x0.
        RawRaise = 161, "raw_raise", [], since 21;
        /// Head of a list cell.
        GetHd = 162, "get_hd", [Src, Dst], since 21;
        /// Tail of a list cell.
        GetTl = 163, "get_tl", [Src, Dst], since 21;
        /// Make a tuple.
        PutTuple2 = 164, "put_tuple2", [Dst, List], since 22;
        /// The rest of a match context as a binary.
        BsGetTail = 165, "bs_get_tail", [Src, Dst, Live], since 22;
        /// Begin matching.
        BsStartMatch3 = 166, "bs_start_match3", [Jump, Src, Live, Dst], since 22;
        /// Current position of a match context.
        BsGetPosition = 167, "bs_get_position", [Src, Dst, Live], since 22;
        /// Go back to a position.
        BsSetPosition = 168, "bs_set_position", [Src, Src], since 22;
        /// Exchange two registers.
        Swap = 169, "swap", [Dst, Dst], since 23;
        /// Begin matching; the label may be `no_fail` or `resume`.
        BsStartMatch4 = 170, "bs_start_match4", [Mode, Live, Src, Dst], since 23;
        /// Make a fun.
        MakeFun3 = 171, "make_fun3", [Lambda, Dst, List], since 24;
        /// Clear stack slots.
        InitYregs = 172, "init_yregs", [List], since 24;
        /// Tie a receive marker to a reference.
        RecvMarkerBind = 173, "recv_marker_bind", [Src, Src], since 24;
        /// Drop a receive marker.
        RecvMarkerClear = 174, "recv_marker_clear", [Src], since 24;
        /// Make a receive marker.
        RecvMarkerReserve = 175, "recv_marker_reserve", [Dst], since 24;
        /// Start a receive at a marker.
        RecvMarkerUse = 176, "recv_marker_use", [Src], since 24;
        /// Build a binary from segments.
        BsCreateBin = 177, "bs_create_bin", [Fail, Heap, Live, Num, Dst, List], since 25;
        /// Call a fun.
        CallFun2 = 178, "call_fun2", [FunTag, Arity, Src], since 25;
        /// Marks a function a native may replace.
        NifStart = 179, "nif_start", [], since 25;
        /// Raise `{badrecord, V}`.
        Badrecord = 180, "badrecord", [Src], since 25;
        /// Copy a tuple with some elements changed.
        UpdateRecord = 181, "update_record", [Atom, Num, Src, Dst, List], since 26;
        /// Run several matching commands.
        BsMatch = 182, "bs_match", [Jump, Src, List], since 26;
        /// Coverage point.
        ExecutableLine = 183, "executable_line", [Line, Num], since 27;
        /// Break point.
        DebugLine = 184, "debug_line", [Atom, Line, Num, Live], since 28;
        /// Call a guard BIF of three arguments that never allocates.
        Bif3 = 185, "bif3", [Fail, Import, Src, Src, Src, Dst], since 29;
        /// Jump unless a native record.
        IsAnyNativeRecord = 186, "is_any_native_record", [Jump, Src], since 29;
        /// Jump unless that native record.
        IsNativeRecord = 187, "is_native_record", [Jump, Src, Src, Src], since 29;
        /// Fetch several fields of a native record.
        GetRecordElements = 188, "get_record_elements", [Jump, Src, List], since 29;
        /// Make or update a native record.
        PutRecord = 189, "put_record", [Fail, Src, Src, Dst, Live, List], since 29;
        /// Jump unless the fields of the record may be read here.
        IsRecordAccessible = 190, "is_record_accessible", [Jump, Src, Atom], since 29;
        /// Fetch one field of a native record.
        GetRecordField = 191, "get_record_field", [Fail, Src, Src, Src, Dst], since 29;}
    };
}
pub use crate::generic_ops;

macro_rules! define_ops {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal, [$($kind:ident),*], since $since:literal;)*) => {
        /// A generic instruction: its discriminant is the number used in files.
        #[allow(missing_docs)] // rows of retired ops carry no description
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Op {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Op {
            /// Every op, by number.
            pub const ALL: &[Op] = &[$(Op::$variant,)*];

            /// The op with a number, if there is one.
            pub const fn from_number(number: u8) -> Option<Op> {
                if number == 0 || number as usize > Op::ALL.len() {
                    None
                } else {
                    Some(Op::ALL[number as usize - 1])
                }
            }

            /// Name in assembly text.
            pub const fn name(self) -> &'static str {
                const NAMES: &[&str] = &[$($name,)*];
                NAMES[self as usize - 1]
            }

            /// Kinds of its operands.
            pub const fn kinds(self) -> &'static [Kind] {
                const KINDS: &[&[Kind]] = &[$(&[$(Kind::$kind),*],)*];
                KINDS[self as usize - 1]
            }

            /// The OTP release that introduced it; 0 for retired ops.
            pub const fn since(self) -> u8 {
                const SINCE: &[u8] = &[$($since,)*];
                SINCE[self as usize - 1]
            }
        }
    };
}
generic_ops!(define_ops);

impl Op {
    /// The highest number known.
    pub const MAX: u8 = Op::ALL.len() as u8;

    /// Count of operands.
    #[inline]
    pub const fn arity(self) -> usize {
        self.kinds().len()
    }

    /// True for ops that no compiler since OTP 24 produces and nothing here runs.
    pub const fn retired(self) -> bool {
        self.since() == 0
    }

    /// The op with a name in assembly text.
    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.iter().copied().find(|op| op.name() == name)
    }
}

// `from_number` and the tables index by number: the rows must be dense and in order.
const _: () = {
    let mut i = 0;
    while i < Op::ALL.len() {
        assert!(Op::ALL[i] as usize == i + 1);
        i += 1;
    }
};
