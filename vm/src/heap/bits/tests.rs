use super::copy::{read_bits, write_bits};
use super::integer::{swap, unswap};
use super::*;
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
    for (value, size) in [(1.5, 16), (-0.1, 32), (3.25e300, 64), (65504.0, 16), (2f64.powi(-24), 16)] {
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
