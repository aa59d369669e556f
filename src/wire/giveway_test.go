package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// pair returns both ends of a connection, ours not served by anybody.
func pair(t *testing.T, l *Listener) (ours *conn, client *net.TCPConn) {
	t.Helper()
	socket, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	dialed, err := net.Dial("tcp4", socket.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err := socket.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dialed.Close(); accepted.Close() })
	return newConn(l, accepted), dialed.(*net.TCPConn)
}

// Who gives way is whose client keeps us waiting, never who waits for us.
func TestStanding(t *testing.T) {
	reads := func(c *conn) { // since a second, and one byte came
		c.length, c.left, c.reading, c.since = 1000, 999, true, time.Now().Add(-time.Second)
	}
	for _, test := range []struct {
		why    string
		phase  phase
		set    func(*conn)
		client func(*net.TCPConn) // nil: is silent
		want   standing
	}{
		{"a head on its way", inHead, nil, nil, expected},
		{"a head that does not come", inHead, func(c *conn) { c.born = longAgo }, nil, overdue},
		{"a head of long ago that we have not read", inHead, func(c *conn) { c.born = longAgo }, says("GET"), working},
		{"a head that we have read and not gone on with", inHead, func(c *conn) { c.born, c.began = longAgo, true }, nil, working},
		{"a head that does not come to its end", inHead, func(c *conn) { c.born, c.began, c.reading = longAgo, true, true }, nil, overdue},
		{"a client that has gone without a head", inHead, nil, ends, left},
		{"waits for its turn", waiting, func(c *conn) { c.born = longAgo }, nil, working},
		{"nobody has waited for the body yet", inRequest, func(c *conn) { c.length, c.left = 1000, 999 }, nil, working},
		{"a body that does not come", inRequest, reads, nil, slow},
		{"a body that we have not read for a second", inRequest, reads, says("x"), working},
		{"a whole body", inRequest, func(c *conn) { reads(c); c.left = 0 }, nil, working},
		{"an answer that is not taken", inRequest, func(c *conn) {
			c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
			for n := 1; n > 0; {
				n, _ = c.Conn.Write(make([]byte, 64<<10))
			}
			c.writing, c.wrote = 1000, time.Now().Add(-time.Second)
		}, nil, slow},
		{"an answer that was taken, as we have not noticed", inRequest, func(c *conn) { c.writing, c.wrote = 1000, time.Now().Add(-time.Second) }, nil, working},
		{"a client that has gone in the middle of its body", inRequest, func(c *conn) { c.left = 1 }, ends, left},
		{"a client that has gone while it waits for its turn", waiting, nil, ends, left},
		{"an answer that has just begun", inRequest, func(c *conn) { c.writing, c.wrote = 1000, time.Now().Add(time.Hour) }, nil, working},
		{"its client has the answer, and has closed", inRequest, func(c *conn) { c.replied = true }, ends, left},
		{"its client has ended its side before the answer", inRequest, nil, ends, working},
		{"answered", answered, nil, nil, finished},
		{"answered, and the client has closed", answered, nil, ends, left},
		{"answered, and still sends", answered, nil, says("x"), unheard},
	} {
		l := &Listener{SlowRate: 1 << 20}
		c, client := pair(t, l)
		c.phase = test.phase
		if test.set != nil {
			test.set(c)
		}
		if test.client != nil {
			test.client(client)
			until(t, test.why+": has arrived", func() bool { bytes, gone := c.unread(); return bytes || gone })
		}
		if got, _ := l.standing(c); got != test.want {
			t.Errorf("%s: standing %d, want %d", test.why, got, test.want)
		}
	}
}

func says(text string) func(*net.TCPConn) { return func(c *net.TCPConn) { io.WriteString(c, text) } }

func ends(c *net.TCPConn) { c.Close() }

// What came in time is read, also where we are too late for the deadline.
func TestBytesThatWaitAreNotLate(t *testing.T) {
	c, client := pair(t, &Listener{})
	io.WriteString(client, "GET")
	until(t, "has arrived", func() bool { bytes, _ := c.unread(); return bytes })
	buf := make([]byte, 10)
	if n, err := c.readBefore(buf, longAgo); string(buf[:n]) != "GET" || err != nil {
		t.Errorf("got %q, error %v, want GET", buf[:n], err)
	}
	if n, err := c.readBefore(buf, longAgo); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("without anything: got %d bytes, error %v", n, err)
	}
}

// A request that gives way is answered and not reset, also while its client writes.
func TestGivingWayIsNoReset(t *testing.T) {
	reading := make(chan struct{})
	p := serve(t, &Listener{MaxConns: 4, FinWait: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
		reading <- struct{}{}
		if _, err := io.Copy(io.Discard, r.Body); errors.Is(err, ErrCrowded) {
			w.WriteHeader(503)
		}
	})
	const length = 1 << 20
	var writers []*net.TCPConn
	for range 4 {
		c := p.dialFrom("127.0.0.2")
		io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 1048576\r\n\r\n")
		<-reading
		writers = append(writers, c)
	}
	camera := p.dial()
	io.WriteString(camera, "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n")
	<-reading
	for i, c := range writers {
		if n, err := c.Write(bytes.Repeat([]byte("x"), length)); err != nil {
			t.Errorf("writer %d: after %d bytes: %v", i, n, err)
		}
		want := " 200"
		if i == 3 {
			want = " 503"
		}
		wantAnswer(t, "a writer", p.answer(c), want)
		wantNoReset(t, "a writer", c)
	}
	wantAnswer(t, "the camera", finish(p, camera, 1), " 200")
}

// So many that gave way may still send; after them the one that did so first is closed.
func TestFewLeaveAtATime(t *testing.T) {
	l := &Listener{MaxConns: 32}
	var all []*conn
	for range 4 {
		c, _ := pair(t, l)
		c.phase = inRequest
		l.conns = append(l.conns, c)
		all = append(all, c)
	}
	for i, want := range []int{1, 2, 2, 2} {
		l.dismiss(all[i])
		if len(l.leaving) != want {
			t.Errorf("%d are leaving after %d gave way, want %d", len(l.leaving), i+1, want)
		}
	}
	if all[0].phase != evicted || all[3].phase != leaving {
		t.Errorf("phases %d and %d", all[0].phase, all[3].phase)
	}
}

// Who hardly takes the answer gives way to a device that has none.
func TestSlowReaderGivesWay(t *testing.T) {
	entered := make(chan string, 10)
	p := serve(t, &Listener{MaxConns: 3, MaxBodies: 3, SlowRate: 1 << 30}, func(w http.ResponseWriter, r *http.Request) {
		entered <- r.URL.Path
		for block := make([]byte, 1<<20); r.URL.Path == "/large"; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	for _, host := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"} {
		io.WriteString(p.dialFrom(host), "GET /large HTTP/1.0\r\n\r\n")
		<-entered
	}
	until(t, "a camera is served", func() bool {
		c := p.dial()
		defer c.Close()
		io.WriteString(c, "GET /small HTTP/1.0\r\n\r\n")
		answer, _ := io.ReadAll(c)
		return strings.HasPrefix(string(answer), "HTTP/1.1 200")
	})
}

// A device with many addresses is one.
func TestDeviceWithManyAddresses(t *testing.T) {
	device := func(client string) string {
		if client == "127.0.0.1" {
			return "camera"
		}
		return "neighbour"
	}
	entered, leave := make(chan struct{}, 10), make(chan struct{})
	p := serve(t, &Listener{MaxPerDevice: 2, Device: device}, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-leave
		ok(w, r)
	})
	for _, host := range []string{"127.0.0.2", "127.0.0.3"} {
		io.WriteString(p.dialFrom(host), "GET / HTTP/1.0\r\n\r\n")
		<-entered
	}
	wantEvicted(t, p, p.dialFrom("127.0.0.4"))
	c := p.dial()
	io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
	<-entered
	close(leave)
	wantAnswer(t, "the camera", p.answer(c), " 200")
}
