package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// writeChunk is the most that is written under one deadline, so that a slow reader of a long
// answer is judged by its progress.
const writeChunk = 64 << 10

var longAgo = time.Unix(1, 0)

// A conn shows net/http one repaired head, the announced body, and then nothing: neither
// bytes nor an end. An end would make net/http cancel the request's context while its
// handler works.
type conn struct {
	net.Conn // the socket
	l        *Listener
	device   string
	born     time.Time
	raw      syscall.RawConn // of the socket; nil in tests
	phase    phase           // guarded by l.mu

	// Used by one goroutine at a time: net/http's reads, then Rest, then Close.
	opened  bool
	rawHead []byte
	head    []byte // repaired, not yet read by net/http
	early   []byte // came together with the head
	pace    pace
	failed  error // why the body was given up
	begun   bool  // the answer is

	mu      sync.Mutex
	left    int64         // announced bytes not yet handed out; math.MaxInt64 when unknown
	length  int64         // left at the beginning of the body
	waited  time.Duration // in reads of the body that have ended
	readBy  time.Time     // deadline set from outside
	quietBy time.Time     // deadline of the read that is under way
	writeBy time.Time     // deadline set from outside
	reading bool          // a read of the socket is under way,
	since   time.Time     // which began then
	began   bool          // bytes came
	stopped bool          // gave way: nothing more is read for the handler
	closed  bool

	writing int           // bytes of the answer that the socket has not taken yet
	wrote   time.Time     // since then
	replied bool          // the answer has begun, and may be out
	changed chan struct{} // closed when readBy or closed changes
}

func newConn(l *Listener, socket net.Conn) *conn {
	host := socket.RemoteAddr().String()
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if l.Device != nil {
		host = l.Device(host)
	}
	return &conn{Conn: socket, l: l, device: host, born: time.Now(), raw: rawOf(socket), changed: make(chan struct{})}
}

func (c *conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !c.opened {
		c.opened = true
		if !c.open() {
			return 0, io.EOF // net/http answers other errors by itself
		}
	}
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	left := c.outstanding()
	if left == 0 {
		return 0, c.waitForDeadline()
	}
	if c.failed != nil {
		return 0, c.failed
	}
	p = p[:min(int64(len(p)), left)]
	if len(c.early) > 0 {
		n := copy(p, c.early)
		c.early = c.early[n:]
		c.setLeft(left - int64(n))
		return n, nil
	}
	n, err := c.readSocket(p, c.l.idleTimeout())
	c.setLeft(left - int64(n))
	switch {
	case err != nil && c.hasStopped():
		c.failed = fmt.Errorf("%w: gave way to another device, %s", ErrCrowded, c.missing())
		err = c.failed
	case err == errSlow:
		c.failed = fmt.Errorf("client sends less than %d bytes/s, %s: %w", c.l.minRate(), c.missing(), os.ErrDeadlineExceeded)
		err = c.failed
	case errors.Is(err, os.ErrDeadlineExceeded) && !c.pastDeadline():
		c.failed = fmt.Errorf("client sent nothing for %v, %s: %w", c.l.idleTimeout(), c.missing(), os.ErrDeadlineExceeded)
		err = c.failed
	}
	return n, err
}

var errSlow = errors.New("too slow")

// readSocket reads from the socket, at most as long as the given silence.
func (c *conn) readSocket(p []byte, silence time.Duration) (int, error) {
	start := time.Now()
	n, err := c.readBefore(p, start.Add(silence))
	if err == nil && c.pace.tooSlow(c.l, n, time.Since(start)) {
		err = errSlow
	}
	return n, err
}

// readBefore reads from the socket until a deadline. What came in time is read also if we come too
// late for it.
func (c *conn) readBefore(p []byte, deadline time.Time) (int, error) {
	for {
		if err := c.startRead(deadline); err != nil {
			return 0, err
		}
		n, err := c.receive(p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) || c.pastDeadline() || c.hasStopped() {
			return n, err
		}
		if bytes, _ := c.unread(); !bytes {
			return 0, err
		}
		deadline = time.Now().Add(time.Second)
	}
}

func (c *conn) startRead(quietBy time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return net.ErrClosed
	case c.stopped:
		return ErrCrowded
	}
	c.quietBy = quietBy
	err := c.Conn.SetReadDeadline(earlier(c.readBy, quietBy))
	c.reading, c.since = err == nil, time.Now()
	return err
}

// receive reads from the socket. Taking the bytes and noting that nobody waits for the client any
// more is one step: others judge the client meanwhile, however long we take to go on.
func (c *conn) receive(p []byte) (n int, err error) {
	if c.raw == nil {
		n, err = c.Conn.Read(p)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.endRead(n)
		return n, err
	}
	failed := c.raw.Read(func(fd uintptr) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		for {
			n, err = syscall.Read(int(fd), p)
			if err != syscall.EINTR {
				break
			}
		}
		if err == syscall.EAGAIN {
			return false
		}
		n = max(n, 0)
		c.endRead(n)
		return true
	})
	switch {
	case failed != nil:
		c.mu.Lock()
		defer c.mu.Unlock()
		c.endRead(0)
		return 0, failed
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0 && len(p) > 0:
		return 0, io.EOF
	}
	return n, nil
}

// endRead notes that n bytes came and nobody waits any more; c.mu is held.
func (c *conn) endRead(n int) {
	if c.reading {
		c.waited += time.Since(c.since)
	}
	c.reading = false
	c.began = c.began || n > 0
}

// atWork tells whether we have not gone on yet with what came.
func (c *conn) atWork() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.began && !c.reading
}

// rawOf returns what gives access to a socket, nil for none such as those of tests.
func rawOf(socket net.Conn) syscall.RawConn {
	s, ok := socket.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// waitForDeadline stands in for a read after the announced end. net/http keeps such a read
// going while a handler runs, and ends it with a deadline in the past.
func (c *conn) waitForDeadline() error {
	for {
		c.mu.Lock()
		by, closed, changed := c.readBy, c.closed, c.changed
		c.mu.Unlock()
		if closed {
			return net.ErrClosed
		}
		var expired <-chan time.Time
		if !by.IsZero() {
			wait := time.Until(by)
			if wait <= 0 {
				return os.ErrDeadlineExceeded
			}
			expired = time.After(wait)
		}
		select {
		case <-changed:
		case <-expired:
		}
	}
}

func (c *conn) outstanding() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

func (c *conn) setLeft(n int64) {
	c.mu.Lock()
	c.left = n
	c.mu.Unlock()
}

// begin notes that a body of a length begins.
func (c *conn) begin(length int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.length, c.waited = length, length, 0
}

// rate returns how many bytes of the body come, or of the answer are taken, in a second that
// somebody waits for the client, unless nobody has waited yet: a slow disk is not its fault.
func (c *conn) rate() (float64, bool) {
	const moment = 300 * time.Millisecond
	c.mu.Lock()
	defer c.mu.Unlock()
	moved, waited := c.length-c.left, c.waited
	switch {
	case c.writing > 0:
		if c.unsent() == 0 { // the client has taken all, it is we who are not back
			return 0, false
		}
		moved, waited = int64(c.writing), time.Since(c.wrote)
	case c.left <= 0:
		return 0, false
	case c.reading:
		waited += time.Since(c.since)
	}
	return float64(moved) / waited.Seconds(), waited > moment
}

// isDone tells whether nothing comes of a request any more if its client has gone: it has got its
// answer, which we have not come to notice, or the end of its body is missing.
func (c *conn) isDone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replied || c.left > 0
}

// stopReading makes reads of a request fail from now on. It returns false if it is too late for
// that, because the answer is on its way.
func (c *conn) stopReading() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.replied {
		if tcp, ok := c.Conn.(*net.TCPConn); ok && c.writing > 0 {
			tcp.SetLinger(0) // or the kernel would keep what was written
		}
		return false
	}
	c.stopped = true
	c.Conn.SetReadDeadline(longAgo)
	return true
}

func (c *conn) hasStopped() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// unsent returns how many bytes of the answer the client has not confirmed.
func (c *conn) unsent() (n int) {
	if c.raw == nil {
		return 0
	}
	c.raw.Control(func(fd uintptr) {
		var bytes int32
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&bytes))); errno == 0 {
			n = int(bytes)
		}
	})
	return n
}

// unread tells whether bytes of the client wait for us, and whether it has closed behind all that
// we have read.
func (c *conn) unread() (bytes, gone bool) {
	if c.raw == nil {
		return false, false
	}
	c.raw.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		bytes, gone = n > 0, n == 0 && err == nil || err == syscall.ECONNRESET
	})
	return bytes, gone
}

func (c *conn) missing() string {
	left := c.outstanding()
	if left > math.MaxInt64/2 {
		return "end of the chunked body missing"
	}
	return fmt.Sprintf("%d bytes of the body missing", left)
}

// pastDeadline reports whether it was the deadline set from outside that ended a read.
func (c *conn) pastDeadline() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.readBy.IsZero() && !c.readBy.After(time.Now())
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readBy = t
	c.wake()
	if !c.reading {
		return nil
	}
	return c.Conn.SetReadDeadline(earlier(t, c.quietBy))
}

// wake lets waitForDeadline look again; c.mu is held.
func (c *conn) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeBy = t
	return c.Conn.SetWriteDeadline(t)
}

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// Write sends a part of the answer. That is one of HTTP/1.1 also where the request says HTTP/1.0,
// as those of the servers that cameras were made for: firmware compares bytes.
func (c *conn) Write(p []byte) (int, error) {
	rest, is10 := bytes.CutPrefix(p, []byte("HTTP/1.0 "))
	if c.begun || !is10 {
		c.begun = true
		return c.write(p)
	}
	c.begun = true
	status, rest, _ := bytes.Cut(rest, []byte("\r\n"))
	n, err := c.write(slices.Concat([]byte("HTTP/1.1 "), status, []byte("\r\nConnection: close\r\n"), rest))
	return min(n, len(p)), err
}

func (c *conn) write(p []byte) (int, error) {
	done := 0
	for {
		chunk := p[done:min(done+writeChunk, len(p))]
		c.mu.Lock()
		err := c.Conn.SetWriteDeadline(earlier(c.writeBy, time.Now().Add(c.l.idleTimeout())))
		c.writing, c.wrote, c.replied = len(chunk), time.Now(), true
		c.mu.Unlock()
		if err != nil {
			return done, err
		}
		n, err := c.Conn.Write(chunk)
		c.mu.Lock()
		c.writing = 0
		c.mu.Unlock()
		done += n
		if err != nil || done == len(p) {
			return done, err
		}
	}
}

// earlier returns the deadline that comes first; a zero deadline never comes.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
