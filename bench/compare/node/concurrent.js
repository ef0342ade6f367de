'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { Mailbox } = require('./mailbox.js');

const add = (sum, x) => (sum + x) % 4294967296;

async function ring(n) {
  const home = new Mailbox();
  const members = Array.from({ length: 1000 }, () => new Mailbox());
  members.forEach(async (own, i) => {
    const next = members[(i + 1) % members.length];
    for (;;) {
      const hops = await own.receive();
      if (hops === 'stop') return next.send('stop');
      if (hops === 0) {
        home.send(0);
        return next.send('stop');
      }
      next.send(hops - 1);
    }
  });
  members[0].send(n);
  return home.receive();
}

async function pingPong(n) {
  const [ping, pong] = [new Mailbox(), new Mailbox()];
  (async () => {
    for (let x; (x = await pong.receive()) !== 'stop'; ) ping.send(x * 2);
  })();
  let sum = 0;
  for (; n > 0; n--) {
    pong.send(n);
    sum = add(sum, await ping.receive());
  }
  pong.send('stop');
  return sum;
}

async function skynet(number, size) {
  if (size === 1) {
    // what a process without work of its own still does: give way once
    await null;
    return number;
  }
  const part = size / 10;
  const parts = await Promise.all(Array.from({ length: 10 }, (_, i) => skynet(number + i * part, part)));
  return parts.reduce((sum, x) => sum + x);
}

const complement = (a, b) => (a === b ? a : 3 - a - b);

async function chameneos(n) {
  const [blue, red, yellow] = [0, 1, 2];
  const place = new Mailbox();
  const creature = async (colour) => {
    const own = new Mailbox();
    for (let met = 0; ; met++) {
      place.send({ colour, from: own });
      const other = await own.receive();
      if (other === 'closed') return met;
      colour = complement(colour, other);
    }
  };
  const all = [blue, red, yellow, red, yellow, blue, red, yellow, red, blue].map(creature);
  for (; n > 0; n--) {
    const a = await place.receive();
    const b = await place.receive();
    a.from.send(b.colour);
    b.from.send(a.colour);
  }
  for (const _ of all) (await place.receive()).from.send('closed');
  return (await Promise.all(all)).reduce((sum, met) => sum + met);
}

async function fanIn(n) {
  const each = Math.trunc(n / 100);
  const home = new Mailbox();
  const send = async (i) => {
    for (let left = each; left > 0; left--) {
      home.send({ i, left });
      if (left % 64 === 0) await null;
    }
  };
  for (let i = 1; i <= 100; i++) send(i);
  let sum = 0;
  for (let left = each * 100; left > 0; left--) {
    const { i, left: value } = await home.receive();
    sum += i + value;
  }
  return sum;
}

async function fanOut(n) {
  const inboxes = Array.from({ length: 100 }, () => new Mailbox());
  const workers = inboxes.map(async (own) => {
    let sum = 0;
    for (let job; (job = await own.receive()) !== 'stop'; ) sum += job.a + job.rest[0] + job.rest[1];
    return sum;
  });
  for (let left = Math.trunc(n / 100); left > 0; left--) {
    for (const inbox of inboxes) inbox.send({ a: left, rest: [left, left + 1] });
    await null;
  }
  for (const inbox of inboxes) inbox.send('stop');
  return (await Promise.all(workers)).reduce((sum, x) => sum + x);
}

// A server of one number: asks come with a mailbox for the answer.
function server() {
  const requests = new Mailbox();
  (async () => {
    let sum = 0;
    for (let request; (request = await requests.receive()) !== 'stop'; ) request.reply.send((sum += request.add));
  })();
  return requests;
}

async function calls(n) {
  const requests = server();
  const reply = new Mailbox();
  for (; n > 0; n--) {
    requests.send({ add: n, reply });
    await reply.receive();
  }
  requests.send({ add: 0, reply });
  const sum = await reply.receive();
  requests.send('stop');
  return sum;
}

// The lowest value of the bucket that v falls in: four from each power of two to the next.
function bucket(v) {
  if (v < 4) return v;
  const unit = 2 ** (Math.floor(Math.log2(v)) - 2);
  return Math.floor(v / unit) * unit;
}

async function callLatency(n) {
  const clients = 20;
  const requests = server();
  const call = async (add, reply) => {
    requests.send({ add, reply });
    return reply.receive();
  };
  const client = async () => {
    const reply = new Mailbox();
    const times = [];
    for (let left = Math.trunc(n / clients); left > 0; left--) {
      const start = process.hrtime.bigint();
      await call(1, reply);
      times.push(Number(process.hrtime.bigint() - start));
    }
    return times;
  };
  const all = (await Promise.all(Array.from({ length: clients }, client))).flat().sort((a, b) => a - b);
  const histogram = new Map();
  for (const time of all) histogram.set(bucket(time), (histogram.get(bucket(time)) ?? 0) + 1);
  const at = (part) => all[Math.trunc((all.length - 1) * part)];
  return {
    sum: await call(0, new Mailbox()),
    figures: { p50_ns: at(0.5), p99_ns: at(0.99), p999_ns: at(0.999), max_ns: at(1) },
    histograms: { call: histogram },
  };
}

async function spawnChurn(n) {
  let sum = 0;
  for (; n > 0; n--) {
    const [own, home] = [new Mailbox(), new Mailbox()];
    const task = (async () => home.send((await own.receive()) + 1))();
    own.send(n);
    sum = add(sum, await home.receive());
    await task;
  }
  return sum;
}

// CPU-bound work goes to worker threads, as many as there are cores.
async function parallelMap(n) {
  const cores = Number(process.env.BENCH_CORES ?? os.availableParallelism?.() ?? os.cpus().length);
  const each = Math.ceil(n / cores);
  const parts = Array.from({ length: cores }, (_, i) => {
    const workerData = { first: i * each + 1, last: Math.min(n, (i + 1) * each) };
    const worker = new Worker(path.join(__dirname, 'fib_worker.js'), { workerData });
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  return (await Promise.all(parts)).flat().reduce((sum, x) => sum + x, 0);
}

async function timers(n) {
  const own = new Mailbox();
  let sum = 0;
  for (let i = n; i > 0; i--) {
    let late = false;
    const timer = setTimeout(() => (late = true), 60000 + (i % 1000));
    own.send(i);
    const m = await own.receive();
    clearTimeout(timer);
    if (!late && m === i) sum++;
  }
  const short = Math.trunc(n / 4);
  for (let i = 1; i <= short; i++) setTimeout(() => own.send(i), 1 + (i % 50));
  for (let left = short; left > 0; left--) sum += await own.receive();
  return sum;
}

const resident = () => Number(fs.readFileSync('/proc/self/statm', 'latin1').split(' ')[1]) * 4096;

async function processMemory(n) {
  const before = resident();
  const start = process.hrtime.bigint();
  const inboxes = Array.from({ length: n }, () => new Mailbox());
  for (const own of inboxes) own.waits = (async () => (await own.receive()).send('pong'))();
  const spawned = process.hrtime.bigint();
  const bytes = Math.trunc((resident() - before) / n);
  const woken = process.hrtime.bigint();
  const home = new Mailbox();
  for (const own of inboxes) own.send(home);
  let count = 0;
  while (count < n) if ((await home.receive()) === 'pong') count++;
  const each = (from, to) => Math.trunc(Number(to - from) / n);
  return {
    sum: count,
    figures: {
      bytes_a_process: bytes,
      spawn_nanoseconds: each(start, spawned),
      wake_nanoseconds: each(woken, process.hrtime.bigint()),
    },
  };
}

module.exports = {
  ring,
  ping_pong: pingPong,
  skynet: (n) => skynet(0, n),
  chameneos,
  fan_in: fanIn,
  fan_out: fanOut,
  gen_server_calls: calls,
  call_latency: callLatency,
  spawn_churn: spawnChurn,
  parallel_map: parallelMap,
  timers,
  process_memory: processMemory,
};
