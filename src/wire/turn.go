package wire

import (
	"slices"
	"time"
)

// turnEvery is how often one that waits for its turn looks whether it has come.
const turnEvery = 50 * time.Millisecond

// turn lets a connection with a whole head begin its body, which is what costs memory. When
// MaxBodies are under way it takes the place of one of the host that has most, if its own has at
// least two fewer, or if it has none, of the slowest; else it waits for as long as a head may
// take. It returns false if the connection is to be closed.
func (l *Listener) turn(c *conn, length int64) bool {
	for wait := false; ; wait = true {
		if wait {
			time.Sleep(turnEvery)
		}
		l.mu.Lock()
		switch {
		case c.phase == evicted:
			l.mu.Unlock()
			return false
		case l.closed || time.Since(c.born) > l.headTimeout():
			l.mu.Unlock()
			l.forget(c)
			c.Conn.Close()
			return false
		case l.placeFor(c):
			c.phase = inRequest
			c.begin(length)
			l.mu.Unlock()
			return true
		}
		c.phase = waiting
		l.mu.Unlock()
	}
}

// placeFor tells whether another body may begin, and ends one for it if need be; l.mu is held.
func (l *Listener) placeFor(c *conn) bool {
	count := map[string]int{}
	bodies, crowd := 0, ""
	for _, other := range l.conns {
		if other.phase == inRequest {
			bodies++
			if count[other.host]++; count[other.host] > count[crowd] {
				crowd = other.host
			}
		}
	}
	own := count[c.host]
	switch {
	case bodies < l.maxBodies():
		return true
	case count[crowd] >= own+2:
		for _, other := range slices.Backward(l.conns) {
			if other.host == crowd && other.phase == inRequest {
				l.close(other)
				return true
			}
		}
	}
	return own == 0 && l.evictSlowest()
}
