//! What went through a socket, for `inet:getstat/2`.

use super::Answer;

/// One direction.
#[derive(Default)]
struct Flow {
    packets: u64,
    bytes: u64,
    largest: u64,
    /// The mean deviation of the sizes from their average.
    deviation: f64,
}

impl Flow {
    fn count(&mut self, size: usize) {
        let size = size as u64;
        self.packets += 1;
        self.bytes += size;
        self.largest = self.largest.max(size);
        let off = (size as f64 - self.average() as f64).abs();
        self.deviation += (off - self.deviation) / self.packets as f64;
    }

    fn average(&self) -> u64 {
        self.bytes.checked_div(self.packets).unwrap_or(0)
    }
}

#[derive(Default)]
pub struct Statistics {
    received: Flow,
    sent: Flow,
}

impl Statistics {
    pub fn received(&mut self, size: usize) {
        self.received.count(size);
    }

    pub fn sent(&mut self, size: usize) {
        self.sent.count(size);
    }

    /// The values that a request names. `pending` bytes wait to be sent.
    pub fn get(&self, wanted: &[u8], pending: usize) -> Answer {
        let (received, sent) = (&self.received, &self.sent);
        let mut reply = Vec::new();
        for &what in wanted {
            let value = match what {
                1 => received.packets,
                2 => received.largest,
                3 => received.average(),
                4 => received.deviation as u64,
                5 => sent.packets,
                6 => sent.largest,
                7 => sent.average(),
                8 => pending as u64,
                9 => received.bytes,
                10 => sent.bytes,
                _ => return Err(libc::EINVAL),
            };
            reply.push(what);
            match what {
                9 | 10 => reply.extend(value.to_be_bytes()),
                _ => reply.extend((value as u32).to_be_bytes()),
            }
        }
        Ok(reply)
    }
}
