'use strict';

const net = require('node:net');
const readline = require('node:readline');
const { fib } = require('./sequential.js');

// The service of the experiment on latency: answers each line `ID WORK` with `ID fib(WORK)`.
// Prints the port that it listens on.
module.exports = function serve() {
  const server = net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    readline.createInterface({ input: socket }).on('line', (line) => {
      const [id, work] = line.split(' ');
      socket.write(`${id} ${fib(Number(work))}\n`);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
};
