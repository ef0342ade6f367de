//! The load generator: one thread that never waits, on connections that never block. Requests go out when they are
//! due, whatever became of those before, and a latency counts from when its request was due.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

/// No run sends more than this.
const MOST_REQUESTS: usize = 20_000_000;

pub struct Generator {
    connections: Vec<Connection>,
    work: u32,
    /// When each request was due, by its number.
    due: Vec<Duration>,
    began: Instant,
    seed: u64,
}

struct Connection {
    stream: TcpStream,
    out: Vec<u8>,
    input: Vec<u8>,
}

/// What came of the requests of one stretch of time.
#[derive(Default)]
pub struct Stretch {
    pub sent: usize,
    /// Seconds, of requests that were answered; and when the answer came, since the generator began.
    pub answered: Vec<(f64, f64)>,
    /// Requests that were turned away.
    pub busy: usize,
    pub seconds: f64,
    /// A connection broke.
    pub broken: bool,
}

impl Stretch {
    /// Sorted seconds.
    pub fn latencies(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.answered.iter().map(|a| a.0).collect();
        all.sort_by(f64::total_cmp);
        all
    }
}

/// The value that a part of a sorted list is not above.
pub fn percentile(sorted: &[f64], part: f64) -> f64 {
    match sorted.len() {
        0 => f64::NAN,
        n => sorted[(((n - 1) as f64 * part) as usize).min(n - 1)],
    }
}

impl Generator {
    pub fn connect(port: u16, connections: usize, work: u32) -> Result<Generator, String> {
        let connect = |_| {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(Connection { stream, out: Vec::new(), input: Vec::new() })
        };
        let connections: std::io::Result<Vec<Connection>> = (0..connections).map(connect).collect();
        Ok(Generator {
            connections: connections.map_err(|e| format!("connect: {e}"))?,
            work,
            due: Vec::new(),
            began: Instant::now(),
            seed: 0x2545_f491_4f6c_dd1d,
        })
    }

    /// So many requests a second on average, as if many who know nothing of each other sent them.
    pub fn open(&mut self, rate: f64, time: Duration) -> Stretch {
        let (start, mut stretch) = (self.began.elapsed(), Stretch::default());
        let mut next = start;
        while self.began.elapsed() < start + time && !stretch.broken {
            while next <= self.began.elapsed() && self.due.len() < MOST_REQUESTS {
                let connection = self.due.len() % self.connections.len();
                self.request(connection, next);
                stretch.sent += 1;
                next += Duration::from_secs_f64(-self.random().ln() / rate);
            }
            self.turn(&mut stretch, |_, _| {});
        }
        stretch.seconds = (self.began.elapsed() - start).as_secs_f64();
        stretch
    }

    /// Each connection sends when it has its answer: as many in a second as the service can do.
    pub fn closed(&mut self, time: Duration) -> Stretch {
        let (start, mut stretch) = (self.began.elapsed(), Stretch::default());
        for connection in 0..self.connections.len() {
            self.request(connection, start);
        }
        while self.began.elapsed() < start + time && !stretch.broken && self.due.len() < MOST_REQUESTS {
            self.turn(&mut stretch, |generator, connection| {
                let now = generator.began.elapsed();
                generator.request(connection, now);
            });
        }
        stretch.seconds = (self.began.elapsed() - start).as_secs_f64();
        stretch
    }

    /// Waits until all that was asked is answered, or no longer than `time`.
    pub fn drain(&mut self, open: usize, time: Duration) -> Stretch {
        let (start, mut stretch) = (self.began.elapsed(), Stretch::default());
        while stretch.answered.len() + stretch.busy < open && self.began.elapsed() < start + time && !stretch.broken {
            self.turn(&mut stretch, |_, _| {});
        }
        stretch.seconds = (self.began.elapsed() - start).as_secs_f64();
        stretch
    }

    fn request(&mut self, connection: usize, due: Duration) {
        let line = format!("{} {}\n", self.due.len(), self.work);
        self.connections[connection].out.extend_from_slice(line.as_bytes());
        self.due.push(due);
    }

    /// One look at every connection: writes what waits, reads what is there.
    fn turn(&mut self, stretch: &mut Stretch, mut answered: impl FnMut(&mut Generator, usize)) {
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            let open = connection.flush() && connection.fill();
            stretch.broken |= !open;
            let Some(end) = connection.input.iter().rposition(|b| *b == b'\n') else { continue };
            let lines: Vec<u8> = connection.input.drain(..=end).collect();
            let now = self.began.elapsed();
            for line in lines.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
                let text = String::from_utf8_lossy(line);
                let (id, answer) = text.split_once(' ').unwrap_or((&text, ""));
                let due = id.parse().ok().and_then(|id: usize| self.due.get(id).copied());
                match (due, answer) {
                    (Some(_), "busy") => stretch.busy += 1,
                    (Some(due), _) => stretch.answered.push(((now - due).as_secs_f64(), now.as_secs_f64())),
                    (None, _) => stretch.broken = true,
                }
                answered(self, index);
            }
        }
    }

    /// Evenly from 0 to 1, without 0.
    fn random(&mut self) -> f64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        ((self.seed >> 11) as f64 + 1.0) / (1u64 << 53) as f64
    }
}

impl Connection {
    fn flush(&mut self) -> bool {
        while !self.out.is_empty() {
            match self.stream.write(&self.out) {
                Ok(0) => return false,
                Ok(n) => drop(self.out.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return true,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    fn fill(&mut self) -> bool {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(n) => self.input.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return true,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }
}

/// Asks on each connection in turn, one at a time, and waits for the answer: seconds.
pub fn one_by_one(streams: &mut [TcpStream], order: impl Iterator<Item = usize>) -> Result<Vec<f64>, String> {
    let mut times = Vec::new();
    for i in order {
        let start = Instant::now();
        ask(&mut streams[i], times.len()).map_err(|e| format!("connection {i}: {e}"))?;
        hear(&mut streams[i]).map_err(|e| format!("connection {i}: {e}"))?;
        times.push(start.elapsed().as_secs_f64());
    }
    Ok(times)
}

/// A request without work.
pub fn ask(stream: &mut TcpStream, id: usize) -> std::io::Result<()> {
    stream.write_all(format!("{id} 1\n").as_bytes())
}

/// Reads one line.
pub fn hear(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut byte = [0];
    loop {
        stream.read_exact(&mut byte)?;
        if byte[0] == b'\n' {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;

    /// A service that answers each line at once.
    fn echo() -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || {
                    for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                        let Ok(line) = line else { return };
                        let id: u64 = line.split(' ').next().unwrap().parse().unwrap();
                        let answer = if id % 2 == 1 { "busy" } else { "1" };
                        stream.write_all(format!("{id} {answer}\n").as_bytes()).unwrap();
                    }
                });
            }
        });
        port
    }

    #[test]
    fn every_request_is_answered_or_turned_away() {
        let mut generator = Generator::connect(echo(), 4, 1).unwrap();
        let stretch = generator.open(2000.0, Duration::from_millis(200));
        let open = stretch.sent - stretch.answered.len() - stretch.busy;
        let rest = generator.drain(open, Duration::from_secs(5));
        let (answered, busy) = (stretch.answered.len() + rest.answered.len(), stretch.busy + rest.busy);
        assert!(stretch.sent > 100 && !stretch.broken && !rest.broken);
        assert_eq!(answered + busy, stretch.sent);
        assert_eq!(busy, stretch.sent / 2);
    }

    #[test]
    fn percentiles() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&sorted, 0.5), 50.0);
        assert_eq!(percentile(&sorted, 1.0), 100.0);
        assert!(percentile(&[], 0.5).is_nan());
    }
}
