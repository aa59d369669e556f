package sim

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"snsbridge/src/camera"
)

// What the known server answers, as measured.
const (
	succAnswer  = "<Response Status=\"succ\" />"
	loginAnswer = `<Response SessionKey="6def2af9e25a44c5922502227a7c193c">
<PersistKey Value=""/>
<CryptSessionKey Value="6def2af9e25a44c5922502227a7c193c"/>
<LoginPeopleID="Samsung NX Lover"/>
<OAuth URL="http://snsgw.samsungmobile.com/oauth"/>
</Response>`
	photoAnswer = `<Response HostAddr="snsgw.samsungmobile.com:80" ResourceID="upload/6def2af9/1" />`
	timeAnswer  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><initializeResult><currentServerTime>1795240336177</currentServerTime></initializeResult>`
	gldAnswer   = "HTTP/1.1 200 OK\r\nServer: nginx/0.7.65\r\nETag: \"deadbeef\"\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	cookie      = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nSet-Cookie: samsung=hotspot; Domain=.yahoo.co.kr; Path=/\r\nConnection: close\r\n\r\nYAHOO!"
	redirect    = "HTTP/1.1 302 FOUND\r\nContent-Length: 0\r\nLocation: http://yahoo.com\r\nConnection: close\r\n\r\n"
)

func ok(body string) string { return answerOf(200, body) }

func answerOf(status int, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d Some Words\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(body), body)
}

// fake is a server that gives its answers in turn, and keeps what it was sent to the last byte.
type fake struct {
	listener net.Listener
	answers  []string
	done     sync.WaitGroup
	served   chan bool // gets a value for each request

	mu       sync.Mutex
	forget   bool // keep nothing from now on
	requests []string
	from     []string
	ends     []error // nil: the camera ended the connection in order
}

func serve(t *testing.T, answers ...string) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{listener: listener, answers: answers, served: make(chan bool, 100)}
	t.Cleanup(func() { f.stop() })
	f.done.Go(func() {
		for i := 0; ; i++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.serve(conn.(*net.TCPConn), i)
		}
	})
	return f
}

func (f *fake) serve(conn *net.TCPConn, i int) {
	defer conn.Close()
	var kept strings.Builder
	var keep io.Writer = &kept
	f.mu.Lock()
	forget := f.forget
	f.mu.Unlock()
	if forget {
		keep = io.Discard
	}
	in := bufio.NewReader(io.TeeReader(conn, keep))
	length := int64(0)
	var err error
	for line := ""; line != "\r\n" && err == nil; {
		line, err = in.ReadString('\n')
		if n, found := strings.CutPrefix(line, "Content-Length: "); found {
			length, _ = strconv.ParseInt(strings.TrimSpace(n), 10, 64)
		}
	}
	if err == nil {
		_, err = io.CopyN(io.Discard, in, length)
	}
	if err == nil {
		if i < len(f.answers) {
			io.WriteString(conn, f.answers[i])
		}
		conn.CloseWrite()
		_, err = io.Copy(io.Discard, in)
	}
	if err == io.EOF {
		err = nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, kept.String())
	f.from = append(f.from, conn.RemoteAddr().String())
	f.ends = append(f.ends, err)
	f.served <- true
}

func (f *fake) keepNothing() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forget = true
}

// stop waits for what is under way, and returns the requests.
func (f *fake) stop() []string {
	f.listener.Close()
	f.done.Wait()
	return f.requests
}

func model(t *testing.T, name string) camera.Model {
	t.Helper()
	m, found := camera.Find(name)
	if !found {
		t.Fatalf("no model %s", name)
	}
	return m
}

// nx300 is a camera that is set to send to the fake.
func nx300(t *testing.T, f *fake) Camera {
	t.Helper()
	return Camera{Model: model(t, "NX300"), Addr: f.listener.Addr().String(), User: "x", Password: "z", Seed: 1}
}

func fileOf(name, content string) File {
	return File{Name: name, Type: "image/jpeg", Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
}

var background = context.Background()
