//! Bytes as steps: some build a binary segment by segment, others match it, beside a model that keeps
//! one bool a bit.

use glulam_vm::heap::bits::{Builder, Context, LITTLE, SIGNED, append, context, new_binary};
use glulam_vm::heap::{Build, Heap};
use glulam_vm::term::{Term, cmp};

/// The input, read from its front; zeros behind its end.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> u64 {
        let bytes = [0; 8].map(|_| self.byte());
        u64::from_le_bytes(bytes)
    }

    /// Sizes of every magnitude, most of them small.
    fn size(&mut self) -> usize {
        let byte = self.byte();
        match byte >> 6 {
            0 | 1 => (byte & 127) as usize,
            2 => usize::from(byte & 63) * 8,
            _ => usize::from(byte & 63) << (self.byte() % 6),
        }
    }
}

/// The bits of a number, as they stand in a binary.
fn model(value: i128, size: usize, little: bool) -> Vec<bool> {
    let bit = |i: usize| value >> i.min(127) & 1 == 1;
    if !little {
        return (0..size).rev().map(bit).collect();
    }
    let mut out = Vec::new();
    for low in (0..size).step_by(8) {
        out.extend((low..low + (size - low).min(8)).rev().map(bit));
    }
    out
}

fn bits_of(term: Term) -> Vec<bool> {
    let Some(bits) = term.as_bits() else { panic!("not a binary") };
    let bytes = bits.touched_bytes();
    let skew = bits.bit_offset % 8;
    (skew..skew + bits.bit_size).map(|i| bytes[i / 8] >> (7 - i % 8) & 1 == 1).collect()
}

/// One input.
pub fn run(bytes: &[u8]) {
    super::start();
    let mut input = Input(bytes);
    let mut heap = Heap::new(Heap::FIRST_WORDS);
    let mut term = heap.binary(&[]);
    let mut expected: Vec<bool> = Vec::new();
    let mut older: Vec<(Term, usize)> = Vec::new();

    for _ in 0..input.byte() % 12 {
        let size = input.size();
        let made = if input.byte() % 3 == 0 {
            new_binary(size, &mut heap).map(|made| {
                expected.clear();
                older.clear();
                made
            })
        } else {
            let Some(bits) = term.as_bits() else { panic!("not a binary") };
            // an older end of the same buffer: whoever appends to it must not see the other's bits
            if input.byte() % 4 == 0 && let Some((before, length)) = older.pop() {
                expected.truncate(length);
                assert_eq!(bits_of(before), expected);
                let Some(bits) = before.as_bits() else { panic!("not a binary") };
                append(bits, size, &mut heap)
            } else {
                older.push((term, expected.len()));
                append(bits, size, &mut heap)
            }
        };
        let Ok((fresh, builder)) = made else { panic!("no memory") };
        fill(builder, &mut input, &mut heap, &mut expected);
        term = fresh;
        assert_eq!(bits_of(term), expected);
        if input.byte() % 4 == 0 {
            let mut roots: Vec<Term> = older.iter().map(|(t, _)| *t).chain([term]).collect();
            heap.collect(8, &mut |_, visit| roots.iter_mut().for_each(&mut *visit));
            term = roots.pop().unwrap_or(term);
            older.iter_mut().zip(roots).for_each(|(slot, moved)| slot.0 = moved);
            assert_eq!(bits_of(term), expected);
        }
    }
    matching(term, &expected, &mut input, &mut heap);
}

/// Fills all of a builder; what it writes goes behind `expected`.
fn fill(mut builder: Builder, input: &mut Input<'_>, heap: &mut Heap, expected: &mut Vec<bool>) {
    while builder.room() > 0 {
        let size = input.size().clamp(1, builder.room());
        match input.byte() % 4 {
            0 | 1 => {
                let value = (input.number() as i128) << (input.byte() % 62) ^ -i128::from(input.byte() & 1);
                let flags = if input.byte() & 1 == 1 { LITTLE } else { 0 };
                let number = heap.i128(value);
                assert!(builder.integer(number, size, flags));
                expected.extend(model(value, size, flags != 0));
            }
            2 => {
                let all: Vec<u8> = (0..size.div_ceil(8) + 1).map(|_| input.byte()).collect();
                let whole = heap.binary(&all);
                let skew = usize::from(input.byte() % 8);
                let part = heap.sub_binary(whole, skew, size);
                let Some(part_bits) = part.as_bits() else { panic!("not a binary") };
                assert!(builder.bits(part_bits, size));
                expected.extend(bits_of(part));
            }
            _ => {
                let width = [16, 32, 64][usize::from(input.byte() % 3)];
                let value = f64::from_bits(input.number());
                if !value.is_finite() || width > builder.room() {
                    assert!(builder.integer(Term::ZERO, size, 0));
                    expected.extend(vec![false; size]);
                    continue;
                }
                let float = heap.float(value);
                let flags = if input.byte() & 1 == 1 { LITTLE } else { 0 };
                assert!(builder.float(float, width, flags));
                let bits = match width {
                    64 => value.to_bits().into(),
                    32 => (value as f32).to_bits().into(),
                    _ => half(value).into(),
                };
                expected.extend(model(bits, width, flags != 0));
            }
        }
    }
}

/// The half float that is nearest, found by looking at its neighbours; of two as near the even one.
fn half(value: f64) -> u16 {
    let decode = |bits: u16| {
        let (exponent, fraction) = (i32::from(bits >> 10), f64::from(bits & 1023));
        if exponent == 0 { fraction * 2f64.powi(-24) } else { (1024.0 + fraction) * 2f64.powi(exponent - 25) }
    };
    let infinity = 0x7c00;
    let magnitude = value.abs();
    let (mut low, mut high) = (0, infinity);
    if magnitude >= decode(infinity) {
        low = infinity;
    }
    while low + 1 < high {
        let middle = (low + high) / 2;
        if decode(middle) <= magnitude { low = middle } else { high = middle }
    }
    let (down, up) = (magnitude - decode(low), decode(high) - magnitude);
    let nearest = if low < infinity && (up < down || up == down && high % 2 == 0) { high } else { low };
    nearest | if value.is_sign_negative() { 0x8000 } else { 0 }
}

/// Reads fields until the input or the binary ends.
fn matching(term: Term, expected: &[bool], input: &mut Input<'_>, heap: &mut Heap) {
    let Some(cx) = context(term, heap) else { panic!("no context") };
    let Some(cx) = Context::of(cx) else { panic!("no context") };
    let mut at = 0;
    while !input.0.is_empty() {
        let size = input.size();
        let left = expected.len() - at;
        assert_eq!(cx.remaining(), left);
        let fits = size <= left;
        let field = |size: usize| &expected[at..at + size];
        match input.byte() % 7 {
            0 | 1 => {
                let flags = u64::from(input.byte()) & (LITTLE | SIGNED);
                let value = cx.integer(size, flags, heap);
                assert_eq!(value.is_some(), fits);
                let Some(value) = value else { continue };
                // written again it gives the same bits
                let Ok((again, mut builder)) = new_binary(size, heap) else { panic!("no memory") };
                assert!(builder.integer(value, size, flags));
                assert_eq!(bits_of(again), field(size));
                if flags & SIGNED == 0 && !(size < 1) {
                    assert!(cmp::compare(value, Term::ZERO).is_ge());
                }
                at += size;
            }
            2 => {
                let value = cx.binary(size, heap);
                assert_eq!(value.is_some(), fits);
                if let Some(value) = value {
                    assert_eq!(bits_of(value), field(size));
                    at += size;
                }
            }
            3 => {
                let _ = cx.peek(size).inspect(|_| assert!(fits && size <= 64));
                assert_eq!(cx.skip(size), fits);
                at += if fits { size } else { 0 };
            }
            4 => {
                let flags = u64::from(input.byte()) & LITTLE;
                if cx.float(size, flags, heap).is_some() {
                    assert!(fits);
                    at += size;
                }
            }
            5 => {
                let before = cx.position();
                let width = [8, 16, 32][usize::from(input.byte() % 3)];
                let flags = u64::from(input.byte()) & LITTLE;
                match cx.utf(width, flags) {
                    Some(c) => assert!(char::from_u32(c).is_some()),
                    None => assert_eq!(before, cx.position()),
                }
                at += cx.position() - before;
            }
            _ => assert_eq!(bits_of(cx.tail(heap)), &expected[at..]),
        }
    }
}
