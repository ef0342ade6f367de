package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// The service of the experiment on latency: answers each line `ID WORK` with `ID fib(WORK)`.
// Prints the port that it listens on.
func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go answer(connection)
	}
}

func answer(connection net.Conn) {
	defer connection.Close()
	for lines := bufio.NewScanner(connection); lines.Scan(); {
		id, work, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(work)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(connection, "%s %d\n", id, fib(n)); err != nil {
			return
		}
	}
}
