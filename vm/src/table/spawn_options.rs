//! The options of spawns and monitors, read from their terms.

use super::spawn::Options;
use crate::am;
use crate::base::sync::OnceLock;
use crate::heap::gc;
use crate::process::relations::AliasEnd;
use crate::process::{Parcel, Pid, Priority, reference};
use crate::term::Term;

/// What the command line says about options.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub schedulers: usize,
    /// Messages are kept off the heap unless an option says otherwise.
    pub off_heap: bool,
}

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Sets them. Once, at start.
pub fn set_limits(limits: Limits) {
    let _ = LIMITS.set(limits);
}

fn limits() -> Limits {
    *LIMITS.get_or_init(|| Limits { schedulers: 1, off_heap: false })
}

/// `[{alias, How}, {tag, Term}]`
#[derive(Default)]
pub struct MonitorOptions {
    pub alias: Option<AliasEnd>,
    pub tag: Option<Term>,
}

impl MonitorOptions {
    pub fn parse(options: Term) -> Option<MonitorOptions> {
        let mut found = MonitorOptions::default();
        let mut rest = options.list();
        for option in rest.by_ref() {
            match option.as_tuple_of::<2>()? {
                [am::alias, how] => {
                    found.alias = Some(match how {
                        am::explicit_unalias => AliasEnd::Explicit,
                        am::demonitor => AliasEnd::Demonitor,
                        am::reply_demonitor => AliasEnd::Reply,
                        _ => return None,
                    });
                }
                [am::tag, tag] => found.tag = Some(tag),
                _ => return None,
            }
        }
        rest.rest().is_nil().then_some(found)
    }
}

/// Options of a spawn, before anything is copied.
pub struct Wanted {
    pub link: bool,
    pub monitor: Option<MonitorOptions>,
    pub priority: Priority,
    pub heap: gc::HeapSettings,
    pub off_heap: bool,
    pub reply_tag: Term,
    pub reply_success: bool,
    pub reply_error: bool,
    schedulers: usize,
}

/// Why options are no options.
pub enum Refused {
    NoList,
    Option,
}

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted::new()
    }
}

impl Wanted {
    pub fn new() -> Wanted {
        let limits = limits();
        Wanted {
            link: false,
            monitor: None,
            priority: Priority::Normal,
            heap: gc::defaults(),
            off_heap: limits.off_heap,
            schedulers: limits.schedulers,
            reply_tag: am::spawn_reply,
            reply_success: true,
            reply_error: true,
        }
    }

    /// Every option is looked at, so that what is known of the reply is known of bad ones, too.
    pub fn parse(options: Term, of_request: bool) -> (Wanted, Result<(), Refused>) {
        let mut wanted = Wanted::new();
        let mut good = true;
        let mut rest = options.list();
        for option in rest.by_ref() {
            good &= wanted.set(option, of_request).is_some();
        }
        let max = wanted.heap.max_size.size;
        good &= max == 0 || max >= wanted.heap.min_size;
        let result = match (rest.rest().is_nil(), good) {
            (false, _) => Err(Refused::NoList),
            (true, false) => Err(Refused::Option),
            (true, true) => Ok(()),
        };
        (wanted, result)
    }

    pub fn set(&mut self, option: Term, of_request: bool) -> Option<()> {
        match option {
            am::link => self.link = true,
            am::monitor => self.monitor = Some(MonitorOptions::default()),
            _ => {
                let [key, value] = option.as_tuple_of()?;
                let count = value.as_usize().filter(|_| value.is_small());
                match key {
                    am::priority => self.priority = Priority::of(value)?,
                    am::message_queue_data => {
                        self.off_heap = match value {
                            am::off_heap => true,
                            am::on_heap => false,
                            _ => return None,
                        }
                    }
                    am::min_heap_size => self.heap.min_size = gc::round_min_heap_size(count?)?,
                    am::min_bin_vheap_size => {
                        let least = gc::defaults().min_virtual;
                        let wanted = count?;
                        self.heap.min_virtual = if wanted < least { least } else { gc::at_least(wanted) };
                    }
                    am::max_heap_size => {
                        self.heap.max_size = gc::MaxHeapSize::of(value, gc::default_max_heap_size())?;
                    }
                    am::fullsweep_after => self.heap.fullsweep_after = u32::try_from(count?).unwrap_or(u32::MAX),
                    // A wish: any scheduler may run it.
                    am::scheduler => drop((count? <= self.schedulers).then_some(())?),
                    am::monitor => self.monitor = Some(MonitorOptions::parse(value)?),
                    am::reply if of_request => {
                        (self.reply_success, self.reply_error) = match value {
                            am::yes => (true, true),
                            am::no => (false, false),
                            am::error_only => (false, true),
                            am::success_only => (true, false),
                            _ => return None,
                        }
                    }
                    am::reply_tag if of_request => self.reply_tag = value,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// With a reference, if the parent needs one.
    pub fn into_options(self, parent: Pid) -> Options {
        let monitor = self.monitor.as_ref().map(|monitor| match monitor.alias {
            Some(_) => reference::fresh_owned(parent),
            None => reference::fresh(),
        });
        let (alias, tag) = self.monitor.map_or((None, None), |m| (m.alias, m.tag));
        Options {
            link: self.link,
            monitor,
            monitor_tag: tag.map(Parcel::new),
            alias,
            priority: self.priority,
            heap: self.heap,
            message_queue_off_heap: self.off_heap,
            ..Options::default()
        }
    }
}
