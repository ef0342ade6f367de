use num_bigint::BigInt;
use std::collections::BTreeSet;

pub const MASK: i64 = 0xffff_ffff;

pub fn fib(n: i64) -> i64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

pub fn taks(n: i64) -> i64 {
    (1..=n).rev().map(|n| tak(18, 12, 6 + (n & 1))).sum()
}

fn tak(x: i64, y: i64, z: i64) -> i64 {
    if y >= x { z } else { tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) }
}

enum List {
    Nil,
    Cell(i64, Box<List>),
}

impl List {
    /// A new list in the other order; the old one stays.
    fn reversed(&self) -> List {
        match self {
            List::Nil => List::Nil,
            List::Cell(head, tail) => tail.reversed().append(List::Cell(*head, Box::new(List::Nil))),
        }
    }

    fn append(&self, other: List) -> List {
        match self {
            List::Nil => other,
            List::Cell(head, tail) => List::Cell(*head, Box::new(tail.append(other))),
        }
    }
}

pub fn nrev(n: i64) -> i64 {
    let list = (1..=30).rev().fold(List::Nil, |tail, i| List::Cell(i, Box::new(tail)));
    let head = |list: List| if let List::Cell(head, _) = list { head } else { 0 };
    (0..n).map(|_| head(list.reversed())).sum()
}

pub fn next(seed: i64) -> i64 {
    (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff
}

pub fn sorts(n: i64) -> i64 {
    let mut seed = 42;
    let mut numbers: Vec<i64> = (0..n)
        .map(|_| {
            seed = next(seed);
            seed >> 8
        })
        .collect();
    numbers.reverse();
    let mut sorted = numbers.clone();
    sorted.sort();
    assert_eq!(sorted, quick(&numbers));
    let tree: BTreeSet<i64> = numbers.into_iter().collect();
    weigh(sorted.into_iter()) + weigh(tree.into_iter())
}

fn quick(list: &[i64]) -> Vec<i64> {
    let Some((pivot, rest)) = list.split_first() else { return Vec::new() };
    let (below, above): (Vec<i64>, Vec<i64>) = rest.iter().partition(|x| *x < pivot);
    let mut all = quick(&below);
    all.push(*pivot);
    all.extend(quick(&above));
    all
}

fn weigh(numbers: impl Iterator<Item = i64>) -> i64 {
    numbers.zip(1..).fold(0, |sum, (x, i)| (sum + x * i) & MASK)
}

pub fn mandelbrot(n: i64) -> i64 {
    let size = n as f64;
    let row = |y: i64| {
        let ci = 2.0 * y as f64 / size - 1.0;
        (0..n).filter(|x| bounded(2.0 * *x as f64 / size - 1.5, ci)).count() as i64
    };
    (0..n).map(row).sum()
}

fn bounded(cr: f64, ci: f64) -> bool {
    let (mut zr, mut zi) = (0.0, 0.0);
    for _ in 0..50 {
        let (r2, i2) = (zr * zr, zi * zi);
        if r2 + i2 > 4.0 {
            return false;
        }
        (zr, zi) = (r2 - i2 + cr, 2.0 * zr * zi + ci);
    }
    true
}

fn matrix(i: usize, j: usize) -> f64 {
    ((i + j) * (i + j + 1) / 2 + i + 1) as f64
}

fn both(v: &[f64]) -> Vec<f64> {
    let times = |v: &[f64], cell: fn(usize, usize) -> f64| -> Vec<f64> {
        (0..v.len()).map(|i| v.iter().enumerate().fold(0.0, |sum, (j, x)| sum + x / cell(i, j))).collect()
    };
    times(&times(v, matrix), |i, j| matrix(j, i))
}

pub fn spectral_norm(n: i64) -> i64 {
    let mut u = vec![1.0; n as usize];
    let mut v = Vec::new();
    for _ in 0..10 {
        v = both(&u);
        u = both(&v);
    }
    let (uv, vv) = u.iter().zip(&v).fold((0.0, 0.0), |(uv, vv), (u, v)| (uv + u * v, vv + v * v));
    ((uv / vv).sqrt() * 1.0e9) as i64
}

pub fn fannkuch(n: i64) -> i64 {
    permute(&mut (1..=n as usize).collect::<Vec<_>>(), 0, &mut vec![0; n as usize])
}

/// The most flips over all orders of what stands from `from` on.
fn permute(p: &mut [usize], from: usize, scratch: &mut [usize]) -> i64 {
    if from == p.len() {
        return flips(p, scratch);
    }
    let mut most = 0;
    for i in from..p.len() {
        p.swap(from, i);
        most = most.max(permute(p, from + 1, scratch));
        p.swap(from, i);
    }
    most
}

fn flips(p: &[usize], scratch: &mut [usize]) -> i64 {
    scratch.copy_from_slice(p);
    let mut count = 0;
    while scratch[0] != 1 {
        let first = scratch[0];
        scratch[..first].reverse();
        count += 1;
    }
    count
}

pub fn pidigits(n: i64) -> i64 {
    let mut left = n;
    let (mut q, mut r, mut t) = (BigInt::from(1), BigInt::from(0), BigInt::from(1));
    let (mut k, mut sum) = (1u64, 0i64);
    while left > 0 {
        let y = (&q * 3u32 + &r) / &t;
        if y == (&q * 4u32 + &r) / &t {
            r = (&r - &y * &t) * 10u32;
            q *= 10u32;
            sum = (sum * 31 + i64::try_from(&y).unwrap_or(0)) & MASK;
            left -= 1;
        } else {
            r = (&q * 2u32 + &r) * (2 * k + 1);
            q *= k;
            t *= 2 * k + 1;
            k += 1;
        }
    }
    sum
}

struct Tree(Option<(Box<Tree>, Box<Tree>)>);

impl Tree {
    fn new(depth: i64) -> Tree {
        Tree((depth > 0).then(|| (Box::new(Tree::new(depth - 1)), Box::new(Tree::new(depth - 1)))))
    }

    fn count(&self) -> i64 {
        self.0.as_ref().map_or(1, |(left, right)| 1 + left.count() + right.count())
    }
}

pub fn binary_trees(most: i64) -> i64 {
    let long = Tree::new(most);
    let short = |depth: i64| (0..1i64 << (most - depth + 4)).map(|_| Tree::new(depth).count()).sum::<i64>();
    (4..=most).step_by(2).map(short).sum::<i64>() + long.count()
}

pub fn queens(n: i64, row: i64, board: &mut Vec<i64>) -> i64 {
    if row == 0 {
        return 1;
    }
    let mut sum = 0;
    for column in (1..=n).rev() {
        let placed = board.len() as i64;
        if board.iter().zip(0..).all(|(q, i)| *q != column && (q - column).abs() != placed - i) {
            board.push(column);
            sum += queens(n, row - 1, board);
            board.pop();
        }
    }
    sum
}
