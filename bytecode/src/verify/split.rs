//! Gives code that several paths share, each with its own frame, to each path separately.
//!
//! Compilers merge identical code that raises an exception even if the stack frames differ
//! ([`Frame::Mixed`]). The engine wants one frame at each instruction, so that it can walk stacks by
//! a table. Here such code is copied, once for each frame, to the end of its function.

use std::collections::HashMap;
use std::ops::Range;

use super::shape::fault;
use super::{Frame, Verified, ends};
use crate::error::{Fault, Reason};
use crate::file::{BeamFile, Code};
use crate::isa::{Instr, Op, Operand};

/// Rewrites the code so that no frame is mixed any more. The result must be verified again.
pub(super) fn split(file: &mut BeamFile, verified: &Verified) -> Result<(), Fault> {
    let old = &file.code;
    let code = Code {
        label_count: old.label_count,
        instrs: Vec::with_capacity(old.instrs.len() + old.instrs.len() / 8),
        operands: old.operands.clone(),
        ..*old
    };
    let mut splitter = Splitter {
        old,
        verified,
        code,
        room: old.instrs.len() + 1000,
    };
    let mut from = 0;
    for function in &verified.functions {
        splitter
            .code
            .instrs
            .extend(&old.instrs[from..function.start as usize]);
        splitter.function(function.start as usize..function.end as usize)?;
        from = function.end as usize;
    }
    splitter.code.instrs.extend(&old.instrs[from..]);
    file.code = splitter.code;
    Ok(())
}

struct Splitter<'a> {
    old: &'a Code,
    verified: &'a Verified,
    code: Code,
    /// How many instructions may still be added, lest a file blow up.
    room: usize,
}

/// Copies of the shared code of one function.
#[derive(Default)]
struct Copies {
    /// Old label and frame to new label.
    labels: HashMap<(u32, Frame), u32>,
    /// Those not written yet.
    pending: Vec<(u32, Frame)>,
}

impl Splitter<'_> {
    fn function(&mut self, range: Range<usize>) -> Result<(), Fault> {
        let mixed = |at| matches!(self.verified.frames[at], Frame::Mixed(_));
        if !range.clone().any(mixed) {
            self.code.instrs.extend(&self.old.instrs[range]);
            return Ok(());
        }
        let mut copies = Copies::default();
        for at in range.clone() {
            let frame = self.verified.frames[at];
            let instr = self.old.instrs[at];
            match frame {
                // The original stays where it is, and nothing leads to it any more.
                Frame::Unreached | Frame::Mixed(_) => self.code.instrs.push(instr),
                Frame::None | Frame::Slots(_) => {
                    self.copy(instr, frame, &mut copies)?;
                    let after = frame_after(self.old, &instr, frame);
                    self.fall_through(at + 1, after, false, &mut copies)?;
                }
            }
        }
        while let Some((label, frame)) = copies.pending.pop() {
            self.block(label, frame, &mut copies)?;
        }
        Ok(())
    }

    /// Writes the code after a label once more.
    fn block(&mut self, label: u32, frame: Frame, copies: &mut Copies) -> Result<(), Fault> {
        let Some(start) = self.verified.label(label) else {
            return Ok(()); // verified code has no such labels
        };
        let start = start as usize;
        let name = copies
            .labels
            .get(&(label, frame))
            .copied()
            .unwrap_or_default();
        let operand = vec![Operand::Unsigned(name.into())];
        self.push(self.old.instrs[start], operand)?;
        let mut frame = frame;
        for at in start + 1..self.old.instrs.len() {
            let instr = self.old.instrs[at];
            if instr.op == Op::Label {
                return self.fall_through(at, frame, true, copies);
            }
            self.room = self.room.checked_sub(1).ok_or_else(|| too_much(&instr))?;
            self.copy(instr, frame, copies)?;
            if ends(&instr, self.old, &self.verified.never_returns) {
                return Ok(());
            }
            frame = frame_after(self.old, &instr, frame);
        }
        Ok(())
    }

    /// Control runs on into `at`. If that is shared code, or the code before is a copy, it takes a
    /// jump.
    fn fall_through(
        &mut self,
        at: usize,
        frame: Frame,
        copied: bool,
        copies: &mut Copies,
    ) -> Result<(), Fault> {
        let Some(before) = at.checked_sub(1).map(|at| self.old.instrs[at]) else {
            return Ok(());
        };
        let Some(next) = self.old.instrs.get(at) else {
            return Ok(());
        };
        if ends(&before, self.old, &self.verified.never_returns) {
            return Ok(());
        }
        let (Op::Label, [Operand::Unsigned(label)]) = (next.op, self.old.args(next)) else {
            return Ok(());
        };
        let label = *label as u32;
        let to = self.target(label, frame, copies);
        if to == label && !copied {
            return Ok(());
        }
        self.push(
            Instr {
                op: Op::Jump,
                ..before
            },
            vec![Operand::Label(to)],
        )
    }

    /// Writes an instruction with its labels led to the right copies.
    fn copy(&mut self, instr: Instr, frame: Frame, copies: &mut Copies) -> Result<(), Fault> {
        let args = self.old.args(&instr);
        let calls = matches!(instr.op, Op::Call | Op::CallLast | Op::CallOnly);
        let mixed = |arg: &Operand| match arg {
            Operand::Label(label) => self.is_mixed(*label),
            Operand::List(list) => list
                .iter()
                .filter_map(Operand::as_label)
                .any(|l| self.is_mixed(l)),
            _ => false,
        };
        if calls || !args.iter().any(mixed) {
            self.code.instrs.push(instr);
            return Ok(());
        }
        let mut led = args.to_vec();
        for arg in &mut led {
            match arg {
                Operand::Label(label) => *label = self.target(*label, frame, copies),
                Operand::List(list) => {
                    for arg in list {
                        if let Operand::Label(label) = arg {
                            *label = self.target(*label, frame, copies);
                        }
                    }
                }
                _ => {}
            }
        }
        self.push(instr, led)
    }

    fn push(&mut self, instr: Instr, args: Vec<Operand>) -> Result<(), Fault> {
        self.room = self
            .room
            .checked_sub(1 + args.len())
            .ok_or_else(|| too_much(&instr))?;
        let start = u32::try_from(self.code.operands.len()).map_err(|_| too_much(&instr))?;
        self.code.operands.extend(args);
        self.code.instrs.push(Instr {
            args: start,
            ..instr
        });
        Ok(())
    }

    fn is_mixed(&self, label: u32) -> bool {
        let at = self.verified.label(label);
        at.is_some_and(|at| matches!(self.verified.frames[at as usize], Frame::Mixed(_)))
    }

    /// The label to use instead of an old one, coming with a frame.
    fn target(&mut self, label: u32, frame: Frame, copies: &mut Copies) -> u32 {
        if !self.is_mixed(label) {
            return label;
        }
        *copies.labels.entry((label, frame)).or_insert_with(|| {
            copies.pending.push((label, frame));
            self.code.label_count += 1;
            self.code.label_count - 1
        })
    }
}

fn too_much(instr: &Instr) -> Fault {
    fault(
        instr,
        Reason::Malformed("too much code is shared between different stack frames"),
    )
}

/// The frame after an instruction. In shared code nothing changes it.
fn frame_after(code: &Code, instr: &Instr, frame: Frame) -> Frame {
    let number = |nth: usize| {
        code.args(instr)
            .get(nth)
            .and_then(Operand::as_unsigned)
            .unwrap_or_default() as u16
    };
    match instr.op {
        Op::Allocate | Op::AllocateHeap | Op::AllocateZero | Op::AllocateHeapZero => {
            Frame::Slots(number(0))
        }
        Op::Deallocate => Frame::None,
        Op::Trim => Frame::Slots(number(1)),
        _ => frame,
    }
}
