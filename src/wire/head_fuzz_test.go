package wire

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"
)

// A memoryServer is an http.Server without sockets, fast enough to fuzz with.
type memoryServer struct {
	conns   chan net.Conn
	reached bool
}

func newMemoryServer(t testing.TB) *memoryServer {
	s := &memoryServer{conns: make(chan net.Conn)}
	server := &http.Server{
		DisableGeneralOptionsHandler: true,
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			s.reached = true
		}),
	}
	server.SetKeepAlivesEnabled(false)
	go server.Serve(s)
	t.Cleanup(func() { server.Close() })
	return s
}

// accepts tells whether a real server passes a request on to its handler.
func (s *memoryServer) accepts(head []byte) bool {
	s.reached = false
	c := &memoryConn{Reader: bytes.NewReader(head), closed: make(chan struct{})}
	s.conns <- c
	<-c.closed
	return s.reached
}

func (s *memoryServer) Accept() (net.Conn, error) {
	if c, ok := <-s.conns; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (s *memoryServer) Close() error   { close(s.conns); return nil }
func (s *memoryServer) Addr() net.Addr { return &net.TCPAddr{} }

type memoryConn struct {
	io.Reader
	once   sync.Once
	closed chan struct{}
}

func (c *memoryConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *memoryConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *memoryConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *memoryConn) SetDeadline(time.Time) error      { return nil }
func (c *memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (c *memoryConn) SetWriteDeadline(time.Time) error { return nil }

func (c *memoryConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func TestRepairedHeadsReachTheHandler(t *testing.T) {
	server := newMemoryServer(t)
	for _, test := range heads {
		if test.err == nil && !server.accepts(readHead(t, test.name+".want")) {
			t.Errorf("%s (%s): net/http refused the repaired head", test.name, test.why)
		}
	}
	if server.accepts([]byte("GET /  HTTP/1.0\r\n\r\n")) {
		t.Error("net/http takes a broken head too: this test proves nothing")
	}
}

// wellFormed is the grammar of a request as a server in this place expects it.
var wellFormed = regexp.MustCompile(`^(GET|POST|PUT) /[!-"$&-;=?-~]* HTTP/1\.[01]\r\n` +
	`(Host: ?[a-z0-9.]+(:[0-9]+)?\r\n)` +
	`(Content-Length: ?[0-9]{1,9}\r\n)?` +
	`(X-[A-Za-z]+:[\t -~\x80-\xff]*\r\n)*\r\n$`)

func FuzzRepair(f *testing.F) {
	for _, test := range heads {
		f.Add(readHead(f, test.name+".http"))
	}
	server := newMemoryServer(f)
	f.Fuzz(func(t *testing.T, head []byte) {
		once, length, err := repair(head)
		if err != nil {
			if once != nil {
				t.Fatalf("got %q beside error %v", once, err)
			}
			return
		}
		twice, again, err := repair(once)
		if err != nil || !bytes.Equal(once, twice) || length != again {
			t.Fatalf("repairing again:\n got %q (%d), error %v\nwant %q (%d)", twice, again, err, once, length)
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(once)))
		if err != nil {
			t.Fatalf("http.ReadRequest: %v, from %q", err, once)
		}
		if r.ContentLength != length && !(r.ContentLength < 0 && length > 1<<62) {
			t.Fatalf("net/http reads a length of %d, want %d, from %q", r.ContentLength, length, once)
		}
		if !server.accepts(once) {
			t.Fatalf("net/http's server refuses %q", once)
		}
		if wellFormed.Match(head) && !bytes.Equal(once, head) {
			t.Fatalf("well-formed head changed:\n got %q\nwant %q", once, head)
		}
		if n := scanInPieces(head, 1); len(head) <= maxHead && n > 0 {
			if whole, _, _ := repair(head[:n]); !bytes.Equal(whole, once) {
				t.Fatalf("head found to end at %d of %q, but repaired to %q", n, head, once)
			}
		}
	})
}

// scanInPieces returns where a headScan finds the end of a head that arrives in pieces.
func scanInPieces(head []byte, size int) int {
	var scan headScan
	for have := 0; have <= len(head); have += size {
		if end, err := scan.next(head[:have]); end > 0 || err != nil {
			return end
		}
	}
	return 0
}
