//! Compiled patterns and matching.

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};

use pcre2_sys::*;

use super::errors::{CompileError, text_of};
use super::rewrite::rewrite;
use super::{Flags, tables};
use crate::base::sync::{AtomicU32, OnceLock, Ordering};

/// PCRE's version, as it gives it: number and date.
pub fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let mut text = [0u8; 64];
        // SAFETY: the buffer is longer than any version text.
        unsafe { pcre2_config_8(PCRE2_CONFIG_VERSION, text.as_mut_ptr().cast::<c_void>()) };
        let n = text.iter().position(|&b| b == 0).unwrap_or(0);
        String::from_utf8_lossy(&text[..n]).into_owned()
    })
}

/// A code of PCRE's, owned.
struct Handle(NonNull<pcre2_code_8>);

// SAFETY: R1, nothing changes a code after it was made.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { pcre2_code_free_8(self.0.as_ptr()) }
    }
}

/// A compiled pattern.
pub struct Code {
    plain: Handle,
    /// The same with machine code, made when the pattern turns out to be used more than once.
    machine: OnceLock<Option<Handle>>,
    runs: AtomicU32,
    /// Groups that capture, without group 0.
    pub groups: u32,
    /// Names and their groups, in the order of the names; a name may stand there more than once.
    pub names: Vec<(Box<[u8]>, u32)>,
    /// Whether a line may end in CRLF.
    pub crlf: bool,
    /// Whether names may stand for several groups.
    pub dup_names: bool,
    pub unicode: bool,
    /// No machine code: it and the interpreter disagree on `\w` and `\W` in UTF-8 when classes are
    /// those of single bytes, and on where a first line that nothing ends has its end when lines end
    /// in CRLF; what the interpreter says is what `re` has always said.
    interpret: bool,
}

/// Options of one run.
#[derive(Clone, Copy, Default)]
pub struct RunFlags(pub u32);

impl RunFlags {
    pub const ANCHORED: u32 = PCRE2_ANCHORED;
    pub const NOTBOL: u32 = PCRE2_NOTBOL;
    pub const NOTEOL: u32 = PCRE2_NOTEOL;
    pub const NOTEMPTY: u32 = PCRE2_NOTEMPTY;
    pub const NOTEMPTY_ATSTART: u32 = PCRE2_NOTEMPTY_ATSTART;
    /// The subject is known to be UTF-8.
    pub const NO_UTF_CHECK: u32 = PCRE2_NO_UTF_CHECK;
}

/// How much a run may do.
#[derive(Clone, Copy)]
pub struct Limits {
    pub steps: u32,
    pub depth: u32,
    /// Count exactly as PCRE's interpreter counts, so that a limit hits where it should.
    pub exact: bool,
    /// Bytes behind the offset within which a match has to begin: `Found::StepLimit` if none does.
    pub span: usize,
}

impl Limits {
    /// What PCRE is built with.
    pub const DEFAULT: u32 = 10_000_000;
}

/// What a run found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Start and end of each group up to the last that took part; `None` for one that took no part.
    Match(Vec<Option<(usize, usize)>>),
    NoMatch,
    /// `Limits::steps` are used up.
    StepLimit,
    /// `Limits::depth` is reached.
    DepthLimit,
    /// The subject is no UTF-8, or the offset is not at a character.
    BadUtf8,
}

/// How deep groups may be nested.
const NEST_LIMIT: u32 = 798;

/// The context of one compilation. Its setters cannot fail with the values given here.
fn compile_context(flags: Flags) -> *mut pcre2_compile_context_8 {
    // SAFETY: a fresh context, and values from the functions' documented ranges; the tables are static.
    unsafe {
        let context = pcre2_compile_context_create_8(null_mut());
        if context.is_null() {
            crate::bug!("no memory for a pattern");
        }
        pcre2_set_character_tables_8(context, tables::LATIN_1.as_ptr());
        pcre2_set_compile_extra_options_8(context, PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK);
        pcre2_set_max_varlookbehind_8(context, 0);
        pcre2_set_parens_nest_limit_8(context, NEST_LIMIT);
        let newline = (flags.0 & Flags::NEWLINE) >> Flags::NEWLINE_SHIFT;
        pcre2_set_newline_8(context, if newline == 0 { PCRE2_NEWLINE_LF } else { newline });
        let anycrlf = flags.has(Flags::BSR_ANYCRLF);
        pcre2_set_bsr_8(context, if anycrlf { PCRE2_BSR_ANYCRLF } else { PCRE2_BSR_UNICODE });
        context
    }
}

fn compile_options(flags: Flags) -> u32 {
    [
        (Flags::CASELESS, PCRE2_CASELESS),
        (Flags::MULTILINE, PCRE2_MULTILINE),
        (Flags::DOTALL, PCRE2_DOTALL),
        (Flags::EXTENDED, PCRE2_EXTENDED),
        (Flags::ANCHORED, PCRE2_ANCHORED),
        (Flags::DOLLAR_ENDONLY, PCRE2_DOLLAR_ENDONLY),
        (Flags::UNGREEDY, PCRE2_UNGREEDY),
        (Flags::UNICODE, PCRE2_UTF),
        (Flags::NO_AUTO_CAPTURE, PCRE2_NO_AUTO_CAPTURE),
        (Flags::DUPNAMES, PCRE2_DUPNAMES),
        (Flags::FIRSTLINE, PCRE2_FIRSTLINE),
        (Flags::UCP, PCRE2_UCP),
        (Flags::NEVER_UTF, PCRE2_NEVER_UTF),
        (Flags::NO_START_OPTIMIZE, PCRE2_NO_START_OPTIMIZE),
    ]
    .into_iter()
    .filter(|&(flag, _)| flags.has(flag))
    .fold(0, |options, (_, option)| options | option)
}

/// A number that PCRE knows about a code.
fn info<T: Default>(code: NonNull<pcre2_code_8>, what: u32) -> T {
    let mut value = T::default();
    // SAFETY: the callers ask for facts of type `T`.
    unsafe { pcre2_pattern_info_8(code.as_ptr(), what, (&raw mut value).cast::<c_void>()) };
    value
}

fn names_of(code: NonNull<pcre2_code_8>) -> Vec<(Box<[u8]>, u32)> {
    let count: u32 = info(code, PCRE2_INFO_NAMECOUNT);
    let size: u32 = info(code, PCRE2_INFO_NAMEENTRYSIZE);
    let mut table: *const u8 = std::ptr::null();
    // SAFETY: the fact is a pointer to `count` entries of `size` bytes: group number, most
    // significant byte first, then the name and a zero.
    let table = unsafe {
        pcre2_pattern_info_8(code.as_ptr(), PCRE2_INFO_NAMETABLE, (&raw mut table).cast::<c_void>());
        if count == 0 {
            return Vec::new();
        }
        std::slice::from_raw_parts(table, (count * size) as usize)
    };
    let entry = |entry: &[u8]| {
        let name = entry[2..].split(|&b| b == 0).next().unwrap_or_default();
        (name.into(), u32::from(entry[0]) << 8 | u32::from(entry[1]))
    };
    table.chunks(size as usize).map(entry).collect()
}

/// Whether `\w` or `\W` stands in a pattern.
fn of_words(pattern: &[u8]) -> bool {
    pattern.windows(2).any(|w| w[0] == b'\\' && w[1].eq_ignore_ascii_case(&b'w'))
}

/// The longest name of a group in PCRE 8.
const NAME_LIMIT: usize = 32;

impl Code {
    /// Compiles a pattern.
    pub fn compile(pattern: &[u8], flags: Flags) -> Result<Code, CompileError> {
        if (flags.0 & Flags::NEWLINE) >> Flags::NEWLINE_SHIFT > PCRE2_NEWLINE_ANYCRLF {
            return Err(CompileError { text: "inconsistent NEWLINE options", offset: 0 });
        }
        let rewritten = rewrite(pattern, flags.has(Flags::CASELESS) || pattern.contains(&b'i'))?;
        let (mut number, mut offset) = (0, 0);
        // SAFETY: pointer and length of one slice; a context of ours, freed here.
        let code = unsafe {
            let context = compile_context(flags);
            let source = &rewritten.pattern;
            let mut options = compile_options(flags) | PCRE2_USE_OFFSET_LIMIT;
            // What may come first of a `\w` is wrong of letters that are two bytes in UTF-8.
            if flags.has(Flags::UNICODE) && !flags.has(Flags::UCP) && of_words(pattern) {
                options |= PCRE2_NO_START_OPTIMIZE;
            }
            let code =
                pcre2_compile_8(source.as_ptr(), source.len(), options, &raw mut number, &raw mut offset, context);
            pcre2_compile_context_free_8(context);
            code
        };
        let Some(code) = NonNull::new(code) else {
            return Err(CompileError::new(number, rewritten.original_offset(offset), pattern));
        };
        let plain = Handle(code);
        let names = names_of(code);
        if let Some((name, _)) = names.iter().find(|(name, _)| name.len() > NAME_LIMIT) {
            let at = pattern.windows(name.len()).position(|w| w == &**name).unwrap_or(0);
            return Err(CompileError { text: text_of(148), offset: at + name.len() });
        }
        let newline: u32 = info(code, PCRE2_INFO_NEWLINE);
        let all: u32 = info(code, PCRE2_INFO_ALLOPTIONS);
        Ok(Code {
            plain,
            machine: OnceLock::new(),
            runs: AtomicU32::new(0),
            groups: info(code, PCRE2_INFO_CAPTURECOUNT),
            names,
            crlf: matches!(newline, PCRE2_NEWLINE_CRLF | PCRE2_NEWLINE_ANY | PCRE2_NEWLINE_ANYCRLF),
            dup_names: all & PCRE2_DUPNAMES != 0,
            unicode: all & PCRE2_UTF != 0,
            interpret: all & PCRE2_UTF != 0 && all & PCRE2_UCP == 0 && of_words(pattern)
                || all & PCRE2_FIRSTLINE != 0 && newline == PCRE2_NEWLINE_CRLF,
        })
    }

    /// The groups that have a name.
    pub fn groups_named<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = u32> + 'a {
        self.names.iter().filter(move |entry| *entry.0 == *name).map(|entry| entry.1)
    }

    /// The code to run: with machine code from the second run on.
    fn handle(&self, exact: bool) -> &Handle {
        if exact || self.interpret || self.runs.load(Ordering::Relaxed) == 0 {
            self.runs.store(1, Ordering::Relaxed);
            return &self.plain;
        }
        let machine = self.machine.get_or_init(|| {
            // SAFETY: the copy is ours alone until it is published (R1).
            unsafe {
                let copy = Handle(NonNull::new(pcre2_code_copy_8(self.plain.0.as_ptr()))?);
                (pcre2_jit_compile_8(copy.0.as_ptr(), PCRE2_JIT_COMPLETE) == 0).then_some(copy)
            }
        });
        machine.as_ref().unwrap_or(&self.plain)
    }

    /// Looks for a match at or behind `offset`, which lies within the subject.
    pub fn run(&self, subject: &[u8], offset: usize, flags: RunFlags, limits: Limits) -> Found {
        // PCRE steps back from the end before it looks: an empty slice's address, next to zero, would
        // wrap around.
        let subject = if subject.is_empty() { &PADDING[..0] } else { subject };
        THREAD.with_borrow_mut(|thread| {
            thread.prepare(self.groups + 1, limits);
            let last = offset.saturating_add(limits.span);
            let within = last < subject.len();
            // SAFETY: R2.
            unsafe { pcre2_set_offset_limit_8(thread.context, if within { last } else { PCRE2_UNSET }) };
            let mut options = flags.0 | if limits.exact { PCRE2_NO_JIT } else { 0 };
            let code = self.handle(limits.exact).0.as_ptr();
            loop {
                // SAFETY: pointer and length of one slice, `offset` within it; R2.
                let result = unsafe {
                    pcre2_match_8(
                        code,
                        subject.as_ptr(),
                        subject.len(),
                        offset,
                        options,
                        thread.data,
                        thread.context,
                    )
                };
                return match result {
                    0.. => Found::Match(thread.groups(result as usize)),
                    PCRE2_ERROR_NOMATCH if within => Found::StepLimit,
                    PCRE2_ERROR_NOMATCH => Found::NoMatch,
                    // The machine code's stack is small; the interpreter has the heap.
                    PCRE2_ERROR_JIT_STACKLIMIT if options & PCRE2_NO_JIT == 0 => {
                        options |= PCRE2_NO_JIT;
                        continue;
                    }
                    PCRE2_ERROR_MATCHLIMIT => Found::StepLimit,
                    PCRE2_ERROR_DEPTHLIMIT | PCRE2_ERROR_HEAPLIMIT => Found::DepthLimit,
                    PCRE2_ERROR_BADUTFOFFSET | PCRE2_ERROR_UTF8_ERR21..=PCRE2_ERROR_UTF8_ERR1 => Found::BadUtf8,
                    // A recursion that goes nowhere, or no memory.
                    _ => Found::NoMatch,
                };
            }
        })
    }
}

/// What a thread needs for matching, kept between runs.
struct Thread {
    data: *mut pcre2_match_data_8,
    /// Groups that `data` has room for.
    room: u32,
    context: *mut pcre2_match_context_8,
    stack: *mut pcre2_jit_stack_8,
}

thread_local! {
    static THREAD: RefCell<Thread> =
        const { RefCell::new(Thread { data: null_mut(), room: 0, context: null_mut(), stack: null_mut() }) };
}

/// Where empty subjects are.
static PADDING: [u8; 64] = [0; 64];

const JIT_STACK_START: usize = 32 << 10;
const JIT_STACK_MOST: usize = 1 << 20;

impl Thread {
    fn prepare(&mut self, groups: u32, limits: Limits) {
        // SAFETY: R2; every object is ours and is freed where it is replaced or dropped.
        unsafe {
            if self.context.is_null() {
                self.context = pcre2_match_context_create_8(null_mut());
                self.stack = pcre2_jit_stack_create_8(JIT_STACK_START, JIT_STACK_MOST, null_mut());
                if self.context.is_null() {
                    crate::bug!("no memory for matching");
                }
                pcre2_jit_stack_assign_8(self.context, None, self.stack.cast::<c_void>());
            }
            if self.room < groups {
                pcre2_match_data_free_8(self.data);
                self.room = groups.max(16);
                self.data = pcre2_match_data_create_8(self.room, null_mut());
                if self.data.is_null() {
                    crate::bug!("no memory for matching");
                }
            }
            pcre2_set_match_limit_8(self.context, limits.steps);
            pcre2_set_depth_limit_8(self.context, limits.depth);
        }
    }

    /// The first `n` groups of the last match.
    fn groups(&self, n: usize) -> Vec<Option<(usize, usize)>> {
        // SAFETY: a match gave `n` pairs, and `data` has room for as many.
        let pairs = unsafe { std::slice::from_raw_parts(pcre2_get_ovector_pointer_8(self.data), 2 * n) };
        let pair = |pair: &[usize]| (pair[0] != PCRE2_UNSET).then(|| (pair[0], pair[1]));
        pairs.chunks(2).map(pair).collect()
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: owned; freeing null does nothing.
        unsafe {
            pcre2_match_data_free_8(self.data);
            pcre2_match_context_free_8(self.context);
            pcre2_jit_stack_free_8(self.stack);
        }
    }
}
