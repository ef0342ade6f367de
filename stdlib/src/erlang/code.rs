//! Loading, upgrading and asking about code.

use std::sync::Arc;

use glulam_bytecode::BeamFile;
use glulam_vm::bif::{self, Cx, Outcome};
use glulam_vm::code::{Export, Loaded, module};
use glulam_vm::exec::load::{self, Purge};
use glulam_vm::exec::{stacktrace, start};
use glulam_vm::heap::Build;
use glulam_vm::host::library;
use glulam_vm::{Atom, Term, am, bifs};

use crate::prim_file::encode_name;

bifs! {
    /// Reads and checks the code of a module: `Prepared | {error, badfile}`.
    erts_internal:prepare_loading/2      DirtyCpu => prepare_loading;
    /// Whether prepared code has an on_load function.
    erlang:has_prepared_code_on_load/1   Normal => has_prepared_code_on_load;
    /// Makes prepared code current, all of it or none.
    erlang:finish_loading/1              Normal => finish_loading;
    /// Calls the on_load function of code being loaded.
    erlang:call_on_load_function/1       Normal => call_on_load_function;
    /// Keeps or drops code whose on_load function has run.
    erlang:finish_after_on_load/2        Normal => finish_after_on_load;
    /// Makes current code old.
    erlang:delete_module/1               Normal => delete_module;
    /// Steps of a purge: `prepare`, `prepare_on_load`, `complete`, `abort`.
    erts_internal:purge_module/2         Normal => purge_module;
    erlang:check_old_code/1              Normal => check_old_code;
    erlang:module_loaded/1               Normal => module_loaded;
    erlang:loaded/0                      Normal => loaded;
    erlang:pre_loaded/0                  Normal => pre_loaded;
    erlang:function_exported/3           Normal => function_exported;
    erlang:is_builtin/3                  Normal => is_builtin;
    erlang:get_module_info/1             Normal => get_module_info_1;
    erlang:get_module_info/2             Normal => get_module_info_2;
    /// A chunk of a BEAM file.
    erts_internal:beamfile_chunk/2       Normal => beamfile_chunk;
    /// The MD5 of a BEAM file's code.
    erts_internal:beamfile_module_md5/1  Normal => beamfile_module_md5;
    /// Puts natives in place of functions of the calling module.
    erlang:load_nif/2                    Normal => load_nif;
}

fn badfile(cx: &mut Cx<'_>) -> Outcome {
    Ok(cx.tuple(&[am::error, am::badfile]))
}

fn prepare_loading(cx: &mut Cx<'_>) -> Outcome {
    let [name, code] = cx.take();
    let (Some(name), Some(bits)) = (name.as_atom(), code.as_binary()) else { return cx.badarg() };
    match load::prepare(&format!("{}.beam", name.name()), &bits.to_bytes()) {
        Ok(loaded) if loaded.module == name => {
            let magic = glulam_vm::heap::Magic::new(glulam_vm::process::fresh_ref(), Box::new(loaded));
            Ok(cx.magic_ref(magic))
        }
        Ok(loaded) => {
            tracing::error!("{}.beam holds module {}", name.name(), loaded.module.name());
            badfile(cx)
        }
        Err(error) => {
            tracing::error!("loading of {}: {error}", name.name());
            badfile(cx)
        }
    }
}

fn prepared(term: Term) -> Option<Arc<Loaded>> {
    term.with_magic::<Arc<Loaded>, _>(Arc::clone)
}

fn has_prepared_code_on_load(cx: &mut Cx<'_>) -> Outcome {
    let [code] = cx.take();
    match prepared(code) {
        Some(loaded) => Ok(Term::from_bool(loaded.on_load.is_some())),
        None => cx.badarg(),
    }
}

fn finish_loading(cx: &mut Cx<'_>) -> Outcome {
    let [list] = cx.take();
    let Some(list) = list.proper_list() else { return cx.badarg() };
    let Some(all) = list.into_iter().map(prepared).collect::<Option<Vec<_>>>() else {
        return cx.badarg();
    };
    let names = |cx: &mut Cx<'_>, tag: Term, modules: Vec<Atom>| {
        let list: Vec<Term> = modules.into_iter().map(Term::from_atom).collect();
        let list = cx.list(&list);
        Ok(cx.tuple(&[tag, list]))
    };
    let which = |f: &dyn Fn(usize, &Arc<Loaded>) -> bool| -> Vec<Atom> {
        all.iter().enumerate().filter(|(i, l)| f(*i, l)).map(|(_, l)| l.module).collect()
    };
    let duplicated = which(&|i, l| all[..i].iter().any(|other| other.module == l.module));
    if !duplicated.is_empty() {
        return names(cx, am::duplicated, duplicated);
    }
    let on_load = which(&|_, l| l.on_load.is_some());
    if all.len() > 1 && !on_load.is_empty() {
        return cx.error(am::system_limit);
    }
    let not_purged = which(&|_, l| {
        module::get(l.module).is_some_and(|e| e.old.is_some() && e.current.is_some())
    });
    if !not_purged.is_empty() {
        return names(cx, am::not_purged, not_purged);
    }
    for loaded in all {
        let module = loaded.module;
        if load::finish(loaded).is_err() {
            return names(cx, am::not_purged, vec![module]);
        }
    }
    if on_load.is_empty() { Ok(am::ok) } else { names(cx, am::on_load, on_load) }
}

fn call_on_load_function(cx: &mut Cx<'_>) -> Outcome {
    let [module] = cx.take();
    let Some(address) = module.as_atom().and_then(load::on_load_address) else { return cx.badarg() };
    cx.call_address(address)
}

fn finish_after_on_load(cx: &mut Cx<'_>) -> Outcome {
    let [module, keep] = cx.take();
    let (Some(module), Some(keep)) = (module.as_atom(), keep.as_bool()) else { return cx.badarg() };
    if load::finish_on_load(module, keep) { Ok(am::true_) } else { cx.badarg() }
}

fn delete_module(cx: &mut Cx<'_>) -> Outcome {
    let [module] = cx.take();
    let Some(module) = module.as_atom() else { return cx.badarg() };
    match load::delete(module) {
        None => Ok(am::undefined),
        Some(true) => Ok(am::true_),
        Some(false) => cx.badarg_because(am::not_purged),
    }
}

fn purge_module(cx: &mut Cx<'_>) -> Outcome {
    let [module, step] = cx.take();
    let Some(module) = module.as_atom() else { return cx.badarg() };
    let done = match step {
        am::prepare => load::begin_purge(module, Purge::Old),
        am::prepare_on_load => load::begin_purge(module, Purge::Refused),
        am::complete => load::end_purge(module, true),
        am::abort => {
            load::end_purge(module, false);
            false
        }
        _ => return cx.badarg(),
    };
    Ok(Term::from_bool(done))
}

fn check_old_code(cx: &mut Cx<'_>) -> Outcome {
    let [module] = cx.take();
    let Some(module) = module.as_atom() else { return cx.badarg() };
    Ok(Term::from_bool(module::get(module).is_some_and(|e| e.old.is_some())))
}

fn module_loaded(cx: &mut Cx<'_>) -> Outcome {
    let [module] = cx.take();
    let Some(module) = module.as_atom() else { return cx.badarg() };
    Ok(Term::from_bool(module::current(module).is_some()))
}

fn loaded(cx: &mut Cx<'_>) -> Outcome {
    let all: Vec<Term> = module::all_loaded().into_iter().map(Term::from_atom).collect();
    Ok(cx.list(&all))
}

fn pre_loaded(cx: &mut Cx<'_>) -> Outcome {
    let all: Vec<Term> = glulam_vm::runtime::PRELOADED.iter().rev().map(|m| Term::from_atom(Atom::known(m))).collect();
    Ok(cx.list(&all))
}

/// Module, function and arity from three arguments.
fn mfa(cx: &mut Cx<'_>) -> Option<(Atom, Atom, Option<u8>)> {
    let [m, f, a] = cx.take();
    Some((m.as_atom()?, f.as_atom()?, u8::try_from(a.as_small()?).ok()))
}

fn function_exported(cx: &mut Cx<'_>) -> Outcome {
    let Some((m, f, a)) = mfa(cx) else { return cx.badarg() };
    let export = a.and_then(|a| Export::existing(m, f, a));
    Ok(Term::from_bool(export.is_some_and(Export::is_defined)))
}

fn is_builtin(cx: &mut Cx<'_>) -> Outcome {
    let Some((m, f, a)) = mfa(cx) else { return cx.badarg() };
    let export = a.and_then(|a| Export::existing(m, f, a));
    let yields = m == am::erlang.atom() && f.name() == "yield" && a == Some(0);
    Ok(Term::from_bool(yields || export.is_some_and(start::is_builtin)))
}

fn function_list(cx: &mut Cx<'_>, functions: impl Iterator<Item = (Atom, u8)>) -> Term {
    let all: Vec<Term> =
        functions.map(|(f, a)| cx.tuple(&[Term::from_atom(f), Term::small(a.into())])).collect();
    cx.list(&all)
}

fn info(cx: &mut Cx<'_>, loaded: &Loaded, item: Term) -> Option<Term> {
    Some(match item {
        am::module => Term::from_atom(loaded.module),
        am::md5 => cx.binary(&loaded.md5),
        am::exports => {
            // What was named last comes first: usually the order of the source.
            let mut exports: Vec<_> = loaded.exports.iter().map(|(export, _)| *export).collect();
            exports.sort_by_key(|export| std::cmp::Reverse(export.serial));
            function_list(cx, exports.into_iter().map(|e| (e.function, e.arity)))
        }
        am::functions => function_list(cx, loaded.functions.iter().map(|f| (f.name, f.arity))),
        am::nifs => {
            let native = load::replaced(loaded);
            function_list(cx, native.into_iter())
        }
        am::attributes => loaded.attributes,
        am::compile => loaded.compile_info,
        am::native => am::false_,
        am::native_addresses => Term::NIL,
        _ => return None,
    })
}

fn get_module_info_2(cx: &mut Cx<'_>) -> Outcome {
    let [module, item] = cx.take();
    let Some(loaded) = module.as_atom().and_then(current_or_loading) else { return cx.badarg() };
    match info(cx, &loaded, item) {
        Some(value) => Ok(value),
        None => cx.badarg(),
    }
}

fn get_module_info_1(cx: &mut Cx<'_>) -> Outcome {
    let [module] = cx.take();
    let Some(loaded) = module.as_atom().and_then(current_or_loading) else { return cx.badarg() };
    let mut items = Vec::new();
    for item in [am::module, am::exports, am::attributes, am::compile, am::md5] {
        if let Some(value) = info(cx, &loaded, item) {
            items.push(cx.tuple(&[item, value]));
        }
    }
    Ok(cx.list(&items))
}

fn current_or_loading(module: Atom) -> Option<Arc<Loaded>> {
    let entry = module::get(module)?;
    entry.current.or(entry.on_load)
}

fn parse(cx: &Cx<'_>) -> Option<BeamFile> {
    let bits = cx.arg(0).as_binary()?;
    BeamFile::parse("binary", &bits.to_bytes()).ok()
}

fn beamfile_chunk(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0).as_binary().is_none() {
        return cx.badarg();
    }
    let id: Option<Vec<u8>> =
        cx.arg(1).proper_list().and_then(|l| l.iter().map(|t| t.as_small().and_then(|n| u8::try_from(n).ok())).collect());
    let Some(Ok(id)) = id.map(<[u8; 4]>::try_from) else { return cx.badarg() };
    let Some(file) = parse(cx) else { return Ok(am::undefined) };
    match file.chunk(&id) {
        Some(bytes) => Ok(cx.binary(bytes)),
        None => Ok(am::undefined),
    }
}

fn beamfile_module_md5(cx: &mut Cx<'_>) -> Outcome {
    if cx.arg(0).as_binary().is_none() {
        return cx.badarg();
    }
    match parse(cx) {
        Some(file) => Ok(cx.binary(&file.module_md5)),
        None => Ok(am::undefined),
    }
}

/// The name by which a module of the runtime's loads its natives.
fn own_library(module: &str) -> &str {
    match module {
        "prim_net" => "net",
        same => same,
    }
}

/// A library named like the calling module is part of the runtime.
fn load_nif(cx: &mut Cx<'_>) -> Outcome {
    let [path, info] = cx.take();
    let file = if path.is_atom() { None } else { encode_name(path) };
    let Some(file) = file else { return cx.badarg() };
    let Some(loaded) = stacktrace::caller_of(cx.own) else { return cx.badarg() };
    let module = loaded.module;
    if file != own_library(module.name()).as_bytes() || !bif::declared().any(|d| d.nif && d.module == module.name()) {
        return match library::load(cx.own, cx.process, &loaded, &file, info) {
            Ok(()) => Ok(am::ok),
            Err((reason, text)) => load_error(cx, reason, &text),
        };
    }
    for decl in bif::declared().filter(|d| d.nif && d.module == module.name()) {
        if !load::replace(&loaded, Atom::known(decl.function), decl.arity, decl) {
            let text = format!("Function not found {}:{}/{}", decl.module, decl.function, decl.arity);
            return load_error(cx, am::bad_lib, &text);
        }
    }
    Ok(am::ok)
}

/// The text has the bytes of the file's name in it, as they are.
fn load_error(cx: &mut Cx<'_>, reason: Term, text: &str) -> Outcome {
    let text = cx.byte_list(text.as_bytes());
    let what = cx.tuple(&[reason, text]);
    Ok(cx.tuple(&[am::error, what]))
}
