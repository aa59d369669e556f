package smtp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
)

func newBody(w io.Writer) *Body {
	out := textproto.NewWriter(bufio.NewWriter(w))
	return &Body{w: out.W, lines: out.DotWriter()}
}

func TestBase64(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	block := int64(blockLines * lineRaw)
	for _, n := range []int64{0, 1, 2, 3, 56, 57, 58, 114, 115, 1000, block - 1, block, block + 1, 3*block + 17} {
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(chance.Uint32())
		}
		var sent bytes.Buffer
		b := newBody(&sent)
		io.WriteString(b, "before\r\n")
		// A disk hands out a file in pieces of any size.
		if err := b.Base64(iotest.HalfReader(bytes.NewReader(content)), n); err != nil {
			t.Fatal(err)
		}
		io.WriteString(b, ".after\r\n")
		b.lines.Close()
		text, ok := strings.CutPrefix(sent.String(), "before\r\n")
		text, ok2 := strings.CutSuffix(text, "..after\r\n.\r\n")
		if !ok || !ok2 {
			t.Fatalf("%d bytes: the lines around the file are %.20q", n, sent.String())
		}
		if int64(len(text)) != Base64Size(n) {
			t.Errorf("%d bytes: %d were sent, Base64Size says %d", n, len(text), Base64Size(n))
		}
		for _, line := range strings.SplitAfter(text, "\r\n") {
			if len(line) > 78 {
				t.Errorf("%d bytes: a line of %d", n, len(line))
			}
		}
		got, err := base64.StdEncoding.DecodeString(text)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came back as %d, error %v", n, len(got), err)
		}
	}
}

// A file that is shorter than its record says is never padded or passed over.
func TestShortFile(t *testing.T) {
	for _, have := range []int{0, 57, 99} {
		b := newBody(io.Discard)
		if err := b.Base64(strings.NewReader(strings.Repeat("x", have)), 100); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of 100 bytes: got %v, want %v", have, err, io.ErrUnexpectedEOF)
		}
	}
}

const upToData = welcome + `
	S: 250 mail.test
	C~ MAIL
	S: 250 Ok
	C~ RCPT
	S: 250 Ok
	C: DATA
	S: 354 go on
`

// The message breaks off in its middle: what the server sees then must not be
// the end of a message.
func TestBrokenBody(t *testing.T) {
	broken := errors.New("the stick was pulled out")
	port, verdict := play(t, tls.Certificate{}, upToData+"C: half\nEND")
	s := &Server{Host: "127.0.0.1", Port: port}
	c, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send("me@here.example", []string{"a@b.example"}, 100, func(b *Body) error {
		io.WriteString(b, "half\r\n")
		b.w.Flush()
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	c.Quit()
	if v := <-verdict; v != "" {
		t.Error(v)
	}
}

// upTo opens a session with a server that is at the end of a net.Pipe, has
// played its part up to DATA, and goes on with then; and sends a body without
// end. A pipe has no buffer: what is not read is not written.
func upTo(t *testing.T, then func(net.Conn)) error {
	t.Helper()
	client, server := net.Pipe()
	defer server.Close()
	go func() {
		if v := act(server, tls.Certificate{}, strings.ReplaceAll(upToData, "[127.0.0.1]", "snsbridge.local")); v != "" {
			t.Error(v)
		}
		then(server)
	}()
	s := &Server{Host: "mail.test", Timeouts: Timeouts{Data: 2 * time.Second},
		Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	c, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Send("me@here.example", []string{"a@b.example"}, 1<<40, func(b *Body) error {
		return b.Base64(zeros{}, 1<<40)
	})
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// A server says why it has had enough while the message is still on its way.
func TestServerInterrupts(t *testing.T) {
	err := upTo(t, func(server net.Conn) {
		io.ReadFull(server, make([]byte, 100_000))
		io.WriteString(server, "552 5.3.4 enough\r\n")
	})
	if got, want := words(err), "mail.test answered to message: 552 5.3.4 enough"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A server that takes no more bytes is left after a while.
func TestNoProgress(t *testing.T) {
	err := upTo(t, func(server net.Conn) { io.ReadFull(server, make([]byte, 100_000)) })
	if got, want := words(err), "mail.test, message: no answer in time"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// babbler is a connection to a server that says what it likes whatever it hears.
type babbler struct {
	net.Conn
	io.Reader
}

func (b babbler) Read(p []byte) (int, error)       { return b.Reader.Read(p) }
func (b babbler) Write(p []byte) (int, error)      { return len(p), nil }
func (b babbler) Close() error                     { return nil }
func (b babbler) SetReadDeadline(time.Time) error  { return nil }
func (b babbler) SetWriteDeadline(time.Time) error { return nil }
func (b babbler) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv6loopback} }
func (b babbler) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv6loopback} }

// Whatever a server says: no panic, no end without its yes, and words that fit
// a record.
func FuzzServer(f *testing.F) {
	f.Add("220 hi\r\n250-x\r\n250-SIZE 100\r\n250 AUTH CRAM-MD5\r\n334 eHg=\r\n235 Ok\r\n250 Ok\r\n250 Ok\r\n354 go\r\n250 queued\r\n")
	f.Add("220-hi\n220 ho\n250 SIZE=99999999999999999999\n250 \xff\x1b[2J\n")
	f.Add("220 hi\r\n250-hi\r\n250 AUTH PLAIN\r\n535 no AG1lAHNlY3JldA==\r\n")
	f.Add("220 hi\r\n250-hi\r\n250 AUTH PLAIN\r\nwhat is AG1lAHNlY3JldA==?\r\n")
	f.Fuzz(func(t *testing.T, says string) {
		s := &Server{Host: "mail.test", User: "me", Password: "secret",
			Dial: func(context.Context, string, string) (net.Conn, error) {
				return babbler{Reader: strings.NewReader(says)}, nil
			}}
		c, err := s.Open(t.Context())
		var res Result
		if err == nil {
			res, err = c.Send("me@here.example", []string{"a@b.example", "c@d.example"}, 1, func(b *Body) error {
				_, err := io.WriteString(b, "x")
				return err
			})
			c.Quit()
		}
		if err == nil && !res.Final.OK() && (res.Recipients[0].OK() || res.Recipients[1].OK()) {
			t.Errorf("a recipient was accepted and the message was not, but there is no error: %v", res)
		}
		if res.Final.OK() && !strings.Contains(says, res.Final.String()[:3]) {
			t.Errorf("nobody said %v", res.Final)
		}
		for _, said := range []string{words(err), res.Final.Text} {
			if len(said) > textMax+100 || strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("not fit for a record: %q", said)
			}
			if strings.Contains(said, "AG1lAHNlY3JldA==") {
				t.Errorf("the password: %q", said)
			}
		}
	})
}
