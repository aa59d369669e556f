package wire

import (
	"cmp"
	"slices"
	"time"
)

// headUsual is how long a client may take for its head when others want its place. A camera sends
// it at once; a lost packet is sent again after one second, and once more after two (RFC 6298).
const headUsual = 3 * time.Second

// A standing is what a connection is worth when there are too many of them. The lowest gives way
// first.
type standing int

const (
	left     standing = iota // its client has closed, and nothing is left to do
	overdue                  // its head ought to be here, and nothing of it waits for us
	finished                 // answered, and nothing more comes: only the client's end is waited for
	expected                 // its head is on its way
	unheard                  // answered, but still sends: a reset could destroy the answer
	slow                     // its body, or its reading of the answer, is below SlowRate
	working                  // sends, waits for us, or is being answered
)

// standing returns the worth of a connection, and for a slow one its bytes a second. Bytes that
// wait for us show that it is not the client who is slow. l.mu is held.
func (l *Listener) standing(c *conn) (standing, float64) {
	switch c.phase {
	case inHead:
		switch bytes, gone := c.unread(); {
		case c.atWork():
		case gone:
			return left, 0
		case !bytes && time.Since(c.born) > headUsual:
			return overdue, 0
		case !bytes:
			return expected, 0
		}
	case answered:
		switch bytes, gone := c.unread(); {
		case bytes:
			return unheard, 0
		case gone:
			return left, 0
		}
		return finished, 0
	case waiting:
		if _, gone := c.unread(); gone {
			return left, 0
		}
	case inRequest:
		bytes, gone := c.unread()
		rate, known := c.rate()
		switch {
		case gone && c.isDone():
			return left, 0
		case !bytes && known && rate < float64(cmp.Or(l.SlowRate, 16<<10)):
			return slow, rate
		}
	}
	return working, 0
}

// A contest is about a place for one more connection.
type contest struct {
	device   string         // that wants it
	count    map[string]int // connections of each device that take part
	manyHead bool           // so many are in their heads that each had time to come
}

// yields tells whether a connection of a standing gives way. What only waits gives way to anybody,
// what does something only to devices that have less: neighbours with many connections, or slow
// ones, must not keep a camera out.
func (t *contest) yields(c *conn, s standing) bool {
	own := t.count[t.device]
	crowd := t.count[c.device] >= own+2
	switch s {
	case left, overdue, finished:
		return true
	case expected:
		return c.device == t.device || crowd || t.manyHead
	case unheard, slow:
		return own == 0 || crowd
	}
	return crowd
}

// contest begins one; it is over when l.mu is released.
func (l *Listener) contest(c *conn) contest {
	if l.count == nil {
		l.count = map[string]int{}
	}
	clear(l.count)
	return contest{device: c.device, count: l.count}
}

// loser returns the connection that gives way: that of the lowest standing, among these one of the
// same device, then of the device that has most, then the slowest, then the one that waited
// longest or has worked shortest. Nil if none does. l.mu is held.
func (l *Listener) loser(t *contest, takesPart func(*conn, standing) bool) *conn {
	type entrant struct {
		*conn
		standing standing
		rate     float64
		age      int // the oldest has the highest
	}
	var last entrant // without a conn: none
	for i, c := range l.conns {
		s, rate := l.standing(c)
		if !takesPart(c, s) || !t.yields(c, s) {
			continue
		}
		e := entrant{c, s, rate, len(l.conns) - i}
		if s == working {
			e.age = i
		}
		if last.conn == nil || cmp.Or(
			cmp.Compare(e.standing, last.standing),
			-compareBool(e.device == t.device, last.device == t.device),
			-cmp.Compare(t.count[e.device], t.count[last.device]),
			cmp.Compare(e.rate, last.rate),
			-cmp.Compare(e.age, last.age)) < 0 {
			last = e
		}
	}
	return last.conn
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// admit gives a new connection a place, if need be that of another one.
func (l *Listener) admit(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, heads := l.contest(c), 0
	for _, other := range l.conns {
		t.count[other.device]++
		if other.phase == inHead {
			heads++
		}
	}
	t.manyHead = heads > l.maxConns()/4
	var out *conn
	switch {
	case t.count[c.device] >= cmp.Or(l.MaxPerDevice, 16):
		out = l.loser(&t, func(other *conn, s standing) bool { return other.device == c.device && s <= expected })
	case len(l.conns) >= l.maxConns():
		out = l.loser(&t, func(*conn, standing) bool { return true })
	default:
		l.conns = append(l.conns, c)
		return true
	}
	if out == nil {
		return false
	}
	l.dismiss(out)
	l.conns = append(l.conns, c)
	return true
}

// placeFor tells whether another request may begin, and ends one for it if need be; l.mu is held.
func (l *Listener) placeFor(c *conn) bool {
	t, requests := l.contest(c), 0
	for _, other := range l.conns {
		if other.phase == inRequest {
			t.count[other.device]++
			requests++
		}
	}
	if requests < l.maxBodies() {
		return true
	}
	out := l.loser(&t, func(other *conn, _ standing) bool { return other.phase == inRequest })
	if out == nil {
		return false
	}
	l.dismiss(out)
	return true
}

// dismiss ends a connection that gives way. From one with a request nothing more is read, and it
// is answered so; what its client still sends is thrown away as usual behind an answer, since a
// reset would reach a camera in the middle of writing. That costs another connection, so only a
// sixteenth of MaxConns may end like this at a time. l.mu is held.
func (l *Listener) dismiss(c *conn) {
	i := slices.Index(l.conns, c)
	l.conns = slices.Delete(l.conns, i, i+1)
	if c.phase != inRequest && c.phase != waiting || !c.stopReading() {
		c.phase = evicted
		c.Conn.Close()
		return
	}
	c.phase = leaving
	l.leaving = append(l.leaving, c)
	if len(l.leaving) > max(1, l.maxConns()/16) {
		first := l.leaving[0]
		l.leaving = slices.Delete(l.leaving, 0, 1)
		first.phase = evicted
		first.Conn.Close()
	}
}
