//! Threads that are to run as soon as they are woken, though others compute.

/// Asks the operating system to let the calling thread in early and for short turns, in place of late and
/// for long ones. It gets no larger share of the processor by that. Where the system knows no such
/// thing, nothing happens.
pub fn prompt() {
    #[cfg(target_os = "linux")]
    linux::short_turns();
}

#[cfg(target_os = "linux")]
mod linux {
    /// `struct sched_attr`, version 0.
    #[repr(C)]
    #[derive(Default)]
    struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        /// For ordinary threads: the length of a turn, in nanoseconds.
        runtime: u64,
        deadline: u64,
        period: u64,
    }

    /// The shortest turn there is.
    const TURN: u64 = 100_000;

    pub(super) fn short_turns() {
        let size = size_of::<Attributes>() as u32;
        let mut attributes = Attributes { size, ..Attributes::default() };
        // SAFETY: of the calling thread; the kernel fills in at most `size` bytes.
        let known = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, 0) } == 0;
        // Who chose another policy for the whole program knows why.
        if !known || attributes.policy != libc::SCHED_OTHER as u32 {
            return;
        }
        attributes.size = size;
        attributes.flags = 0;
        attributes.runtime = TURN;
        // SAFETY: of the calling thread; the structure is whole. A kernel that does not know it says so.
        unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
    }
}
