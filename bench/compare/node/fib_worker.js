'use strict';

const { parentPort, workerData } = require('node:worker_threads');
const { fib } = require('./sequential.js');

const results = [];
for (let i = workerData.first; i <= workerData.last; i++) results.push(fib(20) + i);
parentPort.postMessage(results);
