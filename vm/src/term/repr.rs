//! The word layout of a term.
//!
//! ```text
//!  63                                        2 1 0
//!  [ signed 62-bit integer                    |0 0]  small integer
//!  [ address, 8-aligned                     |0|0 1]  cons cell
//!  [ address, 8-aligned                     |0|1 0]  boxed object, see `header`
//!  63                             7 6       2 1 0
//!  [ payload                       | subtag  |1 1]  immediate (subtag < 8) or header (>= 8)
//! ```
//! Any 4-aligned machine address reads as a small integer. Return addresses on the stack, and
//! pointers to entries that are never freed, are stored raw for that reason: to a collector they
//! are integers.

use std::marker::PhantomData;

use super::header::Header;
use crate::atom::Atom;

/// A word that holds an Erlang term. Neither `Send` nor `Sync` (T3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Term(u64, PhantomData<*const ()>);

/// The two lowest bits.
pub const PRIMARY_MASK: u64 = 3;
pub const PRIMARY_SMALL: u64 = 0;
pub const PRIMARY_CONS: u64 = 1;
pub const PRIMARY_BOXED: u64 = 2;
pub const PRIMARY_OTHER: u64 = 3;

/// Immediates: subtag in bits 2 to 6, payload above.
pub const IMM_SHIFT: u32 = 7;
pub const IMM_MASK: u64 = (1 << IMM_SHIFT) - 1;
pub const ATOM_TAG: u64 = PRIMARY_OTHER;
pub const PID_TAG: u64 = (1 << 2) | PRIMARY_OTHER;
pub const PORT_TAG: u64 = (2 << 2) | PRIMARY_OTHER;
pub const NIL_TAG: u64 = (3 << 2) | PRIMARY_OTHER;
pub const CATCH_TAG: u64 = (4 << 2) | PRIMARY_OTHER;
pub const NONE_TAG: u64 = (5 << 2) | PRIMARY_OTHER;

/// Bits in a small integer.
pub const SMALL_BITS: u32 = 62;
pub const SMALL_MAX: i64 = (1 << (SMALL_BITS - 1)) - 1;
pub const SMALL_MIN: i64 = -(1 << (SMALL_BITS - 1));

impl Term {
    /// The empty list.
    pub const NIL: Term = Term::raw(NIL_TAG);
    /// No term: an absent value, never visible to Erlang.
    pub const NONE: Term = Term::raw(NONE_TAG);
    pub const ZERO: Term = Term::raw(0);

    /// A word as a term. The caller keeps T1.
    #[inline]
    pub(crate) const fn raw(bits: u64) -> Term {
        Term(bits, PhantomData)
    }

    /// The word.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// A small integer; `value` must be within `SMALL_MIN..=SMALL_MAX`.
    #[inline]
    pub const fn small(value: i64) -> Term {
        debug_assert!(value >= SMALL_MIN && value <= SMALL_MAX);
        Term::raw((value as u64) << 2)
    }

    /// A small integer if the value fits in one.
    #[inline]
    pub const fn try_small(value: i64) -> Option<Term> {
        if value >= SMALL_MIN && value <= SMALL_MAX { Some(Term::small(value)) } else { None }
    }

    #[inline]
    pub const fn from_atom(atom: Atom) -> Term {
        Term::raw(((atom.0 as u64) << IMM_SHIFT) | ATOM_TAG)
    }

    /// `true` or `false`.
    #[inline]
    pub const fn from_bool(value: bool) -> Term {
        use crate::atom::predefined::am;
        if value { am::true_ } else { am::false_ }
    }

    /// A local process identifier from its 57-bit number (see `process::Pid`).
    #[inline]
    pub const fn from_pid_number(number: u64) -> Term {
        Term::raw((number << IMM_SHIFT) | PID_TAG)
    }

    /// A local port identifier from its 57-bit number.
    #[inline]
    pub const fn from_port_number(number: u64) -> Term {
        Term::raw((number << IMM_SHIFT) | PORT_TAG)
    }

    #[inline]
    pub(crate) fn from_cons(cell: *const u64) -> Term {
        Term::raw(cell as u64 | PRIMARY_CONS)
    }

    #[inline]
    pub(crate) fn from_boxed(header: *const u64) -> Term {
        Term::raw(header as u64 | PRIMARY_BOXED)
    }

    #[inline]
    pub const fn is_small(self) -> bool {
        self.0 & PRIMARY_MASK == PRIMARY_SMALL
    }

    #[inline]
    pub const fn is_cons(self) -> bool {
        self.0 & PRIMARY_MASK == PRIMARY_CONS
    }

    #[inline]
    pub const fn is_boxed(self) -> bool {
        self.0 & PRIMARY_MASK == PRIMARY_BOXED
    }

    /// A cons cell or a boxed object: something a collector must follow.
    #[inline]
    pub const fn is_pointer(self) -> bool {
        (self.0 ^ (self.0 >> 1)) & 1 == 1
    }

    #[inline]
    pub const fn is_immediate(self) -> bool {
        !self.is_pointer()
    }

    #[inline]
    pub const fn is_nil(self) -> bool {
        self.0 == NIL_TAG
    }

    #[inline]
    pub const fn is_none(self) -> bool {
        self.0 == NONE_TAG
    }

    #[inline]
    pub const fn is_list(self) -> bool {
        self.is_cons() || self.is_nil()
    }

    #[inline]
    pub const fn is_atom(self) -> bool {
        self.0 & IMM_MASK == ATOM_TAG
    }

    #[inline]
    pub const fn is_local_pid(self) -> bool {
        self.0 & IMM_MASK == PID_TAG
    }

    #[inline]
    pub const fn is_local_port(self) -> bool {
        self.0 & IMM_MASK == PORT_TAG
    }

    #[inline]
    pub const fn is_boolean(self) -> bool {
        use crate::atom::predefined::am;
        self.0 == am::true_.0 || self.0 == am::false_.0
    }

    #[inline]
    pub const fn as_small(self) -> Option<i64> {
        if self.is_small() { Some((self.0 as i64) >> 2) } else { None }
    }

    /// The value of a word known to be a small integer.
    #[inline]
    pub const fn small_value(self) -> i64 {
        (self.0 as i64) >> 2
    }

    #[inline]
    pub const fn as_atom(self) -> Option<Atom> {
        if self.is_atom() { Some(Atom((self.0 >> IMM_SHIFT) as u32)) } else { None }
    }

    /// The atom of a term of ours that is known to be one (`am::ok.atom()`).
    #[inline]
    pub const fn atom(self) -> Atom {
        debug_assert!(self.is_atom());
        Atom((self.0 >> IMM_SHIFT) as u32)
    }

    #[inline]
    pub const fn as_bool(self) -> Option<bool> {
        use crate::atom::predefined::am;
        if self.0 == am::true_.0 {
            Some(true)
        } else if self.0 == am::false_.0 {
            Some(false)
        } else {
            None
        }
    }

    #[inline]
    pub const fn as_pid_number(self) -> Option<u64> {
        if self.is_local_pid() { Some(self.0 >> IMM_SHIFT) } else { None }
    }

    #[inline]
    pub const fn as_port_number(self) -> Option<u64> {
        if self.is_local_port() { Some(self.0 >> IMM_SHIFT) } else { None }
    }

    /// Address of the cell or box; meaningless for an immediate.
    #[inline]
    pub(crate) fn address(self) -> *mut u64 {
        (self.0 & !7) as *mut u64
    }

    /// The header of a boxed term.
    #[inline]
    pub(crate) fn header(self) -> Header {
        debug_assert!(self.is_boxed());
        // SAFETY: T1, a boxed term points at its header word.
        unsafe { Header::raw(*self.address()) }
    }

    /// Word `index` of the box, the header being word 0. The caller knows the box is that long.
    #[inline]
    pub(crate) fn word(self, index: usize) -> u64 {
        // SAFETY: T1 and the caller's knowledge of the kind.
        unsafe { *self.address().add(index) }
    }

    /// Like `word`, as a term.
    #[inline]
    pub(crate) fn slot(self, index: usize) -> Term {
        Term::raw(self.word(index))
    }
}
