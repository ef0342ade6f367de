//! The second pass: what holds before each instruction, on all paths.

use super::shape::fault;
use super::state::{Catch, State};
use super::{Frame, Verified, ends};
use crate::error::{Fault, Reason};
use crate::file::BeamFile;
use crate::isa::{AllocList, Instr, Kind, Op, Operand};

pub(super) fn check(file: &BeamFile, verified: &mut Verified) -> Result<(), Fault> {
    let mut flow = Flow {
        file,
        frames: std::mem::take(&mut verified.frames),
        verified,
        at_label: vec![None; file.code.label_count as usize],
        dirty: vec![false; file.code.label_count as usize],
        max_frame: 0,
        guarded: None,
    };
    for function in 0..flow.verified.functions.len() {
        flow.function(function)?;
    }
    let Flow {
        frames, max_frame, ..
    } = flow;
    verified.frames = frames;
    verified.max_frame = max_frame;
    Ok(())
}

/// Where control goes after an instruction.
#[derive(PartialEq, Eq)]
enum Next {
    /// To the following instruction.
    On,
    /// Nowhere, or only to labels that were told.
    End,
}

struct Flow<'a> {
    file: &'a BeamFile,
    verified: &'a Verified,
    frames: Vec<Frame>,
    /// The state at each label that was reached.
    at_label: Vec<Option<State>>,
    /// Labels whose state changed since the code after them was looked at.
    dirty: Vec<bool>,
    max_frame: u16,
    /// Frame and number of catches last told to the handlers, to spare telling them again.
    guarded: Option<(Frame, usize)>,
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
            if self.step(instr, &mut state)? == Next::End {
                return Ok(at + 1);
            }
        }
        match self.file.code.instrs.get(end) {
            Some(instr) => Err(fault(instr, Reason::FallsThrough)),
            None => Ok(end),
        }
    }

    /// Control goes to a label with this state.
    fn reach(&mut self, label: u32, state: &State) {
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

    fn step(&mut self, instr: &Instr, state: &mut State) -> Result<Next, Fault> {
        let op = instr.op;
        let args = self.file.code.args(instr);
        self.reads(instr, args, state)?;
        self.reach_handlers(instr, state)?;
        self.collects(instr, args, state)?;
        self.branches(args, op, state);
        self.writes(instr, args, state)?;
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

    /// What is particular to an op.
    fn special(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<Next, Fault> {
        let number = |nth: usize| {
            args.get(nth)
                .and_then(Operand::as_unsigned)
                .unwrap_or_default()
        };
        match instr.op {
            Op::FuncInfo => {
                defined(instr, state, number(2) as u16)?;
                return Ok(Next::End);
            }
            Op::Call => self.call(instr, state, number(0) as u16)?,
            Op::CallFun => self.call(instr, state, number(0) as u16 + 1)?,
            Op::CallFun2 => self.call(instr, state, number(1) as u16)?,
            Op::Apply => self.call(instr, state, number(0) as u16 + 2)?,
            Op::Send => self.call(instr, state, 2)?,
            Op::CallExt | Op::CallExtOnly | Op::CallExtLast
                if self.verified.never_returns.get(number(1) as usize) == Some(&true) =>
            {
                defined(instr, state, number(0) as u16)?;
                return Ok(Next::End);
            }
            Op::CallExt => self.call(instr, state, number(0) as u16)?,
            Op::CallOnly | Op::CallExtOnly => {
                return leave(instr, state, number(0) as u16, Frame::None);
            }
            Op::CallLast | Op::CallExtLast => {
                let frame = Frame::Slots(number(2) as u16);
                return leave(instr, state, number(0) as u16, frame);
            }
            Op::ApplyLast => {
                let frame = Frame::Slots(number(1) as u16);
                return leave(instr, state, number(0) as u16 + 2, frame);
            }
            Op::Return => return leave(instr, state, 1, Frame::None),
            Op::Allocate | Op::AllocateHeap | Op::AllocateZero | Op::AllocateHeapZero => {
                if state.frame != Frame::None {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::Slots(number(0) as u16);
                self.max_frame = self.max_frame.max(number(0) as u16);
            }
            Op::Deallocate => {
                if state.frame != Frame::Slots(number(0) as u16) {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                if !state.catches.is_empty() {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::None;
            }
            Op::Trim => {
                let (drop, left) = (number(0) as u16, number(1) as u16);
                let lost = state.catches.iter().any(|catch| catch.slot < drop);
                if state.frame != Frame::Slots(drop + left) || lost {
                    return Err(fault(instr, Reason::BadFrame(instr.op.name())));
                }
                state.frame = Frame::Slots(left);
                for catch in &mut state.catches {
                    catch.slot -= drop;
                }
            }
            Op::Init => write(instr, &args[0], state)?,
            Op::Catch | Op::Try => self.guard(instr, args, state)?,
            Op::CatchEnd | Op::TryEnd | Op::TryCase => unguard(instr, &args[0], state)?,
            Op::LoopRec | Op::LoopRecEnd | Op::Wait | Op::WaitTimeout => {
                return self.receive(instr, args, state);
            }
            Op::PutList => used(instr, state, 2, 0, 0)?,
            Op::PutTuple2 => {
                let size = args[1].as_list().map_or(0, <[_]>::len);
                used(instr, state, size as u32 + 1, 0, 0)?;
            }
            Op::UpdateRecord => used(instr, state, number(1) as u32 + 1, 0, 0)?,
            Op::MakeFun3 => {
                let size = args[2].as_list().map_or(0, <[_]>::len);
                used(instr, state, size as u32, 0, 1)?;
            }
            Op::MakeFun2 => {
                let lambda = self.file.lambdas.get(number(0) as usize);
                let free = lambda.map_or(0, |lambda| lambda.num_free);
                keep(instr, state, free.into(), AllocList::default())?;
                state.x.add(0);
            }
            Op::Fmove if !matches!(args[1], Operand::FloatReg(_)) => {
                used(instr, state, 0, 1, 0)?;
            }
            Op::BsMatch => self.match_commands(instr, args, state)?,
            Op::BsInitWritable | Op::BuildStacktrace => {
                defined(instr, state, 1)?;
                keep(instr, state, 1, AllocList::default())?;
            }
            Op::RawRaise => defined(instr, state, 3)?,
            _ => {}
        }
        let ends = ends(instr, &self.file.code, &self.verified.never_returns);
        Ok(if ends { Next::End } else { Next::On })
    }

    /// A call that returns here.
    fn call(&self, instr: &Instr, state: &mut State, args: u16) -> Result<(), Fault> {
        defined(instr, state, args)?;
        if state.frame.slots().is_none() {
            return Err(fault(instr, Reason::BadFrame(instr.op.name())));
        }
        state.heap = AllocList::default();
        state.x.set_first(1);
        Ok(())
    }

    fn receive(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<Next, Fault> {
        state.heap = AllocList::default();
        state.x.set_first(0);
        if let (Op::WaitTimeout, Some(x)) = (instr.op, args.get(1).and_then(Operand::as_x)) {
            // The engine leaves `[]` there: a receive without clauses comes back to itself.
            state.x.add(x);
        }
        if let Some(label) = args[0].as_label() {
            self.reach(label, state);
        }
        match instr.op {
            Op::LoopRec => write(instr, &args[1], state)?,
            Op::WaitTimeout => {}
            _ => return Ok(Next::End),
        }
        Ok(Next::On)
    }

    /// Installs a catch.
    fn guard(&mut self, instr: &Instr, args: &[Operand], state: &mut State) -> Result<(), Fault> {
        let slot = slot(instr, &args[0], state)?;
        let handler = args[1].as_label().unwrap_or_default();
        let first = self.verified.label(handler).map_or(0, |at| at as usize);
        let first = self.file.code.instrs[first..]
            .iter()
            .find(|instr| !matches!(instr.op, Op::Label | Op::Line));
        if !first.is_some_and(|first| matches!(first.op, Op::CatchEnd | Op::TryCase)) {
            return Err(fault(
                instr,
                Reason::Malformed("the handler of a catch does not end it"),
            ));
        }
        state.catches.retain(|catch| catch.slot != slot);
        state.catches.push(Catch {
            slot,
            handler,
            certain: true,
        });
        state.catches.sort_unstable();
        self.guarded = None;
        Ok(())
    }

    /// The commands of `bs_match`, in order. Those that take no more bits than an earlier
    /// `ensure_*` has found cannot fail, whatever they collect.
    fn match_commands(
        &mut self,
        instr: &Instr,
        args: &[Operand],
        state: &mut State,
    ) -> Result<(), Fault> {
        let fail = args[0].as_label().unwrap_or_default();
        let mut rest = args[2].as_list().unwrap_or_default();
        let mut ensured = 0;
        while let [Operand::Atom(name), tail @ ..] = rest {
            let number = |nth: usize| tail.get(nth).and_then(Operand::as_unsigned).unwrap_or(0);
            let name = self.file.atom(*name);
            let (length, bits, to) = match name {
                "ensure_at_least" => (2, 0, None),
                "integer" | "binary" => (5, number(2).saturating_mul(number(3)), tail.get(4)),
                "get_tail" => (3, 0, tail.get(2)),
                "=:=" => (3, number(1), None),
                "skip" => (1, number(0), None),
                _ => (1, 0, None),
            };
            match name {
                "ensure_at_least" | "ensure_exactly" => {
                    self.reach(fail, state);
                    ensured = number(0);
                }
                _ => {
                    if bits > ensured || name == "=:=" {
                        self.reach(fail, state);
                    }
                    ensured = ensured.saturating_sub(bits);
                }
            }
            if let Some(to) = to {
                keep(instr, state, number(0) as u16, AllocList::default())?;
                write(instr, to, state)?;
            }
            rest = tail.get(length..).unwrap_or_default();
        }
        Ok(())
    }
}

/// Checks an operand that is read.
#[inline]
fn read(instr: &Instr, arg: &Operand, state: &State) -> Result<(), Fault> {
    match arg {
        Operand::X(n) | Operand::TypedX(n, _) if !state.x.has(*n) => {
            Err(fault(instr, Reason::UndefinedX(*n)))
        }
        Operand::Y(n) | Operand::TypedY(n, _) => in_frame(instr, *n, state).map(|_| ()),
        _ => Ok(()),
    }
}

/// Notes that an operand is written.
#[inline]
fn write(instr: &Instr, arg: &Operand, state: &mut State) -> Result<(), Fault> {
    match arg {
        Operand::X(n) => {
            state.x.add(*n);
            Ok(())
        }
        Operand::Y(n) => in_frame(instr, *n, state).map(|_| ()),
        _ => Ok(()),
    }
}

/// A y register that is an ordinary value.
fn in_frame(instr: &Instr, slot: u16, state: &State) -> Result<u16, Fault> {
    if state.may_catch(slot) {
        return Err(fault(instr, Reason::CatchSlot(slot)));
    }
    match state.frame {
        Frame::Slots(size) | Frame::Mixed(size) if slot < size => Ok(slot),
        _ => Err(fault(instr, Reason::UndefinedY(slot))),
    }
}

/// A y register that may hold a catch.
fn slot(instr: &Instr, arg: &Operand, state: &State) -> Result<u16, Fault> {
    let slot = arg.as_y().unwrap_or(u16::MAX);
    match state.frame {
        Frame::Slots(size) if slot < size => Ok(slot),
        _ => Err(fault(instr, Reason::UndefinedY(slot))),
    }
}

/// Ends a catch.
fn unguard(instr: &Instr, arg: &Operand, state: &mut State) -> Result<(), Fault> {
    let slot = slot(instr, arg, state)?;
    if !state.may_catch(slot) {
        return Err(fault(instr, Reason::NoCatch(slot)));
    }
    state.catches.retain(|catch| catch.slot != slot);
    match instr.op {
        Op::CatchEnd => {
            defined(instr, state, 1)?;
            // What a catch yields takes heap, and replaces the exception in x0.
            state.x.set_first(1);
            state.heap = AllocList::default();
        }
        Op::TryCase => {
            // Compilers let a call that never returns run on into it; the engine stops that.
            defined(instr, state, 1)?;
            state.x.set_first(3);
        }
        _ => {}
    }
    Ok(())
}

/// A collection that keeps x0 up to `live`, and then reserves heap.
fn keep(instr: &Instr, state: &mut State, live: u16, heap: AllocList) -> Result<(), Fault> {
    defined(instr, state, live)?;
    state.x.truncate(live);
    state.heap = heap;
    Ok(())
}

/// All x registers below `count` must be valid.
fn defined(instr: &Instr, state: &State, count: u16) -> Result<(), Fault> {
    match state.x.missing(count) {
        Some(x) => Err(fault(instr, Reason::UndefinedX(x))),
        None => Ok(()),
    }
}

/// Control leaves the function.
fn leave(instr: &Instr, state: &State, args: u16, frame: Frame) -> Result<Next, Fault> {
    defined(instr, state, args)?;
    if state.frame != frame || !state.catches.is_empty() {
        return Err(fault(instr, Reason::BadFrame(instr.op.name())));
    }
    Ok(Next::End)
}

/// Heap is used that must have been reserved.
fn used(instr: &Instr, state: &mut State, words: u32, floats: u32, funs: u32) -> Result<(), Fault> {
    let heap = &mut state.heap;
    let left = (
        heap.words.checked_sub(words),
        heap.floats.checked_sub(floats),
        heap.funs.checked_sub(funs),
    );
    let (Some(words), Some(floats), Some(funs)) = left else {
        return Err(fault(instr, Reason::HeapOverrun(instr.op.name())));
    };
    *heap = AllocList {
        words,
        floats,
        funs,
    };
    Ok(())
}
