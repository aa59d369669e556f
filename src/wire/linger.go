package wire

import (
	"errors"
	"math"
	"sync"
	"time"
)

// beyondMax is how much is read and thrown away after the announced end before closing.
const beyondMax = 64 << 10

const bufferSize = 16 << 10

// buffers are shared by drains and Parts: with many connections, few are at work at a time.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// Close ends the connection without a reset that could overtake the answer: it ends the
// sending side, then reads what still comes, as the Listener's Drain fields say.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.wake()
	left, reading, stopped := c.left, c.reading, c.stopped
	c.mu.Unlock()
	// A read under way means that the server is being torn down from another goroutine.
	if !reading && c.l.lingerFor(c, c.l.finWait()) && c.CloseWrite() == nil {
		if c.failed != nil && !stopped {
			left = 0
		}
		c.drain(left - int64(len(c.early)))
	}
	c.l.forget(c)
	return c.Conn.Close()
}

// CloseWrite ends the sending side; net/http calls it when a handler left much of a body.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// drain reads until the client closes, falls silent or sends more than can be expected.
func (c *conn) drain(left int64) {
	buf := make([]byte, 512)
	if left > 0 {
		large := buffers.Get().(*[bufferSize]byte)
		defer buffers.Put(large)
		buf = large[:]
	}
	for limit := min(left, c.l.drainMax()) + beyondMax; limit > 0; {
		wait := c.l.finWait()
		if left > 0 {
			wait = c.l.drainIdle()
		}
		start := time.Now()
		if !c.l.lingerFor(c, wait) {
			return
		}
		n, err := c.Conn.Read(buf)
		if err != nil || c.pace.tooSlow(c.l, n, time.Since(start)) {
			return
		}
		left -= int64(n)
		limit -= int64(n)
	}
}

// refuse answers a connection that is no request, and closes it.
func (c *conn) refuse(raw []byte, err error) {
	answer := c.l.refused(Refusal{Remote: c.RemoteAddr(), Raw: raw, Err: err})
	if len(answer) > 0 {
		c.Write(answer)
	}
	switch {
	case errors.Is(err, ErrTLS), errors.Is(err, ErrSilent), errors.Is(err, ErrCut):
	default:
		c.setLeft(math.MaxInt64) // a body may be on its way behind the head
	}
	c.Close()
}
