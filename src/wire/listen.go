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

	// When MaxPerHost (16) connections of a host are open, a new one takes the place of its oldest
	// that has not sent its head yet, else of its oldest that has been answered; without any, it
	// is closed. When MaxConns (56) are open, it takes the place of such a one of its own host,
	// else of the host that has most, if its own has at least two fewer (there also of the
	// youngest in a request), else of any, but of one without a head only if that is late or one of
	// many. In the end a host that has none takes the place of the slowest body below SlowRate
	// (16 KiB/s).
	MaxConns   int
	MaxPerHost int
	SlowRate   int64

	// At most MaxBodies (40) requests are under way; further ones wait for their turn.
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

	mu     sync.Mutex
	conns  []*conn // oldest first
	closed bool
}

func (l *Listener) headTimeout() time.Duration { return cmp.Or(l.HeadTimeout, 30*time.Second) }
func (l *Listener) idleTimeout() time.Duration { return cmp.Or(l.IdleTimeout, 60*time.Second) }
func (l *Listener) drainIdle() time.Duration   { return cmp.Or(l.DrainIdle, 5*time.Second) }
func (l *Listener) finWait() time.Duration     { return cmp.Or(l.FinWait, 1500*time.Millisecond) }
func (l *Listener) maxConns() int              { return cmp.Or(l.MaxConns, 56) }
func (l *Listener) maxBodies() int             { return cmp.Or(l.MaxBodies, 40) }
func (l *Listener) drainMax() int64            { return cmp.Or(l.DrainMax, 1<<30) }

// Accept returns the next connection that there is room for. It never waits for a client:
// the head is read by the connection's first Read.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		socket, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.admit(socket); c != nil {
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
	for _, c := range l.conns {
		if c.phase == answered {
			c.Conn.SetReadDeadline(longAgo)
		}
	}
	l.mu.Unlock()
	return l.Listener.Close()
}

// headUsual is how long a camera may take for its head when others want its place: it sends it
// at once.
const headUsual = time.Second

// A phase tells what a connection is worth when there are too many.
type phase int

const (
	inHead  phase = iota
	waiting       // for its turn
	inRequest
	answered
	evicted
)

func (l *Listener) admit(socket net.Conn) *conn {
	c := newConn(l, socket)
	l.mu.Lock()
	defer l.mu.Unlock()
	ofHost := 0
	for _, other := range l.conns {
		if other.host == c.host {
			ofHost++
		}
	}
	if ofHost >= cmp.Or(l.MaxPerHost, 16) &&
		!l.evict(inHead, c.host) && !l.evict(answered, c.host) {
		return nil
	}
	if len(l.conns) >= l.maxConns() &&
		!l.evict(inHead, c.host) && !l.evict(answered, c.host) && !l.thin(ofHost) &&
		!l.evictLate() && !l.evictOfMany() && !l.evict(answered, "") && (ofHost > 0 || !l.evictSlowest()) {
		return nil
	}
	l.conns = append(l.conns, c)
	return c
}

// evict closes the oldest connection in a phase, of one host or ("") of any.
func (l *Listener) evict(in phase, host string) bool {
	for _, c := range l.conns {
		if c.phase == in && (host == "" || c.host == host) {
			l.close(c)
			return true
		}
	}
	return false
}

// evictLate closes the oldest connection if its head ought to be here.
func (l *Listener) evictLate() bool {
	for _, c := range l.conns {
		if c.phase == inHead {
			return time.Since(c.born) > headUsual && l.evict(inHead, "")
		}
	}
	return false
}

// evictOfMany closes the oldest connection without a head if there are so many that its head had
// time to come: a camera that is alone with many bodies stays.
func (l *Listener) evictOfMany() bool {
	heads := 0
	for _, c := range l.conns {
		if c.phase == inHead {
			heads++
		}
	}
	return heads > l.maxConns()/4 && l.evict(inHead, "")
}

// evictSlowest closes the connection whose body comes slowest, if that is slow and was so for a
// moment: as many neighbours as there are connections must not keep a camera out.
func (l *Listener) evictSlowest() bool {
	var slowest *conn
	least := float64(cmp.Or(l.SlowRate, 16<<10))
	for _, c := range l.conns {
		if rate, ok := c.rate(); c.phase == inRequest && ok && rate < least {
			slowest, least = c, rate
		}
	}
	if slowest == nil {
		return false
	}
	l.close(slowest)
	return true
}

// close ends a connection that gives way; l.mu is held.
func (l *Listener) close(c *conn) {
	i := slices.Index(l.conns, c)
	l.conns = slices.Delete(l.conns, i, i+1)
	c.phase = evicted
	c.Conn.Close()
}

// thin closes a connection of the host that has most, if a host that has so few of its own may
// ask for that: bodies that trickle in from a few neighbours must not keep a camera out.
func (l *Listener) thin(own int) bool {
	count := map[string]int{}
	crowd := ""
	for _, c := range l.conns {
		count[c.host]++
		if count[c.host] > count[crowd] {
			crowd = c.host
		}
	}
	if count[crowd] < own+2 {
		return false
	}
	if l.evict(answered, crowd) || l.evict(inHead, crowd) {
		return true
	}
	for _, c := range slices.Backward(l.conns) {
		if c.host == crowd {
			l.close(c)
			return true
		}
	}
	return false
}

// enter moves a connection to a phase, unless it was evicted meanwhile.
func (l *Listener) enter(c *conn, next phase) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.phase == evicted {
		return false
	}
	c.phase = next
	return true
}

func (l *Listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.conns, c); i >= 0 {
		l.conns = slices.Delete(l.conns, i, i+1)
	}
}

// lingerFor gives a connection that has been answered time for one more read, unless the
// listener is closed.
func (l *Listener) lingerFor(c *conn, wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || c.phase == evicted {
		return false
	}
	c.phase = answered
	return c.Conn.SetReadDeadline(time.Now().Add(wait)) == nil
}

func (l *Listener) refused(r Refusal) []byte {
	if l.Refuse == nil {
		return nil
	}
	return l.Refuse(r)
}
