//! A pattern with options, and a subject: PCRE's interpreter and its machine code say the same, and
//! what they find lies within the subject.

use glulam_vm::base::pcre::{Flags, Found, Limits, RunFlags, Source};

/// One input.
pub fn run(bytes: &[u8]) {
    let [f1, f2, f3, run, split, rest @ ..] = bytes else { return };
    let flags = Flags(u32::from_le_bytes([*f1, *f2, *f3 & 0x7, 0]));
    let (pattern, subject) = rest.split_at(usize::from(*split).min(rest.len()));
    if flags.has(Flags::UNICODE) && std::str::from_utf8(pattern).is_err() {
        // `re:compile/2` makes UTF-8 of it before
        return;
    }
    let source = Source::new(pattern, flags);
    assert!(Source::from_bytes(source.bytes()).is_some_and(|again| again == source));
    let code = match source.compile() {
        Ok(code) => code,
        Err(error) => {
            assert!(error.offset <= pattern.len(), "{error:?} of {}", pattern.len());
            return;
        }
    };
    let offset = usize::from(run >> 5).min(subject.len());
    let options = [RunFlags::ANCHORED, RunFlags::NOTBOL, RunFlags::NOTEOL, RunFlags::NOTEMPTY, RunFlags::NOTEMPTY_ATSTART];
    let options = options.iter().enumerate().filter(|(i, _)| run >> i & 1 == 1).fold(0, |all, (_, option)| all | option);
    let limits = Limits { steps: 20_000, depth: 2_000, exact: true, span: usize::MAX };
    let first = code.run(subject, offset, RunFlags(options), limits);
    if let Found::Match(groups) = &first {
        assert!(groups.len() <= code.groups as usize + 1);
        for (start, end) in groups.iter().flatten() {
            assert!(*start <= subject.len() && *end <= subject.len());
        }
    }
    let quick = Limits { exact: false, ..limits };
    for _ in 0..2 {
        let found = code.run(subject, offset, RunFlags(options), quick);
        let limited = |found: &Found| matches!(found, Found::StepLimit | Found::DepthLimit);
        if !limited(&first) && !limited(&found) {
            assert_eq!(first, found, "{:?} on {subject:?}", String::from_utf8_lossy(pattern));
        }
    }
}
