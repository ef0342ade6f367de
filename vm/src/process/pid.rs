//! Local process identifiers.

use crate::term::Term;

/// A local process identifier.
///
/// ```text
///  56               28 27            0
///  [ serial           | slot          ]
/// ```
/// `slot` is the place in the process table, `serial` counts the slot's users.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Pid(pub u64);

impl Pid {
    pub const SLOT_BITS: u32 = 28;

    pub const fn new(slot: u32, serial: u32) -> Pid {
        Pid(((serial as u64) << Pid::SLOT_BITS) | slot as u64)
    }
    pub const fn slot(self) -> usize {
        (self.0 & ((1 << Pid::SLOT_BITS) - 1)) as usize
    }
    pub const fn serial(self) -> u32 {
        (self.0 >> Pid::SLOT_BITS) as u32
    }
    pub const fn term(self) -> Term {
        Term::from_pid_number(self.0)
    }
    /// As a party to signals.
    pub const fn party(self) -> super::Party {
        super::Party::Local(self.term().bits())
    }
    pub const fn of(term: Term) -> Option<Pid> {
        match term.as_pid_number() {
            Some(n) => Some(Pid(n)),
            None => None,
        }
    }
}
