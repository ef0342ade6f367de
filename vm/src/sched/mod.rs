//! Schedulers: threads that run processes; dirty threads; timers.
//! Floor: sched
//! Invariants: S1 a process is in at most one run queue, and only while its state is `Queued`;
//! S2 who pushes to a queue wakes a sleeping scheduler if there is one.
//! Locks: the sleepers' lock, the timers' lock, those of `online`, one for each dirty pool; none held while a process runs.
//! Start reading at: `worker::run`.

pub mod clock;
mod dirty;
pub mod load;
pub mod meter;
pub mod online;
mod queue;
pub mod ready;
pub mod seeded;
mod sleepers;
pub mod system;
pub mod timer;
mod wheel;
mod worker;

pub use dirty::{drop_after_natives, uses_old_code as uses_old_code_in_native};
pub use worker::{current_scheduler, looks_outside, run_queue_length};

use crate::base::sync::{AtomicUsize, Condvar, Mutex, Ordering};
use crate::bif;
use crate::process::{Process, host};

/// How many threads of each sort.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    pub schedulers: usize,
    pub online: usize,
    pub dirty_cpu: usize,
    pub dirty_cpu_online: usize,
    pub dirty_io: usize,
    pub time_warp: clock::TimeWarp,
}

static SCHEDULERS: AtomicUsize = AtomicUsize::new(1);

/// Scheduler threads.
pub fn schedulers() -> usize {
    SCHEDULERS.load(Ordering::Relaxed)
}

struct Sched;

impl host::Host for Sched {
    fn enqueue(&self, process: &Process) {
        worker::enqueue(process);
    }
    fn enqueue_held(&self, process: &Process) {
        worker::enqueue_held(process);
    }
    fn is_next(&self, process: &Process) -> bool {
        worker::is_next(process)
    }
    fn wake_at(&self, process: &Process, deadline: i64) -> u64 {
        timer::wake_at(deadline, process.id())
    }
    fn cancel_wake(&self, timer: u64) {
        timer::cancel_wake(timer);
    }
    fn signalled_in_native(&self, process: &Process) {
        dirty::signalled(process);
    }
    fn drop_after_natives(&self, thing: Box<dyn std::any::Any + Send>) {
        dirty::drop_after_natives(thing);
    }
}

/// Connects the floors below. Before the first process.
pub fn install(schedulers: usize) {
    worker::prepare(schedulers);
    static HOST: Sched = Sched;
    host::set(&HOST);
    crate::process::set_max_heap_reporter(system::report_max_heap);
    crate::table::spawn::set_start(crate::exec::start::start_address());
    crate::process::set_deliver(crate::table::route::deliver);
}

/// Starts the threads.
pub fn start(threads: Threads) {
    SCHEDULERS.store(threads.schedulers, Ordering::Relaxed);
    dirty::start(bif::Class::DirtyCpu, threads.dirty_cpu);
    dirty::start(bif::Class::DirtyIo, threads.dirty_io);
    online::prepare(threads.schedulers, threads.online, threads.dirty_cpu_online);
    if !seeded::is_on() {
        timer::start_thread();
        clock::start(threads.time_warp);
    }
    worker::start();
}

static HALTED: Mutex<Option<i32>> = Mutex::new(None);
static HALT: Condvar = Condvar::new();

/// Asks for the end of the node with an exit status.
pub fn halt(status: i32) {
    HALTED.lock().get_or_insert(status);
    HALT.notify_all();
}

/// Ends the node at once, with a core dump if the system makes one.
pub fn abort() -> ! {
    crate::base::terminal::restore();
    std::process::abort();
}

/// Last words of the node, for its standard error output.
pub fn say(text: &str) {
    say_part(&format!("{text}\n"));
}

/// The same without an end of the line. Lines end as on a terminal in raw mode.
pub fn say_part(text: &str) {
    eprint!("{}", text.replace('\n', "\r\n"));
}

/// Processes ready to run: one number for each scheduler, then the dirty CPU and I/O pools.
pub fn run_queue_lengths() -> Vec<usize> {
    let mut lengths = worker::queue_lengths();
    lengths.extend([dirty::waiting(bif::Class::DirtyCpu), dirty::waiting(bif::Class::DirtyIo)]);
    lengths
}

/// The same and those that run.
pub fn active_tasks() -> Vec<usize> {
    let mut tasks = run_queue_lengths();
    for (task, running) in tasks.iter_mut().zip(worker::running()) {
        *task += usize::from(running);
    }
    let dirty = tasks.len() - 2;
    tasks[dirty] += dirty::running(bif::Class::DirtyCpu);
    tasks[dirty + 1] += dirty::running(bif::Class::DirtyIo);
    tasks
}

/// How often schedulers have evened their queues out: each takes of the shared queue once in so many slices.
pub fn balancings() -> u64 {
    load::slices() / u64::from(queue::SHARED_TURN)
}

/// Whether the node is ending.
pub fn is_halting() -> bool {
    HALTED.lock().is_some()
}

/// Waits until `halt`; the status.
pub fn wait() -> i32 {
    let mut halted = HALTED.lock();
    loop {
        if let Some(status) = *halted {
            return status;
        }
        HALT.wait(&mut halted);
    }
}

/// Runs what waits for something outside for long, on a dirty I/O thread.
pub fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    dirty::blocking(wait)
}

/// What the calling thread runs: natives of a dirty class, or processes (`Normal`). `None`: it is
/// none of the schedulers'.
pub fn thread_class() -> Option<bif::Class> {
    let number = load::thread_number()?;
    let normal = schedulers();
    Some(if number < normal {
        bif::Class::Normal
    } else if number < normal + dirty::limit(bif::Class::DirtyCpu) {
        bif::Class::DirtyCpu
    } else {
        bif::Class::DirtyIo
    })
}
