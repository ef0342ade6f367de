'use strict';

// A queue that an async function waits on: what a process's mailbox is elsewhere.
class Mailbox {
  #values = [];
  #head = 0;
  #waiting = null;

  send(value) {
    if (this.#waiting) {
      const wake = this.#waiting;
      this.#waiting = null;
      wake(value);
    } else {
      this.#values.push(value);
    }
  }

  receive() {
    if (this.#head === this.#values.length) return new Promise((resolve) => (this.#waiting = resolve));
    const value = this.#values[this.#head++];
    if (this.#head === this.#values.length) {
      this.#values = [];
      this.#head = 0;
    }
    return value;
  }
}

module.exports = { Mailbox };
