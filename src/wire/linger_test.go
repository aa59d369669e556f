package wire

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wantNoReset fails if the kernel has seen a reset on a connection.
func wantNoReset(t *testing.T, why string, c *net.TCPConn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var pending int
	raw.Control(func(fd uintptr) {
		pending, err = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
	})
	if err != nil || pending != 0 {
		t.Errorf("%s: socket error %v (%v), want none", why, syscall.Errno(pending), err)
	}
}

func TestNoReset(t *testing.T) {
	big := strings.Repeat("x", 2<<20)
	tests := []struct {
		why    string
		first  string
		second string // sent after the answer was read
	}{
		{"2 MB that nobody reads, before the answer is read",
			"POST / HTTP/1.0\r\nContent-Length: 2097152\r\n\r\n" + big, ""},
		{"the same in HTTP/1.1, where net/http ends the sending side itself",
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n\r\n" + big, ""},
		{"2 MB that nobody reads, half of it after the answer",
			"POST / HTTP/1.0\r\nContent-Length: 2097152\r\n\r\n" + big[1<<20:], big[1<<20:]},
		{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" + big, "\r\n0\r\n\r\n"},
		{"bytes beyond the announced ones", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc" + big[:20000], ""},
		{"the same, late", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", big[:20000]},
		{"a refused head with a body", "POST / HTTP/1.0\r\nContent-Length: +5\r\n\r\n" + big, "x"},
		{"a head too large", "GET / HTTP/1.0\r\nA: " + big, "x"},
		{"nothing outstanding", "GET / HTTP/1.0\r\n\r\n", ""},
	}
	for _, test := range tests {
		p := serve(t, &Listener{FinWait: time.Minute}, ok)
		c := p.dial()
		if _, err := io.WriteString(c, test.first); err != nil {
			t.Errorf("%s: %v", test.why, err)
		}
		if got := p.answer(c); !strings.HasSuffix(got, "\r\n\r\ndone") && got != refusalAnswer {
			t.Errorf("%s: got answer %q", test.why, got)
		}
		if _, err := io.WriteString(c, test.second); err != nil {
			t.Errorf("%s: %v", test.why, err)
		}
		c.CloseWrite()
		<-p.closed
		wantNoReset(t, test.why, c)
	}
}

func TestResetsAreSeen(t *testing.T) {
	p := serve(t, &Listener{}, func(_ http.ResponseWriter, r *http.Request) {
		fromContext(r).Conn.Close() // with bytes unread
	})
	c := p.dial()
	io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n"+strings.Repeat("x", maxHead))
	<-p.closed
	raw, _ := c.SyscallConn()
	var pending int
	raw.Control(func(fd uintptr) {
		pending, _ = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_ERROR)
	})
	if pending == 0 {
		t.Error("no socket error after a reset: TestNoReset proves nothing")
	}
}

func TestClientThatStaysIsLeftSoon(t *testing.T) {
	tests := []struct {
		why, request string
		limits       *Listener
	}{
		{"nothing outstanding", "GET / HTTP/1.0\r\n\r\n",
			&Listener{FinWait: 20 * time.Millisecond, DrainIdle: time.Hour}},
		{"nothing outstanding any more", "POST / HTTP/1.0\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100000),
			&Listener{FinWait: 20 * time.Millisecond, DrainIdle: time.Hour}},
		{"silent inside the body", "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nab",
			&Listener{FinWait: time.Hour, DrainIdle: 20 * time.Millisecond}},
		{"more than it announced", "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n" + strings.Repeat("x", beyondMax+maxHead),
			&Listener{FinWait: time.Hour, DrainIdle: time.Hour}},
		{"more than is drained", "POST / HTTP/1.0\r\nContent-Length: 9999999\r\n\r\n" + strings.Repeat("x", 2*beyondMax),
			&Listener{FinWait: time.Hour, DrainIdle: time.Hour, DrainMax: 1}},
		{"refused for TLS, where nothing is outstanding", "\x16\x03\x01\x00\x01x",
			&Listener{FinWait: 20 * time.Millisecond, DrainIdle: time.Hour}},
	}
	for _, test := range tests {
		p := serve(t, test.limits, ok)
		c := p.dial()
		io.WriteString(c, test.request)
		select {
		case <-p.closed:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: connection still held", test.why)
		}
		if n := len(test.limits.conns); n > 0 {
			t.Errorf("%s: %d connections still counted", test.why, n)
		}
	}
}

func TestDripDoesNotHoldADrain(t *testing.T) {
	limits := &Listener{DrainIdle: time.Hour, MinRate: 1 << 20, RateWindow: 20 * time.Millisecond}
	p := serve(t, limits, ok)
	c := p.dial()
	io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 999999999\r\n\r\n")
	drip(t, c, p)
}

// drip sends bytes one after another until the server closes the connection.
func drip(t *testing.T, c net.Conn, p *peer) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(10 * time.Second); ; {
		select {
		case <-p.closed:
			return
		case <-late:
			t.Error("connection still held")
			return
		case <-tick.C:
			c.Write([]byte("x"))
		}
	}
}

func TestShutdownDoesNotWaitForLingeringClients(t *testing.T) {
	answered := make(chan struct{})
	p := serve(t, &Listener{FinWait: time.Hour, DrainIdle: time.Hour}, ok)
	for _, request := range []string{"GET / HTTP/1.0\r\n\r\n", "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n"} {
		go func() {
			c := p.dial()
			io.WriteString(c, request)
			p.answer(c)
			answered <- struct{}{}
		}()
	}
	<-answered
	<-answered
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestShutdownDoesNotLingerForTheLastAnswers(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	p := serve(t, &Listener{FinWait: time.Hour}, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
		ok(w, r)
	})
	p.server.RegisterOnShutdown(func() { close(leave) }) // called once the listener is closed
	c := p.dial()
	io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	wantAnswer(t, "request under way", p.answer(c), " 200")
}

func TestServerCloseEndsHandlersThatRead(t *testing.T) {
	reading := make(chan struct{})
	done := make(chan error, 1)
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		close(reading)
		_, err := io.ReadAll(r.Body)
		done <- err
	})
	c := p.dial()
	io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n")
	<-reading
	p.server.Close()
	if err := <-done; err == nil {
		t.Error("got a whole body from a closed connection")
	}
}
