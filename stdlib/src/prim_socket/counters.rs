//! What sockets count.

use std::sync::atomic::{AtomicI64, Ordering};

use glulam_vm::Term;
use glulam_vm::heap::Build;
use glulam_vm::port::socket::constant as c;

use super::map_of;

/// Of a socket.
#[derive(Default)]
pub(super) struct Counters {
    pub read: Way,
    pub write: Way,
    pub accept: Accepts,
    /// Once a file was sent.
    pub sendfile: Option<Files>,
}

/// Of reading, or of writing.
#[derive(Default)]
pub(super) struct Way {
    pub bytes: u64,
    pub fails: u64,
    pub packets: u64,
    pub largest: u64,
    pub tries: u64,
    pub waits: u64,
    /// Bytes so far of a packet that goes on.
    pub part: u64,
}

impl Way {
    /// A packet has ended with these bytes.
    pub fn packet(&mut self, bytes: usize) {
        self.packets += 1;
        self.bytes += bytes as u64;
        self.part += bytes as u64;
        self.end_of_packet();
    }

    pub fn end_of_packet(&mut self) {
        self.largest = self.largest.max(self.part);
        self.part = 0;
    }
}

#[derive(Default)]
pub(super) struct Accepts {
    pub success: u64,
    pub fails: u64,
    pub tries: u64,
    pub waits: u64,
}

/// Of sending files.
#[derive(Default)]
pub(super) struct Files {
    pub calls: u64,
    pub bytes: u64,
    pub fails: u64,
    pub largest: u64,
    pub packets: u64,
    pub largest_packet: u64,
    pub tries: u64,
    pub waits: u64,
    /// Bytes so far of the file that is being sent.
    pub part: u64,
}

impl Counters {
    pub fn term(&self, heap: &mut impl Build) -> Term {
        let (read, write, accept) = (&self.read, &self.write, &self.accept);
        let mut pairs = vec![
            ("read_byte", read.bytes),
            ("read_fails", read.fails),
            ("read_pkg", read.packets),
            ("read_pkg_max", read.largest),
            ("read_tries", read.tries),
            ("read_waits", read.waits),
            ("write_byte", write.bytes),
            ("write_fails", write.fails),
            ("write_pkg", write.packets),
            ("write_pkg_max", write.largest),
            ("write_tries", write.tries),
            ("write_waits", write.waits),
            ("acc_success", accept.success),
            ("acc_fails", accept.fails),
            ("acc_tries", accept.tries),
            ("acc_waits", accept.waits),
        ];
        if let Some(files) = &self.sendfile {
            pairs.extend([
                ("sendfile", files.calls),
                ("sendfile_byte", files.bytes),
                ("sendfile_fails", files.fails),
                ("sendfile_max", files.largest),
                ("sendfile_pkg", files.packets),
                ("sendfile_pkg_max", files.largest_packet),
                ("sendfile_tries", files.tries),
                ("sendfile_waits", files.waits),
            ]);
        }
        let pairs: Vec<_> = pairs.into_iter().map(|(key, count)| (key, heap.u64(count))).collect();
        map_of(heap, &pairs)
    }
}

/// How many sockets there are, of each kind.
pub(super) struct All {
    pub sockets: AtomicI64,
    kinds: [AtomicI64; 3],
    domains: [AtomicI64; 3],
    protocols: [AtomicI64; 4],
}

const KINDS: [i32; 3] = [c::SOCK_DGRAM, c::SOCK_STREAM, c::SOCK_SEQPACKET];
const DOMAINS: [i32; 3] = [c::AF_UNIX, c::AF_INET, c::AF_INET6];
const PROTOCOLS: [i32; 4] = [c::IPPROTO_IP, c::IPPROTO_TCP, c::IPPROTO_UDP, c::IPPROTO_SCTP];


pub(super) static ALL: All = All {
    sockets: AtomicI64::new(0),
    kinds: [const { AtomicI64::new(0) }; 3],
    domains: [const { AtomicI64::new(0) }; 3],
    protocols: [const { AtomicI64::new(0) }; 4],
};

impl All {
    /// One socket more, or fewer.
    pub fn add(&self, change: i64, (domain, kind, protocol): (i32, i32, i32)) {
        self.sockets.fetch_add(change, Ordering::Relaxed);
        let count = |names: &[i32], counts: &[AtomicI64], name| {
            if let Some(at) = names.iter().position(|&n| n == name) {
                counts[at].fetch_add(change, Ordering::Relaxed);
            }
        };
        count(&KINDS, &self.kinds, kind);
        count(&DOMAINS, &self.domains, domain);
        count(&PROTOCOLS, &self.protocols, protocol);
    }

    pub fn term(&self, heap: &mut impl Build) -> Term {
        let names: [(&'static str, &AtomicI64); 11] = [
            ("num_sockets", &self.sockets),
            ("num_tdgrams", &self.kinds[0]),
            ("num_tstreams", &self.kinds[1]),
            ("num_tseqpkgs", &self.kinds[2]),
            ("num_dlocal", &self.domains[0]),
            ("num_dinet", &self.domains[1]),
            ("num_dinet6", &self.domains[2]),
            ("num_pip", &self.protocols[0]),
            ("num_ptcp", &self.protocols[1]),
            ("num_pudp", &self.protocols[2]),
            ("num_psctp", &self.protocols[3]),
        ];
        let mut pairs: Vec<_> = names.map(|(key, count)| (key, heap.i64(count.load(Ordering::Relaxed)))).to_vec();
        pairs.push(("num_cnt_bits", Term::small(64)));
        map_of(heap, &pairs)
    }
}
