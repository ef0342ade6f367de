use super::copy::{read_bits, write_bits};
use super::integer::{swap, unswap};
use super::*;
use crate::am;
use crate::heap::Fragment;
use crate::heap::Build;
use crate::term::Term;

/// Bits of a number by hand: the model.
fn model(value: i128, size: usize, little: bool) -> Vec<bool> {
    let bit = |i: usize| value >> i.min(127) & 1 == 1;
    if !little {
        return (0..size).rev().map(bit).collect();
    }
    let mut out = Vec::new();
    let mut low = 0;
    while low < size {
        let n = (size - low).min(8);
        out.extend((low..low + n).rev().map(bit));
        low += n;
    }
    out
}

fn bits_of(bytes: &[u8], offset: usize, size: usize) -> Vec<bool> {
    (offset..offset + size).map(|i| bytes[i / 8] >> (7 - i % 8) & 1 == 1).collect()
}

#[test]
fn integers_of_every_size_and_offset() {
    let values = [0, 1, -1, 5, -128, 127, 255, 0x1234_5678_9abc, -0x1234_5678_9abc, 1 << 61, -(1 << 90), (1 << 100) + 77];
    for skew in 0..9 {
        for size in 0..131 {
            for value in values {
                for flags in [0, LITTLE] {
                    let mut heap = Fragment::new(400);
                    let term = heap.i128(value);
                    let (bin, mut builder) = new_binary(skew + size, &mut heap).unwrap();
                    assert!(builder.integer(Term::ZERO, skew, 0));
                    assert!(builder.integer(term, size, flags));
                    assert_eq!(builder.room(), 0);
                    let bits = bin.as_bits().unwrap();
                    let expected = model(value, size, flags != 0);
                    assert_eq!(bits_of(bits.touched_bytes(), skew, size), expected, "{value} {size} {flags}");
                    let cx = Context::of(context(bin, &mut heap).unwrap()).unwrap();
                    assert!(cx.skip(skew));
                    let back = cx.integer(size, flags | SIGNED, &mut heap).unwrap();
                    let wrapped = if size == 0 { 0 } else if size < 128 { value << (128 - size) >> (128 - size) } else { value };
                    let wrapped = heap.i128(wrapped);
                    assert!(same(back, wrapped), "{value} {size} {flags} {skew}");
                }
            }
        }
    }
}

fn same(a: Term, b: Term) -> bool {
    match (a.as_big(), b.as_big()) {
        (Some(a), Some(b)) => a.is_negative() == b.is_negative() && a.limbs() == b.limbs(),
        _ => a == b,
    }
}

#[test]
fn swapping_is_its_own_inverse_for_whole_bytes() {
    assert_eq!(swap(0x0102, 16), 0x0201);
    assert_eq!(swap(0x01, 8), 1);
    assert_eq!(swap(0b1111_0000_101, 11), 0b101_1111_0000);
    for size in 0..65 {
        let value = 0x1234_5678_9abc_def1 & (u64::MAX.checked_shr(64 - size).unwrap_or(0));
        assert_eq!(swap(unswap(value, size as usize), size as usize), value);
    }
}

#[test]
fn copies_at_every_offset() {
    let from: Vec<u8> = (0..64).map(|i| (i * 37 + 11) as u8).collect();
    for a in 0..9 {
        for b in 0..9 {
            for size in [0, 1, 7, 8, 9, 63, 64, 65, 130, 200] {
                let mut to = vec![0xaa; 64];
                unsafe { copy_bits(from.as_ptr(), a, to.as_mut_ptr(), b, size) };
                assert_eq!(bits_of(&to, b, size), bits_of(&from, a, size));
                assert_eq!(bits_of(&to, 0, b), bits_of(&[0xaa; 64], 0, b));
                let behind = (b + size).next_multiple_of(8);
                assert!(size == 0 || !bits_of(&to, b + size, behind - b - size).contains(&true));
                assert_eq!(bits_of(&to, behind, 20), bits_of(&[0xaa; 64], behind, 20));
                assert!(unsafe { equal_bits(from.as_ptr(), a, to.as_ptr(), b, size) });
            }
        }
    }
}

#[test]
fn words_at_every_offset() {
    for offset in 0..17 {
        for size in 0..65 {
            let mut bytes = [0u8; 16];
            let value = if size == 64 { u64::MAX - 12345 } else { (u64::MAX - 12345) & ((1 << size) - 1) };
            unsafe {
                write_bits(bytes.as_mut_ptr(), offset, size, value);
                assert_eq!(read_bits(bytes.as_ptr(), offset, size), value);
            }
        }
    }
}

#[test]
fn appending_in_place_keeps_the_original() {
    let mut heap = Fragment::new(10_000);
    let empty = heap.binary(b"");
    let (mut acc, _) = append(empty.as_bits().unwrap(), 0, &mut heap).unwrap();
    let mut old = Vec::new();
    for i in 0..300u32 {
        let (next, mut builder) = append(acc.as_bits().unwrap(), 8, &mut heap).unwrap();
        assert!(builder.integer(Term::small(i64::from(i) & 255), 8, 0));
        old.push(acc);
        acc = next;
    }
    for (i, term) in old.iter().enumerate() {
        let bits = term.as_bits().unwrap();
        let expected: Vec<u8> = (0..i).map(|n| n as u8).collect();
        assert_eq!(bits.as_bytes().unwrap(), expected);
    }
    // Appending twice to the same binary must not share the new bits.
    let (a, mut one) = append(old[10].as_bits().unwrap(), 8, &mut heap).unwrap();
    let (b, mut two) = append(old[10].as_bits().unwrap(), 8, &mut heap).unwrap();
    assert!(one.integer(Term::small(1), 8, 0) && two.integer(Term::small(2), 8, 0));
    assert_eq!(a.as_bits().unwrap().as_bytes().unwrap()[10], 1);
    assert_eq!(b.as_bits().unwrap().as_bytes().unwrap()[10], 2);
}

#[test]
fn floats_of_every_size() {
    for (value, size) in [(1.5, 16), (-0.1, 32), (3.25e300, 64), (65504.0, 16), (super::float::power_of_two(-24), 16)] {
        for flags in [0, LITTLE] {
            let mut heap = Fragment::new(100);
            let (bin, mut builder) = new_binary(size, &mut heap).unwrap();
            let term = heap.float(value);
            assert!(builder.float(term, size, flags));
            let cx = Context::of(context(bin, &mut heap).unwrap()).unwrap();
            let back = cx.float(size, flags, &mut heap).and_then(Term::as_float).unwrap();
            let expected = if size == 32 { f64::from(value as f32) } else { value };
            assert_eq!(back, expected);
        }
    }
}

fn integer_segment(number: u16, value: Term, size: i64) -> Segment {
    Segment { kind: SegmentType::Integer, number, unit: 1, flags: 0, value, size: Term::small(size) }
}

fn failure(segments: &[Segment]) -> Option<(Problem, Vec<Term>)> {
    let mut heap = Fragment::new(1000);
    let failure = create(segments.len(), |i| segments[i], &mut heap).err()?;
    let cause = failure.cause(&mut heap);
    Some((failure.problem, cause.as_tuple()?.as_slice().to_vec()))
}

#[test]
fn problems_are_found_sizes_first() {
    let atom = am::ok;
    let one = Term::small(1);
    let utf8 = Segment { kind: SegmentType::Utf8, unit: 0, size: am::undefined, ..integer_segment(2, atom, 0) };
    let binary = Segment { kind: SegmentType::Binary, unit: 8, size: am::all, ..integer_segment(2, atom, 0) };
    let float = |size| Segment { kind: SegmentType::Float, ..integer_segment(1, one, size) };
    let found = |segments: &[Segment]| failure(segments).map(|(p, c)| (p, c[0].small_value()));
    assert_eq!(found(&[integer_segment(1, atom, 8), integer_segment(2, one, -1)]), Some((Problem::Size, 2)));
    assert_eq!(found(&[integer_segment(1, atom, 8), utf8]), Some((Problem::Type, 1)));
    assert_eq!(found(&[integer_segment(1, atom, 8), binary]), Some((Problem::Type, 2)));
    assert_eq!(found(&[integer_segment(1, atom, 0)]), Some((Problem::Type, 1)));
    assert_eq!(found(&[integer_segment(1, one, 1 << 59)]), Some((Problem::TooLarge, 1)));
    assert_eq!(found(&[float(33)]), Some((Problem::Invalid, 1)));
    assert_eq!(found(&[float(0)]), Some((Problem::Invalid, 1)));
    assert_eq!(found(&[float(64)]), None);
}

#[test]
fn segments_come_back() {
    let mut seed = 12345u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    for round in 0..400 {
        let mut heap = Fragment::new(20_000);
        let piece: Vec<u8> = (0..90).map(|i| (i * 29 + 3) as u8).collect();
        let piece = heap.binary(&piece);
        let mut model: Vec<bool> = Vec::new();
        let mut segments = Vec::new();
        if random(2) == 0 {
            let size = random(100);
            let start = heap.sub_binary(piece, random(9), size);
            let bits = start.as_bits().unwrap();
            model.extend(bits_of(bits.touched_bytes(), bits.bit_skew(), size));
            segments.push(Segment { kind: SegmentType::Append, size: am::all, ..integer_segment(1, start, 0) });
        }
        for _ in 0..random(6) {
            match random(3) {
                0 => {
                    let (n, size) = (random(1 << 20) as i64 - 600, random(90));
                    let flags = if random(2) == 0 { LITTLE } else { 0 };
                    model.extend(self::model(n.into(), size, flags != 0));
                    segments.push(Segment { flags, ..integer_segment(1, Term::small(n), size as i64) });
                }
                1 => {
                    let (offset, size) = (random(17), random(300));
                    let part = heap.sub_binary(piece, offset, size);
                    model.extend(bits_of(piece.as_bits().unwrap().touched_bytes(), offset, size));
                    let segment = integer_segment(1, part, 0);
                    segments.push(Segment { kind: SegmentType::Binary, size: am::all, ..segment });
                }
                _ => {
                    let c = [65, 0xe9, 0x20ac, 0x1f600][random(4)];
                    let mut text = [0; 4];
                    let bytes = char::from_u32(c).unwrap().encode_utf8(&mut text).as_bytes();
                    model.extend(bits_of(bytes, 0, bytes.len() * 8));
                    let segment = integer_segment(1, Term::small(c.into()), 0);
                    segments.push(Segment { kind: SegmentType::Utf8, unit: 0, ..segment });
                }
            }
        }
        let Ok((made, _)) = create(segments.len(), |i| segments[i], &mut heap) else { panic!("round {round}") };
        let bits = made.as_bits().unwrap();
        assert_eq!(bits.bit_size, model.len(), "round {round}");
        assert_eq!(bits_of(bits.touched_bytes(), bits.bit_skew(), bits.bit_size), model, "round {round}");
    }
}

#[test]
fn characters_of_every_width() {
    for c in [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x10_ffff] {
        for width in [8, 16, 32] {
            for flags in [0, LITTLE] {
                for skew in [0, 3] {
                    let mut heap = Fragment::new(100);
                    let bytes = match width {
                        8 => encode_utf8_size(c),
                        16 => encode_utf16_size(c),
                        _ => 4,
                    };
                    let (bin, mut builder) = new_binary(skew + bytes * 8, &mut heap).unwrap();
                    assert!(builder.integer(Term::ZERO, skew, 0));
                    assert!(builder.utf(Term::small(c as i64), width, flags));
                    assert_eq!(builder.room(), 0);
                    let cx = Context::of(context(bin, &mut heap).unwrap()).unwrap();
                    assert!(cx.skip(skew));
                    assert_eq!(cx.utf(width, flags), Some(c as u32));
                    assert_eq!(cx.remaining(), 0);
                    assert_eq!(cx.utf(width, flags), None);
                }
            }
        }
    }
    for bad in [&[0xc0, 0x80][..], &[0xe0, 0x80, 0x80], &[0xed, 0xa0, 0x80], &[0xf4, 0x90, 0x80, 0x80], &[0xe2, 0x82]] {
        let mut heap = Fragment::new(100);
        let bin = heap.binary(bad);
        let cx = Context::of(context(bin, &mut heap).unwrap()).unwrap();
        assert_eq!(cx.utf(8, 0), None);
        assert_eq!(cx.position(), 0);
    }
}
