//! The parts of the file format that installed modules do not show: other releases' forms, and
//! counts and sizes that lie.

use glulam_bytecode::file::{TypeEntry, TypeUnion};
use glulam_bytecode::{BeamFile, LoadError, Operand, Reason, asm};

const CODE: &str = "module m\nexport f/1 L2\nL1:\n func_info m f 1\nL2:\n return\n";

/// A file made of these chunks, on top of those of a small module.
fn with(changed: &[([u8; 4], &[u8])]) -> Result<BeamFile, LoadError> {
    BeamFile::parse("m", &bytes_with(changed))
}

fn bytes_with(changed: &[([u8; 4], &[u8])]) -> Vec<u8> {
    let base = BeamFile::parse("m", &asm::assemble(CODE).unwrap()).unwrap();
    let chunks = base
        .chunks
        .iter()
        .map(|chunk| (chunk.id, &base.bytes[chunk.range.clone()]));
    let kept = chunks.filter(|(id, _)| !changed.iter().any(|(other, _)| other == id));
    let mut form = b"BEAM".to_vec();
    for (id, data) in kept.chain(changed.iter().copied()) {
        form.extend(id);
        form.extend((data.len() as u32).to_be_bytes());
        form.extend(data);
        form.resize(form.len().next_multiple_of(4), 0);
    }
    [b"FOR1", &(form.len() as u32).to_be_bytes()[..], &form].concat()
}

#[track_caller]
fn refused(changed: &[([u8; 4], &[u8])], chunk: &[u8; 4], reason: Reason) {
    let why = with(changed).unwrap_err();
    assert_eq!((why.chunk, why.reason), (Some(*chunk), reason));
}

#[test]
fn what_is_no_module() {
    let parse = |bytes: &[u8]| BeamFile::parse("m", bytes).unwrap_err().reason;
    assert_eq!(parse(b""), Reason::NotBeam);
    assert_eq!(parse(b"FOR"), Reason::NotBeam);
    assert_eq!(parse(b"FOR1\0\0\0\x04"), Reason::Truncated);
    assert_eq!(parse(b"FOR1\0\0\0\x04AIFF"), Reason::NotBeam);
    assert_eq!(parse(b"FOR1\0\0\0\x04BEAM"), Reason::MissingChunk(*b"AtU8"));
    assert_eq!(parse(b"\x1f\x8bnonsense"), Reason::BadCompression);
    let whole = bytes_with(&[]);
    for end in 0..whole.len() {
        assert!(BeamFile::parse("m", &whole[..end]).is_err());
    }
}

#[test]
fn atoms_of_old_and_new() {
    // Lengths as compact numbers, announced by a negative count, since OTP 28.
    let name = "ä".repeat(255);
    let mut atoms = (-2i32).to_be_bytes().to_vec();
    atoms.extend([0x10, b'm', 0x28, 0xfe]);
    atoms.extend(name.as_bytes());
    let file = with(&[(*b"AtU8", &atoms)]).unwrap();
    assert_eq!(
        file.atoms.iter().map(|atom| &**atom).collect::<Vec<_>>(),
        ["", "m", &name]
    );
    let again = BeamFile::parse("m", &file.to_bytes()).unwrap();
    assert_eq!(again.atoms, file.atoms);
    // Latin-1, until OTP 19.
    let file = with(&[(*b"AtU8", b""), (*b"Atom", b"\0\0\0\x02\x01m\x01\xe4")]).unwrap();
    assert_eq!(&*file.atoms[2], "ä");
    refused(
        &[(*b"AtU8", b"\0\0\0\x02\x01m\x01\xe4")],
        b"AtU8",
        Reason::BadUtf8,
    );
    refused(
        &[(*b"AtU8", b"\0\0\0\0")],
        b"AtU8",
        Reason::Malformed("the module has no name"),
    );
    let count = u32::MAX >> 1;
    let lie = Reason::OutOfRange("number of atoms", count.into(), 3);
    refused(&[(*b"AtU8", b"\x7f\xff\xff\xff\x01m")], b"AtU8", lie);
}

#[test]
fn tables_that_lie() {
    let lie = |what, n: u64, end| Reason::OutOfRange(what, n, end);
    let huge = u32::MAX.into();
    refused(
        &[(*b"ImpT", &[0xff; 4])],
        b"ImpT",
        lie("number of imports", huge, 1),
    );
    refused(
        &[(*b"ExpT", &[0xff; 40])],
        b"ExpT",
        lie("number of functions", huge, 4),
    );
    refused(
        &[(*b"FunT", &[0xff; 28])],
        b"FunT",
        lie("number of lambdas", huge, 2),
    );
    refused(
        &[(*b"ImpT", b"\0\0\0\x01\0\0\0\x09\0\0\0\x01\0\0\0\0")],
        b"ImpT",
        lie("atom", 9, 3),
    );
    let nil = Reason::Malformed("[] where an atom is needed");
    refused(
        &[(*b"ImpT", b"\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0")],
        b"ImpT",
        nil,
    );
    refused(
        &[(*b"ImpT", b"\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\x01\0")],
        b"ImpT",
        lie("arity", 256, 256),
    );
    let loose = Reason::Malformed("bytes after the last lambda");
    refused(&[(*b"FunT", b"\0\0\0\0\0")], b"FunT", loose);
}

#[test]
fn literals_plain_and_packed() {
    let plain = b"\0\0\0\x02\0\0\0\x02\x83j\0\0\0\x03\x83a\x07";
    let literals: [Box<[u8]>; 2] = [Box::new(*b"\x83j"), Box::new(*b"\x83a\x07")];
    let file = with(&[(*b"LitT", &[&[0; 4], &plain[..]].concat())]).unwrap();
    assert_eq!(file.literals, literals);
    let packed = |size: u32, data: &[u8]| {
        use std::io::Write;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zlib.write_all(data).unwrap();
        [&size.to_be_bytes()[..], &zlib.finish().unwrap()].concat()
    };
    let file = with(&[(*b"LitT", &packed(plain.len() as u32, plain))]).unwrap();
    assert_eq!(file.literals, literals);
    // Data that is larger or smaller than it says.
    for size in [1, plain.len() as u32 - 1, plain.len() as u32 + 1, 1 << 26] {
        refused(
            &[(*b"LitT", &packed(size, plain))],
            b"LitT",
            Reason::BadCompression,
        );
    }
    let bomb = packed(8, &vec![0; 50_000_000]);
    refused(&[(*b"LitT", &bomb)], b"LitT", Reason::BadCompression);
    let limit = Reason::TooLarge("literal table", 128 << 20);
    refused(&[(*b"LitT", &packed(u32::MAX, plain))], b"LitT", limit);
    let version = Reason::Malformed("literal without a version byte");
    refused(
        &[(*b"LitT", b"\0\0\0\0\0\0\0\x01\0\0\0\x02aj")],
        b"LitT",
        version,
    );
}

#[test]
fn types_of_every_version() {
    let some = |union, min, max, unit| TypeEntry {
        union: TypeUnion(union),
        min,
        max,
        unit,
    };
    let header = |version: u8| [0, 0, 0, version, 0, 0, 0, 2];
    let check = |version: u8, data: &[u8], second: TypeEntry| {
        let chunk = [&header(version), data].concat();
        let file = with(&[(*b"Type", &chunk)]).unwrap();
        assert_eq!(file.types, [TypeEntry::ANY, second], "version {version}");
    };
    let bounds = |min: i64, max: i64| [min.to_be_bytes(), max.to_be_bytes()].concat();
    // Version 1: fixed size, no bounds when they are the wrong way round.
    let any = [&[0x1f, 0xff], &bounds(0, -1)[..]].concat();
    let integer = [&[0, 1 << 6], &bounds(-5, 9)[..]].concat();
    let second = some(TypeUnion::INTEGER, Some(-5), Some(9), None);
    check(1, &[any.clone(), integer].concat(), second);
    let context = [&[0, 6], &bounds(0, -1)[..]].concat();
    let second = some(
        TypeUnion::MATCH_CONTEXT | TypeUnion::BITSTRING,
        None,
        None,
        None,
    );
    check(1, &[any, context].concat(), second);
    // Version 2: bounds and unit on demand, kinds as in version 1.
    let upper = [&[0x1f, 0xff, 0x40, 1 << 6], &9i64.to_be_bytes()[..]].concat();
    check(2, &upper, some(TypeUnion::INTEGER, None, Some(9), None));
    // Version 3: no match contexts; version 4: native records.
    check(
        3,
        &[0x0f, 0xff, 0x40, 2, 7],
        some(TypeUnion::BITSTRING, None, None, Some(8)),
    );
    check(
        4,
        &[0x1f, 0xff, 0x90, 2, 255],
        some(
            TypeUnion::BITSTRING | TypeUnion::RECORD,
            None,
            None,
            Some(256),
        ),
    );
    // The future: no types, and registers without them.
    assert!(with(&[(*b"Type", &header(5))]).unwrap().types.is_empty());
    let first = Reason::Malformed("the first type is not `any`");
    refused(&[(*b"Type", b"\0\0\0\x03\0\0\0\x01\0\x01")], b"Type", first);
}

#[test]
fn positions() {
    let file = with(&[(
        *b"Line",
        b"\0\0\0\0\0\0\0\x02\0\0\0\x09\0\0\0\x03\0\0\0\x02\x51\x12\x61\x22\x28\x01\0\x01a\0\0",
    )]);
    // An item that is neither a file nor a line.
    assert_eq!(file.unwrap_err().reason, Reason::BadTag(0));
    let data =
        b"\0\0\0\0\0\0\0\x02\0\0\0\x09\0\0\0\x03\0\0\0\x02\x51\x12\x61\x22\x09\xff\0\x01a\0\0";
    let lines = with(&[(*b"Line", data)]).unwrap().lines;
    assert_eq!((lines.flags, lines.instruction_count), (2, 9));
    assert_eq!([lines.get(0), lines.get(1)], [None, Some(("m.erl", 5))]);
    assert_eq!(
        [lines.get(2), lines.get(3)],
        [Some(("a", 6)), Some(("m.erl", 255))]
    );
    assert_eq!(lines.get(4), None);
    refused(
        &[(
            *b"Line",
            b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\x22\x11",
        )],
        b"Line",
        Reason::OutOfRange("file", 2, 1),
    );
}

#[test]
fn code_headers() {
    let code = |header: [u32; 5], body: &[u8]| -> Vec<u8> {
        header
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .chain(body.iter().copied())
            .collect()
    };
    let max = glulam_bytecode::Op::MAX;
    let good = code([16, 0, 3, 1, 0], &[3]);
    assert_eq!(with(&[(*b"Code", &good)]).unwrap().code.instrs.len(), 1);
    let refused_code = |code: &[u8], reason| refused(&[(*b"Code", code)], b"Code", reason);
    refused_code(&code([16, 1, 3, 1, 0], &[3]), Reason::BadFormat(1));
    refused_code(&code([16, 0, 250, 1, 0], &[3]), Reason::TooNew(250, max));
    refused_code(&code([16, 0, 3, 1, 0], &[]), Reason::Truncated);
    refused_code(
        &code([16, 0, 3, 1, 0], &[0, 3]),
        Reason::UnknownOpcode(0, max),
    );
    refused_code(
        &code([15, 0, 3, 1, 0], &[3]),
        Reason::Malformed("header is too short"),
    );
    // A list within a list, a list longer than the file, an operand that does not exist.
    refused_code(
        &code([16, 0, 3, 1, 0], &[172, 0x17, 0x10, 0x17, 0, 3]),
        Reason::Malformed("list within a list"),
    );
    refused_code(
        &code([16, 0, 3, 1, 0], &[172, 0x17, 0xf0, 3]),
        Reason::OutOfRange("length of a list", 15, 2),
    );
    refused_code(
        &code([16, 0, 3, 1, 0], &[72, 0x67, 3]),
        Reason::BadTag(0x67),
    );
    refused_code(
        &code([16, 0, 3, 1, 0], &[72, 0x8b, 0, 3]),
        Reason::OutOfRange("register", 1024, 1024),
    );
}

#[test]
fn integers_in_odd_encodings() {
    let code = |integer: &[u8]| {
        let header = [16u32, 0, 64, 1, 0]
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .collect::<Vec<_>>();
        [&header[..], &[72], integer, &[3]].concat()
    };
    let value =
        |integer: &[u8]| with(&[(*b"Code", &code(integer))]).unwrap().code.operands[0].clone();
    assert_eq!(value(&[0x19, 0xff, 0xff]), Operand::Integer(-1));
    assert_eq!(value(&[0x09 | 0xe0, 0xff]), Operand::Integer(2047));
    // Nine bytes that fit eight after all.
    assert_eq!(
        value(&[0xf9, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 5]),
        Operand::Integer(5)
    );
    assert_eq!(
        value(&[0xf9, 0x00, 255, 128, 0, 0, 0, 0, 0, 0, 0]),
        Operand::Integer(i64::MIN)
    );
    let Operand::BigInteger(big) = value(&[0xf9, 0x00, 0, 128, 0, 0, 0, 0, 0, 0, 0]) else {
        panic!("not big");
    };
    assert_eq!(
        (big.negative, &*big.magnitude),
        (false, &[0, 0, 0, 0, 0, 0, 0, 128][..])
    );
    let Operand::BigInteger(big) = value(&[0xf9, 0x00, 255, 0, 0, 0, 0, 0, 0, 0, 0]) else {
        panic!("not big");
    };
    assert_eq!(
        (big.negative, &*big.magnitude),
        (true, &[0, 0, 0, 0, 0, 0, 0, 0, 1][..])
    );
}
