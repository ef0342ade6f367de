package main

import (
	"fmt"
	"math/bits"
	"sort"
	"time"
)

// Counts by size; four buckets from each power of two to the next.
type histogram struct {
	name   string
	counts map[int]int
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(int(d.Nanoseconds()))]++
}

// The lowest value of the bucket that v falls in.
func bucket(v int) int {
	if v < 4 {
		return v
	}
	shift := bits.Len(uint(v)) - 3
	return v >> shift << shift
}

func (h histogram) print() {
	lows := make([]int, 0, len(h.counts))
	for low := range h.counts {
		lows = append(lows, low)
	}
	sort.Ints(lows)
	fmt.Print("histogram ", h.name)
	for _, low := range lows {
		fmt.Print(" ", low, ":", h.counts[low])
	}
	fmt.Println()
}
