// The programs of bench/programs in Go, and what bench/programs/timed.erl does for them:
//
//	programs NAME SIZE RUNS
//	programs list
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// What a run gives: a checksum, and figures and histograms of its own.
type result struct {
	sum        string
	figures    []figure
	histograms []histogram
}

type figure struct {
	name  string
	value int
}

type program func(n int) result

func sum(n int) result { return result{sum: strconv.Itoa(n)} }

var programs = map[string]program{}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		for name := range programs {
			fmt.Println(name)
		}
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
		return
	}
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "programs NAME SIZE RUNS")
		os.Exit(2)
	}
	run, known := programs[os.Args[1]]
	size, bad := strconv.Atoi(os.Args[2])
	runs, worse := strconv.Atoi(os.Args[3])
	if !known || bad != nil || worse != nil {
		fmt.Fprintln(os.Stderr, "no such program or not a number:", os.Args[1:])
		os.Exit(2)
	}
	var last result
	for i := 0; i < runs; i++ {
		runtime.GC()
		debug.FreeOSMemory()
		cpu, start := cpuTime(), time.Now()
		last = run(size)
		elapsed := time.Since(start)
		fmt.Println("run", elapsed.Microseconds(), (cpuTime() - cpu).Milliseconds(), last.sum)
	}
	for _, f := range last.figures {
		fmt.Println("figure", f.name, f.value)
	}
	for _, h := range last.histograms {
		h.print()
	}
	fmt.Println("peak", peak())
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Kilobytes.
func peak() int {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); fields[0] == "VmHWM:" {
			kilobytes, _ := strconv.Atoi(fields[1])
			return kilobytes
		}
	}
	return 0
}

// Bytes.
func resident() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return pages * os.Getpagesize()
}
