package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	large := "GET / HTTP/1.0\r\nA: " + strings.Repeat("x", maxHead)
	hello := string(readHead(t, "tls-hello.http"))
	tests := []struct {
		why, sent string
		err       error
		raw       string
	}{
		{"head without end", large + strings.Repeat("x", 1<<20), ErrTooLarge, large[:maxHead]},
		{"head that ends after 16 KiB", large + "\r\n\r\n", ErrTooLarge, large[:maxHead]},
		{"cut after the request line", "GET / HTTP/1.0\r\n", ErrCut, "GET / HTTP/1.0\r\n"},
		{"cut inside the request line", "GET / HT", ErrCut, "GET / HT"},
		{"TLS hello cut short", hello[:50], ErrTLS, hello[:50]},
		{"TLS hello of the largest size", "\x16\x03\x01\xff\xff" + large + large, ErrTLS, ("\x16\x03\x01\xff\xff" + large)[:maxHead]},
		{"a byte that tells nothing yet", "\x16", ErrCut, "\x16"},
		{"not HTTP from the first byte on", "{}", ErrNotHTTP, "{}"},
		{"not HTTP from the first line on", "hello\r\n", ErrNotHTTP, "hello\r\n"},
	}
	p := serve(t, &Listener{}, ok)
	for _, test := range tests {
		c := p.dial()
		c.Write([]byte(test.sent))
		c.CloseWrite()
		if got := p.answer(c); got != refusalAnswer {
			t.Errorf("%s: got answer %q, want %q", test.why, got, refusalAnswer)
		}
		r := <-p.refusals
		if !errors.Is(r.Err, test.err) || string(r.Raw) != test.raw || r.Remote.String() != c.LocalAddr().String() {
			t.Errorf("%s: got %v, %d bytes %.30q from %v; want %v, %d bytes %.30q from %v", test.why,
				r.Err, len(r.Raw), r.Raw, r.Remote, test.err, len(test.raw), test.raw, c.LocalAddr())
		}
	}
	p.dial().Close() // no byte, no refusal
	<-p.closed
	for range tests {
		<-p.closed
	}
	if len(p.refusals) > 0 {
		t.Errorf("connection without a byte: got %v, want no refusal", (<-p.refusals).Err)
	}
}

func TestRefuseNilClosesSilently(t *testing.T) {
	l := &Listener{}
	p := serve(t, l, ok)
	l.Refuse = nil
	if got := p.ask("CONNECT a:1 HTTP/1.1\r\n\r\n"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

func TestTLSHelloIsCollectedWhole(t *testing.T) {
	p := serve(t, &Listener{}, ok)
	hello := readHead(t, "tls-hello.http")
	c := p.dial()
	for _, piece := range [][]byte{hello[:3], hello[3:10], hello[10:]} {
		c.Write(piece)
	}
	p.answer(c)
	if r := <-p.refusals; !errors.Is(r.Err, ErrTLS) || !bytes.Equal(r.Raw, hello) {
		t.Errorf("got %v and %q, want %v and %q", r.Err, r.Raw, ErrTLS, hello)
	}
}
