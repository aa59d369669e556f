package wire

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A peer is a server under test.
type peer struct {
	t        *testing.T
	addr     string
	server   *http.Server
	refusals chan Refusal
	closed   chan net.Conn // one for each connection that the server is done with
}

const refusalAnswer = "HTTP/1.1 400 no\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// serve runs a handler behind a Listener, whose limits the caller has set.
func serve(t *testing.T, l *Listener, handler http.HandlerFunc) *peer {
	t.Helper()
	p := &peer{t: t, refusals: make(chan Refusal, 1000), closed: make(chan net.Conn, 1000)}
	if l.Listener == nil {
		socket, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Listener = socket
	}
	l.Refuse = func(r Refusal) []byte {
		p.refusals <- r
		return []byte(refusalAnswer)
	}
	p.addr = l.Addr().String()
	p.server = &http.Server{
		Handler:                      handler,
		ConnContext:                  ConnContext,
		DisableGeneralOptionsHandler: true,
		ConnState: func(c net.Conn, s http.ConnState) {
			if s == http.StateClosed {
				p.closed <- c
			}
		},
	}
	p.server.SetKeepAlivesEnabled(false)
	go p.server.Serve(l)
	t.Cleanup(func() { p.server.Close() })
	return p
}

func (p *peer) dial() *net.TCPConn { return p.dialFrom("127.0.0.1") }

func (p *peer) dialFrom(host string) *net.TCPConn {
	p.t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	c, err := dialer.Dial("tcp4", p.addr)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c.(*net.TCPConn)
}

// ask sends a request, ends the sending side, and returns all of the answer.
func (p *peer) ask(request string) string {
	p.t.Helper()
	c := p.dial()
	c.Write([]byte(request))
	c.CloseWrite()
	return p.answer(c)
}

func (p *peer) answer(c net.Conn) string {
	p.t.Helper()
	answer, err := io.ReadAll(c)
	if err != nil {
		p.t.Errorf("reading the answer: %v after %q", err, answer)
	}
	return string(answer)
}

func ok(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "done") }

func wantAnswer(t *testing.T, what, got, status string) {
	t.Helper()
	if !strings.HasPrefix(got, "HTTP/1.") || !strings.HasPrefix(got[8:], status) {
		t.Errorf("%s: got answer %q, want status%s", what, got, status)
	}
}

// until polls for a state that nothing tells of.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
	}
}
