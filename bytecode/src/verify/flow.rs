//! The second pass: what holds before each instruction, on all paths.

use std::collections::BTreeSet;

use super::fresh;
use super::registers::{keep, read, write};
use super::shape::fault;
use super::state::State;
use super::{Frame, Verified};
use crate::error::{Fault, Reason};
use crate::file::BeamFile;
use crate::isa::{AllocList, Instr, Kind, Op, Operand};

pub(super) fn check(file: &BeamFile, verified: &mut Verified, clears: bool) -> Result<(), Fault> {
    let mut flow = Flow {
        file,
        frames: std::mem::take(&mut verified.frames),
        verified,
        at_label: vec![None; file.code.label_count as usize],
        dirty: vec![false; file.code.label_count as usize],
        max_frame: 0,
        guarded: None,
        fuel: 64 * file.code.instrs.len() + 100_000,
        cleared: clears.then(BTreeSet::new),
    };
    for function in 0..flow.verified.functions.len() {
        flow.function(function)?;
    }
    let Flow {
        frames, max_frame, cleared, ..
    } = flow;
    verified.cleared = cleared.into_iter().flatten().collect();
    verified.frames = frames;
    verified.max_frame = max_frame;
    Ok(())
}

/// Where control goes after an instruction.
#[derive(PartialEq, Eq)]
pub(super) enum Next {
    /// To the following instruction.
    On,
    /// Nowhere, or only to labels that were told.
    End,
}

pub(super) struct Flow<'a> {
    pub(super) file: &'a BeamFile,
    pub(super) verified: &'a Verified,
    frames: Vec<Frame>,
    /// The state at each label that was reached.
    at_label: Vec<Option<State>>,
    /// Labels whose state changed since the code after them was looked at.
    dirty: Vec<bool>,
    pub(super) max_frame: u16,
    /// Frame and number of catches last told to the handlers, to spare telling them again.
    pub(super) guarded: Option<(Frame, usize)>,
    /// How many instructions may still be looked at. No compiler's code takes more than a few
    /// rounds; the limit is against files made to take forever.
    fuel: usize,
    /// If it is asked for: guard BIFs whose result register is cleared before.
    cleared: Option<BTreeSet<u32>>,
}

impl Flow<'_> {
    fn function(&mut self, function: usize) -> Result<(), Fault> {
        let function = &self.verified.functions[function];
        let (start, end) = (function.start as usize, function.end as usize);
        let entry = State::entry(function.arity, self.verified.x_registers);
        self.reach(function.entry, &entry);
        let code = &self.file.code;
        loop {
            let mut idle = true;
            let mut at = start;
            while at < end {
                let instr = &code.instrs[at];
                let dirty = match (instr.op, code.args(instr)) {
                    (Op::Label, [Operand::Unsigned(label)]) => *label as usize,
                    _ => 0,
                };
                if std::mem::take(&mut self.dirty[dirty])
                    && let Some(state) = self.at_label[dirty].clone()
                {
                    idle = false;
                    at = self.straight(at, end, state)?;
                } else {
                    at += 1;
                }
            }
            if idle {
                break;
            }
        }
        for at in start..end {
            if let (Op::Label, [Operand::Unsigned(label)]) =
                (code.instrs[at].op, code.args(&code.instrs[at]))
            {
                self.at_label[*label as usize] = None;
            }
        }
        Ok(())
    }

    /// Follows instructions from a label to where control does not go on. Returns the index after
    /// the last one looked at.
    fn straight(&mut self, from: usize, end: usize, mut state: State) -> Result<usize, Fault> {
        self.guarded = None;
        self.frames[from] = state.frame;
        for at in from + 1..end {
            let instr = &self.file.code.instrs[at];
            if instr.op == Op::Label {
                if let [Operand::Unsigned(label)] = self.file.code.args(instr) {
                    self.reach(*label as u32, &state);
                }
                return Ok(at);
            }
            self.frames[at] = state.frame;
            self.fuel = self.fuel.checked_sub(1).ok_or_else(|| {
                fault(
                    instr,
                    Reason::Malformed("the flow of control is too involved"),
                )
            })?;
            let clears = self.clears(at, instr, &state);
            if self.step(instr, &mut state, clears)? == Next::End {
                return Ok(at + 1);
            }
        }
        match self.file.code.instrs.get(end) {
            Some(instr) => Err(fault(instr, Reason::FallsThrough)),
            None => Ok(end),
        }
    }

    /// The register that is cleared before an instruction: the result of a guard BIF, if it has no
    /// value yet.
    fn clears(&mut self, at: usize, instr: &Instr, state: &State) -> Option<u16> {
        let cleared = self.cleared.as_mut()?;
        let guard = matches!(instr.op, Op::Bif1 | Op::Bif2 | Op::Bif3 | Op::GcBif1 | Op::GcBif2 | Op::GcBif3);
        let [Operand::Label(1..), .., result] = self.file.code.args(instr) else { return None };
        let result = result.as_x().filter(|_| guard)?;
        if !state.x.has(result) {
            cleared.insert(at as u32);
        }
        cleared.contains(&(at as u32)).then_some(result)
    }

    /// Control goes to a label with this state.
    pub(super) fn reach(&mut self, label: u32, state: &State) {
        let label = label as usize;
        match &mut self.at_label[label] {
            Some(known) => self.dirty[label] |= known.merge(state),
            unknown => {
                *unknown = Some(state.clone());
                self.dirty[label] = true;
            }
        }
    }

    /// An exception in this state would be caught in this function.
    fn reach_handlers(&mut self, instr: &Instr, state: &State) -> Result<(), Fault> {
        if state.catches.is_empty() {
            return Ok(());
        }
        if matches!(state.frame, Frame::Mixed(_)) {
            return Err(fault(instr, Reason::BadFrame(instr.op.name())));
        }
        let here = Some((state.frame, state.catches.len()));
        if self.guarded == here {
            return Ok(());
        }
        self.guarded = here;
        // The innermost catch has the lowest slot. Slots below that may hold a catch do not, when
        // one further up is the handler.
        let mut first = 0;
        while let Some(catch) = state.catches.get(first) {
            let mut caught = state.clone();
            caught.heap = AllocList::default();
            caught.x.set_first(4);
            caught.fresh.clear();
            caught.catches.drain(..first);
            for other in &mut caught.catches {
                other.certain |= other.slot == catch.slot;
            }
            self.reach(catch.handler, &caught);
            let same = state.catches[first..]
                .iter()
                .take_while(|c| c.slot == catch.slot)
                .count();
            for other in &state.catches[first..first + same] {
                self.reach(other.handler, &caught);
            }
            if catch.certain {
                break;
            }
            first += same;
        }
        Ok(())
    }

    fn step(&mut self, instr: &Instr, state: &mut State, clears: Option<u16>) -> Result<Next, Fault> {
        let op = instr.op;
        let args = self.file.code.args(instr);
        self.reads(instr, args, state)?;
        self.reach_handlers(instr, state)?;
        self.collects(instr, args, state)?;
        if let Some(x) = clears {
            state.x.add(x);
        }
        fresh::check(instr, args, state)?;
        self.branches(args, op, state);
        let tuples = state.fresh.clone();
        self.writes(instr, args, state)?;
        fresh::moved(instr, args, &tuples, state);
        self.special(instr, args, state)
    }

    /// Operands that are read must be valid.
    fn reads(&self, instr: &Instr, args: &[Operand], state: &State) -> Result<(), Fault> {
        for (arg, kind) in args.iter().zip(instr.op.kinds()) {
            match (kind, arg) {
                (Kind::Src | Kind::Size | Kind::FloatSrc, arg) => read(instr, arg, state)?,
                (Kind::Dst, arg) if instr.op == Op::Swap => read(instr, arg, state)?,
                (Kind::List, Operand::List(list)) => self.reads_list(instr, list, state)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn reads_list(&self, instr: &Instr, list: &[Operand], state: &State) -> Result<(), Fault> {
        match instr.op {
            // Keys are read, values written.
            Op::GetMapElements | Op::GetRecordElements => list
                .iter()
                .step_by(2)
                .try_for_each(|arg| read(instr, arg, state)),
            // Only destinations.
            Op::BsMatch | Op::InitYregs => Ok(()),
            _ => list.iter().try_for_each(|arg| read(instr, arg, state)),
        }
    }

    /// Garbage collection, and heap reserved by it.
    fn collects(&self, instr: &Instr, args: &[Operand], state: &mut State) -> Result<(), Fault> {
        let mut live = None;
        let mut heap = AllocList::default();
        for (arg, kind) in args.iter().zip(instr.op.kinds()) {
            match kind {
                Kind::Live => live = arg.as_unsigned(),
                Kind::Heap => heap = arg.as_heap().unwrap_or_default(),
                _ => {}
            }
        }
        match live {
            Some(live) => keep(instr, state, live as u16, heap),
            None => Ok(()),
        }
    }

    /// Labels an instruction may jump to.
    fn branches(&mut self, args: &[Operand], op: Op, state: &State) {
        match op {
            // These move control in ways of their own.
            Op::Catch
            | Op::Try
            | Op::Call
            | Op::CallLast
            | Op::CallOnly
            | Op::RecvMark
            | Op::RecvSet
            | Op::LoopRec
            | Op::LoopRecEnd
            | Op::Wait
            | Op::WaitTimeout
            | Op::BsMatch => return,
            _ => {}
        }
        for arg in args {
            match arg {
                Operand::Label(label) if *label != 0 => self.reach(*label, state),
                Operand::List(list) if matches!(op, Op::SelectVal | Op::SelectTupleArity) => {
                    for label in list.iter().filter_map(Operand::as_label) {
                        self.reach(label, state);
                    }
                }
                _ => {}
            }
        }
    }

    /// Operands that are written.
    fn writes(&self, instr: &Instr, args: &[Operand], state: &mut State) -> Result<(), Fault> {
        for (arg, kind) in args.iter().zip(instr.op.kinds()) {
            match (kind, arg) {
                (Kind::Dst | Kind::FloatDst, arg) if instr.op != Op::LoopRec => {
                    write(instr, arg, state)?;
                }
                (Kind::List, Operand::List(list)) => match instr.op {
                    Op::GetMapElements | Op::GetRecordElements => {
                        for arg in list.iter().skip(1).step_by(2) {
                            write(instr, arg, state)?;
                        }
                    }
                    Op::InitYregs => {
                        for arg in list {
                            write(instr, arg, state)?;
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}
