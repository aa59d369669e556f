package wire

import (
	"cmp"
	"net"
	"slices"
	"sync"
	"time"
)

// A Listener accepts connections whose requests net/http can read. Set the fields before
// the first Accept; zero means the default.
type Listener struct {
	net.Listener

	HeadTimeout time.Duration // from accept to the end of the request head; 30 s
	IdleTimeout time.Duration // longest silence in a body, longest standstill of an answer; 60 s

	// A body slower than MinRate bytes/s (1 KiB/s) in two RateWindows (30 s) running is given
	// up. Two, so that one pause shorter than IdleTimeout is forgiven. Only time spent waiting
	// for the client counts: a slow disk is not its fault.
	MinRate    int64
	RateWindow time.Duration

	// Device names the device that a client is on, so that one with many addresses counts as one;
	// nil takes each address for a device. It is called for each connection.
	Device func(client string) string

	// When a device has MaxPerDevice (16) connections, or all have MaxConns (56), a new one takes
	// the place of another, or is closed if none gives way: see contest. Slow is what moves fewer
	// than SlowRate bytes/s (16 KiB/s) while we wait for the client.
	MaxConns     int
	MaxPerDevice int
	SlowRate     int64

	// At most MaxBodies (28) requests are under way; further ones wait for their turn.
	MaxBodies int

	// After the answer what still comes of the announced body is read and thrown away, because
	// closing a socket with unread bytes makes the kernel send a reset, which can destroy the
	// answer before the client has read it. That ends after DrainIdle (5 s) of silence or
	// DrainMax bytes (1 GiB). With nothing outstanding the client has FinWait (1.5 s) to close.
	DrainIdle time.Duration
	DrainMax  int64
	FinWait   time.Duration

	// Refuse gives the bytes to answer a refused connection with; nil closes it silently. It is
	// called from several goroutines. For ErrCrowded nothing is sent, and calls can come in
	// floods: limit what is logged.
	Refuse func(Refusal) []byte

	mu      sync.Mutex
	conns   []*conn        // oldest first
	leaving []*conn        // no more among conns; oldest first
	count   map[string]int // of the contest under way
	closed  bool
}

func (l *Listener) headTimeout() time.Duration { return cmp.Or(l.HeadTimeout, 30*time.Second) }
func (l *Listener) idleTimeout() time.Duration { return cmp.Or(l.IdleTimeout, 60*time.Second) }
func (l *Listener) drainIdle() time.Duration   { return cmp.Or(l.DrainIdle, 5*time.Second) }
func (l *Listener) finWait() time.Duration     { return cmp.Or(l.FinWait, 1500*time.Millisecond) }
func (l *Listener) maxConns() int              { return cmp.Or(l.MaxConns, 56) }
func (l *Listener) maxBodies() int             { return cmp.Or(l.MaxBodies, 28) }
func (l *Listener) drainMax() int64            { return cmp.Or(l.DrainMax, 1<<30) }

// Accept returns the next connection that there is room for. It never waits for a client:
// the head is read by the connection's first Read.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		socket, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := newConn(l, socket); l.admit(c) {
			return c, nil
		}
		socket.Close()
		l.refused(Refusal{Remote: socket.RemoteAddr(), Err: ErrCrowded})
	}
}

// Close stops accepting and ends all waiting for clients that have been answered.
func (l *Listener) Close() error {
	l.mu.Lock()
	l.closed = true
	for _, c := range slices.Concat(l.conns, l.leaving) {
		if c.phase == answered || c.phase == leaving {
			c.Conn.SetReadDeadline(longAgo)
		}
	}
	l.mu.Unlock()
	return l.Listener.Close()
}

// A phase is how far a connection has come.
type phase int

const (
	inHead  phase = iota
	waiting       // for its turn
	inRequest
	answered
	leaving // gave way, and ends without a reset
	evicted // gave way, and is closed
)

// enter moves a connection to a phase, unless it was evicted meanwhile.
func (l *Listener) enter(c *conn, next phase) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.phase == evicted || c.phase == leaving {
		return false
	}
	c.phase = next
	return true
}

func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	isIt := func(other *conn) bool { return other == c }
	l.conns = slices.DeleteFunc(l.conns, isIt)
	l.leaving = slices.DeleteFunc(l.leaving, isIt)
}

// lingerFor gives a connection that has been answered time for one more read, unless the
// listener is closed.
func (l *Listener) lingerFor(c *conn, wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || c.phase == evicted {
		return false
	}
	if c.phase != leaving {
		c.phase = answered
	}
	return c.Conn.SetReadDeadline(time.Now().Add(wait)) == nil
}

func (l *Listener) refused(r Refusal) []byte {
	if l.Refuse == nil {
		return nil
	}
	return l.Refuse(r)
}
