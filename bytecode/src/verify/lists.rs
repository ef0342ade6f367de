//! The shapes of list operands.

use super::shape::{Checker, MAX_LIVE, fault};
use crate::error::{Fault, Reason};
use crate::isa::{Instr, Kind, Op, Operand};

impl Checker<'_> {
    pub(super) fn list(&mut self, instr: &Instr, args: &[Operand]) -> Result<(), Fault> {
        let Some(list) = args.iter().find_map(Operand::as_list) else {
            return Ok(());
        };
        let good = match instr.op {
            Op::SelectVal => {
                let constant = |arg: &Operand| {
                    matches!(
                        arg,
                        Operand::Integer(_)
                            | Operand::BigInteger(_)
                            | Operand::Atom(_)
                            | Operand::Nil
                            | Operand::Literal(_)
                    )
                };
                list.len() % 2 == 0 && list.chunks(2).all(|pair| constant(&pair[0]))
            }
            Op::SelectTupleArity => {
                let number = |arg: &Operand| arg.as_unsigned().is_some_and(|n| n < 1 << 24);
                list.len() % 2 == 0 && list.chunks(2).all(|pair| number(&pair[0]))
            }
            Op::PutTuple2 | Op::MakeFun3 | Op::HasMapFields => {
                list.iter().all(|arg| self.is_value(arg))
            }
            Op::PutMapAssoc | Op::PutMapExact | Op::PutRecord => {
                list.len() % 2 == 0 && list.iter().all(|arg| self.is_value(arg))
            }
            Op::GetMapElements | Op::GetRecordElements => {
                let dst = |arg: &Operand| matches!(arg, Operand::X(_) | Operand::Y(_));
                list.len() % 2 == 0
                    && list.iter().all(|arg| self.is_value(arg))
                    && list.chunks(2).all(|pair| dst(&pair[1]))
            }
            Op::InitYregs => list.iter().all(|arg| matches!(arg, Operand::Y(_))),
            Op::UpdateRecord => {
                let size = args[1].as_unsigned().unwrap_or_default();
                let index = |arg: &Operand| arg.as_unsigned().is_some_and(|n| n >= 1 && n <= size);
                size < 1 << 24
                    && list.len() % 2 == 0
                    && list
                        .chunks(2)
                        .all(|pair| index(&pair[0]) && self.is_value(&pair[1]))
            }
            Op::BsCreateBin => self.segments(list),
            Op::BsMatch => self.commands(list).is_some(),
            _ => false,
        };
        if !good {
            return Err(fault(instr, Reason::BadList(instr.op.name())));
        }
        if matches!(instr.op, Op::SelectVal | Op::SelectTupleArity) {
            for pair in list.chunks(2) {
                self.operand(instr, 2, &pair[1], Kind::Jump)?;
            }
        }
        Ok(())
    }

    /// Segments of `bs_create_bin`: type, number, unit, flags, value, size.
    fn segments(&mut self, list: &[Operand]) -> bool {
        list.len().is_multiple_of(6)
            && list.chunks(6).all(|segment| {
                let [
                    Operand::Atom(sort),
                    Operand::Unsigned(_),
                    Operand::Unsigned(unit),
                    flags,
                    value,
                    size,
                ] = segment
                else {
                    return false;
                };
                if *unit > 256 || !matches!(flags, Operand::Nil | Operand::Literal(_)) {
                    return false;
                }
                match self.file.atom(*sort) {
                    "string" => {
                        let (Operand::Unsigned(at), Operand::Integer(bytes)) = (value, size) else {
                            return false;
                        };
                        let end = u64::try_from(*bytes).ok().and_then(|n| at.checked_add(n));
                        end.is_some_and(|end| end <= self.file.strings.len() as u64)
                    }
                    "integer" | "float" | "binary" | "append" | "private_append" | "utf8"
                    | "utf16" | "utf32" => self.is_value(value) && self.is_value(size),
                    _ => false,
                }
            })
    }

    /// Commands of `bs_match`; nothing if they are malformed.
    fn commands(&mut self, list: &[Operand]) -> Option<()> {
        let mut rest = list;
        while let [Operand::Atom(name), tail @ ..] = rest {
            let length = match self.file.atom(*name) {
                "ensure_at_least" => 2,
                "ensure_exactly" | "skip" => 1,
                "integer" | "binary" => 5,
                "get_tail" => 3,
                "=:=" => 3,
                _ => return None,
            };
            let (args, after) = tail.split_at_checked(length)?;
            let number =
                |arg: &Operand| matches!(arg, Operand::Unsigned(n) if *n <= u32::MAX.into());
            let live = |arg: &Operand| matches!(arg, Operand::Unsigned(n) if *n <= MAX_LIVE);
            let dst = |arg: &Operand| matches!(arg, Operand::X(_) | Operand::Y(_));
            let good = match (self.file.atom(*name), args) {
                ("integer" | "binary", [keep, flags, size, unit, to]) => {
                    live(keep)
                        && matches!(flags, Operand::Nil | Operand::Literal(_))
                        && number(size)
                        && number(unit)
                        && dst(to)
                        && self.is_value(to)
                }
                ("get_tail", [keep, unit, to]) => {
                    live(keep) && number(unit) && dst(to) && self.is_value(to)
                }
                ("=:=", [Operand::Nil, Operand::Unsigned(size), value]) => {
                    *size <= 64 && matches!(value, Operand::Unsigned(_) | Operand::Integer(_))
                }
                ("=:=", _) => false,
                (_, args) => args.iter().all(number),
            };
            if !good {
                return None;
            }
            for arg in args.first().into_iter().filter(|arg| live(arg)) {
                self.saw_args(arg.as_unsigned().unwrap_or_default());
            }
            rest = after;
        }
        rest.is_empty().then_some(())
    }
}
