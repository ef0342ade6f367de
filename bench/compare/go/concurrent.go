package main

import (
	"runtime"
	"sort"
	"sync"
	"time"
)

func init() {
	programs["ring"] = ring
	programs["ping_pong"] = pingPong
	programs["skynet"] = skynet
	programs["chameneos"] = chameneos
	programs["fan_in"] = fanIn
	programs["fan_out"] = fanOut
	programs["gen_server_calls"] = calls
	programs["call_latency"] = callLatency
	programs["spawn_churn"] = spawnChurn
	programs["parallel_map"] = parallelMap
	programs["timers"] = timers
	programs["process_memory"] = processMemory
}

func ring(n int) result {
	home := make(chan int)
	first := make(chan int)
	from := first
	for i := 0; i < 1000; i++ {
		to := first
		if i < 999 {
			to = make(chan int)
		}
		go func(from, to chan int) {
			for hops := range from {
				if hops == 0 {
					home <- 0
					return
				}
				to <- hops - 1
			}
			if to != first {
				close(to)
			}
		}(from, to)
		from = to
	}
	first <- n
	return sum(<-home)
}

func pingPong(n int) result {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for x := range ping {
			pong <- x * 2
		}
	}()
	total := 0
	for ; n > 0; n-- {
		ping <- n
		total = (total + <-pong) & mask
	}
	close(ping)
	return sum(total)
}

func skynet(n int) result {
	up := make(chan int, 1)
	go node(up, 0, n)
	return sum(<-up)
}

func node(up chan<- int, number, size int) {
	if size == 1 {
		up <- number
		return
	}
	below := make(chan int, 10)
	part := size / 10
	for i := 0; i < 10; i++ {
		go node(below, number+i*part, part)
	}
	total := 0
	for i := 0; i < 10; i++ {
		total += <-below
	}
	up <- total
}

type colour int

type visitor struct {
	colour colour
	other  chan colour
}

func complement(a, b colour) colour {
	if a == b {
		return a
	}
	return 3 - a - b
}

func chameneos(n int) result {
	const blue, red, yellow = 0, 1, 2
	meet, met := make(chan visitor), make(chan int)
	for _, c := range []colour{blue, red, yellow, red, yellow, blue, red, yellow, red, blue} {
		go func(own colour) {
			other, count := make(chan colour), 0
			for {
				meet <- visitor{own, other}
				seen, open := <-other
				if !open {
					met <- count
					return
				}
				own = complement(own, seen)
				count++
			}
		}(c)
	}
	for ; n > 0; n-- {
		a, b := <-meet, <-meet
		a.other <- b.colour
		b.other <- a.colour
	}
	total := 0
	for i := 0; i < 10; i++ {
		close((<-meet).other)
		total += <-met
	}
	return sum(total)
}

type value struct{ sender, left int }

func fanIn(n int) result {
	each := n / 100
	in := make(chan value, 128)
	for i := 1; i <= 100; i++ {
		go func(i int) {
			for left := each; left > 0; left-- {
				in <- value{i, left}
			}
		}(i)
	}
	total := 0
	for i := each * 100; i > 0; i-- {
		v := <-in
		total += v.sender + v.left
	}
	return sum(total)
}

type job struct {
	a    int
	rest []int
}

func fanOut(n int) result {
	sums := make(chan int)
	workers := make([]chan job, 100)
	for i := range workers {
		workers[i] = make(chan job, 16)
		go func(in chan job) {
			total := 0
			for j := range in {
				total += j.a + j.rest[0] + j.rest[1]
			}
			sums <- total
		}(workers[i])
	}
	for left := n / 100; left > 0; left-- {
		for _, w := range workers {
			w <- job{left, []int{left, left + 1}}
		}
	}
	total := 0
	for _, w := range workers {
		close(w)
	}
	for range workers {
		total += <-sums
	}
	return sum(total)
}

type request struct {
	add   int
	reply chan int
}

// A server of one number, and what adds to it.
func server() chan request {
	requests := make(chan request)
	go func() {
		total := 0
		for r := range requests {
			total += r.add
			r.reply <- total
		}
	}()
	return requests
}

func calls(n int) result {
	requests := server()
	defer close(requests)
	reply := make(chan int)
	for ; n > 0; n-- {
		requests <- request{n, reply}
		<-reply
	}
	requests <- request{0, reply}
	return sum(<-reply)
}

func callLatency(n int) result {
	const clients = 20
	requests := server()
	defer close(requests)
	times := make([][]time.Duration, clients)
	var done sync.WaitGroup
	for c := range times {
		done.Add(1)
		go func(c int) {
			defer done.Done()
			reply := make(chan int)
			times[c] = make([]time.Duration, n/clients)
			for i := range times[c] {
				start := time.Now()
				requests <- request{1, reply}
				<-reply
				times[c][i] = time.Since(start)
			}
		}(c)
	}
	done.Wait()
	reply := make(chan int)
	requests <- request{0, reply}
	h := histogram{"call", map[int]int{}}
	var all []time.Duration
	for _, own := range times {
		for _, t := range own {
			h.add(t)
		}
		all = append(all, own...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	at := func(part float64) int { return int(all[int(float64(len(all)-1)*part)].Nanoseconds()) }
	return result{
		sum:        sum(<-reply).sum,
		figures:    []figure{{"p50_ns", at(0.5)}, {"p99_ns", at(0.99)}, {"p999_ns", at(0.999)}, {"max_ns", at(1)}},
		histograms: []histogram{h},
	}
}

func spawnChurn(n int) result {
	total := 0
	for ; n > 0; n-- {
		in, out, down := make(chan int), make(chan int), make(chan struct{})
		go func() {
			defer close(down)
			out <- <-in + 1
		}()
		in <- n
		total = (total + <-out) & mask
		<-down
	}
	return sum(total)
}

func parallelMap(n int) result {
	results := make([]int, n)
	var done sync.WaitGroup
	done.Add(n)
	for i := range results {
		go func(i int) {
			defer done.Done()
			results[i] = fib(20) + i + 1
		}(i)
	}
	done.Wait()
	total := 0
	for _, r := range results {
		total += r
	}
	return sum(total)
}

func timers(n int) result {
	self := make(chan int, 1)
	total := 0
	for i := n; i > 0; i-- {
		timer := time.AfterFunc(time.Duration(60000+i%1000)*time.Millisecond, func() {})
		self <- i
		if m := <-self; timer.Stop() && m == i {
			total++
		}
	}
	short := n / 4
	fired := make(chan int, 1024)
	for i := 1; i <= short; i++ {
		i := i
		time.AfterFunc(time.Duration(1+i%50)*time.Millisecond, func() { fired <- i })
	}
	for i := 0; i < short; i++ {
		total += <-fired
	}
	return sum(total)
}

func processMemory(n int) result {
	runtime.GC()
	before, start := resident(), time.Now()
	pong := make(chan struct{}, 1024)
	wake := make([]chan chan struct{}, n)
	for i := range wake {
		wake[i] = make(chan chan struct{})
		go func(in chan chan struct{}) { (<-in) <- struct{}{} }(wake[i])
	}
	spawned := time.Since(start)
	bytes := (resident() - before) / n
	start = time.Now()
	go func() {
		for _, in := range wake {
			in <- pong
		}
	}()
	count := 0
	for range wake {
		<-pong
		count++
	}
	woken := time.Since(start)
	return result{
		sum: sum(count).sum,
		figures: []figure{
			{"bytes_a_process", bytes},
			{"spawn_nanoseconds", int(spawned.Nanoseconds()) / n},
			{"wake_nanoseconds", int(woken.Nanoseconds()) / n},
		},
	}
}
