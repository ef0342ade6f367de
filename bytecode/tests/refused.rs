//! What the verifier lets through and what not, one small function each.

use glulam_bytecode::verify::Frame;
use glulam_bytecode::{AllocList, BeamFile, LoadError, Reason, Verified, asm};

/// Loads a module with function `f` of so many arguments, its labels from L3 on, and a `g/1`.
fn load(arity: u8, body: &str) -> Result<(BeamFile, Verified), LoadError> {
    let text = format!(
        "module m
         literal 0 836100
         lambda 0 g/1 L101 index 0 free 1 uniq 0
         strings 616263
         L1: \n func_info m f {arity}
         L2: \n {body}
         L100: \n func_info m g 1
         L101: \n return"
    );
    let text: String = text.split(" | ").flat_map(|line| [line, "\n"]).collect();
    glulam_bytecode::load("m", &asm::assemble(&text).unwrap())
}

#[track_caller]
fn accepted(arity: u8, body: &str) -> (BeamFile, Verified) {
    load(arity, body).unwrap_or_else(|why| panic!("{body}: {why}"))
}

#[track_caller]
fn refused(arity: u8, body: &str, reason: Reason) {
    match load(arity, body) {
        Ok(_) => panic!("accepted: {body}"),
        Err(why) => assert_eq!(why.reason, reason, "{body}"),
    }
}

#[test]
fn x_registers_must_be_written_before_they_are_read() {
    accepted(1, "return");
    refused(0, "return", Reason::UndefinedX(0));
    refused(1, "move x1 x0 | return", Reason::UndefinedX(1));
    accepted(2, "move x1 x0 | return");
    // A collection keeps only what is live.
    refused(
        2,
        "test_heap 2 1 | move x1 x0 | return",
        Reason::UndefinedX(1),
    );
    refused(1, "test_heap 2 2 | return", Reason::UndefinedX(1));
    refused(
        2,
        "allocate 0 1 | deallocate 0 | move x1 x0 | return",
        Reason::UndefinedX(1),
    );
    refused(
        2,
        "gc_bif1 L0 1 erlang:length/1 x0 x0 | move x1 x0 | return",
        Reason::UndefinedX(1),
    );
    accepted(2, "gc_bif1 L0 1 erlang:length/1 x1 x0 | return");
    // So does a call.
    refused(
        2,
        "allocate 0 2 | call 1 L101 | move x1 x0 | deallocate 0 | return",
        Reason::UndefinedX(1),
    );
    // Only what both paths have written counts.
    refused(
        1,
        "is_nil L3 x0 | move ok x1 | L3: | move x1 x0 | return",
        Reason::UndefinedX(1),
    );
    accepted(
        1,
        "move ok x1 | is_nil L3 x0 | move no x1 | L3: | move x1 x0 | return",
    );
    refused(
        2,
        "L3: | is_nil L4 x0 | move x1 x0 | return | L4: | test_heap 0 1 | jump L3",
        Reason::UndefinedX(1),
    );
    refused(
        1,
        "allocate 0 1 | call 2 L101 | deallocate 0 | return",
        Reason::BadEntry(101),
    );
    refused(1, "select_val x1 L1 (ok L1)", Reason::UndefinedX(1));
    refused(
        1,
        "test_heap 3 1 | put_tuple2 x0 (x0 x1) | return",
        Reason::UndefinedX(1),
    );
    refused(
        1,
        "is_nil L1 x0 | test_heap 0 0 | badmatch x0",
        Reason::UndefinedX(0),
    );
}

#[test]
fn y_registers_must_be_within_the_frame() {
    refused(1, "move y0 x0 | return", Reason::UndefinedY(0));
    accepted(
        1,
        "allocate 1 1 | move x0 y0 | move y0 x0 | deallocate 1 | return",
    );
    refused(
        1,
        "allocate 1 1 | move x0 y1 | deallocate 1 | return",
        Reason::UndefinedY(1),
    );
    refused(
        1,
        "allocate 2 1 | trim 1 1 | move x0 y1 | deallocate 1 | return",
        Reason::UndefinedY(1),
    );
    refused(
        1,
        "allocate 1 1 | deallocate 1 | move y0 x0 | return",
        Reason::UndefinedY(0),
    );
    refused(
        1,
        "allocate 1 1 | init_yregs (y1) | deallocate 1 | return",
        Reason::UndefinedY(1),
    );
    refused(
        1,
        "get_map_elements L1 x0 (a y0) | return",
        Reason::UndefinedY(0),
    );
}

#[test]
fn frames_must_be_consistent() {
    let bad = Reason::BadFrame;
    refused(1, "allocate 1 1 | return", bad("return"));
    refused(1, "allocate 1 1 | allocate 1 1", bad("allocate"));
    refused(1, "allocate 1 1 | deallocate 2 | return", bad("deallocate"));
    refused(1, "deallocate 0 | return", bad("deallocate"));
    refused(
        1,
        "allocate 2 1 | trim 1 2 | deallocate 2 | return",
        bad("trim"),
    );
    refused(1, "call 1 L101 | return", bad("call"));
    refused(1, "allocate 0 1 | call_only 1 L101", bad("call_only"));
    refused(1, "allocate 2 1 | call_last 1 L101 1", bad("call_last"));
    accepted(1, "allocate 2 1 | call_last 1 L101 2");
    refused(
        1,
        "allocate 1 1 | call_ext_last 1 m:g/1 0",
        bad("call_ext_last"),
    );
    refused(1, "call_ext 1 m:g/1 | return", bad("call_ext"));
    // Functions that never return need no frame.
    accepted(1, "call_ext 1 erlang:error/1");
    // Paths with different frames meet.
    refused(
        1,
        "is_nil L3 x0 | allocate 1 1 | L3: | deallocate 1 | return",
        bad("deallocate"),
    );
    refused(
        1,
        "is_nil L3 x0 | allocate 1 1 | L3: | allocate 1 1",
        bad("allocate"),
    );
}

#[test]
fn shared_code_is_copied_for_each_frame() {
    let body = "
        is_nil L3 x0 | allocate 2 1 | is_atom L3 x0 | trim 1 1 | is_atom L5 x0 | deallocate 1 | return
        | L3: | line 0 | is_float L4 x0 | L4: | test_heap 3 1 | put_tuple2 x0 (bad x0) | case_end x0
        | L5: | move y0 x0 | L3333:";
    let body = body.replace(" | L3333:", " | jump L4");
    let (file, verified) = accepted(1, &body);
    let reached = |op| {
        let of_op = file
            .code
            .instrs
            .iter()
            .zip(&verified.frames)
            .filter(move |(i, _)| i.op == op);
        of_op
            .map(|(_, frame)| *frame)
            .filter(|frame| frame.reached())
            .collect::<Vec<_>>()
    };
    let mut frames = reached(glulam_bytecode::Op::CaseEnd);
    frames.sort_by_key(|frame| frame.slots());
    assert_eq!(frames, [Frame::None, Frame::Slots(1), Frame::Slots(2)]);
    assert!(
        !verified
            .frames
            .iter()
            .any(|frame| matches!(frame, Frame::Mixed(_)))
    );
    // A slot is in all frames or the code is refused.
    refused(
        1,
        "is_nil L3 x0 | allocate 2 1 | is_atom L3 x0 | deallocate 2 | return | L3: | badmatch y0",
        Reason::UndefinedY(0),
    );
}

#[test]
fn catches_are_kept_apart_from_values() {
    let normal = "
        allocate 2 1 | try y1 L3 | call 1 L101 | try_end y1 | deallocate 2 | return
        | L3: | try_case y1 | move x1 x0 | deallocate 2 | return";
    accepted(1, normal);
    accepted(1, &normal.replace("try_end y1", "try_end y1 | move x0 y1"));
    refused(
        1,
        &normal.replace("call 1", "move y1 x0 | call 1"),
        Reason::CatchSlot(1),
    );
    refused(
        1,
        &normal.replace("call 1", "move x0 y1 | call 1"),
        Reason::CatchSlot(1),
    );
    refused(
        1,
        &normal.replace("try_case y1", "try_case y0"),
        Reason::NoCatch(0),
    );
    refused(
        1,
        &normal.replace("move x1 x0", "move x3 x0"),
        Reason::UndefinedX(3),
    );
    refused(
        1,
        &normal.replace("try_end y1 | deallocate", "deallocate"),
        Reason::BadFrame("deallocate"),
    );
    // Catches begin and end in pairs, on every path.
    refused(
        1,
        &normal.replace("call 1", "try y1 L3 | call 1"),
        Reason::CatchSlot(1),
    );
    refused(
        1,
        "allocate 1 1 | is_nil L4 x0 | try y0 L3 | call 1 L101 | L4: | try_end y0 | deallocate 1 | return
         | L3: | try_case y0 | deallocate 1 | return",
        Reason::NoCatch(0),
    );
    // The handler would find another frame.
    refused(
        1,
        "allocate 3 1 | try y2 L3 | trim 1 2 | call 1 L101 | try_end y1 | deallocate 2 | return
         | L3: | try_case y2 | deallocate 3 | return",
        Reason::BadFrame("try_case"),
    );
    refused(
        1,
        "allocate 1 1 | catch y0 L3 | call 1 L101 | move x0 x0 | L3: | deallocate 1 | return",
        Reason::Malformed("the handler of a catch does not end it"),
    );
    refused(
        1,
        "allocate 1 1 | catch y0 L3 | deallocate 1 | return | L3: | catch_end y0",
        Reason::BadFrame("deallocate"),
    );
    let nested = "
        allocate 2 1 | catch y1 L4 | catch y0 L3 | call 1 L101 | L3: | catch_end y0 | L4: | catch_end y1
        | deallocate 2 | return";
    accepted(1, nested);
    refused(
        1,
        &nested.replace("| L3: | catch_end y0", "| move y1 x0 | L3: | catch_end y0"),
        Reason::CatchSlot(1),
    );
}

#[test]
fn heap_must_be_reserved() {
    let over = Reason::HeapOverrun;
    refused(1, "put_list x0 x0 x0 | return", over("put_list"));
    accepted(1, "test_heap 2 1 | put_list x0 x0 x0 | return");
    refused(
        1,
        "test_heap 3 1 | put_list x0 x0 x0 | put_list x0 x0 x0 | return",
        over("put_list"),
    );
    refused(
        1,
        "test_heap 2 1 | put_tuple2 x0 (x0 x0) | return",
        over("put_tuple2"),
    );
    refused(
        1,
        "test_heap 2 1 | is_nil L3 x0 | test_heap 1 1 | L3: | put_list x0 x0 x0 | return",
        over("put_list"),
    );
    refused(
        1,
        "allocate_heap 0 2 1 | call 1 L101 | put_list x0 x0 x0 | deallocate 0 | return",
        over("put_list"),
    );
    refused(
        1,
        "test_heap 2 1 | fconv x0 fr0 | fmove fr0 x0 | return",
        over("fmove"),
    );
    accepted(
        1,
        "test_heap alloc(0 1 0) 1 | fconv x0 fr0 | fmove fr0 x0 | return",
    );
    refused(
        1,
        "test_heap 9 1 | make_fun3 0 x0 (x0) | return",
        over("make_fun3"),
    );
    accepted(1, "test_heap alloc(1 0 1) 1 | make_fun3 0 x0 (x0) | return");
    refused(
        1,
        "update_record copy 2 x0 x0 (#2 x0) | return",
        over("update_record"),
    );
    accepted(
        1,
        "test_heap 3 1 | update_record copy 2 x0 x0 (#2 x0) | return",
    );
    assert_eq!(AllocList::default().words, 0);
}

#[test]
fn control_must_stay_in_its_function() {
    refused(1, "move x0 x0", Reason::FallsThrough);
    refused(1, "is_nil L101 x0 | return", Reason::ForeignLabel(101));
    refused(1, "is_nil L50 x0 | return", Reason::UndefinedLabel(50));
    refused(1, "call_only 1 L100", Reason::BadEntry(100));
    refused(1, "L1: | return", Reason::DuplicateLabel(1));
    accepted(1, "L3: | wait L3");
}

#[test]
fn operands_must_fit_their_place() {
    // Without a table of types their indexes are dropped.
    accepted(1, "move x0:t5 x0 | return");
    let bad = Reason::BadOperand;
    refused(1, "move #1 x0 | return", bad("move", 0, "a value"));
    refused(1, "move x0 5 | return", bad("move", 1, "a register"));
    refused(
        1,
        "move lit1 x0 | return",
        Reason::OutOfRange("literal", 1, 1),
    );
    refused(1, "move $97 x0 | return", bad("move", 0, "a value"));
    refused(1, "is_nil L0 x0 | return", bad("is_nil", 0, "a label"));
    refused(
        1,
        "fadd L0 x0 fr0 fr0 | return",
        bad("fadd", 1, "a float register"),
    );
    refused(
        1,
        "test_heap 2 1024 | return",
        bad("test_heap", 1, "a number of x registers"),
    );
    refused(
        1,
        "test_heap alloc(200000000 0 0) 1 | return",
        bad("test_heap", 0, "an amount of heap"),
    );
    refused(
        1,
        "bif1 L0 erlang:hd/2 x0 x0 | return",
        Reason::BadArity("an import"),
    );
    refused(
        1,
        "call_ext_only 2 erlang:hd/1",
        Reason::BadArity("an import"),
    );
    refused(1, "call_ext_only 1 7", Reason::OutOfRange("import", 7, 0));
    refused(1, "make_fun2 1", Reason::OutOfRange("lambda", 1, 1));
    refused(
        1,
        "test_heap alloc(9 0 1) 1 | make_fun3 0 x0 () | return",
        Reason::BadArity("the environment of a fun"),
    );
    refused(
        1,
        "bs_put_string 2 2",
        Reason::OutOfRange("end of a string", 2, 4),
    );
    refused(
        1,
        "bs_match_string L1 x0 25 0 | return",
        Reason::OutOfRange("end of a string", 0, 4),
    );
    refused(1, "select_val x0 L1 (ok) ", Reason::BadList("select_val"));
    refused(
        1,
        "select_val x0 L1 (x0 L1) ",
        Reason::BadList("select_val"),
    );
    refused(1, "select_val x0 L1 (ok L101) ", Reason::ForeignLabel(101));
    refused(1, "init_yregs (x0) | return", Reason::BadList("init_yregs"));
    refused(
        1,
        "update_record copy 2 x0 x0 (#3 x0) | return",
        Reason::BadList("update_record"),
    );
    refused(
        1,
        "put_tuple #1 x0 | return",
        Reason::RetiredOpcode("put_tuple"),
    );
}

#[test]
fn tables_must_name_functions() {
    let text = "module m\nexport f/2 L2\nL1:\n func_info m f 1\nL2:\n return";
    let why = glulam_bytecode::load("m", &asm::assemble(text).unwrap()).unwrap_err();
    assert_eq!(
        (why.chunk, why.reason.clone()),
        (Some(*b"ExpT"), Reason::BadEntry(2))
    );
    assert_eq!(
        why.to_string(),
        "m: chunk ExpT, offset 0: label 2 is not the entry of such a function"
    );
}

#[test]
fn matching_commands() {
    // What was ensured is not lost by a collection later on.
    let ensured = "bs_start_match3 L1 x0 1 x0 | bs_get_position x0 x1 1
         | bs_match L3 x0 (ensure_at_least #8 #8 integer #1 [] #8 #1 x2) | move x2 x0 | return
         | L3: | bs_set_position x0 x1 | return";
    accepted(1, ensured);
    refused(
        1,
        &ensured.replace("[] #8", "[] #4 #1 x3 integer #1 [] #8"),
        Reason::UndefinedX(1),
    );
    accepted(
        1,
        "bs_start_match4 no_fail 1 x0 x0
         | bs_match L1 x0 (ensure_at_least #16 #8 '=:=' [] #8 #1 integer #1 [] #8 #1 x1 get_tail #2 #8 x2)
         | move x2 x0 | return",
    );
    refused(
        1,
        "bs_start_match4 no_fail 1 x0 x0 | bs_match L1 x0 (integer #2 [] #8 #1 x1) | return",
        Reason::UndefinedX(1),
    );
    refused(
        1,
        "bs_match L1 x0 (integer #1 [] #8 #1) | return",
        Reason::BadList("bs_match"),
    );
}

#[test]
fn unknown_and_old_ops() {
    let bytes = asm::assemble("module m\nL1:\n func_info m f 1\nL2:\n return").unwrap();
    let at = bytes.windows(2).rposition(|pair| pair == [19, 3]).unwrap();
    let mut newer = bytes.clone();
    newer[at] = 250;
    let why = glulam_bytecode::load("m", &newer).unwrap_err();
    assert_eq!(
        why.reason,
        Reason::UnknownOpcode(250, glulam_bytecode::Op::MAX)
    );
    assert!(
        why.to_string()
            .ends_with("opcode 250 is unknown (the highest known is 191)")
    );
}

#[test]
fn only_fresh_tuples_are_overwritten() {
    let body = "allocate 1 3 | call_ext 3 erlang:setelement/3 | set_tuple_element 7 x0 1
         | move x0 y0 | set_tuple_element 8 y0 2 | deallocate 1 | return";
    accepted(3, body);
    let old = |what: &str| {
        refused(
            3,
            &body.replace("set_tuple_element 8", what),
            Reason::OldTuple,
        )
    };
    old("test_heap 2 1 | set_tuple_element 8");
    old("move [] y0 | set_tuple_element 8");
    old("set_tuple_element x0 x0 2 | set_tuple_element 8");
    old("call 1 L101 | set_tuple_element 8");
    let listed = "test_heap 2 3 | set_tuple_element 8 x0 1 | return";
    refused(3, listed, Reason::OldTuple);
    // What refers to the tuple could be put into it.
    refused(
        3,
        "allocate 1 3 | call_ext 3 erlang:setelement/3 | bs_set_position x0 x0
         | make_fun3 0 x1 (x0) | set_tuple_element x1 x0 1 | deallocate 1 | return",
        Reason::HeapOverrun("make_fun3"),
    );
}
