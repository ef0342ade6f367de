//! Trace patterns: which functions are traced and how, and what of messages.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap as HashMap;

use crate::atom::Atom;
use crate::base::sync::{Arc, AtomicBool, AtomicU64, Mutex, Ordering, RwLock};
use crate::bif::match_spec::{BadSpec, Dialect, MatchSpec};
use crate::code::breakpoint::{self, Spot};
use crate::exec::start;
use crate::code::{Export, Loaded, module};
use crate::heap::Stored;
use crate::process::Pid;
use crate::process::trace::Tracer;
use crate::term::Term;

/// What an event must match, and what follows: nothing in particular, or a match specification.
#[derive(Clone)]
pub struct Pattern {
    /// Names it in the caches of threads.
    id: u64,
    spec: Option<Arc<Stored>>,
    dialect: Dialect,
}

/// A compiled specification with the terms it refers to.
struct Compiled {
    spec: MatchSpec,
    _terms: Arc<Stored>,
}

thread_local! {
    static COMPILED: RefCell<HashMap<u64, Rc<Compiled>>> = RefCell::new(HashMap::default());
}

/// So many compiled specifications a thread keeps.
const KEPT: usize = 64;

/// A match specification ready to run.
pub(super) struct Spec(Rc<Compiled>);

impl Spec {
    pub fn get(&self) -> &MatchSpec {
        &self.0.spec
    }
}

impl Pattern {
    /// Whatever comes.
    pub fn any(dialect: Dialect) -> Pattern {
        Pattern { id: 0, spec: None, dialect }
    }

    /// What a specification matches.
    pub fn of_spec(spec: Term, dialect: Dialect) -> Result<Pattern, BadSpec> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        MatchSpec::compile_for(spec, dialect)?;
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Pattern { id, spec: Some(Arc::new(Stored::new(spec))), dialect })
    }

    /// The specification, to be run by this thread.
    pub(super) fn compiled(&self) -> Option<Spec> {
        let terms = self.spec.as_ref()?;
        COMPILED.with_borrow_mut(|kept| {
            if let Some(found) = kept.get(&self.id) {
                return Some(Spec(found.clone()));
            }
            if kept.len() >= KEPT {
                kept.clear();
            }
            let spec = terms.peek(|spec| MatchSpec::compile_for(spec, self.dialect)).ok()?;
            let compiled = Rc::new(Compiled { spec, _terms: terms.clone() });
            kept.insert(self.id, compiled.clone());
            Some(Spec(compiled))
        })
    }

    /// The specification as it was given, or `[]`.
    pub fn source(&self, place: &mut impl crate::heap::Build) -> Term {
        self.spec.as_ref().map_or(Term::NIL, |spec| spec.load(place))
    }
}

/// A counter of calls.
#[derive(Default)]
pub(super) struct Counter {
    pub count: AtomicU64,
    pub paused: AtomicBool,
}

/// Calls and nanoseconds, by process.
#[derive(Default)]
pub(super) struct Times {
    pub by_process: Mutex<HashMap<Pid, (u64, i64)>>,
    pub paused: AtomicBool,
}

impl Times {
    pub fn add(&self, process: Pid, calls: u64, nanoseconds: i64) {
        if self.paused.load(Ordering::Relaxed) {
            return;
        }
        let mut all = self.by_process.lock();
        let entry = all.entry(process).or_default();
        entry.0 += calls;
        entry.1 += nanoseconds;
    }
}

/// All that is traced of a function.
#[derive(Clone, Default)]
pub(super) struct Patterns {
    pub global: Option<Pattern>,
    pub local: Option<Pattern>,
    pub meta: Option<(Pattern, Tracer)>,
    pub count: Option<Arc<Counter>>,
    pub times: Option<Arc<Times>>,
}

impl Patterns {
    fn is_empty(&self) -> bool {
        self.global.is_none() && self.local.is_none() && self.meta.is_none() && self.count.is_none() && self.times.is_none()
    }
}

/// Which sorts of tracing a pattern is for; none: global.
#[derive(Clone, Default)]
pub struct Kind {
    pub local: bool,
    /// And who is told.
    pub meta: Option<Tracer>,
    pub is_meta: bool,
    pub call_count: bool,
    pub call_time: bool,
}

impl Kind {
    pub fn is_global(&self) -> bool {
        !self.local && !self.is_meta && !self.call_count && !self.call_time
    }
}

/// What to do.
#[derive(Clone)]
pub enum Change {
    Off,
    On(Pattern),
    /// Counters go on from zero.
    Restart,
    /// Counters stop.
    Pause,
}

/// Functions: module, function and arity, or all of those that are left out.
#[derive(Clone, Copy)]
pub struct Functions {
    pub module: Option<Atom>,
    pub function: Option<Atom>,
    pub arity: Option<i64>,
}

impl Functions {
    fn has(&self, function: Atom, arity: u8) -> bool {
        self.function.is_none_or(|f| f == function) && self.arity.is_none_or(|a| a == i64::from(arity))
    }
}

/// One change of patterns at a time.
static CHANGING: Mutex<()> = Mutex::new(());

fn patterns_at(spot: Spot<'_>, function: &'static Export) -> Option<Arc<Patterns>> {
    breakpoint::get(spot, function)?.what.clone().downcast::<Patterns>().ok()
}

fn change_at(spot: Spot<'_>, function: &'static Export, change: impl FnOnce(&mut Patterns)) {
    let mut patterns = patterns_at(spot, function).map_or_else(Patterns::default, |p| Patterns::clone(&p));
    change(&mut patterns);
    if patterns.is_empty() {
        breakpoint::clear(spot, function);
    } else {
        breakpoint::set(spot, function, Arc::new(patterns));
    }
}

/// Changes what is traced of functions; how many there are.
pub fn change(functions: Functions, kind: &Kind, change: &Change) -> usize {
    let _alone = CHANGING.lock();
    let mut count = 0;
    let modules = match functions.module {
        Some(module) => vec![module],
        None => module::all_loaded(),
    };
    for module in modules {
        if let Some(loaded) = module::current(module) {
            count += in_code(&loaded, functions, kind, change);
        }
    }
    let natives = Export::all().into_iter().filter(|e| {
        e.is_native() && functions.module.is_none_or(|m| m == e.module) && functions.has(e.function, e.arity)
    });
    for native in natives {
        apply(Spot::Stub, native, kind, change);
        count += 1;
    }
    count
}

/// The same for the functions of loaded code that are no natives.
fn in_code(loaded: &Loaded, functions: Functions, kind: &Kind, change: &Change) -> usize {
    let mut count = 0;
    for f in loaded.functions.iter().filter(|f| functions.has(f.name, f.arity)) {
        let function = Export::of(loaded.module, f.name, f.arity);
        if function.is_native() {
            continue;
        }
        let code = Spot::Code(loaded, f.entry);
        if kind.is_global() {
            if !matches!(change, Change::Off) {
                breakpoint::clear(code, function);
            }
            let is_exported = loaded.exports.iter().any(|(e, _)| std::ptr::eq(*e, function));
            // `apply` is an instruction, whatever the module `erlang` exports.
            if !is_exported || start::is_builtin(function) {
                continue;
            }
            apply(Spot::Stub, function, kind, change);
        } else {
            if breakpoint::get(Spot::Stub, function).is_some() {
                breakpoint::clear(Spot::Stub, function);
            }
            apply(code, function, kind, change);
        }
        count += 1;
    }
    count
}

fn apply(spot: Spot<'_>, function: &'static Export, kind: &Kind, change: &Change) {
    change_at(spot, function, |patterns| {
        if kind.is_global() {
            match change {
                Change::On(pattern) => *patterns = Patterns { global: Some(pattern.clone()), ..Patterns::default() },
                _ => patterns.global = None,
            }
            return;
        }
        patterns.global = None;
        let pattern = match change {
            Change::On(pattern) => Some(pattern.clone()),
            Change::Off => None,
            Change::Restart | Change::Pause => Some(Pattern::any(Dialect::Call)),
        };
        if kind.local {
            patterns.local = pattern.clone();
        }
        if kind.is_meta {
            patterns.meta = pattern.zip(kind.meta.clone());
        }
        if kind.call_count {
            change_counter(&mut patterns.count, change, |c| &c.paused, |c| c.count.store(0, Ordering::Relaxed));
        }
        if kind.call_time {
            change_counter(&mut patterns.times, change, |t| &t.paused, |t| t.by_process.lock().clear());
        }
    });
}

fn change_counter<C: Default>(
    counter: &mut Option<Arc<C>>,
    change: &Change,
    paused: impl Fn(&C) -> &AtomicBool,
    reset: impl Fn(&C),
) {
    match (counter.as_ref(), change) {
        (_, Change::Off) => *counter = None,
        (None, _) => *counter = Some(Arc::default()),
        (Some(counter), Change::Pause) => paused(counter).store(true, Ordering::Relaxed),
        (Some(counter), Change::On(_) | Change::Restart) => {
            reset(counter);
            paused(counter).store(false, Ordering::Relaxed);
        }
    }
}

/// Patterns for code that is loaded from now on.
#[derive(Default)]
struct OnLoad {
    global: Option<Pattern>,
    local: Option<Pattern>,
    meta: Option<(Pattern, Tracer)>,
    call_count: bool,
    call_time: bool,
}

impl OnLoad {
    const NOTHING: OnLoad = OnLoad { global: None, local: None, meta: None, call_count: false, call_time: false };

    fn has_breakpoints(&self) -> bool {
        self.local.is_some() || self.meta.is_some() || self.call_count || self.call_time
    }
}

static ON_LOAD: Mutex<OnLoad> = Mutex::new(OnLoad::NOTHING);

/// Changes what is traced of code that is loaded from now on.
pub fn change_on_load(kind: &Kind, change: &Change) {
    let mut on_load = ON_LOAD.lock();
    let counts = matches!(change, Change::On(_));
    let pattern = match change {
        Change::Off => None,
        Change::On(pattern) => Some(pattern.clone()),
        Change::Restart | Change::Pause => Some(Pattern::any(Dialect::Call)),
    };
    if kind.is_global() {
        match pattern {
            Some(pattern) => *on_load = OnLoad { global: Some(pattern), ..OnLoad::NOTHING },
            None if !on_load.has_breakpoints() => *on_load = OnLoad::NOTHING,
            None => {}
        }
        return;
    }
    if pattern.is_some() {
        on_load.global = None;
    }
    if kind.local {
        on_load.local = pattern.clone();
    }
    if kind.is_meta {
        on_load.meta = pattern.clone().zip(kind.meta.clone());
    }
    if kind.call_count {
        on_load.call_count = counts || on_load.call_count && pattern.is_some();
    }
    if kind.call_time {
        on_load.call_time = counts || on_load.call_time && pattern.is_some();
    }
}

/// Code has become current: what `on_load` patterns say holds for it.
pub(super) fn loaded(loaded: &Loaded) {
    let on_load = ON_LOAD.lock();
    if on_load.global.is_none() && !on_load.has_breakpoints() {
        return;
    }
    let _alone = CHANGING.lock();
    let all = Functions { module: None, function: None, arity: None };
    let set = |kind: Kind, pattern: Pattern| {
        in_code(loaded, all, &kind, &Change::On(pattern));
    };
    if let Some(pattern) = &on_load.global {
        set(Kind::default(), pattern.clone());
    }
    if let Some(pattern) = &on_load.local {
        set(Kind { local: true, ..Kind::default() }, pattern.clone());
    }
    if let Some((pattern, tracer)) = &on_load.meta {
        set(Kind { is_meta: true, meta: Some(tracer.clone()), ..Kind::default() }, pattern.clone());
    }
    if on_load.call_count || on_load.call_time {
        let kind = Kind { call_count: on_load.call_count, call_time: on_load.call_time, ..Kind::default() };
        set(kind, Pattern::any(Dialect::Call));
    }
}

/// Messages sent, or received.
pub(super) static SEND: RwLock<Option<Pattern>> =
    RwLock::new(Some(Pattern { id: 0, spec: None, dialect: Dialect::Event }));
pub(super) static RECEIVE: RwLock<Option<Pattern>> =
    RwLock::new(Some(Pattern { id: 0, spec: None, dialect: Dialect::Event }));

/// Changes which messages are told of.
pub fn change_event(receive: bool, pattern: Option<Pattern>) {
    *(if receive { RECEIVE.write() } else { SEND.write() }) = pattern;
}

/// What `erlang:trace_info/2` tells of a function, of code loaded later, or of messages.
#[derive(Default)]
pub struct Traced {
    pub global: bool,
    pub local: bool,
    /// Of whichever of the two.
    pub pattern: Option<Pattern>,
    pub meta: Option<(Pattern, Tracer)>,
    pub count: Option<u64>,
    /// Process, calls, nanoseconds.
    pub times: Option<Vec<(Pid, u64, i64)>>,
}

impl Traced {
    pub fn is_nothing(&self) -> bool {
        !self.global && !self.local && self.meta.is_none() && self.count.is_none() && self.times.is_none()
    }
}

/// What is traced of a function; `None`: there is none.
pub fn of_function(module: Atom, name: Atom, arity: u8) -> Option<Traced> {
    let function = Export::existing(module, name, arity);
    let loaded = module::current(module);
    let code = loaded.as_ref().and_then(|l| {
        l.functions.iter().find(|f| f.name == name && f.arity == arity).map(|f| Spot::Code(l, f.entry))
    });
    let Some(function) = function.filter(|f| f.is_native() || code.is_some()) else {
        return code.map(|_| Traced::default());
    };
    let here = code.filter(|_| !function.is_native()).and_then(|code| patterns_at(code, function));
    let Some(p) = patterns_at(Spot::Stub, function).or(here) else { return Some(Traced::default()) };
    Some(Traced {
        global: p.global.is_some(),
        local: p.local.is_some(),
        pattern: p.global.clone().or_else(|| p.local.clone()),
        meta: p.meta.clone(),
        count: p.count.as_ref().map(|c| c.count.load(Ordering::Relaxed)),
        times: p.times.as_ref().map(|t| t.by_process.lock().iter().map(|(p, &(n, t))| (*p, n, t)).collect()),
    })
}

/// What is traced of code that is loaded later.
pub fn of_on_load() -> Traced {
    let p = ON_LOAD.lock();
    Traced {
        global: p.global.is_some(),
        local: p.local.is_some(),
        pattern: p.global.clone().or_else(|| p.local.clone()),
        meta: p.meta.clone(),
        count: p.call_count.then_some(0),
        times: p.call_time.then(Vec::new),
    }
}

/// What of messages is told; `None`: nothing.
pub fn of_event(receive: bool) -> Option<Pattern> {
    if receive { RECEIVE.read().clone() } else { SEND.read().clone() }
}
