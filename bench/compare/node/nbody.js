'use strict';

const SOLAR_MASS = 39.47841760435743;
const DAYS = 365.24;

function system() {
  const bodies = [
    [0, 0, 0, 0, 0, 0, 1],
    [4.8414314424647209e+00, -1.16032004402742839e+00, -1.03622044471123109e-01,
      1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04],
    [8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01,
      -2.7674251072641188e-03, 4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04],
    [1.2894369562139131e+01, -1.51111514016986312e+01, -2.23307578892655734e-01,
      2.96460137564761618e-03, 2.3784717395948095e-03, -2.96589568540237556e-05, 4.36624404335156298e-05],
    [1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01,
      2.68067772490389322e-03, 1.62824170038242295e-03, -9.5159225451971587e-05, 5.15138902046611451e-05],
  ].map(([x, y, z, vx, vy, vz, mass]) => ({
    x, y, z, vx: vx * DAYS, vy: vy * DAYS, vz: vz * DAYS, mass: mass * SOLAR_MASS,
  }));
  let [px, py, pz] = [0, 0, 0];
  for (const b of bodies) {
    px += b.vx * b.mass;
    py += b.vy * b.mass;
    pz += b.vz * b.mass;
  }
  Object.assign(bodies[0], { vx: -px / SOLAR_MASS, vy: -py / SOLAR_MASS, vz: -pz / SOLAR_MASS });
  return bodies;
}

function step(bodies) {
  for (let i = 0; i < bodies.length; i++) {
    const a = bodies[i];
    for (let j = i + 1; j < bodies.length; j++) {
      const b = bodies[j];
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      const square = dx * dx + dy * dy + dz * dz;
      const pull = 0.01 / (square * Math.sqrt(square));
      const toA = b.mass * pull;
      const toB = a.mass * pull;
      a.vx -= dx * toA;
      a.vy -= dy * toA;
      a.vz -= dz * toA;
      b.vx += dx * toB;
      b.vy += dy * toB;
      b.vz += dz * toB;
    }
  }
  for (const b of bodies) {
    b.x += 0.01 * b.vx;
    b.y += 0.01 * b.vy;
    b.z += 0.01 * b.vz;
  }
}

function energy(bodies) {
  let e = 0;
  bodies.forEach((a, i) => {
    e += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
    for (const b of bodies.slice(i + 1)) {
      const dx = a.x - b.x;
      const dy = a.y - b.y;
      const dz = a.z - b.z;
      e -= (a.mass * b.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
    }
  });
  return e;
}

function nbody(n) {
  const bodies = system();
  for (; n > 0; n--) step(bodies);
  return Math.trunc(energy(bodies) * 1e9);
}

module.exports = { nbody };
