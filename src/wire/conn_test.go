package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestHeadsOverTCP(t *testing.T) {
	reached := make(chan []byte, 1)
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		reached <- RawHead(r)
	})
	for _, test := range heads {
		head := string(readHead(t, test.name+".http"))
		if test.name == "no-empty-line" || test.name == "empty" {
			continue // here the end of the head does not come
		}
		got := p.ask(head)
		if test.err == nil {
			wantAnswer(t, test.name, got, " 200")
			if raw := <-reached; string(raw) != head {
				t.Errorf("%s: RawHead: got %q, want %q", test.name, raw, head)
			}
			continue
		}
		refusal := <-p.refusals
		want := test.err
		if test.name == "only-empty-lines" {
			want = ErrCut
		}
		if !errors.Is(refusal.Err, want) || string(refusal.Raw) != head || got != refusalAnswer {
			t.Errorf("%s: refused with %v and %q after %q, want %v", test.name, refusal.Err, got, refusal.Raw, want)
		}
	}
}

func TestRequestLineWithoutVersionMayStayAlone(t *testing.T) {
	p := serve(t, &Listener{}, ok)
	c := p.dial()
	c.Write([]byte("GET /\r\n")) // as HTTP/0.9: no empty line, and the client waits
	wantAnswer(t, "HTTP/0.9", p.answer(c), " 200")
}

func TestHeadInSmallPieces(t *testing.T) {
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	})
	c := p.dial()
	for _, b := range []byte("POST /a  HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc") {
		c.Write([]byte{b})
	}
	if got := p.answer(c); !strings.HasSuffix(got, "\r\n\r\nabc") {
		t.Errorf("got %q, want the body abc", got)
	}
}

func TestBodyIsWhatWasAnnounced(t *testing.T) {
	tests := []struct{ why, request, body, rest string }{
		{"no body", "GET / HTTP/1.0\r\n\r\n", "", ""},
		{"no length: none announced", "POST / HTTP/1.0\r\n\r\nabc", "", "abc"},
		{"exact", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc", "abc", ""},
		{"too short, all in one piece", "POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcdef", "abc", "def"},
		{"a second request is none", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
			"", "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"},
		{"chunked: net/http knows the end", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc", ""},
		{"no more than 1 KiB beyond", "GET / HTTP/1.0\r\n\r\n" + strings.Repeat("x", 5000), "", strings.Repeat("x", restMax)},
		{"larger than any buffer", "POST / HTTP/1.0\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100003),
			strings.Repeat("x", 100000), "xxx"},
	}
	for _, test := range tests {
		p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
			rest := Rest(r, 10*time.Second)
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != test.body {
				t.Errorf("%s: got body %.50q, error %v, want %.50q", test.why, body, err, test.body)
			}
			beyond, err := io.ReadAll(rest)
			if err != nil || string(beyond) != test.rest {
				t.Errorf("%s: got rest %.50q, error %v, want %.50q", test.why, beyond, err, test.rest)
			}
		})
		wantAnswer(t, test.why, p.ask(test.request), " 200")
	}
}

func TestRestEndsWhenTheClientIsQuiet(t *testing.T) {
	first := make(chan struct{})
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		body := Rest(r, time.Hour)
		if n, err := body.Read(make([]byte, 9)); n != 0 || err != io.EOF {
			t.Errorf("before the body was read: got %d bytes, error %v, want none, EOF", n, err)
		}
		io.Copy(io.Discard, r.Body)
		beyond := Rest(r, 10*time.Second).(*rest) // comes in two pieces
		buf := make([]byte, 9)
		n, err := beyond.Read(buf)
		for err == nil && n < 3 {
			var more int
			more, err = beyond.Read(buf[n:])
			n += more
		}
		if err != nil || string(buf[:n]) != "def" {
			t.Errorf("got %q, error %v, want def", buf[:n], err)
		}
		beyond.quiet = 50 * time.Millisecond
		for range 2 {
			if n, err := beyond.Read(buf); n != 0 || err != io.EOF {
				t.Errorf("quiet client: got %d bytes, error %v, want none, EOF", n, err)
			}
			beyond.quiet = time.Hour // it must not wait once more
		}
		close(first)
	})
	c := p.dial()
	c.Write([]byte("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabcd"))
	c.Write([]byte("ef"))
	<-first
	wantAnswer(t, "quiet client", p.answer(c), " 200")
}

func TestWithoutListener(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	if raw := RawHead(r); raw != nil {
		t.Errorf("RawHead: got %q, want nil", raw)
	}
	if rest, err := io.ReadAll(Rest(r, time.Hour)); len(rest) > 0 || err != nil {
		t.Errorf("Rest: got %q, error %v, want nothing", rest, err)
	}
}

func TestClientThatHasEndedItsSideIsStillServed(t *testing.T) {
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		io.Copy(io.Discard, Rest(r, 10*time.Second)) // until the client's end has arrived
		select {
		case <-r.Context().Done():
			t.Error("the request's context was cancelled")
		case <-time.After(50 * time.Millisecond):
		}
		ok(w, r)
	})
	wantAnswer(t, "half-closed", p.ask("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"), " 200")
}

func TestReadAfterTheEndWaitsForADeadline(t *testing.T) {
	client, socket := net.Pipe()
	defer client.Close()
	c := newConn(&Listener{}, socket)
	go client.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
	head := make([]byte, 100)
	if n, err := c.Read(head); err != nil || string(head[:n]) != "GET / HTTP/1.0\r\n\r\n" {
		t.Fatalf("head: got %q, error %v", head[:n], err)
	}
	result := make(chan error)
	read := func() {
		_, err := c.Read(head[:1])
		result <- err
	}
	go read()
	c.SetReadDeadline(time.Now().Add(time.Hour)) // must not end it
	c.SetReadDeadline(longAgo)
	if err := <-result; err != os.ErrDeadlineExceeded {
		t.Errorf("deadline in the past: got %v, want %v", err, os.ErrDeadlineExceeded)
	}
	c.SetDeadline(time.Now().Add(10 * time.Millisecond))
	go read()
	if err := <-result; err != os.ErrDeadlineExceeded {
		t.Errorf("deadline soon: got %v, want %v", err, os.ErrDeadlineExceeded)
	}
	c.SetReadDeadline(time.Time{})
	go read()
	c.Close()
	if err := <-result; err != net.ErrClosed {
		t.Errorf("closed: got %v, want %v", err, net.ErrClosed)
	}
}

func TestDeadlineEndsAReadUnderWay(t *testing.T) {
	client, socket := net.Pipe()
	defer client.Close()
	c := newConn(&Listener{}, socket)
	go io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
	buf := make([]byte, 100)
	if _, err := c.Read(buf); err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() {
		_, err := c.Read(buf)
		result <- err
	}()
	for under := false; !under; runtime.Gosched() {
		c.mu.Lock()
		under = c.reading
		c.mu.Unlock()
	}
	c.SetReadDeadline(longAgo)
	if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
	}
}

func TestChunkedClientMayStay(t *testing.T) {
	p := serve(t, &Listener{FinWait: time.Millisecond, DrainIdle: time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	})
	c := p.dial()
	io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
	if got := p.answer(c); !strings.HasSuffix(got, "\r\n\r\nabc") {
		t.Errorf("got %q, want the body abc", got)
	}
	<-p.closed // so net/http could end the read that it has going
}

func TestDeadlineFromOutsideEndsARead(t *testing.T) {
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, err := io.ReadAll(r.Body)
		if !errors.Is(err, os.ErrDeadlineExceeded) || strings.Contains(err.Error(), "client sent nothing") {
			t.Errorf("got error %v, want the handler's own deadline", err)
		}
	})
	c := p.dial()
	c.Write([]byte("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n"))
	wantAnswer(t, "deadline", p.answer(c), " 200")
}

func TestExpectContinue(t *testing.T) {
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	c := p.dial()
	c.Write([]byte("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"))
	buf := make([]byte, 100)
	if n, err := c.Read(buf); err != nil || string(buf[:n]) != "HTTP/1.1 100 Continue\r\n\r\n" {
		t.Fatalf("got %q, error %v, want 100 Continue", buf[:n], err)
	}
	c.Write([]byte("abc"))
	if got := p.answer(c); !strings.HasSuffix(got, "\r\n\r\nabc") {
		t.Errorf("got %q, want the body abc", got)
	}
}

func TestBodyCutByTheClient(t *testing.T) {
	p := serve(t, &Listener{}, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != io.ErrUnexpectedEOF || string(body) != "ab" {
			t.Errorf("got %q, error %v, want ab and %v", body, err, io.ErrUnexpectedEOF)
		}
		w.WriteHeader(400)
	})
	wantAnswer(t, "cut body", p.ask("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nab"), " 400")
}

func TestHandlerThatPanics(t *testing.T) {
	p := serve(t, &Listener{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if got := p.ask("GET / HTTP/1.0\r\n\r\n"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
	<-p.closed
}

func ExampleListener() {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := &http.Server{
		ConnContext: ConnContext,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s of %q", r.Method, RawHead(r))
		}),
	}
	server.SetKeepAlivesEnabled(false)
	go server.Serve(&Listener{Listener: socket})
	defer server.Close()

	c, err := net.Dial("tcp", socket.Addr().String())
	if err != nil {
		panic(err)
	}
	fmt.Fprint(c, "get /a  HTTP/1.0\r\n\r\n")
	answer, _ := io.ReadAll(c)
	_, body, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	fmt.Printf("%s\n", body)
	// Output: GET of "get /a  HTTP/1.0\r\n\r\n"
}
