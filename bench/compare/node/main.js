// The programs of bench/programs in JavaScript, and what bench/programs/timed.erl does for them:
//
//   node main.js NAME SIZE RUNS
//   node main.js list
'use strict';

const fs = require('node:fs');

const programs = {
  ...require('./sequential.js'),
  ...require('./nbody.js'),
  ...require('./text.js'),
  ...require('./concurrent.js'),
};

// Microseconds.
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

// Kilobytes.
function peak() {
  return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]);
}

// A program gives its checksum, or {sum, figures, histograms}.
async function main([name, size, runs]) {
  if (name === 'list') {
    console.log(Object.keys(programs).join('\n'));
    return;
  }
  if (name === 'serve') {
    require('./serve.js')();
    return;
  }
  if (!(name in programs)) throw new Error(`no program ${name}`);
  let last = {};
  for (let i = 0; i < Number(runs); i++) {
    const cpu = cpuTime();
    const start = process.hrtime.bigint();
    const result = await programs[name](Number(size));
    const elapsed = (process.hrtime.bigint() - start) / 1000n;
    last = typeof result === 'object' ? result : { sum: result };
    console.log(`run ${elapsed} ${Math.round((cpuTime() - cpu) / 1000)} ${last.sum}`);
  }
  for (const [figure, value] of Object.entries(last.figures ?? {})) console.log(`figure ${figure} ${value}`);
  for (const [histogram, counts] of Object.entries(last.histograms ?? {})) {
    const buckets = [...counts].sort(([a], [b]) => a - b).map(([low, count]) => ` ${low}:${count}`);
    console.log(`histogram ${histogram}${buckets.join('')}`);
  }
  console.log(`peak ${peak()}`);
  process.exit(0);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
