package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// bodies serves requests, at most two with a body at once, and tells of each by its path when its
// body begins.
func bodies(t *testing.T, l *Listener) (*peer, chan string) {
	t.Helper()
	began := make(chan string, 10)
	l.MaxBodies = 2
	return serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		began <- r.URL.Path
		io.Copy(io.Discard, r.Body)
	}), began
}

func (p *peer) post(host, path string) net.Conn { return p.postOf(1000, host, path) }

func (p *peer) postOf(length int, host, path string) net.Conn {
	c := p.dialFrom(host)
	fmt.Fprintf(c, "POST %s HTTP/1.0\r\nContent-Length: %d\r\n\r\n", path, length)
	return c
}

// A third body waits until one of two is whole.
func TestTurn(t *testing.T) {
	p, began := bodies(t, &Listener{SlowRate: 1})
	first := p.post("127.0.0.1", "/first")
	io.WriteString(first, strings.Repeat("x", 999))
	<-began
	second := p.post("127.0.0.2", "/second")
	io.WriteString(second, strings.Repeat("x", 999))
	<-began
	third := p.post("127.0.0.3", "/third")
	io.WriteString(third, strings.Repeat("x", 999))
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
	if answer, err := io.ReadAll(second); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the youngest: got answer %q, error %v, want a closed connection", answer, err)
	}
	wantAnswer(t, "the first", finish(p, first, 1000), " 200")
	wantAnswer(t, "the third", finish(p, third, 1000), " 200")
}

// Nobody waits for longer than a head may take.
func TestTurnNeverComes(t *testing.T) {
	p, began := bodies(t, &Listener{SlowRate: 1, HeadTimeout: time.Second})
	for _, host := range []string{"127.0.0.1", "127.0.0.2"} {
		io.WriteString(p.post(host, "/"), strings.Repeat("x", 999))
		<-began
	}
	third := p.post("127.0.0.3", "/third")
	if answer, err := io.ReadAll(third); len(answer) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got answer %q, error %v, want a closed connection", answer, err)
	}
}

// A body that waits for our disk is not slow, however long that takes.
func TestBusyBodyStays(t *testing.T) {
	began, disk := make(chan string, 10), make(chan bool)
	p := serve(t, &Listener{MaxBodies: 1, SlowRate: 1 << 30}, func(w http.ResponseWriter, r *http.Request) {
		io.ReadFull(r.Body, make([]byte, 1))
		began <- r.URL.Path
		<-disk
		io.Copy(io.Discard, r.Body)
	})
	const length = 100_000 // more than is read at a time
	first := p.postOf(length, "127.0.0.1", "/first")
	io.WriteString(first, strings.Repeat("x", length))
	<-began
	second := p.postOf(length, "127.0.0.2", "/second")
	io.WriteString(second, strings.Repeat("x", length))
	time.Sleep(500 * time.Millisecond) // longer than one that sends nothing would stay
	disk <- true
	wantAnswer(t, "the first", p.answer(first), " 200")
	<-began
	disk <- true
	wantAnswer(t, "the second", p.answer(second), " 200")
}
