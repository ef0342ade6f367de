const SOLAR_MASS: f64 = 39.47841760435743;
const DAYS: f64 = 365.24;

#[derive(Clone, Copy)]
struct Body {
    at: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

const fn body(at: [f64; 3], speed: [f64; 3], mass: f64) -> Body {
    Body { at, speed: [speed[0] * DAYS, speed[1] * DAYS, speed[2] * DAYS], mass: mass * SOLAR_MASS }
}

const BODIES: [Body; 5] = [
    body([0.0; 3], [0.0; 3], 1.0),
    body(
        [4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01],
        [1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05],
        9.54791938424326609e-04,
    ),
    body(
        [8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01],
        [-2.76742510726411880e-03, 4.99852801234917238e-03, 2.30417297573763929e-05],
        2.85885980666130812e-04,
    ),
    body(
        [1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01],
        [2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05],
        4.36624404335156298e-05,
    ),
    body(
        [1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01],
        [2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05],
        5.15138902046611451e-05,
    ),
];

fn between(a: &Body, b: &Body) -> ([f64; 3], f64) {
    let d = [a.at[0] - b.at[0], a.at[1] - b.at[1], a.at[2] - b.at[2]];
    (d, d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}

fn step(bodies: &mut [Body]) {
    for i in 0..bodies.len() {
        let (front, behind) = bodies.split_at_mut(i + 1);
        let a = &mut front[i];
        for b in behind {
            let (d, square) = between(a, b);
            let pull = 0.01 / (square * square.sqrt());
            let (to_a, to_b) = (b.mass * pull, a.mass * pull);
            for (axis, d) in d.into_iter().enumerate() {
                a.speed[axis] -= d * to_a;
                b.speed[axis] += d * to_b;
            }
        }
    }
    for b in bodies {
        for axis in 0..3 {
            b.at[axis] += 0.01 * b.speed[axis];
        }
    }
}

fn energy(bodies: &[Body]) -> f64 {
    let mut e = 0.0;
    for (i, a) in bodies.iter().enumerate() {
        let [x, y, z] = a.speed;
        e += 0.5 * a.mass * (x * x + y * y + z * z);
        for b in &bodies[i + 1..] {
            e -= a.mass * b.mass / between(a, b).1.sqrt();
        }
    }
    e
}

pub fn nbody(n: i64) -> i64 {
    let mut bodies = BODIES;
    for axis in 0..3 {
        let momentum = bodies.iter().fold(0.0, |sum, b| sum + b.speed[axis] * b.mass);
        bodies[0].speed[axis] = -momentum / SOLAR_MASS;
    }
    for _ in 0..n {
        step(&mut bodies);
    }
    (energy(&bodies) * 1.0e9) as i64
}
