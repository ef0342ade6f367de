'use strict';

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

function tak(x, y, z) {
  return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

function taks(n) {
  let sum = 0;
  for (; n > 0; n--) sum += tak(18, 12, 6 + (n & 1));
  return sum;
}

const reverse = (list) => (list ? append(reverse(list.tail), { head: list.head, tail: null }) : null);
const append = (a, b) => (a ? { head: a.head, tail: append(a.tail, b) } : b);

function nrev(n) {
  let list = null;
  for (let i = 30; i > 0; i--) list = { head: i, tail: list };
  let sum = 0;
  for (; n > 0; n--) sum += reverse(list).head;
  return sum;
}

const next = (seed) => (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;

function quick(list) {
  if (list.length === 0) return [];
  const [pivot] = list;
  const below = [];
  const above = [];
  for (let i = 1; i < list.length; i++) (list[i] < pivot ? below : above).push(list[i]);
  return [...quick(below), pivot, ...quick(above)];
}

function weigh(list) {
  let sum = 0;
  list.forEach((x, i) => {
    sum = (sum + x * (i + 1)) % 4294967296;
  });
  return sum;
}

function sorts(n) {
  const numbers = new Array(n);
  for (let i = n - 1, seed = 42; i >= 0; i--) {
    seed = next(seed);
    numbers[i] = seed >> 8;
  }
  const up = (a, b) => a - b;
  const sorted = [...numbers].sort(up);
  if (quick(numbers).some((x, i) => x !== sorted[i])) throw new Error('not sorted');
  return weigh(sorted) + weigh([...new Set(numbers)].sort(up));
}

function mandelbrot(n) {
  let count = 0;
  for (let y = 0; y < n; y++) {
    const ci = (2 * y) / n - 1;
    for (let x = 0; x < n; x++) if (bounded((2 * x) / n - 1.5, ci)) count++;
  }
  return count;
}

function bounded(cr, ci) {
  let zr = 0;
  let zi = 0;
  for (let left = 50; left > 0; left--) {
    const r2 = zr * zr;
    const i2 = zi * zi;
    if (r2 + i2 > 4) return false;
    zi = 2 * zr * zi + ci;
    zr = r2 - i2 + cr;
  }
  return true;
}

const matrix = (i, j) => ((i + j) * (i + j + 1)) / 2 + i + 1;

function both(v) {
  const rows = new Float64Array(v.length);
  const columns = new Float64Array(v.length);
  for (let i = 0; i < rows.length; i++) {
    let sum = 0;
    for (let j = 0; j < v.length; j++) sum += v[j] / matrix(i, j);
    rows[i] = sum;
  }
  for (let i = 0; i < columns.length; i++) {
    let sum = 0;
    for (let j = 0; j < rows.length; j++) sum += rows[j] / matrix(j, i);
    columns[i] = sum;
  }
  return columns;
}

function spectralNorm(n) {
  let u = new Float64Array(n).fill(1);
  let v = u;
  for (let i = 0; i < 10; i++) {
    v = both(u);
    u = both(v);
  }
  let uv = 0;
  let vv = 0;
  for (let i = 0; i < n; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return Math.trunc(Math.sqrt(uv / vv) * 1e9);
}

function flips(permutation, scratch) {
  scratch.set(permutation);
  let count = 0;
  for (let first = scratch[0]; first !== 1; first = scratch[0]) {
    scratch.subarray(0, first).reverse();
    count++;
  }
  return count;
}

// The most flips over all orders of what stands from `from` on.
function permute(p, from, scratch) {
  if (from === p.length) return flips(p, scratch);
  let most = 0;
  for (let i = from; i < p.length; i++) {
    [p[from], p[i]] = [p[i], p[from]];
    most = Math.max(most, permute(p, from + 1, scratch));
    [p[from], p[i]] = [p[i], p[from]];
  }
  return most;
}

const fannkuch = (n) => permute(Int32Array.from({ length: n }, (_, i) => i + 1), 0, new Int32Array(n));

function pidigits(n) {
  let [q, r, t, k, sum] = [1n, 0n, 1n, 1n, 0];
  while (n > 0) {
    const y = (q * 3n + r) / t;
    if (y === (q * 4n + r) / t) {
      r = 10n * (r - y * t);
      q *= 10n;
      sum = (sum * 31 + Number(y)) % 4294967296;
      n--;
    } else {
      const odd = 2n * k + 1n;
      r = (2n * q + r) * odd;
      q *= k;
      t *= odd;
      k++;
    }
  }
  return sum;
}

const tree = (depth) => (depth === 0 ? { left: null, right: null } : { left: tree(depth - 1), right: tree(depth - 1) });
const count = ({ left, right }) => (left ? 1 + count(left) + count(right) : 1);

function binaryTrees(most) {
  const long = tree(most);
  let sum = 0;
  for (let depth = 4; depth <= most; depth += 2) {
    for (let i = 1 << (most - depth + 4); i > 0; i--) sum += count(tree(depth));
  }
  return sum + count(long);
}

function safe(board, column) {
  return board.every((q, i) => q !== column && Math.abs(q - column) !== board.length - i);
}

function queens(n, row, board) {
  if (row === 0) return 1;
  let sum = 0;
  for (let column = n; column > 0; column--) {
    if (safe(board, column)) {
      board.push(column);
      sum += queens(n, row - 1, board);
      board.pop();
    }
  }
  return sum;
}

module.exports = {
  fib,
  tak: taks,
  nrev,
  sorts,
  mandelbrot,
  spectral_norm: spectralNorm,
  fannkuch,
  pidigits,
  binary_trees: binaryTrees,
  n_queens: (n) => queens(n, n, []),
};
