//! Tasks and channels.

use crate::histogram::Histogram;
use crate::sequential::{MASK, fib};
use crate::{Outcome, resident};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work)
}

/// Runs a program as a task of its own: the thread that blocks on the runtime is none of its workers.
pub fn run(name: &str, n: i64) -> Option<Outcome> {
    let name = name.to_string();
    let task = async move {
        Some(match name.as_str() {
            "ring" => ring(n).await.into(),
            "ping_pong" => ping_pong(n).await.into(),
            "skynet" => skynet(0, n).await.into(),
            "chameneos" => chameneos(n).await.into(),
            "fan_in" => fan_in(n).await.into(),
            "fan_out" => fan_out(n).await.into(),
            "gen_server_calls" => calls(n).await.into(),
            "call_latency" => call_latency(n).await,
            "spawn_churn" => spawn_churn(n).await.into(),
            "parallel_map" => parallel_map(n).await.into(),
            "timers" => timers(n).await.into(),
            "process_memory" => process_memory(n).await,
            _ => return None,
        })
    };
    block_on(async { tokio::spawn(task).await.expect("a task that ends") })
}

async fn ring(n: i64) -> i64 {
    let (home, mut done) = mpsc::channel(1);
    let (first, mut from) = mpsc::channel::<i64>(1);
    for i in 0..1000 {
        let (to, next) = if i < 999 { mpsc::channel(1) } else { (first.clone(), mpsc::channel(1).1) };
        let mut own = std::mem::replace(&mut from, next);
        let home = home.clone();
        tokio::spawn(async move {
            while let Some(hops) = own.recv().await {
                if hops <= 0 {
                    // the one that ends the game tells home, and all tell the next
                    if hops == 0 {
                        let _ = home.send(0).await;
                    }
                    let _ = to.send(-1).await;
                    break;
                }
                let _ = to.send(hops - 1).await;
            }
        });
    }
    first.send(n).await.expect("a ring");
    done.recv().await.expect("an end")
}

async fn ping_pong(n: i64) -> i64 {
    let (ping, mut pings) = mpsc::channel::<i64>(1);
    let (pong, mut pongs) = mpsc::channel::<i64>(1);
    tokio::spawn(async move {
        while let Some(x) = pings.recv().await {
            let _ = pong.send(x * 2).await;
        }
    });
    let mut sum = 0;
    for n in (1..=n).rev() {
        ping.send(n).await.expect("a partner");
        sum = (sum + pongs.recv().await.expect("an answer")) & MASK;
    }
    sum
}

fn skynet(number: i64, size: i64) -> std::pin::Pin<Box<dyn Future<Output = i64> + Send>> {
    Box::pin(async move {
        if size == 1 {
            return number;
        }
        let part = size / 10;
        let below: Vec<_> = (0..10).map(|i| tokio::spawn(skynet(number + i * part, part))).collect();
        let mut sum = 0;
        for node in below {
            sum += node.await.expect("a sum");
        }
        sum
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Colour {
    Blue,
    Red,
    Yellow,
}

impl Colour {
    fn complement(self, other: Colour) -> Colour {
        use Colour::*;
        match (self, other) {
            (a, b) if a == b => a,
            (Blue | Red, Red | Blue) => Yellow,
            (Blue | Yellow, Yellow | Blue) => Red,
            _ => Blue,
        }
    }
}

async fn chameneos(n: i64) -> i64 {
    use Colour::*;
    let (place, mut visitors) = mpsc::channel::<(Colour, oneshot::Sender<Colour>)>(16);
    let creatures: Vec<_> = [Blue, Red, Yellow, Red, Yellow, Blue, Red, Yellow, Red, Blue]
        .into_iter()
        .map(|mut colour| {
            let place = place.clone();
            tokio::spawn(async move {
                let mut met = 0;
                loop {
                    let (other, seen) = oneshot::channel();
                    let _ = place.send((colour, other)).await;
                    // a place that is closed drops the sender
                    let Ok(seen) = seen.await else { return met };
                    colour = colour.complement(seen);
                    met += 1;
                }
            })
        })
        .collect();
    for _ in 0..n {
        let (a, to_a) = visitors.recv().await.expect("a visitor");
        let (b, to_b) = visitors.recv().await.expect("another");
        let _ = to_a.send(b);
        let _ = to_b.send(a);
    }
    drop(visitors);
    let mut sum = 0;
    for creature in creatures {
        sum += creature.await.expect("a count");
    }
    sum
}

async fn fan_in(n: i64) -> i64 {
    let each = n / 100;
    let (home, mut values) = mpsc::channel(128);
    for i in 1..=100 {
        let home = home.clone();
        tokio::spawn(async move {
            for left in (1..=each).rev() {
                let _ = home.send((i, left)).await;
            }
        });
    }
    drop(home);
    let mut sum = 0;
    while let Some((i, left)) = values.recv().await {
        sum += i + left;
    }
    sum
}

async fn fan_out(n: i64) -> i64 {
    let (workers, sums): (Vec<_>, Vec<_>) = (0..100)
        .map(|_| {
            let (worker, mut jobs) = mpsc::channel::<(i64, Vec<i64>)>(16);
            let sum = tokio::spawn(async move {
                let mut sum = 0;
                while let Some((a, rest)) = jobs.recv().await {
                    sum += a + rest[0] + rest[1];
                }
                sum
            });
            (worker, sum)
        })
        .unzip();
    for left in (1..=n / 100).rev() {
        for worker in &workers {
            worker.send((left, vec![left, left + 1])).await.expect("a worker");
        }
    }
    drop(workers);
    let mut total = 0;
    for sum in sums {
        total += sum.await.expect("a sum");
    }
    total
}

type Request = (i64, oneshot::Sender<i64>);

/// A server of one number, to which requests add.
fn server() -> mpsc::Sender<Request> {
    let (requests, mut inbox) = mpsc::channel::<Request>(32);
    tokio::spawn(async move {
        let mut sum = 0;
        while let Some((add, reply)) = inbox.recv().await {
            sum += add;
            let _ = reply.send(sum);
        }
    });
    requests
}

async fn call(server: &mpsc::Sender<Request>, add: i64) -> i64 {
    let (reply, answer) = oneshot::channel();
    server.send((add, reply)).await.expect("a server");
    answer.await.expect("an answer")
}

async fn calls(n: i64) -> i64 {
    let server = server();
    for n in (1..=n).rev() {
        call(&server, n).await;
    }
    call(&server, 0).await
}

async fn call_latency(n: i64) -> Outcome {
    const CLIENTS: i64 = 20;
    let server = server();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let server = server.clone();
            tokio::spawn(async move {
                let mut times = Vec::with_capacity((n / CLIENTS) as usize);
                for _ in 0..n / CLIENTS {
                    let start = Instant::now();
                    call(&server, 1).await;
                    times.push(start.elapsed());
                }
                times
            })
        })
        .collect();
    let mut all = Vec::new();
    for client in clients {
        all.extend(client.await.expect("times"));
    }
    all.sort();
    let mut histogram = Histogram::default();
    all.iter().for_each(|time| histogram.add(*time));
    let at = |part: f64| all[((all.len() - 1) as f64 * part) as usize].as_nanos() as i64;
    Outcome {
        figures: vec![("p50_ns", at(0.5)), ("p99_ns", at(0.99)), ("p999_ns", at(0.999)), ("max_ns", at(1.0))],
        histogram: Some(("call", histogram)),
        ..call(&server, 0).await.into()
    }
}

async fn spawn_churn(n: i64) -> i64 {
    let mut sum = 0;
    for n in (1..=n).rev() {
        let (to, own) = oneshot::channel::<i64>();
        let (home, answer) = oneshot::channel();
        let task = tokio::spawn(async move {
            if let Ok(x) = own.await {
                let _ = home.send(x + 1);
            }
        });
        let _ = to.send(n);
        sum = (sum + answer.await.expect("an answer")) & MASK;
        task.await.expect("an end");
    }
    sum
}

async fn parallel_map(n: i64) -> i64 {
    let tasks: Vec<_> = (1..=n).map(|i| tokio::spawn(async move { fib(std::hint::black_box(20)) + i })).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.expect("a number");
    }
    sum
}

async fn timers(n: i64) -> i64 {
    let (own, mut inbox) = mpsc::channel(1);
    let mut sum = 0;
    for i in (1..=n).rev() {
        let late = tokio::time::sleep(Duration::from_millis(60_000 + (i % 1000) as u64));
        tokio::pin!(late);
        own.send(i).await.expect("open");
        // what waits with a time limit: the timer is set once it is waited for
        tokio::select! {
            biased;
            () = &mut late => {}
            m = inbox.recv() => sum += i64::from(m == Some(i)),
        }
    }
    let (fired, mut all) = mpsc::channel(1024);
    for i in 1..=n / 4 {
        let fired = fired.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1 + (i % 50) as u64)).await;
            let _ = fired.send(i).await;
        });
    }
    drop(fired);
    while let Some(i) = all.recv().await {
        sum += i;
    }
    sum
}

async fn process_memory(n: i64) -> Outcome {
    let (before, start) = (resident(), Instant::now());
    let (home, mut pongs) = mpsc::channel::<()>(1024);
    let wake: Vec<_> = (0..n)
        .map(|_| {
            let (wake, own) = oneshot::channel::<mpsc::Sender<()>>();
            tokio::spawn(async move {
                if let Ok(home) = own.await {
                    let _ = home.send(()).await;
                }
            });
            wake
        })
        .collect();
    let spawned = start.elapsed();
    let bytes = (resident() - before) / n;
    let start = Instant::now();
    for task in wake {
        let _ = task.send(home.clone());
    }
    drop(home);
    let mut count = 0i64;
    while let Some(()) = pongs.recv().await {
        count += 1;
    }
    let each = |time: Duration| time.as_nanos() as i64 / n;
    Outcome {
        figures: vec![
            ("bytes_a_process", bytes),
            ("spawn_nanoseconds", each(spawned)),
            ("wake_nanoseconds", each(start.elapsed())),
        ],
        ..Outcome::from(count)
    }
}
