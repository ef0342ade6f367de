//! Stack frames and heap reservation.

use crate::exec::machine::{Flow, Ins, Machine};
use crate::heap::STACK_RESERVE;
use crate::term::Term;

/// `a` slots, `b` live registers, `c` heap words besides. Every slot starts as `[]`, so that the
/// collector never meets an old word.
#[inline(always)]
pub(crate) fn allocate<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    let slots = i.a() as usize;
    if FAST && !m.has_room(slots + i.c() as usize) {
        return Flow::General;
    }
    if !m.reserve(slots + i.c() as usize, i.b() as usize) {
        return super::raise::killed(m);
    }
    clear_frame(m, slots);
    m.next(1)
}

/// Makes a frame of `slots`, each `[]`, for which there is room.
#[inline(always)]
pub(crate) fn clear_frame(m: &mut Machine, slots: usize) {
    // SAFETY: reserved. Below a small frame the words of the reserve are written too: always as
    // many of them costs less than a loop.
    unsafe {
        let at = m.sp;
        m.sp = at.sub(slots);
        if slots <= STACK_RESERVE {
            for k in 1..=STACK_RESERVE {
                *at.sub(k) = Term::NIL;
            }
        } else {
            for k in 0..slots {
                *m.sp.add(k) = Term::NIL;
            }
        }
    }
}

/// A frame and a move from x to y: source and destination in the low 16 bits of word 1 and those
/// above; a second move behind them.
#[inline(always)]
fn allocate_and_move<const FAST: bool>(m: &mut Machine, i: Ins, moves: usize) -> Flow {
    match allocate::<FAST>(m, i) {
        Flow::Next => {}
        other => return other,
    }
    // `allocate` stepped over its one word: the moves are at `pc`.
    let packed = m.word(0);
    for k in 0..moves {
        let v = m.x((packed >> (32 * k)) as u16);
        m.set_y((packed >> (32 * k + 16)) as u16, v);
    }
    m.next(1)
}

#[inline(always)]
pub(crate) fn allocate_xy<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    allocate_and_move::<FAST>(m, i, 1)
}

#[inline(always)]
pub(crate) fn allocate_xy2<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    allocate_and_move::<FAST>(m, i, 2)
}

#[inline(always)]
pub(crate) fn deallocate<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    // SAFETY: E2.
    m.sp = unsafe { m.sp.add(i.a() as usize) };
    m.next(1)
}

#[inline(always)]
pub(crate) fn deallocate_return<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    leave_and_return(m, i.a())
}

#[inline(always)]
pub(crate) fn leave_and_return(m: &mut Machine, slots: u16) -> Flow {
    // SAFETY: E2; above the frame is the return address.
    unsafe {
        m.sp = m.sp.add(slots as usize);
        m.pc = (*m.sp).bits() as *const u64;
        m.sp = m.sp.add(1);
    }
    Flow::Next
}

#[inline(always)]
pub(crate) fn trim<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    deallocate::<FAST>(m, i)
}

/// `a` live registers; word 1: words.
#[inline(always)]
pub(crate) fn test_heap<const FAST: bool>(m: &mut Machine, i: Ins) -> Flow {
    if FAST && !m.has_room(m.word(1) as usize) {
        return Flow::General;
    }
    if !m.reserve(m.word(1) as usize, i.a() as usize) {
        return super::raise::killed(m);
    }
    m.next(2)
}
