package wire

import "time"

// turnEvery is how often one that waits for its turn looks whether it has come.
const turnEvery = 50 * time.Millisecond

// turnsUsual is how many times as long as for its head a client may have to wait for its turn.
// That is our slowness, so it is long; and it ends because many may wait.
const turnsUsual = 10

// turn lets a connection with a whole head begin its request, which is what costs memory. When
// MaxBodies are under way it takes the place of one that gives way, or waits for as long as its
// client does. It returns false if the connection is to be closed.
func (l *Listener) turn(c *conn, length int64) bool {
	for wait := false; ; wait = true {
		if wait {
			time.Sleep(turnEvery)
		}
		l.mu.Lock()
		switch {
		case c.phase == evicted || c.phase == leaving:
			l.mu.Unlock()
			return false
		case l.closed || wait && c.impatient():
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

// impatient tells whether a client has given up the wait for its turn.
func (c *conn) impatient() bool {
	_, gone := c.unread()
	return gone || time.Since(c.born) > turnsUsual*c.l.headTimeout()
}
