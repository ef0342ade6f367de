'use strict';

const zlib = require('node:zlib');

const CUBE_ROOTS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

function sha256(n) {
  const phrase = 'The quick brown fox jumps over the lazy dog; pack my box with fiv';
  const data = Buffer.alloc((n + 1) * 64);
  data.write(phrase.repeat(n).slice(0, n * 64), 'latin1');
  data[n * 64] = 0x80;
  data.writeBigUInt64BE(BigInt(n * 512), (n + 1) * 64 - 8);
  const state = Int32Array.of(
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  );
  const words = new Int32Array(64);
  for (let at = 0; at < data.length; at += 64) block(state, words, data, at);
  return (BigInt(state[0] >>> 0) << 32n) | BigInt(state[7] >>> 0);
}

const right = (x, n) => (x >>> n) | (x << (32 - n));

function block(state, w, data, at) {
  for (let i = 0; i < 16; i++) w[i] = data.readInt32BE(at + i * 4);
  for (let i = 16; i < 64; i++) {
    const s0 = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ (w[i - 15] >>> 3);
    const s1 = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ (w[i - 2] >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + CUBE_ROOTS[i] + w[i]) | 0;
    const s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => {
    state[i] += x;
  });
}

// Older releases of Node have none.
const crc32 = zlib.crc32 ?? (() => {
  const table = Int32Array.from({ length: 256 }, (_, i) => {
    for (let bit = 0; bit < 8; bit++) i = i & 1 ? (i >>> 1) ^ 0xedb88320 : i >>> 1;
    return i;
  });
  return (text) => {
    let crc = -1;
    for (const byte of Buffer.from(text)) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255];
    return ~crc >>> 0;
  };
})();

function document(n) {
  return Array.from({ length: n }, (_, i) => ({
    active: (i + 1) % 3 === 0,
    id: i + 1,
    name: `user ${i + 1}`,
    note: null,
    place: { city: 'Zürich', code: 8000 + ((i + 1) % 100) },
    score: (i + 1) * 2 + 0.25,
    tags: ['alpha', 'be"ta', 'line\nbreak'],
  }));
}

const fold = (sum, x) => (sum * 31 + x) % 4294967296;

function jsonEncode(n) {
  const records = document(20);
  let sum = 0;
  for (; n > 0; n--) sum = fold(sum, crc32(JSON.stringify(records)));
  return sum;
}

function jsonDecode(n) {
  const text = JSON.stringify(document(20));
  let sum = 0;
  for (; n > 0; n--) {
    let weight = 0;
    for (const { id, name, score, tags } of JSON.parse(text)) {
      weight += id + name.length + Math.trunc(score * 4) + tags.reduce((s, tag) => s + tag.length, 0);
    }
    sum = fold(sum, weight);
  }
  return sum;
}

function strings(n) {
  let sum = 0;
  for (; n > 0; n--) {
    const line = `  key${n % 1000} = some value, another ; and the rest  `;
    const [key, values] = line.trim().split(' = ');
    const words = values.toUpperCase().split(/[ ,;]+/).filter((word) => word !== '');
    const joined = words.map((word) => word.padEnd(8, '.')).join('-');
    const parts = joined.split('-');
    const replaced = joined.replaceAll('.', '__');
    sum = fold(sum, key.length + parts.length * 3 + replaced.length);
  }
  return sum;
}

function mapsSmall(n) {
  const map = new Map(Object.entries({ count: 0, name: 'x', a: 1, b: 2, c: 3, d: 4 }));
  let sum = 0;
  for (; n > 0; n--) {
    const [a, b] = [map.get('a'), map.get('b')];
    map.set('count', map.get('count') + 1).set('a', b).set('b', a + 1).set('extra', n).set(n & 3, 'more');
    let here = 0;
    for (const value of map.values()) here += typeof value === 'number' ? value : 1;
    if (map.get(n & 3) === 'more' && map.has('c')) here++;
    map.delete('extra');
    here += map.size;
    map.delete(n & 3);
    sum = (sum + here) & 0xffffff;
  }
  return map.get('count') + sum;
}

function mapsLarge(n) {
  const next = (seed) => (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  const map = new Map();
  for (let i = n, seed = 1; i > 0; i--) map.set((seed = next(seed)), i);
  let sum = 0;
  for (let i = n, seed = 1; i > 0; i--) sum += map.get((seed = next(seed)));
  const updated = new Map();
  for (const [key, value] of map) updated.set(key, value + 1);
  for (const value of updated.values()) sum += value;
  for (let i = n, seed = 1; i >= 2; i -= 2) updated.delete((seed = next(seed)));
  const merged = new Map([...map, ...updated]);
  return (sum + updated.size * 7 + merged.size) % 4294967296;
}

module.exports = {
  sha256,
  json_encode: jsonEncode,
  json_decode: jsonDecode,
  strings,
  maps_small: mapsSmall,
  maps_large: mapsLarge,
};
