//! What `erl` answers for the same patterns.

use super::*;

fn compile(pattern: &str, flags: u32) -> Result<std::sync::Arc<Code>, CompileError> {
    Source::new(pattern.as_bytes(), Flags(flags)).compile()
}

fn run(pattern: &str, flags: u32, subject: &[u8]) -> Found {
    let limits = Limits { steps: Limits::DEFAULT, depth: Limits::DEFAULT, exact: false, span: usize::MAX };
    match compile(pattern, flags) {
        Ok(code) => {
            let first = code.run(subject, 0, RunFlags::default(), limits);
            // The second run has machine code.
            assert_eq!(first, code.run(subject, 0, RunFlags::default(), limits));
            first
        }
        Err(error) => panic!("{pattern}: {error:?}"),
    }
}

fn range(pattern: &str, flags: u32, subject: &[u8]) -> Option<(usize, usize)> {
    match run(pattern, flags, subject) {
        Found::Match(groups) => groups[0],
        _ => None,
    }
}

#[test]
fn groups() {
    let found = run("(z)?(b)(c)?(d)?", 0, b"abc");
    assert_eq!(found, Found::Match(vec![Some((1, 3)), None, Some((1, 2)), Some((2, 3))]));
    assert_eq!(run("x", 0, b"abc"), Found::NoMatch);
    let names: Vec<_> = compile("(?<B>x)(?<a>y)", 0).unwrap().names.iter().map(|n| n.1).collect();
    assert_eq!(names, [1, 2]);
}

#[test]
fn bytes_are_latin_1() {
    assert_eq!(range("É", Flags::CASELESS | Flags::UNICODE, "xé".as_bytes()), Some((1, 3)));
    assert_eq!(range("\\x{c9}", Flags::CASELESS, b"x\xe9"), Some((1, 2)));
    assert_eq!(range("\\w+", 0, b" \xe9\xaa "), Some((1, 3)));
    assert_eq!(range("\\w", Flags::UNICODE, "é".as_bytes()), Some((0, 2)));
    assert_eq!(range("\\w", Flags::UNICODE | Flags::UCP, "é".as_bytes()), Some((0, 2)));
    assert_eq!(run("a", Flags::UNICODE, b"\xff"), Found::BadUtf8);
}

#[test]
fn newlines() {
    assert_eq!(range("^b$", Flags::MULTILINE, b"a\nb\nc"), Some((2, 3)));
    assert_eq!(range("^b$", Flags::MULTILINE | Flags::NEWLINE_CR, b"a\nb\nc"), None);
    assert_eq!(range("^b$", Flags::MULTILINE | Flags::NEWLINE_ANY, b"a\rb\nc"), Some((2, 3)));
    assert!(compile("(*ANYCRLF)a", 0).unwrap().crlf);
    assert!(!compile("a", 0).unwrap().crlf);
    let both = Flags::NEWLINE_CR | Flags::NEWLINE_LF;
    assert!(compile("a", both).unwrap().crlf);
    // the first line goes to the end of the subject if nothing ends it
    assert_eq!(range("\\z", Flags::FIRSTLINE | Flags::NEWLINE_CRLF, b"ab"), Some((2, 2)));
    assert_eq!(range("$", Flags::FIRSTLINE, b"ab"), Some((2, 2)));
    assert_eq!(compile("a", Flags::NEWLINE).err().unwrap().text, "inconsistent NEWLINE options");
}

#[test]
fn errors_are_those_of_pcre_8() {
    for (pattern, text, offset) in [
        ("(a", "missing )", 2),
        ("a)", "unmatched parentheses", 1),
        ("[a", "missing terminating ] for character class", 2),
        ("*a", "nothing to repeat", 0),
        ("[[:foo:]]", "unknown POSIX class name", 3),
        ("(?<n>a)(?<n>b)", "two named subpatterns have the same name", 11),
        ("(?P=foo)", "reference to non-existent subpattern", 7),
        ("\\", "\\ at end of pattern", 1),
        ("(?<=(a|bc))d", "lookbehind assertion is not fixed length", 10),
        ("(?", "unrecognized character after (? or (?-", 2),
        ("\\N{name}", "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u", 1),
    ] {
        assert_eq!(compile(pattern, 0).err(), Some(CompileError { text, offset }), "{pattern}");
    }
    let never = compile("a", Flags::UNICODE | Flags::NEVER_UTF).err().unwrap();
    assert_eq!(never, CompileError { text: "setting UTF is disabled by the application", offset: 0 });
    let bad = Source::new(b"a\xff", Flags(Flags::UNICODE)).compile().err().unwrap();
    assert_eq!(bad, CompileError { text: "invalid UTF-8 string", offset: 1 });
}

#[test]
fn limits_hit() {
    let code = compile("(a+)*zz", 0).unwrap();
    let subject = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaz";
    let run = |steps, depth| code.run(subject, 0, RunFlags::default(), Limits { steps, depth, exact: true, span: usize::MAX });
    assert_eq!(run(3, Limits::DEFAULT), Found::StepLimit);
    assert_eq!(run(Limits::DEFAULT, 3), Found::DepthLimit);
}

#[test]
fn sources_survive_as_bytes() {
    let source = Source::new(b"a+", Flags(Flags::CASELESS));
    let copy = Source::from_bytes(source.bytes()).unwrap();
    assert_eq!(copy.flags(), Flags(Flags::CASELESS));
    assert!(compiled(copy.bytes()).unwrap().is_ok());
    assert!(Source::from_bytes(b"ERCP").is_none());
    assert!(compiled(b"").is_none());
}

#[test]
fn empty_subjects() {
    assert_eq!(range("é{2}(?:ab|a)*?_{2}|", Flags::UNICODE, b""), Some((0, 0)));
    assert_eq!(range("(?<=éé)x", Flags::UNICODE, b""), None);
}
