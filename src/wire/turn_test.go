package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// bodies serves requests, at most two with a body at once, and tells of each by its path when it
// has what post sends of its body: from then on it is no slow one.
func bodies(t *testing.T, l *Listener) (*peer, chan string) {
	t.Helper()
	began := make(chan string, 10)
	l.MaxBodies = 2
	return serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, 999))
		began <- r.URL.Path
		if _, err := io.Copy(io.Discard, r.Body); errors.Is(err, ErrCrowded) {
			w.WriteHeader(503)
		}
	}), began
}

// post sends 999 of 1000 bytes.
func (p *peer) post(host, path string) net.Conn { return p.postOf(999, 1000, host, path) }

func (p *peer) postOf(sent, length int, host, path string) net.Conn {
	c := p.dialFrom(host)
	fmt.Fprintf(c, "POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s", path, length, strings.Repeat("x", sent))
	return c
}

// A third body waits until one of two is whole.
func TestTurn(t *testing.T) {
	p, began := bodies(t, &Listener{SlowRate: 1})
	first := p.post("127.0.0.1", "/first")
	<-began
	second := p.post("127.0.0.2", "/second")
	<-began
	third := p.post("127.0.0.3", "/third")
	select {
	case path := <-began:
		t.Fatalf("%s began beside two others", path)
	case <-time.After(2 * turnEvery): // one that begins later than this is not seen, but none fails for it
	}
	wantAnswer(t, "the first", finish(p, first, 1), " 200")
	if path := <-began; path != "/third" {
		t.Errorf("%s began", path)
	}
	wantAnswer(t, "the third", finish(p, third, 1), " 200")
	wantAnswer(t, "the second", finish(p, second, 1), " 200")
}

// A host that has none takes the place of the youngest of a host that has two.
func TestTurnOfCrowd(t *testing.T) {
	p, began := bodies(t, &Listener{SlowRate: 1})
	first := p.post("127.0.0.1", "/first")
	<-began
	second := p.post("127.0.0.1", "/second")
	<-began
	third := p.post("127.0.0.3", "/third")
	if path := <-began; path != "/third" {
		t.Errorf("%s began", path)
	}
	wantAnswer(t, "the youngest", p.answer(second), " 503")
	wantAnswer(t, "the first", finish(p, first, 1), " 200")
	wantAnswer(t, "the third", finish(p, third, 1), " 200")
}

// Nobody waits for ever.
func TestTurnNeverComes(t *testing.T) {
	l := &Listener{SlowRate: 1}
	p, began := bodies(t, l)
	for _, host := range []string{"127.0.0.1", "127.0.0.2"} {
		p.post(host, "/")
		<-began
	}
	third := p.post("127.0.0.3", "/third")
	untilWaiting(t, l)
	l.mu.Lock()
	l.HeadTimeout = time.Millisecond
	l.mu.Unlock()
	if answer, err := io.ReadAll(third); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got answer %q, error %v, want a closed connection", answer, err)
	}
}

// untilWaiting returns when a connection waits for its turn.
func untilWaiting(t *testing.T, l *Listener) {
	t.Helper()
	until(t, "one waits for its turn", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return slices.ContainsFunc(l.conns, func(c *conn) bool { return c.phase == waiting })
	})
}

// A body that waits for our disk is not slow, however long that takes.
func TestBusyBodyStays(t *testing.T) {
	began, disk := make(chan string, 10), make(chan bool)
	l := &Listener{MaxBodies: 1, SlowRate: 1 << 30}
	p := serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, 1))
		began <- r.URL.Path
		<-disk
		io.Copy(io.Discard, r.Body)
	})
	const length = 100_000 // more than is read at a time
	first := p.postOf(length, length, "127.0.0.1", "/first")
	<-began
	second := p.postOf(length, length, "127.0.0.2", "/second")
	untilWaiting(t, l)
	time.Sleep(500 * time.Millisecond) // longer than one that sends nothing would stay
	l.mu.Lock()
	l.SlowRate = 1 // from here on our own reads take their time
	l.mu.Unlock()
	disk <- true
	wantAnswer(t, "the first", p.answer(first), " 200")
	<-began
	disk <- true
	wantAnswer(t, "the second", p.answer(second), " 200")
}
