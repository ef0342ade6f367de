//! Random code that goes two ways or more: tests, matching, jumps by value, tries. Start reading at:
//! `Writer::branch`.

use super::code::{KEYS, Writer};
use super::registers::{Known, Register, Slot, State, note};

impl Writer {
    /// Tests that all fail to one place, and what comes behind either.
    pub(super) fn branch(&mut self, s: &mut State) -> bool {
        self.branches -= 1;
        let (fail, end) = (self.label(), self.label());
        let (mut yes, mut no) = (s.clone(), None);
        for _ in 0..1 + self.below(4) {
            self.test(&mut yes, fail, &mut no);
        }
        let mut no = no.unwrap_or_else(|| s.clone());
        let yes_goes_on = self.block(&mut yes);
        if yes_goes_on {
            self.put(format!("{{jump,{{f,{end}}}}}"));
        }
        self.put(format!("{{label,{fail}}}"));
        let no_goes_on = self.block(&mut no);
        if yes_goes_on {
            self.put(format!("{{label,{end}}}"));
        }
        match (yes_goes_on, no_goes_on) {
            (true, true) => yes.join(&no),
            (false, true) => yes = no,
            (true, false) => {}
            (false, false) => return false,
        }
        // no join of one state alone: contexts end all the same
        let same = yes.clone();
        yes.join(&same);
        *s = yes;
        true
    }

    /// One test; what is known where it fails goes to `no`.
    fn test(&mut self, s: &mut State, fail: usize, no: &mut Option<State>) {
        let context = s.x.iter().position(|x| *x == Some(Known::Context));
        match self.below(9) {
            0..3 => {
                let Some((register, known)) = self.known(s, 1023, |_| true) else { return };
                let (name, then) = [
                    ("is_nonempty_list", Known::Cons), ("is_map", Known::Map), ("is_tuple", Known::Any), ("is_integer", Known::Number), ("is_atom", Known::Any),
                    ("is_list", Known::Any), ("is_binary", Known::Any), ("is_number", Known::Number), ("is_nil", Known::Any), ("is_float", Known::Number),
                    ("is_bitstr", Known::Any), ("is_boolean", Known::Any), ("is_function", Known::Any),
                ][self.below(13)];
                self.put(format!("{{test,{name},{{f,{fail}}},[{register}]}}"));
                note(s, no);
                if then != Known::Any {
                    s.set(register, then);
                } else if name == "is_tuple" && !matches!(known, Known::Tuple(_)) {
                    let size = self.below(4);
                    self.put(format!("{{test,test_arity,{{f,{fail}}},[{register},{size}]}}"));
                    s.set(register, Known::Tuple(size));
                }
            }
            3 | 4 => {
                let (a, b) = (self.source(s, 1023), self.source(s, 1023));
                let name = self.pick(&["is_lt", "is_ge", "is_eq", "is_ne", "is_eq_exact", "is_ne_exact"]);
                self.put(format!("{{test,{name},{{f,{fail}}},[{a},{b}]}}"));
                note(s, no);
            }
            5 => {
                let live = self.live(s);
                let (what, target) = (self.arithmetic(s, live, fail), self.target(s));
                self.put(format!("{what},{target}}}"));
                s.prune(live);
                note(s, no);
                s.set(target, Known::Any);
            }
            6 => {
                let (what, target) = (self.simple(s, fail), self.target(s));
                self.put(format!("{what},{target}}}"));
                note(s, no);
                s.set(target, Known::Any);
            }
            7 if self.known(s, 1023, |k| k == Known::Map).is_some() => {
                let Some((from, _)) = self.known(s, 1023, |k| k == Known::Map) else { return };
                let (key, target) = (self.below(KEYS.len()), self.target(s));
                self.put(format!("{{get_map_elements,{{f,{fail}}},{from},{{list,[{},{target}]}}}}", KEYS[key]));
                note(s, no);
                s.set(target, Known::Any);
            }
            _ => match context {
                None => {
                    let live = self.live(s);
                    let Some((from, _)) = self.known(s, live, |_| true) else { return };
                    let context = (0..live).chain([live]).nth(self.below(live + 1)).unwrap_or(live);
                    if from == Register::X(context) || context >= 1022 {
                        return;
                    }
                    self.put(format!("{{test,bs_start_match3,{{f,{fail}}},{live},[{from}],{{x,{context}}}}}"));
                    s.prune(live);
                    note(s, no);
                    s.x[context] = Some(Known::Context);
                }
                Some(context) => self.field(s, fail, context, no),
            },
        }
    }

    /// Reads on in a match context.
    fn field(&mut self, s: &mut State, fail: usize, context: usize, no: &mut Option<State>) {
        let live = s.prefix();
        if live <= context {
            return;
        }
        let target = Register::X(self.below(live + 1));
        if target == Register::X(context) {
            return;
        }
        let flags = self.pick(&["", "little", "signed", "signed,little"]);
        let (size, what) = (1 + self.below(70), self.below(6));
        let name = match what {
            0 | 1 => format!("{{test,bs_get_integer2,{{f,{fail}}},{live},[{{x,{context}}},{{integer,{size}}},1,{{field_flags,[{flags}]}}],{target}}}"),
            2 => format!("{{test,bs_get_binary2,{{f,{fail}}},{live},[{{x,{context}}},{{integer,{}}},8,{{field_flags,[]}}],{target}}}", size % 5),
            3 => format!("{{test,bs_get_float2,{{f,{fail}}},{live},[{{x,{context}}},{{integer,{}}},1,{{field_flags,[{flags}]}}],{target}}}", [16, 32, 64][size % 3]),
            4 => format!("{{test,bs_skip_bits2,{{f,{fail}}},[{{x,{context}}},{{integer,{size}}},1,{{field_flags,[]}}]}}"),
            _ => format!("{{bs_get_tail,{{x,{context}}},{target},{live}}}"),
        };
        self.put(name);
        s.prune(live);
        if what != 5 {
            note(s, no);
        }
        if what != 4 {
            s.set(target, Known::Any);
        }
    }

    /// A jump that depends on a value.
    pub(super) fn select(&mut self, s: &mut State) -> bool {
        self.branches -= 1;
        let Some((on, _)) = self.known(s, 1023, |_| true) else { return true };
        let values = match self.below(3) {
            0 => vec!["{atom,a}", "{atom,ok}", "{atom,true}"],
            1 => vec!["{integer,0}", "{integer,1}", "{integer,2}", "{integer,7}"],
            _ => vec!["{integer,-1}", "{integer,576460752303423487}", "{integer,1}"],
        };
        let (labels, end): (Vec<usize>, usize) = ((0..=values.len()).map(|_| self.label()).collect(), self.label());
        let pairs: Vec<String> = values.iter().zip(&labels).map(|(value, label)| format!("{value},{{f,{label}}}")).collect();
        self.put(format!("{{select_val,{on},{{f,{}}},{{list,[{}]}}}}", labels[values.len()], pairs.join(",")));
        let mut after: Option<State> = None;
        for label in labels {
            self.put(format!("{{label,{label}}}"));
            let mut here = s.clone();
            if self.block(&mut here) {
                self.put(format!("{{jump,{{f,{end}}}}}"));
                match &mut after {
                    Some(after) => after.join(&here),
                    None => after = Some(here),
                }
            }
        }
        let Some(mut after) = after else { return false };
        let same = after.clone();
        after.join(&same);
        self.put(format!("{{label,{end}}}"));
        *s = after;
        true
    }

    /// A `try` or `catch`.
    pub(super) fn guarded(&mut self, s: &mut State) -> bool {
        self.branches -= 1;
        let Some(y) = &s.y else { return true };
        // tags are nested as their slots are: the last one in the lowest slot
        let limit = y.iter().position(|slot| *slot == Slot::Tag).unwrap_or(y.len());
        if limit == 0 {
            return true;
        }
        let slot = self.below(limit);
        let (handler, end) = (self.label(), self.label());
        let catch = self.one_in(3);
        let names = if catch { ["'catch'", "catch_end"] } else { ["'try'", "try_end"] };
        self.put(format!("{{{},{{y,{slot}}},{{f,{handler}}}}}", names[0]));
        let tagged = |s: &mut State, what: Slot| {
            if let Some(y) = &mut s.y {
                y[slot] = what;
            }
        };
        tagged(s, Slot::Tag);
        let mut failed = s.clone();
        failed.prune(0);
        for y in failed.y.iter_mut().flatten() {
            if *y != Slot::Tag {
                *y = Slot::Blank;
            }
        }
        self.tries += 1;
        let goes_on = self.block(s);
        self.tries -= 1;
        if catch {
            if goes_on {
                self.arguments(s, 1);
            }
            self.put(format!("{{label,{handler}}}"));
            self.put(format!("{{catch_end,{{y,{slot}}}}}"));
            if goes_on { s.join(&failed) } else { *s = failed }
            tagged(s, Slot::Blank);
            self.called(s);
            return true;
        }
        if goes_on {
            self.put(format!("{{try_end,{{y,{slot}}}}}"));
            self.put(format!("{{jump,{{f,{end}}}}}"));
        }
        self.put(format!("{{label,{handler}}}"));
        self.put(format!("{{try_case,{{y,{slot}}}}}"));
        tagged(s, Slot::Blank);
        tagged(&mut failed, Slot::Blank);
        failed.x[..2].fill(Some(Known::Any));
        let handled = self.block(&mut failed);
        if goes_on {
            self.put(format!("{{label,{end}}}"));
        }
        match (goes_on, handled) {
            (true, true) => s.join(&failed),
            (true, false) => {}
            (false, true) => *s = failed,
            (false, false) => return false,
        }
        let same = s.clone();
        s.join(&same);
        true
    }
}
