package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

const (
	maxHead   = 16 << 10 // also the most that a Refusal shows
	firstHead = 2 << 10  // a camera's head is about 1 KiB
)

// simpleWait is how long a request line without version may stay alone until it counts as a
// whole HTTP/0.9 request, which has no end mark.
const simpleWait = time.Second

var errGone = errors.New("closed without a request")

// open collects and repairs the head. When that fails the connection has been closed.
func (c *conn) open() bool {
	raw, end, err := c.readHead()
	if err == errGone {
		c.Close()
		return false
	}
	var head []byte
	var length int64
	if err == nil {
		head, length, err = repair(raw[:end])
	}
	if err != nil {
		c.refuse(raw, err)
		return false
	}
	c.rawHead, c.head, c.early = raw[:end:end], head, raw[end:]
	return c.l.turn(c, length)
}

// readHead returns what came until the head was complete, and where the head ends.
func (c *conn) readHead() (raw []byte, end int, err error) {
	var scan headScan
	by := c.born.Add(c.l.headTimeout())
	buf := make([]byte, 0, firstHead)
	for {
		if end, err = scan.next(buf); end > 0 || err != nil {
			return buf, end, err
		}
		if len(buf) == maxHead {
			return buf, 0, fmt.Errorf("%w: no end in %d bytes", ErrTooLarge, maxHead)
		}
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, min(4*cap(buf), maxHead)), buf...)
		}
		quietBy := by
		if scan.simple {
			quietBy = earlier(by, time.Now().Add(simpleWait))
		}
		n, err := c.readBefore(buf[len(buf):cap(buf)], quietBy)
		buf = buf[:len(buf)+n]
		if err != nil && n == 0 {
			return c.headStopped(buf, &scan, err)
		}
	}
}

// headStopped judges what came until a read failed.
func (c *conn) headStopped(buf []byte, scan *headScan, err error) ([]byte, int, error) {
	timeout := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case !c.l.enter(c, inHead):
		err = ErrCrowded
	case scan.simple && (timeout || err == io.EOF):
		return buf, len(buf), nil
	case scan.tls:
		err = fmt.Errorf("%w: incomplete hello", ErrTLS)
	case timeout:
		err = fmt.Errorf("%w: %d bytes in %v", ErrSilent, len(buf), c.l.headTimeout())
	case len(buf) == 0, errors.Is(err, net.ErrClosed):
		err = errGone
	default:
		err = fmt.Errorf("%w after %d bytes: %w", ErrCut, len(buf), err)
	}
	return buf, 0, err
}

// A headScan looks for the end of a head that arrives in pieces, each byte once.
type headScan struct {
	seen   int // bytes looked at
	line   int // start of the unfinished line
	begun  bool
	simple bool // only a request line without version so far
	tls    bool
}

// next returns the length of the head in buf once it is complete, else 0. An error means that
// no further byte can help.
func (s *headScan) next(buf []byte) (int, error) {
	if !s.begun {
		if n := helloLength(buf); n > 0 {
			s.tls = true
			if len(buf) < min(n, maxHead) {
				return 0, nil
			}
			return 0, ErrTLS
		} else if n < 0 {
			return 0, nil
		}
		s.line = len(buf) - len(bytes.TrimLeft(buf[s.line:], blankLines))
		if s.line == len(buf) {
			return 0, nil
		}
		if !token[buf[s.line]] {
			return 0, fmt.Errorf("%w: begins with %q", ErrNotHTTP, buf[s.line:min(s.line+8, len(buf))])
		}
		s.seen = max(s.seen, s.line)
	}
	for {
		i := bytes.IndexByte(buf[s.seen:], '\n')
		if i < 0 {
			s.seen = len(buf)
			s.simple = s.simple && s.line == len(buf)
			return 0, nil
		}
		line := bytes.TrimRight(buf[s.line:s.seen+i], "\r")
		s.seen += i + 1
		s.line = s.seen
		switch {
		case !s.begun:
			r, err := parseRequestLine(line)
			if err != nil {
				return 0, err
			}
			s.begun = true
			s.simple = r.version == ""
		case len(line) == 0:
			return s.seen, nil
		default:
			s.simple = false
		}
	}
}
