//! Random code for the machine itself, as text that `erlc` assembles: what its compiler would not write
//! (registers far apart, few of them kept live, frames of any size, exchanges, tries within tries, jumps that
//! join with other registers set), and yet what its validator takes. Start reading at: `program`, then
//! `Writer::step`.

use super::registers::{Known, Register, Slot, State};
use std::fmt::Write;

pub const FUNCTIONS: usize = 12;
const ATOMS: &[&str] = &["{atom,a}", "{atom,true}", "{atom,false}", "{atom,ok}", "nil"];
const LITERALS: &[&str] = &[
    "{integer,0}", "{integer,1}", "{integer,-1}", "{integer,7}", "{integer,576460752303423487}", "{integer,-576460752303423489}",
    "{integer,1152921504606846976}", "{integer,36893488147419103235}", "{float,1.5}", "{float,-0.25}", "{literal,[1,2,3]}",
    "{literal,[a|b]}", "{literal,{ok,[x],2.0}}", "{literal,{a,1}}", "{literal,{}}", "{literal,<<\"binary\">>}", "{literal,<<5:3>>}",
    "{literal,<<1,2,3,4,5,6,7,8,9,10>>}", "{literal,#{}}", "{literal,#{a=>1,1=>{b}}}", "{literal,\"text\"}",
];
const NUMBERS: &[&str] = &[
    "{integer,0}", "{integer,1}", "{integer,-1}", "{integer,7}", "{integer,576460752303423487}", "{integer,-576460752303423489}",
    "{integer,36893488147419103235}",
];
pub(super) const KEYS: &[&str] = &["{atom,a}", "{integer,1}", "{atom,b}", "{literal,<<\"k\">>}", "{integer,1152921504606846976}"];
/// What may be called that is not of the module: with how many arguments.
const OTHERS: &[(&str, &str, usize)] = &[
    ("erlang", "phash2", 1), ("erlang", "term_to_binary", 1), ("erlang", "is_map_key", 2), ("erlang", "external_size", 1),
    ("erlang", "setelement", 3), ("erlang", "tuple_to_list", 1), ("erlang", "list_to_tuple", 1), ("lists", "reverse", 1), ("erlang", "++", 2),
    ("lists", "member", 2), ("maps", "put", 3), ("lists", "sort", 1), ("erlang", "list_to_binary", 1), ("maps", "keys", 1), ("lists", "keyfind", 3),
    ("erlang", "throw", 1), ("erlang", "error", 1), ("erlang", "exit", 1),
];
/// The first of them take any terms.
const SAFE: usize = 2;

pub(super) struct Writer {
    state: u64,
    text: String,
    labels: usize,
    function: usize,
    /// Calls and branches that this function may still have.
    calls: usize,
    pub(super) branches: usize,
    /// Tries around this place.
    pub(super) tries: usize,
    arities: Vec<usize>,
}

/// The module of a seed; `main/0` has `random_driver` call each function.
pub fn program(seed: u64, name: &str) -> String {
    let mut w = Writer {
        state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        text: String::new(),
        labels: 2 * FUNCTIONS + 6,
        function: 0,
        calls: 0,
        branches: 0,
        tries: 0,
        arities: Vec::new(),
    };
    w.arities = (0..FUNCTIONS).map(|f| if f % 6 == 5 { 20 + w.below(235) } else { 1 + w.below(6) }).collect();
    for f in 0..FUNCTIONS {
        w.body(f, name);
    }
    let exports: Vec<String> = w.arities.iter().enumerate().map(|(f, arity)| format!("{{f{f},{arity}}}")).collect();
    let last = 2 * FUNCTIONS;
    let mut text = format!("%% seed {seed}\n{{module,{name}}}.\n{{exports,[{{main,0}},{{module_info,0}},{{module_info,1}},{}]}}.\n", exports.join(","));
    let _ = write!(text, "{{attributes,[]}}.\n{{labels,{}}}.\n{}", w.labels + 1, w.text);
    for (i, (function, arity, code)) in [
        ("main", 0, "{move,{atom,NAME},{x,0}}.\n{call_ext_only,1,{extfunc,random_driver,run,1}}."),
        ("module_info", 0, "{move,{atom,NAME},{x,0}}.\n{call_ext_only,1,{extfunc,erlang,get_module_info,1}}."),
        ("module_info", 1, "{move,{x,0},{x,1}}.\n{move,{atom,NAME},{x,0}}.\n{call_ext_only,2,{extfunc,erlang,get_module_info,2}}."),
    ]
    .into_iter()
    .enumerate()
    {
        let label = last + 2 * i + 1;
        let _ = write!(text, "{{function,{function},{arity},{}}}.\n{{label,{label}}}.\n{{func_info,{{atom,{name}}},{{atom,{function}}},{arity}}}.\n", label + 1);
        let _ = write!(text, "{{label,{}}}.\n{}\n", label + 1, code.replace("NAME", name));
    }
    text
}

/// Calls every function of a module with arguments that are the same in every run.
pub const DRIVER: &str = r#"-module(random_driver).
-export([run/1]).

run(Module) ->
    rand:seed(exsss, erlang:phash2(Module)),
    Functions = [F || {N, _} = F <- lists:sort(Module:module_info(exports)), N =/= main, N =/= module_info],
    [show(F, fun() -> apply(Module, N, [argument() || _ <- lists:seq(1, A)]) end) || {N, A} = F <- Functions, _ <- "abcdef"],
    ok.

show(F, Call) ->
    Result = try Call() catch C:R -> {C, R} end,
    case erlang:external_size(Result) of
        Size when Size > 3000 -> io:format("~w ~w ~w~n", [F, Size, erlang:phash2(Result)]);
        _ -> io:format("~w ~0tp~n", [F, Result])
    end.

argument() ->
    lists:nth(rand:uniform(20), [0, 1, 2, -1, 7, 1 bsl 59, -(1 bsl 64), 1.5, -2.0, a, b, [], [1, 2], "abc", {}, {a, 1}, {ok, [x], 3}, <<"bytes">>, <<5:3>>,
        #{a => 1, 1 => 2}]).
"#;

impl Writer {
    /// xorshift: the same numbers on every machine.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 33) % n as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    pub(super) fn put(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push_str(".\n");
    }

    pub(super) fn label(&mut self) -> usize {
        self.labels += 1;
        self.labels
    }

    fn literal(&mut self) -> String {
        if self.one_in(3) { self.pick(ATOMS) } else { self.pick(LITERALS) }
            .to_owned()
    }

    /// Something to read, of the x registers below `limit`.
    pub(super) fn source(&mut self, s: &State, limit: usize) -> String {
        let readable = s.readable(limit);
        if readable.is_empty() || self.one_in(4) {
            return self.literal();
        }
        readable[self.below(readable.len())].0.to_string()
    }

    /// A number to read, but for one time in sixteen.
    fn number(&mut self, s: &State, limit: usize) -> String {
        match self.known(s, limit, |k| k == Known::Number) {
            _ if self.one_in(40) => self.source(s, limit),
            Some((register, _)) if !self.one_in(3) => register.to_string(),
            _ => self.pick(NUMBERS).to_owned(),
        }
    }

    pub(super) fn known(&mut self, s: &State, limit: usize, fits: impl Fn(Known) -> bool) -> Option<(Register, Known)> {
        let all: Vec<_> = s.readable(limit).into_iter().filter(|(_, known)| fits(*known)).collect();
        if all.is_empty() { None } else { Some(all[self.below(all.len())]) }
    }

    pub(super) fn target(&mut self, s: &State) -> Register {
        let slots: Vec<usize> =
            s.y.iter().flatten().enumerate().filter(|(_, slot)| **slot != Slot::Tag).map(|(n, _)| n).collect();
        match self.below(12) {
            0..3 if !slots.is_empty() => Register::Y(slots[self.below(slots.len())]),
            0 => Register::X(self.below(1023)),
            1 => Register::X(self.below(40)),
            _ => Register::X(self.below(6)),
        }
    }

    /// How many x registers an instruction keeps that may collect.
    pub(super) fn live(&mut self, s: &State) -> usize {
        let all = s.prefix();
        if self.one_in(3) { self.below(all + 1) } else { all }
    }

    fn body(&mut self, f: usize, module: &str) {
        let (arity, entry) = (self.arities[f], 2 * f + 2);
        self.put(format!("{{function,f{f},{arity},{entry}}}"));
        self.put(format!("{{label,{}}}", entry - 1));
        self.put(format!("{{line,[{{location,\"{module}.erl\",{}}}]}}", f + 1));
        self.put(format!("{{func_info,{{atom,{module}}},{{atom,f{f}}},{arity}}}"));
        self.put(format!("{{label,{entry}}}"));
        (self.function, self.calls, self.branches) = (f, 2, 9);
        let mut s = State { x: vec![None; 1023], y: None };
        s.x[..arity].fill(Some(Known::Any));
        for _ in 0..8 + self.below(20) {
            if self.one_in(3) {
                self.frame(&mut s);
            }
            if !self.step(&mut s) {
                return;
            }
        }
        self.end(&mut s);
    }

    /// Makes a frame, gives it back or makes it smaller; never within a branch.
    fn frame(&mut self, s: &mut State) {
        let Some(y) = &mut s.y else {
            let (size, live) = (self.below(8), self.live(s));
            let words = self.below(9);
            match self.below(2) {
                0 => self.put(format!("{{allocate,{size},{live}}}")),
                _ => self.put(format!("{{allocate_heap,{size},{words},{live}}}")),
            }
            s.prune(live);
            let slots: Vec<String> = (0..size).map(|n| format!("{{y,{n}}}")).collect();
            if size > 0 {
                self.put(format!("{{init_yregs,{{list,[{}]}}}}", slots.join(",")));
            }
            s.y = Some(vec![Slot::Blank; size]);
            return;
        };
        if y.len() > 1 && self.one_in(2) {
            let gone = 1 + self.below(y.len() - 1);
            y.drain(..gone);
            let left = y.len();
            self.put(format!("{{trim,{gone},{left}}}"));
        } else if self.one_in(4) {
            let size = y.len();
            s.y = None;
            self.put(format!("{{deallocate,{size}}}"));
        }
    }

    /// A few steps within a branch; false if nothing comes behind them.
    pub(super) fn block(&mut self, s: &mut State) -> bool {
        for _ in 0..self.below(5) {
            if !self.step(s) {
                return false;
            }
        }
        if self.one_in(6) {
            self.end(s);
            return false;
        }
        true
    }

    /// Leaves the function.
    fn end(&mut self, s: &mut State) {
        if self.tries > 0 || self.one_in(30) {
            let value = self.source(s, 1023);
            let ends = [format!("{{badmatch,{value}}}"), format!("{{case_end,{value}}}"), "if_end".to_owned()];
            let end = &ends[self.below(3)];
            return self.put(end);
        }
        let size = s.y.as_ref().map(Vec::len);
        if self.calls > 0 && self.function + 1 < FUNCTIONS && self.one_in(2) {
            self.calls -= 1;
            let (label, arity) = self.later();
            self.arguments(s, arity);
            match size {
                None => self.put(format!("{{call_only,{arity},{{f,{label}}}}}")),
                Some(size) => self.put(format!("{{call_last,{arity},{{f,{label}}},{size}}}")),
            }
        } else if self.one_in(4) {
            let (module, function, arity) = OTHERS[self.below(OTHERS.len())];
            self.arguments(s, arity);
            let what = format!("{{extfunc,{module},'{function}',{arity}}}");
            match size {
                None => self.put(format!("{{call_ext_only,{arity},{what}}}")),
                Some(size) => self.put(format!("{{call_ext_last,{arity},{what},{size}}}")),
            }
        } else {
            let value = self.gathered(s);
            self.put(format!("{{move,{value},{{x,0}}}}"));
            if let Some(size) = size {
                self.put(format!("{{deallocate,{size}}}"));
            }
            self.put("return");
        }
    }

    /// As much of the registers as one value can tell.
    fn gathered(&mut self, s: &mut State) -> String {
        let live = s.prefix();
        let readable: Vec<String> = s.readable(live).iter().map(|(register, _)| register.to_string()).collect();
        if readable.is_empty() || self.one_in(4) {
            return self.source(s, 1023);
        }
        self.put(format!("{{test_heap,{},{live}}}", readable.len() + 1));
        self.put(format!("{{put_tuple2,{{x,0}},{{list,[{}]}}}}", readable.join(",")));
        "{x,0}".to_owned()
    }

    fn later(&mut self) -> (usize, usize) {
        let f = self.function + 1 + self.below(FUNCTIONS - self.function - 1);
        (2 * f + 2, self.arities[f])
    }

    /// Sets so many of the first registers.
    pub(super) fn arguments(&mut self, s: &mut State, count: usize) {
        for n in (0..count).rev() {
            if matches!(s.x[n], None | Some(Known::Context)) || self.one_in(3) {
                let value = self.source(s, 1023);
                self.put(format!("{{move,{value},{{x,{n}}}}}"));
                s.x[n] = Some(Known::Any);
            }
        }
    }

    pub(super) fn called(&mut self, s: &mut State) {
        s.prune(0);
        s.x[0] = Some(Known::Any);
    }

    /// One instruction, or a few that belong together; false if nothing comes behind.
    fn step(&mut self, s: &mut State) -> bool {
        match self.below(16) {
            0 | 1 => {
                let (value, target) = (self.source(s, 1023), self.target(s));
                self.put(format!("{{move,{value},{target}}}"));
                s.set(target, Known::Any);
            }
            2 => self.exchange(s),
            3 | 4 => self.build(s),
            5 | 6 => {
                let live = self.live(s);
                let (what, target) = (self.arithmetic(s, live, 0), self.target(s));
                self.put(format!("{what},{target}}}"));
                s.prune(live);
                s.set(target, Known::Number);
            }
            7 => {
                let (what, target) = (self.simple(s, 0), self.target(s));
                self.put(format!("{what},{target}}}"));
                s.set(target, Known::Any);
            }
            8 => self.take(s),
            9 => self.float(s),
            10 => self.map(s),
            11 => self.call(s),
            12 if self.branches > 0 => return self.guarded(s),
            13 if self.branches > 0 => return self.select(s),
            _ if self.branches > 0 => return self.branch(s),
            _ => self.build(s),
        }
        true
    }

    fn exchange(&mut self, s: &mut State) {
        let (Some((a, known_a)), Some((b, known_b))) = (self.known(s, 1023, |_| true), self.known(s, 1023, |_| true)) else { return };
        if a != b {
            self.put(format!("{{swap,{a},{b}}}"));
            s.set(a, known_b);
            s.set(b, known_a);
        }
    }

    /// Terms out of words that are asked for at once, often more than it needs.
    fn build(&mut self, s: &mut State) {
        let live = self.live(s);
        let plan: Vec<usize> = (0..1 + self.below(3)).map(|_| self.below(7)).collect();
        let funs = usize::from(self.function + 1 < FUNCTIONS && self.one_in(5));
        let words: usize = plan.iter().map(|&n| if n == 0 { 2 } else { n + 1 }).sum::<usize>() + self.below(3) * self.below(20);
        match funs {
            0 => self.put(format!("{{test_heap,{words},{live}}}")),
            _ => self.put(format!("{{test_heap,{{alloc,[{{words,{}}},{{floats,0}},{{funs,1}}]}},{live}}}", words + 3)),
        }
        s.prune(live);
        for n in plan {
            let (first, second, target) = (self.source(s, 1023), self.source(s, 1023), self.target(s));
            if n == 0 {
                self.put(format!("{{put_list,{first},{second},{target}}}"));
                s.set(target, Known::Cons);
            } else {
                let elements: Vec<String> = (0..n).map(|_| self.source(s, 1023)).collect();
                self.put(format!("{{put_tuple2,{target},{{list,[{}]}}}}", elements.join(",")));
                s.set(target, Known::Tuple(n));
            }
        }
        if funs > 0 {
            let (label, arity) = self.later();
            // one number for each function: `erl` has one entry for both
            let free: Vec<String> = (0..arity.min(label / 2 % 4)).map(|_| self.source(s, 1023)).collect();
            let target = self.target(s);
            self.put(format!("{{make_fun3,{{f,{label}}},0,0,{target},{{list,[{}]}}}}", free.join(",")));
            s.set(target, Known::Fun(arity - free.len()));
        }
    }

    /// An instruction that may collect, but for its target.
    pub(super) fn arithmetic(&mut self, s: &State, live: usize, fail: usize) -> String {
        let (mut a, b) = (self.number(s, live), self.number(s, live));
        match self.below(4) {
            0 if fail == 0 => {
                let name = self.pick(&["abs", "round", "trunc", "float", "'bnot'", "'-'", "ceil"]);
                format!("{{gc_bif,{name},{{f,0}},{live},[{a}]")
            }
            0 => {
                a = self.source(s, live);
                let name = self.pick(&["length", "byte_size", "bit_size", "map_size", "abs", "round", "trunc", "float", "'bnot'", "'-'", "ceil"]);
                format!("{{gc_bif,{name},{{f,{fail}}},{live},[{a}]")
            }
            1 => format!("{{gc_bif,'bsl',{{f,{fail}}},{live},[{a},{{integer,{}}}]", self.below(70)),
            _ => {
                let name = self.pick(&["'+'", "'-'", "'*'", "'+'", "'-'", "'div'", "'rem'", "'band'", "'bor'", "'bxor'", "'bsr'"]);
                // shifts to the left by a negative number have no end
                let b = if name == "'bsr'" { "{integer,3}".to_owned() } else { b };
                format!("{{gc_bif,{name},{{f,{fail}}},{live},[{a},{b}]")
            }
        }
    }

    /// An instruction that allocates nothing, but for its target.
    pub(super) fn simple(&mut self, s: &State, fail: usize) -> String {
        let (a, b) = (self.source(s, 1023), self.source(s, 1023));
        if fail == 0 && !self.one_in(40) {
            return match (self.below(3), self.known(s, 1023, |k| k == Known::Cons), self.known(s, 1023, |k| matches!(k, Known::Tuple(1..)))) {
                (0, Some((list, _)), _) => format!("{{bif,{},{{f,0}},[{list}]", self.pick(&["hd", "tl"])),
                (1, _, Some((tuple, Known::Tuple(size)))) => format!("{{bif,element,{{f,0}},[{{integer,{}}},{tuple}]", 1 + self.below(size)),
                (2, ..) => format!("{{bif,{},{{f,0}},[{a}]", self.pick(&["is_atom", "is_float", "is_list", "is_binary", "is_map", "is_function", "is_number"])),
                _ => format!("{{bif,{},{{f,0}},[{a},{b}]", self.pick(&["'=:='", "'=='", "'<'", "'>='", "'=/='", "'/='"])),
            };
        }
        match (self.below(5), self.known(s, 1023, |_| true)) {
            // the loader of `erl` has no room for a literal
            (4, Some((a, _))) => format!("{{bif,{},{{f,{fail}}},[{a}]", self.pick(&["hd", "tl"])),
            (0, _) => format!("{{bif,{},{{f,{fail}}},[{a}]", self.pick(&["tuple_size", "'not'", "is_atom", "is_float", "is_list", "is_binary", "is_map"])),
            (1, _) => format!("{{bif,element,{{f,{fail}}},[{{integer,{}}},{a}]", 1 + self.below(3)),
            (2, _) => format!("{{bif,map_get,{{f,{fail}}},[{},{a}]", self.pick(KEYS)),
            _ => format!("{{bif,{},{{f,{fail}}},[{a},{b}]", self.pick(&["'=:='", "'=='", "'<'", "'>='", "'=/='", "'and'", "'or'", "'xor'", "is_map_key"])),
        }
    }

    /// Takes something apart of which it is known what it is.
    fn take(&mut self, s: &mut State) {
        let Some((from, known)) = self.known(s, 1023, |k| matches!(k, Known::Cons | Known::Tuple(1..))) else { return };
        let (target, other) = (self.target(s), self.target(s));
        match known {
            Known::Tuple(size) => self.put(format!("{{get_tuple_element,{from},{},{target}}}", self.text.len() % size)),
            _ if target != other && other != from && target != from => {
                self.put(format!("{{get_list,{from},{target},{other}}}"));
                s.set(other, Known::Any);
            }
            _ => {
                let name = self.pick(&["get_hd", "get_tl"]);
                self.put(format!("{{{name},{from},{target}}}"));
            }
        }
        s.set(target, Known::Any);
    }

    fn float(&mut self, s: &mut State) {
        let value = self.number(s, 1023);
        let (a, b) = (self.below(16), self.below(16));
        self.put(format!("{{fconv,{value},{{fr,{a}}}}}"));
        if a != b {
            self.put(format!("{{fmove,{{float,{}}},{{fr,{b}}}}}", self.text.len() % 9 + 1).replace("},{fr", ".5},{fr"));
        }
        let (name, out) = (self.pick(&["fadd", "fsub", "fmul", "fdiv"]), self.below(16));
        self.put(format!("{{bif,{name},{{f,0}},[{{fr,{a}}},{{fr,{b}}}],{{fr,{out}}}}}"));
        let live = self.live(s);
        self.put(format!("{{test_heap,{{alloc,[{{words,0}},{{floats,1}},{{funs,0}}]}},{live}}}"));
        s.prune(live);
        let target = self.target(s);
        self.put(format!("{{fmove,{{fr,{out}}},{target}}}"));
        s.set(target, Known::Number);
    }

    fn map(&mut self, s: &mut State) {
        let live = self.live(s);
        let from = match self.known(s, live, |k| k == Known::Map) {
            Some((from, _)) => from.to_string(),
            None => "{literal,#{a=>1,1=>{b}}}".to_owned(),
        };
        let first = self.below(KEYS.len());
        let count = 1 + self.below(3);
        let pairs: Vec<String> =
            (0..count).map(|i| format!("{},{}", KEYS[(first + i) % KEYS.len()], self.source(s, live))).collect();
        let target = self.target(s);
        let name = if self.one_in(12) { "put_map_exact" } else { "put_map_assoc" };
        self.put(format!("{{{name},{{f,0}},{from},{target},{live},{{list,[{}]}}}}", pairs.join(",")));
        s.prune(live);
        s.set(target, Known::Map);
    }

    fn call(&mut self, s: &mut State) {
        if s.y.is_none() {
            return self.build(s);
        }
        if self.one_in(2) {
            let line = self.text.len() % 900;
            self.put(format!("{{line,[{{location,\"random.erl\",{line}}}]}}"));
        }
        if self.calls > 0 && self.function + 1 < FUNCTIONS && self.one_in(2) {
            self.calls -= 1;
            let (label, arity) = self.later();
            self.arguments(s, arity);
            self.put(format!("{{call,{arity},{{f,{label}}}}}"));
        } else if self.calls > 0
            && let Some((fun, Known::Fun(arity))) = self.known(s, 1023, |k| matches!(k, Known::Fun(_)))
        {
            // No other terms: in the stack trace of a badfun `erl` names the caller twice.
            self.calls -= 1;
            self.put(format!("{{move,{fun},{{x,{arity}}}}}"));
            s.x[arity] = Some(Known::Any);
            self.arguments(s, arity);
            self.put(format!("{{call_fun,{arity}}}"));
        } else {
            // those that never return are left to `end`
            let (module, function, arity) = OTHERS[if self.one_in(10) { self.below(OTHERS.len() - 3) } else { self.below(SAFE) }];
            self.arguments(s, arity);
            self.put(format!("{{call_ext,{arity},{{extfunc,{module},'{function}',{arity}}}}}"));
        }
        self.called(s);
    }
}
