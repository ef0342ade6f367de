//! Random programs, run on `erl` and on glulam. A seed gives one program for ever; one that differs is
//! kept as `target/random/random_SEED.erl` (or `code_SEED.S`), to be cut down and moved to `tests/diff` under a
//! name. Start reading at: `run`, then `Writer::expression`; `code` writes instructions instead.

mod branches;
mod code;
mod registers;

use crate::command::{self, End};
use crate::diff;
use crate::known::{Totals, Verdict};
use crate::options::Options;
use crate::subject::{Subject, target_dir};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const FUNCTIONS: usize = 40;
/// How often each function is called from outside.
const CALLS: usize = 4;
const MODULES_AT_ONCE: u64 = 20;

pub fn run(root: &Path, options: &Options) -> Result<Totals, String> {
    let mut totals = Totals::default();
    let count = options.number("count", 20)?;
    let first = options.number("seed", 1)?;
    let Some(reference) = Subject::reference(options.value("reference")) else {
        println!("SKIPPED: NO `erl` ON THE PATH, NOTHING TO COMPARE WITH");
        totals.skipped = count as usize;
        return Ok(totals);
    };
    let subject = Subject::under_test(root, options)?;
    let work = target_dir(root).join("random");
    std::fs::create_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()))?;
    let bytecode = options.flag("bytecode");
    let (prefix, suffix) = if bytecode { ("code", "S") } else { ("random", "erl") };
    if bytecode {
        std::fs::write(work.join("random_driver.erl"), code::DRIVER).map_err(|e| e.to_string())?;
    }
    let seeds: Vec<u64> = (first..first + count).collect();
    for group in seeds.chunks(MODULES_AT_ONCE as usize) {
        let mut erlc = Command::new("erlc");
        erlc.arg("-W0").current_dir(&work);
        if bytecode {
            erlc.arg("random_driver.erl");
        }
        for seed in group {
            let name = format!("{prefix}_{seed}");
            let file = format!("{name}.{suffix}");
            let text = if bytecode { code::program(*seed, &name) } else { program(*seed, &name) };
            std::fs::write(work.join(&file), text).map_err(|e| e.to_string())?;
            erlc.arg(file);
        }
        let out = command::run(&mut erlc, &work.join("erlc"), Duration::from_secs(600));
        if out.end != End::Exit(0) {
            return Err(format!("erlc: {}\n{}{}", out.end, out.stdout, out.stderr));
        }
        let outcomes = command::parallel(group, options.jobs(), |seed| {
            let name = format!("{prefix}_{seed}");
            let expected = diff::module(&reference, &name, &work, &work.join(format!("{name}.expected")), diff::LIMIT);
            let got = diff::module(&subject, &name, &work, &work.join(format!("{name}.got")), diff::LIMIT * options.slowness());
            (expected, got)
        });
        for (seed, (expected, got)) in group.iter().zip(outcomes) {
            let name = format!("{prefix}_{seed}");
            let sound = expected.end == End::Exit(0) && expected.stdout.lines().count() > FUNCTIONS / 4;
            if sound && expected.stdout == got.stdout && expected.end == got.end {
                totals.count(Verdict::Passed);
                for suffix in [suffix, "beam", "expected.out", "expected.err", "got.out", "got.err"] {
                    let _ = std::fs::remove_file(work.join(format!("{name}.{suffix}")));
                }
            } else {
                totals.count(Verdict::Failed);
                println!("FAIL seed {seed}");
                if !sound {
                    println!("     erl does not run it: {}", expected.stdout.lines().next().unwrap_or("(nothing)"));
                }
                diff::explain(&expected, &got);
            }
        }
    }
    Ok(totals)
}

/// A module whose `main/0` prints the outcome of each of its functions for several arguments.
fn program(seed: u64, name: &str) -> String {
    let mut w = Writer { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, fresh: 0, function: 0 };
    let mut text = format!("%% seed {seed}\n-module({name}).\n-export([main/0]).\n\nmain() ->\n");
    for f in 0..FUNCTIONS {
        let (a, b) = parameters(f);
        for _ in 0..CALLS {
            let _ = writeln!(text, "    show({f}, fun() -> f{f}(id({}), id({})) end),", w.literal(a), w.literal(b));
        }
    }
    text.push_str("    ok.\n\nshow(N, F) -> io:format(\"~w ~0tp~n\", [N, try F() catch C:R -> {C, R} end]).\nid(X) -> X.\n\n");
    for f in 0..FUNCTIONS {
        w.function = f;
        let (a, b) = parameters(f);
        for _ in 0..w.below(3) {
            let mut bound = Vec::new();
            let (first, second) = (w.pattern(a, &mut bound, 2), w.pattern(b, &mut bound, 1));
            let guard = if w.one_in(2) { format!(" when {}", w.guard(&bound)) } else { String::new() };
            let _ = writeln!(text, "f{f}({first}, {second}){guard} ->\n    {};", w.expression(Kind::Any, &bound, 4));
        }
        let scope = vec![("A".to_string(), a), ("B".to_string(), b)];
        let _ = writeln!(text, "f{f}(A, B) ->\n    {}.\n", w.expression(Kind::Any, &scope, 5));
    }
    text
}

/// What a value should be. One expression in eighty is of another kind on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Integer,
    Number,
    Boolean,
    List,
    Tuple,
    Map,
    Binary,
    Any,
}

const KINDS: &[Kind] =
    &[Kind::Integer, Kind::Number, Kind::Boolean, Kind::List, Kind::Tuple, Kind::Map, Kind::Binary, Kind::Any];

type Scope = Vec<(String, Kind)>;

struct Writer {
    state: u64,
    /// Numbers variables, so that no name is bound twice.
    fresh: usize,
    /// The function being written: it calls only later ones, so every program ends.
    function: usize,
}

impl Writer {
    /// xorshift: the same numbers on every machine.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 33) % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn kind(&mut self) -> Kind {
        KINDS[self.below(KINDS.len())]
    }

    fn variable(&mut self) -> String {
        self.fresh += 1;
        format!("V{}", self.fresh)
    }

    fn literal(&mut self, kind: Kind) -> String {
        const INTEGERS: &[&str] = &[
            "0", "1", "-1", "2", "7", "255", "256", "1000", "(1 bsl 59)", "((1 bsl 60) - 1)", "-(1 bsl 61)", "((1 bsl 64) + 3)", "-(1 bsl 130)",
        ];
        let kind = if kind == Kind::Any { KINDS[self.below(KINDS.len() - 1)] } else { kind };
        let from: &[&str] = match kind {
            Kind::Integer => INTEGERS,
            Kind::Number => &["0", "3", "-1", "0.0", "1.5", "-2.25", "1.0e10", "0.1", "(1 bsl 70)"],
            Kind::Boolean => &["true", "false"],
            Kind::List => &["[]", "\"abc\"", "[1, 2, 3]", "[a, {b}, 1.5]", "[{a, 1}, {b, 2}]", "[[1], [2, 3]]", "lists:seq(1, 40)", "[1 | 2]"],
            Kind::Tuple => &["{}", "{a, 1}", "{ok, [x], 2.0}", "{1, 2, 3}", "{{a}, <<1>>}", "{5, b}"],
            // no more than 32 keys even when merged: the order of larger maps is not the same in every run
            Kind::Map => &["#{}", "#{a => 1, b => {2}}", "#{1 => one, <<\"k\">> => [v]}", "#{a => 5, c => 6}", "maps:from_list([{N, N * N} || N <- lists:seq(1, 20)])"],
            _ => &["<<>>", "<<\"bin\">>", "<<5:3>>", "<<1, 2, 3, 4, 5, 6, 7, 8, 9>>", "<<1.5/float, 7>>", "<<\"hé\"/utf8>>", "<<255, 0, 128, 1:1>>"],
        };
        self.pick(from).to_string()
    }

    fn leaf(&mut self, kind: Kind, scope: &Scope) -> String {
        let fits: Vec<&String> = scope.iter().filter(|(_, k)| kind == Kind::Any || *k == kind).map(|(v, _)| v).collect();
        if fits.is_empty() || self.one_in(3) { self.literal(kind) } else { fits[self.below(fits.len())].clone() }
    }

    fn with(scope: &Scope, more: &[(String, Kind)]) -> Scope {
        scope.iter().chain(more).cloned().collect()
    }

    /// A pattern for a value of `kind`; what it binds goes to `bound`.
    fn pattern(&mut self, kind: Kind, bound: &mut Scope, depth: usize) -> String {
        if depth == 0 || self.one_in(4) {
            return match self.below(3) {
                0 => "_".into(),
                1 => match kind {
                    Kind::Integer | Kind::Number => self.pick(&["0", "1", "7", "1.5", "18446744073709551619"]).into(),
                    Kind::List => self.pick(&["[]", "\"abc\"", "[1, 2, 3]"]).into(),
                    _ => self.pick(&["true", "a", "{}", "<<>>", "[]"]).into(),
                },
                _ => {
                    let v = self.variable();
                    bound.push((v.clone(), kind));
                    v
                }
            };
        }
        let (any, other) = (self.kind(), self.kind());
        match kind {
            Kind::Tuple => match self.below(3) {
                0 => format!("{{{}, {}}}", self.pattern(any, bound, depth - 1), self.pattern(other, bound, depth - 1)),
                1 => format!("{{ok, {}, _}}", self.pattern(any, bound, depth - 1)),
                _ => format!("{{{}}}", self.pattern(any, bound, depth - 1)),
            },
            Kind::List => {
                let (head, tail) = (self.pattern(any, bound, depth - 1), self.pattern(Kind::List, bound, depth - 1));
                if self.one_in(3) { format!("[{head}, _ | {tail}]") } else { format!("[{head} | {tail}]") }
            }
            Kind::Map => format!("#{{{} := {}}}", self.pick(&["a", "b", "1", "<<\"k\">>", "33"]), self.pattern(any, bound, depth - 1)),
            Kind::Binary => {
                let (head, rest) = (self.variable(), self.variable());
                let (field, of) = [
                    (":8", Kind::Integer), (":4", Kind::Integer), (":16/little", Kind::Integer), (":24/signed", Kind::Integer), (":3", Kind::Integer),
                    ("/utf8", Kind::Integer), (":64/float", Kind::Number), (":2/binary", Kind::Binary), (":65", Kind::Integer), (":16/signed-little", Kind::Integer),
                ][self.below(10)];
                bound.extend([(head.clone(), of), (rest.clone(), Kind::Binary)]);
                if self.one_in(3) {
                    let more = self.variable();
                    bound.push((more.clone(), Kind::Integer));
                    format!("<<{head}{field}, {more}:5, {rest}/bitstring>>")
                } else {
                    format!("<<{head}{field}, {rest}/bitstring>>")
                }
            }
            _ => {
                let v = self.variable();
                let inner = self.pattern(kind, bound, depth - 1);
                bound.push((v.clone(), kind));
                format!("{v} = {inner}")
            }
        }
    }

    /// A leaf that may stand in a guard: no calls.
    fn plain(&mut self, kind: Kind, scope: &Scope) -> String {
        let leaf = self.leaf(kind, scope);
        if leaf.contains("lists:") || leaf.contains("maps:") { "5".into() } else { leaf }
    }

    fn guard(&mut self, scope: &Scope) -> String {
        match self.below(8) {
            0 => self.comparison(scope),
            1 => {
                let test = self.pick(&["integer", "float", "atom", "list", "tuple", "map", "binary", "bitstring", "boolean", "number"]);
                format!("is_{test}({})", self.plain(Kind::Any, scope))
            }
            2 => format!("tuple_size({}) > 1", self.plain(Kind::Tuple, scope)),
            3 => format!("{} + 1 > {}", self.plain(Kind::Number, scope), self.plain(Kind::Number, scope)),
            4 => format!("element(1, {}) =:= {}", self.plain(Kind::Tuple, scope), self.plain(Kind::Any, scope)),
            5 => format!("length({}) > 1 orelse is_map_key(a, {})", self.plain(Kind::List, scope), self.plain(Kind::Map, scope)),
            6 => format!("not is_atom({}); {} rem 2 =:= 0", self.plain(Kind::Any, scope), self.plain(Kind::Integer, scope)),
            _ => format!("byte_size({}) >= 2, {}", self.plain(Kind::Binary, scope), self.plain(Kind::Boolean, scope)),
        }
    }

    fn comparison(&mut self, scope: &Scope) -> String {
        let (a, b) = (self.plain(Kind::Any, scope), self.plain(Kind::Any, scope));
        format!("{a} {} {b}", self.pick(&["<", ">=", "=/=", "=:=", "==", "/="]))
    }

    fn expression(&mut self, kind: Kind, scope: &Scope, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(kind, scope);
        }
        let kind = if self.one_in(80) || kind == Kind::Any { self.kind() } else { kind };
        let d = depth - 1;
        match self.below(14) {
            0 => self.leaf(kind, scope),
            1 | 2 => self.case(kind, scope, d),
            3 => {
                let (c, r) = (self.variable(), self.variable());
                format!("try {} catch {c}:{r} -> {{{c}, {r}}} end", self.expression(kind, scope, d))
            }
            4 => {
                let (v, of) = (self.variable(), self.kind());
                let inner = Self::with(scope, &[(v.clone(), of)]);
                format!("begin {v} = {}, {} end", self.expression(of, scope, d), self.expression(kind, &inner, d))
            }
            5 => {
                let (x, of) = (self.variable(), self.kind());
                let inner = Self::with(scope, &[(x.clone(), of)]);
                format!("(fun({x}) -> {} end)({})", self.expression(kind, &inner, d), self.expression(of, scope, d))
            }
            6 if self.function + 1 < FUNCTIONS => {
                let f = self.function + 1 + self.below(FUNCTIONS - self.function - 1);
                let (a, b) = parameters(f);
                format!("f{f}({}, {})", self.expression(a, scope, d.min(1)), self.expression(b, scope, d.min(1)))
            }
            7 if self.one_in(8) => format!("{}({})", self.pick(&["throw", "error", "exit"]), self.leaf(Kind::Any, scope)),
            _ => self.operation(kind, scope, d),
        }
    }

    fn case(&mut self, kind: Kind, scope: &Scope, d: usize) -> String {
        let of = self.kind();
        let mut text = format!("case {} of ", self.expression(of, scope, d));
        for _ in 0..1 + self.below(3) {
            let mut bound = Vec::new();
            let pattern = self.pattern(of, &mut bound, 2);
            let inner = Self::with(scope, &bound);
            let guard = if self.one_in(2) { format!(" when {}", self.guard(&inner)) } else { String::new() };
            let _ = write!(text, "{pattern}{guard} -> {}; ", self.expression(kind, &inner, d));
        }
        let _ = write!(text, "_ -> {} end", self.expression(kind, scope, d));
        text
    }

    /// An operator, native or library function whose answer is of `kind`.
    fn operation(&mut self, kind: Kind, scope: &Scope, d: usize) -> String {
        use Kind::*;
        let one = |w: &mut Self, k: Kind| w.expression(k, scope, d);
        match kind {
            Integer => match self.below(12) {
                0..5 => {
                    let op = self.pick(&["+", "-", "*", "div", "rem", "band", "bor", "bxor"]);
                    format!("({} {op} {})", one(self, Integer), one(self, Integer))
                }
                5 => format!("({} {} {})", one(self, Integer), self.pick(&["bsl", "bsr"]), self.below(70)),
                6 => format!("{}({})", self.pick(&["-", "bnot ", "abs"]), one(self, Integer)),
                7 => format!("length({})", one(self, List)),
                8 => format!("{}({})", self.pick(&["byte_size", "bit_size"]), one(self, Binary)),
                9 => format!("{}({})", self.pick(&["trunc", "round", "floor", "ceil"]), one(self, Number)),
                10 => format!("erlang:phash2({})", one(self, Any)),
                _ => format!("lists:foldl(fun(X, Acc) -> X + Acc end, 0, {})", one(self, List)),
            },
            Number => {
                let op = self.pick(&["+", "-", "*", "/"]);
                format!("({} {op} {})", one(self, Number), one(self, Number))
            }
            Boolean => match self.below(5) {
                0 => format!("(({}) {} ({}))", one(self, Boolean), self.pick(&["andalso", "orelse", "and", "or", "xor"]), one(self, Boolean)),
                1 => format!("not ({})", one(self, Boolean)),
                2 => format!("lists:member({}, {})", one(self, Any), one(self, List)),
                3 => format!("is_map_key({}, {})", self.leaf(Any, scope), one(self, Map)),
                _ => {
                    let op = self.pick(&["<", "=<", "==", "=:=", "/=", "=/=", ">", ">="]);
                    let k = self.kind();
                    format!("({} {op} {})", one(self, k), one(self, k))
                }
            },
            List => match self.below(10) {
                0 => format!("[{} | {}]", one(self, Any), one(self, List)),
                1 => format!("({} {} {})", one(self, List), self.pick(&["++", "--"]), one(self, List)),
                2 | 3 => {
                    let x = self.variable();
                    let inner = Self::with(scope, &[(x.clone(), Any)]);
                    let filter = if self.one_in(2) { format!(", {}", self.comparison(&inner)) } else { String::new() };
                    format!("[{} || {x} <- {}{filter}]", self.expression(Any, &inner, d), one(self, List))
                }
                4 => {
                    let x = self.variable();
                    let inner = Self::with(scope, &[(x.clone(), Integer)]);
                    let size = self.pick(&[":8", ":5", ":16/signed", "/utf8"]);
                    format!("[{} || <<{x}{size}>> <= {}]", self.expression(Any, &inner, d.min(2)), one(self, Binary))
                }
                5 => format!("lists:{}({})", self.pick(&["reverse", "sort", "usort"]), one(self, List)),
                6 => format!("tuple_to_list({})", one(self, Tuple)),
                7 => format!("maps:{}({})", self.pick(&["keys", "values", "to_list"]), one(self, Map)),
                8 => format!("lists:flatten(io_lib:format(\"~p\", [{}]))", one(self, Any)),
                _ => format!("lists:map(fun(X) -> {{X, {}}} end, {})", self.leaf(Any, scope), one(self, List)),
            },
            Tuple => match self.below(5) {
                0 | 1 => format!("{{{}, {}}}", one(self, Any), one(self, Any)),
                2 => format!("setelement({}, {}, {})", 1 + self.below(2), one(self, Tuple), one(self, Any)),
                3 => format!("list_to_tuple({})", one(self, List)),
                _ => format!("lists:partition(fun(X) -> X > {} end, {})", self.leaf(Any, scope), one(self, List)),
            },
            Map => match self.below(5) {
                0 => format!("#{{{} => {}, c => {}}}", self.pick(&["a", "b", "1", "<<\"k\">>", "{x}"]), one(self, Any), one(self, Any)),
                1 => format!("({})#{{a {} {}}}", one(self, Map), self.pick(&["=>", ":="]), one(self, Any)),
                2 => format!("({})#{{({}) => {}}}", one(self, Map), one(self, Any), one(self, Any)),
                3 => format!("maps:merge({}, {})", one(self, Map), one(self, Map)),
                _ => format!("maps:remove({}, {})", self.leaf(Any, scope), one(self, Map)),
            },
            Binary => match self.below(7) {
                0 | 1 => {
                    let field = self.pick(&[":8", ":4", ":16/little", ":70", ":3", ":24/signed-little"]);
                    format!("<<({}){field}, ({}):{}>>", one(self, Integer), one(self, Integer), self.below(40))
                }
                2 => format!("<<({}){}, ({})/bitstring>>", one(self, Number), self.pick(&["/float", ":32/float-little"]), one(self, Binary)),
                3 => format!("<<({})/bitstring, ({})/bitstring>>", one(self, Binary), one(self, Binary)),
                4 => {
                    let x = self.variable();
                    let inner = Self::with(scope, &[(x.clone(), Integer)]);
                    format!("<< <<({}):{}>> || {x} <- {} >>", self.expression(Integer, &inner, d.min(2)), 1 + self.below(20), one(self, List))
                }
                5 => format!("term_to_binary({})", one(self, Any)),
                _ => format!("list_to_binary([{}])", one(self, Binary)),
            },
            Any => match self.below(7) {
                0 => format!("element({}, {})", 1 + self.below(2), one(self, Tuple)),
                1 => format!("{}({})", self.pick(&["hd", "tl"]), one(self, List)),
                2 => format!("map_get({}, {})", self.pick(&["a", "b", "1"]), one(self, Map)),
                3 => format!("maps:get({}, {}, default)", self.leaf(Any, scope), one(self, Map)),
                4 => format!("binary_to_term(term_to_binary({}))", one(self, Any)),
                5 => format!("lists:keyfind({}, 1, {})", self.leaf(Any, scope), one(self, List)),
                _ => format!("lists:foldl(fun(X, Acc) -> {{X, Acc}} end, {}, {})", self.leaf(Any, scope), one(self, List)),
            },
        }
    }
}

/// What each function is called with, so that callers need not know its body.
fn parameters(function: usize) -> (Kind, Kind) {
    (KINDS[function % KINDS.len()], KINDS[(function / KINDS.len() + function) % KINDS.len()])
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_seed_gives_one_program() {
        for program in [super::program, super::code::program] {
            assert_eq!(program(7, "m"), program(7, "m"));
            assert_ne!(program(7, "m"), program(8, "m"));
        }
    }
}
