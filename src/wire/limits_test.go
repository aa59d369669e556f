package wire

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSilence(t *testing.T) {
	for _, sent := range []string{"", "GET / HTTP/1.0\r\nA: b\r\n", "POST /"} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			// The time runs from accept on: it has to be enough for the write that follows.
			p := serve(t, &Listener{HeadTimeout: 2 * time.Second, FinWait: time.Millisecond}, ok)
			c := p.dial()
			io.WriteString(c, sent)
			if got := p.answer(c); got != refusalAnswer {
				t.Errorf("after %q: got answer %q, want %q", sent, got, refusalAnswer)
			}
			if r := <-p.refusals; !errors.Is(r.Err, ErrSilent) || string(r.Raw) != sent {
				t.Errorf("after %q: got %v, %q, want %v", sent, r.Err, r.Raw, ErrSilent)
			}
		})
	}
}

func TestSlowHeadHasOneDeadline(t *testing.T) {
	p := serve(t, &Listener{HeadTimeout: 100 * time.Millisecond, FinWait: time.Millisecond}, ok)
	c := p.dial()
	io.WriteString(c, "GET / HTTP/1.0\r\nA: ")
	drip(t, c, p)
	if r := <-p.refusals; !errors.Is(r.Err, ErrSilent) {
		t.Errorf("got %v, want %v", r.Err, ErrSilent)
	}
}

func TestSilentBody(t *testing.T) {
	l := &Listener{IdleTimeout: 50 * time.Millisecond, DrainIdle: time.Hour, FinWait: time.Millisecond}
	p := serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		want := "client sent nothing for 50ms, 7 bytes of the body missing"
		if string(body) != "ab" || !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, error %v, want ab and %s", body, err, want)
		}
		l.IdleTimeout = time.Hour // a second wait would not end
		if _, again := r.Body.Read(make([]byte, 1)); again == nil {
			t.Error("got bytes after a time-out")
		}
		w.WriteHeader(408)
	})
	c := p.dial()
	io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nab")
	wantAnswer(t, "silent body", p.answer(c), " 408")
	<-p.closed // not waiting for the body once more
}

func TestSlowBody(t *testing.T) {
	for _, framing := range []string{"Content-Length: 999999999\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n"} {
		limits := &Listener{MinRate: 1 << 20, RateWindow: 20 * time.Millisecond, FinWait: time.Millisecond}
		failed := make(chan error, 1)
		p := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			failed <- err
		})
		c := p.dial()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\n"+framing)
		drip(t, c, p)
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "less than 1048576 bytes/s") {
			t.Errorf("got error %v, want the floor in it", err)
		}
	}
}

func TestPace(t *testing.T) {
	type read struct {
		n      int
		waited time.Duration
	}
	s := time.Second
	tests := []struct {
		why   string
		reads []read
		slow  bool
	}{
		{"at the floor", []read{{30 << 10, 30 * s}, {30 << 10, 30 * s}, {30 << 10, 30 * s}}, false},
		{"below it in two windows", []read{{29 << 10, 30 * s}, {29 << 10, 30 * s}}, true},
		{"below it in one", []read{{0, 30 * s}, {30 << 10, 30 * s}, {0, 30 * s}}, false},
		{"one pause, then fast", []read{{1460, 59 * s}, {1 << 20, s}, {1 << 20, 29 * s}}, false},
		{"a byte a minute", []read{{1, 59 * s}, {1, 59 * s}}, true},
		{"slow, but not for long", []read{{1, 29 * s}}, false},
		{"hours of waiting overflow nothing", []read{{1 << 30, 1000 * time.Hour}, {1 << 30, 1000 * time.Hour}}, true},
	}
	for _, test := range tests {
		var p pace
		slow := false
		for _, r := range test.reads {
			slow = p.tooSlow(&Listener{}, r.n, r.waited)
		}
		if slow != test.slow {
			t.Errorf("%s: got %v, want %v", test.why, slow, test.slow)
		}
	}
}

func TestClientThatDoesNotReadTheAnswer(t *testing.T) {
	failed := make(chan error, 1)
	p := serve(t, &Listener{IdleTimeout: 100 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		var err error
		for block := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(block)
		}
		failed <- err
	})
	io.WriteString(p.dial(), "GET / HTTP/1.0\r\n\r\n")
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, os.ErrDeadlineExceeded)
	}
}

// wantEvicted fails unless the server has closed a connection without an answer.
func wantEvicted(t *testing.T, p *peer, c net.Conn) {
	t.Helper()
	if answer, err := io.ReadAll(c); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got answer %q, error %v, want a closed connection", answer, err)
	}
	if r := <-p.refusals; !errors.Is(r.Err, ErrCrowded) || r.Remote.String() != c.LocalAddr().String() {
		t.Errorf("got %v for %v, want %v for %v", r.Err, r.Remote, ErrCrowded, c.LocalAddr())
	}
}

func TestNewConnectionTakesThePlaceOfTheOldestOfItsHost(t *testing.T) {
	p := serve(t, &Listener{MaxPerDevice: 2}, ok)
	first, second := p.dial(), p.dial()
	other := p.dialFrom("127.0.0.2")
	third := p.dial()
	wantEvicted(t, p, first)
	for _, c := range []net.Conn{second, third, other} {
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		wantAnswer(t, "connection that stays", p.answer(c), " 200")
	}
}

func TestNewConnectionTakesThePlaceOfTheOldestOfAll(t *testing.T) {
	p := serve(t, &Listener{MaxConns: 2}, ok)
	first, second := p.dialFrom("127.0.0.2"), p.dialFrom("127.0.0.3")
	third := p.dialFrom("127.0.0.4")
	wantEvicted(t, p, first)
	fourth := p.dialFrom("127.0.0.4")
	wantEvicted(t, p, third) // its own first, though the second is older
	for _, c := range []net.Conn{second, fourth} {
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		wantAnswer(t, "connection that stays", p.answer(c), " 200")
	}
}

func TestRequestsUnderWayAreNotEvicted(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	limits := &Listener{MaxConns: 2, MaxPerDevice: 1, FinWait: time.Hour}
	p := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-leave
		ok(w, r)
	})
	var busy []*net.TCPConn
	for _, host := range []string{"127.0.0.2", "127.0.0.3"} {
		c := p.dialFrom(host)
		busy = append(busy, c)
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		<-entered
		wantEvicted(t, p, p.dialFrom(host)) // the host has its share
	}
	wantEvicted(t, p, p.dial()) // all have theirs
	close(leave)
	for _, c := range busy {
		wantAnswer(t, "request under way", p.answer(c), " 200")
	}
	// Both still linger, but they have had their answer.
	for _, host := range []string{"127.0.0.2", "127.0.0.4"} {
		c := p.dialFrom(host)
		io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
		<-entered
		wantAnswer(t, "after the answers", p.answer(c), " 200")
	}
}

func TestCrowdOfOneHostGivesWay(t *testing.T) {
	reading := make(chan struct{})
	p := serve(t, &Listener{MaxConns: 4}, func(w http.ResponseWriter, r *http.Request) {
		reading <- struct{}{}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(400)
		}
	})
	begin := func(host string) *net.TCPConn {
		c := p.dialFrom(host)
		io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 1\r\n\r\n")
		return c
	}
	var bodies []*net.TCPConn // that do not come
	for _, host := range []string{"127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.2"} {
		bodies = append(bodies, begin(host))
		<-reading
	}
	wantEvicted(t, p, begin("127.0.0.2")) // the crowd itself gets no more
	camera := begin("127.0.0.1")
	<-reading
	wantAnswer(t, "youngest of the crowd", p.answer(bodies[3]), " 400")
	for _, c := range append(bodies[:3], camera) {
		io.WriteString(c, "x")
		wantAnswer(t, "connection that stays", p.answer(c), " 200")
	}
}

// young makes a connection count as just accepted, however long the test takes.
func young(t *testing.T, l *Listener, socket net.Conn) {
	t.Helper()
	until(t, "waits for its head", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.conns {
			if c.RemoteAddr().String() == socket.LocalAddr().String() {
				c.mu.Lock()
				defer c.mu.Unlock()
				if c.reading { // and looks at born no more without l.mu
					c.born = time.Now().Add(time.Hour)
				}
				return c.reading
			}
		}
		return false
	})
}

// A camera that has just connected, and whose head is on its way, is not the one to go.
func TestHeadThatHasJustBegunStays(t *testing.T) {
	for _, test := range []struct {
		why   string
		hosts []string // whose requests are under way, or answered and not closed
		over  bool
	}{
		{"a host has two in requests", []string{"127.0.0.2", "127.0.0.2", "127.0.0.3"}, false},
		{"a host has two answered", []string{"127.0.0.2", "127.0.0.2", "127.0.0.3"}, true},
		{"all have one, which is answered", []string{"127.0.0.2", "127.0.0.3", "127.0.0.5"}, true},
	} {
		entered, leave := make(chan struct{}, 10), make(chan struct{})
		limits := &Listener{MaxConns: 4, FinWait: time.Hour}
		p := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
			entered <- struct{}{}
			<-leave
			ok(w, r)
		})
		var others []*net.TCPConn
		for _, host := range test.hosts {
			c := p.dialFrom(host)
			others = append(others, c)
			io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			<-entered
		}
		camera := p.dial()
		young(t, limits, camera)
		if test.over {
			close(leave)
			for _, c := range others {
				wantAnswer(t, test.why, p.answer(c), " 200")
			}
		}
		late := p.dialFrom("127.0.0.4")
		io.WriteString(late, "GET / HTTP/1.0\r\n\r\n")
		<-entered
		if !test.over {
			close(leave)
		}
		wantAnswer(t, test.why+": the last", p.answer(late), " 200")
		io.WriteString(camera, "GET / HTTP/1.0\r\n\r\n")
		wantAnswer(t, test.why+": the camera", p.answer(camera), " 200")
	}
}

// Where all have a request under way, the new one has to go, not the camera.
func TestHeadAmongBodiesStays(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	limits := &Listener{MaxConns: 4}
	p := serve(t, limits, func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-leave
		ok(w, r)
	})
	for _, host := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4"} {
		io.WriteString(p.dialFrom(host), "GET / HTTP/1.0\r\n\r\n")
		<-entered
	}
	camera := p.dial()
	young(t, limits, camera)
	wantEvicted(t, p, p.dialFrom("127.0.0.4"))
	close(leave)
	go func() { <-entered }()
	io.WriteString(camera, "GET / HTTP/1.0\r\n\r\n")
	wantAnswer(t, "the camera", p.answer(camera), " 200")
}

// Who has nothing open takes the place of the body that comes slowest, whose host has no more
// than others; a body that comes as fast as it can stays.
func TestSlowestBodyGivesWay(t *testing.T) {
	slowestGivesWay(t, &Listener{MaxConns: 3, SlowRate: 1 << 10}, "127.0.0.2", "127.0.0.4", "127.0.0.3")
	slowestGivesWay(t, &Listener{MaxBodies: 3, SlowRate: 1 << 10}, "127.0.0.3", "127.0.0.4", "127.0.0.2")
}

func slowestGivesWay(t *testing.T, l *Listener, order ...string) {
	reading := make(chan struct{})
	p := serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		reading <- struct{}{}
		if _, err := io.Copy(io.Discard, r.Body); errors.Is(err, ErrCrowded) {
			w.WriteHeader(503)
		}
	})
	begin := func(host string, sent int) *net.TCPConn {
		c := p.dialFrom(host)
		io.WriteString(c, "POST / HTTP/1.0\r\nContent-Length: 1000000\r\n\r\n"+strings.Repeat("x", sent))
		return c
	}
	bodies := map[string]*net.TCPConn{}
	sent := map[string]int{"127.0.0.2": 900_000, "127.0.0.3": 1, "127.0.0.4": 100}
	for _, host := range order {
		bodies[host] = begin(host, sent[host])
		<-reading
	}
	until(t, "all were waited for", func() bool { // or the first would go that was
		l.mu.Lock()
		defer l.mu.Unlock()
		return !slices.ContainsFunc(l.conns, func(c *conn) bool { _, known := c.rate(); return !known })
	})
	for camera := (*net.TCPConn)(nil); camera == nil; {
		c := begin("127.0.0.1", 0)
		select {
		case <-reading:
			camera = c
		case r := <-p.refusals:
			if !errors.Is(r.Err, ErrCrowded) {
				t.Fatal(r.Err)
			}
		}
	}
	wantAnswer(t, "the fast one", finish(p, bodies["127.0.0.2"], 100_000), " 200")
	wantAnswer(t, "the less slow one", finish(p, bodies["127.0.0.4"], 999_900), " 200")
	wantAnswer(t, "the slowest", p.answer(bodies["127.0.0.3"]), " 503")
}

func finish(p *peer, c net.Conn, left int) string {
	io.WriteString(c, strings.Repeat("x", left))
	return p.answer(c)
}

// One that has been answered goes before one that has just come, and after one whose head is
// late.
func TestLateHeadGoesFirst(t *testing.T) {
	l := &Listener{MaxConns: 4}
	admit := func(host string, in phase) *conn {
		socket, _ := net.Pipe()
		c := newConn(l, socket)
		c.device = host
		if !l.admit(c) {
			t.Fatalf("%s is refused", host)
		}
		c.phase = in
		return c
	}
	admit("x", inRequest)
	admit("y", inRequest)
	done, head := admit("a", answered), admit("b", inHead)
	head.born = time.Now().Add(time.Hour)
	third := admit("c", answered)
	if done.phase != evicted || head.phase != inHead {
		t.Errorf("phases %d and %d, want the answered one evicted", done.phase, head.phase)
	}
	head.born = longAgo
	admit("d", inHead)
	if third.phase != answered || head.phase != evicted {
		t.Errorf("phases %d and %d, want the late one evicted", third.phase, head.phase)
	}
}

func TestNeighbourCannotKeepACameraOut(t *testing.T) {
	p := serve(t, &Listener{}, ok)
	for i := range 1000 {
		io.WriteString(p.dialFrom("127.0.0.2"), "POST / HTTP/1.0\r\n")
		if i%100 == 99 {
			c := p.dial()
			io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			wantAnswer(t, "camera", p.answer(c), " 200")
		}
	}
}
