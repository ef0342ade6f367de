//! The one table of loaded instructions: what the lowering emits and the engines run.
//!
//! ```text
//!  word 0   63      48 47      32 31      16 15       0
//!          [ c        | b        | a        | opcode   ]   narrow operands
//!  word 1.. wide operands, one word each, then packed lists and constants
//! ```
//! A row gives the variant, the handler, and its operands in order: the narrow ones fill a, b, c;
//! the wide ones follow as words. A `src` is a register or the distance, in words from the
//! instruction, of a constant behind it; see `machine`. `fast` rows have a handler in two forms, of
//! which `fast` runs the one and the loop the other.

/// Calls `$with! { rows }`.
macro_rules! loaded_ops {
    ($with:ident) => { $with! {
        // Stubs of exports; their numbers are fixed in `code::export`.
        /// A call of a function that does not exist.
        stub::undefined = Undefined [];
        /// A call of a native through its export.
        stub::native = NativeStub [];
        /// In place of the first instruction of a function that is traced.
        trace::breakpoint = Breakpoint [];
        /// What functions return to that are traced: see `ops::trace`.
        trace::return_trace = ReturnTrace [];
        trace::exception_trace = ExceptionTrace [];
        trace::return_to_trace = ReturnToTrace [];
        trace::return_time_trace = ReturnTimeTrace [];
        /// Start of a process: apply module x0, function x1 to list x2, then exit.
        stub::start = Start [];
        /// End of a process: its function returned.
        stub::exit = Exit [];
        /// Never reached by valid code.
        stub::invalid = Invalid [];
        /// Tail call of fun x0 with list x1.
        stub::apply_fun = ApplyFun [];
        /// Tail call of module x0, function x1, with list x2.
        stub::apply_list = ApplyList [];

        data::move_ = Move [src, dst] fast;
        data::move_xx = MoveXX [x, x] fast;
        data::move_xy = MoveXY [x, y] fast;
        data::move_yx = MoveYX [y, x] fast;
        data::move_cx = MoveCX [x, word] fast;
        /// Two moves in order: in each operand, source in the low byte, destination in the high one.
        data::move_xx2 = MoveXX2 [count, count] fast;
        data::move_yx2 = MoveYX2 [count, count] fast;
        data::swap = Swap [dst, dst] fast;
        data::get_list = GetList [src, dst, dst] fast;
        data::get_list_xxx = GetListXXX [x, x, x] fast;
        data::get_list_xyx = GetListXYX [x, y, x] fast;
        data::get_hd = GetHd [src, dst] fast;
        data::get_tl = GetTl [src, dst] fast;
        data::get_element = GetElement [src, count, dst] fast;
        data::get_element_xx = GetElementXX [x, count, x] fast;
        data::get_element_xy = GetElementXY [x, count, y] fast;
        /// Two neighbouring elements of one tuple: `count` holds the first index, `word` the second destination.
        data::get_element2 = GetElement2 [src, count, dst, word] fast;
        data::set_element = SetElement [src, src, count];
        data::put_list = PutList [src, src, dst] fast;
        data::put_list_xxx = PutListXXX [x, x, x] fast;
        data::put_list_yxx = PutListYXX [y, x, x] fast;
        data::put_list_xcx = PutListXCX [x, src, x] fast;
        data::put_list_ycx = PutListYCX [y, src, x] fast;
        /// `test_heap` and `put_list`; `word`: live registers and, above bit 16, words.
        data::test_heap_put_list = TestHeapPutList [src, src, dst, word] fast;
        data::test_heap_put_list_yxx = TestHeapPutListYXX [y, x, x, word] fast;
        /// The same, a head in y and a tail in x, then the frame is left and the function returns;
        /// `word` has the slots between: live registers, slots above bit 16, words above bit 32.
        data::test_heap_put_list_return = TestHeapPutListReturn [y, x, x, word] fast;
        data::put_tuple = PutTuple [dst, count, list] fast;
        data::update_record = UpdateRecord [src, dst, count, list];
        data::init_y = InitY [count, list] fast;
        data::nil_y = NilY [y] fast;

        frame::allocate = Allocate [count, live, count] fast;
        /// And one move or two from x to y: `word` holds source and destination by turns.
        frame::allocate_xy = AllocateXY [count, live, count, word] fast;
        frame::allocate_xy2 = AllocateXY2 [count, live, count, word] fast;
        frame::deallocate = Deallocate [count] fast;
        frame::trim = Trim [count] fast;
        frame::test_heap = TestHeap [live, word] fast;
        frame::deallocate_return = DeallocateReturn [count] fast;

        call::jump = Jump [label] fast;
        call::return_ = Return [] fast;
        call::call = Call [live, label] fast;
        call::call_only = CallOnly [live, label] fast;
        call::call_last = CallLast [live, count, label] fast;
        call::move_call = MoveCall [live, src, label] fast;
        call::move_call_x = MoveCallX [live, x, label] fast;
        call::move_call_y = MoveCallY [live, y, label] fast;
        call::move_call_only = MoveCallOnly [live, src, label] fast;
        call::move_call_last = MoveCallLast [live, src, count, label] fast;
        call::call_ext = CallExt [live, export] fast;
        call::call_ext_only = CallExtOnly [live, export] fast;
        call::call_ext_last = CallExtLast [live, count, export] fast;
        call::call_native = CallNative [live, export, native] fast;
        /// The first instruction of a function whose next one runs again and again in one call: what
        /// a breakpoint replaces must run once a call.
        call::entry = Entry [] fast;
        /// Entry of a function that a library may replace: its native, or 0.
        call::nif_entry = NifEntry [native] fast;
        call::call_fun = CallFun [live, src] fast;
        call::call_fun_last = CallFunLast [live, src, count] fast;
        call::apply = Apply [live];
        call::apply_last = ApplyLast [live, count];
        /// A tail call of `erlang:apply/2,3`.
        call::apply_list_last = ApplyListLast [live, count];
        call::make_fun = MakeFun [dst, count, fun, list] fast;

        test::is_integer = IsInteger [src, label] fast;
        test::is_float = IsFloat [src, label] fast;
        test::is_number = IsNumber [src, label] fast;
        test::is_atom = IsAtom [src, label] fast;
        test::is_pid = IsPid [src, label] fast;
        test::is_reference = IsReference [src, label] fast;
        test::is_port = IsPort [src, label] fast;
        test::is_nil = IsNil [src, label] fast;
        test::is_nil_x = IsNilX [x, label] fast;
        test::is_atom_x = IsAtomX [x, label] fast;
        test::is_integer_x = IsIntegerX [x, label] fast;
        test::is_binary = IsBinary [src, label] fast;
        test::is_bitstring = IsBitstring [src, label] fast;
        test::is_list = IsList [src, label] fast;
        test::is_nonempty_list = IsNonemptyList [src, label] fast;
        test::is_nonempty_list_x = IsNonemptyListX [x, label] fast;
        /// Jump unless x `a` is a cell; else its head into `b` and its tail into `c`.
        test::is_nonempty_get_list = IsNonemptyGetList [src, dst, dst, label] fast;
        test::is_nonempty_get_list_xxx = IsNonemptyGetListXXX [x, x, x, label] fast;
        test::is_nonempty_get_list_xyx = IsNonemptyGetListXYX [x, y, x, label] fast;
        /// Jump unless x `c` is a cell; else a frame of `a` slots, `b` registers being live, and the
        /// head into a slot and the tail into a register: `word` holds the two, the slot below.
        test::is_nonempty_allocate_get_list = IsNonemptyAllocateGetList [count, live, x, label, word] fast;
        test::is_tuple = IsTuple [src, label] fast;
        test::test_arity = TestArity [src, count, label] fast;
        test::is_tuple_of_arity = IsTupleOfArity [src, count, label] fast;
        test::is_tagged_tuple = IsTaggedTuple [src, count, label, word] fast;
        test::is_tuple_x = IsTupleX [x, label] fast;
        test::is_tuple_of_arity_x = IsTupleOfArityX [x, count, label] fast;
        test::is_tagged_tuple_x = IsTaggedTupleX [x, count, label, word] fast;
        test::is_boolean = IsBoolean [src, label] fast;
        test::is_function = IsFunction [src, label] fast;
        test::is_function2 = IsFunction2 [src, src, label] fast;
        test::is_map = IsMap [src, label] fast;
        test::is_lt = IsLt [src, src, label] fast;
        test::is_ge = IsGe [src, src, label] fast;
        test::is_eq = IsEq [src, src, label] fast;
        test::is_ne = IsNe [src, src, label] fast;
        test::is_eq_exact = IsEqExact [src, src, label] fast;
        test::is_ne_exact = IsNeExact [src, src, label] fast;
        test::is_eq_imm = IsEqImm [src, label, word] fast;
        test::is_ne_imm = IsNeImm [src, label, word] fast;
        test::is_eq_imm_x = IsEqImmX [x, label, word] fast;
        test::is_ne_imm_x = IsNeImmX [x, label, word] fast;
        /// Comparisons with a small integer behind the instruction, and of registers.
        test::is_lt_xc = IsLtXC [x, src, label] fast;
        test::is_lt_cx = IsLtCX [src, x, label] fast;
        test::is_lt_xx = IsLtXX [x, x, label] fast;
        test::is_ge_xc = IsGeXC [x, src, label] fast;
        test::is_ge_cx = IsGeCX [src, x, label] fast;
        test::is_ge_xx = IsGeXX [x, x, label] fast;
        test::is_eq_exact_xx = IsEqExactXX [x, x, label] fast;
        /// Immediate values in `count` pairs of value and label.
        test::select_linear = SelectLinear [src, count, label, pairs] fast;
        /// The same, sorted by the value's bits.
        test::select_binary = SelectBinary [src, count, label, pairs] fast;
        /// Small integers from `word` on: `count` labels.
        test::select_table = SelectTable [src, count, label, word, labels] fast;
        /// Any values, compared exactly.
        test::select_any = SelectAny [src, count, label, pairs];
        /// Arities (raw numbers) in `count` pairs.
        test::select_arity = SelectArity [src, count, label, pairs];

        arith::add = Add [src, src, dst, fail_live] fast;
        arith::sub = Sub [src, src, dst, fail_live] fast;
        /// `src + word`, the constant being a small integer.
        arith::add_imm = AddImm [src, dst, live, word, fail_live] fast;
        arith::add_imm_xx = AddImmXX [x, x, live, word, fail_live] fast;
        arith::add_imm_yx = AddImmYX [y, x, live, word, fail_live] fast;
        arith::add_xxx = AddXXX [x, x, x, fail_live] fast;
        arith::add_yxx = AddYXX [y, x, x, fail_live] fast;
        arith::sub_xxx = SubXXX [x, x, x, fail_live] fast;
        arith::mul = Mul [src, src, dst, fail_live] fast;
        arith::div = IntDiv [src, src, dst, fail_live] fast;
        arith::rem = Rem [src, src, dst, fail_live] fast;
        arith::band = Band [src, src, dst, fail_live] fast;
        arith::bor = Bor [src, src, dst, fail_live] fast;
        arith::bxor = Bxor [src, src, dst, fail_live] fast;
        arith::bsl = Bsl [src, src, dst, fail_live] fast;
        arith::bsr = Bsr [src, src, dst, fail_live] fast;
        arith::bnot = Bnot [src, dst, live, fail_live];
        arith::negate = Negate [src, dst, live, fail_live];

        guard::self_ = SelfPid [dst];
        guard::hd = GuardHd [src, dst, fail] fast;
        guard::tl = GuardTl [src, dst, fail] fast;
        guard::element = GuardElement [src, src, dst, fail] fast;
        guard::tuple_size = GuardTupleSize [src, dst, fail] fast;
        guard::bif = Bif [count, dst, live, fail, native, list];

        float::load = FLoad [src, freg];
        float::store = FStore [freg, dst];
        float::move_ = FMove [freg, freg];
        float::convert = FConv [src, freg];
        float::add = FAdd [freg, freg, freg, fail];
        float::sub = FSub [freg, freg, freg, fail];
        float::mul = FMul [freg, freg, freg, fail];
        float::div = FDiv [freg, freg, freg, fail];
        float::negate = FNegate [freg, freg];

        raise::func_info = FuncInfo [count, word, word];
        raise::badmatch = Badmatch [src];
        raise::case_end = CaseEnd [src];
        raise::if_end = IfEnd [];
        raise::try_case_end = TryCaseEnd [src];
        raise::badrecord = Badrecord [src];
        raise::catch_ = Catch [y, label] fast;
        raise::catch_end = CatchEnd [y] fast;
        raise::try_ = Try [y, label] fast;
        raise::try_end = TryEnd [y] fast;
        raise::try_case = TryCase [y];
        raise::raise = Raise [src, src];
        raise::raw_raise = RawRaise [];
        raise::build_stacktrace = BuildStacktrace [];

        message::send = Send [];
        message::loop_rec = LoopRec [dst, label] fast;
        message::loop_rec_end = LoopRecEnd [label] fast;
        message::remove_message = RemoveMessage [];
        message::wait = Wait [label];
        message::wait_timeout = WaitTimeout [src, label];
        message::timeout = Timeout [];
        message::recv_marker_reserve = RecvMarkerReserve [dst];
        message::recv_marker_bind = RecvMarkerBind [src, src];
        message::recv_marker_clear = RecvMarkerClear [src];
        message::recv_marker_use = RecvMarkerUse [src];

        map::put_assoc = PutMapAssoc [src, dst, live, word, fail, list];
        map::put_exact = PutMapExact [src, dst, live, word, fail, list];
        map::has_fields = HasMapFields [src, count, label, list] fast;
        map::get_elements = GetMapElements [src, count, label, list];
        /// The same, every key an immediate term behind the instruction.
        map::get_fields = GetMapFields [src, count, label, list] fast;
        map::get_element = GetMapElement [src, src, dst, label] fast;

        bits::start_match = BsStartMatch [src, dst, live, label] fast;
        bits::get_unsigned = BsGetUnsigned [src, dst, count, label] fast;
        bits::get_integer = BsGetInteger [src, src, dst, label, word];
        bits::get_float = BsGetFloat [src, src, dst, label, word];
        bits::get_binary = BsGetBinary [src, src, dst, label, word];
        bits::skip = BsSkip [src, src, count, label] fast;
        bits::test_tail = BsTestTail [src, label, word] fast;
        bits::test_unit = BsTestUnit [src, count, label] fast;
        bits::match_string = BsMatchString [src, label, word, word];
        bits::get_tail = BsGetTail [src, dst, live];
        bits::get_position = BsGetPosition [src, dst, live] fast;
        bits::set_position = BsSetPosition [src, src] fast;
        bits::get_utf = BsGetUtf [src, dst, count, label, word] fast;
        bits::skip_utf = BsSkipUtf [src, count, label, word];
        bits::match_commands = BsMatch [src, count, label, list];
        bits::create = BsCreateBin [dst, live, count, fail, word, list];
        bits::init = BsInit [src, dst, live, fail, word];
        bits::append = BsAppend [src, src, dst, fail, word];
        bits::private_append = BsPrivateAppend [src, src, dst, fail, word];
        bits::init_writable = BsInitWritable [];
        bits::put_integer = BsPutInteger [src, src, count, fail, word];
        bits::put_binary = BsPutBinary [src, src, count, fail, word];
        bits::put_float = BsPutFloat [src, src, count, fail, word];
        bits::put_string = BsPutString [word, word];
        bits::put_utf = BsPutUtf [src, count, fail, word];
        bits::add_size = BsAdd [src, src, dst, fail, word];
        bits::utf_size = BsUtfSize [src, dst, count, fail];
    } };
}
pub(crate) use loaded_ops;

macro_rules! define_loaded {
    ($($(#[$doc:meta])* $family:ident :: $handler:ident = $variant:ident [$($operand:ident),*] $($fast:ident)?;)*) => {
        /// A loaded instruction.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        #[allow(missing_docs, clippy::upper_case_acronyms, reason = "rows document themselves")]
        pub enum Op { $($(#[$doc])* $variant),* }

        impl Op {
            /// Every op, by number.
            pub const ALL: &[Op] = &[$(Op::$variant),*];
            /// Its name: family and handler.
            pub const fn name(self) -> &'static str {
                const NAMES: &[&str] = &[$(concat!(stringify!($family), ".", stringify!($handler))),*];
                NAMES[self as usize]
            }
            /// Its operands, narrow ones first.
            pub const fn operands(self) -> &'static [&'static str] {
                const OPERANDS: &[&[&str]] = &[$(&[$(stringify!($operand)),*]),*];
                OPERANDS[self as usize]
            }
        }
    };
}
loaded_ops!(define_loaded);

const _: () = assert!(Op::Undefined as u64 == crate::code::STUB_UNDEFINED);
const _: () = assert!(Op::NativeStub as u64 == crate::code::STUB_NATIVE);
const _: () = assert!(Op::Breakpoint as u64 == crate::code::breakpoint::BREAKPOINT);

/// Bits of a `src`: an x register, a y register, or a constant behind the instruction.
pub const SRC_Y: u16 = 0x4000;
pub const SRC_CONST: u16 = 0x8000;
pub const SRC_INDEX: u16 = 0x3fff;
