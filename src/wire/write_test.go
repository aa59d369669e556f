package wire

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// writes counts the writes on a socket.
type writes struct {
	net.Listener
	mu   sync.Mutex
	each []string
}

type countedConn struct {
	*net.TCPConn
	w *writes
}

func (w *writes) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{c.(*net.TCPConn), w}, nil
}

func (c countedConn) Write(p []byte) (int, error) {
	c.w.mu.Lock()
	c.w.each = append(c.w.each, string(p))
	c.w.mu.Unlock()
	return c.TCPConn.Write(p)
}

func TestSmallAnswerIsOneWrite(t *testing.T) {
	socket, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	counted := &writes{Listener: socket}
	p := serve(t, &Listener{Listener: counted}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.WriteString(w, `<Response Status="succ" />`)
	})
	c := p.dial()
	c.Write([]byte("POST /a HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"))
	buf := make([]byte, 1400)
	n, err := c.Read(buf)
	const want = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
	if err != nil || !strings.HasPrefix(string(buf[:n]), want) || !strings.HasSuffix(string(buf[:n]), `<Response Status="succ" />`) {
		t.Errorf("first read: got %q, error %v, want head and body", buf[:n], err)
	}
	p.answer(c)
	p.ask("CONNECT a:1 HTTP/1.1\r\n\r\n")
	counted.mu.Lock()
	defer counted.mu.Unlock()
	if len(counted.each) != 2 {
		t.Errorf("got the writes %q, want one for the answer and one for the refusal", counted.each)
	}
}

func TestLongAnswerArrives(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", writeChunk/8)
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(long)) // in one piece; WriteString would cut it into small ones
	})
	if got := p.ask("GET / HTTP/1.0\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\n"+long) {
		t.Errorf("got %d bytes, want %d and a head", len(got), len(long))
	}
}
