//! The few instructions that live outside modules: where processes begin and end.

use super::isa::Op;
use crate::atom::Atom;
use crate::base::sync::OnceLock;
use crate::code::Export;
use crate::{am, bif};

static CODE: [u64; 8] = [
    Op::Start as u64,
    Op::Exit as u64,
    Op::ApplyFun as u64,
    Op::ApplyList as u64,
    Op::ReturnTrace as u64,
    Op::ExceptionTrace as u64,
    Op::ReturnToTrace as u64,
    Op::ReturnTimeTrace as u64,
];

/// Frames that tracing puts below the return address of a function that is traced: from the top of
/// the stack, the address of one of the instructions above, then slots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TraceFrame {
    /// Tells that the function returned. Slots: its export, and the tracer or `[]`.
    Return,
    /// The same, and exceptions.
    Exception,
    /// Tells where the function returned to.
    ReturnTo,
    /// Goes on with the time of the function in its slot: an export or 0.
    Time,
}

impl TraceFrame {
    const ALL: [TraceFrame; 4] =
        [TraceFrame::Return, TraceFrame::Exception, TraceFrame::ReturnTo, TraceFrame::Time];

    pub fn address(self) -> *const u64 {
        &raw const CODE[4 + self as usize]
    }

    /// The frame whose return address this is.
    pub fn of(address: *const u64) -> Option<TraceFrame> {
        let first = &raw const CODE[4];
        let index = (address as usize).wrapping_sub(first as usize) / 8;
        TraceFrame::ALL.get(index).copied().filter(|frame| frame.address() == address)
    }

    pub fn slots(self) -> usize {
        match self {
            TraceFrame::Return | TraceFrame::Exception => 2,
            TraceFrame::ReturnTo => 0,
            TraceFrame::Time => 1,
        }
    }
}

/// Where a new process starts: apply module x0, function x1 to list x2.
pub fn start_address() -> *const u64 {
    &raw const CODE[0]
}

/// What the first function of a process returns to.
pub fn exit_address() -> *const u64 {
    &raw const CODE[1]
}

/// Applies fun x0 to list x1.
pub fn apply_fun_address() -> *const u64 {
    &raw const CODE[2]
}

/// Makes the engine's own exports and every installed native callable. Once, before anything is
/// loaded.
pub fn install() {
    static DONE: OnceLock<()> = OnceLock::new();
    DONE.get_or_init(|| {
        for decl in bif::declared().filter(|d| !d.nif) {
            let export = Export::of(Atom::known(decl.module), Atom::known(decl.function), decl.arity);
            export.set_native(std::ptr::from_ref(decl).cast());
        }
        let erlang = am::erlang.atom();
        let apply = am::apply.atom();
        Export::of(erlang, apply, 2).set_address(&raw const CODE[2]);
        Export::of(erlang, apply, 3).set_address(&raw const CODE[3]);
    });
}

/// Whether a function of the runtime stands behind an export, so that loading a module of that
/// name must leave it alone.
pub fn is_builtin(export: &Export) -> bool {
    export.is_native() || CODE.as_ptr_range().contains(&export.code())
}
