package main

import (
	"math"
	"math/big"
	"sort"
	"strconv"
)

const mask = 0xffffffff

func init() {
	programs["fib"] = func(n int) result { return sum(fib(n)) }
	programs["tak"] = taks
	programs["nrev"] = nrev
	programs["sorts"] = sorts
	programs["mandelbrot"] = mandelbrot
	programs["spectral_norm"] = spectralNorm
	programs["fannkuch"] = fannkuch
	programs["pidigits"] = pidigits
	programs["binary_trees"] = binaryTrees
	programs["n_queens"] = func(n int) result { return sum(queens(n, n, nil)) }
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func taks(n int) result {
	total := 0
	for ; n > 0; n-- {
		total += tak(18, 12, 6+n&1)
	}
	return sum(total)
}

func tak(x, y, z int) int {
	if y >= x {
		return z
	}
	return tak(tak(x-1, y, z), tak(y-1, z, x), tak(z-1, x, y))
}

type cell struct {
	head int
	tail *cell
}

func reverse(list *cell) *cell {
	if list == nil {
		return nil
	}
	return join(reverse(list.tail), &cell{list.head, nil})
}

func join(a, b *cell) *cell {
	if a == nil {
		return b
	}
	return &cell{a.head, join(a.tail, b)}
}

func nrev(n int) result {
	var list *cell
	for i := 30; i > 0; i-- {
		list = &cell{i, list}
	}
	total := 0
	for ; n > 0; n-- {
		total += reverse(list).head
	}
	return sum(total)
}

func next(seed int) int { return (seed*1103515245 + 12345) & 0x7fffffff }

func sorts(n int) result {
	numbers := make([]int, n)
	seed := 42
	for i := n - 1; i >= 0; i-- {
		seed = next(seed)
		numbers[i] = seed >> 8
	}
	sorted := append([]int(nil), numbers...)
	sort.Ints(sorted)
	for i, x := range quick(numbers) {
		if sorted[i] != x {
			panic("not sorted")
		}
	}
	set := map[int]struct{}{}
	for _, x := range numbers {
		set[x] = struct{}{}
	}
	unique := make([]int, 0, len(set))
	for x := range set {
		unique = append(unique, x)
	}
	sort.Ints(unique)
	return sum(weigh(sorted) + weigh(unique))
}

func quick(list []int) []int {
	if len(list) == 0 {
		return nil
	}
	pivot := list[0]
	var below, above []int
	for _, x := range list[1:] {
		if x < pivot {
			below = append(below, x)
		} else {
			above = append(above, x)
		}
	}
	return append(append(quick(below), pivot), quick(above)...)
}

func weigh(list []int) int {
	total := 0
	for i, x := range list {
		total = (total + x*(i+1)) & mask
	}
	return total
}

func mandelbrot(n int) result {
	count := 0
	for y := 0; y < n; y++ {
		ci := 2.0*float64(y)/float64(n) - 1.0
		for x := 0; x < n; x++ {
			if bounded(2.0*float64(x)/float64(n)-1.5, ci) {
				count++
			}
		}
	}
	return sum(count)
}

func bounded(cr, ci float64) bool {
	zr, zi := 0.0, 0.0
	for left := 50; left > 0; left-- {
		r2, i2 := zr*zr, zi*zi
		if r2+i2 > 4.0 {
			return false
		}
		zr, zi = r2-i2+cr, 2.0*zr*zi+ci
	}
	return true
}

func spectralNorm(n int) result {
	u := make([]float64, n)
	for i := range u {
		u[i] = 1.0
	}
	var v []float64
	for i := 0; i < 10; i++ {
		v = both(u)
		u = both(v)
	}
	uv, vv := 0.0, 0.0
	for i := range u {
		uv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	return sum(int(math.Sqrt(uv/vv) * 1.0e9))
}

func matrix(i, j int) float64 { return float64((i+j)*(i+j+1)/2 + i + 1) }

func both(v []float64) []float64 {
	rows, columns := make([]float64, len(v)), make([]float64, len(v))
	for i := range rows {
		for j, x := range v {
			rows[i] += x / matrix(i, j)
		}
	}
	for i := range columns {
		for j, x := range rows {
			columns[i] += x / matrix(j, i)
		}
	}
	return columns
}

func fannkuch(n int) result {
	permutation := make([]int, n)
	for i := range permutation {
		permutation[i] = i + 1
	}
	return sum(permute(permutation, 0, make([]int, n)))
}

// The most flips over all orders of what stands from `from` on.
func permute(p []int, from int, scratch []int) int {
	if from == len(p) {
		return flips(p, scratch)
	}
	most := 0
	for i := from; i < len(p); i++ {
		p[from], p[i] = p[i], p[from]
		if count := permute(p, from+1, scratch); count > most {
			most = count
		}
		p[from], p[i] = p[i], p[from]
	}
	return most
}

func flips(p, scratch []int) int {
	copy(scratch, p)
	count := 0
	for first := scratch[0]; first != 1; first = scratch[0] {
		for i, j := 0, first-1; i < j; i, j = i+1, j-1 {
			scratch[i], scratch[j] = scratch[j], scratch[i]
		}
		count++
	}
	return count
}

func pidigits(n int) result {
	q, r, t := big.NewInt(1), big.NewInt(0), big.NewInt(1)
	k, total := int64(1), 0
	digit, again, x := new(big.Int), new(big.Int), new(big.Int)
	for n > 0 {
		digit.Div(digit.Add(x.Mul(q, big.NewInt(3)), r), t)
		again.Div(again.Add(x.Mul(q, big.NewInt(4)), r), t)
		if digit.Cmp(again) == 0 {
			y := int(digit.Int64())
			r.Sub(r, x.Mul(digit, t))
			r.Mul(r, big.NewInt(10))
			q.Mul(q, big.NewInt(10))
			total = (total*31 + y) & mask
			n--
		} else {
			odd := big.NewInt(2*k + 1)
			r.Add(x.Mul(q, big.NewInt(2)), r)
			r.Mul(r, odd)
			q.Mul(q, big.NewInt(k))
			t.Mul(t, odd)
			k++
		}
	}
	return sum(total)
}

type tree struct{ left, right *tree }

func makeTree(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{makeTree(depth - 1), makeTree(depth - 1)}
}

func (t *tree) count() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func binaryTrees(most int) result {
	long := makeTree(most)
	total := 0
	for depth := 4; depth <= most; depth += 2 {
		for i := 1 << (most - depth + 4); i > 0; i-- {
			total += makeTree(depth).count()
		}
	}
	return sum(total + long.count())
}

func queens(n, row int, board []int) int {
	if row == 0 {
		return 1
	}
	total := 0
	for column := n; column > 0; column-- {
		if safe(board, column) {
			total += queens(n, row-1, append(board, column))
		}
	}
	return total
}

func safe(board []int, column int) bool {
	for i, q := range board {
		distance := len(board) - i
		if q == column || q-column == distance || column-q == distance {
			return false
		}
	}
	return true
}

func text(n uint64) result { return result{sum: strconv.FormatUint(n, 10)} }
