//! The option lists of `re`.

use glulam_vm::base::pcre::{Flags, RunFlags};
use glulam_vm::{Term, am};

/// Options, all kinds in one list.
#[derive(Default)]
pub(super) struct Options {
    pub(super) compile: Flags,
    pub(super) run: RunFlags,
    /// An option that only compiling takes.
    pub(super) compile_only: bool,
    /// An option that only running takes.
    pub(super) run_only: bool,
    pub(super) unicode: bool,
    pub(super) global: bool,
    pub(super) report_errors: bool,
    pub(super) offset: usize,
    /// Which groups, and as what.
    pub(super) capture: Option<(Term, Term)>,
    pub(super) match_limit: Option<u32>,
    pub(super) recursion_limit: Option<u32>,
}

impl Options {
    /// Whether the groups are wanted as lists of characters.
    pub(super) fn wants_lists(&self) -> bool {
        self.capture.is_some_and(|(_, kind)| kind == am::list)
    }
}

/// An integer of C's: not negative, 31 bits.
pub(super) fn small_count(term: Term) -> Option<u32> {
    term.as_small().and_then(|n| u32::try_from(n).ok()).filter(|&n| n <= i32::MAX as u32)
}

pub(super) fn parse(list: Term) -> Option<Options> {
    let mut options = Options::default();
    for option in list.proper_list()? {
        if option.is_atom() {
            word(&mut options, option)?;
        } else if let Some([am::capture, which, kind]) = option.as_tuple_of::<3>() {
            options.capture = Some((which, kind));
            options.run_only = true;
        } else {
            let [name, value] = option.as_tuple_of::<2>()?;
            pair(&mut options, name, value)?;
        }
    }
    Some(options)
}

fn pair(options: &mut Options, name: Term, value: Term) -> Option<()> {
    match name {
        am::capture => options.capture = Some((value, am::index)),
        am::offset => options.offset = small_count(value)? as usize,
        am::match_limit => options.match_limit = Some(small_count(value)?),
        am::match_limit_recursion => options.recursion_limit = Some(small_count(value)?),
        am::newline => {
            options.compile.0 |= match value {
                am::cr => Flags::NEWLINE_CR,
                am::lf => Flags::NEWLINE_LF,
                am::crlf => Flags::NEWLINE_CRLF,
                am::any => Flags::NEWLINE_ANY,
                am::anycrlf => Flags::NEWLINE_ANYCRLF,
                _ => return None,
            };
            return Some(());
        }
        _ => return None,
    }
    options.run_only = true;
    Some(())
}

fn word(options: &mut Options, word: Term) -> Option<()> {
    match word {
        am::anchored => {
            options.compile.0 |= Flags::ANCHORED;
            options.run.0 |= RunFlags::ANCHORED;
            return Some(());
        }
        am::bsr_anycrlf => {
            options.compile.0 |= Flags::BSR_ANYCRLF;
            return Some(());
        }
        am::bsr_unicode => {
            options.compile.0 |= Flags::BSR_UNICODE;
            return Some(());
        }
        _ => {}
    }
    let run = match word {
        am::notempty => Some(RunFlags::NOTEMPTY),
        am::notempty_atstart => Some(RunFlags::NOTEMPTY_ATSTART),
        am::notbol => Some(RunFlags::NOTBOL),
        am::noteol => Some(RunFlags::NOTEOL),
        am::report_errors => {
            options.report_errors = true;
            Some(0)
        }
        am::global => {
            options.global = true;
            Some(0)
        }
        _ => None,
    };
    if let Some(flag) = run {
        options.run.0 |= flag;
        options.run_only = true;
        return Some(());
    }
    options.compile.0 |= match word {
        am::no_start_optimize => Flags::NO_START_OPTIMIZE,
        am::caseless => Flags::CASELESS,
        am::dollar_endonly => Flags::DOLLAR_ENDONLY,
        am::dotall => Flags::DOTALL,
        am::extended => Flags::EXTENDED,
        am::firstline => Flags::FIRSTLINE,
        am::multiline => Flags::MULTILINE,
        am::no_auto_capture => Flags::NO_AUTO_CAPTURE,
        am::dupnames => Flags::DUPNAMES,
        am::ungreedy => Flags::UNGREEDY,
        am::ucp => Flags::UCP,
        am::never_utf => Flags::NEVER_UTF,
        am::unicode => {
            options.unicode = true;
            Flags::UNICODE
        }
        _ => return None,
    };
    options.compile_only = true;
    Some(())
}
