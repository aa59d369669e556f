package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// link is the connection of one request.
type link struct {
	Camera
	ctx         context.Context
	conn        net.Conn
	unwatch     func() bool
	buffer      []byte
	began       time.Time
	sent, total int64
	broken      bool // the connection failed while sending
}

func (c Camera) dial(ctx context.Context, total int64) (*link, error) {
	dialer := net.Dialer{Timeout: c.timeout()}
	if c.LocalAddr != "" {
		ip := net.ParseIP(c.LocalAddr)
		if ip == nil {
			return nil, fmt.Errorf("local address %q: not an IP address", c.LocalAddr)
		}
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	}
	conn, err := dialer.DialContext(ctx, "tcp", c.Addr)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, err
	case refusesAddress(c.Model, conn.RemoteAddr().String()):
		conn.Close()
		return nil, ErrAddress
	}
	return &link{
		Camera: c, ctx: ctx, conn: conn, total: total, began: time.Now(), buffer: make([]byte, 32<<10),
		unwatch: context.AfterFunc(ctx, func() { conn.Close() }),
	}, nil
}

func (l *link) close() {
	l.unwatch()
	l.conn.Close()
}

func (l *link) trace(s string) {
	if l.Trace != nil {
		io.WriteString(l.Trace, s)
	}
}

func (l *link) write(s string) error {
	l.trace(s)
	_, err := l.Write([]byte(s))
	return err
}

// Write sends in chunks, no faster than the link is, and breaks off where that is wanted.
func (l *link) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		chunk := int64(min(len(p)-done, l.chunk()))
		abort := l.Odd.AbortAfter > 0 && l.sent+chunk >= l.Odd.AbortAfter
		if abort {
			chunk = l.Odd.AbortAfter - l.sent
		}
		l.conn.SetWriteDeadline(time.Now().Add(l.timeout()))
		n, err := l.conn.Write(p[done : done+int(chunk)])
		done += n
		l.sent += int64(n)
		if err != nil {
			l.broken = true
			if isReset(err) {
				err = ErrReset
			}
			return done, fmt.Errorf("after %d of %d bytes: %w", l.sent, l.total, err)
		}
		if l.Progress != nil {
			l.Progress(l.sent, l.total)
		}
		if abort {
			return done, l.abort()
		}
		if err := l.pace(); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (l *link) chunk() int {
	n := len(l.buffer)
	if l.Odd.ChunkSize > 0 {
		n = l.Odd.ChunkSize
	}
	if rate := l.Odd.BytesPerSecond; rate > 0 {
		n = min(n, int(max(1, min(rate/10, 1<<20)))) // ten a second or more: a trickle, not bursts
	}
	return n
}

func (l *link) pace() error {
	if l.Odd.BytesPerSecond <= 0 {
		return nil
	}
	due := time.Duration(float64(l.sent) / float64(l.Odd.BytesPerSecond) * float64(time.Second))
	select {
	case <-l.ctx.Done():
		return l.ctx.Err()
	case <-time.After(time.Until(l.began.Add(due))):
		return nil
	}
}

func (l *link) abort() error {
	if tcp, ok := l.conn.(*net.TCPConn); ok && l.Odd.Reset {
		tcp.SetLinger(0)
	}
	l.conn.Close()
	return fmt.Errorf("%w after %d of %d bytes", ErrAborted, l.sent, l.total)
}

// hear reads the answer. Firmware does one read; whatever comes later is collected for the person who looks into it.
func (l *link) hear() (Answer, error) {
	const (
		most   = 64 << 10    // bytes
		linger = time.Second // for the server to end the connection after its answer
	)
	wait := l.timeout()
	if l.broken {
		wait = linger
	}
	l.conn.SetReadDeadline(time.Now().Add(wait))

	var a Answer
	var err error
	reads := 0
	for err == nil && len(a.Raw) < most {
		var n int
		n, err = l.conn.Read(l.buffer)
		if n == 0 {
			continue
		}
		reads++
		before := a.whole()
		a.Raw = append(a.Raw, l.buffer[:n]...)
		a.Status = a.status()
		if a.whole() && !before {
			l.conn.SetReadDeadline(time.Now().Add(linger))
		}
	}
	l.trace(string(a.Raw) + "\n")
	a.Closed = errors.Is(err, io.EOF)

	switch {
	case l.ctx.Err() != nil:
		return a, l.ctx.Err()
	case isReset(err):
		return a, ErrReset
	case len(a.Raw) == 0 && a.Closed:
		return a, errors.New("the server ended the connection without an answer")
	case len(a.Raw) == 0:
		return a, fmt.Errorf("no answer: %w", err)
	case !a.whole() && !(a.Closed && a.length() < 0):
		return a, fmt.Errorf("only a part of the answer came: %d bytes", len(a.Raw))
	case a.Status == 0:
		return a, fmt.Errorf("not an HTTP answer: %q", a.Raw[:min(len(a.Raw), 40)])
	case reads > 1 && len(a.Raw) < oneSegment:
		return a, ErrSplit
	}
	return a, nil
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
