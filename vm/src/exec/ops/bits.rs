//! The bit syntax: operands and failures; the work is in `heap::bits`.
//!
//! Nothing here collects before its operands are read: a source may stand above the live
//! registers. What is allocated goes where there is room, and a collection follows if one is due.

use super::guard::keep;
use super::raise::{invalid, killed};
use crate::am;
use crate::exec::isa::SRC_CONST;
use crate::exec::machine::{Flow, Ins, Machine, outlined, seldom};
pub(crate) use crate::heap::bits::SegmentType;
use crate::heap::bits::{self, Builder, CONTEXT_WORDS, Context, Failure, Problem, Segment, TooLarge};
use crate::process::{Class, Exception};
use crate::term::{Header, Kind, Term};

/// A command of `bs_match`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Command {
    EnsureAtLeast,
    EnsureExactly,
    Integer,
    Binary,
    Skip,
    GetTail,
    Equal,
}

impl Command {
    const ALL: [(&'static str, Command, usize); 7] = [
        ("ensure_at_least", Command::EnsureAtLeast, 3),
        ("ensure_exactly", Command::EnsureExactly, 2),
        ("integer", Command::Integer, 6),
        ("binary", Command::Binary, 6),
        ("skip", Command::Skip, 2),
        ("get_tail", Command::GetTail, 4),
        ("=:=", Command::Equal, 4),
    ];

    /// The command of a name, and its operands with the name.
    pub fn of(name: &str) -> Option<(Command, usize)> {
        Self::ALL.iter().find(|(n, ..)| *n == name).map(|(_, c, l)| (*c, *l))
    }
}

#[inline(always)]
fn constants(a: u16, b: u16) -> usize {
    ((a & SRC_CONST) >> 15) as usize + ((b & SRC_CONST) >> 15) as usize
}

/// `a` binary or context, `b` destination, `c` live; word 1: label or 0.
#[inline(always)]
pub(crate) fn start_match<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let mut source = m.src(i.a());
    if Context::of(source).is_none() {
        let Some(mut parts) = bits::parts(source) else {
            return if m.word(1) != 0 { m.jump(1) } else { seldom!(FAST, invalid(m)) };
        };
        if !m.has_room(CONTEXT_WORDS) {
            if FAST {
                return Flow::General;
            }
            // The source may stand above the live registers.
            let live = i.c();
            m.set_x(live, source);
            if !m.collect(CONTEXT_WORDS, live as usize + 1) {
                return killed(m);
            }
            let Some(moved) = bits::parts(m.x(live)) else { return invalid(m) };
            parts = moved;
        }
        let context = m.bump(CONTEXT_WORDS);
        // SAFETY: words taken just now.
        unsafe {
            *context = Header::new(Kind::MatchContext, CONTEXT_WORDS - 1).bits();
            context.add(1).cast::<[Term; CONTEXT_WORDS - 1]>().write(parts);
            source = Term::from_boxed(context);
        }
    }
    m.set(i.b(), source);
    m.next(2 + constants(i.a(), 0))
}

/// Size in bits from a size operand (a number, or `all`) and a unit, for matching: `None` fails.
#[inline(always)]
fn match_size(context: Context, size: Term, unit: usize) -> Option<usize> {
    if let Some(n) = size.as_small() {
        return usize::try_from(n).ok()?.checked_mul(unit);
    }
    let left = context.remaining();
    (size == am::all && left.is_multiple_of(unit.max(1))).then_some(left)
}

/// `a` context, `b` size, `c` destination; word 1: label, word 2: unit, flags, live.
#[inline(always)]
fn get(m: &mut Machine, i: Ins, read: impl Fn(Context, usize, u64, &mut crate::heap::Heap) -> Option<Term>) -> Flow {
    let details = m.word(2);
    let (unit, flags, live) = (details as u16 as usize, details >> 16 & 0xff, (details >> 32) as u16);
    let size = m.src(i.b());
    let Some(context) = Context::of(m.src(i.a())) else { return invalid(m) };
    let Some(size) = match_size(context, size, unit) else { return m.jump(1) };
    m.save();
    let value = read(context, size, flags, &mut m.own().heap);
    m.load();
    let Some(value) = value else { return m.jump(1) };
    let Some(value) = keep(m, value, live) else { return killed(m) };
    m.set(i.c(), value);
    m.next(3 + constants(i.a(), i.b()))
}

/// `a` context, `b` destination, `c` bits, 1 to 56; word 1: label. An unsigned integer, most significant
/// byte first: always small.
#[inline(always)]
pub(crate) fn get_unsigned<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let bits = i.c() as usize;
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    if context.remaining() < bits {
        return m.jump(1);
    }
    let value = match context.at_hand(bits) {
        None if FAST => return Flow::General,
        None => context.peek(bits).unwrap_or(0),
        Some(value) => value,
    };
    context.skip(bits);
    m.set(i.b(), Term::small(value as i64));
    m.next(2)
}

outlined! {
    pub(crate) fn get_integer(m: &mut Machine, i: Ins) -> Flow {
        get(m, i, |c, size, flags, heap| c.integer(size, flags, heap))
    }
}

outlined! {
    pub(crate) fn get_float(m: &mut Machine, i: Ins) -> Flow {
        get(m, i, |c, size, flags, heap| c.float(size, flags, heap))
    }
}

outlined! {
    pub(crate) fn get_binary(m: &mut Machine, i: Ins) -> Flow {
        get(m, i, |c, size, _, heap| c.binary(size, heap))
    }
}

/// `a` context, `b` size, `c` unit; word 1: label.
#[inline(always)]
pub(crate) fn skip<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let size = m.src(i.b());
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    if FAST && !size.is_small() {
        return Flow::General;
    }
    let ok = match_size(context, size, i.c() as usize).is_some_and(|n| context.skip(n));
    m.test(ok, 2 + constants(i.a(), i.b()), 1)
}

/// `a` context; word 1: label, word 2: bits that must be left.
#[inline(always)]
pub(crate) fn test_tail<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    m.test(context.remaining() as u64 == m.word(2), 3, 1)
}

/// `a` context, `b` unit; word 1: label.
#[inline(always)]
pub(crate) fn test_unit<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    m.test(context.remaining() % i.b().max(1) as usize == 0, 2, 1)
}

outlined! {
    /// `a` context; word 1: label, word 2: bits, word 3: address.
    pub(crate) fn match_string(m: &mut Machine, i: Ins) -> Flow {
        let Some(context) = Context::of(m.src(i.a())) else { return invalid(m) };
        // SAFETY: the verifier checked the range within the string table.
        let ok = unsafe { context.string(m.word(3) as *const u8, m.word(2) as usize) };
        m.test(ok, 4, 1)
    }
}

outlined! {
    /// `a` context, `b` destination, `c` live.
    pub(crate) fn get_tail(m: &mut Machine, i: Ins) -> Flow {
        let Some(context) = Context::of(m.src(i.a())) else { return invalid(m) };
        m.save();
        let tail = context.tail(&mut m.own().heap);
        m.load();
        let Some(tail) = keep(m, tail, i.c()) else { return killed(m) };
        m.set(i.b(), tail);
        m.next(1)
    }
}

#[inline(always)]
pub(crate) fn get_position<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    m.set(i.b(), Term::small(context.position() as i64));
    m.next(1)
}

#[inline(always)]
pub(crate) fn set_position<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let position = m.src(i.b());
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    if !context.set_position(position) {
        seldom!(FAST, invalid(m));
    }
    m.next(1 + constants(i.a(), i.b()))
}

/// `a` context, `b` destination, `c` width; word 1: label, word 2: flags.
#[inline(always)]
pub(crate) fn get_utf<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let Some(context) = Context::of(m.src(i.a())) else { seldom!(FAST, invalid(m)) };
    if i.c() == 8
        && context.remaining() >= 8
        && let Some(byte) = context.at_hand(8).filter(|byte| *byte < 0x80)
    {
        context.skip(8);
        m.set(i.b(), Term::small(byte as i64));
        return m.next(3);
    }
    if FAST {
        return Flow::General;
    }
    match context.utf(i.c(), m.word(2)) {
        Some(c) => {
            m.set(i.b(), Term::small(c.into()));
            m.next(3)
        }
        None => m.jump(1),
    }
}

outlined! {
    /// `a` context, `b` width; word 1: label, word 2: flags.
    pub(crate) fn skip_utf(m: &mut Machine, i: Ins) -> Flow {
        let Some(context) = Context::of(m.src(i.a())) else { return invalid(m) };
        let ok = context.utf(i.b(), m.word(2)).is_some();
        m.test(ok, 3, 1)
    }
}

outlined! {
    /// `a` context, `b` commands; word 1: label, word 2: length; six packed operands each.
    pub(crate) fn match_commands(m: &mut Machine, i: Ins) -> Flow {
        let source = m.src(i.a());
        let Some(context) = Context::of(source) else { return invalid(m) };
        for k in 0..i.b() as usize {
            let operands: [u16; 6] = std::array::from_fn(|j| m.packed(3, 6 * k + j));
            let operand = |j: usize| operands[j];
            let (command, flags) = (Command::ALL[operand(0) as usize & 7].1, u64::from(operand(0) >> 8));
            let (live, unit, dst) = (operand(1), operand(2).max(1) as usize, operand(3));
            let size = m.src(operand(4)).as_usize().unwrap_or(0);
            let bits = size.saturating_mul(unit);
            let ok = match command {
                Command::EnsureAtLeast => {
                    let left = context.remaining();
                    left >= size && (left - size).is_multiple_of(unit)
                }
                Command::EnsureExactly => context.remaining() == size,
                Command::Skip => context.skip(size),
                Command::Integer | Command::Binary | Command::GetTail => {
                    m.save();
                    let heap = &mut m.own().heap;
                    let value = match command {
                        Command::Integer => context.integer(bits, flags, heap),
                        Command::Binary => context.binary(bits, heap),
                        _ => Some(context.tail(heap)),
                    };
                    m.load();
                    let _ = live;
                    match value {
                        Some(value) => {
                            m.set(dst, value);
                            true
                        }
                        None => false,
                    }
                }
                Command::Equal => {
                    m.save();
                    let value = context.integer(size, 0, &mut m.own().heap);
                    m.load();
                    let expected = m.src(operand(5));
                    value.is_some_and(|v| v == expected || crate::term::cmp::eq_exact(v, expected))
                }
            };
            if !ok {
                return m.jump(1);
            }
        }
        let words = m.word(2) as usize;
        m.next(words)
    }
}

outlined! {
    /// `a` destination, `b` live, `c` segments; word 1: label or 0, word 2: heap words, word 3:
    /// length; five packed operands each.
    pub(crate) fn create(m: &mut Machine, i: Ins) -> Flow {
        m.save();
        let reader = &*m;
        let segment = |k: usize| {
            let operand = |j: usize| reader.packed(4, 5 * k + j);
            Segment {
                kind: SegmentType::from_number(operand(0) as u8).unwrap_or(SegmentType::Integer),
                number: operand(1),
                unit: operand(2),
                flags: u64::from(operand(0) >> 8),
                value: reader.src(operand(3)),
                size: reader.src(operand(4)),
            }
        };
        let made = bits::create(i.c() as usize, segment, &mut reader.own().heap);
        m.load();
        let (mut term, written) = match made {
            Ok(made) => made,
            Err(e) => return create_failed(m, &e),
        };
        charge(m, written);
        let words = m.word(2) as usize;
        if !m.has_room(words) || m.own().heap.needs_collection() {
            let live = i.b();
            m.set_x(live, term);
            if !m.collect(words, live as usize + 1) {
                return killed(m);
            }
            term = m.x(live);
        }
        m.set(i.a(), term);
        let length = m.word(3) as usize;
        m.next(length)
    }
}

outlined! {
    /// A segment failed: to the label, or an error that says which and why.
    cold fn create_failed(m: &mut Machine, failure: &Failure) -> Flow {
        if m.word(1) != 0 {
            return m.jump(1);
        }
        m.save();
        let heap = &mut m.own().heap;
        let cause = failure.cause(heap);
        let info = crate::heap::map::from_pairs(
            &[(am::cause, cause), (am::function, am::format_bs_fail), (am::module, am::erl_erts_errors)],
            heap,
        );
        m.load();
        m.own().exception = Exception::new(Class::Error, failure.reason());
        m.own().exception.cause = info;
        Flow::Raise
    }
}

outlined! {
    /// Fails to the label in word 1, or raises.
    cold fn fail(m: &mut Machine, reason: Term) -> Flow {
        if m.word(1) != 0 {
            return m.jump(1);
        }
        m.own().exception = Exception::new(Class::Error, reason);
        Flow::Raise
    }
}

/// A reduction for each KiB written.
#[inline(always)]
fn charge(m: &mut Machine, bits: usize) {
    m.reductions = m.reductions.saturating_sub(i32::try_from(bits >> 13).unwrap_or(i32::MAX));
}

/// A size for building: bits, or the reason it is none.
#[inline]
fn build_size(size: Term, unit: u64) -> Result<usize, Term> {
    bits::field_bits(size, unit as usize)
        .map_err(|p| if p == Problem::TooLarge { am::system_limit } else { am::badarg })
}

outlined! {
    /// `a` size, `b` destination, `c` live; word 1: label, word 2: heap words and whether in bits.
    pub(crate) fn init(m: &mut Machine, i: Ins) -> Flow {
        let word = m.word(2);
        let unit = if word & 1 == 1 { 1 } else { 8 };
        let bits = match build_size(m.src(i.a()), unit) {
            Ok(bits) => bits,
            Err(reason) => return fail(m, reason),
        };
        // A small binary is on the heap itself, and the builder points into it: no collection between
        // here and the last segment.
        if !m.reserve((word >> 1) as usize + 16, i.c() as usize) {
            return killed(m);
        }
        m.save();
        let made = bits::new_binary(bits, &mut m.own().heap);
        m.load();
        let (term, builder) = match made {
            Ok(made) => made,
            Err(TooLarge) => return fail(m, am::system_limit),
        };
        m.set_builder(builder);
        m.set(i.b(), term);
        m.next(3 + constants(i.a(), 0))
    }
}

outlined! {
    /// `a` size in bits, `b` binary, `c` destination; word 1: label, word 2: unit of the binary,
    /// live, heap words.
    pub(crate) fn append(m: &mut Machine, i: Ins) -> Flow {
        let word = m.word(2);
        let (unit, live, heap) = (word as u16, (word >> 16) as u16, (word >> 32) as usize);
        let bits = match build_size(m.src(i.a()), 1) {
            Ok(bits) => bits,
            Err(reason) => return fail(m, reason),
        };
        let binary = m.src(i.b());
        if !divides(binary, unit) {
            return fail(m, am::badarg);
        }
        m.set_x(live, binary);
        if !m.reserve(heap + 16, live as usize + 1) {
            return killed(m);
        }
        let binary = m.x(live);
        start_append(m, i, binary, bits)
    }
}

/// Whether a term is a bitstring whose size the unit divides.
fn divides(binary: Term, unit: u16) -> bool {
    binary.as_bits().is_some_and(|b| b.bit_size.is_multiple_of(unit.max(1) as usize))
}

outlined! {
    fn start_append(m: &mut Machine, i: Ins, binary: Term, bits: usize) -> Flow {
        let Some(value) = binary.as_bits() else { return fail(m, am::badarg) };
        if bits == 0 {
            m.set_builder(Builder::default());
            m.set(i.c(), binary);
            return m.next(3 + constants(i.a(), i.b()));
        }
        m.save();
        let made = bits::append(value, bits, &mut m.own().heap);
        m.load();
        let (term, builder) = match made {
            Ok(made) => made,
            Err(TooLarge) => return fail(m, am::system_limit),
        };
        m.set_builder(builder);
        m.set(i.c(), term);
        m.next(3 + constants(i.a(), i.b()))
    }
}

outlined! {
    /// `a` size, `b` binary, `c` destination; word 1: label, word 2: unit.
    pub(crate) fn private_append(m: &mut Machine, i: Ins) -> Flow {
        let binary = m.src(i.b());
        match build_size(m.src(i.a()), 1) {
            Ok(bits) if divides(binary, m.word(2) as u16) => start_append(m, i, binary, bits),
            Ok(_) => fail(m, am::badarg),
            Err(reason) => fail(m, reason),
        }
    }
}

outlined! {
    /// x0: bytes of room.
    pub(crate) fn init_writable(m: &mut Machine, _i: Ins) -> Flow {
        let capacity = m.x(0).as_usize().unwrap_or(0);
        m.save();
        let term = bits::writable(capacity, &mut m.own().heap);
        m.load();
        let Some(term) = keep(m, term, 0) else { return killed(m) };
        m.set_x(0, term);
        m.next(1)
    }
}

/// `a` value, `b` size, `c` unit; word 1: label, word 2: flags.
#[inline(always)]
fn put(m: &mut Machine, i: Ins, write: impl Fn(&mut Builder, Term, usize, u64) -> bool) -> Flow {
    let (value, size) = (m.src(i.a()), m.src(i.b()));
    let bits = if size == am::all {
        match value.as_bits() {
            Some(b) if b.bit_size.is_multiple_of(i.c().max(1) as usize) => b.bit_size,
            _ => return fail(m, am::badarg),
        }
    } else {
        match build_size(size, i.c().into()) {
            Ok(bits) => bits,
            Err(reason) => return fail(m, reason),
        }
    };
    let mut builder = m.builder();
    if !write(&mut builder, value, bits, m.word(2)) {
        return fail(m, am::badarg);
    }
    charge(m, bits);
    m.set_builder(builder);
    m.next(3 + constants(i.a(), i.b()))
}

outlined! {
    pub(crate) fn put_integer(m: &mut Machine, i: Ins) -> Flow {
        put(m, i, |b, value, size, flags| b.integer(value, size, flags))
    }
}

outlined! {
    pub(crate) fn put_binary(m: &mut Machine, i: Ins) -> Flow {
        put(m, i, |b, value, size, _| value.as_bits().is_some_and(|v| b.bits(v, size)))
    }
}

outlined! {
    pub(crate) fn put_float(m: &mut Machine, i: Ins) -> Flow {
        put(m, i, |b, value, size, flags| b.float(value, size, flags))
    }
}

outlined! {
    /// Word 1: bytes, word 2: address.
    pub(crate) fn put_string(m: &mut Machine, _i: Ins) -> Flow {
        let mut builder = m.builder();
        // SAFETY: the verifier checked the range within the string table.
        if !unsafe { builder.bytes(m.word(2) as *const u8, m.word(1) as usize) } {
            return invalid(m);
        }
        m.set_builder(builder);
        m.next(3)
    }
}

outlined! {
    /// `a` character, `b` width; word 1: label, word 2: flags.
    pub(crate) fn put_utf(m: &mut Machine, i: Ins) -> Flow {
        let value = m.src(i.a());
        let mut builder = m.builder();
        if !builder.utf(value, i.b(), m.word(2)) {
            return fail(m, am::badarg);
        }
        m.set_builder(builder);
        m.next(3 + constants(i.a(), 0))
    }
}

outlined! {
    /// `a` plus `b` times the unit in word 2, to `c`; word 1: label.
    pub(crate) fn add_size(m: &mut Machine, i: Ins) -> Flow {
        let sizes = (build_size(m.src(i.a()), 1), build_size(m.src(i.b()), m.word(2)));
        match sizes {
            (Ok(a), Ok(b)) => {
                m.set(i.c(), Term::small((a + b) as i64));
                m.next(3 + constants(i.a(), i.b()))
            }
            (Err(reason), _) | (_, Err(reason)) => fail(m, reason),
        }
    }
}

outlined! {
    /// `a` character, `b` destination, `c` width; word 1: label.
    pub(crate) fn utf_size(m: &mut Machine, i: Ins) -> Flow {
        // What is no character fails where it is put.
        let c = bits::character(m.src(i.a())).map_or(4, u64::from);
        let n = if i.c() == 8 { bits::encode_utf8_size(c) } else { bits::encode_utf16_size(c) };
        m.set(i.b(), Term::small(n as i64));
        m.next(2 + constants(i.a(), 0))
    }
}
