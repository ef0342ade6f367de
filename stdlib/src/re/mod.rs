//! `re`: regular expressions. What is global or needs characters turned into UTF-8 first is done by
//! the Erlang half of the module, which calls back.

mod capture;
mod options;

use std::borrow::Cow;
use std::sync::Arc;

use glulam_vm::base::pcre::{self, Code, CompileError, Flags, Found, Limits, RunFlags, Source};
use glulam_vm::bif::{Cx, Outcome, Stop};
use glulam_vm::heap::Build;
use glulam_vm::term::iolist;
use glulam_vm::{Term, am};

use crate::erlang::binary::bad_iolist;
use capture::Capture;
use options::{Options, parse};

glulam_vm::bifs! {
    /// The version of PCRE behind it.
    re:version/0       Normal => version;
    re:compile/1       Normal => compile_1;
    re:compile/2       Normal => compile_2;
    re:run/2           Normal => run_2;
    re:run/3           Normal => run_3;
    /// As run/3; the last argument says whether the subject still has to be checked for UTF-8.
    re:internal_run/4  Normal => internal_run;
    /// What is known of a compiled pattern: with `namelist` the names of its groups.
    re:inspect/2       Normal => inspect;
    /// A run that took long, begun anew where it may take its time.
    erts_internal:re_long_run/4  DirtyCpu => long_run;
}

fn version(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.binary(pcre::version().as_bytes()))
}

#[cold]
fn bad_option<T>(cx: &mut Cx<'_>) -> Result<T, Stop> {
    cx.badarg_because(am::badopt)
}

/// `{re_pattern, Groups, Unicode, Crlf, Source}`
fn pattern_term(cx: &mut Cx<'_>, source: &Source, code: &Code) -> Term {
    let flag = |is: bool| Term::small(is.into());
    let bytes = cx.binary(source.bytes());
    let unicode = source.flags().has(Flags::UNICODE);
    cx.tuple(&[am::re_pattern, Term::small(code.groups.into()), flag(unicode), flag(code.crlf), bytes])
}

/// `{error, {Text, Offset}}`
fn error_term(cx: &mut Cx<'_>, error: &CompileError) -> Term {
    let text = cx.string(error.text);
    cx.tuple(&[text, Term::small(error.offset as i64)])
}

fn compile_1(cx: &mut Cx<'_>) -> Outcome {
    compile(cx, Term::NIL)
}

fn compile_2(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(1);
    compile(cx, options)
}

/// Bytes of a pattern compiled for one reduction.
const PATTERN_BYTES_PER_REDUCTION: usize = 4;
/// Bytes in which a scheduler looks for the beginning of a match.
const SPAN: usize = 64 * 1024;
/// Bytes of a subject for one reduction.
const SUBJECT_BYTES_PER_REDUCTION: usize = 64;

fn compile(cx: &mut Cx<'_>, option_list: Term) -> Outcome {
    let pattern = cx.arg(0);
    let Some(options) = parse(option_list).filter(|options| !options.run_only) else { return bad_option(cx) };
    if options.unicode && pattern.as_binary().is_none() {
        return cx.tail_call(am::re, am::ucompile, &[pattern, option_list]);
    }
    let pattern = match iolist::to_vec(pattern) {
        Ok(pattern) => pattern,
        Err(why) => return bad_iolist(cx, why),
    };
    cx.charge(pattern.len() / PATTERN_BYTES_PER_REDUCTION);
    let source = Source::new(&pattern, options.compile);
    let (tag, result) = match source.compile() {
        Ok(code) => (am::ok, pattern_term(cx, &source, &code)),
        Err(error) => (am::error, error_term(cx, &error)),
    };
    Ok(cx.tuple(&[tag, result]))
}

/// The fields of a compiled pattern: whether it is for Unicode, and its source.
fn pattern_fields(term: Term) -> Option<(bool, Term)> {
    let [am::re_pattern, groups, unicode, crlf, source] = term.as_tuple_of::<5>()? else { return None };
    let unicode_flag = unicode.as_small()?;
    (groups.is_small() && crlf.is_small() && source.as_binary().is_some()).then_some((unicode_flag != 0, source))
}

/// The code of a compiled pattern. Newline options of a run count in place of the pattern's own.
fn code_of(source: Term, run: Flags) -> Option<Arc<Code>> {
    let bits = source.as_binary()?;
    let bytes = bits.to_bytes();
    let at_run = Flags(run.0 & (Flags::NEWLINE | Flags::BSR));
    if at_run.0 == 0 {
        return pcre::compiled(&bytes)?.ok();
    }
    let source = Source::from_bytes(&bytes)?;
    let mut flags = source.flags();
    for kind in [Flags::NEWLINE, Flags::BSR] {
        if at_run.has(kind) {
            flags.0 = (flags.0 & !kind) | (at_run.0 & kind);
        }
    }
    source.with_flags(flags).compile().ok()
}

fn run_2(cx: &mut Cx<'_>) -> Outcome {
    run(cx, Term::NIL, true, Place::Scheduler)
}

fn run_3(cx: &mut Cx<'_>) -> Outcome {
    let options = cx.arg(2);
    run(cx, options, true, Place::Scheduler)
}

fn internal_run(cx: &mut Cx<'_>) -> Outcome {
    let [_, _, options, first] = cx.take();
    match first.as_bool() {
        Some(first) => run(cx, options, first, Place::Scheduler),
        None => cx.badarg(),
    }
}

fn long_run(cx: &mut Cx<'_>) -> Outcome {
    let [_, _, options, first] = cx.take();
    run(cx, options, first == am::true_, Place::Dirty)
}

/// Where a run runs.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// On a scheduler: a long match goes to a dirty thread.
    Scheduler,
    Dirty,
}

fn run(cx: &mut Cx<'_>, option_list: Term, first: bool, place: Place) -> Outcome {
    let (subject, pattern) = (cx.arg(0), cx.arg(1));
    let Some(options) = parse(option_list) else { return bad_option(cx) };
    let lists = options.wants_lists() && !options.global;
    let code = if let Some(tuple) = pattern.as_tuple()
        && tuple.arity() == 5
    {
        let Some((unicode, source)) = pattern_fields(pattern) else { return cx.badarg() };
        if options.compile_only {
            return cx.badarg();
        }
        if unicode && (subject.as_binary().is_none() || lists) {
            return cx.tail_call(am::re, am::urun, &[subject, pattern, option_list]);
        }
        if options.global {
            let how = cx.tuple(&[option_list, am::false_]);
            return cx.tail_call(am::re, am::grun, &[subject, pattern, how]);
        }
        match code_of(source, options.compile) {
            Some(code) => code,
            None => return cx.badarg(),
        }
    } else {
        if options.unicode && (pattern.as_binary().is_none() || subject.as_binary().is_none() || lists) {
            return cx.tail_call(am::re, am::urun, &[subject, pattern, option_list]);
        }
        let bytes = match iolist::to_vec(pattern) {
            Ok(bytes) => bytes,
            Err(why) => return bad_iolist(cx, why),
        };
        let source = Source::new(&bytes, options.compile);
        let code = match source.compile() {
            Ok(code) => code,
            Err(error) if options.report_errors => {
                let error = error_term(cx, &error);
                let error = cx.tuple(&[am::compile, error]);
                return Ok(cx.tuple(&[am::error, error]));
            }
            Err(_) => return cx.badarg(),
        };
        if options.global {
            let compiled = pattern_term(cx, &source, &code);
            // The pattern as it was given is there for the exceptions that may come.
            let how = cx.tuple(&[option_list, Term::from_bool(options.compile_only), pattern]);
            return cx.tail_call(am::re, am::grun, &[subject, compiled, how]);
        }
        code
    };
    let mut flags = options.run;
    if !first {
        flags.0 |= RunFlags::NO_UTF_CHECK;
    }
    match_with(cx, &code, &options, flags, place, [subject, pattern, option_list, Term::from_bool(first)])
}

/// Matches; `args` are those of `internal_run/4`.
fn match_with(
    cx: &mut Cx<'_>,
    code: &Code,
    options: &Options,
    flags: RunFlags,
    place: Place,
    args: [Term; 4],
) -> Outcome {
    let subject = args[0];
    let capture = match options.capture {
        None => Capture::default(),
        Some((which, form)) => match Capture::parse(code, which, form) {
            Some(capture) => capture,
            None => return cx.badarg(),
        },
    };
    let bits = subject.as_binary();
    let bytes: Cow<'_, [u8]> = match &bits {
        Some(bits) => bits.to_bytes(),
        None => match iolist::to_vec(subject) {
            Ok(bytes) => bytes.into(),
            Err(why) => return bad_iolist(cx, why),
        },
    };
    if options.offset > bytes.len() {
        return cx.badarg();
    }
    let asked = Limits {
        steps: options.match_limit.unwrap_or(Limits::DEFAULT),
        depth: options.recursion_limit.unwrap_or(Limits::DEFAULT),
        span: usize::MAX,
        exact: options.report_errors || options.match_limit.is_some() || options.recursion_limit.is_some(),
    };
    let mut limits = asked;
    if place == Place::Scheduler {
        let most = u32::try_from(crate::limits::RE.get()).unwrap_or(u32::MAX);
        limits.steps = limits.steps.min(most);
        limits.span = SPAN;
    }
    let found = code.run(&bytes, options.offset, flags, limits);
    let end = match &found {
        Found::Match(groups) => groups.first().copied().flatten().map_or(0, |(_, end)| end),
        _ => bytes.len(),
    };
    cx.charge(end.saturating_sub(options.offset) / SUBJECT_BYTES_PER_REDUCTION);
    match found {
        Found::Match(groups) => Ok(capture.answer(cx, &groups, &bytes, capture::sharable(subject))),
        Found::NoMatch => Ok(am::nomatch),
        Found::StepLimit if place == Place::Scheduler => {
            cx.tail_call(am::erts_internal, am::re_long_run, &args)
        }
        Found::StepLimit if options.report_errors => Ok(cx.tuple(&[am::error, am::match_limit])),
        Found::DepthLimit if options.report_errors => Ok(cx.tuple(&[am::error, am::match_limit_recursion])),
        Found::StepLimit | Found::DepthLimit => Ok(am::nomatch),
        Found::BadUtf8 => cx.badarg(),
    }
}

fn inspect(cx: &mut Cx<'_>) -> Outcome {
    let [pattern, item] = cx.take();
    let source = pattern_fields(pattern).map(|fields| fields.1);
    let Some(code) = source.and_then(|source| code_of(source, Flags::default())) else { return cx.badarg() };
    if item != am::namelist {
        return cx.badarg();
    }
    let mut names: Vec<&[u8]> = code.names.iter().map(|entry| &*entry.0).collect();
    if code.dup_names {
        names.dedup();
    }
    let names: Vec<Term> = names.into_iter().map(|name| cx.binary(name)).collect();
    let names = cx.list(&names);
    Ok(cx.tuple(&[am::namelist, names]))
}
