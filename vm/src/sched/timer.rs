//! Timers: what has to happen at a monotonic time.
//!
//! One ordered map and one thread that sleeps until its first entry. Starting and cancelling cost
//! the logarithm of how many there are.

use std::collections::{BTreeMap, HashMap};

use crate::base::sync::{AtomicU64, Condvar, Mutex, OnceLock, Ordering};
use crate::base::time;
use crate::heap::{Build, Fragment};
use crate::process::{Parcel, Pid};
use crate::process::signal::RefNumber;
use crate::table::{processes, route};
use crate::term::Term;
use crate::am;

/// What happens when a timer's time comes.
pub enum Action {
    /// A process looks at its receive again.
    Wake(Pid),
    /// A message, plain or as `{timeout, TimerRef, Message}`.
    Send { to: Destination, reference: RefNumber, message: Parcel, with_reference: bool },
}

/// To whom a timer sends.
#[derive(Clone, Copy)]
pub enum Destination {
    Pid(Pid),
    Name(crate::Atom),
}

impl Destination {
    fn term(self) -> Term {
        match self {
            Destination::Pid(pid) => pid.term(),
            Destination::Name(name) => Term::from_atom(name),
        }
    }
}

#[derive(Default)]
struct Timers {
    /// By deadline, then by number.
    queue: BTreeMap<(i64, u64), Action>,
    deadlines: HashMap<u64, i64>,
    /// Numbers of those with a reference.
    references: HashMap<RefNumber, u64>,
}

fn timers() -> &'static Mutex<Timers> {
    static TIMERS: OnceLock<Mutex<Timers>> = OnceLock::new();
    TIMERS.get_or_init(Mutex::default)
}

static EARLIER: Condvar = Condvar::new();
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Starts a timer; its number.
pub fn start(deadline: i64, action: Action) -> u64 {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut timers = timers().lock();
    let first = timers.queue.first_key_value().map(|(key, _)| key.0);
    timers.deadlines.insert(number, deadline);
    if let Action::Send { reference, .. } = &action {
        timers.references.insert(*reference, number);
    }
    timers.queue.insert((deadline, number), action);
    if first.is_none_or(|first| deadline < first) {
        EARLIER.notify_one();
    }
    number
}

/// Gives a timer up; its deadline, if it had not come.
pub fn cancel(number: u64) -> Option<i64> {
    let mut timers = timers().lock();
    let deadline = timers.deadlines.remove(&number)?;
    if let Some(Action::Send { reference, .. }) = timers.queue.remove(&(deadline, number)) {
        timers.references.remove(&reference);
    }
    Some(deadline)
}

/// The same by the timer's reference.
pub fn cancel_reference(reference: RefNumber) -> Option<i64> {
    let number = timers().lock().references.get(&reference).copied()?;
    cancel(number)
}

/// The deadline of a timer that has not come.
pub fn deadline_of(reference: RefNumber) -> Option<i64> {
    let timers = timers().lock();
    let number = timers.references.get(&reference)?;
    timers.deadlines.get(number).copied()
}

/// Timers that wait.
pub fn count() -> usize {
    timers().lock().queue.len()
}

pub(super) fn start_thread() {
    super::system::thread("timers", run);
}

fn run() {
    let mut timers = timers().lock();
    loop {
        let now = time::monotonic();
        let mut due = Vec::new();
        while let Some(entry) = timers.queue.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let ((_, number), action) = entry.remove_entry();
            timers.deadlines.remove(&number);
            if let Action::Send { reference, .. } = &action {
                timers.references.remove(reference);
            }
            due.push(action);
        }
        if !due.is_empty() {
            drop(timers);
            due.into_iter().for_each(perform);
            timers = self::timers().lock();
            continue;
        }
        match timers.queue.first_key_value() {
            Some(((deadline, _), _)) => {
                let until = time::instant_of(*deadline);
                EARLIER.wait_until(&mut timers, until);
            }
            None => EARLIER.wait(&mut timers),
        }
    }
}

fn perform(action: Action) {
    match action {
        Action::Wake(pid) => {
            processes::with(pid, |process| process.wake());
        }
        Action::Send { to, reference, message, with_reference } => {
            let message = if with_reference { with_timeout(reference, &message) } else { message };
            route::send_parcel(to.term(), message);
        }
    }
}

/// `{timeout, TimerRef, Message}`
fn with_timeout(reference: RefNumber, message: &Parcel) -> Parcel {
    let term = message.peek();
    let mut fragment = Fragment::new(crate::heap::copy::size_of(term) + 7);
    let term = crate::heap::copy::copy_into(term, &mut fragment);
    let reference = fragment.reference(reference);
    let tuple = fragment.tuple(&[am::timeout, reference, term]);
    Parcel::in_fragment(tuple, fragment)
}
