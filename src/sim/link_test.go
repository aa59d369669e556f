package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The pieces go through a pipe, where each write is one read.
func TestHear(t *testing.T) {
	answer := ok(succAnswer)
	for _, c := range []struct {
		why    string
		pieces []string
		want   error
		closed bool
	}{
		{"one piece", []string{answer, "EOF"}, nil, true},
		{"one piece, and the server waits for more", []string{answer}, nil, false},
		{"the same, with a header in another case", []string{strings.Replace(answer, "Content-Length", "content-length", 1)}, nil, false},
		{"head and body apart", []string{answer[:len(answer)-26], answer[len(answer)-26:], "EOF"}, ErrSplit, true},
		{"last byte apart", []string{answer[:len(answer)-1], answer[len(answer)-1:], "EOF"}, ErrSplit, true},
		{"without a length, apart", []string{"HTTP/1.0 200 OK\r\n\r\n", "Yay", "EOF"}, ErrSplit, true},
		{"a second answer nobody asked for", []string{answer, answerOf(400, ""), "EOF"}, ErrSplit, true},
		{"too long for one segment, so may be split", []string{ok(strings.Repeat("a", 1400))[:100], ok(strings.Repeat("a", 1400))[100:], "EOF"}, nil, true},
		{"body cut short", []string{answer[:len(answer)-1], "EOF"}, errAny, true},
		{"head cut short", []string{"HTTP/1.1 200 OK\r\n", "EOF"}, errAny, true},
		{"nothing", []string{"EOF"}, errAny, true},
		{"not HTTP", []string{"220 mail.example ESMTP\r\n\r\n", "EOF"}, errAny, true},
		{"endless", []string{"HTTP/1.0 200 OK\r\n\r\n", strings.Repeat("a", 200000)}, errAny, false},
	} {
		camera, server := net.Pipe()
		go func() {
			for _, piece := range c.pieces {
				if piece == "EOF" {
					server.Close()
				} else {
					io.WriteString(server, piece)
				}
			}
		}()
		l := &link{Camera: Camera{Timeout: 10 * time.Second}, ctx: background, conn: camera, buffer: make([]byte, 32<<10)}
		a, err := l.hear()
		camera.Close()
		if !matches(err, c.want) || a.Closed != c.closed || len(a.Raw) > 100000 {
			t.Errorf("%s: got %v, closed %v, %d bytes; want %v, %v", c.why, err, a.Closed, len(a.Raw), c.want, c.closed)
		}
	}
}

var errAny = errors.New("any error but those with a name")

func matches(err, want error) bool {
	if want == errAny {
		return err != nil && !errors.Is(err, ErrSplit) && !errors.Is(err, ErrReset)
	}
	return errors.Is(err, want)
}

// A server that closes with bytes unread makes its kernel reset the connection.
func TestReset(t *testing.T) {
	for _, c := range []struct {
		why    string
		answer string
		status int
		body   int64 // bytes; many fill all buffers, so that the camera is still sending
	}{
		{"after the answer", ok(succAnswer), 200, 1000},
		{"while the camera sends", answerOf(401, ""), 401, 64 << 20},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			for got := ""; !strings.Contains(got, "\r\n\r\n!"); { // the file's first byte, so that the others have come too
				one := make([]byte, 1)
				if _, err := conn.Read(one); err != nil {
					break
				}
				got += string(one)
			}
			io.WriteString(conn, c.answer)
			conn.Close()
		}()
		f := File{Name: "a", Size: c.body, Open: func() (io.ReadCloser, error) { return io.NopCloser(exclamations{}), nil }}
		cam := Camera{Model: model(t, "NX300"), Addr: listener.Addr().String()}
		a, err := cam.send(background, cam.plain("PUT", "h", "/", piece{file: &f}))
		if !errors.Is(err, ErrReset) || a.Status != c.status {
			t.Errorf("%s: got %d, %v; want %d, %v", c.why, a.Status, err, c.status, ErrReset)
		}
		listener.Close()
	}
}

type exclamations struct{}

func (exclamations) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '!'
	}
	return len(p), nil
}

func TestAbort(t *testing.T) {
	for _, c := range []struct {
		after int64
		reset bool
	}{{100, false}, {1000, true}, {1, false}} {
		f := serve(t, ok(succAnswer))
		cam := nx300(t, f)
		cam.Odd.AbortAfter, cam.Odd.Reset = c.after, c.reset
		_, err := cam.Email(background, Mail{Files: []File{fileOf("a.jpg", strings.Repeat("a", 5000))}})
		<-f.served // the camera does not wait for it
		f.stop()
		if !errors.Is(err, ErrAborted) {
			t.Errorf("%d: got %v, want %v", c.after, err, ErrAborted)
		}
		if reset := errors.Is(f.ends[0], syscall.ECONNRESET); reset != c.reset {
			t.Errorf("%d: the server saw %v; want a reset: %v", c.after, f.ends[0], c.reset)
		}
		if n := int64(len(f.requests[0])); n != c.after && !c.reset { // a reset may overtake data
			t.Errorf("got %d bytes, want %d", n, c.after)
		}
	}
}

// Many small writes must come to the same bytes, and to the number that was foretold.
func TestChunksAndProgress(t *testing.T) {
	var want string
	for _, c := range []struct {
		odd    Oddities
		writes int64 // 0: one for each byte
	}{
		{Oddities{}, 5}, // head, message, head of the file, file, end
		{Oddities{ChunkSize: 1}, 0},
		{Oddities{ChunkSize: 1 << 20}, 5},
		{Oddities{BytesPerSecond: 5000, ChunkSize: 2000}, 6}, // the head in two: not more than a tenth of a second's
	} {
		f := serve(t, ok(succAnswer))
		cam := nx300(t, f)
		cam.Odd = c.odd
		writes, last := int64(0), int64(0)
		cam.Progress = func(sent, total int64) {
			if sent <= last || sent > total {
				t.Errorf("%+v: sent %d of %d after %d", c.odd, sent, total, last)
			}
			last = sent
			writes++
		}
		if _, err := cam.Email(background, Mail{Files: []File{fileOf("a.jpg", strings.Repeat("a", 100))}}); err != nil {
			t.Error(err)
		}
		got := f.stop()[0]
		if want == "" {
			want = got
		}
		if c.writes == 0 {
			c.writes = int64(len(want))
		}
		if got != want || last != int64(len(got)) || writes != c.writes {
			t.Errorf("%+v: got %d bytes in %d writes, %d foretold; want %d in %d", c.odd, len(got), writes, last, len(want), c.writes)
		}
	}
}

func TestPace(t *testing.T) {
	cam := nx300(t, serve(t, ok(succAnswer)))
	cam.Odd.BytesPerSecond = 20000
	began := time.Now()
	_, err := cam.Email(background, Mail{Files: []File{fileOf("a.jpg", strings.Repeat("a", 5000))}})
	if took := time.Since(began); err != nil || took < 250*time.Millisecond {
		t.Errorf("5000 bytes and more at 20000 a second took %v, %v", took, err)
	}
}

func TestLocalAddr(t *testing.T) {
	f := serve(t, gldAnswer)
	cam := nx300(t, f)
	cam.LocalAddr = "127.0.0.7"
	if _, err := cam.Check(background); err != nil {
		t.Error(err)
	}
	if f.stop(); !strings.HasPrefix(f.from[0], "127.0.0.7:") {
		t.Errorf("came from %s", f.from[0])
	}
	cam.LocalAddr = "nonsense"
	if _, err := cam.Check(background); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v, want an error that names the address", err)
	}
}

// Both ways of giving up on a server that never answers.
func TestGivesUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts; the kernel does
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	cam := Camera{Model: model(t, "NX300"), Addr: listener.Addr().String(), Timeout: time.Second}
	_, err = cam.Email(background, Mail{})
	if failure := new(Failure); !errors.As(err, &failure) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want a failure for lack of time", err)
	}

	ctx, cancel := context.WithCancel(background)
	cam.Timeout = time.Hour
	cam.Progress = func(sent, total int64) {
		if sent == total {
			cancel()
		}
	}
	if _, err = cam.Email(ctx, Mail{}); err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	sending, cancel := context.WithCancel(background)
	cam.Progress = func(int64, int64) { cancel() }
	big, err := Video{Size: 64 << 20}.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = cam.Email(sending, Mail{Files: []File{big}}); err != context.Canceled {
		t.Errorf("sending: got %v, want %v", err, context.Canceled)
	}
	if _, err = cam.Email(ctx, Mail{}); err != context.Canceled {
		t.Errorf("dialling: got %v, want %v", err, context.Canceled)
	}
	listener.Close()
	_, err = cam.Check(background)
	if err == nil || !strings.Contains(err.Error(), "opens its browser") {
		t.Errorf("nobody there: got %v", err)
	}
}

// The curious see all but the photo.
func TestTrace(t *testing.T) {
	var trace bytes.Buffer
	cam := nx300(t, serve(t, ok(succAnswer)))
	cam.Trace = &trace
	if _, err := cam.Email(background, Mail{Files: []File{fileOf("a.jpg", "secret landscape")}}); err != nil {
		t.Error(err)
	}
	got := trace.String()
	for _, want := range []string{"POST /social", "<email>", "<16 bytes of a.jpg>", "HTTP/1.1 200 Some Words", succAnswer} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "landscape") {
		t.Errorf("the photo is in\n%s", got)
	}
}

// A file that is not what was announced ends the request: no camera can send on from there.
func TestBadFile(t *testing.T) {
	short := fileOf("short.jpg", "123")
	short.Size = 4
	gone := fileOf("gone.jpg", "")
	gone.Open = func() (io.ReadCloser, error) { return nil, os.ErrNotExist }
	for _, file := range []File{short, gone} {
		_, err := nx300(t, serve(t, ok(succAnswer))).Email(background, Mail{Files: []File{file}})
		if err == nil || !strings.Contains(err.Error(), file.Name) {
			t.Errorf("%s: got %v, want an error that names it", file.Name, err)
		}
	}
	long := fileOf("long.jpg", "12345")
	long.Size = 4
	f := serve(t, ok(succAnswer))
	if _, err := nx300(t, f).Email(background, Mail{Files: []File{long}}); err != nil {
		t.Error(err)
	}
	if got := f.stop()[0]; !strings.Contains(got, "\r\n1234\r\n") {
		t.Errorf("want 4 bytes of the file in\n%s", got)
	}
}
