package main

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// answering knows the connections with a request that is not answered yet, so
// that the bridge can stop without cutting off a camera. It is what
// http.Server.Shutdown does, without the 10 KB for pauses of random length.
type answering struct {
	mu    sync.Mutex
	conns map[net.Conn]bool
	ended chan struct{} // gets a value when one more is answered
}

func newAnswering() *answering {
	return &answering{conns: map[net.Conn]bool{}, ended: make(chan struct{}, 1)}
}

// note is http.Server's ConnState. A connection on which nothing has come yet
// is not waited for: browsers keep some in reserve.
func (a *answering) note(c net.Conn, state http.ConnState) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch state {
	case http.StateActive:
		a.conns[c] = true
	case http.StateClosed:
		delete(a.conns, c)
		select {
		case a.ended <- struct{}{}:
		default:
		}
	}
}

func (a *answering) none() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.conns) == 0
}

// wait returns when all are answered, at the latest after the time given.
func (a *answering) wait(most time.Duration) {
	enough := time.After(most)
	for !a.none() {
		select {
		case <-a.ended:
		case <-enough:
			return
		}
	}
}
